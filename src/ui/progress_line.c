/* The text of the line of progress, and when it is due. Pure functions; ui/ticker.c has the clock
 * and the terminal. */
#include "ui/progress_line.h"

#include "base/printable.h"
#include "base/str.h"

static double per_second(uint64_t now, uint64_t before, int64_t ms)
{
	return now > before ? (double)(now - before) * 1000 / (double)ms : 0;
}

/* An exponential moving average whose weight depends on the time that has passed. */
void progress_pace_note(struct progress_pace *p, const struct meter_view *v, int64_t now_ms)
{
	enum { MEMORY_MS = 3000 };
	if (p->kind != v->kind) {
		*p = (struct progress_pace){
			v->kind, now_ms, now_ms, v->files_done, v->bytes_done, 0, 0};
		return;
	}

	int64_t ms = now_ms - p->last_ms;
	if (ms <= 0)
		return;
	/* the plain mean, until the history is longer than MEMORY_MS; from then on older moments
	 * count less */
	double weight = (double)ms / (double)MAX(MIN(now_ms - p->first_ms, MEMORY_MS), ms);

	p->files_per_s += (per_second(v->files_done, p->files_done, ms) - p->files_per_s) * weight;
	p->bytes_per_s += (per_second(v->bytes_done, p->bytes_done, ms) - p->bytes_per_s) * weight;

	p->last_ms = now_ms;
	p->files_done = v->files_done;
	p->bytes_done = v->bytes_done;
}

void progress_add_size(struct buf *out, uint64_t size_bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double size = (double)size_bytes;

	size_t unit = 0;
	/* 999.95 and more would be printed as "1000.0" */
	while (size >= 999.95 && unit + 1 < ARRAY_SIZE(units)) {
		size /= 1000;
		unit++;
	}
	buf_addf(out, unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

void progress_add_time(struct buf *out, uint64_t seconds)
{
	enum { MINUTE = 60, HOUR = 3600 };
	unsigned long long hours = seconds / HOUR, rest = seconds % HOUR;
	if (hours)
		buf_addf(out, "%llu:%02llu:%02llu", hours, rest / MINUTE, rest % MINUTE);
	else
		buf_addf(out, "%llu:%02llu", rest / MINUTE, rest % MINUTE);
}

/* Append the time left, unless it is unknown or too long to be a useful estimate. */
static void add_left(struct buf *out, uint64_t done, uint64_t total, double per_s)
{
	enum { MOST_S = 100 * 3600 };
	double left_s = per_s > 0 && total > done ? (double)(total - done) / per_s : 0;
	if (left_s <= 0 || left_s >= MOST_S)
		return;

	buf_adds(out, ", ");
	/* rounded up: "0:00 left" is not shown */
	progress_add_time(out, (uint64_t)(left_s + 0.999));
	buf_adds(out, " left");
}

static void add_files(struct buf *out, const struct meter_view *v)
{
	buf_addf(out, "%llu", (unsigned long long)v->files_done);
	if (v->files_total)
		buf_addf(out, "/%llu", (unsigned long long)v->files_total);
	buf_adds(out, v->kind == METER_REVISIONS ? " revision" : " file");
	if ((v->files_total ? v->files_total : v->files_done) != 1)
		buf_adds(out, "s");
}

/* " 33% running 'low-lr': 1/3 experiments, 1:05" with the time since the first began. */
static void add_experiments(
	struct buf *out, const struct meter_view *v, const struct progress_pace *p)
{
	buf_addf(out, "%s: %llu/%llu experiments, ", v->what, (unsigned long long)v->files_done,
		(unsigned long long)v->files_total);
	progress_add_time(out, (uint64_t)(p->last_ms - p->first_ms) / 1000);
}

static void add_bytes(struct buf *out, const struct meter_view *v, const struct progress_pace *p)
{
	buf_adds(out, ", ");
	progress_add_size(out, v->bytes_done);

	if (v->sized) {
		buf_adds(out, " of ");
		/* an estimated total may be too low */
		progress_add_size(out, MAX(v->bytes_total, v->bytes_done));
	}

	if (p->bytes_per_s >= 1) {
		buf_adds(out, ", ");
		progress_add_size(out, (uint64_t)p->bytes_per_s);
		buf_adds(out, "/s");
	}
}

void progress_add_line(struct buf *out, const struct meter_view *v, const struct progress_pace *p)
{
	enum { LEAST_MS = 1000 }; /* before that the speed is not reliable */

	/* by bytes if their total is known, else by files */
	bool sized = v->sized && v->bytes_total;
	uint64_t done = sized ? v->bytes_done : v->files_done;
	uint64_t total = sized ? v->bytes_total : v->files_total;

	if (total)
		buf_addf(out, "%3d%% ", (int)((double)MIN(done, total) * 100 / (double)total));
	if (v->kind == METER_EXPERIMENTS) {
		add_experiments(out, v, p);
		return;
	}

	buf_addf(out, "%s: ", v->what);
	add_files(out, v);
	if (v->bytes_done || sized)
		add_bytes(out, v, p);
	else if (p->files_per_s >= 1)
		buf_addf(out, ", %.0f/s", p->files_per_s);

	if (p->last_ms - p->first_ms >= LEAST_MS)
		add_left(out, done, total, sized ? p->bytes_per_s : p->files_per_s);
}

/* The end of the name that fits, with "..." in front of it. */
static void add_end(struct buf *out, const struct buf *name, size_t columns)
{
	static const char dots[] = "...";
	const char *p = buf_str(name), *end = p + name->len;
	if (str_display_width(p, name->len) <= (int)columns) {
		buf_addbuf(out, name);
		return;
	}
	while (p < end &&
		str_display_width(p, (size_t)(end - p)) + (int)strlen(dots) > (int)columns) {
		size_t step = 0;
		(void)str_next_utf8(p, (size_t)(end - p), &step);
		p += step;
	}
	buf_addf(out, "%s%s", dots, p);
}

void progress_add_file(struct buf *out, const struct meter_file *f, size_t columns)
{
	AUTO(buf_release) struct buf sizes = BUF_INIT, name = BUF_INIT;
	buf_adds(&sizes, ", ");
	progress_add_size(&sizes, f->bytes_done);
	buf_adds(&sizes, " of ");
	progress_add_size(&sizes, f->size_bytes);
	printable_add(&name, f->name, strlen(f->name), 0);
	for (char *c = name.ptr; c && *c; c++)
		*c = *c == '\n' || *c == '\t' ? ' ' : *c; /* one line */

	int percent = f->size_bytes ? (int)((double)f->bytes_done * 100 / (double)f->size_bytes)
				    : 100;
	size_t used = strlen("  100% ") + sizes.len;
	buf_addf(out, "  %3d%% ", percent);
	add_end(out, &name, columns > used + 8 ? columns - used : 8);
	buf_addbuf(out, &sizes);
}

bool progress_line_is_due(int64_t *last_ms, int64_t now_ms)
{
	enum { EVERY_MS = 10000 };
	if (now_ms - *last_ms < EVERY_MS)
		return false;
	*last_ms = now_ms;
	return true;
}

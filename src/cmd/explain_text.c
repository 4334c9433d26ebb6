/* The text form of an explanation, for `why` and `repro --explain`. */
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cmd/explain_print.h"
#include "cmd/units.h"
#include "text/json.h"
#include "ui/pager.h"
#include "ui/say.h"

enum { FILES_SHOWN = 3, NAMES_SHOWN = 4, SHORT_HASH = 7, MOST_PARAMS = 12, LEAST_WIDTH = 40 };

/* The page under construction. */
struct page {
	struct buf *out;
	const struct explanation *e;
	int width; /* 0: unlimited */
	bool color;
	int name_width, time_width;
};

static const struct look {
	const char *word, *color;
} looks[] = {
	[EXPLAIN_SKIP] = {"skip", "2"},
	[EXPLAIN_RUN] = {"run", "33"},
	[EXPLAIN_RESTORE] = {"restore", "32"},
	[EXPLAIN_MAYBE] = {"may run", "36"},
	[EXPLAIN_VERIFY] = {"verify", "32"},
	[EXPLAIN_IMPORT] = {"import", "33"},
	[EXPLAIN_PULL] = {"pull", "32"},
	[EXPLAIN_FAIL] = {"fails", "31"},
};

/* Append text of the repository. On a terminal, control characters are made visible first, so that
 * only cairn sets colours. */
static void add_printable(const struct page *p, struct buf *out, const char *text)
{
	if (p->width)
		printable_add(out, text, strlen(text), 0);
	else
		buf_adds(out, text);
}

/* Append a line, on a terminal cut to its width: it may contain a whole command. */
static void add_line(const struct page *p, const char *text)
{
	AUTO(buf_release) struct buf shown = BUF_INIT;
	size_t len, at = 0;

	add_printable(p, &shown, text);
	text = buf_str(&shown);
	len = shown.len;

	if (p->width && str_display_width(text, len) > p->width) {
		while (at < len && str_display_width(text, at) < p->width - 1)
			(void)str_next_utf8(text, len, &at);
		buf_add(p->out, text, at);
		buf_adds(p->out, "…");
	} else {
		buf_add(p->out, text, len);
	}

	buf_addc(p->out, '\n');
}

static void add_name(const struct page *p, const char *name)
{
	int gap = p->name_width - str_display_width(name, strlen(name));
	buf_adds(p->out, name);
	buf_addn(p->out, ' ', (size_t)MAX(gap, 0));
}

/* Append a parameter's value as JSON on one line. */
static void add_value(struct buf *out, const struct value *v)
{
	const struct json_opts opts = {.raw_unicode = true, .dates_as_text = true};
	if (!v)
		buf_adds(out, "(none)");
	else if (json_write(out, v, &opts, NULL) < 0)
		value_add_repr(out, v);
}

/* Append a command on one line; a list of commands is joined by "; ". */
static void add_command(struct buf *out, const struct value *cmd)
{
	for (size_t i = 0; value_is_list(cmd) && i < value_count(cmd); i++) {
		if (i)
			buf_adds(out, "; ");
		value_add_str(out, cmd->list.items[i].value);
	}
	if (!cmd)
		buf_adds(out, "(none)");
	else if (!value_is_list(cmd))
		value_add_str(out, cmd);
	for (size_t i = 0; i < out->len; i++)
		if (out->ptr[i] == '\n' || out->ptr[i] == '\t')
			out->ptr[i] = ' ';
}

static void show_command(const struct page *p, const struct explain_change *c)
{
	AUTO(buf_release) struct buf was = BUF_INIT, is = BUF_INIT;
	buf_adds(&was, "           command  ");
	add_command(&was, c->old_value);
	buf_adds(&is, "                 -> ");
	add_command(&is, c->new_value);
	add_line(p, buf_str(&was));
	add_line(p, buf_str(&is));
}

static void show_param(const struct page *p, const struct explain_change *c)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	buf_adds(&b, "           param    ");
	if (!c->name) {
		buf_addf(&b, "%s  deleted", c->path);
	} else {
		buf_addf(&b, "%s:%s  ", c->path, c->name);
		if (c->state == ENTRY_NEW)
			buf_adds(&b, "new: ");
		else
			add_value(&b, c->old_value);
		if (c->state == ENTRY_MODIFIED)
			buf_adds(&b, " -> ");
		if (c->state == ENTRY_DELETED)
			buf_adds(&b, " -> (deleted)");
		else
			add_value(&b, c->new_value);
	}

	add_line(p, buf_str(&b));
}

static void add_counts(struct buf *b, const struct explain_change *c)
{
	const struct {
		uint64_t count;
		const char *word;
	} counts[] = {{c->added, "new"}, {c->modified, "modified"}, {c->deleted, "deleted"}};
	const char *gap = ": ";
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		if (!counts[i].count)
			continue;
		buf_addf(b, "%s%llu %s", gap, (unsigned long long)counts[i].count, counts[i].word);
		gap = ", ";
	}
}

/* Append hashes, sizes and numbers of files: "  900150a -> 5d41402  3B -> 5B". */
static void add_facts(struct buf *b, const struct explain_change *c)
{
	const struct explain_data *was = &c->old_data, *is = &c->new_data;
	if (c->state == ENTRY_NOT_IN_CACHE || !(was->hash || is->hash))
		return;

	buf_adds(b, "  ");
	if (was->hash)
		buf_addf(b, "%.*s", SHORT_HASH, was->hash);
	if (was->hash && is->hash)
		buf_adds(b, " -> ");
	if (is->hash)
		buf_addf(b, "%.*s", SHORT_HASH, is->hash);
	buf_adds(b, "  ");
	if (was->hash)
		units_add_size(b, was->size);
	if (was->hash && is->hash)
		buf_adds(b, " -> ");
	if (is->hash)
		units_add_size(b, is->size);
	if (was->files >= 0 && is->files >= 0 && was->files != is->files)
		buf_addf(b, "  %lld -> %lld files", (long long)was->files, (long long)is->files);
}

static void show_data(const struct page *p, const struct explain_change *c)
{
	static const char marks[] = {
		[ENTRY_NEW] = '+', [ENTRY_MODIFIED] = '~', [ENTRY_DELETED] = '-'};
	AUTO(buf_release) struct buf b = BUF_INIT;

	buf_addf(&b, "           %-8s %s  %s", c->kind == CHANGE_DEP ? "dep" : "out", c->path,
		entry_state_name(c->state));
	if (c->listed)
		add_counts(&b, c);
	add_facts(&b, c);
	add_line(p, buf_str(&b));
	uint64_t all = c->added + c->modified + c->deleted, shown = 0;
	for (; shown < MIN(c->first_count, (size_t)FILES_SHOWN); shown++) {
		const struct explain_file *file = &c->first[shown];
		AUTO(mem_freep) char *line = mem_printf(
			"                    %c %s", marks[file->state], file->path);
		add_line(p, line);
	}

	if (all > shown)
		buf_addf(p->out, "                    and %llu more\n",
			(unsigned long long)(all - shown));
}

static void show_changes(const struct page *p, const struct explain_stage *s)
{
	size_t params = 0;
	VEC_EACH (&s->changes, c) {
		if (c->kind == CHANGE_PARAMS && ++params > MOST_PARAMS)
			continue;

		switch (c->kind) {
		case CHANGE_COMMAND:
			show_command(p, c);
			break;
		case CHANGE_PARAMS:
			show_param(p, c);
			break;
		case CHANGE_DEP:
		case CHANGE_OUT:
			show_data(p, c);
			break;
		case CHANGE_CHECKSUM:
			add_line(p, "           the file was edited since the import");
			break;
		case CHANGE_ALWAYS:
			add_line(p,
				s->stage->always_changed
					? "           always runs (always_changed)"
					: "           always runs (neither dependencies nor outputs)");
			break;
		}
	}

	if (params > MOST_PARAMS)
		buf_addf(p->out, "           and %zu more parameters\n", params - MOST_PARAMS);
}

static void show_since(const struct page *p, const struct since *s)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	if (s->kind == SINCE_UNKNOWN)
		return;
	if (s->kind == SINCE_UNCOMMITTED) {
		add_line(p, "           since    a run that is not committed");
		return;
	}
	buf_addf(&b, "           since    %s%.*s ", s->kind == SINCE_OLDER ? "before " : "",
		SHORT_HASH, s->commit.hex);
	units_add_date(&b, s->time_s);
	buf_addf(&b, " %s", s->subject);
	add_line(p, buf_str(&b));
}

static void add_upstream(const struct page *p, struct buf *b, const struct explain_stage *s)
{
	size_t count = s->upstream.count;
	buf_adds(b, s->action == EXPLAIN_MAYBE ? "depends on " : "after ");
	for (size_t i = 0; i < MIN(count, (size_t)NAMES_SHOWN); i++)
		buf_addf(b, "%s%s", i ? ", " : "",
			p->e->stages.items[s->upstream.items[i].stage].name);
	if (count > NAMES_SHOWN)
		buf_addf(b, " and %zu more", count - NAMES_SHOWN);
}

/* Append the notes that follow the name and the time. */
static void add_note(const struct page *p, struct buf *b, const struct explain_stage *s)
{
	VEC(const char *) notes = {0};
	if (s->error)
		*vec_push(&notes) = s->error;
	if (s->forced)
		*vec_push(&notes) = "forced";
	if (s->never_ran && s->action != EXPLAIN_SKIP)
		*vec_push(&notes) = "never ran";
	if (s->stage->frozen)
		*vec_push(&notes) = "frozen";
	if (s->action == EXPLAIN_RUN && s->cache == EXPLAIN_CACHE_UNKNOWN)
		*vec_push(&notes) = "unless the run-cache has it";
	VEC_EACH (&notes, note)
		buf_addf(b, "%s%s", b->len ? ", " : "", *note);

	vec_release(&notes);
	if (!s->upstream.count)
		return;

	if (b->len)
		buf_adds(b, ", ");
	add_upstream(p, b, s);
}

static void add_expected(struct buf *b, const struct explain_stage *s)
{
	if (s->action == EXPLAIN_SKIP || s->action == EXPLAIN_VERIFY || s->expected.seconds < 0)
		return;
	buf_adds(b, "~");
	units_add_duration(b, s->expected.seconds);
}

static void show_stage(const struct page *p, const struct explain_stage *s)
{
	const struct look *look = &looks[s->action];
	AUTO(buf_release) struct buf line = BUF_INIT, note = BUF_INIT, time = BUF_INIT;
	const struct page inner = {.out = &line, .name_width = p->name_width};

	buf_addf(p->out, p->color ? "\033[%sm%-8s\033[0m " : "%.0s%-8s ", look->color, look->word);
	add_note(p, &note, s);
	add_expected(&time, s);
	add_name(&inner, s->name);
	if (p->time_width)
		buf_addf(&line, "  %*s", p->time_width, buf_str(&time));
	if (note.len)
		buf_addf(&line, "  %s", note.ptr);
	buf_rtrim(&line);
	struct page rest = *p;
	rest.width = p->width ? p->width - 9 : 0;
	add_line(&rest, buf_str(&line));
	if (s->action == EXPLAIN_SKIP)
		return;

	show_changes(p, s);
	if (s->changes.count)
		show_since(p, &s->since);
}

/* One line for all skipped stages, with as many names as fit. */
static void show_skipped(const struct page *p, size_t count)
{
	enum { ROOM = 60 };
	AUTO(buf_release) struct buf names = BUF_INIT;
	size_t shown = 0;
	VEC_EACH (&p->e->stages, s) {
		if (s->action != EXPLAIN_SKIP)
			continue;
		if (shown && names.len + strlen(s->name) > ROOM)
			break;
		buf_addf(&names, "%s%s", shown++ ? ", " : "", s->name);
	}

	buf_addf(p->out, p->color ? "\033[2m%-8s\033[0m " : "%-8s ", "skip");
	add_printable(p, p->out, buf_str(&names));
	if (count > shown)
		buf_addf(p->out, " and %zu more", count - shown);
	buf_addc(p->out, '\n');
}

static void show_totals(const struct page *p, const size_t *counts)
{
	static const enum explain_action order[] = {EXPLAIN_RUN, EXPLAIN_RESTORE, EXPLAIN_IMPORT,
		EXPLAIN_PULL, EXPLAIN_VERIFY, EXPLAIN_FAIL, EXPLAIN_MAYBE, EXPLAIN_SKIP};
	AUTO(buf_release) struct buf b = BUF_INIT;
	const struct explanation *e = p->e;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (counts[order[i]])
			buf_addf(&b, "%s%zu %s", b.len ? ", " : "", counts[order[i]],
				looks[order[i]].word);

	if (e->most_s > 0) {
		buf_adds(&b, "; expected ");
		units_add_duration(&b, e->certain_s);
		if (e->most_s > e->certain_s) {
			buf_adds(&b, " to ");
			units_add_duration(&b, e->most_s);
		}
		if (e->unknown)
			buf_addf(&b, " and %zu stage%s without past runs", e->unknown,
				e->unknown > 1 ? "s" : "");
	}

	if (e->jobs > 1 && e->jobs_s > 0) {
		buf_adds(&b, ", at most ");
		units_add_duration(&b, e->jobs_s);
		buf_addf(&b, " with -j %d", e->jobs);
	}

	buf_addf(p->out, "\n%s\n", buf_str(&b));
	if (e->critical.count < 2)
		return;

	buf_clear(&b);
	buf_adds(&b, "critical path ");
	units_add_duration(&b, e->critical_s);

	for (size_t i = 0; i < e->critical.count; i++)
		buf_addf(&b, "%s%s", i ? " > " : ": ", e->stages.items[e->critical.items[i]].name);

	add_line(p, buf_str(&b));
}

/* Determine the widths of columns, and count the stages by action. */
static void measure(struct page *p, size_t *counts)
{
	enum { WIDEST = 40 };
	VEC_EACH (&p->e->stages, s) {
		AUTO(buf_release) struct buf time = BUF_INIT;
		counts[s->action]++;
		if (s->action == EXPLAIN_SKIP)
			continue;
		add_expected(&time, s);
		p->name_width = MAX(p->name_width, str_display_width(s->name, strlen(s->name)));
		p->time_width = MAX(p->time_width, (int)time.len);
	}
	p->name_width = MIN(p->name_width, WIDEST);
}

void explain_text(struct buf *out, const struct explanation *e, int width, bool color)
{
	size_t counts[ARRAY_SIZE(looks)] = {0};
	struct page p = {
		.out = out, .e = e, .width = width ? MAX(width, LEAST_WIDTH) : 0, .color = color};

	measure(&p, counts);
	VEC_EACH (&e->stages, s)
		if (s->action != EXPLAIN_SKIP)
			show_stage(&p, s);

	if (counts[EXPLAIN_SKIP] == e->stages.count) {
		buf_adds(out, "Data and pipelines are up to date.\n");
		return;
	}

	if (counts[EXPLAIN_SKIP])
		show_skipped(&p, counts[EXPLAIN_SKIP]);
	show_totals(&p, counts);
}

int explain_and_print(struct repo *repo, const struct repro_opts *opts, bool json, struct err *err)
{
	AUTO(explanation_release) struct explanation e = {0};
	AUTO(buf_release) struct buf text = BUF_INIT;
	bool terminal = say_is_terminal(STDOUT_FILENO);
	int r = explain(repo, opts, &e, err);
	if (r >= 0 && json)
		r = explain_json(&text, &e, err);
	else if (r >= 0)
		explain_text(&text, &e, terminal ? pager_width() : 0, say_has_color(STDOUT_FILENO));
	if (r >= 0)
		say_text(buf_str(&text), text.len, PRINTABLE_STYLES);
	return r;
}

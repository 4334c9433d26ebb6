/* What the reports of two probes mean. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "exec/check.h"

const char *check_grade_text(enum check_grade grade)
{
	static const char *const texts[] = {"ok", "warning", "error"};
	return texts[grade];
}

void check_lines_release(struct check_lines *l)
{
	VEC_EACH (l, it) {
		free(it->what);
		free(it->meaning);
	}
	vec_release(l);
}

void check_add(
	struct check_lines *out, enum check_grade grade, const char *what, const char *format, ...)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	va_list args;
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	*vec_push(out) = (struct check_line){grade, mem_strdup(what), buf_detach(&text)};
}

/* ---- each node for itself ---- */

static void check_directory(
	const struct check_head *head, const struct probe_report *r, struct check_lines *out)
{
	if (r->right_token)
		check_add(out, CHECK_OK, "directory", "%s sees '%s'", r->node, head->dir);
	else
		check_add(out, CHECK_ERROR, "directory",
			"%s has another directory at '%s': the repository has to be on a file system that all nodes share",
			r->node, head->dir);
}

static void check_program(
	const struct check_head *head, const struct probe_report *r, struct check_lines *out)
{
	const char *path = r->program ? r->program : "an unknown path";
	if (strcmp(r->version, head->version) == 0)
		check_add(out, CHECK_OK, "program", "%s runs cairn %s from '%s'", r->node,
			r->version, path);
	else
		check_add(out, CHECK_ERROR, "program",
			"%s runs cairn %s from '%s', here it is %s: set `program` to one path for all nodes",
			r->node, r->version, path, head->version);
}

static void check_user(
	const struct check_head *head, const struct probe_report *r, struct check_lines *out)
{
	if (r->uid != head->uid)
		check_add(out, CHECK_ERROR, "user",
			"jobs run as user %jd on %s, here it is %jd: files of one cannot be replaced by the other",
			(intmax_t)r->uid, r->node, (intmax_t)head->uid);
}

static void check_clock(const struct probe_report *r, struct check_lines *out)
{
	enum { MOST_MS = 2000, MS = 1000 };
	double seconds = (double)r->clock_ms / MS;
	if (llabs(r->clock_ms) <= MOST_MS)
		check_add(out, CHECK_OK, "clock", "that of %s agrees with the file system's",
			r->node);
	else
		check_add(out, CHECK_WARNING, "clock",
			"that of %s is %.1f s %s the file system's: cairn compares no clocks, but `make` and others do",
			r->node, fabs(seconds), seconds > 0 ? "ahead of" : "behind");
}

static void check_links(
	const struct check_head *head, const struct probe_report *r, struct check_lines *out)
{
	AUTO(strlist_release) struct strlist work = STRLIST_INIT;
	const struct {
		const char *name;
		bool works;
	} types[] = {{"reflink", r->reflink}, {"hardlink", r->hardlink}, {"symlink", r->symlink}};
	AUTO(strlist_release) struct strlist wanted = STRLIST_INIT;
	bool first_works = !head->links_allowed;
	strlist_split(&wanted, head->link_types, ',');
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (types[i].works)
			strlist_add(&work, types[i].name);
		first_works |= types[i].works && strlist_has(&wanted, types[i].name);
	}
	AUTO(mem_freep) char *list = strlist_join(&work, ", ");
	if (first_works)
		check_add(out, CHECK_OK, "links", "%s can make %s from the cache", r->node,
			work.count ? list : "copies");
	else
		check_add(out, CHECK_WARNING, "links",
			"of cache.type = %s only copies work on %s, which cost time and space%s%s",
			head->link_types, r->node, work.count ? "; what works: " : "", list);
}

static void add_gigabytes(struct buf *out, const char *what, int64_t bytes)
{
	static const double giga = 1e9;
	if (bytes >= 0)
		buf_addf(out, "%s%.1f GB %s", out->len ? ", " : "", (double)bytes / giga, what);
}

static void check_space(const struct probe_report *r, struct check_lines *out)
{
	static const int64_t least = 1000000000;
	AUTO(buf_release) struct buf text = BUF_INIT;
	bool is_little = (r->free_repo_bytes >= 0 && r->free_repo_bytes < least) ||
			 (r->free_cache_bytes >= 0 && r->free_cache_bytes < least);
	add_gigabytes(&text, "for the repository", r->free_repo_bytes);
	add_gigabytes(&text, "for the cache", r->free_cache_bytes);
	add_gigabytes(&text, "for temporary files", r->free_tmp_bytes);
	check_add(out, is_little ? CHECK_WARNING : CHECK_OK, "space", "%s has free: %s", r->node,
		buf_str(&text));
}

static void check_limits(const struct probe_report *r, struct check_lines *out)
{
	enum { LEAST_FILES = 1024, LEAST_PROCESSES = 128 };
	size_t before = out->count;
	if (r->open_files >= 0 && r->open_files < LEAST_FILES)
		check_add(out, CHECK_WARNING, "limits",
			"jobs on %s may open %jd files at a time, which is little (ulimit -n)",
			r->node, (intmax_t)r->open_files);
	if (r->processes >= 0 && r->processes < LEAST_PROCESSES)
		check_add(out, CHECK_WARNING, "limits",
			"jobs on %s may have %jd processes, which is little (ulimit -u)", r->node,
			(intmax_t)r->processes);
	if (r->file_bytes >= 0)
		check_add(out, CHECK_WARNING, "limits",
			"jobs on %s may write files of at most %.1f GB (ulimit -f)", r->node,
			(double)r->file_bytes / 1e9);
	if (out->count == before)
		check_add(out, CHECK_OK, "limits", "of files and processes are high enough on %s",
			r->node);
}

static void check_git(const struct probe_report *r, struct check_lines *out)
{
	if (!r->has_git)
		check_add(out, CHECK_WARNING, "git",
			"there is no git on %s: stages run, experiments do not", r->node);
}

void check_host(
	const struct check_head *head, const struct probe_report *r, struct check_lines *out)
{
	check_program(head, r, out);
	check_clock(r, out);
	check_links(head, r, out);
	check_space(r, out);
	check_limits(r, out);
	check_git(r, out);
}

static void check_node(
	const struct check_head *head, const struct probe_report *r, struct check_lines *out)
{
	check_directory(head, r, out);
	check_user(head, r, out);
	check_host(head, r, out);
}

/* ---- both together ---- */

static void check_lock(const char *what, const char *call, enum probe_lock first,
	enum probe_lock second, const struct probe_report *a, const struct probe_report *b,
	enum check_grade grade, const char *consequence, struct check_lines *out)
{
	if (first != PROBE_TAKEN)
		check_add(
			out, grade, what, "%s does not work on %s: %s", call, a->node, consequence);
	else if (second == PROBE_FAILED)
		check_add(
			out, grade, what, "%s does not work on %s: %s", call, b->node, consequence);
	else if (second == PROBE_TAKEN)
		check_add(out, grade, what, "%s and %s do not exclude each other by %s: %s",
			a->node, b->node, call, consequence);
	else
		check_add(out, CHECK_OK, what, "%s and %s exclude each other by %s", a->node,
			b->node, call);
}

static void check_both(
	const struct probe_report *a, const struct probe_report *b, struct check_lines *out)
{
	check_lock("claims", "link(2)", a->claim, b->claim, a, b, CHECK_ERROR,
		"a job could run twice", out);
	check_lock("locks", "flock(2)", a->flock, b->flock, a, b, CHECK_WARNING,
		"experiments on nodes and commands here do not wait for each other", out);
	check_lock("marks", "fcntl(2)", a->hold, b->hold, a, b, CHECK_WARNING,
		"run `exp clean` and `gc` only while no experiment runs", out);
}

static void check_delay(const struct check_head *head, struct check_lines *out)
{
	static const double most_s = 5;
	if (head->delay_s < 0)
		check_add(out, CHECK_WARNING, "delay",
			"a file that was made here was not seen there in time: the end of a job is noticed late");
	else if (head->delay_s > most_s)
		check_add(out, CHECK_WARNING, "delay",
			"files are seen after %.1f s, so that the end of a job is noticed that late",
			head->delay_s);
	else
		check_add(out, CHECK_OK, "delay", "files are seen after %.1f s", head->delay_s);
}

void check_reports(const struct check_head *head, const struct probe_report *first,
	const struct probe_report *second, struct check_lines *out)
{
	check_node(head, first, out);
	check_delay(head, out);
	if (!second) {
		return;
	}
	if (strcmp(first->host, second->host) == 0 && strcmp(first->node, second->node) == 0) {
		check_add(out, CHECK_WARNING, "nodes",
			"both probes ran on %s, so that locks between nodes could not be tried",
			first->node);
		return;
	}
	check_node(head, second, out);
	check_both(first, second, out);
}

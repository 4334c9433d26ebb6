/* `fsck`. */
#include "base/alloc.h"
#include "base/path.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "ops/fsck.h"
#include "text/json.h"
#include "ui/report.h"
#include "ui/say.h"

struct fsck_args {
	struct fsck_opts fsck;
	bool json;
};

static void add_bytes(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	double n = (double)bytes;
	size_t unit = 0;
	for (; n >= 1024 && unit + 1 < ARRAY_SIZE(units); unit++)
		n /= 1024;
	buf_addf(out, unit ? "%.1f %s" : "%.0f %s", n, units[unit]);
}

static void add_count(struct buf *out, size_t n, const char *what)
{
	buf_addf(out, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

/* Print a problem and its outcome: "corrupt: d/x in 1a2b3c4 (md5 abc...): repaired". */
static void say_problem(const struct fsck_problem *p)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	char text[OID_TEXT];

	buf_addf(&line, "%s:", fsck_kind_name(p->kind));
	if (p->path)
		buf_addf(&line, " %s", p->path);
	if (p->rev)
		buf_addf(&line, " in %.7s", p->rev);
	else if (p->kind == FSCK_POINTERS)
		buf_adds(&line, " in the work tree");
	if (oid_is_set(&p->oid))
		buf_addf(&line, " (%s %s)", hash_name_text(p->oid.hash), oid_format(&p->oid, text));
	if (p->detail)
		buf_addf(&line, ": %s", p->detail);
	if (p->repaired)
		buf_adds(&line, ": repaired");
	if (p->set_aside)
		buf_addf(&line, ", the old one is '%s'", p->set_aside);
	say("%s", line.ptr);
}

/* Print all problems and a summary. The exit status is 1 if a problem is left. */
static int say_report(const struct fsck_report *r)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	size_t repaired = 0, left = 0;

	VEC_EACH (&r->problems, p) {
		say_problem(p);
		repaired += p->repaired;
		left += !p->repaired;
	}

	add_count(&line, r->objects, "object");
	buf_adds(&line, " checked (");
	add_count(&line, r->listings, "listing");
	buf_adds(&line, ", ");
	add_bytes(&line, r->bytes);
	buf_adds(&line, ") of ");
	add_count(&line, r->pointers, "output");
	if (r->resumed)
		buf_addf(&line, ", %zu of them by the run before", r->resumed);
	if (repaired)
		buf_addf(&line, "; %zu repaired", repaired);

	if (left) {
		buf_adds(&line, "; ");
		add_count(&line, left, "problem");
	}

	say("%s.", line.ptr);
	return left ? EXIT_COMMAND : 0;
}

static int say_json(const struct fsck_report *r, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	int code = json_write(&text, fsck_report_value(&a, r), NULL, err);
	if (code < 0)
		return code;
	say("%s", text.ptr);
	VEC_EACH (&r->problems, p) {
		if (!p->repaired)
			return EXIT_COMMAND;
	}
	return 0;
}

static int fsck_run(struct app *app, const void *opts, struct err *err)
{
	const struct fsck_args *o = opts;
	struct fsck_opts fsck = o->fsck;
	AUTO(fsck_report_release) struct fsck_report report = {0};
	fsck.progress = ui_report_beside(o->json);
	int r = ops_fsck(app->repo, &fsck, &report, err);
	if (r < 0)
		return r;
	return o->json ? say_json(&report, err) : say_report(&report);
}

static const struct opt fsck_options[] = {
	OPT_FLAG(fsck_args, fsck.workspace, 'w', "workspace",
		"check what the work tree uses (the default)"),
	OPT_STRING(fsck_args, fsck.revs.rev, 0, "rev", "commit", "check what this commit uses",
		.takes = WORD_REV),
	OPT_INT(fsck_args, fsck.revs.num, 'n', "num", "num",
		"check what the last commits of --rev or -a use"),
	OPT_FLAG(fsck_args, fsck.revs.all_branches, 'a', "all-branches",
		"check what the tips of all branches use"),
	OPT_FLAG(fsck_args, fsck.revs.all_tags, 'T', "all-tags", "check what all tags use"),
	OPT_FLAG(
		fsck_args, fsck.revs.all_commits, 'A', "all-commits", "check what any commit uses"),
	OPT_STRING(fsck_args, fsck.revs.date, 0, "date", "yyyy-mm-dd",
		"check what commits after this date use"),
	OPT_FLAG(fsck_args, fsck.revs.all_experiments, 0, "all-experiments",
		"check what all experiments use"),
	OPT_FLAG(fsck_args, fsck.whole_cache, 0, "cache",
		"check every object of the cache, used or not"),
	OPT_FLAG(fsck_args, fsck.repair, 0, "repair", "fetch good copies from the remote"),
	OPT_STRING(fsck_args, fsck.remote, 'r', "remote", "name", "the remote for --repair",
		.takes = WORD_REMOTE),
	OPT_FLAG(fsck_args, fsck.restart, 0, "restart",
		"check everything anew, also after an interrupted run"),
	OPT_INT(fsck_args, fsck.jobs, 'j', "jobs", "number", "threads that read and hash"),
	OPT_FLAG(fsck_args, json, 0, "json", "print the report as JSON"),
	OPT_END,
};

const struct cmd cmd_fsck = {
	.name = "fsck",
	.summary = "check that all data is in the cache, and sound",
	.details =
		"Reads and hashes every object. Nothing is deleted: with --repair, corrupt objects "
		"are moved to 'corrupt' in the cache before good copies take their place. An "
		"interrupted check goes on where it was. Exits with 1 when something is wrong.",
	.needs = CMD_REPO,
	.opts = fsck_options,
	.opts_size = sizeof(struct fsck_args),
	EXAMPLES({"--cache", "every object that is in the cache"},
		{"--repair -r storage", "bring good copies from a remote"}),
	.run = fsck_run,
};

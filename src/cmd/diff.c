/* `diff`, as text, as a Markdown table and as JSON. */
#include "base/alloc.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/json_out.h"
#include "ops/data_status.h"
#include "ui/report.h"
#include "ui/say.h"
#include "ui/table.h"

struct diff_args {
	struct strlist targets;
	const char *a_rev, *b_rev;
	bool json, show_hash, md, hide_missing;
};

/* The lists of a difference and their names. Text and JSON have them in different orders, as in
 * DVC. */
struct state {
	const char *name;
	enum change_kind kind; /* CHANGE_NONE: objects that the cache lacks */
};
static const struct state text_order[] = {{"added", CHANGE_ADDED}, {"deleted", CHANGE_DELETED},
	{"renamed", CHANGE_RENAMED}, {"modified", CHANGE_MODIFIED}, {"not in cache", CHANGE_NONE}};
static const struct state json_order[] = {{"added", CHANGE_ADDED}, {"deleted", CHANGE_DELETED},
	{"modified", CHANGE_MODIFIED}, {"renamed", CHANGE_RENAMED}, {"not in cache", CHANGE_NONE}};

/* Call `fn` for each item of a list. Of an object that the cache lacks only `c->old` is set. */
typedef void (*item_fn)(void *ctx, const struct state *state, const struct entry_change *c);
static void each_item(const struct diff *diff, const struct state *state, item_fn fn, void *ctx)
{
	VEC_EACH (&diff->changes, c) {
		if (c->kind == state->kind)
			fn(ctx, state, c);
	}
	for (size_t i = 0; state->kind == CHANGE_NONE && i < diff->not_in_cache.count; i++)
		fn(ctx, state, &(struct entry_change){.old = &diff->not_in_cache.items[i]});
}

static const struct entry *entry_of(const struct entry_change *c)
{
	return c->old ? c->old : c->new;
}

/* Append "12345678", or "12345678..90abcdef" for a modification; nothing without a hash. */
static void add_short_hash(struct buf *out, const struct entry_change *c)
{
	char old[OID_TEXT], new[OID_TEXT];
	(void)oid_format(&entry_of(c)->oid, old);
	if (c->kind != CHANGE_MODIFIED)
		buf_addf(out, "%.8s", old);
	else if (*old && *oid_format(&c->new->oid, new))
		buf_addf(out, "%.8s..%.8s", old, new);
}

/* Append "path", "dir/" or "old -> new". Returns true for a file; the summary counts only files. */
static bool add_path(struct buf *out, const struct entry_change *c)
{
	const struct entry *e = entry_of(c);
	buf_addf(out, "%s%s", e->path, e->is_dir ? "/" : "");
	if (c->kind == CHANGE_RENAMED)
		buf_addf(out, " -> %s%s", c->new->path, c->new->is_dir ? "/" : "");
	return !str_ends(buf_str(out), "/");
}

/* ---- as text */

struct section {
	struct buf *out;
	bool show_hash;
	size_t items, files;
};

static void add_line(void *ctx, const struct state *state, const struct entry_change *c)
{
	struct section *s = ctx;
	if (!s->items++)
		buf_addf(s->out, "%c%s:\n", state->name[0] - 'a' + 'A', state->name + 1);
	buf_adds(s->out, "    ");
	size_t start = s->out->len;
	if (s->show_hash)
		add_short_hash(s->out, c);
	if (s->out->len > start)
		buf_adds(s->out, "  ");
	s->files += add_path(s->out, c);
	buf_addc(s->out, '\n');
}

static void show_text(const struct diff *diff, const struct diff_args *o, size_t state_count)
{
	AUTO(buf_release) struct buf text = BUF_INIT, summary = BUF_INIT;
	for (size_t i = 0; i < state_count; i++) {
		struct section s = {.out = &text, .show_hash = o->show_hash};
		each_item(diff, &text_order[i], add_line, &s);
		if (s.items)
			buf_addc(&text, '\n');
		if (s.files)
			buf_addf(&summary, "%s %zu %s", summary.len ? "," : "", s.files,
				text_order[i].name);
	}

	if (summary.len)
		buf_addf(&text, "files summary:%s\n", summary.ptr);
	if (text.len)
		say_raw(text.ptr, text.len);
}

/* ---- as a table */

struct markdown {
	struct table table;
	size_t status, hash, path; /* columns */
	bool show_hash;
};

static void add_row(void *ctx, const struct state *state, const struct entry_change *c)
{
	struct markdown *m = ctx;
	AUTO(buf_release) struct buf path = BUF_INIT, hash = BUF_INIT;
	size_t row = table_add_row(&m->table);
	(void)add_path(&path, c);
	table_set(&m->table, row, m->status, state->name);
	table_set(&m->table, row, m->path, buf_str(&path));
	if (!m->show_hash)
		return;
	add_short_hash(&hash, c);
	table_set(&m->table, row, m->hash, buf_str(&hash));
}

static void show_markdown(const struct diff *diff, const struct diff_args *o, size_t state_count)
{
	struct markdown m = {.table = TABLE_INIT(""), .show_hash = o->show_hash};
	AUTO(buf_release) struct buf text = BUF_INIT;
	m.status = table_add_column(&m.table, "Status");
	m.hash = o->show_hash ? table_add_column(&m.table, "Hash") : 0;
	m.path = table_add_column(&m.table, "Path");
	for (size_t i = 0; i < state_count; i++)
		each_item(diff, &text_order[i], add_row, &m);
	table_markdown(&text, &m.table);
	say_raw(text.ptr, text.len);
	table_release(&m.table);
}

/* ---- as JSON */

struct json {
	struct json_out out;
	bool show_hash;
};

static void path_json(struct json_out *out, const struct entry_change *c)
{
	const struct entry *e = entry_of(c);
	if (c->kind != CHANGE_RENAMED) {
		json_out_path(out, e->path, e->is_dir);
		return;
	}
	json_out_open(out, '{');
	json_out_key(out, "old");
	json_out_path(out, c->old->path, c->old->is_dir);
	json_out_key(out, "new");
	json_out_path(out, c->new->path, c->new->is_dir);
	json_out_close(out, '}');
}

static void oid_json(struct json_out *out, const struct oid *oid)
{
	char text[OID_TEXT];
	json_out_string(out, oid_is_set(oid) ? oid_format(oid, text) : NULL);
}

static void hash_json(struct json_out *out, const struct entry_change *c)
{
	if (c->kind != CHANGE_MODIFIED) {
		oid_json(out, &entry_of(c)->oid);
		return;
	}
	json_out_open(out, '{');
	json_out_key(out, "old");
	oid_json(out, &c->old->oid);
	json_out_key(out, "new");
	oid_json(out, &c->new->oid);
	json_out_close(out, '}');
}

static void item_json(void *ctx, const struct state *state, const struct entry_change *c)
{
	struct json *j = ctx;
	(void)state;
	json_out_open(&j->out, '{');
	json_out_key(&j->out, "path");
	path_json(&j->out, c);
	if (j->show_hash) {
		json_out_key(&j->out, "hash");
		hash_json(&j->out, c);
	}
	json_out_close(&j->out, '}');
}

/* Without any change DVC prints an empty map, otherwise all lists, even empty ones. */
static void show_json(const struct diff *diff, const struct diff_args *o, size_t state_count)
{
	struct json j = {.show_hash = o->show_hash};
	json_out_open(&j.out, '{');
	if (!diff->changes.count && !diff->not_in_cache.count)
		state_count = 0;

	for (size_t i = 0; i < state_count; i++) {
		json_out_key(&j.out, json_order[i].name);
		json_out_open(&j.out, '[');
		each_item(diff, &json_order[i], item_json, &j);
		json_out_close(&j.out, ']');
	}

	json_out_close(&j.out, '}');
	json_out_say(&j.out);
	json_out_release(&j.out);
}

/* ---- the command */

static int diff_run(struct app *app, const void *opts, struct err *err)
{
	const struct diff_args *o = opts;
	const struct diff_opts want = {.a_rev = o->a_rev ? o->a_rev : "HEAD",
		.b_rev = o->b_rev,
		.targets = &o->targets,
		.progress = ui_report_beside(o->json)};
	AUTO(diff_release) struct diff diff = {0};

	int r = ops_diff(app->repo, &want, &diff, err);
	if (r < 0)
		return exit_caught(err, "failed to get diff");

	/* "not in cache" is the last list; it is left out between two revisions, and with
	 * --hide-missing */
	size_t state_count = ARRAY_SIZE(text_order) - (o->b_rev || o->hide_missing);
	if (o->json)
		show_json(&diff, o, state_count);
	else if (o->md)
		show_markdown(&diff, o, state_count);
	else
		show_text(&diff, o, state_count);
	return 0;
}

static const struct opt diff_options[] = {
	OPT_MANY(diff_args, targets, 0, "targets", "paths",
		"compare only these files and directories", .takes = WORD_TARGET),
	OPT_FLAG(diff_args, json, 0, "json", "print JSON"),
	OPT_FLAG(diff_args, show_hash, 0, "show-hash", "show hashes"),
	OPT_FLAG(diff_args, md, 0, "md", "print a Markdown table"),
	OPT_FLAG(diff_args, hide_missing, 0, "hide-missing", "do not say what the cache lacks"),
	OPT_END,
};
static const struct arg diff_arguments[] = {
	ARG_(ARG_OPTIONAL, diff_args, a_rev, "a_rev", "old commit; HEAD if not given",
		.takes = WORD_REV),
	ARG_(ARG_OPTIONAL, diff_args, b_rev, "b_rev", "new commit; the workspace if not given",
		.takes = WORD_REV),
	{ARG_END},
};

const struct cmd cmd_diff = {
	.name = "diff",
	.summary = "show data added, changed or deleted between commits",
	.needs = CMD_REPO,
	.opts = diff_options,
	.args = diff_arguments,
	.opts_size = sizeof(struct diff_args),
	EXAMPLES({"", "the workspace against the last commit"}, {"v1.0 HEAD", "two commits"}),
	.run = diff_run,
};

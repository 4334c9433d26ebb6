/* `exp list`. */
#include <string.h>

#include "base/alloc.h"
#include "cmd/exp_commands.h"
#include "cmd/readings.h"
#include "exp/share.h"
#include "scm/ref.h"
#include "ui/say.h"

struct list_opts {
	bool all_commits, name_only, sha_only, json;
	struct strlist revs;
	int num;
	const char *git_remote;
};

static const struct list_opts list_defaults = {.num = 1};

static const struct opt list_options[] = {
	OPT_FLAG(list_opts, all_commits, 'A', "all-commits", "of all commits"),
	OPT_LIST(list_opts, revs, 0, "rev", "commit", "of this commit (repeatable)",
		.takes = WORD_REV),
	OPT_FLAG(list_opts, json, 0, "json",
		"print JSON: a list of experiments with name, rev and baseline"),
	OPT_INT(list_opts, num, 'n', "num", "number",
		"and this many of its ancestors, itself counted"),
	{OPT_KIND_FLAG, 0, "name-only", NULL, "print names only",
		offsetof(struct list_opts, name_only), .group = 1},
	{OPT_KIND_FLAG, 0, "names-only", NULL, "", offsetof(struct list_opts, name_only),
		.hidden = true, .group = 1},
	{OPT_KIND_FLAG, 0, "sha-only", NULL, "print ids of commits only",
		offsetof(struct list_opts, sha_only), .group = 1},
	{OPT_KIND_FLAG, 0, "shas-only", NULL, "", offsetof(struct list_opts, sha_only),
		.hidden = true, .group = 1},
	OPT_END,
};

static const struct arg list_args[] = {
	ARG_(ARG_OPTIONAL, list_opts, git_remote, "git_remote",
		"Git remote whose experiments are meant", .takes = WORD_GIT_REMOTE),
	{ARG_END},
};

/* Experiments of one baseline are adjacent; its name, or its commit, is printed before them. */
static void print(
	const struct exprefs *refs, const struct scm_names *names, const struct list_opts *o)
{
	const struct scm_id *last = NULL;

	VEC_EACH (refs, e) {
		if (!o->name_only && !o->sha_only && (!last || !scm_id_equal(last, &e->baseline))) {
			const char *name = scm_names_get(names, &e->baseline);

			say("%.*s:", name ? (int)strlen(name) : 7, name ? name : e->baseline.hex);
			last = &e->baseline;
		}
		if (o->name_only)
			say("%s", e->name);
		else if (o->sha_only)
			say("%s", e->tip.hex);
		else if (o->git_remote) /* the commits need not be here */
			say("\t%s", e->name);
		else
			say("\t%.7s [%s]", e->tip.hex, e->name);
	}
}

static int print_json(const struct exprefs *refs, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *list = value_list(&a);
	VEC_EACH (refs, e) {
		struct value *v = value_map(&a);
		value_set(&a, v, "name", value_string(&a, e->name));
		value_set(&a, v, "rev", value_string(&a, e->tip.hex));
		value_set(&a, v, "baseline", value_string(&a, e->baseline.hex));
		value_append(&a, list, v);
	}
	return json_print(list, err);
}

static int list_run(struct app *app, const void *opts, struct err *err)
{
	const struct list_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exprefs_release) struct exprefs refs = {0};
	struct scm_names *names = NULL;

	const struct exp_select which = {.revs = &o->revs, .num = o->num, .all = o->all_commits};

	if (o->sha_only && o->git_remote)
		return err_set(err, ERR_FAIL, "--sha-only not supported with git_remote.");

	int r = exp_open(&x, app->repo, err);

	if (r == 0)
		r = o->git_remote ? exp_list_remote(&x, o->git_remote, &which, &refs, err)
				  : exp_select(&x, &which, &refs, err);
	if (r == 0)
		r = scm_names_load(x.scm, &names, err);
	if (r == 0 && o->json)
		r = print_json(&refs, err);
	else if (r == 0)
		print(&refs, names, o);

	scm_names_free(names);
	return r;
}

static const char *const list_aliases[] = {"ls", NULL};

const struct cmd cmd_exp_list = {
	.name = "list",
	.aliases = list_aliases,
	.summary = "list experiments by the commit they start from",
	.needs = CMD_REPO,
	.opts = list_options,
	.args = list_args,
	.opts_size = sizeof(struct list_opts),
	.defaults = &list_defaults,
	EXAMPLES({"-A", "of all commits"}, {"--name-only", "for scripts"},
		{"origin", "those that were pushed there"}),
	.run = list_run,
};

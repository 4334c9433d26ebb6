/* `revs`. */
#include "api/values.h"
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/readings.h"
#include "data/external.h"
#include "ops/revs.h"
#include "ui/say.h"

struct revs_args {
	const char *repo;
	bool branches, tags, commits, experiments, json;
};

static const struct opt revs_options[] = {
	OPT_STRING(revs_args, repo, 0, "repo", "url", "directory or Git URL of another repository",
		.takes = WORD_FILE),
	OPT_FLAG(revs_args, branches, 0, "branches", "branches"),
	OPT_FLAG(revs_args, tags, 0, "tags", "tags"),
	OPT_FLAG(revs_args, commits, 0, "commits", "commits of all branches and tags"),
	OPT_FLAG(revs_args, experiments, 0, "experiments", "experiments"),
	OPT_FLAG(revs_args, json, 0, "json", "print JSON: a list for each kind"),
	OPT_END,
};

static unsigned kinds_of(const struct revs_args *o)
{
	unsigned kinds = (o->branches ? REVS_BRANCHES : 0) | (o->tags ? REVS_TAGS : 0) |
			 (o->commits ? REVS_COMMITS : 0) | (o->experiments ? REVS_EXPERIMENTS : 0);
	return kinds ? kinds : REVS_USUAL;
}

static void say_names(const struct value *lists)
{
	for (size_t i = 0; i < value_count(lists); i++) {
		const struct value *names = lists->list.items[i].value;
		for (size_t k = 0; k < value_count(names); k++)
			say("%s", value_str(names->list.items[k].value));
	}
}

static int revs_run(struct app *app, const void *opts, struct err *err)
{
	const struct revs_args *o = opts;
	AUTO(revs_release) struct revs revs = {0};
	struct external *e = NULL;
	struct scm *scm;
	unsigned kinds = kinds_of(o);

	int r = external_open(&e, o->repo ? o->repo : ".",
		&(struct external_opts){
			.ctx = app->ctx, .all_revs = true, .experiments = kinds & REVS_EXPERIMENTS},
		err);
	if (r >= 0)
		r = external_scm(e, &scm, err);
	if (r >= 0)
		r = revs_list(scm, kinds, &revs, err);
	external_free(e);
	if (r < 0)
		return r;

	AUTO(arena_release) struct arena a = ARENA_INIT;
	const struct value *lists = revs_value(&revs, kinds, &a);
	if (o->json)
		return json_print(lists, err);
	say_names(lists);
	return 0;
}

const struct cmd cmd_revs = {
	.name = "revs",
	.summary = "list the revisions of a repository by name",
	.opts = revs_options,
	.opts_size = sizeof(struct revs_args),
	EXAMPLES({"--tags", "names of tags"}, {"--json", "branches, tags and experiments as data"}),
	.run = revs_run,
};

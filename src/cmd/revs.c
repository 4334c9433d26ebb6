/* `revs`. */
#include <unistd.h>

#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/json_out.h"
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
	return kinds ? kinds : REVS_BRANCHES | REVS_TAGS | REVS_EXPERIMENTS;
}

static void print(const struct revs *revs, unsigned kinds, bool json)
{
	const struct {
		const char *name;
		unsigned kind;
		const struct strlist *items;
	} lists[] = {{"branches", REVS_BRANCHES, &revs->branches}, {"tags", REVS_TAGS, &revs->tags},
		{"commits", REVS_COMMITS, &revs->commits},
		{"experiments", REVS_EXPERIMENTS, &revs->experiments}};
	AUTO(json_out_release) struct json_out out = {0};

	json_out_open(&out, '{');
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		if (!(kinds & lists[i].kind))
			continue;
		json_out_key(&out, lists[i].name);
		json_out_open(&out, '[');
		for (size_t k = 0; k < lists[i].items->count; k++) {
			json_out_string(&out, lists[i].items->items[k]);
			if (!json)
				say("%s", lists[i].items->items[k]);
		}
		json_out_close(&out, ']');
	}
	json_out_close(&out, '}');
	if (json)
		json_out_say(&out);
}

static int revs_run(struct app *app, const void *opts, struct err *err)
{
	const struct revs_args *o = opts;
	AUTO(revs_release) struct revs revs = {0};
	struct external *e = NULL;
	struct scm *scm;
	unsigned kinds = kinds_of(o);

	int r = external_open(&e, o->repo ? o->repo : ".",
		&(struct external_opts){.ctx = app->ctx, .all_revs = true}, err);
	if (r >= 0)
		r = external_scm(e, &scm, err);
	if (r >= 0)
		r = revs_list(scm, kinds, &revs, err);
	external_free(e);
	if (r >= 0)
		print(&revs, kinds, o->json);
	return r;
}

const struct cmd cmd_revs = {
	.name = "revs",
	.summary = "list the revisions of a repository by name",
	.opts = revs_options,
	.opts_size = sizeof(struct revs_args),
	EXAMPLES({"--tags", "names of tags"}, {"--json", "branches, tags and experiments as data"}),
	.run = revs_run,
};

/* Lists branches, tags, commits and experiments. */
#include "ops/revs.h"

#include <string.h>

#include "scm/expref.h"
#include "scm/ref.h"

void revs_release(struct revs *r)
{
	strlist_release(&r->branches);
	strlist_release(&r->tags);
	strlist_release(&r->commits);
	strlist_release(&r->experiments);
}

struct names {
	const char *prefix;
	struct strlist *out;
};

static int add_name(void *ctx, const char *name, const struct scm_id *id, struct err *err)
{
	const struct names *n = ctx;
	(void)id;
	(void)err;
	strlist_add(n->out, name + strlen(n->prefix));
	return 0;
}

static int list_refs(struct scm *scm, const char *prefix, struct strlist *out, struct err *err)
{
	struct names n = {prefix, out};
	return scm_refs_each(scm, prefix, add_name, &n, err);
}

static int list_commits(struct scm *scm, struct strlist *out, struct err *err)
{
	AUTO(scm_revs_release) struct scm_revs all = {0};
	int r = scm_revs_collect(scm, &(struct scm_revs_opts){.all_commits = true}, &all, err);
	VEC_EACH (&all, rev)
		if (r == 0)
			strlist_add(out, rev->id.hex);
	return r;
}

static int list_experiments(struct scm *scm, struct strlist *out, struct err *err)
{
	struct exprefs all = {0};
	int r = exprefs_load(scm, NULL, &all, err);
	VEC_EACH (&all, e)
		if (r == 0 && *e->name)
			strlist_add(out, e->name);
	strlist_sort(out);
	strlist_uniq(out);
	exprefs_release(&all);
	return r;
}

int revs_list(struct scm *scm, unsigned kinds, struct revs *out, struct err *err)
{
	int r = 0;
	if (kinds & REVS_BRANCHES)
		r = list_refs(scm, "refs/heads/", &out->branches, err);
	if (r == 0 && kinds & REVS_TAGS)
		r = list_refs(scm, "refs/tags/", &out->tags, err);
	if (r == 0 && kinds & REVS_COMMITS)
		r = list_commits(scm, &out->commits, err);
	if (r == 0 && kinds & REVS_EXPERIMENTS)
		r = list_experiments(scm, &out->experiments, err);
	return r;
}

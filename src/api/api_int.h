/* What the files of api/ share. */
#ifndef API_API_INT_H
#define API_API_INT_H

#include "api/api.h"
#include "data/external.h"

/* The arguments of all questions; each question takes some of them. Strings are borrowed from the
 * document. */
struct query_args {
	struct strlist targets, revs, stages, paths;
	const char *name, *version, *stage, *path, *remote;
	const char *rev; /* of the repository, not an argument; NULL: the work tree, or as cloned */
	bool all_branches, all_tags, all_commits, fail, deps, param_deps, sha, force, branches,
		tags, commits, experiments, all, recursive, with_deps, no_updates, cloud, dvc_only,
		subrepos;
	int64_t num, level;
};
#define QUERY_ARGS_INIT ((struct query_args){.num = 1, .level = -1})
void query_args_release(struct query_args *o);

struct query {
	const char *name;
	const char *takes; /* names of its arguments, between blanks */
	bool needs_dvc;    /* fails in a repository without DVC */
	bool needs_tree;   /* fails at a revision and of a clone */
	int (*run)(struct external *e, const struct query_args *o, struct arena *a,
		struct value **out, struct err *err);
};

/* Read the arguments of a question from a map (or NULL) into `*out`, which the caller releases in
 * any case. Fails: ERR_USAGE. */
int query_args_read(
	const struct query *q, const struct value *args, struct query_args *out, struct err *err);
const struct query *query_find(const char *name); /* NULL: there is none */

#endif

/*
 * dvc.yaml with its meaning resolved: the context of `vars` and params.yaml, ${...} replaced by
 * values, foreach and matrix expanded. Stages are resolved one at a time on demand, so that an
 * invalid one only affects commands that need it.
 */
#ifndef PROJECT_RESOLVE_H
#define PROJECT_RESOLVE_H

#include "base/err.h"
#include "base/strlist.h"
#include "project/interpolate.h"
#include "project/source.h"

struct resolver;

/*
 * Make a resolver; loads params.yaml and `vars`. `dir` is the directory of the dvc.yaml relative
 * to the source's root ("" for the root). `shown` is the file's name in messages ("sub/dvc.yaml",
 * relative to the working directory). The resolver lives in `a`; the caller releases it, also
 * after a failure. `doc` must live as long. Warnings are appended to `warnings`. Fails with DVC's
 * wording, e.g. "failed to parse 'vars' in 'dvc.yaml': ...".
 */
int resolver_new(struct arena *a, const struct source *source, const char *dir, const char *shown,
	const struct value *doc, const struct interpolate_style *style, struct strlist *warnings,
	struct resolver **out, struct err *err);

/* Release what is not in the arena. NULL is allowed. */
void resolver_release(struct resolver *r);

/* The entries of `stages` in the order of the file; each is a stage or a group. */
size_t resolver_count(const struct resolver *r);
const char *resolver_entry(const struct resolver *r, size_t at); /* as written; borrowed */
/* Append the names of the stages of an entry: its own, or those that a group generates
 * ("train@lr"). */
int resolver_names(struct resolver *r, size_t at, struct strlist *out, struct err *err);
/* Is `name` a group (foreach or matrix)? */
bool resolver_is_group(const struct resolver *r, const char *name);

/*
 * The resolved definition of one stage, which may be a member of a group. Fails: ERR_NOT_FOUND
 * (without a message) when there is no such stage; also for a name with an '@' of its own, which
 * DVC cannot reach.
 */
int resolver_stage(struct resolver *r, const char *name, struct value **out, struct err *err);
/* A resolved top-level section (artifacts, metrics, params, plots, datasets); NULL when the file
 * has none. */
int resolver_section(struct resolver *r, const char *section, struct value **out, struct err *err);
/* The parameter files that were loaded into the context, relative to the root: params.yaml and
 * those of vars. */
const struct strlist *resolver_files(const struct resolver *r);

#endif

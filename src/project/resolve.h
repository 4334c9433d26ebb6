/*
 * dvc.yaml as it is meant: the context of `vars` and params.yaml, ${...} put in, foreach and matrix
 * expanded. Stages are resolved one by one, when asked for, so that a bad one disturbs only those
 * who need it.
 */
#ifndef PROJECT_RESOLVE_H
#define PROJECT_RESOLVE_H

#include "base/err.h"
#include "base/strlist.h"
#include "project/interpolate.h"
#include "project/source.h"

struct resolver;

/*
 * `dir` is the directory of the dvc.yaml relative to the source's root ("" for the root); `shown`
 * is how messages call the file ("sub/dvc.yaml", relative to the working directory). Loads
 * params.yaml and `vars`. The resolver lives in `a` and is to be released, after a failure, too;
 * `doc` must live as long. Messages that are only warnings are added to `warnings`. Fails: with
 * DVC's wording, "failed to parse 'vars' in 'dvc.yaml': ...".
 */
int resolver_new(struct arena *a, const struct source *source, const char *dir, const char *shown,
	const struct value *doc, const struct interpolate_style *style, struct strlist *warnings,
	struct resolver **out, struct err *err);

/* Release what does not live in the arena; NULL is fine. */
void resolver_release(struct resolver *r);

/* The entries of `stages` in the order of the file: each one stage or a group of them. */
size_t resolver_count(const struct resolver *r);
const char *resolver_entry(const struct resolver *r, size_t at); /* as written; borrowed */
/* Append the names of an entry's stages: its own, or those that a group generates ("train@lr"). */
int resolver_names(struct resolver *r, size_t at, struct strlist *out, struct err *err);
/* Is `name` a foreach or matrix group? */
bool resolver_is_group(const struct resolver *r, const char *name);

/* The resolved definition of one (expanded) stage. Fails: ERR_NOT_FOUND when there is no such stage
 * (no message): also for names with an '@' of their own, which DVC cannot reach. */
int resolver_stage(struct resolver *r, const char *name, struct value **out, struct err *err);
/* A top-level section (artifacts, metrics, params, plots, datasets), resolved; NULL when the file
 * has none. */
int resolver_section(struct resolver *r, const char *section, struct value **out, struct err *err);
/* The parameter files that were loaded into the context, relative to the root: params.yaml and
 * those of vars. */
const struct strlist *resolver_files(const struct resolver *r);

#endif

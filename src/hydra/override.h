/* Changes of parameters from the command line, `-S [file:]key=value`, in Hydra's grammar of
 * overrides, including sweeps. */
#ifndef HYDRA_OVERRIDE_H
#define HYDRA_OVERRIDE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strlist.h"
#include "base/vec.h"

struct override_file {
	char *path;           /* as written; params.yaml if there was none */
	struct strlist items; /* "lr=0.1", "+a.b=[1, 2]", "~c" */
};

/* The overrides of one experiment; files are in order of first appearance. All-zero is empty. */
struct overrides {
	VEC(struct override_file) files;
};

struct override_runs { /* the combinations of a sweep */
	VEC(struct overrides) items;
};

void overrides_release(struct overrides *o);
void override_runs_release(struct override_runs *runs);

/* Group the values of all -S options by file. */
void overrides_collect(const struct strlist *set_params, struct overrides *out);
/* Does any of them describe a sweep (a=1,2, choice(..), range(..), glob(..), interval(..))? Returns
 * 0 or 1. Fails: ERR_VALUE with Hydra's message for text that is not an override. */
int overrides_are_sweep(const struct overrides *o, struct err *err);
/*
 * Make every combination of a sweep; the last override varies fastest. Without a sweep the result
 * is one copy of `o`, with the values written as Hydra writes them. Fails: as above; ERR_FAIL for
 * a glob, ERR_VALUE for an interval.
 */
int overrides_expand(const struct overrides *o, struct override_runs *out, struct err *err);
/* Append the overrides as Python prints them: "{'params.yaml': ['lr=0.1', 'm.name=a']}". */
void overrides_add_repr(struct buf *out, const struct overrides *o);

/*
 * Apply the overrides of one file to its text, in place (see text/edit.h). The suffix of `path`
 * determines the format. Fails: ERR_FAIL "Invalid `--set-param` value: ..." with Hydra's message,
 * ERR_PARSE, ERR_VALUE.
 */
int overrides_apply_text(
	const char *path, const struct strlist *items, struct buf *text, struct err *err);

#endif

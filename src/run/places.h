/*
 * The executors of a run: which one a stage uses, each opened once.
 *
 * The command line's choice (--executor) counts first, then the stage's own (`meta: {executor:
 * gpu}` in dvc.yaml), then core.executor (exec/profile.h), and else this machine.
 */
#ifndef RUN_PLACES_H
#define RUN_PLACES_H

#include "exec/executor.h"
#include "project/stage.h"

struct places {
	struct repo *repo;
	const struct progress *progress; /* for the executors */
	struct executor *fixed;          /* for all stages; NULL: as above */
	const char *asked;               /* --executor; NULL: not given */
	char *usual;                     /* core.executor, once known */
	bool usual_known;
	VEC(struct executor *) opened;
};
void places_release(struct places *p); /* closes them */
/* Fails: ERR_CONFIG, ERR_NOT_FOUND (no such profile); ERR_PARSE for a `meta.executor` that is no
 * text. */
int places_of(struct places *p, const struct stage *s, struct executor **out, struct err *err);
/*
 * The name of another executor on which a job of this stage may still run; heap string, NULL: none.
 * Its command would write the same files.
 */
char *places_elsewhere(struct repo *repo, const struct executor *e, const char *stage);

#endif

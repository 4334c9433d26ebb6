/*
 * What reproducing would do, and why, found out without doing it: for each stage in the order of
 * the run what differs from its record, which stages before it may yet change it, whether the
 * run-cache has its result, and how long it takes by its past runs.
 *
 * Nothing is written but hashes into the state. What is foretold holds for the workspace as it is:
 * stages with EXPLAIN_RUN, _RESTORE, _VERIFY, _IMPORT and _PULL are reproduced for certain (unless
 * one before them fails), those with EXPLAIN_MAYBE may be, the others are not.
 */
#ifndef RUN_EXPLAIN_H
#define RUN_EXPLAIN_H

#include "run/changes.h"
#include "run/past.h"
#include "run/repro.h"
#include "run/since.h"

enum explain_action {
	EXPLAIN_SKIP, /* nothing changed */
	EXPLAIN_RUN,  /* its command runs; with EXPLAIN_CACHE_UNKNOWN it may be restored instead */
	EXPLAIN_RESTORE, /* its outputs come from the cache */
	EXPLAIN_MAYBE,   /* that depends on what the stages before it make */
	EXPLAIN_VERIFY,  /* a frozen stage or data source: what is there now is recorded */
	EXPLAIN_IMPORT,  /* the data of an import is brought */
	EXPLAIN_PULL,    /* with --pull: only data is missing, and is asked of the remotes */
	EXPLAIN_FAIL,    /* it cannot run; see `error` */
};

enum explain_cache {
	EXPLAIN_CACHE_NONE, /* its results are never remembered, or it does not run */
	EXPLAIN_CACHE_OFF,  /* --force, --no-run-cache */
	EXPLAIN_CACHE_HIT,
	EXPLAIN_CACHE_MISS,
	EXPLAIN_CACHE_UNKNOWN, /* not before its dependencies are made, or the remotes were asked */
};

/* "skip", "run", "restore", "maybe", "verify", "import", "pull", "fail" */
const char *explain_action_name(enum explain_action action);
/* NULL, "off", "hit", "miss", "unknown" */
const char *explain_cache_name(enum explain_cache cache);

/* A file or a directory, as it was recorded or as it is. */
struct explain_data {
	const char *hash; /* NULL: nothing is there, or nothing is recorded */
	int64_t size;     /* bytes; -1: unknown */
	int64_t files;    /* in a directory; -1: no directory, or unknown */
};

struct explain_file {
	const char *path;       /* in its directory */
	enum entry_state state; /* ENTRY_NEW, ENTRY_MODIFIED, ENTRY_DELETED */
};

enum { EXPLAIN_FILES = 10 };

struct explain_change {
	enum change_kind kind;
	enum entry_state state; /* of the dependency, output or parameter */
	const char *path;       /* as users see it; NULL for a command and the like */
	const char *name;       /* of a parameter; NULL: its file is gone */
	const struct value *old_value, *new_value; /* of a parameter or the command; NULL: none */
	struct explain_data old_data, new_data;    /* of a dependency or output */
	/* Of a directory, when its old listing is still known: how many files, and the first ones
	 * by path. */
	bool listed;
	uint64_t added, modified, deleted;
	struct explain_file first[EXPLAIN_FILES];
	size_t first_count;
};

/* A stage before it in the run that makes one of its dependencies anew. */
struct explain_upstream {
	size_t stage;     /* index into explanation.stages */
	const char *path; /* the dependency */
};

struct explain_stage {
	const struct stage *stage;
	const char *name; /* as users see it */
	enum explain_action action;
	enum explain_cache cache;
	bool forced;    /* --force, or --force-downstream behind a stage that runs */
	bool never_ran; /* dvc.lock has no entry: there are no changes to tell */
	VEC(struct explain_change) changes;
	VEC(struct explain_upstream) upstream; /* what its action is not decided without */
	const char *error;
	struct since since; /* of its record, when something changed */
	struct past_estimate expected;
};

struct explanation {
	struct arena arena; /* all strings and values of it */
	VEC(struct explain_stage) stages;
	double certain_s;     /* expected of those that run or are restored for certain */
	double most_s;        /* and of those that may */
	size_t unknown;       /* how many of these have no past runs, and count as nothing */
	VEC(size_t) critical; /* the chain of stages that takes longest, in order */
	double critical_s;
	int jobs;      /* stages at once, as asked for */
	double jobs_s; /* expected of most_s's stages with so many at once; -1: jobs is 1 */
};
void explanation_release(struct explanation *e);

/*
 * What repro() with these options would do. Needs no lock. `out` is empty. Fails: as repro_plan(),
 * and for what cannot be read (ERR_PARSE of a parameter file, ERR_IO).
 */
int explain(
	struct repo *repo, const struct repro_opts *opts, struct explanation *out, struct err *err);

#endif

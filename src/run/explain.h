/*
 * Predicts what `repro` would do, and why: for each stage, in the order of the run, what differs
 * from its record, which earlier stages may still change it, whether the run-cache has its result,
 * and how long it takes, estimated from past runs.
 *
 * Writes nothing except hashes in the state database. The prediction holds for the workspace as it
 * is now: stages with EXPLAIN_RUN, _RESTORE, _VERIFY, _IMPORT and _PULL are certainly reproduced
 * (unless an earlier one fails), those with EXPLAIN_MAYBE perhaps, the others not.
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
	EXPLAIN_MAYBE,   /* depends on what earlier stages make */
	EXPLAIN_VERIFY,  /* a frozen stage or a data source: its present data is recorded */
	EXPLAIN_IMPORT,  /* the data of an import is fetched from its source */
	EXPLAIN_PULL,    /* with --pull: only data is missing, and is fetched from the remotes */
	EXPLAIN_FAIL,    /* it cannot run; see `error` */
};

enum explain_cache {
	EXPLAIN_CACHE_NONE, /* the run-cache does not apply to the stage, or it does not run */
	EXPLAIN_CACHE_OFF,  /* --force, --no-run-cache */
	EXPLAIN_CACHE_HIT,
	EXPLAIN_CACHE_MISS,
	EXPLAIN_CACHE_UNKNOWN, /* until its dependencies are made, or the remotes were queried */
};

/* "skip", "run", "restore", "maybe", "verify", "import", "pull", "fail" */
const char *explain_action_name(enum explain_action action);
/* NULL, "off", "hit", "miss", "unknown" */
const char *explain_cache_name(enum explain_cache cache);

/* A file or a directory, as recorded or as it is now. */
struct explain_data {
	const char *hash; /* NULL: the path is missing, or nothing is recorded */
	int64_t size;     /* bytes; -1: unknown */
	int64_t files;    /* number of files in a directory; -1: not a directory, or unknown */
};

struct explain_file {
	const char *path;       /* relative to its directory */
	enum entry_state state; /* ENTRY_NEW, ENTRY_MODIFIED, ENTRY_DELETED */
};

enum { EXPLAIN_FILES = 10 };

struct explain_change {
	enum change_kind kind;
	enum entry_state state; /* of the dependency, output or parameter */
	const char *path;       /* for display; NULL when the change is not about a file */
	const char *name;       /* of a parameter; NULL: its whole file is missing */
	const struct value *old_value, *new_value; /* of a parameter or the command; NULL: none */
	struct explain_data old_data, new_data;    /* of a dependency or output */
	/* For a directory whose old listing is still known: the number of files that differ, and
	 * the first of them in the order of paths. */
	bool listed;
	uint64_t added, modified, deleted;
	struct explain_file first[EXPLAIN_FILES];
	size_t first_count;
};

/* An earlier stage of the run that makes one of the dependencies again. */
struct explain_upstream {
	size_t stage;     /* index into explanation.stages */
	const char *path; /* the dependency */
};

struct explain_stage {
	const struct stage *stage;
	const char *name; /* for display */
	enum explain_action action;
	enum explain_cache cache;
	bool forced;    /* --force, or --force-downstream after a stage that runs */
	bool never_ran; /* dvc.lock has no entry, so that `changes` is empty */
	VEC(struct explain_change) changes;
	VEC(struct explain_upstream) upstream; /* stages whose results the action depends on */
	const char *error;                     /* EXPLAIN_FAIL: the message, on one line */
	struct since since;                    /* of its entry in dvc.lock, if something changed */
	struct past_estimate expected;
};

struct explanation {
	struct arena arena; /* owns all strings and values */
	VEC(struct explain_stage) stages;
	double certain_s;     /* expected seconds of stages that certainly run or are restored */
	double most_s;        /* the same, with those of EXPLAIN_MAYBE */
	size_t unknown;       /* number of these stages without past runs; they count as 0 s */
	VEC(size_t) critical; /* the chain of stages that takes longest, in order */
	double critical_s;
	int jobs;      /* how many stages run at the same time */
	double jobs_s; /* expected seconds of all of them with `jobs` at a time; -1: jobs is 1 */
};
void explanation_release(struct explanation *e);

/*
 * Predict repro() with these options. Needs no lock. `out` must be zero; the caller releases it,
 * after a failure too. The stages are borrowed from the repository's index. Fails: as repro_plan(),
 * and when a file cannot be read (ERR_PARSE of a parameter file, ERR_IO).
 */
int explain(
	struct repo *repo, const struct repro_opts *opts, struct explanation *out, struct err *err);

#endif

/*
 * Profiles: what the user calls a place where commands run, and how cairn gets there.
 *
 *     [core]
 *         executor = gpu
 *     [executor "gpu"]
 *         type = slurm
 *         partition = a100
 *         time = 2h
 *
 * They are in cairn's settings (project/settings.h): the user's own, those that are committed, and
 * those of this clone, each over those before it, key by key. A key without a value counts as if it
 * were not there. Names of profiles are lower-cased, as those of DVC's remotes are.
 *
 * An unknown key, a value that cannot be read, or a key that the type does not have is an error
 * that names the file, the line and what is allowed.
 */
#ifndef EXEC_PROFILE_H
#define EXEC_PROFILE_H

#include "base/err.h"
#include "base/strlist.h"
#include "base/vec.h"
#include "project/repo.h"

enum profile_type { PROFILE_LOCAL, PROFILE_SLURM, PROFILE_SSH, PROFILE_COMMAND };
const char *profile_type_name(enum profile_type type); /* "slurm" */

/* A template with {n} in it, for a resource that the user has named. */
struct profile_map {
	char *name, *option;
};

/* A host to reach by ssh, with places for so many jobs at a time. */
struct profile_host {
	char *name; /* as given to ssh(1): a host, user@host, or an alias; never begins with '-' */
	int slots;  /* at least 1 */
};

struct profile {
	char *name;
	enum profile_type type;
	char *root; /* of the repository: where lines for the shell are run */

	/* slurm, command: what a job needs when its stage does not say; 0: not requested */
	double cpu, gpu;
	int64_t mem_bytes, time_s;

	/* slurm; all may be NULL */
	char *partition, *account, *qos, *constraint;
	struct strlist
		options;  /* words for sbatch, split as by a shell: `--exclusive --mail-type=END` */
	char *gpu_option; /* default "--gres=gpu:{n}" */

	/* slurm, command; the name of a resource keeps its case */
	VEC(struct profile_map) maps; /* `map.license = --licenses=x:{n}` */

	/* command: lines for the shell with {script}, {ids}, ... (command.h); NULL: not given */
	char *submit, *poll, *cancel, *find;

	/* ssh */
	VEC(struct profile_host) hosts; /* `host = node1:2, user@node2` */
	char *dir;                      /* on the hosts; default "cairn" in the home directory */

	/* for all that are not local */
	char *setup;        /* shell lines (in """) that run before the job, in its environment */
	char *program;      /* cairn there; NULL: this program's path (ssh: "cairn") */
	struct strlist env; /* names of variables to hand on, beside the usual ones; "*": all */
	int max_submitted;  /* jobs in the scheduler at a time; default 1000 */
	int group;          /* this many short jobs go into one; default 1 */
	int64_t group_until_s; /* a job is short when it takes less; default 60 */
	int64_t grace_s;       /* between the warning signal and the limit of time; default 60 */
	int retries;           /* of jobs that were lost, not of those that failed; default 2 */
	int64_t poll_s;        /* `interval`: how often the scheduler is asked; default 15 */
	int64_t beat_s;        /* how often a job shows that it lives; default 30 */
	bool requeue;          /* experiments may be requeued by the scheduler; default yes */
};

/* Read one profile. "local" exists always. Fails: ERR_CONFIG; ERR_NOT_FOUND when no file has it,
 * with the names that there are. */
int profile_load(struct repo *repo, const char *name, struct profile **out, struct err *err);
void profile_free(struct profile *p); /* may be NULL */
/* Names of all profiles, sorted, without "local". */
int profile_names(struct repo *repo, struct strlist *out, struct err *err);
/* core.executor; heap string, NULL: not set. */
int profile_default(struct repo *repo, char **out, struct err *err);

/* What a profile says, or what holds because it does not, as text. */
struct profile_value {
	char *key, *text;
	char *file; /* NULL: it is the default */
	int line;
};
VEC_TYPE(profile_values, struct profile_value);
void profile_values_release(struct profile_values *v);
/* All values of a profile, in a fixed order, without those that are neither set nor have a default.
 * Fails as profile_load(). */
int profile_describe(
	struct repo *repo, const char *name, struct profile_values *out, struct err *err);

#endif

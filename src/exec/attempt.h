/*
 * One attempt to run a job away from this process: a directory in which the job itself writes what
 * became of it. This is what decides; the word of a scheduler or of a connection is a hint
 * (judge.h).
 *
 *   .dvc/tmp/jobs/<executor>/job.<name>-<key>/try-<K>/
 *       job.json      what to run; on disk before anything is submitted
 *       claim         who runs it; made with link(2), so that only one can
 *       claim-2, ...  a second life of the job, which the scheduler has queued again: when the
 *                     first was interrupted, or has stopped to beat
 *       beat          a number that grows every `beat_s` seconds while the job lives
 *       out, err      what the commands print; appended. With `merge` all of it is in `out`
 *       signal        the number of a signal that the watcher sends to the commands
 *       reserve       disk space for what is written at the end
 *       interrupted-<life>.json   this life was asked to end, and its command did not succeed: only
 *                     who asked knows whether the job will run again
 *       exit.json     how it ended; made with link(2), so that the first end counts
 *   .dvc/tmp/jobs/<executor>/done/job.<name>-<key>.<K>
 *                     empty: exit.json or interrupted-* is there
 *
 * A claim made by the watcher ("revoked") keeps a job from ever starting: that is how a job is
 * cancelled or given up without a race. No clock of one machine is compared with that of another:
 * watchers see whether the number in `beat` still grows.
 *
 * All of it may be on a network file system: no locks, only link(2), rename(2) and appending.
 */
#ifndef EXEC_ATTEMPT_H
#define EXEC_ATTEMPT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strlist.h"
#include "exec/process.h"

/* What to run. */
struct attempt_job {
	char *name;             /* of the stage or the experiment */
	char *key;              /* struct executor_spec */
	char *dir;              /* absolute; relative: to the directory of the attempt */
	struct strlist lines;   /* commands for the shell, one after the other; or ... */
	struct strlist words;   /* ... the arguments of one command of this program */
	struct strlist environ; /* "NAME=value" */
	struct strlist clean;   /* what an interrupted run may have left: removed before another */
	bool again;             /* such a run may have been */
	bool once;              /* no second life: who watches it makes another attempt */
	bool merge;             /* output and errors into one file */
	bool show;              /* "> command" before the output of each, as `repro` shows it */
	int64_t beat_s, grace_s;
};
void attempt_job_release(struct attempt_job *j);

/* Make the directory, for the user alone, with job.json. It is not synced: many are, at once, by
 * who submits them. Fails: ERR_EXISTS, ERR_IO. */
int attempt_make(const char *path, const struct attempt_job *job, struct err *err);
/* Fails: ERR_NOT_FOUND, ERR_PARSE (naming the file). */
int attempt_read_job(const char *path, struct attempt_job *out, struct err *err);

/* Who runs it, or has run it. */
struct attempt_claim {
	int life;      /* 1: the first; 0: not claimed */
	bool revoked;  /* nobody runs it and nobody will */
	char *host;    /* NULL: not known */
	char *job_id;  /* of the scheduler; NULL */
	char *process; /* its identity on that host (base/procid.h); NULL */
};
void attempt_claim_release(struct attempt_claim *c);
/* The last claim; life 0 without one. */
void attempt_read_claim(const char *path, struct attempt_claim *out);
/* Claim it for its `life` (1: the first). ERR_EXISTS: somebody was faster. */
int attempt_claim(const char *path, const struct attempt_claim *claim, struct err *err);
/*
 * Does the claim that this process has made still count? Not when a later one is there, or when the
 * attempt was removed, with whatever may be at its path since. What cannot be read, or only now, is
 * no reason to give up: true.
 */
bool attempt_is_ours(const char *path, const struct attempt_claim *mine);
/* Do its commands run, or may they still begin? Not of one that is not there. */
bool attempt_may_run(const char *path);
/* Keep it from starting. 1: it never will; 0: it was claimed before, and may run. */
int attempt_revoke(const char *path, struct err *err);

/* How it ended, or how one life of it was interrupted. */
struct attempt_end {
	struct process_result result;
	int signal; /* that asked it to end, before it did; 0: none */
	char *host;
};
void attempt_end_release(struct attempt_end *e);
/* 1: exit.json is there; 0: not yet. Fails: ERR_PARSE (naming the file), ERR_IO. */
int attempt_read_end(const char *path, struct attempt_end *out, struct err *err);
/* The same for interrupted-<life>.json. */
int attempt_read_interrupted(const char *path, int life, struct attempt_end *out, struct err *err);
/* Write exit.json, or interrupted-<life>.json when it was asked to end and has not succeeded; and
 * the file in done/. ERR_EXISTS: another life has ended before. */
int attempt_write_end(const char *path, int life, const struct attempt_end *end, struct err *err);
/* The name of its file in done/. Heap string. */
char *attempt_done_name(const char *path);

/* The number in `beat`; 0: none yet. */
int64_t attempt_read_beat(const char *path);
int attempt_write_beat(const char *path, int64_t number, struct err *err);

/* Ask the job, wherever it runs, to send its commands a signal; it looks every second. */
int attempt_write_signal(const char *path, int number, struct err *err);
int attempt_read_signal(const char *path); /* 0: none */

#endif

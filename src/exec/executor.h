/*
 * The interface behind which commands of stages and experiments run. The local executor runs them
 * as child processes of this one; others hand them to a cluster's scheduler (batch.h) or to another
 * host (ssh.h). Which executor it is, the user says by name (profile.h).
 *
 * The life of a job: prepare once; then start, and poll until the commands have ended. While they
 * run, log fetches their output, and signal sends them a signal. When all have succeeded, collect
 * fetches the files that they made. free may be called at any time; commands that still run
 * elsewhere go on, and the next job with the same key takes them over.
 *
 * An executor and its jobs belong to one thread.
 */
#ifndef EXEC_EXECUTOR_H
#define EXEC_EXECUTOR_H

#include "exec/process.h"
#include "exec/resources.h"

struct buf;
struct ctx;
struct progress;
struct repo;
struct strlist;
struct executor_ops;
struct left_job;
struct executor_job; /* defined by each driver */
struct tempdir_spec; /* exec/tempdir.h */
struct profile;      /* exec/profile.h */

/* A place where commands run. Drivers have it as the first field of their own struct. */
struct executor {
	const struct executor_ops *ops;
	const char *name; /* of the profile: "gpu"; "local" for this machine */
	int ask_every_ms; /* how often poll() should be called for a job without poll_fd() */
	/* set by the caller, may be left empty: who is told that a scheduler does not answer, or
	 * that a job was lost and is tried again; and how many of the jobs that wait may run at a
	 * time */
	const struct progress *progress;
	size_t at_once;
};

/* What a job is and its environment. All pointers are borrowed until the job is freed. */
struct executor_spec {
	const struct ctx *ctx; /* of the host; may be NULL */
	const char *name;      /* of the stage or the experiment, for messages */
	/* What the job would do, as a digest (hexadecimal, 8 to 64 digits): of its commands and of
	 * the content that they read. A job with the same name and key that an earlier process of
	 * cairn has started is taken over instead of started again. NULL: never. */
	const char *key;
	const char *dir;  /* working directory: absolute, or with `tempdir` relative to its root */
	char *const *env; /* "NAME=value", NULL-ended: added to the environment */
	int out_fd, err_fd; /* standard output and error of the commands; -1: /dev/null */
	bool no_input;      /* standard input is /dev/null, not that of the host */
	bool show;          /* "> command" before the output of each (with takes_all) */
	bool own_group;     /* in a process group of their own: Ctrl-C does not reach them */
	/* Run in a work tree of its own, made by prepare; NULL: on the files of the workspace. */
	const struct tempdir_spec *tempdir;
	/* What the commands need, for a scheduler; NULL: as the profile says. The local executor
	 * ignores it: there the caller counts what is in use (resources.h). */
	const struct resource_needs *needs;
	double expected_s; /* how long they usually take; 0: not known */
	/* Files and directories that the commands read and write, absolute: what an executor
	 * without a common file system has to carry. NULL: none. */
	const struct strlist *inputs, *outputs;
	/* Those of `outputs` that must not be there when the commands begin. The caller has removed
	 * them; an executor that runs the commands again, after they were interrupted, does so too.
	 */
	const struct strlist *clean;
};

struct executor_ops {
	const char *type; /* "local", "slurm", "ssh", "command" */
	/* start() takes all commands of a job at once, and runs the next when one has succeeded;
	 * otherwise it takes one at a time, the previous one having ended. */
	bool takes_all;
	/* The commands see our files under the same paths: they need no work tree of prepare's, and
	 * what they make is in place. */
	bool shares_files;
	/* Commands go on when this process ends, and can be taken over by another. */
	bool outlives_us;
	/* Can it give what a job needs? Called for all jobs before the first is started. NULL: yes.
	 * Fails: ERR_VALUE, naming `who`. */
	int (*check)(struct executor *e, const struct resource_needs *needs, const char *who,
		struct err *err);
	/* Make ready what the commands need (the work tree, a connection, ...). On failure `*out`
	 * is not set and nothing is left. */
	int (*prepare)(struct executor *e, const struct executor_spec *spec,
		struct executor_job **out, struct err *err);
	/* Start commands and return at once; they may have to wait for their turn elsewhere. */
	int (*start)(struct executor_job *job, const struct process_command *commands, size_t count,
		struct err *err);
	/* Have the commands ended? 1: they have, and `out` is filled; 0: not yet. Fails when that
	 * cannot be found out, or when they cannot be run at all. Does not wait. */
	int (*poll)(struct executor_job *job, struct process_result *out, struct err *err);
	/* A descriptor that becomes readable when the command may have ended. -1, or a NULL
	 * function: none, so that poll() has to be called at intervals. */
	int (*poll_fd)(const struct executor_job *job);
	/* Copy output of the commands to the two descriptors, at most 32 KiB, so that a pipe which
	 * was empty can take it; does not wait. 1: there is more. NULL: the commands write there
	 * themselves. */
	int (*log)(struct executor_job *job, struct err *err);
	/* Send a signal to the commands and to the processes that they started. SIGKILL before they
	 * have begun means that they never will. No effect after their end. */
	void (*signal)(struct executor_job *job, int number);
	/* Keep the commands from starting, if they have not: 1, and the job is over; 0: they have.
	 * NULL: they always have. */
	int (*withdraw)(struct executor_job *job);
	/* Fetch the files that the commands made. NULL: they are in place already. Of a job with
	 * `tempdir` that has made an experiment: its objects, and its commit, which is named by the
	 * ref executor_result_ref(). May be called again after a failure. ERR_CORRUPT, ERR_NO_DATA,
	 * ERR_NOT_FOUND: what they made is lost. After any other failure it stays where it is, and
	 * a job with the same key takes it over. */
	int (*collect)(struct executor_job *job, struct err *err);
	/* It has ended well, but its result could not be recorded: free is to leave it, so that the
	 * next job with the same key takes it over. NULL: that is not possible. */
	void (*keep)(struct executor_job *job);
	/* Remove what prepare made, unless commands still run elsewhere. */
	void (*free)(struct executor_job *job);
	/* The local process that runs the command, or that waits for it; `queue kill` sends signals
	 * to it. NULL: none. */
	pid_t (*pid)(const struct executor_job *job);
	/* The root of the work tree that prepare made; NULL for a job without `tempdir`, and for a
	 * work tree on another machine. Borrowed. */
	const char *(*tempdir_root)(const struct executor_job *job);
	/*
	 * Is a job of this name left from an earlier process? EXECUTOR_SAME: with this key, and it
	 * runs or has ended well, so that a job with the same spec takes it over. EXECUTOR_OTHER:
	 * another one runs, on the same files; it has been asked to end, so ask again until the
	 * answer is EXECUTOR_NONE. With a NULL key: is there any (EXECUTOR_SAME)? NULL function:
	 * none. Does not wait.
	 */
	int (*find)(struct executor *e, const struct executor_spec *spec, struct err *err);
	/* After a success and before free: read a small file of the work tree that prepare made,
	 * `path` relative to its root. NULL: it is a directory of this machine. */
	int (*read_file)(
		struct executor_job *job, const char *path, struct buf *out, struct err *err);
	/* A few words on where the job is now, "job 123 waits: Resources"; after its end on what
	 * ended it if not the command itself, "time limit". NULL: nothing to say. Heap string. */
	char *(*where)(const struct executor_job *job);
	/* End jobs that are left from earlier processes (left.h), whether they wait or run. Returns
	 * when they have been asked to. */
	int (*cancel)(
		struct executor *e, const struct left_job *jobs, size_t count, struct err *err);
	/* For --dry-submit: append the command that would start this job, and what it would run.
	 * NULL: nothing is submitted. Fails as check(). */
	int (*describe)(struct executor *e, const struct executor_spec *spec, struct buf *out,
		struct err *err);
	/* No job of this process is left. */
	void (*close)(struct executor *e);
};

enum executor_found { EXECUTOR_NONE, EXECUTOR_SAME, EXECUTOR_OTHER };

/* The executor of this machine; never closed. */
extern struct executor executor_local;

/*
 * Open the executor of a profile (profile.h). "local" and NULL are &executor_local. Nothing is
 * started or asked yet. Fails: ERR_CONFIG (no such profile, or an error in it).
 */
int executor_open(struct repo *repo, const char *name, struct executor **out, struct err *err);
void executor_close(struct executor *e); /* may be NULL or &executor_local */

/* Call functions that a driver may leave out: without one the result is -1, 0, 0, EXECUTOR_NONE. */
int executor_poll_fd(const struct executor *e, const struct executor_job *job);
int executor_log(const struct executor *e, struct executor_job *job, struct err *err);
int executor_collect(const struct executor *e, struct executor_job *job, struct err *err);
int executor_find(struct executor *e, const struct executor_spec *spec, struct err *err);

/* "refs/cairn/result/<key>": where collect leaves the commit of an experiment, until the caller has
 * made the experiment's own ref. Heap string. */
char *executor_result_ref(const struct executor_spec *spec);

#endif

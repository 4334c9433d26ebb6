/*
 * The interface behind which commands of stages and experiments run. executor_local runs them as
 * child processes; a driver for another place (a cluster, another host) is one more `struct
 * executor_driver`.
 *
 * The life of a job: prepare once; then start and poll for each of its commands, one after the
 * other. While a command runs, log fetches its output, and signal sends it a signal. When all
 * commands have succeeded, collect fetches the files that they made. free may be called at any
 * time when no command runs.
 *
 * A job belongs to one thread.
 */
#ifndef RUN_EXECUTOR_H
#define RUN_EXECUTOR_H

#include "run/process.h"

struct executor_job; /* defined by each driver */
struct tempdir_spec; /* run/tempdir.h */

/* The environment of a job's commands. All pointers are borrowed until the job is freed. */
struct executor_spec {
	const struct ctx *ctx; /* of the host; may be NULL */
	const char *name;      /* of the stage or the experiment, for messages */
	const char *dir;  /* working directory: absolute, or with `tempdir` relative to its root */
	char *const *env; /* "NAME=value", NULL-ended: added to the environment */
	int out_fd, err_fd; /* standard output and error of the commands; -1: /dev/null */
	bool no_input;      /* standard input is /dev/null, not that of the host */
	bool own_group;     /* in a process group of their own: Ctrl-C does not reach them */
	/* Run in a work tree of its own, made by prepare; NULL: on the files of the workspace. */
	const struct tempdir_spec *tempdir;
};

struct executor_driver {
	const char *name;
	/* Make ready what the commands need (the work tree, a connection, ...). On failure `*out`
	 * is not set and nothing is left. */
	int (*prepare)(
		const struct executor_spec *spec, struct executor_job **out, struct err *err);
	/* Start a command and return at once. The previous one must have ended. */
	int (*start)(
		struct executor_job *job, const struct process_command *command, struct err *err);
	/* Has the command ended? 1: it has, and `out` is filled; 0: not yet. Fails when the driver
	 * cannot find out, say because a connection broke. Does not wait. */
	int (*poll)(struct executor_job *job, struct process_result *out, struct err *err);
	/* A descriptor that becomes readable when the command may have ended. -1, or a NULL
	 * function: none, so that poll() has to be called at intervals. */
	int (*poll_fd)(const struct executor_job *job);
	/* Copy the output of the commands since the last call to the two descriptors; does not
	 * wait. NULL: the commands write there themselves. */
	int (*log)(struct executor_job *job, struct err *err);
	/* Send a signal to the command and to the processes that it started. No effect after its
	 * end. */
	void (*signal)(struct executor_job *job, int number);
	/* Fetch the files that the commands made. NULL: they are in place already. */
	int (*collect)(struct executor_job *job, struct err *err);
	/* Remove what prepare made. No command runs. */
	void (*free)(struct executor_job *job);
	/* The local process that runs the command, or that waits for it; `queue kill` sends signals
	 * to it. NULL: none. */
	pid_t (*pid)(const struct executor_job *job);
	/* The root of the work tree that prepare made; NULL for a job without `tempdir`. Borrowed.
	 */
	const char *(*tempdir_root)(const struct executor_job *job);
};

extern const struct executor_driver executor_local;

/* Call functions that a driver may leave out: without one the result is -1, 0 and 0. */
int executor_poll_fd(const struct executor_driver *driver, const struct executor_job *job);
int executor_log(const struct executor_driver *driver, struct executor_job *job, struct err *err);
int executor_collect(
	const struct executor_driver *driver, struct executor_job *job, struct err *err);

#endif

/*
 * Where commands run: the face behind which stages and experiments are run. executor_local runs
 * them as processes of this machine; an executor of another kind (a cluster, another host) is one
 * more `struct executor_driver`.
 *
 * The life of a job: prepare, then start and poll for each of its commands, one after the other;
 * while a command runs, log brings what it writes, and signal reaches it. When all commands have
 * ended well, collect brings home what they made. free ends it at any point.
 *
 * A job belongs to one thread.
 */
#ifndef RUN_EXECUTOR_H
#define RUN_EXECUTOR_H

#include "run/process.h"

struct executor_job; /* of a driver */
struct tempdir_spec; /* run/tempdir.h */

/* What a job's commands find where they run. All is borrowed until the job is freed. */
struct executor_spec {
	const struct ctx *ctx; /* of the host; may be NULL */
	const char *name;      /* for people: of the stage or the experiment */
	const char *dir;  /* working directory: absolute, or with `tempdir` relative to its root */
	char *const *env; /* "NAME=value", NULL-ended: added to the environment */
	int out_fd, err_fd; /* where the commands write to; -1: nowhere */
	bool no_input;      /* the commands read nothing from the host's standard input */
	bool own_group;     /* they are not interrupted together with the host */
	/* Run in a work tree of its own, made by prepare; NULL: on the files of the workspace. */
	const struct tempdir_spec *tempdir;
};

struct executor_driver {
	const char *name;
	/* Make everything ready that the commands need. */
	int (*prepare)(
		const struct executor_spec *spec, struct executor_job **out, struct err *err);
	/* Start a command. It is over once poll() says so. */
	int (*start)(
		struct executor_job *job, const struct process_command *command, struct err *err);
	/* Has the command ended? 1: it has, and `out` is filled; 0: not yet. Fails: as the way to
	 * where it runs. */
	int (*poll)(struct executor_job *job, struct process_result *out, struct err *err);
	/* A descriptor that becomes readable when the command may have ended; -1 or NULL: there is
	 * none, ask again after a while. */
	int (*poll_fd)(const struct executor_job *job);
	/* Bring what the commands have written since the last call to the two descriptors; does not
	 * wait. NULL: they write there themselves. */
	int (*log)(struct executor_job *job, struct err *err);
	/* Send a signal to the command and what it has started. After its end nothing happens. */
	void (*signal)(struct executor_job *job, int number);
	/* Bring home what the commands made. NULL: it is here. */
	int (*collect)(struct executor_job *job, struct err *err);
	/* Remove what prepare made. The command has ended, or was never started. */
	void (*free)(struct executor_job *job);
	/* The process of this machine that stands for the command, for `queue kill`; NULL: none. */
	pid_t (*pid)(const struct executor_job *job);
	/* The root of the work tree that prepare made; NULL for a job without `tempdir`. Borrowed.
	 */
	const char *(*tempdir_root)(const struct executor_job *job);
};

extern const struct executor_driver executor_local;

/* For the functions that a driver may leave out. */
int executor_poll_fd(const struct executor_driver *driver, const struct executor_job *job);
int executor_log(const struct executor_driver *driver, struct executor_job *job, struct err *err);
int executor_collect(
	const struct executor_driver *driver, struct executor_job *job, struct err *err);

#endif

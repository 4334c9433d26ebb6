/*
 * What cairn asks of a batch system, as commands to run and answers to read. Nothing in here runs a
 * command: the caller does, one at a time, with a time-out (batch_site.h). So all of it can be
 * tested without the system.
 */
#ifndef EXEC_BATCH_BATCH_H
#define EXEC_BATCH_BATCH_H

#include "base/buf.h"
#include "exec/profile.h"
#include "exec/request.h"

/* A command, its environment and its standard input. */
struct batch_call {
	struct strlist argv; /* the program is searched on PATH */
	struct strlist env; /* over that of this process: "NAME=value", or "NAME" to leave it out */
	struct buf input;
};
void batch_call_release(struct batch_call *c);

/* What the command said. */
struct batch_answer {
	int status; /* exit status; 128 + number of the signal that ended it */
	bool timed_out;
	const char *out, *err; /* NUL-ended */
};

/* A submission: one job, or an array of them with indices from 0. */
struct batch_submission {
	const char *job_name; /* "cairn-<repository>-<run>": letters, digits and '-' only */
	const char *comment;  /* "cairn/1 batch=<id>": the same and ' ', '/', '='; unique */
	const char *dir;      /* the batch's directory, absolute: script, list, output of the job */
	const char *script;   /* path of the script, absolute, in `dir` */
	size_t count;         /* of elements; 1: no array */
	size_t at_once;       /* most elements that run at a time; 0: no limit */
	const struct request *request;
	bool requeue;                 /* the system may run it again after a failure of a node */
	const struct strlist *not_on; /* nodes to avoid; may be NULL */
};

enum batch_said {
	BATCH_OK,
	BATCH_BUSY,    /* try again later: a limit of jobs, or the controller does not answer */
	BATCH_REFUSED, /* it never will: unknown partition, more memory than any node has */
	BATCH_DOUBT,   /* it may have been accepted: look for it by name before trying again */
};

/* What the system says about a job. A hint: what the job itself has written decides (judge.h). */
enum batch_state {
	BATCH_UNASKED = 0, /* no answer yet */
	BATCH_UNKNOWN,     /* the system does not know it: forgotten, or lost */
	BATCH_WAITS,
	BATCH_STUCK, /* it waits for what will not come; the reason says what */
	BATCH_RUNS,
	BATCH_ENDED, /* with an exit status, good or bad */
	BATCH_TIMEOUT,
	BATCH_OUT_OF_MEMORY,
	BATCH_CANCELLED,
	BATCH_PREEMPTED,
	BATCH_NODE_FAILED, /* the node, its boot, or the launch */
};
/* For people: "time limit", "out of memory", "cancelled", "preempted", "node failed", ... */
const char *batch_state_text(enum batch_state state);

struct batch_hint {
	char *id; /* "123" or, of an array, "123_4" */
	enum batch_state state;
	char *reason;  /* "Resources"; NULL */
	char *node;    /* NULL */
	char *comment; /* of find; NULL when the system keeps none */
};
VEC_TYPE(batch_hints, struct batch_hint);
void batch_hints_release(struct batch_hints *h);

struct batch_system {
	const char *type;
	bool has_arrays;
	void (*submit)(
		const struct profile *p, const struct batch_submission *s, struct batch_call *out);
	/* BATCH_OK: `*out_id` gets the id, a heap string; ids of elements are made by element_id.
	 * Else `why` gets the system's words. */
	enum batch_said (*submitted)(const struct batch_answer *a, char **out_id, struct err *why);
	/* "123" and 4 -> "123_4"; without arrays the id itself. Heap string. */
	char *(*element_id)(const char *id, size_t index, size_t count);
	/* Ask for the state of all jobs at once. `ids` may be used or the name. False: the system
	 * has no way to ask. */
	bool (*ask)(const struct profile *p, const char *job_name, const struct strlist *ids,
		struct batch_call *out);
	/* BATCH_OK or BATCH_BUSY. Jobs that are not in `out` are unknown to the system. Several
	 * waiting elements on one line, "123_[4-7,9%2]", become a hint each. A hint with the id of
	 * an array, "123", is about those of its elements that have none of their own. An element
	 * of which Slurm knows nothing while it knows others of its array has been cancelled while
	 * it waited, if it has not run. */
	enum batch_said (*answered)(
		const struct batch_answer *a, struct batch_hints *out, struct err *why);
	/* Ask for jobs that are not in the answer any more, where the system keeps a history.
	 * False: it does not. May be NULL. */
	bool (*ask_history)(
		const struct profile *p, const struct strlist *ids, struct batch_call *out);
	enum batch_said (*history)(
		const struct batch_answer *a, struct batch_hints *out, struct err *why);
	/* Look for submissions with this job name; read by `answered`, with comments. False: there
	 * is no way to. */
	bool (*find)(const struct profile *p, const char *job_name, struct batch_call *out);
	/* End jobs, whether they wait or run, in the system's usual way. With a `number` send that
	 * signal, which jobs that wait may not notice; SIGKILL is as 0. No argument at all
	 * in `out`: the system has no way to. */
	void (*cancel)(const struct profile *p, const struct strlist *ids, int number,
		struct batch_call *out);
};

extern const struct batch_system batch_slurm;   /* slurm.c */
extern const struct batch_system batch_command; /* command.c */

/* Set `why` to what a program said to standard error when it failed, in one line; without a word,
 * to its status. */
void batch_why(struct err *why, const char *program, const struct batch_answer *a);

#endif

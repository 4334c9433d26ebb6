/*
 * What a host (the command line, or a program that embeds cairn) lends to the engine for its calls:
 * where debug lines go, who counts progress, how it asks the engine to stop, and how the engine
 * starts its own program again. The engine has no global state for any of these, so that one
 * process may have several hosts at a time.
 *
 * A host fills one `struct ctx`, hands it to repo_open(), and keeps it until the repository is
 * released. Every struct that needs it (repo, cache, walks) borrows the pointer. NULL is a valid
 * context everywhere: nothing is logged or counted, nobody asks to stop.
 *
 * Threads: the engine calls the functions below from the threads that each one names.
 */
#ifndef BASE_CTX_H
#define BASE_CTX_H

#include <stdatomic.h>

#include "base/base.h"
#include "base/log.h"

struct meters;
struct rate;
struct pollfd;

/*
 * Requests to stop while commands of the user run: these are stopped, and what they made is
 * recorded, before the engine returns. A NULL function means that no such request ever comes.
 * Called from the thread that called the engine.
 */
struct cancel {
	/* Until end(), collect requests instead of ending the process. begin() while it holds does
	 * nothing. */
	void (*begin)(void *arg);
	void (*end)(void *arg);
	/* As poll(2); returns early when a request comes. NULL: poll(2) itself. */
	int (*poll)(void *arg, struct pollfd *fds, size_t count, int timeout_ms);
	/* How many times the user asked to stop since begin(). The second time, what still runs is
	 * killed. */
	int (*interrupts)(void *arg);
	/* The number of the signal that asked the process to end, SIGTERM or SIGHUP; 0: none. */
	int (*end_asked)(void *arg);
	/*
	 * While data moves over the network (from on to off), the first request to stop sets
	 * ctx->stop instead of ending the process: uploads that have begun are taken back, or
	 * remembered for the next run. The second one ends it. They nest.
	 */
	void (*transfer)(void *arg, bool on);
	/* In a child between vfork() and exec: undo what begin() did to signals. Only calls that
	 * are safe there. */
	void (*restore_in_child)(void *arg);
	void *arg;
};

/* How the engine starts the program that it is part of: workers of the queue, and experiments that
 * run apart from the workspace. */
struct self {
	const char *path;    /* of the executable, for execv(3); NULL: /proc/self/exe */
	const char *command; /* the command line, as .dvc/tmp/rwlock shows it to others */
	const char *color;   /* for --color of the processes that it starts; NULL: not given */
	/*
	 * The program's main(). When it is not NULL and the process has one thread, an experiment
	 * runs in a forked child that calls it: what is loaded already (libgit2 above all) is not
	 * loaded again. Otherwise `path` is executed.
	 */
	int (*main)(int argc, char **argv);
};

/* A question to the user. A NULL function, and a host without a terminal, have no answer. */
struct asking {
	/* Ask for a password or the like; what is typed is not shown. Returns a heap string, or
	 * NULL without an answer. Called from any thread, one at a time. */
	char *(*secret)(void *arg, const char *prompt);
	/* A program that the engine starts (ssh) may ask on the terminal by itself. begin() is
	 * false when nobody is there to answer; until end(), from the same thread, nothing else is
	 * written to the terminal. NULL: nobody is there. */
	bool (*begin)(void *arg);
	void (*end)(void *arg);
	void *arg;
};

struct ctx {
	struct log_sink log;
	struct meters *meters; /* NULL: nothing is counted */
	struct rate *rate;     /* the bandwidth of all transfers (base/rate.h); NULL: no limit */
	struct cancel cancel;
	/*
	 * Set to true by the host, from any thread, to end hashing, checking out and transfers
	 * early: they fail with ERR_CANCELLED, and no file is left half written. May be NULL.
	 */
	const atomic_bool *stop;
	struct asking ask;
	struct self self;
	int out_fd, err_fd; /* where commands of stages write to; -1: nowhere */
};

#define CTX_INIT ((struct ctx){.out_fd = -1, .err_fd = -1})

/* The fields, with NULL for a context allowed. */
bool ctx_is_stopped(const struct ctx *ctx);
int ctx_out_fd(const struct ctx *ctx);
int ctx_err_fd(const struct ctx *ctx);
const char *ctx_own_program(const struct ctx *ctx); /* self.path, or its default */

/* Ask for a secret; NULL: no answer. The caller frees it. */
char *ctx_ask_secret(const struct ctx *ctx, const char *prompt);
/* Lend the terminal to another program. ctx_ask_end() only after ctx_ask_begin() was true. */
bool ctx_ask_begin(const struct ctx *ctx);
void ctx_ask_end(const struct ctx *ctx);

void cancel_begin(const struct ctx *ctx);
void cancel_end(const struct ctx *ctx);
int cancel_poll(const struct ctx *ctx, struct pollfd *fds, size_t count, int timeout_ms);
int cancel_interrupts(const struct ctx *ctx);
void cancel_transfer(const struct ctx *ctx, bool on);
int cancel_end_asked(const struct ctx *ctx);
void cancel_restore_in_child(const struct ctx *ctx);

#endif

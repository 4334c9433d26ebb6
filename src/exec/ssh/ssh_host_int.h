/* What the files of the other side share: its state, and the directories of a job. */
#ifndef EXEC_SSH_SSH_HOST_INT_H
#define EXEC_SSH_SSH_HOST_INT_H

#include "base/lockfile.h"
#include "exec/ssh/ssh_host.h"
#include "exec/ssh/ssh_wire.h"
#include "store/cache.h"

struct host {
	const struct ctx *ctx;
	int in;
	struct buf input;
	char *root;         /* of the repository's directory; NULL: no hello yet */
	char *repo;         /* root/repo */
	struct cache cache; /* root/cache */
	int64_t turn;       /* of this connection: later ones have higher numbers */
};

/* A job's name is a word that cairn makes; anything else could leave its directory. */
bool host_is_job_name(const char *name);

struct host_place {
	char *dir;     /* of the job */
	char *attempt; /* dir/try-<K> */
	char *trees;   /* dir/tree-<K> */
};
void host_place_init(const struct host *h, const char *job, int try, struct host_place *out);
/* From the fields "job" and "try". Fails: ERR_USAGE. */
int host_place_read(
	const struct host *h, const struct wire *w, struct host_place *out, struct err *err);
void host_place_release(struct host_place *p);
/*
 * Before a question changes the directory of a job. A connection may be dead and its last question
 * still be answered, or even arrive, when the head that comes next asks: the questions about a job
 * are answered one after the other, and those of an earlier connection no longer once a later one
 * has prepared the job (`begins`). Release the lock when the question is answered. Fails:
 * ERR_BROKEN: this connection is too late; ERR_IO.
 */
int host_take_job(const struct host *h, const struct host_place *p, bool begins,
	struct lockfile *out, struct err *err);
/* Set h->turn, and hold the lock of the directory h->root, which is made. Fails: ERR_IO. */
int host_take_turn(struct host *h, struct lockfile *out, struct err *err);
/* The root of the work tree, NULL: there is none. Heap string. */
char *host_tree_root(const struct host_place *p);

/* Remove the work trees in a directory "tree-<K>", and what Git notes about them. */
int host_remove_trees(const struct host *h, const char *trees, struct err *err);

/* Is the next question there, or does it come within `wait_ms`? */
bool host_has_question(struct host *h, int wait_ms);

/* ssh_host_jobs.c */
int host_start(struct host *h, const struct wire *w, struct wire *out, struct err *err);
int host_poll(struct host *h, const struct wire *w, struct wire *out, struct err *err);
bool host_job_runs(const struct host *h, const char *job);
/* End what runs, and remove the directory and the refs. Best effort: a later hello removes what is
 * left. */
void host_remove_job(const struct host *h, const char *job);

/* ssh_host_trees.c */
int host_prepare(struct host *h, const struct wire *w, struct wire *out, struct err *err);
int host_outputs(struct host *h, const struct wire *w, struct wire *out, struct err *err);

#endif

/* What the files of the ssh executor share: hosts with their slots, and jobs. */
#ifndef EXEC_SSH_SSH_INT_H
#define EXEC_SSH_SSH_INT_H

#include "base/holdfile.h"
#include "data/data.h"
#include "exec/profile.h"
#include "exec/ssh/ssh.h"
#include "exec/ssh/ssh_link.h"
#include "exec/tempdir.h"
#include "store/remote.h"

/* A host. */
struct ssh_place {
	struct ssh_link *link;
	char *host;
	int slots;            /* 0: not in the profile any more; it has jobs of an earlier time */
	struct remote *store; /* its cache; NULL: not opened yet */
};

struct ssh_site {
	struct executor base;
	struct repo *repo;
	struct profile *profile;
	char *repository; /* the name of this repository on the hosts */
	bool sweeps;      /* our records tell all jobs that this repository has there */
	VEC(struct ssh_place *) places;
	VEC(struct executor_job *) jobs;
};

enum ssh_step {
	SSH_NEW,      /* without a place */
	SSH_PREPARED, /* its work tree is there */
	SSH_STARTED,
	SSH_ENDED,
	SSH_DONE, /* the end was reported */
};

struct executor_job {
	struct ssh_site *site;
	struct executor_spec spec;
	struct tempdir_spec tempdir; /* a copy; `spec.tempdir` points to it */
	char *key;                   /* that of the spec, or a random one */
	char *job;                   /* its name on the host */
	char *dir;                   /* of its record here (exec/jobs_dir.h) */
	struct holdfile held;        /* in it: a process waits for the job */
	int try;
	struct ssh_place *place; /* NULL: none yet */
	struct holdfile slot;
	enum ssh_step step;
	struct scm *scm; /* of a stage: the user's repository; owned */

	struct strlist lines, words; /* as given to start() */
	bool given;                  /* start() was called */
	bool is_ours;      /* an earlier process has begun it: the host may have some of it */
	bool is_uncertain; /* and has not said yet whether it was started */
	bool is_lost;      /* what it made cannot be stored: a broken link in an output */
	bool is_kept;      /* its results are there, and could not be brought */

	char *known; /* its state, as the host said last */
	struct ssh_log {
		struct buf bytes; /* received */
		size_t given;     /* of these to log() */
	} out, err_out;
	int64_t out_at, err_at;     /* offsets of what was received */
	int64_t out_left, err_left; /* bytes that the host still has */
	struct strlist signals;     /* to be sent with the next question */
	size_t signals_sent;        /* with the question on its way */
	bool killed;                /* SIGKILL was sent */
	bool told;                  /* that the host cannot be reached */
	struct process_result result;
	const char *end; /* what ended it, in a word, if not the command itself; NULL: nothing */
	struct cache_lock cache_lock; /* from collect until the refs are written */
};

/* Output that log() has not given yet. */
static inline size_t ssh_log_left(const struct ssh_log *l)
{
	return l->bytes.len - l->given;
}

/* ssh_record.c */
char *ssh_repository_name(const struct repo *repo, bool *out_is_main);
void ssh_job_name(struct executor_job *job); /* sets key, job, dir */
/* Note where the job is, and that this process waits for it. Fails: ERR_LOCKED, ERR_IO. */
int ssh_record_write(struct executor_job *job, struct err *err);
/* False: there is none, or it cannot be read. */
bool ssh_record_read(const char *dir, struct wire *out);
bool ssh_record_is_held(const char *dir);
void ssh_record_remove(const char *dir);
/* Show it to those who list jobs (exec/left.h). Best effort. */
void ssh_record_started(const struct executor_job *job);
/* Call for each record; `name` NULL: of all jobs. */
void ssh_records_each(const struct ssh_site *site, const char *name,
	void (*fn)(void *arg, const char *dir, const struct wire *record), void *arg);
/* Names of all jobs that this repository has at hosts: of all its work trees, and by whatever
 * executor, since several may name the same host. `site`: a struct ssh_site. */
void ssh_jobs_in_use(void *site, struct strlist *out);

/* ssh_places.c */
struct ssh_place *ssh_place_add(struct ssh_site *site, const char *host, int slots);
/* The host of that name; one that the profile does not name any more gets no new jobs. */
struct ssh_place *ssh_place_named(struct ssh_site *site, const char *host);
/* For a new job; NULL: all slots are in use. */
struct ssh_place *ssh_place_choose(struct ssh_site *site);
bool ssh_place_take_slot(struct executor_job *job, struct ssh_place *p);

/* ssh_turn.c: take an answer of the host and ask the next question. Does not wait. */
void ssh_turn(struct ssh_site *site, struct ssh_place *p);
/* A question about a job: its fields "do", "job" and "try". */
void ssh_question(const struct executor_job *job, const char *what, struct wire *out);
/* Tell the user: of an experiment in its log, of a stage where the run is shown. */
void ssh_say(const struct executor_job *job, const char *line);
/* Ask the job's host and wait for the answer (ssh_link_call()). */
int ssh_ask(
	struct executor_job *job, const struct wire *question, struct wire *out, struct err *err);
/* The cache of the host as a remote. Borrowed. */
int ssh_store(struct ssh_place *p, struct ssh_site *site, struct remote **out, struct err *err);
/* Say which object could not be moved; the first of them. Returns ERR_CORRUPT when a host does not
 * have what it named, else ERR_FAIL. */
int ssh_store_failed(const struct remote *store, const struct remote_result *result, bool is_push,
	struct err *err);
/* Where git finds the host's repository; `out->root` is the work tree of `scm`. */
struct remote_git;
void ssh_git(const struct executor_job *job, struct scm *scm, struct remote_git *out);
struct scm *ssh_scm(const struct executor_job *job);

/* ssh_ship.c: send all that the job needs and have its work tree made. Returns 1
 * when it was started there before. Blocks. */
int ssh_ship(struct executor_job *job, struct err *err);
/* ssh_bring.c: fetch what it made. Blocks. */
int ssh_bring(struct executor_job *job, struct err *err);

#endif

/* Jobs on a host: starts each in a session of its own, tells what became of them, and ends them. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/procid.h"
#include "base/str.h"
#include "exec/attempt.h"
#include "exec/detach.h"
#include "exec/ssh/ssh_host_int.h"
#include "scm/ref.h"

/* ---- starting ---- */

/* In a session of its own: neither the end of the connection nor that of this process reaches it.
 */
static int spawn(const struct host *h, char *attempt, struct err *err)
{
	AUTO(mem_freep) char *log = path_join(attempt, "runner");
	AUTO(close_fd) int out = file_open_log(log, true, err);
	char *const words[] = {
		(char *)"cairn", (char *)"executor", (char *)"run-job", attempt, (char *)"-", NULL};

	return out < 0 ? out : detach(h->ctx, words, h->root, out, "a job", err);
}

/* DVC_ROOT is the root of the project in the work tree here. */
static void read_job(const struct wire *w, const char *root, struct attempt_job *out)
{
	const char *name = wire_get(w, "name"), *dir = wire_get(w, "dir");
	const char *project = wire_get(w, "project");
	AUTO(mem_freep) char *project_root = path_join(root, project ? project : "");

	*out = (struct attempt_job){.name = mem_strdup(name ? name : "job"),
		.key = mem_strdup(""),
		.dir = path_join(root, dir ? dir : ""),
		.once = true,
		.merge = wire_int(w, "merge", 0) != 0,
		.show = wire_int(w, "show", 0) != 0,
		.beat_s = MAX(wire_int(w, "beat", 30), (int64_t)1)};
	VEC_EACH (&w->fields, f) {
		if (str_eq(f->word, "line"))
			strlist_add(&out->lines, f->bytes);
		else if (str_eq(f->word, "word"))
			strlist_add(&out->words, f->bytes);
		else if (str_eq(f->word, "env"))
			strlist_add(&out->environ, f->bytes);
	}
	strlist_addf(&out->environ, "DVC_ROOT=%s", project_root);
}

int host_start(struct host *h, const struct wire *w, struct wire *out, struct err *err)
{
	AUTO(host_place_release) struct host_place p = {0};
	AUTO(attempt_job_release) struct attempt_job job = {0};
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	int r = host_place_read(h, w, &p, err);

	(void)out;
	if (r == 0)
		r = host_take_job(h, &p, false, &lock, err);
	if (r < 0)
		return r;
	AUTO(mem_freep) char *root = host_tree_root(&p);

	if (!root)
		return err_set(err, ERR_NOT_FOUND, "there is no work tree of the job");
	read_job(w, root, &job);
	r = attempt_make(p.attempt, &job, &why);
	if (r < 0 && r != ERR_EXISTS)
		return err_move(err, &why);
	/* made before: by a question that was broken off, perhaps before the process existed */
	if (r == ERR_EXISTS)
		attempt_read_claim(p.attempt, &claim);
	return claim.life ? 0 : spawn(h, p.attempt, err);
}

/* ---- what became of it ---- */

/* Made when SIGKILL is sent: a job whose process is gone then was not lost. */
static char *killed_path(const char *attempt)
{
	return path_join(attempt, "killed");
}

/* Made when a head sends any other signal: only then its end by a signal is the end of the job. */
static char *signalled_path(const char *attempt)
{
	return path_join(attempt, "signalled");
}

struct state {
	const char *word;
	struct attempt_end end; /* "ended" */
};

/* Does the process that has claimed it still run? Only the machine that it runs on knows. A claim
 * that cannot be read was written shortly before the machine lost its power. */
static bool is_gone(const struct attempt_claim *claim)
{
	char host[65] = "";

	if (!claim->host)
		return true;
	(void)gethostname(host, sizeof(host) - 1);
	return str_eq(claim->host, host) && claim->process && procid_find(claim->process) == 0;
}

/* Nobody has claimed it. The process that should was started when job.json was made. */
static const char *unclaimed(const char *attempt)
{
	enum { PATIENCE_S = 60 };
	AUTO(mem_freep) char *file = path_join(attempt, "job.json");
	struct stat st;

	if (stat(file, &st) < 0)
		return "none";
	if (time(NULL) < st.st_mtime + PATIENCE_S)
		return "waits";
	return attempt_revoke(attempt, NULL) == 1 ? "lost" : "waits";
}

/*
 * `*out_lost`: this host has asked it to end, and no head: it is shutting down, or ends the
 * processes of a user who has logged out. An end that cannot be read is none: then it counts
 * whether the process is gone.
 */
static bool has_ended(const char *attempt, int life, struct attempt_end *out, bool *out_lost)
{
	AUTO(mem_freep) char *signalled = signalled_path(attempt);
	AUTO(mem_freep) char *killed = killed_path(attempt);
	int r = attempt_read_end(attempt, out, NULL);

	if (r != 0 || !life)
		return r == 1;
	r = attempt_read_interrupted(attempt, life, out, NULL);
	*out_lost = r == 1 && !file_exists(signalled) && !file_exists(killed);
	return r == 1;
}

static void look(const char *attempt, struct state *out)
{
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	bool lost = false;

	attempt_read_claim(attempt, &claim);
	bool ended = has_ended(attempt, claim.life, &out->end, &lost);

	if (!ended && claim.life && !claim.revoked && is_gone(&claim)) {
		/* it may have written its end since */
		ended = has_ended(attempt, claim.life, &out->end, &lost);
		AUTO(mem_freep) char *killed = killed_path(attempt);

		out->word = file_exists(killed) ? "revoked" : "lost";
	} else {
		out->word = !claim.life ? unclaimed(attempt) : claim.revoked ? "revoked" : "runs";
	}
	if (ended)
		out->word = lost ? "lost" : "ended";
}

/* Append output from an offset to the answer. */
static void add_log(const char *attempt, const char *name, int64_t from, int64_t most,
	struct wire *out, int64_t *out_left)
{
	AUTO(mem_freep) char *path = path_join(attempt, name);
	AUTO(mem_freep) char *size_word = mem_printf("%s-left", name);
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	struct stat st;
	AUTO(close_fd) int fd = file_open(AT_FDCWD, path, &st, NULL);
	int64_t size = fd >= 0 ? (int64_t)st.st_size : 0;
	int64_t count = MAX(MIN(size - from, most), (int64_t)0);

	if (count > 0) {
		buf_reserve(&bytes, (size_t)count);
		ssize_t n = pread(fd, bytes.ptr, (size_t)count, (off_t)from);

		bytes.len = n > 0 ? (size_t)n : 0;
	}
	wire_add(out, name, buf_str(&bytes), bytes.len);
	*out_left = MAX(size - from - (int64_t)bytes.len, (int64_t)0);
	wire_addi(out, size_word, *out_left);
}

static void add_end(struct wire *out, const struct attempt_end *end)
{
	AUTO(mem_freep) char *wall = mem_printf("%.6f", end->result.wall_s);
	AUTO(mem_freep) char *cpu = mem_printf("%.6f", end->result.cpu_s);

	wire_addi(out, "status", end->result.status);
	wire_adds(out, "wall", wall);
	wire_adds(out, "cpu", cpu);
	wire_addi(out, "peak", end->result.peak_kib);
	wire_addi(out, "failed", (int64_t)end->result.failed);
}

/* ---- signals ---- */

/* SIGKILL reaches the process that watches the commands as well, since it could not hand it on. */
static void send_signal(const char *attempt, int number)
{
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	AUTO(attempt_end_release) struct attempt_end end = {0};

	if (number == SIGKILL && attempt_revoke(attempt, NULL) == 1)
		return;
	attempt_read_claim(attempt, &claim);
	if (claim.revoked || !claim.process || attempt_read_end(attempt, &end, NULL) != 0)
		return;
	pid_t pid = procid_find(claim.process);

	if (pid <= 0)
		return;
	AUTO(mem_freep)
	char *note = number == SIGKILL ? killed_path(attempt) : signalled_path(attempt);

	(void)file_write(note, "", 0, 0, NULL);
	if (number == SIGKILL)
		process_signal(&(struct process){.pid = pid, .exit_fd = -1}, number);
	else
		(void)kill(pid, number);
}

/* ---- poll ---- */

/* A job in the question: its fields begin with "job". */
struct asked {
	struct host_place place;
	const char *job, *known; /* the state that the head knows */
	int64_t out_at, err_at, most;
};
VEC_TYPE(asked_list, struct asked);

static void asked_release(struct asked_list *l)
{
	VEC_EACH (l, a)
		host_place_release(&a->place);
	vec_release(l);
}

static int read_asked(
	const struct host *h, const struct wire *w, struct asked_list *out, struct err *err)
{
	size_t at = 0;

	while (at < w->fields.count) {
		size_t end = at + 1;

		if (!str_eq(w->fields.items[at].word, "job")) {
			at++;
			continue;
		}
		while (end < w->fields.count && !str_eq(w->fields.items[end].word, "job"))
			end++;
		/* the same fields, as a message of their own */
		struct wire one = {0};

		one.fields.items = w->fields.items + at;
		one.fields.count = end - at;
		struct asked a = {.job = wire_get(&one, "job"),
			.known = wire_get(&one, "known"),
			.out_at = MAX(wire_int(&one, "out", 0), (int64_t)0),
			.err_at = MAX(wire_int(&one, "err", 0), (int64_t)0),
			.most = MAX(MIN(wire_int(&one, "most", 0), (int64_t)8 << 20), (int64_t)0)};
		int r = host_place_read(h, &one, &a.place, err);

		if (r < 0)
			return r;
		*vec_push(out) = a;
		for (size_t i = at; i < end; i++)
			if (str_eq(w->fields.items[i].word, "signal"))
				send_signal(a.place.attempt,
					(int)strtol(w->fields.items[i].bytes, NULL, 10));
		at = end;
	}
	return 0;
}

/* Append what is known about a job. Is that news for the head? */
static bool add_job(const struct asked *a, struct wire *out)
{
	struct state s = {0};
	int64_t out_left = 0, err_left = 0;
	size_t first = out->fields.count;
	/* the state first: a log that is read after the end is complete */
	look(a->place.attempt, &s);
	wire_adds(out, "job", a->job);
	wire_adds(out, "state", s.word);
	wire_addi(out, "beating", attempt_read_beat(a->place.attempt));
	if (str_eq(s.word, "ended"))
		add_end(out, &s.end);
	attempt_end_release(&s.end);
	add_log(a->place.attempt, "out", a->out_at, a->most, out, &out_left);
	add_log(a->place.attempt, "err", a->err_at, a->most, out, &err_left);

	bool news = !str_eq(s.word, a->known);

	for (size_t i = first; i < out->fields.count; i++)
		news |= (str_eq(out->fields.items[i].word, "out") ||
				str_eq(out->fields.items[i].word, "err")) &&
			out->fields.items[i].len > 0;
	return news;
}

int host_poll(struct host *h, const struct wire *w, struct wire *out, struct err *err)
{
	enum { LOOK_MS = 25, MOST_WAIT_MS = 10000 };
	AUTO(asked_release) struct asked_list asked = {0};
	int64_t wait_ms = MAX(MIN(wire_int(w, "wait", 0), (int64_t)MOST_WAIT_MS), (int64_t)0);
	int r = read_asked(h, w, &asked, err);

	for (int64_t waited = 0; r == 0; waited += LOOK_MS) {
		AUTO(wire_release) struct wire now = WIRE_INIT;
		bool news = false;

		VEC_EACH (&asked, a)
			news |= add_job(a, &now);
		if (news || waited >= wait_ms || host_has_question(h, LOOK_MS)) {
			*out = TAKE(now);
			return 0;
		}
	}
	return r;
}

/* ---- the end of a job's directory ---- */

/* Call for each attempt of a job; until the function says true. */
static bool any_attempt(const char *dir, bool (*is)(const char *attempt))
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;

	if (file_list(dir, &names, NULL) < 0)
		return false;
	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem_freep) char *path = path_join(dir, names.items[i]);

		if (str_starts(names.items[i], "try-") && is(path))
			return true;
	}
	return false;
}

static bool attempt_runs(const char *attempt)
{
	struct state s = {0};

	look(attempt, &s);
	attempt_end_release(&s.end);
	return str_eq(s.word, "runs") || str_eq(s.word, "waits");
}

static bool kill_attempt(const char *attempt)
{
	send_signal(attempt, SIGKILL);
	return false;
}

bool host_job_runs(const struct host *h, const char *job)
{
	AUTO(host_place_release) struct host_place p = {0};

	host_place_init(h, job, 1, &p);
	return any_attempt(p.dir, attempt_runs);
}

static int remove_ref(void *scm, const char *name, const struct scm_id *id, struct err *err)
{
	(void)id;
	return scm_ref_delete(scm, name, err);
}

/* What each head has pushed for it. */
static void remove_refs(const struct host *h, const char *job)
{
	AUTO(mem_freep) char *prefix = mem_printf("refs/cairn/%s/", job);
	struct scm *scm = NULL;

	if (scm_open(&scm, h->repo, NULL) == 0)
		(void)scm_refs_each(scm, prefix, remove_ref, scm, NULL);
	scm_free(scm);
}

void host_remove_job(const struct host *h, const char *job)
{
	AUTO(host_place_release) struct host_place p = {0};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;

	host_place_init(h, job, 1, &p);
	(void)any_attempt(p.dir, kill_attempt);
	if (file_list(p.dir, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem_freep) char *path = path_join(p.dir, names.items[i]);

		if (str_starts(names.items[i], "tree-"))
			(void)host_remove_trees(h, path, NULL);
	}
	remove_refs(h, job);
	(void)file_remove(p.dir, NULL);
}

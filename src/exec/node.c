/* Runs an attempt on the machine where its commands belong: one life of it, from its claim to its
 * end. It takes no lock and opens no repository. */
#include "exec/node.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/path.h"
#include "base/procid.h"
#include "exec/attempt.h"

enum { LOOK_MS = 1000, SILENT_BEATS = 3 };

struct life {
	const struct ctx *ctx;
	const char *path; /* of the attempt */
	struct attempt_claim claim;
	struct attempt_job job;
	int out_fd, err_fd;
	int64_t beat;
	double next_beat_s; /* on the clock of process_clock_s() */
	int asked;          /* signal that asked us to end; 0: none */
	int interrupts;
	int told;  /* the last signal in the attempt's file */
	bool lost; /* our claim does not count any more */
};

static void life_release(struct life *l)
{
	attempt_job_release(&l->job);
	attempt_claim_release(&l->claim);
	if (l->err_fd != l->out_fd)
		close_fd(&l->err_fd);
	close_fd(&l->out_fd);
}

static int shell_status(int status)
{
	return status < 0 ? 128 - status : status;
}

/* ---- claiming ---- */

/* Wait for the end of the life that holds the claim, or for its silence. Returns 1: it has ended,
 * as
 * `*out` says; 0: the next life may begin. Fails: ERR_CANCELLED when we were asked to end. */
static int wait_for_other(struct life *l, int number, struct attempt_end *out, struct err *err)
{
	int64_t last = attempt_read_beat(l->path);
	double heard_s = process_clock_s();

	for (;;) {
		int r = attempt_read_end(l->path, out, err);
		if (r != 0)
			return r;
		AUTO(attempt_end_release) struct attempt_end interrupted = {0};
		if (attempt_read_interrupted(l->path, number, &interrupted, NULL) == 1)
			return 0;
		int64_t beat = attempt_read_beat(l->path);
		if (beat != last) {
			last = beat;
			heard_s = process_clock_s();
		}
		if (process_clock_s() - heard_s > (double)(SILENT_BEATS * l->job.beat_s))
			return 0;
		(void)cancel_poll(l->ctx, NULL, 0, LOOK_MS);
		if (cancel_end_asked(l->ctx) || cancel_interrupts(l->ctx))
			return err_set(err, ERR_CANCELLED, "interrupted while '%s' runs elsewhere",
				l->job.name);
	}
}

/* Returns 0: it is ours; 1: another life has ended, as `*out` says. */
static int claim_or_wait(struct life *l, struct attempt_end *out, struct err *err)
{
	for (;;) {
		AUTO(attempt_claim_release) struct attempt_claim other = {0};
		AUTO(err_release) struct err why = ERR_INIT;
		int r = attempt_read_end(l->path, out, err);
		if (r != 0)
			return r;
		attempt_read_claim(l->path, &other);
		if (other.revoked)
			return err_set(err, ERR_CANCELLED, "'%s' was cancelled", l->job.name);
		if (other.life && l->job.once)
			return err_set(err, ERR_EXISTS, "'%s' was started before", l->job.name);
		r = other.life ? wait_for_other(l, other.life, out, err) : 0;
		if (r != 0)
			return r;
		l->claim.life = other.life + 1;
		r = attempt_claim(l->path, &l->claim, &why);
		if (r != ERR_EXISTS)
			return r < 0 ? err_move(err, &why) : 0;
	}
}

/* ---- the commands ---- */

static int open_output(struct life *l, const char *name, int *out_fd, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(l->path, name);
	*out_fd = file_open_log(path, true, err);
	return MIN(*out_fd, 0);
}

/* Show that we live; and see whether somebody has concluded that we do not. */
static void beat(struct life *l)
{
	if (process_clock_s() < l->next_beat_s)
		return;
	l->lost = !attempt_is_ours(l->path, &l->claim);
	if (l->lost)
		return; /* what is there is not ours to change */
	(void)attempt_write_beat(l->path, ++l->beat, NULL); /* a full disk must not end the job */
	l->next_beat_s = process_clock_s() + (double)l->job.beat_s;
}

/* A scheduler asks by SIGTERM before the limit of time, or when it wants the node back; the user by
 * SIGINT. */
static void hand_on_signals(struct life *l, struct process *p)
{
	int asked = cancel_end_asked(l->ctx), interrupts = cancel_interrupts(l->ctx);
	if (asked && !l->asked) {
		l->asked = asked;
		process_signal(p, SIGTERM);
	}
	if (interrupts > l->interrupts) {
		l->asked = l->asked ? l->asked : SIGINT;
		process_signal(p, interrupts > 1 ? SIGKILL : SIGINT);
	}
	l->interrupts = interrupts;
	int told = attempt_read_signal(l->path);
	if (told != l->told && told) {
		l->asked = l->asked ? l->asked : told;
		process_signal(p, told);
	}
	l->told = told;
	if (l->lost)
		process_signal(p, SIGKILL);
}

static void wait_for_end(struct life *l, struct process *p, struct process_result *out)
{
	while (!process_reap(p, out)) {
		struct pollfd ended = {.fd = p->exit_fd, .events = POLLIN};
		enum { WITHOUT_FD_MS = 50 };
		beat(l);
		hand_on_signals(l, p);
		(void)cancel_poll(
			l->ctx, &ended, p->exit_fd >= 0, p->exit_fd >= 0 ? LOOK_MS : WITHOUT_FD_MS);
	}
}

/*
 * A scheduler sends SIGTERM to all processes of a job, so that the command may have ended before we
 * have seen ours. It is on its way, if the command was ended by one.
 */
static void hear_late_signal(struct life *l, const struct process_result *result)
{
	enum { BY_TERM_MS = 1000, OTHER_MS = 200, STEP_MS = 50 };
	bool by_term = result->status == -SIGTERM || result->status == 128 + SIGTERM;
	int patience_ms = by_term ? BY_TERM_MS : OTHER_MS;
	for (int ms = 0; ms < patience_ms && !cancel_end_asked(l->ctx); ms += STEP_MS)
		(void)cancel_poll(l->ctx, NULL, 0, STEP_MS);
	if (!l->asked)
		l->asked = cancel_end_asked(l->ctx);
}

/* The working directory: relative to the attempt, or absolute. Heap string. */
static char *work_dir(const struct life *l)
{
	return *l->job.dir == '/' ? mem_strdup(l->job.dir) : path_join(l->path, l->job.dir);
}

static int run_one(struct life *l, const struct process_command *command,
	struct process_result *out, struct err *err)
{
	AUTO(mem_freep) char *dir = work_dir(l);
	struct process p = PROCESS_INIT;
	int r = process_start(&(struct process_spec){.ctx = l->ctx,
				      .command = *command,
				      .dir = dir,
				      .env = strlist_argv(&l->job.environ),
				      .out_fd = l->out_fd,
				      .err_fd = l->err_fd,
				      .no_input = true,
				      .own_group = true},
		&p, err);
	if (r < 0)
		return r;
	wait_for_end(l, &p, out);
	if (out->status != 0)
		hear_late_signal(l, out);
	return 0;
}

/* As before the first run of a stage. */
static int clean(const struct life *l, struct err *err)
{
	int r = 0;
	for (size_t i = 0; i < l->job.clean.count && r == 0; i++)
		r = file_remove(l->job.clean.items[i], err);
	return r;
}

/* One after the other, until one fails. What cannot be started has failed as in a shell: the reason
 * is in the output, where the user looks. */
static void run_all(struct life *l, struct process_result *total)
{
	size_t count = l->job.words.count ? 1 : l->job.lines.count;
	for (size_t i = 0; i < count && total->status == 0; i++) {
		AUTO(err_release) struct err why = ERR_INIT;
		struct process_result one = {0};
		struct process_command command = {0};
		if (l->job.words.count)
			command.words = strlist_argv(&l->job.words);
		else
			command.line = l->job.lines.items[i];
		if (l->job.show && command.line)
			dprintf(l->out_fd, "> %s\n", command.line);
		if (l->asked) {
			total->status = 128 + l->asked;
		} else if (run_one(l, &command, &one, &why) < 0) {
			dprintf(l->err_fd, "%s\n", err_text(&why));
			total->status = 127;
		} else {
			process_result_add(total, &one);
		}
		total->failed = i;
	}
}

/* Space for the end, should the disk be full then: nothing is worse than an end that nobody hears
 * of. */
static void reserve(const struct life *l)
{
	enum { BYTES = 64 << 10 };
	AUTO(mem_freep) char *path = path_join(l->path, "reserve");
	AUTO(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)posix_fallocate(fd, 0, BYTES);
}

static void give_reserve(const struct life *l)
{
	AUTO(mem_freep) char *path = path_join(l->path, "reserve");
	(void)unlink(path);
}

static char *host_name(void)
{
	char host[65] = "";
	(void)gethostname(host, sizeof(host) - 1);
	return mem_strdup(host);
}

int node_run(const struct ctx *ctx, const char *attempt, const char *job_id, const char *node,
	struct err *err)
{
	AUTO(life_release) struct life l = {
		.ctx = ctx, .path = attempt, .out_fd = -1, .err_fd = -1};
	AUTO(attempt_end_release) struct attempt_end end = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	int r = attempt_read_job(attempt, &l.job, err);
	if (r < 0)
		return r;

	AUTO(buf_release) struct buf process = BUF_INIT;
	(void)procid_format(getpid(), &process);
	l.claim.host = node && *node ? mem_strdup(node) : host_name();
	l.claim.job_id = job_id ? mem_strdup(job_id) : NULL;
	l.claim.process = process.len ? mem_strdup(buf_str(&process)) : NULL;
	strlist_addf(&l.job.environ, "CAIRN_JOB=%s", l.job.name);
	r = claim_or_wait(&l, &end, err);
	if (r != 0)
		return r < 0 ? r : shell_status(end.result.status);
	beat(&l);
	reserve(&l);
	r = open_output(&l, "out", &l.out_fd, err);
	if (r == 0 && l.job.merge)
		l.err_fd = l.out_fd;
	else if (r == 0)
		r = open_output(&l, "err", &l.err_fd, err);
	if (r == 0 && (l.job.again || l.claim.life > 1))
		r = clean(&l, err);
	if (r == 0)
		run_all(&l, &end.result);
	if (r < 0)
		return r;
	/* since the last beat another life may have begun, which writes the same outputs */
	if (l.lost || !attempt_is_ours(attempt, &l.claim))
		return err_set(err, ERR_CANCELLED, "'%s' was started elsewhere", l.job.name);

	end.host = mem_strdup(l.claim.host);
	end.signal = l.asked;
	give_reserve(&l);
	r = attempt_write_end(attempt, l.claim.life, &end, &why);
	if (r < 0 && r != ERR_EXISTS)
		return err_move(err, &why);
	return shell_status(end.result.status);
}

/* The driver: steps of a job from its place on a host to its end. */
#include "exec/ssh/ssh.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "exec/jobs_dir.h"
#include "exec/left.h"
#include "exec/ssh/ssh_int.h"
#include "scm/expref.h"

enum { LOG_ONCE = 32 << 10, ASK_EVERY_MS = 50 };

static struct ssh_site *site_of(struct executor *e)
{
	return (struct ssh_site *)e;
}

/* ---- steps of a job ---- */

/* Find a host and a slot for a new job. Returns 0 when all are in use. */
static int take_place(struct executor_job *job, struct err *err)
{
	struct ssh_place *p = ssh_place_choose(job->site);

	if (!p || !ssh_place_take_slot(job, p))
		return 0;
	job->place = p;
	int r = ssh_record_write(job, err);

	return r < 0 ? r : 1;
}

/* May the same succeed in a moment? git says so in words only. */
static bool is_passing(int code, const struct err *why)
{
	return code == ERR_BROKEN || code == ERR_BUSY ||
	       strstr(err_text(why), "Could not read from remote repository");
}

/* Wait until the host answers. */
static int ping(struct executor_job *job, struct err *err)
{
	AUTO(wire_release) struct wire w = WIRE_INIT;
	AUTO(wire_release) struct wire answer = WIRE_INIT;

	wire_adds(&w, "do", "poll");
	return ssh_ask(job, &w, &answer, err);
}

/*
 * Take a step that uses connections of its own, beside the link. When the host was lost meanwhile,
 * it is taken again as soon as the host answers; a connection that was refused (a server takes only
 * so many at a time) is made again a few times.
 */
static int take_step(struct executor_job *job,
	int (*step)(struct executor_job *job, struct err *err), struct err *err)
{
	enum { TRIES = 6, WAIT_MS = 500 };
	struct ssh_link *link = job->place->link;
	const struct ctx *ctx = job->site->repo->ctx;

	for (int i = 1;; i++) {
		AUTO(err_release) struct err why = ERR_INIT;
		unsigned losses = ssh_link_losses(link);
		int r = step(job, &why);

		if (r >= 0 || r == ERR_CANCELLED)
			return r < 0 ? err_move(err, &why) : r;
		/* git may see the end of a connection before the link does */
		int answers = ping(job, err);

		if (answers < 0)
			return answers;
		if (ssh_link_losses(link) == losses && (!is_passing(r, &why) || i == TRIES))
			return err_move(err, &why);
		log_debug(
			ctx, "executor '%s': %s; once more", job->site->base.name, err_text(&why));
		(void)cancel_poll(ctx, NULL, 0, WAIT_MS * MIN(i, TRIES));
		if (cancel_interrupts(ctx) || cancel_end_asked(ctx) || ctx_is_stopped(ctx))
			return err_set(err, ERR_CANCELLED, "interrupted by the user");
	}
}

static int prepare_there(struct executor_job *job, struct err *err)
{
	int r = take_step(job, ssh_ship, err);

	if (r < 0)
		return err_wrap(err, r, "unable to prepare '%s' on host '%s'", job->spec.name,
			job->place->host);
	const char *remark = ssh_link_remark(job->place->link);

	if (remark)
		ssh_say(job, remark);
	job->step = r == 1 ? SSH_STARTED : SSH_PREPARED;
	return 0;
}

/* What describes this machine and this login, and means something else there. */
static bool is_of_here(const char *entry)
{
	static const char *const names[] = {"PATH=", "HOME=", "SHELL=", "USER=", "LOGNAME=", "PWD=",
		"OLDPWD=", "SHLVL=", "_=", "TMPDIR=", "MAIL=", "TERM=", "DISPLAY=", "HOSTNAME=",
		"SSH_", "XDG_", "DBUS_", "LD_", "GIT_", "CAIRN_", "DVC_", "SLURM_"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_starts(entry, names[i]))
			return true;
	return false;
}

/* A variable that the profile hands on. */
static void add_variable(struct wire *w, const char *name)
{
	const char *value = getenv(name);

	if (value) {
		AUTO(mem_freep) char *text = mem_printf("%s=%s", name, value);

		wire_adds(w, "env", text);
	}
}

static void add_environment(const struct executor_job *job, struct wire *w)
{
	static const char *const of_git[] = {"GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL",
		"GIT_AUTHOR_DATE", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL",
		"GIT_COMMITTER_DATE"};
	const struct profile *p = job->site->profile;

	bool all = strlist_has(&p->env, "*");

	for (char *const *e = environ; all && *e; e++)
		if (!is_of_here(*e))
			wire_adds(w, "env", *e);
	for (size_t i = 0; i < p->env.count; i++)
		add_variable(w, p->env.items[i]);
	if (job->spec.tempdir) {
		struct scm *scm = job->tempdir.scm;
		AUTO(mem_freep) char *name = scm_config(scm, "user.name");
		AUTO(mem_freep) char *mail = scm_config(scm, "user.email");
		static const char *const roles[] = {"AUTHOR", "COMMITTER"};

		/* as if committed here: who the user is, the configuration here says */
		for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
			AUTO(mem_freep)
			char *n = mem_printf("GIT_%s_NAME=%s", roles[i], name ? name : "");
			AUTO(mem_freep)
			char *m = mem_printf("GIT_%s_EMAIL=%s", roles[i], mail ? mail : "");

			if (name)
				wire_adds(w, "env", n);
			if (mail)
				wire_adds(w, "env", m);
		}
		for (size_t i = 0; i < ARRAY_SIZE(of_git); i++)
			add_variable(w, of_git[i]);
	}
	/* DVC_ROOT names a directory of this machine; the host sets its own */
	for (char *const *e = job->spec.env; e && *e; e++)
		if (!str_starts(*e, "DVC_ROOT="))
			wire_adds(w, "env", *e);
}

static int start_there(struct executor_job *job, struct err *err)
{
	AUTO(wire_release) struct wire w = WIRE_INIT;
	AUTO(wire_release) struct wire out = WIRE_INIT;
	const struct executor_spec *spec = &job->spec;
	struct scm *scm = ssh_scm(job);
	AUTO(mem_freep) char *project = path_relative(job->site->repo->root, scm_root(scm));
	AUTO(mem_freep)
	char *dir = spec->tempdir ? mem_strdup(spec->dir) : path_relative(spec->dir, scm_root(scm));

	ssh_question(job, "start", &w);
	wire_adds(&w, "name", spec->name);
	wire_adds(&w, "dir", dir);
	wire_adds(&w, "project", project);
	wire_addi(&w, "merge", spec->out_fd == spec->err_fd);
	wire_addi(&w, "show", spec->show);
	wire_addi(&w, "beat", job->site->profile->beat_s);
	for (size_t i = 0; i < job->lines.count; i++)
		wire_adds(&w, "line", job->lines.items[i]);
	for (size_t i = 0; i < job->words.count; i++)
		wire_adds(&w, "word", job->words.items[i]);
	add_environment(job, &w);
	int r = ssh_ask(job, &w, &out, err);

	if (r < 0)
		return r;
	job->step = SSH_STARTED;
	ssh_record_started(job);
	return 0;
}

/* Take the steps that are possible now. */
static int advance(struct executor_job *job, struct err *err)
{
	int r = 0;

	if (job->killed && job->step < SSH_STARTED) {
		job->result.status = -SIGKILL;
		job->step = SSH_ENDED;
		return 0;
	}
	if (job->step == SSH_NEW && !job->place) {
		r = take_place(job, err);
		if (r <= 0)
			return r;
	}
	r = job->step == SSH_NEW ? prepare_there(job, err) : 0;
	if (r == 0 && job->step == SSH_PREPARED && job->given)
		r = start_there(job, err);
	return r;
}

/* ---- the driver ---- */

static void job_free(struct executor_job *job)
{
	struct ssh_site *site = job->site;

	for (size_t i = 0; i < site->jobs.count; i++)
		if (site->jobs.items[i] == job)
			site->jobs.items[i] = site->jobs.items[--site->jobs.count];
	holdfile_release(&job->slot);
	cache_lock_release(&job->cache_lock);
	scm_free(job->scm);
	strlist_release(&job->lines);
	strlist_release(&job->words);
	strlist_release(&job->signals);
	buf_release(&job->out.bytes);
	buf_release(&job->err_out.bytes);
	holdfile_release(&job->held);
	free(job->job);
	free(job->key);
	free(job->dir);
	free(job->known);
	free(job);
}

/* Remove what the job has at its host. When it cannot be reached now, a later hello does. */
static void forget(struct executor_job *job)
{
	AUTO(wire_release) struct wire w = WIRE_INIT;
	AUTO(wire_release) struct wire out = WIRE_INIT;

	ssh_record_remove(job->dir);
	if (!job->place)
		return;
	ssh_question(job, "forget", &w);
	if (job->spec.tempdir) {
		AUTO(mem_freep)
		char *ref = expref_format(&job->tempdir.baseline, job->spec.name);

		wire_adds(&w, "ref", ref);
	}
	(void)ssh_link_call_now(job->place->link, &w, &out, NULL);
}

static void ssh_free(struct executor_job *job)
{
	/* one that was started and has not ended goes on, and can be taken over */
	if (job->step != SSH_STARTED && !job->is_kept)
		forget(job);
	job_free(job);
}

/* A job that an earlier process has left: its host is known, and nothing runs elsewhere. */
static int adopt(struct executor_job *job, struct err *err)
{
	AUTO(wire_release) struct wire record = WIRE_INIT;

	if (!job->spec.key || !ssh_record_read(job->dir, &record))
		return 0;
	job->place = ssh_place_named(job->site, wire_get(&record, "host"));
	job->try = (int)MAX(MIN(wire_int(&record, "try", 1), (int64_t)9999), (int64_t)1);
	job->is_ours = job->is_uncertain = true;
	(void)ssh_place_take_slot(job, job->place); /* it has one there, whoever counts it */
	int r = ssh_record_write(job, err);

	return r == ERR_LOCKED ? err_set(err, r, "another process waits for '%s' on host '%s'",
					 job->spec.name, job->place->host)
			       : r;
}

/* `wait`: for a host that does not answer. */
static int cancel_one(struct ssh_site *site, const char *dir, bool wait, struct err *err)
{
	enum { PATIENCE_MS = 10000 };
	AUTO(wire_release) struct wire record = WIRE_INIT;
	AUTO(wire_release) struct wire w = WIRE_INIT;
	AUTO(wire_release) struct wire answer = WIRE_INIT;

	if (!ssh_record_read(dir, &record))
		return 0; /* it has ended meanwhile */
	struct ssh_place *p = ssh_place_named(site, wire_get(&record, "host"));
	/* who waits for it takes the result, and removes it */
	bool waited_for = ssh_record_is_held(dir);

	wire_adds(&w, "do", waited_for ? "poll" : "forget");
	wire_adds(&w, "job", wire_get(&record, "job"));
	wire_adds(&w, "try", wire_get(&record, "try"));
	if (waited_for)
		wire_addi(&w, "signal", SIGKILL);
	int r = wait ? ssh_link_call(p->link, &w,
			       &(struct ssh_listener){.patience_ms = PATIENCE_MS}, &answer, err)
		     : ssh_link_call_now(p->link, &w, &answer, err);

	if (r == 0 && !waited_for)
		ssh_record_remove(dir);
	return r;
}

struct others {
	const struct executor_job *job;
	struct strlist dirs;
};

static void note_other(void *arg, const char *dir, const struct wire *record)
{
	struct others *o = arg;

	(void)record;
	if (!str_eq(dir, o->job->dir) && !ssh_record_is_held(dir))
		strlist_add(&o->dirs, dir);
}

/* Jobs of the same name that would do something else, and for which nobody waits: nobody ever will.
 * Best effort. */
static void end_others(const struct executor_job *job)
{
	struct others o = {.job = job};

	ssh_records_each(job->site, job->spec.name, note_other, &o);
	for (size_t i = 0; i < o.dirs.count; i++)
		(void)cancel_one(job->site, o.dirs.items[i], false, NULL);
	strlist_release(&o.dirs);
}

static int ssh_prepare(struct executor *e, const struct executor_spec *spec,
	struct executor_job **out, struct err *err)
{
	struct ssh_site *site = site_of(e);
	struct executor_job *job = NEW(struct executor_job);
	struct lockfile *guard = spec->tempdir ? spec->tempdir->guard : NULL;
	int r = 0;

	if (guard) /* it guards a directory of this machine */
		lockfile_release(guard);
	job->site = site;
	job->spec = *spec;
	job->try = 1;
	if (spec->tempdir) {
		job->tempdir = *spec->tempdir;
		job->tempdir.guard = NULL;
		job->spec.tempdir = &job->tempdir;
	} else {
		r = scm_open(&job->scm,
			site->repo->git_root ? site->repo->git_root : site->repo->root, err);
		if (r < 0)
			r = err_wrap(err, r, "executor '%s' needs Git", e->name);
	}
	ssh_job_name(job);
	*vec_push(&site->jobs) = job;
	if (r == 0) {
		r = adopt(job, err);
		if (r == 0)
			r = advance(job, err);
		if (r == 0)
			end_others(job);
	}
	if (spec->tempdir && spec->tempdir->unlock)
		repo_unlock(spec->tempdir->repo);
	if (r < 0) {
		/* what was started earlier stays: it may still run */
		if (job->step != SSH_STARTED && !job->is_uncertain && r != ERR_CANCELLED &&
			r != ERR_LOCKED)
			forget(job);
		job_free(job);
		return r;
	}
	*out = job;
	return 0;
}

static int ssh_start(struct executor_job *job, const struct process_command *commands, size_t count,
	struct err *err)
{
	strlist_clear(&job->lines);
	strlist_clear(&job->words);
	for (size_t i = 0; i < count; i++) {
		if (commands[i].line)
			strlist_add(&job->lines, commands[i].line);
		for (char *const *w = commands[i].words; w && *w; w++)
			strlist_add(&job->words, *w);
	}
	job->given = true;
	return advance(job, err);
}

/* Say once that the host does not answer. */
static void tell(struct executor_job *job)
{
	const char *trouble = ssh_link_trouble(job->place->link);

	if (ssh_link_state(job->place->link) == SSH_LINK_READY) {
		job->told = false;
	} else if (trouble && !job->told && ssh_link_state(job->place->link) == SSH_LINK_DOWN) {
		AUTO(mem_freep)
		char *line = mem_printf("%s; '%s' goes on there", trouble, job->spec.name);

		ssh_say(job, line);
		job->told = true;
	}
}

/* Its process is gone without a word: the host was restarted, or ended it. */
static int try_again(struct executor_job *job, struct err *err)
{
	const char *host = job->place->host;

	if (job->try > job->site->profile->retries) {
		job->step = SSH_ENDED;
		job->end = "lost";
		return err_set(err, ERR_FAIL,
			"'%s' was lost on host '%s': its process is gone and has not said how it ended",
			job->spec.name, host);
	}
	AUTO(mem_freep)
	char *line = mem_printf(
		"'%s' was lost on host '%s'; it is tried again", job->spec.name, host);

	ssh_say(job, line);
	job->try++;
	job->out_at = job->err_at = job->out_left = job->err_left = 0;
	free(job->known);
	job->known = NULL;
	job->step = SSH_NEW;
	int r = ssh_record_write(job, err);

	return r < 0 ? r : advance(job, err);
}

static bool has_output(const struct executor_job *job)
{
	return ssh_log_left(&job->out) || ssh_log_left(&job->err_out);
}

static int ssh_poll(struct executor_job *job, struct process_result *out, struct err *err)
{
	if (job->step < SSH_STARTED) {
		int r = advance(job, err);

		if (r < 0 || job->step < SSH_STARTED)
			return r;
	}
	if (job->step == SSH_STARTED) {
		ssh_turn(job->site, job->place);
		tell(job);
		bool is_lost = str_eq(job->known, "lost") || str_eq(job->known, "none");

		if (is_lost && !job->killed)
			return try_again(job, err);
		if ((is_lost || str_eq(job->known, "ended") || str_eq(job->known, "revoked")) &&
			!job->out_left && !job->err_left)
			job->step = SSH_ENDED;
	}
	if (job->step < SSH_ENDED || has_output(job))
		return 0;
	*out = job->result;
	job->step = SSH_DONE;
	if (!str_eq(job->known, "revoked") || job->killed)
		return 1;
	job->end = "cancelled";
	return err_set(
		err, ERR_FAIL, "'%s' was cancelled on host '%s'", job->spec.name, job->place->host);
}

static int ssh_poll_fd(const struct executor_job *job)
{
	bool waits = job->place && job->step == SSH_STARTED && !has_output(job) &&
		     ssh_link_is_asking(job->place->link);

	return waits ? ssh_link_fd(job->place->link) : -1;
}

/* What cannot be written at all is dropped: its reader has gone. */
static void give(struct ssh_log *l, int fd, size_t most)
{
	size_t count = MIN(ssh_log_left(l), most);
	ssize_t n = fd < 0 ? (ssize_t)count : write(fd, l->bytes.ptr + l->given, count);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	l->given = n < 0 ? l->bytes.len : l->given + (size_t)n;
	if (l->given == l->bytes.len) {
		buf_clear(&l->bytes);
		l->given = 0;
	}
}

static int ssh_log(struct executor_job *job, struct err *err)
{
	(void)err;
	if (has_output(job))
		fflush(NULL); /* buffered lines of the host come first */
	if (ssh_log_left(&job->out))
		give(&job->out, job->spec.out_fd, LOG_ONCE);
	if (ssh_log_left(&job->err_out))
		give(&job->err_out, job->spec.err_fd, LOG_ONCE);
	if (job->step == SSH_STARTED && !has_output(job))
		ssh_turn(job->site, job->place);
	return has_output(job);
}

static void ssh_signal(struct executor_job *job, int number)
{
	if (job->step >= SSH_ENDED)
		return;
	job->killed |= number == SIGKILL;
	if (job->step < SSH_STARTED) {
		/* nothing was started yet, and nothing will be */
		job->killed = true;
		return;
	}
	strlist_addf(&job->signals, "%d", number);
	ssh_turn(job->site, job->place);
}

static int ssh_collect(struct executor_job *job, struct err *err)
{
	int r = take_step(job, ssh_bring, err);

	/* else they are there, and were not changed by it */
	job->is_kept = r < 0 && r != ERR_CORRUPT && r != ERR_NO_DATA && r != ERR_NOT_FOUND &&
		       !job->is_lost;
	if (r >= 0)
		return r;
	err_wrap(err, r, "unable to bring the results of '%s' from host '%s'", job->spec.name,
		job->place->host);
	if (job->is_kept)
		err_hint(err,
			"They are kept there: the same command brings them, `cairn executor cancel %s` removes them.",
			job->site->base.name);
	return r;
}

static void ssh_keep(struct executor_job *job)
{
	job->is_kept = job->step == SSH_DONE && job->result.status == 0 && !job->end;
}

static const char *ssh_tempdir_root(const struct executor_job *job)
{
	(void)job;
	return NULL;
}

static void note_found(void *arg, const char *dir, const struct wire *record)
{
	(void)dir;
	(void)record;
	*(int *)arg = EXECUTOR_SAME;
}

static int ssh_find(struct executor *e, const struct executor_spec *spec, struct err *err)
{
	struct ssh_site *site = site_of(e);
	AUTO(mem_freep) char *all = jobs_dir(site->repo, e->name);
	AUTO(wire_release) struct wire record = WIRE_INIT;
	int found = EXECUTOR_NONE;

	(void)err;
	if (!spec->key) {
		ssh_records_each(site, spec->name, note_found, &found);
		return found;
	}
	AUTO(mem_freep) char *dir = jobs_dir_job(all, spec->name, spec->key);

	return ssh_record_read(dir, &record) ? EXECUTOR_SAME : EXECUTOR_NONE;
}

/* Nothing that has not been started yet ever is. */
static int ssh_withdraw(struct executor_job *job)
{
	if (job->step >= SSH_STARTED)
		return 0;
	job->killed = true;
	return 1;
}

static char *ssh_where(const struct executor_job *job)
{
	if (job->step >= SSH_ENDED)
		return job->end ? mem_strdup(job->end) : NULL;
	if (!job->place)
		return mem_strdup("waits for a host with a free slot");
	const char *trouble = ssh_link_trouble(job->place->link);

	return trouble ? mem_printf(
				 "on host %s, which does not answer: %s", job->place->host, trouble)
		       : mem_printf("on host %s", job->place->host);
}

static int ssh_read_file(
	struct executor_job *job, const char *path, struct buf *out, struct err *err)
{
	AUTO(wire_release) struct wire w = WIRE_INIT;
	AUTO(wire_release) struct wire answer = WIRE_INIT;

	ssh_question(job, "read", &w);
	wire_adds(&w, "path", path);
	int r = ssh_ask(job, &w, &answer, err);
	const struct wire_field *f = wire_find(&answer, "bytes");

	if (r == 0 && f)
		buf_add(out, f->bytes, f->len);
	return r;
}

static int ssh_cancel(
	struct executor *e, const struct left_job *jobs, size_t count, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		AUTO(mem_freep) char *dir = path_dirname(jobs[i].path);

		r = cancel_one(site_of(e), dir, true, err);
	}
	return r;
}

static void ssh_close(struct executor *e)
{
	struct ssh_site *site = site_of(e);

	VEC_EACH (&site->places, it) {
		ssh_link_free((*it)->link);
		remote_close((*it)->store);
		free((*it)->host);
		free(*it);
	}
	vec_release(&site->places);
	vec_release(&site->jobs);
	free(site->repository);
	profile_free(site->profile);
	free(site);
}

static const struct executor_ops ssh_ops = {
	.type = "ssh",
	.takes_all = true,
	.outlives_us = true,
	.prepare = ssh_prepare,
	.start = ssh_start,
	.poll = ssh_poll,
	.poll_fd = ssh_poll_fd,
	.log = ssh_log,
	.signal = ssh_signal,
	.collect = ssh_collect,
	.keep = ssh_keep,
	.free = ssh_free,
	.tempdir_root = ssh_tempdir_root,
	.withdraw = ssh_withdraw,
	.find = ssh_find,
	.where = ssh_where,
	.read_file = ssh_read_file,
	.cancel = ssh_cancel,
	.close = ssh_close,
};

struct executor *ssh_executor_open(struct repo *repo, struct profile *profile)
{
	struct ssh_site *site = NEW(struct ssh_site);

	site->base = (struct executor){
		.ops = &ssh_ops, .name = profile->name, .ask_every_ms = ASK_EVERY_MS};
	site->repo = repo;
	site->profile = profile;
	site->repository = ssh_repository_name(repo, &site->sweeps);
	VEC_EACH (&profile->hosts, h)
		(void)ssh_place_add(site, h->name, h->slots);
	return &site->base;
}

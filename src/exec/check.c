/* Submits two probes, waits for their reports, and takes everything away again. */
#include "exec/check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "exec/batch/batch_call.h"
#include "exec/batch/batch_executor.h"
#include "exec/jobs_dir.h"
#include "exec/process.h"
#include "exec/ssh/ssh.h"

enum { PROBES = 2, LOOK_MS = 100 };

struct probe {
	struct batch_dir dir;
	struct probe_report report;
	bool has_report;
	bool submitted; /* `dir.job_id` may be waiting or running */
	/* what the system said last */
	enum batch_state state;
	char *reason;
	double over_s; /* since when it says that the job is over; 0: it does not */
};

struct check {
	struct repo *repo;
	const struct profile *p;
	const struct batch_system *sched;
	const struct check_listener *listener;
	struct check_lines *out;
	size_t told; /* lines that the listener has heard of */
	char *job_name, *noted, *link_types;
	struct probe probes[PROBES];
	struct request request;
	double until_s, ask_s;
};

static void check_release(struct check *c)
{
	for (size_t i = 0; i < PROBES; i++) {
		struct probe *probe = &c->probes[i];
		if (probe->dir.path)
			(void)file_remove(probe->dir.path, NULL);
		batch_dir_release(&probe->dir);
		probe_report_release(&probe->report);
		free(probe->reason);
	}
	request_release(&c->request);
	free(c->job_name);
	free(c->noted);
	free(c->link_types);
}

/* ---- what is said meanwhile ---- */

static void tell(struct check *c)
{
	for (; c->told < c->out->count; c->told++)
		if (c->listener)
			c->listener->line(c->listener->arg, &c->out->items[c->told]);
}

/* Once for each text. */
static void note(struct check *c, const char *format, ...) PRINTF_LIKE(2, 3);
static void note(struct check *c, const char *format, ...)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	va_list args;
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	if (str_eq(c->noted, buf_str(&text)))
		return;
	free(c->noted);
	c->noted = mem_strdup(buf_str(&text));
	if (c->listener)
		c->listener->note(c->listener->arg, c->noted);
}

/* ---- submitting ---- */

static int pause_ms(const struct check *c, int ms, struct err *err)
{
	const struct ctx *ctx = c->repo->ctx;
	(void)cancel_poll(ctx, NULL, 0, ms);
	return cancel_interrupts(ctx) || cancel_end_asked(ctx)
		       ? err_set(err, ERR_CANCELLED, "interrupted by the user")
		       : 0;
}

static int write_script(struct check *c, size_t index, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	batch_script_begin(c->repo, c->p, &text);
	buf_adds(&text, " executor probe ");
	str_add_shell_quoted(&text, c->probes[0].dir.path);
	buf_addf(&text, " %zu\n", index);
	return batch_dir_script(&c->probes[index].dir, buf_str(&text), err);
}

static enum batch_said submit_once(struct check *c, size_t index, const struct strlist *not_on,
	struct err *why, struct err *err)
{
	AUTO(batch_call_release) struct batch_call call = {0};
	AUTO(running_call_release) struct running_call running = {0};
	struct batch_dir *dir = &c->probes[index].dir;
	AUTO(mem_freep) char *comment = mem_printf("cairn/1 batch=%s", dir->id);
	AUTO(mem_freep) char *script = path_join(dir->path, "script");
	AUTO(mem_freep) char *id = NULL;
	struct batch_answer answer = {0};
	c->sched->submit(c->p,
		&(struct batch_submission){.job_name = c->job_name,
			.comment = comment,
			.dir = dir->path,
			.script = script,
			.count = 1,
			.request = &c->request,
			.not_on = not_on},
		&call);
	if (batch_call_run(&call, &running, &answer, err) < 0)
		return BATCH_REFUSED;
	enum batch_said said = c->sched->submitted(&answer, &id, why);
	if (said == BATCH_OK) {
		dir->job_id = TAKE(id);
		c->probes[index].submitted = true;
	}
	return said;
}

/* A submission that may have been accepted has the batch in its comment. */
static bool find_submitted(struct check *c, size_t index)
{
	AUTO(batch_call_release) struct batch_call call = {0};
	AUTO(running_call_release) struct running_call running = {0};
	AUTO(batch_hints_release) struct batch_hints hints = {0};
	struct probe *probe = &c->probes[index];
	struct batch_answer answer = {0};
	if (!c->sched->find(c->p, c->job_name, &call) ||
		batch_call_run(&call, &running, &answer, NULL) < 0 ||
		c->sched->answered(&answer, &hints, NULL) != BATCH_OK)
		return false;
	VEC_EACH (&hints, h)
		if (h->comment && strstr(h->comment, probe->dir.id) && !probe->submitted) {
			probe->dir.job_id = mem_strdup(h->id);
			probe->submitted = true;
		}
	return probe->submitted;
}

/* 1: submitted; 0: it cannot be, which is said with `grade`. */
static int submit(struct check *c, size_t index, const struct strlist *not_on,
	enum check_grade grade, struct err *err)
{
	enum { AGAIN_MS = 5000 };
	int r = write_script(c, index, err);
	while (r == 0) {
		AUTO(err_release) struct err why = ERR_INIT;
		AUTO(err_release) struct err failed = ERR_INIT;
		enum batch_said said = submit_once(c, index, not_on, &why, &failed);
		if (said == BATCH_OK || (said == BATCH_DOUBT && find_submitted(c, index)))
			return 1;
		if ((said == BATCH_BUSY || said == BATCH_DOUBT) && process_clock_s() < c->until_s) {
			note(c, "waiting to submit: %s", err_text(&why));
			r = pause_ms(c, AGAIN_MS, err);
			continue;
		}
		check_add(c->out, grade, index ? "nodes" : "submission", "%s%s",
			index ? "a second node cannot be had, so that locks between nodes were not tried: "
			      : "",
			failed.code ? err_text(&failed) : err_text(&why));
		return 0;
	}
	return r;
}

/* ---- waiting ---- */

static void take_hint(struct probe *probe, const struct batch_hints *hints)
{
	const struct batch_hint *mine = NULL;
	VEC_EACH (hints, h)
		if (str_eq(h->id, probe->dir.job_id))
			mine = h;
	probe->state = mine ? mine->state : BATCH_UNKNOWN;
	free(probe->reason);
	probe->reason = mine && mine->reason ? mine->reason : NULL;
	probe->reason = probe->reason ? mem_strdup(probe->reason) : NULL;
	bool is_over = probe->state >= BATCH_ENDED || probe->state == BATCH_UNKNOWN;
	probe->over_s = !is_over ? 0 : probe->over_s ? probe->over_s : process_clock_s();
}

/* Ask what became of a probe, at the interval of the profile. */
static void ask(struct check *c, struct probe *probe)
{
	AUTO(batch_call_release) struct batch_call call = {0};
	AUTO(running_call_release) struct running_call running = {0};
	AUTO(batch_hints_release) struct batch_hints hints = {0};
	AUTO(strlist_release) struct strlist ids = STRLIST_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	struct batch_answer answer = {0};
	if (process_clock_s() < c->ask_s)
		return;
	c->ask_s = process_clock_s() + (double)MIN(c->p->poll_s, 5);
	strlist_add(&ids, probe->dir.job_id);
	if (!c->sched->ask(c->p, c->job_name, &ids, &call) ||
		batch_call_run(&call, &running, &answer, &why) < 0)
		return;
	if (c->sched->answered(&answer, &hints, &why) == BATCH_OK)
		take_hint(probe, &hints);
	else
		note(c, "the scheduler does not answer: %s", err_text(&why));
}

/* Takes a text of several lines. Heap string. */
static char *one_line_of(char *text)
{
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	AUTO(mem_freep) char *stripped = str_strip(text);
	strlist_split(&lines, stripped, '\n');
	free(text);
	return strlist_join(&lines, "; ");
}

/* It is over and has not reported. */
static void say_no_report(struct check *c, size_t index)
{
	struct probe *probe = &c->probes[index];
	AUTO(mem_freep) char *tail = one_line_of(batch_dir_tail(&probe->dir, 0));
	bool is_known = probe->state != BATCH_UNKNOWN;
	check_add(c->out, CHECK_ERROR, "report", "job %s has not reported (%s%s%s)%s%s",
		probe->dir.job_id, batch_state_text(probe->state), probe->reason ? ": " : "",
		probe->reason ? probe->reason : "",
		*tail ? ": "
		: is_known
			? ": is the repository's directory there on the node, and cairn's program?"
			: "",
		tail);
}

/* 1: it has reported; 0: it will not, which is said. */
static int wait_for_report(struct check *c, size_t index, enum check_grade grade, struct err *err)
{
	/* network file systems may show the report late */
	enum { MOST_GRACE_S = 10 };
	double grace_s = (double)MIN(3 * c->p->beat_s, MOST_GRACE_S);
	struct probe *probe = &c->probes[index];
	const char *dir = c->probes[0].dir.path;
	double begun_s = process_clock_s();
	c->ask_s = begun_s + 1;
	for (;;) {
		int r = probe_read(dir, (int)index, &probe->report, err);
		if (r != 0) {
			probe->has_report = r > 0;
			if (r > 0)
				check_add(c->out, CHECK_OK, "job", "%s began on %s after %.0f s",
					probe->dir.job_id, probe->report.node,
					process_clock_s() - begun_s);
			return r;
		}
		ask(c, probe);
		if (probe->state == BATCH_STUCK) {
			check_add(c->out, grade, index ? "nodes" : "job", "job %s cannot start: %s",
				probe->dir.job_id, probe->reason ? probe->reason : "held");
			return 0;
		}
		if (probe->over_s && process_clock_s() > probe->over_s + grace_s) {
			say_no_report(c, index);
			return 0;
		}
		if (process_clock_s() > c->until_s) {
			check_add(c->out, grade, index ? "nodes" : "job",
				"job %s has not begun in time%s%s", probe->dir.job_id,
				probe->reason ? ": " : "", probe->reason ? probe->reason : "");
			return 0;
		}
		if (probe->state == BATCH_WAITS)
			note(c, "job %s waits%s%s", probe->dir.job_id, probe->reason ? ": " : "",
				probe->reason ? probe->reason : "");
		r = pause_ms(c, LOOK_MS, err);
		if (r < 0)
			return r;
	}
}

/* How long until the first probe sees a file of ours and we see its answer; -1: too long. */
static int measure_delay(struct check *c, double *out_s, struct err *err)
{
	enum { MOST_S = 90 }; /* network file systems remember what is not there for a minute */
	AUTO(mem_freep) char *ping = path_join(c->probes[0].dir.path, "ping");
	double begun_s = process_clock_s();
	int r = file_write(ping, "", 0, 0, err);
	*out_s = -1;
	while (r == 0 && process_clock_s() < begun_s + MOST_S) {
		AUTO(strlist_release) struct strlist names = STRLIST_INIT;
		r = file_list(c->probes[0].dir.path, &names, err);
		if (strlist_has(&names, "pong")) {
			*out_s = process_clock_s() - begun_s;
			return 0;
		}
		if (r == 0)
			r = pause_ms(c, LOOK_MS / 2, err);
	}
	return r;
}

/* ---- the end ---- */

/* Let the first probe end, and cancel what waits or runs still. */
static void clean_up(struct check *c)
{
	enum { END_MS = 500 };
	AUTO(batch_call_release) struct batch_call call = {0};
	AUTO(running_call_release) struct running_call running = {0};
	AUTO(strlist_release) struct strlist ids = STRLIST_INIT;
	struct batch_answer answer = {0};
	AUTO(mem_freep) char *release = path_join(c->probes[0].dir.path, "release");
	(void)file_write(release, "", 0, 0, NULL);
	/* so that its output is closed: else a network file system keeps the directory */
	if (c->probes[0].has_report)
		(void)cancel_poll(c->repo->ctx, NULL, 0, END_MS);
	for (size_t i = 0; i < PROBES; i++)
		if (c->probes[i].submitted && !(i && c->probes[i].has_report))
			strlist_add(&ids, c->probes[i].dir.job_id);
	if (!ids.count)
		return;
	c->sched->cancel(c->p, &ids, 0, &call);
	if (call.argv.count) /* best effort: a probe ends by itself, too */
		(void)batch_call_run(&call, &running, &answer, NULL);
}

/* What the head knows; the texts live in `*c`. */
static struct check_head head_of(struct check *c, const char *version)
{
	AUTO(strlist_release) struct strlist types = STRLIST_INIT;
	config_words(&c->repo->config, "cache", "type", &types);
	if (!types.count)
		strlist_split(&types, "reflink,copy", ',');
	c->link_types = strlist_join(&types, ",");
	return (struct check_head){.version = version,
		.uid = (int64_t)geteuid(),
		.dir = c->repo->root,
		.links_allowed = strcmp(c->link_types, "copy") != 0,
		.link_types = c->link_types};
}

static void add_reports(struct check *c, const char *version, double delay_s, bool has_second)
{
	struct check_head head = head_of(c, version);
	head.delay_s = delay_s;
	check_reports(
		&head, &c->probes[0].report, has_second ? &c->probes[1].report : NULL, c->out);
}

/* Hosts behind ssh share nothing, so each is asked for itself. */
static int check_hosts(struct check *c, const char *version, struct err *err)
{
	struct check_head head = head_of(c, version);
	int r = 0;
	for (size_t i = 0; i < c->p->hosts.count && r == 0; i++) {
		AUTO(probe_report_release) struct probe_report report = {0};
		AUTO(err_release) struct err why = ERR_INIT;
		const struct profile_host *host = &c->p->hosts.items[i];
		double seconds;
		int asked = ssh_probe(c->repo, c->p, host->name, &report, &seconds, &why);
		if (asked == ERR_CANCELLED) {
			r = err_move(err, &why);
		} else if (asked < 0) {
			check_add(c->out, CHECK_ERROR, "host", "'%s' cannot be used: %s",
				host->name, err_text(&why));
		} else {
			check_add(c->out, CHECK_OK, "host", "'%s' has answered after %.1f s",
				host->name, seconds);
			/* its name in the settings says more than what it calls itself */
			free(report.node);
			report.node = mem_strdup(host->name);
			check_host(&head, &report, c->out);
		}
		tell(c);
	}
	return r;
}

static int run(struct check *c, const char *version, int64_t wait_s, struct err *err)
{
	AUTO(strlist_release) struct strlist not_on = STRLIST_INIT;
	char token[sizeof("cairn-") + 16];
	double delay_s;
	(void)snprintf(token, sizeof(token), "cairn-%s", c->probes[0].dir.id);
	c->job_name = mem_printf("cairn-check-%s", c->probes[0].dir.id);
	int r = probe_ask(c->probes[0].dir.path,
		&(struct probe_ask){.token = token, .cache = c->repo->cache_dir, .stay_s = wait_s},
		err);
	if (r == 0)
		r = submit(c, 0, NULL, CHECK_ERROR, err);
	if (r > 0)
		r = wait_for_report(c, 0, CHECK_ERROR, err);
	tell(c);
	if (r <= 0)
		return r;

	r = measure_delay(c, &delay_s, err);
	if (r < 0)
		return r;
	strlist_add(&not_on, c->probes[0].report.node);
	c->until_s = process_clock_s() + (double)wait_s;
	r = submit(c, 1, &not_on, CHECK_WARNING, err);
	if (r > 0)
		r = wait_for_report(c, 1, CHECK_WARNING, err);
	if (r >= 0)
		add_reports(c, version, delay_s, r > 0);
	tell(c);
	return r < 0 ? r : 0;
}

int check_executor(struct repo *repo, const struct profile *p, const char *version, int64_t wait_s,
	const struct check_listener *listener, struct check_lines *out, struct err *err)
{
	enum { SPARE_S = 60 };
	AUTO(check_release)
	struct check c = {.repo = repo,
		.p = p,
		.sched = p->type == PROFILE_SLURM ? &batch_slurm : &batch_command,
		.listener = listener,
		.out = out,
		.until_s = process_clock_s() + (double)wait_s};
	AUTO(mem_freep) char *dir = jobs_dir(repo, p->name);
	if (p->type == PROFILE_LOCAL)
		return err_set(err, ERR_UNSUPPORTED,
			"executor '%s' is this machine: there is nothing to check", p->name);
	if (p->type == PROFILE_SSH) {
		cancel_begin(repo->ctx);
		int asked = check_hosts(&c, version, err);
		cancel_end(repo->ctx);
		return asked;
	}

	int r = request_make(p, NULL, "check", &c.request, err);
	if (r == 0)
		r = jobs_dir_make(repo, dir, err);
	for (size_t i = 0; i < PROBES && r == 0; i++)
		r = batch_dir_make(dir, &c.probes[i].dir, err);
	if (r < 0)
		return r;

	/* short, so that it is scheduled soon; the first one waits for the second */
	int64_t needed_s = wait_s + SPARE_S;
	c.request.time_s = p->time_s ? MIN(p->time_s, needed_s) : needed_s;
	cancel_begin(repo->ctx);
	r = run(&c, version, wait_s, err);
	clean_up(&c);
	cancel_end(repo->ctx);
	return r;
}

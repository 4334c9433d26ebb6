/* Moves files by a crew, in one step or in parts. */
#include "transfer/files.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "transfer/crew.h"

enum step { STEP_START, STEP_PART, STEP_END };

struct unit {
	enum step step;
	struct moving *file;
	unsigned part;
	bool is_concluded; /* done() was called, with this result, and `file` is gone */
	int done_code;
};

struct move {
	const struct file_steps *steps;
	size_t count, next;    /* files, and the next one to start */
	struct moving *partly; /* files that go on in parts, oldest first */
};

static struct unit *new_unit(enum step step, struct moving *file, unsigned part)
{
	struct unit *u = NEW(struct unit);
	*u = (struct unit){.step = step, .file = file, .part = part};
	return u;
}

/* Are all parts done, or has one failed and the others have ended? */
static bool is_ready_to_end(const struct moving *f)
{
	return !f->parts_running && (f->code < 0 || f->parts_done == f->parts);
}

static void remember(struct move *m, struct moving *f)
{
	struct moving **at = &m->partly;
	while (*at)
		at = &(*at)->next;
	f->next = NULL;
	*at = f;
}

static void pass_over_had(struct moving *f)
{
	while (f->parts_had && f->parts_begun < f->parts && f->parts_had[f->parts_begun]) {
		f->parts_begun++;
		f->parts_done++;
	}
}

/* A unit of a file that is open already, or NULL. */
static struct unit *take_of_open(struct move *m)
{
	for (struct moving **at = &m->partly; *at; at = &(*at)->next) {
		struct moving *f = *at;
		pass_over_had(f);
		if (is_ready_to_end(f)) {
			*at = f->next;
			return new_unit(STEP_END, f, 0);
		}
		if (f->code == 0 && f->parts_begun < f->parts &&
			(!m->steps->may_begin || m->steps->may_begin(m->steps->arg, f))) {
			f->parts_running++;
			return new_unit(STEP_PART, f, ++f->parts_begun);
		}
	}
	return NULL;
}

/* Open files come first, so that few are open at the same time. */
static void *take(void *arg)
{
	struct move *m = arg;
	struct unit *u = take_of_open(m);
	if (u || m->next == m->count)
		return u;
	return new_unit(STEP_START, m->steps->make(m->steps->arg, m->next++), 0);
}

/* Report a file that was moved. This is part of the work, not of finish(), because it renames
 * files, and finish() runs under the lock of the crew. */
static void conclude(const struct move *m, struct unit *u)
{
	u->is_concluded = true;
	u->done_code = m->steps->done(m->steps->arg, u->file, 0, NULL);
}

static int work(void *arg, void *unit, struct err *err)
{
	const struct move *m = arg;
	const struct file_steps *s = m->steps;
	struct unit *u = unit;
	struct moving *f = u->file;
	int r = 0;
	switch (u->step) {
	case STEP_START:
		r = s->start(s->arg, f, err);
		if (r >= 0 && f->parts == 0)
			conclude(m, u);
		return r;
	case STEP_PART:
		return s->part(s->arg, f, u->part, err);
	case STEP_END:
		if (f->code < 0)
			s->abort(s->arg, f, f->code);
		else
			r = s->end(s->arg, f, err);
		if (r >= 0 && f->code == 0 && !f->again)
			conclude(m, u);
	}
	return r;
}

/* Report a file that failed. The failure ends everything when it concerns all files. */
static int fail(const struct move *m, struct moving *f, int code, struct err *why, struct err *err)
{
	AUTO(err_release) struct err kept = ERR_INIT;
	(void)err_move(&kept, why); /* it may be in the file, which done() frees */
	int r = m->steps->done(m->steps->arg, f, code, &kept);
	if (r < 0)
		return r;
	if (!transfer_is_fatal(code))
		return 0;
	(void)err_move(err, &kept);
	return code;
}

static int finish_part(struct moving *f, int code, struct err *why)
{
	f->parts_running--;
	f->parts_done += code >= 0;
	if (code < 0 && f->code == 0) {
		f->code = code;
		(void)err_move(&f->why, why);
	}
	return 0;
}

static int finish_start(
	struct move *m, struct moving *f, int code, struct err *why, struct err *err)
{
	if (code < 0)
		return fail(m, f, code, why, err);
	f->parts_done = f->parts_begun;
	remember(m, f);
	return 0;
}

static int finish_end(struct move *m, struct moving *f, int code, struct err *why, struct err *err)
{
	if (code >= 0 && f->again) {
		f->again = false;
		f->parts_begun = f->parts_done = 0;
		remember(m, f);
		return 0;
	}
	if (code >= 0) /* it was aborted */
		return fail(m, f, f->code, &f->why, err);
	f->code = code;
	(void)err_move(&f->why, why);
	remember(m, f); /* to be aborted */
	return 0;
}

static int finish(void *arg, void *unit, int code, struct err *why, struct err *err)
{
	struct move *m = arg;
	const struct unit u = *(struct unit *)unit;
	free(unit);
	if (u.is_concluded)
		return u.done_code;
	switch (u.step) {
	case STEP_START:
		return finish_start(m, u.file, code, why, err);
	case STEP_PART:
		return finish_part(u.file, code, why);
	default:
		return finish_end(m, u.file, code, why, err);
	}
}

/* Files that are still open when everything has ended early. */
static void abort_rest(struct move *m, int code)
{
	struct moving *next;
	for (struct moving *f = m->partly; f; f = next) {
		AUTO(err_release) struct err why = ERR_INIT;
		int reason = f->code < 0 ? f->code : code;
		next = f->next;
		m->steps->abort(m->steps->arg, f, reason);
		(void)err_move(&why, &f->why);
		(void)m->steps->done(m->steps->arg, f, reason, &why);
	}
}

int files_move(struct fs *fs, size_t count, const struct file_steps *steps,
	const struct transfer_opts *opts, struct err *err)
{
	struct move m = {.steps = steps, .count = count};
	const struct crew_opts crew = transfer_crew(fs, opts);
	const struct crew_task task = {take, work, finish, &m};
	cancel_transfer(fs->ctx, true);
	int r = count ? crew_run(&crew, &task, err) : 0;
	abort_rest(&m, r);
	cancel_transfer(fs->ctx, false);
	return r;
}

bool transfer_is_fatal(int code)
{
	return code == ERR_AUTH || code == ERR_NO_PLACE || code == ERR_CONFIG ||
	       code == ERR_CANCELLED || code == ERR_UNSUPPORTED;
}

uint64_t transfer_part_bytes(
	const struct fs *fs, const struct transfer_opts *opts, uint64_t size_bytes)
{
	enum { PART_BYTES = 16 << 20 };
	uint64_t wish = fs->part_bytes ? fs->part_bytes : PART_BYTES;
	uint64_t part = opts->part_bytes ? opts->part_bytes : wish;
	uint64_t most = fs->driver->parts_max ? fs->driver->parts_max : 10000;
	part = MAX(part, fs->driver->part_min_bytes);
	/* whole MiB, so that a part begins at a multiple of the block of any file system */
	while ((size_bytes + part - 1) / part > most)
		part *= 2;
	return part;
}

struct meter_item *transfer_show(const struct fs *fs, const struct transfer_opts *opts,
	transfer_name_fn name, void *arg, size_t i, uint64_t size_bytes)
{
	if (!name || opts->meter == METER_NONE || !meter_is_watched(fs->ctx))
		return NULL;
	AUTO(mem_freep) char *text = name(arg, i);
	return text ? meter_item_begin(fs->ctx, text, size_bytes) : NULL;
}

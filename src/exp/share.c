/* What pushing and pulling have in common: which experiments, their data, git with a line of
 * progress. */
#include "exp/share_int.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/meter.h"
#include "base/str.h"
#include "exp/notes.h"
#include "ops/sync.h"

enum {
	MOST_COMMITS = 1000, /* of one experiment; more only a hostile remote sends */
	NOTICE_MS = 250      /* a little more than what base/meter.c takes for a moment */
};

/* ---- which experiments ---- */

static int compare_by_ref(const void *a, const void *b)
{
	return strcmp(((const struct expref *)a)->ref, ((const struct expref *)b)->ref);
}

/* Sort, and drop an experiment that was named twice. */
static void sort_once(struct exprefs *refs)
{
	size_t kept = 0;

	vec_sort(refs, compare_by_ref);
	for (size_t i = 0; i < refs->count; i++) {
		if (kept && strcmp(refs->items[kept - 1].ref, refs->items[i].ref) == 0)
			expref_release(&refs->items[i]);
		else
			refs->items[kept++] = refs->items[i];
	}
	refs->count = kept;
}

/* A full name of a ref that is not an experiment's. DVC's message. */
static int check_full_names(const struct strlist *names, struct err *err)
{
	for (size_t i = 0; names && i < names->count; i++) {
		struct expref e;

		if (!str_starts(names->items[i], "refs/"))
			continue;
		if (!expref_parse(names->items[i], &e))
			return err_set(err, ERR_NOT_FOUND,
				"'%s' is not a valid experiment refname.", names->items[i]);
		expref_release(&e);
	}
	return 0;
}

int share_choose(struct exp *x, const struct exp_share *how, struct exprefs *all,
	struct exprefs *out, struct strlist *unknown, struct err *err)
{
	bool named = how->names && how->names->count;
	int r = check_full_names(how->names, err);

	if (r == 0 && named)
		r = exp_find_in(x, all, how->names, out, unknown, err);
	/* names and --all-commits: both, as in DVC */
	if (r == 0 && (!named || how->which.all))
		r = exp_select_from(x, &how->which, all, out, err);
	sort_once(out);
	return r;
}

/* ---- the data ---- */

int share_commits(struct exp *x, const struct expref *e, struct scm_ids *out, struct err *err)
{
	size_t before = out->count;
	struct scm_id at = e->tip;

	while (!scm_id_equal(&at, &e->baseline)) {
		AUTO(scm_commit_release) struct scm_commit c = {0};
		int r = scm_commit_load(x->scm, &at, &c, out->count == before ? err : NULL);

		if (r < 0 && out->count == before)
			return r;
		if (r < 0 || out->count - before >= MOST_COMMITS)
			break;
		*vec_push(out) = at;
		if (c.parents.count == 0)
			break;
		at = c.parents.items[0];
	}
	if (!scm_id_equal(&at, &e->baseline))
		out->count = before + 1;
	return 0;
}

int share_data(struct exp *x, const struct exp_share *how, const struct exprefs *refs, bool push,
	size_t *out_count, struct err *err)
{
	struct strlist everything = STRLIST_INIT;
	struct scm_ids ids = {0};
	const struct sync_opts sync = {.targets = &everything,
		.remote = how->remote,
		.jobs = how->jobs,
		.run_cache = how->run_cache,
		.revs.ids = &ids,
		.no_workspace = true,
		.progress = how->progress};
	int r = 0;

	for (size_t i = 0; i < refs->count && r >= 0; i++)
		r = share_commits(x, &refs->items[i], &ids, err);
	if (r >= 0 && ids.count)
		r = push ? ops_push(x->repo, &sync, out_count, err)
			 : ops_fetch(x->repo, &sync, out_count, err);
	vec_release(&ids);
	return MIN(r, 0);
}

/* ---- the display ---- */

struct display {
	const struct ctx *ctx;
	bool is_hidden, has_thread;
	pthread_t thread;
	pthread_mutex_t lock; /* of `ended` */
	pthread_cond_t end;
	bool ended;
};

/* What runs git counts nothing, so nobody would notice that it takes long: wait for that moment. */
static void *notice(void *arg)
{
	struct display *d = arg;
	struct timespec due;

	(void)clock_gettime(CLOCK_REALTIME, &due);
	due.tv_nsec += (long)(NOTICE_MS % 1000) * 1000000;
	due.tv_sec += NOTICE_MS / 1000 + due.tv_nsec / 1000000000;
	due.tv_nsec %= 1000000000;
	(void)pthread_mutex_lock(&d->lock);
	while (!d->ended)
		if (pthread_cond_timedwait(&d->end, &d->lock, &due) != 0)
			break;
	if (!d->ended)
		meter_files(d->ctx, METER_EXPERIMENTS, 0);
	(void)pthread_mutex_unlock(&d->lock);
	return NULL;
}

static void display_begin(struct display *d, struct exp *x, const struct remote_git *git,
	const char *what, size_t refs)
{
	*d = (struct display){.ctx = x->repo->ctx, .is_hidden = !git->is_local};
	/* git may ask for a password on the terminal; nothing may be drawn over that */
	if (d->is_hidden)
		meter_hide(d->ctx);
	meter_begin(d->ctx, METER_EXPERIMENTS, what, refs, 0);
	if (d->is_hidden || !meter_is_watched(d->ctx))
		return;
	(void)pthread_mutex_init(&d->lock, NULL);
	(void)pthread_cond_init(&d->end, NULL);
	/* without the thread nothing is shown, and that is all */
	d->has_thread = pthread_create(&d->thread, NULL, notice, d) == 0;
}

static void display_end(struct display *d)
{
	if (d->has_thread) {
		(void)pthread_mutex_lock(&d->lock);
		d->ended = true;
		(void)pthread_cond_signal(&d->end);
		(void)pthread_mutex_unlock(&d->lock);
		(void)pthread_join(d->thread, NULL);
	}
	meter_end(d->ctx, METER_EXPERIMENTS);
	if (d->is_hidden)
		meter_unhide(d->ctx);
}

int share_push(struct exp *x, const struct remote_git *git, struct ref_updates *updates,
	unsigned flags, struct err *err)
{
	struct display display;
	int r;

	display_begin(&display, x, git,
		flags & GIT_PUSH_DRY ? "asking the Git remote" : "pushing Git refs",
		flags & GIT_PUSH_DRY ? 0 : updates->count);
	r = remote_git_push(git, updates, flags, err);
	display_end(&display);
	return r;
}

int share_fetch(
	struct exp *x, const struct remote_git *git, const struct strlist *names, struct err *err)
{
	struct display display;
	int r;

	if (!names->count)
		return 0;
	display_begin(&display, x, git, "fetching Git refs", names->count);
	r = remote_git_fetch(git, names, err);
	display_end(&display);
	return r;
}

int share_list(struct exp *x, const struct remote_git *git, struct exprefs *out,
	struct remote_refs *out_notes, struct err *err)
{
	static const char *const prefixes[] = {EXPREF_PREFIX, NOTES_PREFIX, NULL};
	AUTO(remote_refs_release) struct remote_refs refs = {0};

	struct display display;
	int r;

	display_begin(&display, x, git, "listing Git refs", 0);
	r = remote_git_list(git, prefixes, &refs, err);
	display_end(&display);
	VEC_EACH (&refs, ref) {
		struct expref e;

		if (out_notes && str_starts(ref->name, NOTES_PREFIX)) {
			*vec_push(out_notes) = TAKE(*ref);
		} else if (expref_parse(ref->name, &e)) {
			e.tip = ref->id;
			*vec_push(out) = e;
		}
	}
	return r;
}

static int compare_names(const void *key, const void *ref)
{
	return strcmp(key, ((const struct remote_ref *)ref)->name);
}

const struct scm_id *share_find_notes(const struct remote_refs *notes, const char *ref)
{
	AUTO(mem_freep) char *name = exp_note_ref(ref);
	const struct remote_ref *found = notes->count
						 ? bsearch(name, notes->items, notes->count,
							   sizeof(*notes->items), compare_names)
						 : NULL;

	return found ? &found->id : NULL;
}

int share_refused(const struct remote_git *git, const struct ref_updates *updates, struct err *err)
{
	AUTO(buf_release) struct buf why = BUF_INIT;

	VEC_EACH (updates, u) {
		if (u->outcome != REF_REFUSED && u->outcome != REF_UNTRIED)
			continue;
		buf_addf(&why, "%s%s: %s", why.len ? ", " : "", u->name,
			u->reason ? u->reason : "no answer");
	}
	return why.len ? err_set(err, ERR_FAIL, "Git failed to push some refs to '%s' (%s)",
				 git->shown, buf_str(&why))
		       : 0;
}

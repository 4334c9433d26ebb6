/* Pushes experiments to a Git remote and pulls them from one. share_remote.c lists, removes and
 * renames them there. */
#include "exp/share.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/meter.h"
#include "base/str.h"
#include "data/remotes.h"
#include "exp/notes.h"
#include "exp/share_int.h"
#include "ops/sync.h"
#include "scm/ref.h"

enum { MOST_COMMITS = 1000 }; /* of one experiment; more only a hostile remote sends */

void exp_pushed_release(struct exp_pushed *p)
{
	strlist_release(&p->sent);
	strlist_release(&p->up_to_date);
	strlist_release(&p->diverged);
	strlist_release(&p->held);
	strlist_release(&p->notes);
	free(p->shown);
	*p = (struct exp_pushed){0};
}

void exp_pulled_release(struct exp_pulled *p)
{
	strlist_release(&p->pulled);
	strlist_release(&p->up_to_date);
	strlist_release(&p->diverged);
	strlist_release(&p->refused);
	strlist_release(&p->notes);
	free(p->shown);
	*p = (struct exp_pulled){0};
}

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

/* Add the commits of an experiment from its tip to its baseline, which is left out. One that does
 * not lead there has only its tip. Fails: ERR_NOT_FOUND, when the tip is no commit. */
static int add_commits(struct exp *x, const struct expref *e, struct scm_ids *out, struct err *err)
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

/* Transfer the data of experiments. */
static int transfer_data(struct exp *x, const struct exp_share *how, const struct exprefs *refs,
	bool push, size_t *out_count, struct err *err)
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
		r = add_commits(x, &refs->items[i], &ids, err);
	if (r >= 0 && ids.count)
		r = push ? ops_push(x->repo, &sync, out_count, err)
			 : ops_fetch(x->repo, &sync, out_count, err);
	vec_release(&ids);
	return MIN(r, 0);
}

/* ---- the display ---- */

void share_begin(struct exp *x, const struct git_remote *git, const char *what, size_t refs)
{
	/* git may ask for a password on the terminal; nothing may be drawn over that */
	if (!git->is_local)
		meter_hide(x->repo->ctx);
	meter_begin(x->repo->ctx, METER_EXPERIMENTS, what, refs, 0);
}

void share_end(struct exp *x, const struct git_remote *git)
{
	meter_end(x->repo->ctx, METER_EXPERIMENTS);
	if (!git->is_local)
		meter_unhide(x->repo->ctx);
}

int share_push(struct exp *x, const struct git_remote *git, struct ref_updates *updates,
	unsigned flags, struct err *err)
{
	share_begin(x, git, "pushing Git refs", updates->count);
	int r = git_remote_push(git, updates, flags, err);

	share_end(x, git);
	return r;
}

int share_list(struct exp *x, const struct git_remote *git, struct exprefs *out,
	struct remote_refs *out_notes, struct err *err)
{
	static const char *const prefixes[] = {EXPREF_PREFIX, NOTES_PREFIX, NULL};
	AUTO(remote_refs_release) struct remote_refs refs = {0};

	share_begin(x, git, "listing Git refs", 0);
	int r = git_remote_list(git, prefixes, &refs, err);

	share_end(x, git);
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

int share_refused(const struct git_remote *git, const struct ref_updates *updates, struct err *err)
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

/* ---- push ---- */

/* One push, with what it has found out. */
struct pushing {
	struct exp *x;
	const struct exp_share *how;
	struct git_remote git;
	struct exprefs refs; /* sorted */
	/* of the refs, in the same order; then of their notes, of which `notes` has the index in
	 * `refs` */
	struct ref_updates updates;
	VEC(size_t) notes;
};

static void pushing_release(struct pushing *p)
{
	git_remote_release(&p->git);
	exprefs_release(&p->refs);
	ref_updates_release(&p->updates);
	vec_release(&p->notes);
}

/* Add the notes on the chosen experiments. They are never forced: the other side may have newer
 * ones. */
static void add_notes(struct pushing *p)
{
	for (size_t i = 0; exp_notes_any(p->x) && i < p->refs.count; i++) {
		AUTO(mem_freep) char *name = exp_note_ref(p->refs.items[i].ref);
		struct scm_id id;

		if (scm_ref_read(p->x->scm, name, &id, NULL) < 0)
			continue;
		*vec_push(&p->updates) = (struct ref_update){.name = TAKE(name), .id = id};
		*vec_push(&p->notes) = i;
	}
}

static int choose_local(struct pushing *p, struct err *err)
{
	AUTO(exprefs_release) struct exprefs all = {0};
	AUTO(strlist_release) struct strlist unknown = STRLIST_INIT;
	int r = exprefs_load(p->x->scm, NULL, &all, err);

	if (r == 0)
		r = share_choose(p->x, p->how, &all, &p->refs, &unknown, err);
	if (r == 0 && unknown.count)
		r = exp_unresolved(&unknown, err);
	VEC_EACH (&p->refs, e)
		*vec_push(&p->updates) = (struct ref_update){
			.name = mem_strdup(e->ref), .id = e->tip, .force = p->how->force};
	if (r == 0)
		add_notes(p);
	return r;
}

/* Send the data of all that is or will be on the Git remote: also of what was there before, since
 * an earlier push may have ended in between. */
static int push_data(struct pushing *p, struct exp_pushed *out, struct err *err)
{
	struct exprefs some = {0}; /* borrowed items */

	for (size_t i = 0; i < p->refs.count; i++)
		if (p->updates.items[i].outcome == REF_SENT ||
			p->updates.items[i].outcome == REF_UP_TO_DATE)
			*vec_push(&some) = p->refs.items[i];
	int r = transfer_data(p->x, p->how, &some, true, &out->uploaded, err);

	vec_release(&some);
	return r;
}

/* Notes are those on an experiment that is there, not on another one of that name. */
static bool is_wanted(const struct pushing *p, size_t i)
{
	size_t at = i < p->refs.count ? i : p->notes.items[i - p->refs.count];
	enum ref_outcome of_experiment = p->updates.items[at].outcome;

	return p->updates.items[i].outcome == REF_SENT &&
	       (of_experiment == REF_SENT || of_experiment == REF_UP_TO_DATE);
}

/* Push the refs that the dry run has found to be new. */
static int push_refs(struct pushing *p, struct err *err)
{
	struct ref_updates some = {0}; /* their names are borrowed */
	VEC(size_t) places = {0};

	for (size_t i = 0; i < p->updates.count; i++) {
		if (!is_wanted(p, i))
			continue;
		*vec_push(&some) = p->updates.items[i];
		*vec_push(&places) = i;
	}
	int r = share_push(p->x, &p->git, &some, 0, err);

	for (size_t i = 0; i < some.count; i++) {
		p->updates.items[places.items[i]].outcome = some.items[i].outcome;
		p->updates.items[places.items[i]].reason = some.items[i].reason;
	}
	vec_release(&some);
	vec_release(&places);
	return r;
}

static void report(const struct pushing *p, bool held, struct exp_pushed *out)
{
	for (size_t i = 0; i < p->refs.count; i++) {
		const char *name = p->refs.items[i].name;

		switch (p->updates.items[i].outcome) {
		case REF_UP_TO_DATE:
			strlist_add(&out->up_to_date, name);
			break;
		case REF_SENT:
			strlist_add(held ? &out->held : &out->sent, name);
			break;
		case REF_DIVERGED:
			strlist_add(&out->diverged, name);
			break;
		case REF_REFUSED:
		case REF_UNTRIED:
			break;
		}
	}
}

/* What became of the notes. None of it is a failure of the push. */
static void report_notes(struct pushing *p, bool sent, struct exp_pushed *out)
{
	for (size_t i = 0; i < p->notes.count; i++) {
		struct ref_update *u = &p->updates.items[p->refs.count + i];
		const char *name = p->refs.items[p->notes.items[i]].name;

		if (u->outcome == REF_SENT && sent && is_wanted(p, p->refs.count + i))
			strlist_add(&out->notes, name);
		else if (u->outcome == REF_DIVERGED)
			progress_warn(p->how->progress,
				"the notes on '%s' were not pushed: those on '%s' have changed, too; `exp pull` merges them",
				name, p->git.shown);
		else if (u->outcome == REF_REFUSED)
			progress_warn(p->how->progress, "the notes on '%s' were not pushed: %s",
				name, u->reason);
		u->outcome = REF_UP_TO_DATE; /* dealt with */
	}
}

/* Send the data. Returns 1 without any DVC remote: there is no place for it, and the refs are
 * pushed all the same, as in DVC. */
static int try_data(struct pushing *p, struct exp_pushed *out, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	bool no_remote = !p->how->remote && !remote_default_name(p->x->repo);
	int r = p->how->cache ? push_data(p, out, &why) : 0;

	if (r == ERR_CONFIG && no_remote) {
		progress_warn(p->how->progress,
			"the data of the experiments is not pushed: there is no remote storage");
		return 1;
	}
	if (r == 0)
		return 0;
	(void)err_move(err, &why);
	return err_wrap(err, r == ERR_CANCELLED ? r : ERR_FAIL,
		r == ERR_CONFIG ? "failed to push cache: config file error"
				: "failed to push cache");
}

/* A dry run tells whether the remote can be reached and which refs it would take; then the data,
 * then the refs. */
static int push_both(struct pushing *p, struct exp_pushed *out, struct err *err)
{
	AUTO(err_release) struct err of_data = ERR_INIT;
	int r = share_push(p->x, &p->git, &p->updates, GIT_PUSH_DRY, err);
	int data = r < 0 ? 0 : try_data(p, out, &of_data);

	if (r < 0)
		return r;
	if (data >= 0)
		r = push_refs(p, err);
	report(p, data < 0 || r < 0, out);
	report_notes(p, data >= 0 && r == 0, out);
	if (out->held.count && data < 0)
		err_hint(&of_data,
			"Refs are pushed after their data, so these were not: use `--no-cache` to push refs alone.");
	return r < 0 ? r : data < 0 ? err_move(err, &of_data) : 0;
}

/* Nothing to push; but a wrong name of a remote is an error all the same, as in DVC. */
static int only_look(struct pushing *p, struct err *err)
{
	AUTO(exprefs_release) struct exprefs refs = {0};

	return share_list(p->x, &p->git, &refs, NULL, err);
}

int exp_push(struct exp *x, const struct exp_share *how, struct exp_pushed *out, struct err *err)
{
	AUTO(pushing_release) struct pushing p = {.x = x, .how = how};
	int r = choose_local(&p, err);

	if (r == 0)
		r = git_remote_open(&p.git, x->scm, x->repo->cwd, how->git_remote, err);
	if (r < 0)
		return r;
	out->shown = mem_strdup(p.git.shown);
	if (p.refs.count == 0)
		return only_look(&p, err);
	if (how->cache || p.notes.count) {
		r = push_both(&p, out, err);
	} else {
		r = share_push(x, &p.git, &p.updates, 0, err);
		report(&p, r < 0, out);
	}
	return r < 0 ? r : share_refused(&p.git, &p.updates, err);
}

/* ---- pull ---- */

struct pulling {
	struct exp *x;
	const struct exp_share *how;
	struct git_remote git;
	struct exprefs refs;      /* of the remote, sorted */
	VEC(struct scm_id) local; /* their tips here; unset: none */
	struct remote_refs notes; /* of the remote, sorted */
};

static void pulling_release(struct pulling *p)
{
	git_remote_release(&p->git);
	exprefs_release(&p->refs);
	vec_release(&p->local);
	remote_refs_release(&p->notes);
}

static int choose_remote(struct pulling *p, struct err *err)
{
	AUTO(exprefs_release) struct exprefs all = {0};
	AUTO(strlist_release) struct strlist unknown = STRLIST_INIT;
	int r = share_list(p->x, &p->git, &all, &p->notes, err);

	if (r == 0)
		r = share_choose(p->x, p->how, &all, &p->refs, &unknown, err);
	if (r == 0 && unknown.count)
		r = exp_unresolved(&unknown, err);
	VEC_EACH (&p->refs, e) {
		struct scm_id *local = vec_push(&p->local);

		if (scm_ref_read(p->x->scm, e->ref, local, NULL) < 0)
			local->hex[0] = '\0';
	}
	return r;
}

/* The notes of the remote on an experiment, unless they are those here. */
static const struct scm_id *new_notes(const struct pulling *p, const struct expref *e)
{
	const struct scm_id *theirs = share_find_notes(&p->notes, e->ref);
	AUTO(mem_freep) char *name = exp_note_ref(e->ref);
	struct scm_id ours;
	bool same = theirs && scm_ref_read(p->x->scm, name, &ours, NULL) == 0 &&
		    scm_id_equal(&ours, theirs);

	return same ? NULL : theirs;
}

/* Fetch the objects of the refs that differ from those here. */
static int fetch_objects(struct pulling *p, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int r = 0;

	for (size_t i = 0; i < p->refs.count; i++)
		if (!scm_id_equal(&p->refs.items[i].tip, &p->local.items[i]))
			strlist_add(&names, p->refs.items[i].ref);
	VEC_EACH (&p->refs, e)
		if (new_notes(p, e))
			strlist_take(&names, exp_note_ref(e->ref));
	if (names.count) {
		share_begin(p->x, &p->git, "fetching Git refs", names.count);
		r = git_remote_fetch(&p->git, &names, err);
		share_end(p->x, &p->git);
	}
	return r;
}

/* May the ref here move to the remote's commit without losing one? */
static bool is_forward(
	const struct scm_id *local, const struct expref *e, const struct scm_ids *commits)
{
	if (scm_id_equal(local, &e->baseline))
		return true;
	VEC_EACH (commits, id)
		if (scm_id_equal(id, local))
			return true;
	return false;
}

/* Write one ref. Returns 1 when the experiment is (or was) here, so that its data is wanted. */
static int take_ref(struct pulling *p, size_t i, struct exp_pulled *out, struct err *err)
{
	const struct expref *e = &p->refs.items[i];
	const struct scm_id *local = &p->local.items[i];
	AUTO(err_release) struct err why = ERR_INIT;
	struct scm_ids commits = {0};
	bool forward;
	int r;

	if (scm_id_equal(&e->tip, local)) {
		strlist_add(&out->up_to_date, e->name);
		return 1;
	}
	r = add_commits(p->x, e, &commits, &why);
	forward = !scm_id_is_set(local) || (r == 0 && is_forward(local, e, &commits));
	vec_release(&commits);
	if (r < 0) {
		strlist_addf(&out->refused, "%s: it leads to no commit", e->ref);
		return 0;
	}
	if (!forward && !p->how->force) {
		strlist_add(&out->diverged, e->name);
		return 0;
	}
	/* only if it still is what was compared */
	r = scm_ref_write(p->x->scm, e->ref, &e->tip, local, NULL, err);
	if (r < 0)
		return r;
	strlist_add(&out->pulled, e->name);
	return 1;
}

/* Notes that are malformed are left where they are. */
static int take_notes(
	struct pulling *p, const struct expref *e, struct exp_pulled *out, struct err *err)
{
	const struct scm_id *theirs = new_notes(p, e);
	AUTO(err_release) struct err why = ERR_INIT;
	int r = theirs ? exp_notes_merge(p->x, e->ref, theirs, &why) : 0;

	if (r == ERR_PARSE) {
		strlist_add(&out->refused, err_text(&why));
		return 0;
	}
	if (r == 1)
		strlist_add(&out->notes, e->name);
	return r < 0 ? err_move(err, &why) : 0;
}

int exp_pull(struct exp *x, const struct exp_share *how, struct exp_pulled *out, struct err *err)
{
	AUTO(pulling_release) struct pulling p = {.x = x, .how = how};
	struct exprefs here = {0}; /* borrowed items */
	size_t fetched = 0;
	int r = git_remote_open(&p.git, x->scm, x->repo->cwd, how->git_remote, err);

	if (r < 0)
		return r;
	out->shown = mem_strdup(p.git.shown);
	r = choose_remote(&p, err);
	if (r == 0)
		r = fetch_objects(&p, err);
	for (size_t i = 0; i < p.refs.count && r >= 0; i++) {
		r = take_ref(&p, i, out, err);
		if (r != 1)
			continue;
		*vec_push(&here) = p.refs.items[i];
		r = take_notes(&p, &p.refs.items[i], out, err);
	}
	if (r >= 0)
		r = how->cache ? transfer_data(x, how, &here, false, &fetched, err) : 0;
	vec_release(&here);
	return r;
}

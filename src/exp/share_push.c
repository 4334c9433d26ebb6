/* Pushes experiments: a dry run, the data, the refs. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "data/remotes.h"
#include "exp/notes.h"
#include "exp/share_int.h"
#include "scm/ref.h"

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

/* One push, with what it has found out. */
struct pushing {
	struct exp *x;
	const struct exp_share *how;
	struct remote_git git;
	struct exprefs refs; /* sorted */
	/* of the refs, in the same order; then of their notes, of which `notes` has the index in
	 * `refs` */
	struct ref_updates updates;
	VEC(size_t) notes;
};

static void pushing_release(struct pushing *p)
{
	remote_git_release(&p->git);
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
	int r = share_data(p->x, p->how, &some, true, &out->uploaded, err);

	vec_release(&some);
	return r;
}

/* Is (or will be) the experiment there to which this ref belongs? Notes are not for another one of
 * that name. */
static bool is_there(const struct pushing *p, size_t i)
{
	size_t at = i < p->refs.count ? i : p->notes.items[i - p->refs.count];
	enum ref_outcome of_experiment = p->updates.items[at].outcome;

	return of_experiment == REF_SENT || of_experiment == REF_UP_TO_DATE;
}

static bool is_wanted(const struct pushing *p, size_t i)
{
	return p->updates.items[i].outcome == REF_SENT && is_there(p, i);
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
		enum ref_outcome outcome = is_there(p, p->refs.count + i) ? u->outcome
									  : REF_UP_TO_DATE;

		if (outcome == REF_SENT && sent)
			strlist_add(&out->notes, name);
		else if (outcome == REF_DIVERGED)
			progress_warn(p->how->progress,
				"the notes on '%s' were not pushed: those on '%s' have changed, too; `exp pull` merges them",
				name, p->git.shown);
		else if (outcome == REF_REFUSED)
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
		r = remote_git_open(&p.git, x->scm, x->repo->cwd, how->git_remote, err);
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

/* Pulls experiments: objects, refs, notes, data. */
#include <stdlib.h>

#include "base/alloc.h"
#include "exp/notes.h"
#include "exp/share_int.h"
#include "scm/ref.h"

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

struct pulling {
	struct exp *x;
	const struct exp_share *how;
	struct remote_git git;
	struct exprefs refs;      /* of the remote, sorted */
	VEC(struct scm_id) local; /* their tips here; unset: none */
	struct remote_refs notes; /* of the remote, sorted */
};

static void pulling_release(struct pulling *p)
{
	remote_git_release(&p->git);
	exprefs_release(&p->refs);
	vec_release(&p->local);
	remote_refs_release(&p->notes);
}

static int choose_remote(struct pulling *p, struct err *err)
{
	struct exp_share how = *p->how;
	AUTO(exprefs_release) struct exprefs all = {0};
	AUTO(strlist_release) struct strlist unknown = STRLIST_INIT;
	int r = share_list(p->x, &p->git, &all, &p->notes, err);

	if (how.which.all) /* names say nothing then, as in DVC */
		how.names = NULL;
	if (r == 0)
		r = share_choose(p->x, &how, &all, &p->refs, &unknown, err);
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

	for (size_t i = 0; i < p->refs.count; i++)
		if (!scm_id_equal(&p->refs.items[i].tip, &p->local.items[i]))
			strlist_add(&names, p->refs.items[i].ref);
	VEC_EACH (&p->refs, e)
		if (new_notes(p, e))
			strlist_take(&names, exp_note_ref(e->ref));
	return share_fetch(p->x, &p->git, &names, err);
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
	r = share_commits(p->x, e, &commits, &why);
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
		AUTO(mem_freep) char *name = exp_note_ref(e->ref);

		strlist_addf(&out->refused, "%s: it leads to no commit", name);
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
	int r = remote_git_open(&p.git, x->scm, x->repo->cwd, how->git_remote, err);

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
		r = how->cache ? share_data(x, how, &here, false, &fetched, err) : 0;
	vec_release(&here);
	return r;
}

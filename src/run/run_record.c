/* The files that a `repro` writes. Their content must not depend on which of several jobs ends
 * first. It also reads entries that other processes wrote meanwhile. */
#include "run/run_int.h"

#include "base/alloc.h"
#include "base/path.h"
#include "project/gitignore.h"
#include "project/load.h"

/*
 * The position of a new entry: in front of new entries that a serial run would add later, so that
 * the file does not depend on which stage ends first. NULL: at the end.
 */
static const char *next_added(const struct run *run, const struct stage *s)
{
	for (size_t i = run->place[s->order]; i < run->steps.count; i++) {
		const struct stage *later = run->steps.items[i];
		if (run->added[later->order] && strcmp(later->file, s->file) == 0)
			return later->name;
	}
	return NULL;
}

int run_record(struct run *run, struct stage *s, struct err *err)
{
	const char *before = s->name && run->opts->jobs > 1 ? next_added(run, s) : NULL;
	int change = record_write(run->repo, &run->ix->arena, &run->locks, &s, 1, before,
		run->opts->run.progress, err);
	if (!s->name) /* a .dvc file: DVC stages it for Git even if nothing changed */
		repo_track(run->repo, s->file);
	else if (change > LOCK_SAME)
		run->added[s->order] = change != LOCK_UPDATED;
	return MIN(change, 0);
}

/* The entry of dvc.lock as it was when the index was loaded. */
static const struct value *entry_at_start(const struct run *run, const struct stage *s)
{
	const struct pipeline *p = map_get(&run->ix->by_file, s->file);
	return value_get(value_get(p->lock, "stages"), s->name);
}

static void forget_recorded(struct stage *s)
{
	s->locked = s->cmd_changed = false;
	VEC_EACH (&s->deps, d) {
		d->locked = d->raw = NULL;
		d->rec = RECORDED_NONE;
	}
	VEC_EACH (&s->outs, o) {
		o->raw = NULL;
		o->rec = RECORDED_NONE;
	}
}

int run_take_news(struct run *run, struct stage *s, struct err *err)
{
	struct lock_file *lf;
	/* under the repository lock nobody else writes dvc.lock */
	if (!run->released || !s->name)
		return 0;
	int r = lock_files_get(run->repo, &run->locks, s->file, &lf, err);
	const struct value *now = NULL, *then = entry_at_start(run, s);
	if (r >= 0)
		r = lock_file_get(lf, s->name, &now, err);
	if (r < 0 || !now || (then && value_equal(now, then)))
		return r;
	forget_recorded(s);
	load_lock_entry(&run->ix->arena, s, value_copy(&run->ix->arena, now));
	return 0;
}

/* ---- .gitignore ---- */

struct ignored {
	size_t place;          /* of its stage in the run (run.place); 0: not of this run */
	const struct out *out; /* NULL if place is 0 */
	size_t at;             /* position in the order of adding */
};

static int by_place(const void *a, const void *b)
{
	const struct ignored *x = a, *y = b;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	if (x->out != y->out) /* outputs of the same stage are in one array */
		return x->out < y->out ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

int run_sort_ignored(struct run *run, struct err *err)
{
	const struct strlist *added = &run->repo->ignored;
	VEC(struct ignored) list = {0};
	AUTO(strlist_release) struct strlist sorted = STRLIST_INIT;
	for (size_t i = 0; run->opts->jobs > 1 && i < added->count; i++) {
		const struct out *o = index_find_out(run->ix, added->items[i]);
		size_t place = o ? run->place[o->stage->order] : 0;
		*vec_push(&list) = (struct ignored){place, place ? o : NULL, i};
	}
	vec_sort(&list, by_place);
	VEC_EACH (&list, it)
		strlist_add(&sorted, added->items[it->at]);
	vec_release(&list);
	return sorted.count > 1 ? gitignore_reorder(run->repo, &sorted, err) : 0;
}

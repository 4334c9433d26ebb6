#include "run/run_int.h"

#include "base/alloc.h"
#include "base/path.h"
#include "project/dvcfile.h"
#include "project/gitignore.h"
#include "project/load.h"

/* The dvc.lock beside a dvc.yaml, opened when first needed. */
static int lock_of(
	struct run *run, const char *pipeline_file, struct lock_file **out, struct err *err)
{
	*out = map_get(&run->locks, pipeline_file);
	if (*out)
		return 0;
	AUTO(mem_freep) char *dir = path_dirname(pipeline_file);
	AUTO(mem_freep) char *beside = path_join(dir, "dvc.lock");
	AUTO(mem_freep) char *shown = repo_display(run->repo, beside);
	int r = lock_file_open(pipeline_file, shown, out, err);
	if (r >= 0)
		map_set(&run->locks, pipeline_file, *out);
	return r;
}

void run_close_locks(struct run *run)
{
	for (struct map_entry *e = map_next(&run->locks, NULL); e; e = map_next(&run->locks, e))
		lock_file_free(e->value);
	map_release(&run->locks);
}

/*
 * Where a new entry goes: in front of those that a serial run would have added later, so that the
 * file is the same whichever stage ends first. NULL: at the end.
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
	struct lock_file *lf;
	if (!s->name) { /* a data source: what it is now is what it is meant to be */
		int r = dvcfile_save(run->repo, s, err);
		repo_track(run->repo, s->file);
		return MIN(r, 0);
	}
	int change = lock_of(run, s->file, &lf, err);
	if (change < 0)
		return change;
	const char *before = run->opts->jobs > 1 ? next_added(run, s) : NULL;
	change = lock_file_put(lf, s->name, lock_entry(&run->ix->arena, s), before, err);
	if (change <= LOCK_SAME)
		return change;
	run->added[s->order] = change != LOCK_UPDATED;
	AUTO(mem_freep) char *shown = repo_display(run->repo, lock_file_path(lf));
	if (change == LOCK_CREATED)
		progress_info(run->opts->run.progress, "Generating lock file '%s'", shown);
	progress_info(run->opts->run.progress, "Updating lock file '%s'", shown);
	repo_track(run->repo, lock_file_path(lf));
	return 0;
}

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
	if (!run->released || !s->name)
		return 0;
	int r = lock_of(run, s->file, &lf, err);
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
	size_t place;          /* of its stage; 0: it was added before they ran */
	const struct out *out; /* NULL likewise */
	size_t at;             /* in the order of adding */
};

static int by_place(const void *a, const void *b)
{
	const struct ignored *x = a, *y = b;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	if (x->out != y->out) /* they stand in one array */
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

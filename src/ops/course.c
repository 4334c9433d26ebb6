/* The walk over first parents, the choice of commits, and their readings. */
#include "ops/course.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "data/data.h"
#include "scm/ref.h"
#include "scm/scm.h"
#include "text/flatten.h"

enum { MAX_WALK = 20000 }; /* commits in which the other end is looked for */

void course_release(struct course *c)
{
	vec_release(&c->steps);
}

/* ---- which commits ---- */

/* The commits from `tip` (included) down to `base` (excluded). False: `base` is not among the
 * first-parent ancestors that can be read. */
static bool walk_down(
	struct scm *scm, const struct scm_id *tip, const struct scm_id *base, struct scm_ids *out)
{
	struct scm_id id = *tip;
	while (!scm_id_equal(&id, base)) {
		AUTO(scm_commit_release) struct scm_commit commit = {0};
		if (out->count == MAX_WALK || scm_commit_load(scm, &id, &commit, NULL) < 0 ||
			!commit.parents.count) {
			vec_release(out);
			return false;
		}
		*vec_push(out) = id;
		id = commit.parents.items[0];
	}
	return true;
}

static void reverse(struct scm_ids *ids)
{
	for (size_t i = 0; i < ids->count / 2; i++) {
		struct scm_id tmp = ids->items[i];
		ids->items[i] = ids->items[ids->count - 1 - i];
		ids->items[ids->count - 1 - i] = tmp;
	}
}

/* The commits between two, in the order of the course. With `to_workspace` that of `to` is one of
 * them. */
static void between(struct scm *scm, const struct scm_id *from, const struct scm_id *to,
	bool to_workspace, struct scm_ids *out)
{
	if (walk_down(scm, to, from, out)) {
		reverse(out);
		if (!to_workspace && out->count)
			out->count--;
	} else if (walk_down(scm, from, to, out)) { /* back in time */
		memmove(out->items, out->items + 1, --out->count * sizeof(*out->items));
		if (to_workspace)
			*vec_push(out) = *to;
	}
}

/* Reduce to `most` commits at equal distances. The ends of the course are not among them. */
static void thin_out(struct scm_ids *ids, size_t most)
{
	if (ids->count <= most)
		return;
	for (size_t i = 0; i < most; i++)
		ids->items[i] = ids->items[(i + 1) * (ids->count + 1) / (most + 1) - 1];
	ids->count = most;
}

static int choose_commits(
	struct repo *repo, const struct course_opts *opts, struct strlist *out, struct err *err)
{
	bool to_workspace = strcmp(opts->b_rev, "workspace") == 0;
	struct scm_ids ids = {0};
	struct scm_id from, to;
	struct scm *scm;
	if (strcmp(opts->a_rev, "workspace") == 0)
		return 0; /* nothing leads from it to a commit */

	int r = scm_open(&scm, repo->git_root, err);
	if (r < 0)
		return r;
	r = scm_resolve(scm, opts->a_rev, &from, err);
	if (r == 0)
		r = to_workspace ? scm_head(scm, &to, NULL, err)
				 : scm_resolve(scm, opts->b_rev, &to, err);
	if (r == 0)
		between(scm, &from, &to, to_workspace, &ids);
	scm_free(scm);

	thin_out(&ids, opts->most - 2);
	VEC_EACH (&ids, id)
		strlist_add(out, id->hex);
	vec_release(&ids);
	return r;
}

/* ---- their readings ---- */

static struct value *flat_readings(
	const struct readings *r, const struct repo *repo, struct arena *a)
{
	struct value *out = value_map(a);
	const struct value *files = r && !r->error.type ? readings_to_value(r, repo, a) : NULL;
	for (size_t i = 0; i < value_count(files); i++) {
		const struct value *data = value_get(files->list.items[i].value, "data");
		struct value *flat = value_map(a);
		if (value_is(data, VALUE_MAP))
			flat = flatten(a, data);
		else if (data)
			value_set(a, flat, "", value_copy(a, data));
		value_set(a, out, files->list.items[i].key, flat);
	}
	return out;
}

int course_collect(struct repo *repo, const struct course_opts *opts, readings_fn read,
	struct arena *a, struct course *out, struct err *err)
{
	AUTO(readings_list_release) struct readings_list list = {0};
	AUTO(strlist_release) struct strlist revs = STRLIST_INIT;
	struct readings_opts which = {.targets = opts->targets, .revs = &revs};
	struct data *data;

	int r = choose_commits(repo, opts, &revs, err);
	if (r == 0 && revs.count)
		r = repo_data(repo, &data, err);
	if (r == 0 && revs.count) {
		bool before = data->no_remote;
		data->no_remote = true;
		r = readings_collect(repo, &which, read, a, &list, err);
		data->no_remote = before;
	}
	if (r < 0)
		return r;

	*vec_push(&out->steps) = flat_readings(opts->old, repo, a);
	VEC_EACH (&list.items, it)
		if (strcmp(it->rev, "workspace") != 0)
			*vec_push(&out->steps) = flat_readings(it, repo, a);
	*vec_push(&out->steps) = flat_readings(opts->new, repo, a);
	return 0;
}

void course_values(const struct course *c, const char *path, const char *key, double *out)
{
	VEC_EACH (&c->steps, step) {
		const struct value *v = value_get(value_get(*step, path), key);
		*out++ = value_is_number(v) ? value_number(v) : (double)NAN;
	}
}

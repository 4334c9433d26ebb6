/* Collects the commits for options such as --all-branches and --num. */
#include "scm/scm_int.h" /* first: git2.h has names that base/banned.h poisons */

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/map.h"
#include "base/path.h"
#include "scm/expref.h"
#include "scm/git.h"
#include "scm/head.h"
#include "scm/ref.h"

struct collector {
	struct scm *scm;
	struct scm_revs *out;
	struct map seen; /* id -> index in `out` plus one */
	struct map cut;  /* commits of a shallow clone whose parents it does not have */
	int num;
	size_t prefix_len;
};

/* Read the commits at which a shallow clone ends: one id in each line of "shallow". */
static void load_cut(struct collector *c)
{
	AUTO(mem_freep) char *common = scm_common_dir_peek(scm_git_dir(c->scm));
	AUTO(mem_freep) char *path = path_join(common, "shallow");
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strlist_release) struct strlist ids = STRLIST_INIT;

	if (!file_exists(path) || file_read(path, &text, NULL) < 0)
		return;
	strlist_split(&ids, buf_str(&text), '\n');
	for (size_t i = 0; i < ids.count; i++)
		map_set(&c->cut, ids.items[i], c);
}

/* Add a commit, or another name of one that is there already. */
static void add(struct collector *c, const struct scm_id *id, const char *name)
{
	size_t at = (size_t)(uintptr_t)map_get(&c->seen, id->hex);

	if (!at) {
		struct scm_rev *rev = vec_push(c->out);

		rev->id = *id;
		at = c->out->count;
		map_set(&c->seen, id->hex, (void *)(uintptr_t)at);
	}
	struct strlist *names = &c->out->items[at - 1].names;

	strlist_add_once(names, name);
}

/* Add a commit by its name and its ancestors (first parents) by their ids. */
static int add_with_ancestors(struct collector *c, const char *name, struct err *err)
{
	struct scm_id id;
	int r;

	if (c->num == 0) /* no commit at all was asked for */
		return 0;
	/* as in DVC, an empty name is HEAD: editors pass one on when a repository has no commit */
	r = scm_resolve(c->scm, *name ? name : "HEAD", &id, err);
	if (r < 0)
		return r;

	add(c, &id, name);
	/* a negative num never equals n: all ancestors */
	for (int n = 1; n != c->num; n++) {
		AUTO(scm_commit_release) struct scm_commit commit = {0};

		r = scm_commit_load(c->scm, &id, &commit, err);
		if (r < 0)
			return r;
		if (commit.parents.count == 0 || map_has(&c->cut, id.hex))
			break;
		id = commit.parents.items[0];
		add(c, &id, id.hex);
	}
	return 0;
}

/* Branches get ancestors, as in DVC; tags do not. */
static int add_branch(void *ctx, const char *ref, const struct scm_id *id, struct err *err)
{
	struct collector *c = ctx;

	(void)id;
	return add_with_ancestors(c, ref + strlen("refs/heads/"), err);
}

static int add_tag(void *ctx, const char *ref, const struct scm_id *id, struct err *err)
{
	struct collector *c = ctx;
	struct scm_id commit;

	(void)id;
	int r = scm_resolve(c->scm, ref, &commit, err);

	if (r == 0)
		add(c, &commit, ref + strlen("refs/tags/"));
	return r == ERR_NOT_FOUND ? 0 : r; /* a tag of a tree or a blob is left out */
}

struct walk {
	struct scm *scm;
	git_revwalk *walk;
};

/* Start the walk at a ref, too. Refs that lead to no commit are left out. */
static int push_ref(void *ctx, const char *ref, const struct scm_id *id, struct err *err)
{
	const struct walk *w = ctx;
	struct scm_id commit;
	git_oid oid;

	(void)id;
	(void)err;
	if (scm_resolve(w->scm, ref, &commit, NULL) == 0 && scm_id_to(w->scm, &commit, &oid))
		(void)w->scm->lib->revwalk_push(w->walk, &oid);
	return 0;
}

/* Add a commit, unless it was made before `since_s` (NULL: no limit). */
static void add_since(struct collector *c, const struct scm_id *id, const int64_t *since_s)
{
	AUTO(scm_commit_release) struct scm_commit commit = {0};

	if (since_s && scm_commit_load(c->scm, id, &commit, NULL) == 0 && commit.time_s < *since_s)
		return;
	add(c, id, id->hex);
}

/* The library does not know shallow clones before version 1.7: it fails at a commit whose parents
 * are not there. So git walks. */
static int walk_shallow(struct collector *c, const int64_t *since_s, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strlist_release) struct strlist ids = STRLIST_INIT;
	struct scm_id id;
	bool have_head = scm_head(c->scm, &id, NULL, NULL) == 0;
	int r = git_runl(scm_root(c->scm), &text, err, "rev-list", "--date-order", "--branches",
		"--remotes", "--tags", have_head ? id.hex : NULL, NULL);

	strlist_split(&ids, buf_str(&text), '\n');
	for (size_t i = 0; i < ids.count && r == 0; i++) {
		if (!scm_is_full_id(ids.items[i]))
			continue;
		memcpy(id.hex, ids.items[i], sizeof(id.hex));
		add_since(c, &id, since_s);
	}
	return r;
}

/* A walk that breaks off must not look like a short history: `gc` would remove the data of the
 * rest. */
static int take_walked(
	struct collector *c, git_revwalk *walk, const int64_t *since_s, struct err *err)
{
	struct scm_id id;
	git_oid oid;
	int r;

	while ((r = c->scm->lib->revwalk_next(&oid, walk)) == 0) {
		scm_id_from(c->scm, &oid, &id);
		add_since(c, &id, since_s);
	}
	return r == GIT_ITEROVER ? 0 : scm_lib_error(r, err, "unable to walk the commits");
}

static int walk_complete(struct collector *c, const int64_t *since_s, struct err *err)
{
	static const char *const from[] = {"refs/heads/", "refs/remotes/", "refs/tags/"};
	struct walk w = {c->scm, NULL};
	struct scm_id id;
	git_oid oid;
	int r = c->scm->lib->revwalk_new(&w.walk, c->scm->repo);

	if (r < 0)
		return scm_lib_error(r, err, "unable to walk the commits");

	(void)c->scm->lib->revwalk_sorting(w.walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);

	if (scm_head(c->scm, &id, NULL, NULL) == 0 && scm_id_to(c->scm, &id, &oid))
		(void)c->scm->lib->revwalk_push(w.walk, &oid);

	for (size_t i = 0; i < ARRAY_SIZE(from) && r == 0; i++)
		r = scm_refs_each(c->scm, from[i], push_ref, &w, err);

	if (r == 0)
		r = take_walked(c, w.walk, since_s, err);
	c->scm->lib->revwalk_free(w.walk);
	return r;
}

/* Add every commit of branches, remote branches and tags; with `since_s` only those committed since
 * then. */
static int add_all_commits(struct collector *c, const int64_t *since_s, struct err *err)
{
	return c->cut.count ? walk_shallow(c, since_s, err) : walk_complete(c, since_s, err);
}

static int add_experiments(struct collector *c, struct err *err)
{
	AUTO(exprefs_release) struct exprefs all = {0};
	int r = exprefs_load(c->scm, NULL, &all, err);

	VEC_EACH (&all, e) {
		struct scm_id id = e->tip;

		/* An experiment of DVC 2 may have several commits above the baseline
		 * (checkpoints). */
		while (r == 0 && scm_id_is_set(&id) && !scm_id_equal(&id, &e->baseline)) {
			AUTO(scm_commit_release) struct scm_commit commit = {0};

			r = scm_commit_load(c->scm, &id, &commit, err);
			if (r < 0)
				break;
			add(c, &id, id.hex);
			if (commit.parents.count && !map_has(&c->cut, id.hex))
				id = commit.parents.items[0];
			else
				break;
		}
		if (r < 0) {
			r = err_wrap(err, r, "unable to read experiment '%s'", e->name);
			err_hint(err,
				"`git update-ref -d %s` removes a ref that leads to no commit.",
				e->ref);
			break;
		}
	}
	return r;
}

/* Commits stay in the order in which they are added, so the order of these calls shows in
 * tables. */
int scm_revs_collect(
	struct scm *scm, const struct scm_revs_opts *opts, struct scm_revs *out, struct err *err)
{
	struct collector c = {.scm = scm, .out = out, .num = opts->num};
	int r = 0;

	load_cut(&c);
	for (size_t i = 0; opts->revs && i < opts->revs->count && r == 0; i++)
		r = add_with_ancestors(&c, opts->revs->items[i], err);

	if (r == 0 && opts->all_commits)
		r = add_all_commits(&c, NULL, err);
	if (r == 0 && !opts->all_commits && opts->all_branches)
		r = scm_refs_each(scm, "refs/heads/", add_branch, &c, err);
	if (r == 0 && !opts->all_commits && opts->all_tags)
		r = scm_refs_each(scm, "refs/tags/", add_tag, &c, err);
	if (r == 0 && !opts->all_commits && opts->since)
		r = add_all_commits(&c, &opts->since_s, err);
	if (r == 0 && opts->all_experiments)
		r = add_experiments(&c, err);

	map_release(&c.seen);
	map_release(&c.cut);
	return r;
}

void scm_revs_release(struct scm_revs *revs)
{
	VEC_EACH (revs, r)
		strlist_release(&r->names);
	vec_release(revs);
}

/* Walks stages and the top-level sections of dvc.yaml for files that an experiment commits. */
#include "exp/files.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/map.h"
#include "base/path.h"

char *exp_files_git_path(const struct exp *x, const char *path)
{
	AUTO(mem_freep) char *full = path_join(x->repo->root, path);
	AUTO(mem_freep) char *clean = path_normalize(full);

	return path_relative(clean, scm_root(x->scm));
}

struct collection {
	struct exp *x;
	struct strlist *out;
	struct map seen;
};

/* Skip paths that do not exist or are outside the work tree: Git cannot commit them. */
static void add(struct collection *c, const char *abs_path)
{
	if (!path_inside(abs_path, scm_root(c->x->scm)) || map_has(&c->seen, abs_path) ||
		!file_exists(abs_path))
		return;
	map_set(&c->seen, abs_path, c);
	strlist_take(c->out, path_relative(abs_path, scm_root(c->x->scm)));
}

/* Cached outputs are in DVC's cache, not in Git; this also holds where they are dependencies. */
static void add_stage(struct collection *c, const struct index *ix, const struct stage *s)
{
	add(c, s->file);
	if (s->name) {
		AUTO(mem_freep) char *lock = path_join(s->dir, "dvc.lock");

		add(c, lock);
	}
	VEC_EACH (&s->deps, dep) {
		const struct out *made = dep->abs_path ? index_find_out(ix, dep->abs_path) : NULL;

		if (dep->abs_path && !(made && made->cache))
			add(c, dep->abs_path);
	}
	VEC_EACH (&s->outs, out) {
		if (out->abs_path && !out->cache)
			add(c, out->abs_path);
	}
}

/* A section is a list of paths, or of maps whose keys are paths, relative to the directory of its
 * dvc.yaml. */
static void add_section(
	struct collection *c, const struct index *ix, const char *dir, const struct value *section)
{
	for (size_t i = 0; i < value_count(section); i++) {
		const struct value_item *item = &section->list.items[i];
		const char *path = item->key ? item->key : value_str(item->value);

		if (!item->key && value_is(item->value, VALUE_MAP)) {
			add_section(c, ix, dir, item->value);
			continue;
		}
		if (!path)
			continue;
		AUTO(mem_freep) char *full = path_join(dir, path);
		AUTO(mem_freep) char *clean = path_normalize(full);
		const struct out *made = index_find_out(ix, clean);

		if (!(made && made->cache))
			add(c, clean);
	}
}

int exp_files_collect(
	struct exp *x, const struct stage_list *stages, struct strlist *out, struct err *err)
{
	struct collection c = {.x = x, .out = out};
	struct index *ix;
	int r = repo_index(x->repo, &ix, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < stages->count; i++)
		add_stage(&c, ix, stages->items[i]);
	/* of all dvc.yaml files, whether or not a stage of theirs ran */
	VEC_EACH (&ix->pipelines, p) {
		add_section(&c, ix, (*p)->dir, (*p)->metrics);
		add_section(&c, ix, (*p)->dir, (*p)->params);
		add_section(&c, ix, (*p)->dir, (*p)->plots);
	}
	map_release(&c.seen);
	return 0;
}

/*
 * A small repository without Git in a scratch directory, which is the working directory during the
 * test. For modules whose input is the contents of files. Its state and the user's configuration
 * are in it, too.
 */
#ifndef TESTS_UNIT_SANDBOX_H
#define TESTS_UNIT_SANDBOX_H

#include "project/index.h"
#include "tmpdir.h"

struct sandbox {
	struct tmpdir tmp;
	char *old_cwd;
	struct repo repo;
};

static inline void sandbox_open(struct sandbox *s)
{
	*s = (struct sandbox){.tmp = tmpdir_make(), .old_cwd = path_cwd()};
	AUTO(mem_freep) char *site = tmpdir_at(&s->tmp, ".dvc/tmp/site");
	tmpdir_write(&s->tmp, ".dvc/config", "[core]\n    no_scm = true\n");
	if (chdir(s->tmp.path) < 0 || setenv("DVC_SITE_CACHE_DIR", site, 1) < 0 ||
		setenv("HOME", s->tmp.path, 1) < 0 || repo_open(&s->repo, NULL, ".", NULL) < 0)
		abort();
}

static inline void sandbox_release(struct sandbox *s)
{
	repo_release(&s->repo);
	if (chdir(s->old_cwd) < 0)
		abort();
	free(s->old_cwd);
	tmpdir_release(&s->tmp);
}

static inline void sandbox_write(const struct sandbox *s, const char *rel, const char *text)
{
	tmpdir_write(&s->tmp, rel, text);
}

/* One file that differs from what was there; `text` NULL: it is removed. */
struct sandbox_edit {
	const char *path, *text;
};

/* Up to `count` of them; the first without a path ends the list. */
static inline void sandbox_apply(
	const struct sandbox *s, const struct sandbox_edit *edits, size_t count)
{
	for (size_t i = 0; i < count && edits[i].path; i++) {
		if (file_remove(edits[i].path, NULL) < 0)
			abort();
		if (edits[i].text)
			sandbox_write(s, edits[i].path, edits[i].text);
	}
}

/* Load the index anew from the present files. */
static inline struct index *sandbox_index(struct sandbox *s)
{
	struct index *ix;
	AUTO(err_release) struct err err = ERR_INIT;
	repo_index_reset(&s->repo);
	if (repo_index(&s->repo, &ix, &err) < 0) {
		fprintf(stderr, "%s\n", err_text(&err));
		abort();
	}
	return ix;
}

/* The stage of that name. */
static inline struct stage *sandbox_stage(const struct index *ix, const char *name)
{
	VEC_EACH (&ix->stages, s)
		if ((*s)->name && strcmp((*s)->name, name) == 0)
			return *s;
	abort();
}

#endif

/* A scratch directory for one test, and small files in it. */
#ifndef TESTS_UNIT_TMPDIR_H
#define TESTS_UNIT_TMPDIR_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"

struct tmpdir {
	char *path;
};

static inline struct tmpdir tmpdir_make(void)
{
	struct tmpdir t = {mem_strdup("/tmp/cairn-unit-XXXXXX")};
	if (!mkdtemp(t.path))
		abort();
	return t;
}

static inline void tmpdir_release(struct tmpdir *t)
{
	(void)file_remove(t->path, NULL);
	free(t->path);
	t->path = NULL;
}

/* The absolute path of an entry; heap string. */
static inline char *tmpdir_at(const struct tmpdir *t, const char *rel)
{
	return path_join(t->path, rel);
}

/* Write a file and create its directories. */
static inline void tmpdir_write(const struct tmpdir *t, const char *rel, const char *text)
{
	AUTO(mem_freep) char *path = tmpdir_at(t, rel);
	if (file_mkdirs_for(path, NULL) < 0 || file_write(path, text, strlen(text), 0, NULL) < 0)
		abort();
}

#endif

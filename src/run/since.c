/* Compares the entries of dvc.lock in older and older commits with those of the workspace. Parsing
 * each version would be slow, so the lines of an entry are compared first. */
#include "run/since.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "scm/ref.h"
#include "text/yaml.h"

/* One version of a dvc.lock. */
struct lock_text {
	struct buf text;
	struct map blocks; /* stage -> struct block */
	struct value *doc; /* parsed when first needed; NULL: it is not valid YAML */
	bool parsed;
	struct arena arena; /* owns the blocks and the document */
};

/* The lines of one entry, below the stage's name. */
struct block {
	const char *start;
	size_t len; /* without the last newline */
};

/* A dvc.lock with queries. */
struct lock_past {
	char *dir;            /* absolute, of its dvc.yaml */
	char *path;           /* relative to the root of the Git repository */
	struct lock_text now; /* as it is in the workspace */
	struct scm_id blob;   /* the last version that was compared */
	bool seen;            /* `blob` is set */
	size_t open;          /* queries without an answer */
};

struct walk {
	struct repo *repo;
	struct scm *scm;
	struct since_query *queries;
	size_t count, open; /* queries, and those without an answer yet */
	VEC(struct lock_past) locks;
	size_t *lock_of; /* by query */
};

/* Is this line the name of an entry ("  train:")? Holds for files as cairn and DVC write them; in
 * other files no block is found, and entries are parsed. */
static bool is_name(const char *line, size_t len, const char **out, size_t *out_len)
{
	if (len < 4 || memcmp(line, "  ", 2) != 0 || line[2] == ' ' || line[len - 1] != ':')
		return false;
	*out = line + 2;
	*out_len = len - 3;
	return true;
}

static bool is_in_entry(const char *line, size_t len)
{
	return len == 0 || (len >= 3 && memcmp(line, "   ", 3) == 0);
}

/* Note where the lines of each entry are, in one pass. */
static void find_blocks(struct lock_text *t)
{
	const char *end = buf_str(&t->text) + t->text.len, *name;
	struct block *open = NULL;
	size_t len, name_len;

	for (const char *line = buf_str(&t->text); line < end; line += len + 1) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		len = (size_t)((newline ? newline : end) - line);
		if (is_name(line, len, &name, &name_len)) {
			open = ARENA_NEW(&t->arena, struct block);
			open->start = line + len + 1;
			map_setn(&t->blocks, name, name_len, open);
		} else if (open && !is_in_entry(line, len)) {
			open = NULL;
		} else if (open && len) { /* empty lines at the end do not belong to it */
			open->len = (size_t)(line + len - open->start);
		}
	}
}

static const struct value *parsed_entry(
	struct lock_text *t, const struct lock_past *lock, const char *name)
{
	if (!t->parsed)
		(void)yaml_parse(
			&t->arena, lock->path, buf_str(&t->text), t->text.len, &t->doc, NULL);
	t->parsed = true;
	return value_get(value_get(t->doc, "stages"), name);
}

static void release_text(struct lock_text *t)
{
	map_release(&t->blocks);
	arena_release(&t->arena);
	buf_release(&t->text);
}

/* Is the stage's entry the same in both? Usually the lines are equal, and nothing is parsed. */
static bool same_entry(struct lock_past *lock, struct lock_text *then, const struct stage *s)
{
	const struct block *a = map_get(&lock->now.blocks, s->name);
	const struct block *b = map_get(&then->blocks, s->name);
	if (a && b && a->len == b->len && memcmp(a->start, b->start, a->len) == 0)
		return true;
	const struct value *is = parsed_entry(&lock->now, lock, s->name);
	const struct value *was = parsed_entry(then, lock, s->name);
	return is && was && value_equal(is, was);
}

static void add_query(struct walk *w, size_t at)
{
	const struct stage *s = w->queries[at].stage;
	size_t i = 0;
	while (i < w->locks.count && strcmp(w->locks.items[i].dir, s->dir) != 0)
		i++;
	w->lock_of[at] = i;
	if (i == w->locks.count) {
		AUTO(mem_freep) char *path = path_join(s->dir, "dvc.lock");
		struct lock_past *lock = vec_push(&w->locks);
		lock->dir = mem_strdup(s->dir);
		lock->path = path_relative(path, scm_root(w->scm));
		/* without the file every comparison says "different" */
		(void)file_read(path, &lock->now.text, NULL);
		find_blocks(&lock->now);
	}
	w->locks.items[i].open++;
}

/* Compare one version of a dvc.lock (NULL: the commit has none). Queries whose entry differs are
 * answered with `newer`, the commit after it; NULL: this was HEAD, so the entry is uncommitted. */
static void look_at(
	struct walk *w, size_t lock_at, struct lock_text *text, const struct scm_commit *newer)
{
	struct lock_past *lock = &w->locks.items[lock_at];
	for (size_t i = 0; i < w->count; i++) {
		struct since *since = &w->queries[i].since;
		if (w->lock_of[i] != lock_at || since->kind != SINCE_UNKNOWN ||
			(text && same_entry(lock, text, w->queries[i].stage)))
			continue;
		since->kind = newer ? SINCE_COMMIT : SINCE_UNCOMMITTED;
		if (newer) {
			since->commit = newer->id;
			since->time_s = newer->time_s;
			since->subject = scm_commit_subject(newer);
		}
		lock->open--;
		w->open--;
	}
}

static int look_at_commit(
	struct walk *w, const struct scm_commit *c, const struct scm_commit *newer, struct err *err)
{
	for (size_t i = 0; i < w->locks.count; i++) {
		struct lock_past *lock = &w->locks.items[i];
		struct scm_entry found = {0};
		AUTO(release_text) struct lock_text text = {0};
		if (!lock->open)
			continue;
		int r = scm_find(w->scm, &c->id, lock->path, &found, err);
		if (r == ERR_NOT_FOUND)
			err_release(err);
		else if (r < 0)
			return r;
		/* most commits do not touch the file (a missing file has the zero id) */
		if (lock->seen && scm_id_equal(&lock->blob, &found.id))
			continue;
		if (r >= 0)
			r = scm_read_blob(w->scm, &found.id, &text.text, err);
		if (r < 0 && r != ERR_NOT_FOUND)
			return r;
		find_blocks(&text);
		look_at(w, i, r < 0 ? NULL : &text, newer);
		lock->blob = found.id;
		lock->seen = true;
	}

	return 0;
}

/* Answer the queries that are left with the last commit that was read. If the history goes on
 * (too many commits, a shallow clone), the entry may be older than that. */
static void end_at(struct walk *w, const struct scm_commit *last, bool whole_history)
{
	if (!last)
		return;
	for (size_t i = 0; i < w->locks.count; i++)
		look_at(w, i, NULL, last);
	for (size_t i = 0; i < w->count && !whole_history; i++) {
		struct since *since = &w->queries[i].since;
		if (since->kind == SINCE_COMMIT && scm_id_equal(&since->commit, &last->id))
			since->kind = SINCE_OLDER;
	}
}

static void walk_back(struct walk *w, struct err *err)
{
	AUTO(scm_commit_release) struct scm_commit newer = {0};
	struct scm_id id;
	bool any = false, whole = false;
	int r = scm_head(w->scm, &id, NULL, err);

	for (int i = 0; r >= 0 && w->open && !whole && i < SINCE_MOST_COMMITS; i++) {
		AUTO(scm_commit_release) struct scm_commit c = {0};
		r = scm_commit_load(w->scm, &id, &c, err); /* a shallow clone ends here */
		if (r >= 0)
			r = look_at_commit(w, &c, any ? &newer : NULL, err);
		if (r < 0)
			break;
		whole = c.parents.count == 0;
		if (!whole)
			id = c.parents.items[0];
		scm_commit_release(&newer);
		newer = TAKE(c);
		any = true;
	}

	if (w->open)
		end_at(w, any ? &newer : NULL, whole);
}

void since_find(struct repo *repo, struct since_query *queries, size_t count)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct walk w = {.repo = repo, .queries = queries, .count = count, .open = count};
	if (!count || !repo->git_root)
		return;

	if (scm_open(&w.scm, repo->git_root, &err) >= 0) {
		w.lock_of = mem_array(NULL, count, sizeof(*w.lock_of));
		for (size_t i = 0; i < count; i++)
			add_query(&w, i);
		walk_back(&w, &err);
	}

	if (err.code)
		log_debug(repo->ctx, "the history of dvc.lock is not known: %s", err.msg);
	VEC_EACH (&w.locks, lock) {
		free(lock->dir);
		free(lock->path);
		release_text(&lock->now);
	}

	vec_release(&w.locks);
	free(w.lock_of);
	scm_free(w.scm);
}

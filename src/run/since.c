#include "run/since.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "text/yaml.h"

/* A dvc.lock that is asked about. */
struct lock_past {
	char *dir;      /* absolute, of its dvc.yaml */
	char *path;     /* in the Git repository */
	struct buf now; /* as it is in the workspace */
	struct scm_id blob;
	bool seen; /* `blob` was looked at */
	size_t open;
};

struct walk {
	struct repo *repo;
	struct scm *scm;
	struct since_query *queries;
	size_t count, open; /* queries, and those without an answer yet */
	VEC(struct lock_past) locks;
	size_t *lock_of; /* by query */
};

static bool in_entry(const char *line, const char *end)
{
	size_t left = (size_t)(end - line);
	return *line == '\n' || (left >= 3 && memcmp(line, "   ", 3) == 0);
}

/* The lines below the stage's name, in a file as both tools write it. False: it is not there, or
 * not in that form. */
static bool find_block(const struct buf *text, const char *name, const char **out, size_t *out_len)
{
	AUTO(mem_freep) char *head = mem_printf("\n  %s:\n", name);
	const char *end = buf_str(text) + text->len;
	const char *at = memmem(buf_str(text), text->len, head, strlen(head));
	if (!at)
		return false;
	const char *start = at + strlen(head), *line = start;
	while (line < end && in_entry(line, end)) {
		const char *next = memchr(line, '\n', (size_t)(end - line));
		line = next ? next + 1 : end;
	}
	while (line > start && line[-1] == '\n')
		line--;
	*out = start;
	*out_len = (size_t)(line - start);
	return true;
}

static const struct value *parse_entry(
	struct arena *a, const char *path, const struct buf *text, const char *name)
{
	struct value *doc = NULL;
	if (yaml_parse(a, path, buf_str(text), text->len, &doc, NULL) < 0)
		return NULL;
	return value_get(value_get(doc, "stages"), name);
}

/* Is the stage's entry the same in both? Most often its lines are, and nothing is parsed. */
static bool same_entry(const struct lock_past *lock, const struct buf *then, const struct stage *s)
{
	const char *a, *b;
	size_t a_len, b_len;
	if (find_block(&lock->now, s->name, &a, &a_len) && find_block(then, s->name, &b, &b_len) &&
		a_len == b_len && memcmp(a, b, a_len) == 0)
		return true;
	AUTO(arena_release) struct arena arena = ARENA_INIT;
	const struct value *is = parse_entry(&arena, lock->path, &lock->now, s->name);
	const struct value *was = parse_entry(&arena, lock->path, then, s->name);
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
		(void)file_read(path, &lock->now, NULL); /* none: no entry is the same */
	}
	w->locks.items[i].open++;
}

/* The queries about one dvc.lock at a commit: those that it answers differently end at `newer`, the
 * commit after it (NULL: there was none). */
static void look_at(
	struct walk *w, size_t lock_at, const struct buf *text, const struct scm_commit *newer)
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
		AUTO(buf_release) struct buf text = BUF_INIT;
		if (!lock->open)
			continue;
		int r = scm_find(w->scm, &c->id, lock->path, &found, err);
		if (r == ERR_NOT_FOUND)
			err_release(err);
		else if (r < 0)
			return r;
		if (lock->seen && scm_id_equal(&lock->blob, &found.id))
			continue;
		if (r >= 0)
			r = scm_read_blob(w->scm, &found.id, &text, err);
		if (r < 0 && r != ERR_NOT_FOUND)
			return r;
		look_at(w, i, r < 0 ? NULL : &text, newer);
		lock->blob = found.id;
		lock->seen = true;
	}
	return 0;
}

/* Those that no commit has answered are as old as the last one. */
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
		log_debug("the history of dvc.lock is not known: %s", err.msg);
	VEC_EACH (&w.locks, lock) {
		free(lock->dir);
		free(lock->path);
		buf_release(&lock->now);
	}
	vec_release(&w.locks);
	free(w.lock_of);
	scm_free(w.scm);
}

/* Reads and writes .dvc/tmp/rwlock in DVC's format. */
#include "run/rwlock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/path.h"
#include "base/procid.h"
#include "base/str.h"
#include "text/json.h"

/* " (host n1)"; "" when the machine has no name. Heap string. */
static char *host_suffix(void)
{
	char host[256] = "";
	bool known = gethostname(host, sizeof(host) - 1) == 0 && *host;
	return known ? mem_printf(" (host %s)", host) : mem_strdup("");
}

struct table {
	struct arena arena;
	/* read: path -> list of entries, as there may be several readers; write: path -> entry */
	struct value *read, *write;
	char *path;
	struct lockfile guard;
	char *own_command, *own_host; /* of this process */
};

static void release_table(struct table *t)
{
	lockfile_release(&t->guard);
	arena_release(&t->arena);
	free(t->path);
	free(t->own_command);
	free(t->own_host);
}

/* As in DVC's schema, both may be missing: such an entry is of no process. */
static bool entry_is_sound(const struct value *entry)
{
	const struct value *pid = value_get(entry, "pid"), *cmd = value_get(entry, "cmd");
	return value_is(entry, VALUE_MAP) && (!pid || value_is(pid, VALUE_INT)) &&
	       (!cmd || value_str(cmd));
}

/* Is it a map from paths to entries: a list of them for readers, one for a writer? */
static bool side_is_sound(const struct value *side, bool many)
{
	bool sound = value_is(side, VALUE_MAP);
	for (size_t i = 0; sound && i < side->list.count; i++) {
		const struct value *v = side->list.items[i].value;
		sound = many ? value_is(v, VALUE_LIST) : entry_is_sound(v);
		for (size_t k = 0; sound && many && k < v->list.count; k++)
			sound = entry_is_sound(v->list.items[k].value);
	}
	return sound;
}

/* DVC's words: `before`, the path, `after`. */
static int fail_table(const struct table *t, const struct repo *repo, const char *before,
	const char *after, struct err *err)
{
	AUTO(mem_freep) char *shown = repo_display(repo, t->path);
	err_set(err, ERR_PARSE, "%sRWLock-file '%s'%s", before, shown, after);
	err_hint(err, "Remove it when no other command is running here.");
	return ERR_PARSE;
}

/* Read the file. Without the guard this is only good for a look, not for a change. */
static int read_table(struct table *t, struct repo *repo, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *doc = NULL;
	const char *command = repo->ctx ? repo->ctx->self.command : NULL;

	t->path = path_join(repo->tmp_dir, "rwlock");
	t->own_host = host_suffix();
	t->own_command = mem_printf("%s%s", command ? command : "cairn", t->own_host);

	int r = file_read(t->path, &text, err);
	if (r == ERR_NOT_FOUND)
		err_release(err);
	else if (r < 0)
		return r;
	/* an empty file is left when a process dies just after it created the file */
	else if (text.len && json_parse(&t->arena, buf_str(&text), text.len, &doc, err) < 0)
		return fail_table(t, repo, "Unable to read ", ". JSON structure is corrupted", err);

	struct value *none = value_map(&t->arena);
	t->read = doc && value_get(doc, "read") ? value_get(doc, "read") : none;
	t->write = doc && value_get(doc, "write") ? value_get(doc, "write") : value_map(&t->arena);
	if ((doc && !value_is(doc, VALUE_MAP)) || !side_is_sound(t->read, true) ||
		!side_is_sound(t->write, false))
		return fail_table(t, repo, "", " format error.", err);
	return 0;
}

/* Take the guard, for up to 3 s, and read the file. */
static int load_table(struct table *t, struct repo *repo, struct err *err)
{
	AUTO(mem_freep) char *guard = path_join(repo->tmp_dir, "rwlock.lock");
	int r = repo_tmp(repo, err);
	if (r >= 0)
		r = lockfile_take(&t->guard, guard, 3000, NULL, err);
	return r < 0 ? r : read_table(t, repo, err);
}

/* Overwrite the file in one write. Blanks up to the old length replace the rest of the old text. */
static int save_in_place(const struct table *t, struct buf *text, size_t old_len)
{
	size_t len = text->len;
	int fd = open(t->path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (old_len > len)
		buf_addn(text, ' ', old_len - len);
	bool ok = pwrite(fd, text->ptr, text->len, 0) == (ssize_t)text->len;
	if (ok)
		(void)!ftruncate(fd, (off_t)len); /* on failure blanks stay, valid JSON */
	close(fd);
	return ok ? 0 : -1;
}

/*
 * Up to one page is overwritten in place, as one write within a page is not seen half done by
 * readers without the guard. The reason: a rename over the file makes ext4 write the data to disk
 * at once, which is slow when it happens for each stage. Larger tables are replaced by rename.
 */
static int save_table(struct table *t, struct err *err)
{
	enum { PAGE = 4096 };
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *doc = value_map(&t->arena);
	struct stat st;

	value_set(&t->arena, doc, "write", t->write);
	value_set(&t->arena, doc, "read", t->read);

	int r = json_write(&text, doc, NULL, err);
	if (r < 0)
		return r;

	bool there = lstat(t->path, &st) == 0;
	if (there && !S_ISREG(st.st_mode))
		return err_set(err, ERR_IO, "unable to write '%s': it is not a file", t->path);
	if (!there || st.st_size == 0 || st.st_size > PAGE || text.len > PAGE)
		return file_write(t->path, text.ptr, text.len, FILE_KEEP_MODE, err);

	return save_in_place(t, &text, (size_t)st.st_size) == 0
		       ? 0
		       : err_errno(err, "unable to write '%s'", t->path);
}

static struct value *own_entry(struct table *t)
{
	struct arena *a = &t->arena;
	struct value *v = value_map(a);
	value_set(a, v, "pid", value_int(a, getpid()));
	value_set(a, v, "cmd", value_string(a, t->own_command));
	return v;
}

static bool is_own(const struct table *t, const struct value *entry)
{
	return value_number(value_get(entry, "pid")) == (double)getpid() &&
	       str_eq(value_get_str(entry, "cmd"), t->own_command);
}

/* Has the process of an entry ended? Never true for an entry of another machine, whose process ids
 * mean nothing here. DVC's entries have no name of a machine, and count as local. */
static bool is_dead(const struct table *t, const struct value *entry)
{
	const char *cmd = value_get_str(entry, "cmd");
	const char *theirs = cmd ? strstr(cmd, " (host ") : NULL;
	if (theirs && *t->own_host && strcmp(theirs, t->own_host) != 0)
		return false;
	pid_t pid = (pid_t)value_number(value_get(entry, "pid"));
	if (pid <= 0 || (kill(pid, 0) < 0 && errno == ESRCH))
		return true;
	/* one that was killed, and only waits for its parent to take note */
	AUTO(buf_release) struct buf identity = BUF_INIT;
	return procid_parent(pid) > 0 && !procid_format(pid, &identity);
}

static bool overlaps(const char *a, const char *b)
{
	return path_inside(a, b) || path_inside(b, a);
}

static const char *overlapping(const struct strlist *paths, const char *path)
{
	for (size_t i = 0; i < paths->count; i++)
		if (overlaps(paths->items[i], path))
			return paths->items[i];
	return NULL;
}

static void warn_dead(const struct value *entry, const char *path, const struct repo *repo,
	const struct progress *progress)
{
	AUTO(mem_freep) char *shown = repo_display(repo, path);
	progress_warn(progress,
		"Process '%s' with (Pid %lld), in RWLock-file '%s' had been killed. Auto removed it from the lock file.",
		value_get_str(entry, "cmd"), (long long)value_number(value_get(entry, "pid")),
		shown);
}

/* Find entries of other processes, on one side of the table, whose path is, contains or is in one
 * of `wanted`. Those of dead processes are removed. ERR_LOCKED if any is left. */
static int check_side(struct table *t, struct value *side, const struct strlist *wanted,
	struct repo *repo, const struct progress *progress, bool *out_dead, struct err *err)
{
	AUTO(buf_release) struct buf blockers = BUF_INIT;
	const char *busy = NULL;

	for (size_t i = side->list.count; i-- > 0;) { /* backwards, as items are removed */
		struct value_item *it = &side->list.items[i];
		const char *hit = overlapping(wanted, it->key);
		if (!hit)
			continue;
		struct value *kept = value_list(&t->arena);
		bool many = value_is_list(it->value);
		for (size_t k = 0; k < (many ? it->value->list.count : 1); k++) {
			struct value *entry = many ? it->value->list.items[k].value : it->value;
			if (!is_own(t, entry) && is_dead(t, entry)) {
				warn_dead(entry, it->key, repo, progress);
				*out_dead = true;
				continue;
			}
			value_append(&t->arena, kept, entry);
			if (is_own(t, entry))
				continue;
			busy = hit;
			buf_addf(&blockers, "%s  (PID %lld): %s", blockers.len ? "\n" : "",
				(long long)value_number(value_get(entry, "pid")),
				value_get_str(entry, "cmd"));
		}
		if (!kept->list.count)
			value_remove(side, it->key);
		else if (many)
			it->value = kept;
	}
	if (!busy)
		return 0;

	return err_set(err, ERR_LOCKED,
		"'%s' is busy, it is being blocked by:\n%s\n\nIf there are no processes with such PIDs, you can manually remove "
		"'%s/rwlock' and try again.",
		busy, buf_str(&blockers), repo->tmp_dir);
}

int rwlock_check_read(struct repo *repo, const struct strlist *read, struct err *err)
{
	AUTO(release_table) struct table t = {0};
	int r = read_table(&t, repo, err);
	bool dead;
	return r < 0 ? r : check_side(&t, t.write, read, repo, NULL, &dead, err);
}

static bool names(const struct value *entry, pid_t pid)
{
	return value_number(value_get(entry, "pid")) == (double)pid;
}

bool rwlock_is_holder(struct repo *repo, pid_t pid)
{
	AUTO(release_table) struct table t = {0};
	bool found = false;
	if (read_table(&t, repo, NULL) < 0)
		return false;
	for (size_t i = 0; i < t.write->list.count; i++)
		found |= names(t.write->list.items[i].value, pid);
	for (size_t i = 0; i < t.read->list.count; i++) {
		const struct value *list = t.read->list.items[i].value;
		for (size_t k = 0; k < value_count(list); k++)
			found |= names(list->list.items[k].value, pid);
	}
	return found;
}

int rwlock_take(struct rwlock *lock, struct repo *repo, const struct strlist *read,
	const struct strlist *write, const struct progress *progress, struct err *err)
{
	AUTO(release_table) struct table t = {0};
	int r = load_table(&t, repo, err);
	if (r >= 0)
		r = check_side(&t, t.write, read, repo, progress, &lock->took_over, err);
	if (r >= 0)
		r = check_side(&t, t.write, write, repo, progress, &lock->took_over, err);
	if (r >= 0)
		r = check_side(&t, t.read, write, repo, progress, &lock->took_over, err);
	if (r < 0)
		return r;

	/* all paths are free: add the entries */
	for (size_t i = 0; i < read->count; i++) {
		struct value *list = value_get(t.read, read->items[i]);
		if (!list) {
			list = value_list(&t.arena);
			value_set(&t.arena, t.read, read->items[i], list);
		}
		value_append(&t.arena, list, own_entry(&t));
		strlist_add(&lock->read, read->items[i]);
	}

	for (size_t i = 0; i < write->count; i++) {
		value_set(&t.arena, t.write, write->items[i], own_entry(&t));
		strlist_add(&lock->write, write->items[i]);
	}

	lock->repo = repo;
	return save_table(&t, err);
}

void rwlock_release(struct rwlock *lock)
{
	AUTO(release_table) struct table t = {0};
	if (lock->repo && load_table(&t, lock->repo, NULL) >= 0) {
		for (size_t i = 0; i < lock->write.count; i++)
			if (is_own(&t, value_get(t.write, lock->write.items[i])))
				value_remove(t.write, lock->write.items[i]);
		for (size_t i = 0; i < lock->read.count; i++) {
			struct value *list = value_get(t.read, lock->read.items[i]),
				     *kept = value_list(&t.arena);
			bool dropped = false; /* remove one entry per time that it was taken */
			for (size_t k = 0; k < value_count(list); k++) {
				if (!dropped && is_own(&t, list->list.items[k].value))
					dropped = true;
				else
					value_append(&t.arena, kept, list->list.items[k].value);
			}
			if (kept->list.count)
				value_set(&t.arena, t.read, lock->read.items[i], kept);
			else
				value_remove(t.read, lock->read.items[i]);
		}
		(void)save_table(
			&t, NULL); /* an entry that stays is found dead by the next process */
	}

	strlist_release(&lock->read);
	strlist_release(&lock->write);
	*lock = RWLOCK_INIT;
}

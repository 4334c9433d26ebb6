/* Edits .gitignore files as DVC does, and answers by the ignore files and `git ls-files` what Git
 * ignores and tracks. */
#include "project/gitignore.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "project/ignore.h"
#include "project/index.h"
#include "scm/git.h"
#include "scm/worktree.h"

/* A new `struct ignore` for each question: this process may have changed a .gitignore since the
 * last one. */
bool gitignore_matches(struct repo *repo, const char *abs_path, bool is_dir)
{
	if (!repo->git_root || !path_inside(abs_path, repo->git_root))
		return false;

	struct source tree = source_workspace(repo->git_root);
	struct ignore *ig = ignore_new(IGNORE_GIT, &tree, repo->git_root);

	AUTO(mem_freep) char *rel = path_relative(abs_path, repo->git_root);
	bool hit = ignore_path(ig, rel, is_dir, NULL);
	ignore_free(ig);
	return hit;
}

int gitignore_check_file(struct repo *repo, const char *abs_path, struct err *err)
{
	if (!gitignore_matches(repo, abs_path, false))
		return 0;

	AUTO(mem_freep) char *shown = repo_display(repo, abs_path);
	return err_set(err, ERR_FAIL, "bad DVC file name '%s' is git-ignored.", shown);
}

/* Load all tracked paths, relative to the Git root, sorted by bytes. */
static void load_tracked(struct repo *repo)
{
	AUTO(buf_release) struct buf list = BUF_INIT;
	repo->tracked_known = true;

	if (git_runl(repo->git_root, &list, NULL, "ls-files", "-z", "--full-name", NULL) < 0)
		/* without git or with a broken index nothing counts as tracked; git itself will
		 * report that */
		return;

	for (size_t at = 0; at < list.len; at += strlen(list.ptr + at) + 1)
		strlist_add(&repo->tracked, list.ptr + at);
	strlist_sort(&repo->tracked);
}

bool git_tracks(struct repo *repo, const char *abs_path)
{
	if (!repo->git_root || !path_inside(abs_path, repo->git_root))
		return false;

	if (!repo->tracked_known)
		load_tracked(repo);

	AUTO(mem_freep) char *rel = path_relative(abs_path, repo->git_root);
	size_t len = strlen(rel), low = 0, high = repo->tracked.count;
	/* binary search for the first tracked path that is not less than `rel` */
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (strcmp(repo->tracked.items[mid], rel) < 0)
			low = mid + 1;
		else
			high = mid;
	}

	/* paths below a directory follow it directly, but so do others with the same prefix ("a-b"
	 * after "a") */
	for (; low < repo->tracked.count && strncmp(repo->tracked.items[low], rel, len) == 0; low++)
		if (repo->tracked.items[low][len] == '\0' || repo->tracked.items[low][len] == '/')
			return true;
	return false;
}

/* The entry for a file name: characters with a meaning in gitignore are escaped. */
static char *escaped_entry(const char *name)
{
	struct buf b = BUF_INIT;
	buf_addc(&b, '/');
	for (const char *p = name; *p; p++) {
		if (strchr("\\[]!*#?", *p))
			buf_addc(&b, '\\');
		buf_addc(&b, *p);
	}
	return buf_detach(&b);
}

static char *gitignore_path(const char *abs_path)
{
	AUTO(mem_freep) char *dir = path_dirname(abs_path);
	return path_join(dir, ".gitignore");
}

/* DVC's text. */
int gitignore_refuse(const struct repo *repo, const struct out *o, struct err *err)
{
	AUTO(mem_freep) char *shown = out_display(repo, o);
	const char *here = *shown == '-' ? "./" : ""; /* a leading '-' would be an option of git */
	return err_set(err, ERR_FAIL,
		" output '%s' is already tracked by SCM (e.g. Git).\n    You can remove it from Git, then add to DVC.\n        To "
		"stop tracking from Git:\n            git rm -r --cached '%s%s'\n            git commit -m \"stop tracking %s\" ",
		shown, here, shown, shown);
}

/* Append a line with a single write(2), so that other processes see the whole line or nothing. */
static int append_line(const char *file, const char *line, struct err *err)
{
	/* O_NOFOLLOW: Git does not follow a link here either */
	AUTO(close_fd) int fd = open(
		file, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	struct stat st;
	char last = '\n';

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "unable to write '%s'", file);

	int r = file_check_regular(&st, file, err);
	if (r < 0)
		return r;

	/* the last line may lack its line end */
	if (st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) != 1)
		last = '\n';
	AUTO(mem_freep) char *text = mem_printf("%s%s\n", last == '\n' ? "" : "\n", line);

	size_t len = strlen(text);
	ssize_t written = write(fd, text, len);
	if (written != (ssize_t)len) {
		r = err_errno(err, "unable to write '%s'", file);
		/* an incomplete line would ignore something else, so take it back */
		if (st.st_size == 0)
			(void)unlink(file);
		else if (written > 0 && ftruncate(fd, st.st_size) < 0)
			err_hint(err, "Remove the half line at the end of '%s'.", file);
	}
	return r;
}

/* Is the directory of the path reached through a link that leads out of the work tree? Git does not
 * look there, and files there are not part of the repository. */
static bool is_behind_link(const struct repo *repo, const char *abs_path)
{
	char real[PATH_MAX];
	AUTO(mem_freep) char *dir = path_dirname(abs_path);
	return realpath(dir, real) && !path_inside(real, repo->git_root);
}

int gitignore_add(struct repo *repo, const char *abs_path, struct err *err)
{
	if (!repo->git_root || !path_inside(abs_path, repo->git_root))
		return 0;
	if (gitignore_matches(repo, abs_path, file_is_dir(abs_path)))
		return 0;

	/* a tracked file would not be ignored by an entry */
	if (git_tracks(repo, abs_path))
		return err_set(err, ERR_EXISTS, "'%s' is tracked by Git", abs_path);
	if (is_behind_link(repo, abs_path))
		return 0;

	AUTO(mem_freep) char *file = gitignore_path(abs_path);
	AUTO(mem_freep) char *entry = escaped_entry(path_basename(abs_path));
	int r = append_line(file, entry, err);
	if (r < 0)
		return r;

	repo_track(repo, file);
	strlist_add(&repo->ignored, abs_path);
	return 1;
}

/* What the end of one .gitignore file is now, and what it should be. */
struct tail {
	struct buf now, then;
};

/* Add the line of each path to the tail of its file. */
static void add_lines(struct map *tails, const struct strlist *paths, bool then)
{
	for (size_t i = 0; i < paths->count; i++) {
		AUTO(mem_freep) char *file = gitignore_path(paths->items[i]);
		AUTO(mem_freep) char *entry = escaped_entry(path_basename(paths->items[i]));
		struct tail *t = map_get(tails, file);

		if (!t) {
			t = NEW(struct tail);
			map_set(tails, file, t);
		}

		buf_addf(then ? &t->then : &t->now, "%s\n", entry);
	}
}

/* Replace the end of one file, unless somebody has written into it since. */
static int reorder_file(const char *file, const struct tail *t, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const struct buf *now = &t->now, *then = &t->then;
	if (now->len == then->len && memcmp(now->ptr, then->ptr, now->len) == 0)
		return 0;

	int r = file_read(file, &text, err);
	if (r < 0 || text.len < now->len ||
		memcmp(text.ptr + text.len - now->len, now->ptr, now->len) != 0)
		return r;

	buf_splice(&text, text.len - now->len, now->len, then->ptr, then->len);
	return file_write(file, text.ptr, text.len, FILE_KEEP_MODE, err);
}

int gitignore_reorder(struct repo *repo, const struct strlist *wanted, struct err *err)
{
	struct map tails = MAP_INIT;
	int r = 0;

	/* what the run has appended to each file, and the order that a serial run would have
	 * produced */
	add_lines(&tails, &repo->ignored, false);
	add_lines(&tails, wanted, true);

	for (struct map_entry *e = map_next(&tails, NULL); e; e = map_next(&tails, e)) {
		struct tail *t = e->value;
		if (r >= 0)
			r = reorder_file(e->key, t, err);
		buf_release(&t->now);
		buf_release(&t->then);
		free(t);
	}
	map_release(&tails);
	return r;
}

int gitignore_remove(struct repo *repo, const char *abs_path, struct err *err)
{
	if (!repo->git_root)
		return 0;

	AUTO(mem_freep) char *file = gitignore_path(abs_path);
	AUTO(buf_release) struct buf text = BUF_INIT, kept = BUF_INIT;

	int r = file_read(file, &text, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		return 0;
	}

	if (r < 0)
		return r;
	/* As in DVC, entries are compared without escapes, so an escaped entry is not removed */
	AUTO(mem_freep) char *entry = mem_printf("/%s", path_basename(abs_path));
	for (const char *p = buf_str(&text); *p;) {
		size_t n = strcspn(p, "\n");
		AUTO(mem_freep) char *raw = mem_strndup(p, n);
		AUTO(mem_freep) char *line = str_strip(raw);
		size_t whole = n + (p[n] == '\n');

		if (strcmp(line, entry) != 0)
			buf_add(&kept, p, whole);
		p += whole;
	}

	if (kept.len == text.len)
		return 0;

	if (kept.len == 0) {
		r = file_remove(file, err);
	} else {
		r = file_write(file, kept.ptr, kept.len, FILE_KEEP_MODE, err);
		repo_track(repo, file);
	}
	return r < 0 ? r : 1;
}

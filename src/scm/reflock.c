#include "scm/reflock.h" /* first: git2.h has names that base/banned.h poisons */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/procid.h"
#include "scm/head.h"

/* SETTLED_MS: a lock this old is not in use. WRITING_MS: the longest time between note and lock. */
enum { SETTLED_MS = 1000, WRITING_MS = 10000 };

/* Notes are in the Git directory that all work trees share, as the refs are. */
static char *notes_dir(const struct scm *scm)
{
	AUTO(mem_freep) char *common = scm_common_dir_peek(scm->git_dir);

	return path_join(common, "cairn-refs");
}

void reflock_begin(struct scm *scm, const char *ref, struct reflock *lock)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *dir = notes_dir(scm);
	/* one note for each process and open repository */
	char *note = mem_printf("%s/%ld-%p", dir, (long)getpid(), (void *)scm);

	if (!procid_format(getpid(), &text)) {
		free(note);
		return;
	}

	buf_addf(&text, "%s\n", ref);
	(void)mkdir(dir, 0777);
	AUTO(close_fd) int fd = open(note, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	/* a note that could not be written completely is harmless: clear_note() removes it */
	if (fd >= 0)
		(void)file_write_all(fd, text.ptr, text.len);
	lock->note = note;
}

void reflock_end(struct reflock *lock)
{
	if (lock->note)
		(void)unlink(lock->note);
	free(lock->note);
	lock->note = NULL;
}

/* The files that libgit2 may lock to write a ref. */
static void lock_paths(const struct scm *scm, const char *ref, struct strlist *out)
{
	AUTO(mem_freep) char *common = scm_common_dir_peek(scm->git_dir);

	strlist_addf(out, "%s/%s.lock", common, ref);
	strlist_addf(out, "%s/logs/%s.lock", common, ref);
	strlist_addf(out, "%s/packed-refs.lock", common);
}

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Remove a lock that was made while its note existed. False: there is none, or it may belong to
 * another process. */
static bool clear_lock(const char *path, int64_t noted_ms, bool wait)
{
	struct stat st;
	int64_t made_ms = lstat(path, &st) < 0 ? -1 : file_mtime_ns(&st) / 1000000;

	/* a lock older than the note, or much younger, is not from the process of the note */
	if (made_ms < noted_ms || made_ms > noted_ms + WRITING_MS)
		return false;
	int64_t rest_ms = made_ms + SETTLED_MS - now_ms();

	if (rest_ms > 0 && !wait)
		return false;

	if (rest_ms > 0)
		(void)usleep((useconds_t)MIN(rest_ms, SETTLED_MS) * 1000);
	/* unchanged since? otherwise somebody uses it */
	return lstat(path, &st) == 0 && file_mtime_ns(&st) / 1000000 == made_ms &&
	       unlink(path) == 0;
}

/* Handle one note: if its process has ended, remove its locks, and the note when none is left. */
static bool clear_note(struct scm *scm, const char *note, bool wait)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
	struct stat st;
	bool any = false, left = false;

	if (lstat(note, &st) < 0 || !S_ISREG(st.st_mode) || file_read(note, &text, NULL) < 0)
		return false;

	/* two lines: the process, then the ref */
	char *ref = strchr(buf_str(&text), '\n');

	/* incomplete: the process was killed before it locked anything */
	if (!ref || !strchr(ref + 1, '\n')) {
		(void)unlink(note);
		return false;
	}
	*strchr(ref + 1, '\n') = '\0';
	AUTO(mem_freep) char *who = mem_strndup(text.ptr, (size_t)(ref + 1 - text.ptr));

	/* (a ref name that leaves the Git directory did not come from us) */
	if (procid_find(who) || !path_is_safe_relative(ref + 1, strlen(ref + 1)))
		return false;

	lock_paths(scm, ref + 1, &paths);
	for (size_t i = 0; i < paths.count; i++) {
		bool gone = clear_lock(paths.items[i], file_mtime_ns(&st) / 1000000, wait);

		any = any || gone;
		left = left || (!gone && file_exists(paths.items[i]));
	}

	if (!left)
		(void)unlink(note);
	return any;
}

bool reflock_clear(struct scm *scm, bool wait)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(mem_freep) char *dir = notes_dir(scm);
	bool any = false;

	/* no directory: no cairn has noted a lock here */
	if (file_list(dir, &names, NULL) < 0)
		return false;

	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem_freep) char *note = path_join(dir, names.items[i]);
		bool cleared = clear_note(scm, note, wait);

		any = any || cleared;
	}
	return any;
}

int reflock_error(struct scm *scm, int code, const char *what, const char *ref, struct err *err)
{
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;

	/* the first of the possible lock files that exists is the reason */
	lock_paths(scm, ref, &paths);
	for (size_t i = 0; i < paths.count; i++) {
		struct stat st;

		if (lstat(paths.items[i], &st) < 0)
			continue;
		int64_t age_s = MAX((now_ms() - file_mtime_ns(&st) / 1000000) / 1000, 0);
		int r = err_set(err, ERR_LOCKED,
			"unable to %s ref '%s': another Git process holds '%s', for %lld s now",
			what, ref, paths.items[i], (long long)age_s);

		err_hint(err,
			"If no Git process works on it, it was left by one that was killed: remove that file.");
		return r;
	}
	return scm_lib_error(code, err, "unable to %s ref '%s'", what, ref);
}

/*
 * Fault injection for tests. It is built only with -Dfaults=true; the linker (--wrap, see
 * src/meson.build) then puts these functions between cairn and the calls that change files, those
 * of SQLite included.
 *
 *     CAIRN_FAULT=fail:N[:ERRNO]   the N-th call fails with ERRNO (ENOSPC by default)
 *     CAIRN_FAULT=full:N           from the N-th call that needs disk space on, all such fail with
 * ENOSPC CAIRN_FAULT=die:N            the process is killed at the N-th call; a write is half done
 *     CAIRN_FAULT_LOG=FILE         a line "N CALL NAME" is appended to FILE when a fault is
 * injected
 *
 * Calls are counted from 1, over all threads. A write is counted when it goes to a regular file,
 * an open when it may create one. Child processes do not inherit the two variables.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { NEVER, FAIL, FULL, DIE }; /* NEVER: no plan was given */
/* Does the call need disk space? */
enum room { NO_ROOM, ROOM };

static struct {
	enum kind kind;
	long at; /* number of the call */
	int error;
	const char *log;
} plan;
static atomic_long calls;

static int error_of(const char *name)
{
	static const struct {
		const char *name;
		int error;
	} known[] = {{"ENOSPC", ENOSPC}, {"EIO", EIO}, {"EACCES", EACCES}, {"EROFS", EROFS},
		{"EDQUOT", EDQUOT}, {"EMFILE", EMFILE}, {"EXDEV", EXDEV}, {"EINTR", EINTR}};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].error;
	fprintf(stderr, "CAIRN_FAULT: unknown error '%s'\n", name);
	_exit(125);
}

/* A constructor, so that the plan is known before the first call of main(). */
__attribute__((constructor)) static void read_plan(void)
{
	const char *text = getenv("CAIRN_FAULT");
	char kind[8] = "", error[16] = "ENOSPC";

	if (!text)
		return;
	if (sscanf(text, "%7[a-z]:%ld:%15s", kind, &plan.at, error) < 2 || plan.at < 1)
		kind[0] = '?';

	plan.error = error_of(error);
	plan.kind = strcmp(kind, "fail") == 0   ? FAIL
		    : strcmp(kind, "full") == 0 ? FULL
		    : strcmp(kind, "die") == 0  ? DIE
						: NEVER;
	if (plan.kind == NEVER) {
		fprintf(stderr, "CAIRN_FAULT: '%s' is none of fail:N, full:N, die:N\n", text);
		_exit(125);
	}

	const char *log = getenv("CAIRN_FAULT_LOG");
	plan.log = log ? strdup(log) : NULL; /* a copy: unsetenv() may invalidate it */
	unsetenv("CAIRN_FAULT");
	unsetenv("CAIRN_FAULT_LOG");
}

ssize_t __real_write(int fd, const void *p, size_t n);
int __real_open64(const char *path, int flags, ...);

/* Uses the real calls, so that the log does not count. One write, since several processes may share
 * the file. */
static void note(long number, const char *call, const char *name)
{
	char line[4352];
	int len = snprintf(line, sizeof(line), "%ld %s %s\n", number, call, name ? name : "");

	int fd = plan.log ? __real_open64(plan.log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666)
			  : -1;
	if (fd >= 0) {
		(void)!__real_write(fd, line, (size_t)len);
		close(fd);
	}
}

/* Count the call. Should it fail? */
static bool is_struck(enum room room, const char *call, const char *name)
{
	if (plan.kind == NEVER || (plan.kind == FULL && room == NO_ROOM))
		return false;

	long number = atomic_fetch_add(&calls, 1) + 1;
	if (plan.kind == FULL ? number < plan.at : number != plan.at)
		return false;

	if (number == plan.at) /* log only the first of many ("full") */
		note(number, call, name);
	return true;
}

/* Inject the fault: set errno and return -1, or end the process. */
static int strike(void)
{
	if (plan.kind == DIE) {
		kill(getpid(), SIGKILL); /* no cleanup, as in a crash */
		for (;;)
			pause();
	}
	errno = plan.error;
	return -1;
}

static bool is_file(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* ---- calls with a path */

#define WRAP(room, call, name, params, args)                                                       \
	int __real_##call params;                                                                  \
	int __wrap_##call params;                                                                  \
	int __wrap_##call params                                                                   \
	{                                                                                          \
		return is_struck(room, #call, name) ? strike() : __real_##call args;               \
	}

WRAP(NO_ROOM, rename, b, (const char *a, const char *b), (a, b))
WRAP(NO_ROOM, renameat, b, (int i, const char *a, int j, const char *b), (i, a, j, b))
WRAP(NO_ROOM, renameat2, b, (int i, const char *a, int j, const char *b, unsigned f),
	(i, a, j, b, f))
WRAP(ROOM, link, b, (const char *a, const char *b), (a, b))
WRAP(ROOM, linkat, b, (int i, const char *a, int j, const char *b, int f), (i, a, j, b, f))
WRAP(ROOM, symlink, b, (const char *a, const char *b), (a, b))
WRAP(ROOM, symlinkat, b, (const char *a, int i, const char *b), (a, i, b))
WRAP(NO_ROOM, unlink, a, (const char *a), (a))
WRAP(NO_ROOM, unlinkat, a, (int i, const char *a, int f), (i, a, f))
WRAP(NO_ROOM, rmdir, a, (const char *a), (a))
WRAP(ROOM, mkdir, a, (const char *a, mode_t m), (a, m))
WRAP(ROOM, mkdirat, a, (int i, const char *a, mode_t m), (i, a, m))
WRAP(NO_ROOM, chmod, a, (const char *a, mode_t m), (a, m))
WRAP(ROOM, mkostemp, a, (char *a, int f), (a, f))
WRAP(ROOM, mkostemp64, a, (char *a, int f), (a, f))

char *__real_mkdtemp(char *path);
char *__wrap_mkdtemp(char *path);
char *__wrap_mkdtemp(char *path)
{
	if (!is_struck(ROOM, "mkdtemp", path))
		return __real_mkdtemp(path);
	strike();
	return NULL;
}

#define WRAP_OPEN(call, params, args, args_mode)                                                   \
	int __real_##call params;                                                                  \
	int __wrap_##call params;                                                                  \
	int __wrap_##call params                                                                   \
	{                                                                                          \
		if (!(flags & O_CREAT))                                                            \
			return __real_##call args;                                                 \
		va_list list;                                                                      \
		va_start(list, flags);                                                             \
		mode_t mode = va_arg(list, mode_t);                                                \
		va_end(list);                                                                      \
		return is_struck(ROOM, #call, path) ? strike() : __real_##call args_mode;          \
	}

WRAP_OPEN(open, (const char *path, int flags, ...), (path, flags), (path, flags, mode))
WRAP_OPEN(open64, (const char *path, int flags, ...), (path, flags), (path, flags, mode))
WRAP_OPEN(openat, (int dir, const char *path, int flags, ...), (dir, path, flags),
	(dir, path, flags, mode))
WRAP_OPEN(openat64, (int dir, const char *path, int flags, ...), (dir, path, flags),
	(dir, path, flags, mode))

/* ---- calls with a descriptor */

#define WRAP_FD(type, room, call, counts, params, args)                                            \
	type __real_##call params;                                                                 \
	type __wrap_##call params;                                                                 \
	type __wrap_##call params                                                                  \
	{                                                                                          \
		return (counts) && is_struck(room, #call, NULL) ? strike() : __real_##call args;   \
	}

WRAP_FD(int, ROOM, fsync, true, (int fd), (fd))
WRAP_FD(int, ROOM, fdatasync, true, (int fd), (fd))
WRAP_FD(int, NO_ROOM, fchmod, is_file(fd), (int fd, mode_t m), (fd, m))
WRAP_FD(int, NO_ROOM, ftruncate, is_file(fd), (int fd, off_t n), (fd, n))
WRAP_FD(int, NO_ROOM, ftruncate64, is_file(fd), (int fd, off_t n), (fd, n))
WRAP_FD(ssize_t, ROOM, sendfile, is_file(to), (int to, int from, off_t *at, size_t n),
	(to, from, at, n))
WRAP_FD(ssize_t, ROOM, sendfile64, is_file(to), (int to, int from, off_t *at, size_t n),
	(to, from, at, n))

/* How many of `n` bytes a process has written when it is killed: about half, in whole pages,
 * because a signal does not interrupt a write within a page. */
static size_t torn(size_t n)
{
	return n / 2 & ~(size_t)4095;
}

ssize_t __wrap_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n)
{
	if (!is_file(fd) || !is_struck(ROOM, "write", NULL))
		return __real_write(fd, p, n);
	if (plan.kind == DIE)
		(void)!__real_write(fd, p, torn(n));
	return strike();
}

#define WRAP_PWRITE(call)                                                                          \
	ssize_t __real_##call(int fd, const void *p, size_t n, off_t at);                          \
	ssize_t __wrap_##call(int fd, const void *p, size_t n, off_t at);                          \
	ssize_t __wrap_##call(int fd, const void *p, size_t n, off_t at)                           \
	{                                                                                          \
		if (!is_file(fd) || !is_struck(ROOM, #call, NULL))                                 \
			return __real_##call(fd, p, n, at);                                        \
		if (plan.kind == DIE)                                                              \
			(void)!__real_##call(fd, p, torn(n), at);                                  \
		return strike();                                                                   \
	}

WRAP_PWRITE(pwrite)
WRAP_PWRITE(pwrite64)

ssize_t __real_copy_file_range(
	int from, off_t *from_at, int to, off_t *to_at, size_t n, unsigned flags);
ssize_t __wrap_copy_file_range(
	int from, off_t *from_at, int to, off_t *to_at, size_t n, unsigned flags);
ssize_t __wrap_copy_file_range(
	int from, off_t *from_at, int to, off_t *to_at, size_t n, unsigned flags)
{
	if (!is_struck(ROOM, "copy_file_range", NULL))
		return __real_copy_file_range(from, from_at, to, to_at, n, flags);
	if (plan.kind == DIE)
		(void)!__real_copy_file_range(from, from_at, to, to_at, 4096, flags);
	return strike();
}

int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	va_start(list, request);
	void *arg = va_arg(list, void *);
	va_end(list);
	/* other requests are not counted */
	if (request == FICLONE && is_struck(ROOM, "FICLONE", NULL))
		return strike();
	return __real_ioctl(fd, request, arg);
}

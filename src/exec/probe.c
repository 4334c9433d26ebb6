/* What `cairn executor check` runs on a node: looks around there, and writes a report. */
#include "exec/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/holdfile.h"
#include "base/lockfile.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/strlist.h"
#include "exec/process.h"
#include "text/json.h"

void probe_report_release(struct probe_report *r)
{
	free(r->host);
	free(r->node);
	free(r->version);
	free(r->program);
	*r = (struct probe_report){0};
}

/* ---- the request ---- */

enum { ASK_TOKEN, ASK_CACHE, ASK_STAY, ASK_COUNT };

int probe_ask(const char *dir, const struct probe_ask *ask, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(dir, "ask");
	AUTO(mem_freep) char *stay = mem_printf("%jd", (intmax_t)ask->stay_s);
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *fields[ASK_COUNT] = {ask->token, ask->cache, stay};
	for (size_t i = 0; i < ASK_COUNT; i++)
		buf_add(&text, fields[i], strlen(fields[i]) + 1);
	return file_write(path, text.ptr, text.len, FILE_SYNC, err);
}

static int read_ask(const char *dir, struct strlist *out, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(dir, "ask");
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = file_read(path, &text, err);
	if (r < 0)
		return r;
	for (const char *p = text.ptr, *end = p + text.len; p && p < end; p += strlen(p) + 1)
		strlist_add(out, p);
	return out->count == ASK_COUNT
		       ? 0
		       : err_set(err, ERR_PARSE, "'%s' is not what a probe needs", path);
}

/* ---- what is found out ---- */

/* Make a file and compare its time with ours. */
static int64_t clock_difference_ms(const char *dir)
{
	enum { MS = 1000, NS_PER_MS = 1000000 };
	AUTO(mem_freep) char *path = mem_printf("%s/clock-%ld", dir, (long)getpid());
	struct timespec now;
	struct stat st;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	/* written to, as the time of an empty file may be that of the client */
	bool is_made = fd >= 0 && write(fd, "x", 1) == 1 && fsync(fd) == 0;
	if (fd >= 0)
		(void)close(fd);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	bool is_known = is_made && stat(path, &st) == 0;
	(void)unlink(path);
	return is_known ? (int64_t)(now.tv_sec - st.st_mtim.tv_sec) * MS +
				  (now.tv_nsec - st.st_mtim.tv_nsec) / NS_PER_MS
			: 0;
}

static enum probe_lock lock_result(int r)
{
	return r == 0 ? PROBE_TAKEN : r == ERR_LOCKED ? PROBE_EXCLUDED : PROBE_FAILED;
}

/* link(2) onto the same name, which only one can do. */
static enum probe_lock claim(const char *dir, int index)
{
	AUTO(mem_freep) char *own = mem_printf("%s/claim.%d", dir, index);
	AUTO(mem_freep) char *common = path_join(dir, "claim");
	if (file_write(own, "", 0, 0, NULL) < 0)
		return PROBE_FAILED;
	if (link(own, common) == 0)
		return PROBE_TAKEN;
	return errno == EEXIST ? PROBE_EXCLUDED : PROBE_FAILED;
}

static bool can_reflink(const char *from, const char *to)
{
	int from_fd = open(from, O_RDONLY | O_CLOEXEC);
	int to_fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool done = from_fd >= 0 && to_fd >= 0 && ioctl(to_fd, FICLONE, from_fd) == 0;
	close_fd(&from_fd);
	close_fd(&to_fd);
	return done;
}

/* Which links lead from the directory to a file in the cache? The directory is in .dvc/tmp of the
 * repository, where work trees of experiments are, too. */
static void try_links(const char *dir, const char *cache, struct probe_report *out)
{
	AUTO(mem_freep) char *object = mem_printf("%s/.probe-%ld", cache, (long)getpid());
	AUTO(mem_freep) char *to = mem_printf("%s/link-%ld", dir, (long)getpid());
	struct stat st;
	if (file_mkdirs(cache, NULL) < 0 || file_write(object, "x", 1, 0, NULL) < 0)
		return;
	out->hardlink = link(object, to) == 0;
	(void)unlink(to);
	out->symlink = symlink(object, to) == 0 && stat(to, &st) == 0;
	(void)unlink(to);
	out->reflink = can_reflink(object, to);
	(void)unlink(to);
	(void)unlink(object);
}

/* -1: there is none, or it is not known (`result` of getrlimit(), whose first parameter has a type
 * of its own in glibc). */
static int64_t limit_value(int result, const struct rlimit *limit)
{
	if (result < 0 || limit->rlim_cur == RLIM_INFINITY || limit->rlim_cur > (rlim_t)INT64_MAX)
		return -1;
	return (int64_t)limit->rlim_cur;
}

static int64_t free_bytes(const char *path)
{
	struct statvfs st;
	return statvfs(path, &st) == 0 ? (int64_t)(st.f_bavail * st.f_frsize) : -1;
}

static bool git_works(void)
{
	char *const argv[] = {(char *)"git", (char *)"--version", NULL};
	return proc_run(argv, &(struct proc_opts){.quiet = true}, NULL) == 0;
}

static char *own_path(const struct ctx *ctx)
{
	return realpath(ctx_own_program(ctx), NULL);
}

void probe_find_out(const struct ctx *ctx, const char *dir, const char *cache, const char *version,
	struct probe_report *out)
{
	enum { MOST_NAME = 256 };
	struct rlimit limit = {0};
	char host[MOST_NAME] = "";
	const char *tmp = getenv("TMPDIR");
	/* Slurm's name of the node is what --exclude takes; it may differ from the host's */
	const char *node = getenv("SLURMD_NODENAME");
	(void)gethostname(host, sizeof(host) - 1);
	out->host = mem_strdup(host);
	out->node = mem_strdup(node && *node ? node : host);
	out->version = mem_strdup(version);
	out->program = own_path(ctx);
	out->uid = (int64_t)geteuid();
	out->clock_ms = clock_difference_ms(dir);
	try_links(dir, cache, out);
	out->open_files = limit_value(getrlimit(RLIMIT_NOFILE, &limit), &limit);
	out->file_bytes = limit_value(getrlimit(RLIMIT_FSIZE, &limit), &limit);
	out->processes = limit_value(getrlimit(RLIMIT_NPROC, &limit), &limit);
	out->free_repo_bytes = free_bytes(dir);
	out->free_cache_bytes = free_bytes(cache);
	out->free_tmp_bytes = free_bytes(tmp && *tmp ? tmp : "/tmp");
	out->has_git = git_works();
}

/* ---- the report ---- */

static char *report_path(const char *dir, int index)
{
	return mem_printf("%s/probe-%d.json", dir, index);
}

/* Its numbers and truth values, by name. */
static const struct {
	const char *name;
	size_t offset;
} numbers[] = {
	{"uid", offsetof(struct probe_report, uid)},
	{"clock_ms", offsetof(struct probe_report, clock_ms)},
	{"open_files", offsetof(struct probe_report, open_files)},
	{"file_bytes", offsetof(struct probe_report, file_bytes)},
	{"processes", offsetof(struct probe_report, processes)},
	{"free_repo_bytes", offsetof(struct probe_report, free_repo_bytes)},
	{"free_cache_bytes", offsetof(struct probe_report, free_cache_bytes)},
	{"free_tmp_bytes", offsetof(struct probe_report, free_tmp_bytes)},
};
static const struct {
	const char *name;
	size_t offset;
} truths[] = {
	{"hardlink", offsetof(struct probe_report, hardlink)},
	{"symlink", offsetof(struct probe_report, symlink)},
	{"reflink", offsetof(struct probe_report, reflink)},
	{"has_git", offsetof(struct probe_report, has_git)},
};
static const struct {
	const char *name;
	size_t offset;
} locks[] = {
	{"flock", offsetof(struct probe_report, flock)},
	{"hold", offsetof(struct probe_report, hold)},
	{"claim", offsetof(struct probe_report, claim)},
};
static const struct {
	const char *name;
	size_t offset;
} texts[] = {
	{"host", offsetof(struct probe_report, host)},
	{"node", offsetof(struct probe_report, node)},
	{"version", offsetof(struct probe_report, version)},
	{"program", offsetof(struct probe_report, program)},
};

#define FIELD(type, report, offset) ((type *)((char *)(uintptr_t)(report) + (offset)))

int probe_format(const struct probe_report *r, const char *token, struct buf *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v = value_map(&a);
	value_set(&a, v, "token", value_string(&a, token));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		value_set(&a, v, texts[i].name,
			value_string_or_null(&a, *FIELD(char *const, r, texts[i].offset)));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		value_set(&a, v, numbers[i].name,
			value_int(&a, *FIELD(const int64_t, r, numbers[i].offset)));
	for (size_t i = 0; i < ARRAY_SIZE(truths); i++)
		value_set(&a, v, truths[i].name,
			value_bool(&a, *FIELD(const bool, r, truths[i].offset)));
	for (size_t i = 0; i < ARRAY_SIZE(locks); i++)
		value_set(&a, v, locks[i].name,
			value_int(&a, *FIELD(const enum probe_lock, r, locks[i].offset)));
	return json_write(out, v, &(struct json_opts){.indent = 2}, err);
}

int probe_parse(
	const char *text, size_t len, const char *token, struct probe_report *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v;
	int r = json_parse(&a, text, len, &v, err);
	if (r < 0)
		return r;

	*out = (struct probe_report){0};
	out->right_token = str_eq(value_get_str(v, "token"), token);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *s = value_get_str(v, texts[i].name);
		bool may_lack = strcmp(texts[i].name, "program") == 0;
		*FIELD(char *, out, texts[i].offset) = s          ? mem_strdup(s)
						       : may_lack ? NULL
								  : mem_strdup("");
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		*FIELD(int64_t, out, numbers[i].offset) = value_get_int(v, numbers[i].name, -1);
	for (size_t i = 0; i < ARRAY_SIZE(truths); i++)
		*FIELD(bool, out, truths[i].offset) = value_get_bool(v, truths[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(locks); i++) {
		int64_t lock = value_get_int(v, locks[i].name, PROBE_FAILED);
		*FIELD(enum probe_lock, out,
			locks[i].offset) = lock == PROBE_TAKEN || lock == PROBE_EXCLUDED
						   ? (enum probe_lock)lock
						   : PROBE_FAILED;
	}
	return 0;
}

static int write_report(const char *dir, int index, const char *token, const struct probe_report *r,
	struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *path = report_path(dir, index);
	int w = probe_format(r, token, &text, err);
	return w < 0 ? w : file_write(path, text.ptr, text.len, FILE_SYNC, err);
}

int probe_read(const char *dir, int index, struct probe_report *out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strlist_release) struct strlist ask = STRLIST_INIT;
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(mem_freep) char *path = report_path(dir, index);
	/* network file systems remember that a name is missing; a listing asks again */
	(void)file_list(dir, &names, NULL);
	int r = file_read(path, &text, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		return 0;
	}
	if (r == 0)
		r = read_ask(dir, &ask, err);
	if (r == 0)
		r = probe_parse(buf_str(&text), text.len, ask.items[ASK_TOKEN], out, err);
	return r < 0 ? err_wrap(err, r, "unable to read the report '%s'", path) : 1;
}

/* ---- a probe ---- */

/* Answer pings until we are released, the time is over or the directory is gone. */
static void stay(const struct ctx *ctx, const char *dir, int64_t stay_s)
{
	enum { LOOK_MS = 50 };
	double until_s = process_clock_s() + (double)stay_s;
	bool answered = false;
	cancel_begin(ctx);
	while (process_clock_s() < until_s && !cancel_end_asked(ctx) && !cancel_interrupts(ctx)) {
		AUTO(strlist_release) struct strlist names = STRLIST_INIT;
		AUTO(mem_freep) char *pong = path_join(dir, "pong");
		if (file_list(dir, &names, NULL) < 0 || strlist_has(&names, "release"))
			break;
		if (!answered && strlist_has(&names, "ping"))
			answered = file_write(pong, "", 0, 0, NULL) == 0;
		(void)cancel_poll(ctx, NULL, 0, LOOK_MS);
	}
	cancel_end(ctx);
}

int probe_run(
	const struct ctx *ctx, const char *dir, int index, const char *version, struct err *err)
{
	AUTO(strlist_release) struct strlist ask = STRLIST_INIT;
	AUTO(probe_report_release) struct probe_report report = {0};
	AUTO(lockfile_release) struct lockfile flock = LOCKFILE_INIT;
	AUTO(holdfile_release) struct holdfile hold = HOLDFILE_INIT;
	AUTO(mem_freep) char *flock_path = path_join(dir, "flock");
	AUTO(mem_freep) char *hold_path = path_join(dir, "hold");
	int64_t stay_s = 0;
	int r = read_ask(dir, &ask, err);
	if (r < 0)
		return r;

	report.flock = lock_result(lockfile_take(&flock, flock_path, 0, NULL, NULL));
	report.hold = lock_result(holdfile_take(&hold, hold_path, NULL));
	report.claim = claim(dir, index);
	probe_find_out(ctx, dir, ask.items[ASK_CACHE], version, &report);
	r = write_report(dir, index, ask.items[ASK_TOKEN], &report, err);
	if (r == 0 && index == 0 && str_to_i64(ask.items[ASK_STAY], &stay_s))
		stay(ctx, dir, stay_s);
	return r;
}

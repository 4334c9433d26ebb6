/* Directories of jobs on a host, and their work trees; and whether the head has another question.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "exec/ssh/ssh_host_int.h"

bool host_is_job_name(const char *name)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	return name && *name && *name != '-' && strspn(name, allowed) == strlen(name);
}

int host_place_read(
	const struct host *h, const struct wire *w, struct host_place *out, struct err *err)
{
	const char *job = wire_get(w, "job");
	int64_t try = wire_int(w, "try", 1);

	if (!h->root)
		return err_set(err, ERR_USAGE, "hello comes first");
	if (!host_is_job_name(job) || try < 1 || try > 9999)
		return err_set(err, ERR_USAGE, "'%s' is no name of a job", job ? job : "");
	host_place_init(h, job, (int)try, out);
	return 0;
}

void host_place_init(const struct host *h, const char *job, int try, struct host_place *out)
{
	*out = (struct host_place){.dir = mem_printf("%s/jobs/%s", h->root, job)};
	out->attempt = mem_printf("%s/try-%d", out->dir, try);
	out->trees = mem_printf("%s/tree-%d", out->dir, try);
}

void host_place_release(struct host_place *p)
{
	free(p->dir);
	free(p->attempt);
	free(p->trees);
	*p = (struct host_place){0};
}

/* ---- one after the other ---- */

/* A file that is missing or damaged is 0. */
static int64_t read_number(const char *path)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int64_t number = 0;

	if (file_read(path, &text, NULL) < 0 || !str_to_i64(buf_str(&text), &number))
		return 0;
	return number;
}

static int write_number(const char *path, int64_t number, struct err *err)
{
	AUTO(mem_freep) char *text = mem_printf("%lld", (long long)number);

	return file_write(path, text, strlen(text), 0, err);
}

/* Some locks for all jobs, so that none has to be removed: the name ends with digits of a hash. */
static int lock_name(const struct host *h, const char *name, struct lockfile *out, struct err *err)
{
	size_t len = strlen(name);
	AUTO(mem_freep) char *path = mem_printf(
		"%s/locks/%s", h->root, name + (len > 2 ? len - 2 : 0));
	int r = file_mkdirs_for(path, err);

	return r < 0 ? r : lockfile_take(out, path, -1, NULL, err);
}

int host_take_turn(struct host *h, struct lockfile *out, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(h->root, "turn");
	struct timespec now;
	int r = lock_name(h, "turn", out, err);

	if (r < 0)
		return r;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	/* the time: should the file have been lost, the numbers in the jobs' files are lower */
	h->turn = MAX(read_number(path) + 1, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
	return write_number(path, h->turn, err);
}

int host_take_job(const struct host *h, const struct host_place *p, bool begins,
	struct lockfile *out, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(p->dir, "turn");
	int r = lock_name(h, p->dir, out, err);

	if (r < 0)
		return r;
	if (read_number(path) > h->turn)
		return err_set(err, ERR_BROKEN, "a later connection has taken the job over");
	if (!begins)
		return 0;
	r = file_mkdirs(p->dir, err);
	return r < 0 ? r : write_number(path, h->turn, err);
}

/* The directory of the tree has one entry, the tree. */
char *host_tree_root(const struct host_place *p)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;

	if (file_list(p->trees, &names, NULL) < 0 || names.count != 1)
		return NULL;
	return path_join(p->trees, names.items[0]);
}

int host_remove_trees(const struct host *h, const char *trees, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;

	if (file_list(trees, &names, NULL) < 0)
		return 0; /* there are none */
	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem_freep)
		char *admin = mem_printf("%s/.git/worktrees/%s", h->repo, names.items[i]);

		(void)file_remove(admin, NULL);
	}
	return file_remove(trees, err);
}

bool host_has_question(struct host *h, int wait_ms)
{
	struct pollfd fd = {.fd = h->in, .events = POLLIN};

	return h->input.len > 0 || poll(&fd, 1, wait_ms) > 0;
}

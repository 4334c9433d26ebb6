/* Everything below cleanup_now() must be async-signal-safe: no allocation, no stdio, no locks. */
#include "base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/dirents.h"

enum state { FREE, TAKEN, NOTED }; /* an entry is complete only when NOTED */

struct note {
	atomic_int state;
	pid_t owner; /* the process that noted it: a forked child has a copy of this table */
	pid_t child; /* 0: this entry is a directory */
	char dir[PATH_MAX];
};

static struct note notes[16];

/* A handler may run at any time, on any thread: an entry is reserved first and filled while no
 * handler looks at it. */
static struct note *take_free(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		int expected = FREE;
		if (atomic_compare_exchange_strong(&notes[i].state, &expected, TAKEN))
			return &notes[i];
	}
	return NULL;
}

static int publish(struct note *n, pid_t child)
{
	n->child = child;
	n->owner = getpid();

	atomic_store(&n->state, NOTED); /* from here on a handler sees the entry */
	return (int)(n - notes) + 1;    /* plus one: 0 means "none" */
}

int cleanup_note_dir(const char *path)
{
	size_t len = strlen(path);
	struct note *n = len < sizeof(n->dir) ? take_free() : NULL;
	if (!n)
		return 0;
	memcpy(n->dir, path, len + 1);
	return publish(n, 0);
}

int cleanup_note_child(pid_t pid)
{
	struct note *n = take_free();
	return n ? publish(n, pid) : 0;
}

void cleanup_forget(int note)
{
	if (note)
		atomic_store(&notes[note - 1].state, FREE);
}

static void empty_dir(int fd, int depth);

static void remove_entry(int fd, const char *name, int depth)
{
	enum { DEEPEST = 64 }; /* levels of the tree: the stack of a handler may be small */
	/* a file, or an error */
	if (unlinkat(fd, name, 0) == 0 || (errno != EISDIR && errno != EPERM) || depth > DEEPEST)
		return;

	int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below >= 0) {
		empty_dir(below, depth + 1);
		close(below);
	}

	(void)unlinkat(fd, name, AT_REMOVEDIR);
}

/* Repeats until a pass finds no entry: removing may shift entries that were not read yet, and other
 * threads may still create files. */
static void empty_dir(int fd, int depth)
{
	enum { MOST_PASSES = 1000 };
	char block[4096] __attribute__((aligned(8)));

	for (int pass = 0; pass < MOST_PASSES; pass++) {
		bool any = false;
		ssize_t got;
		if (lseek(fd, 0, SEEK_SET) < 0) /* read from the start again */
			return;
		while ((got = dirents_read(fd, block, sizeof(block))) > 0) {
			for (ssize_t at = 0; at < got;) {
				const struct dirent_on_disk *d = (const void *)(block + at);
				at += d->len;
				if (strcmp(d->name, ".") == 0 || strcmp(d->name, "..") == 0)
					continue;
				any = true;
				remove_entry(fd, d->name, depth);
			}
		}
		if (!any) /* empty */
			return;
	}
}

static void remove_dir(const char *path)
{
	/* another thread may create a file between the last pass and rmdir() */
	enum { MOST_TRIES = 100 };
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;

	for (int i = 0; i < MOST_TRIES; i++) {
		empty_dir(fd, 0);
		if (rmdir(path) == 0 || errno != ENOTEMPTY)
			break;
	}
	close(fd);
}

void cleanup_now(void)
{
	pid_t self = getpid();

	/* children first: they still work in the directories */
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		struct note *n = &notes[i];
		if (atomic_load(&n->state) != NOTED || n->owner != self || !n->child)
			continue;
		(void)kill(n->child, SIGTERM);
		/* it has ended when its directory is removed */
		while (waitpid(n->child, NULL, 0) < 0 && errno == EINTR)
			;
	}

	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		struct note *n = &notes[i];
		if (atomic_load(&n->state) == NOTED && n->owner == self && !n->child)
			remove_dir(n->dir);
	}
}

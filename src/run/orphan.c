#include "run/orphan.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/vec.h"

VEC_TYPE(orphans, pid_t);

static const char *variable(const struct buf *environment, const char *name)
{
	size_t len = strlen(name);
	for (size_t at = 0; at < environment->len;) {
		const char *entry = environment->ptr + at;
		if (strncmp(entry, name, len) == 0 && entry[len] == '=')
			return entry + len + 1;
		at += strlen(entry) + 1;
	}
	return "";
}

/* DVC_STAGE has the way to its dvc.yaml in front, when it was started from another directory. */
static bool is_of(const struct buf *environment, const char *root, const char *stage)
{
	const char *of = variable(environment, "DVC_STAGE"), *colon = strrchr(of, ':');
	return strcmp(variable(environment, "DVC_ROOT"), root) == 0 &&
	       strcmp(colon ? colon + 1 : of, stage) == 0;
}

/* Those of other users cannot be read, and are not ours to end. */
static void find(const char *root, const char *stage, struct orphans *out)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	if (file_list("/proc", &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		char *end;
		long pid = strtol(names.items[i], &end, 10);
		if (*end || pid <= 1 || pid == getpid() || pid == getppid())
			continue;
		AUTO(mem_freep) char *path = mem_printf("/proc/%ld/environ", pid);
		AUTO(buf_release) struct buf text = BUF_INIT;
		if (file_read(path, &text, NULL) == 0 && is_of(&text, root, stage))
			*vec_push(out) = (pid_t)pid;
	}
}

static bool any_left(const struct orphans *list)
{
	VEC_EACH (list, pid)
		if (kill(*pid, 0) == 0)
			return true;
	return false;
}

void orphan_end(const char *root, const char *stage, const struct progress *progress)
{
	enum { PATIENCE_MS = 5000, STEP_MS = 20 };
	struct orphans list = {0};
	find(root, stage, &list);
	VEC_EACH (&list, pid) {
		progress_warn(progress,
			"Process %ld is still running stage '%s' of a run that was killed; ending it.",
			(long)*pid, stage);
		(void)kill(*pid, SIGTERM);
	}
	for (int ms = 0; ms < PATIENCE_MS && any_left(&list); ms += STEP_MS)
		(void)nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
	VEC_EACH (&list, pid)
		(void)kill(*pid, SIGKILL);
	vec_release(&list);
}

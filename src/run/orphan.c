/* Finds processes by their environment in /proc, and ends them. */
#include "run/orphan.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/vec.h"
#include "run/rwlock.h"

VEC_TYPE(orphans, pid_t);

/* The value of a variable in the text of /proc/PID/environ ("NAME=value\0..."); "" if not set. */
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

/* A job of an executor is taken over, or ended by its executor (exec/executor.h). */
static bool is_job(const struct buf *environment)
{
	return *variable(environment, "CAIRN_JOB") != '\0';
}

/* DVC_STAGE is "path/to/dvc.yaml:stage" when the run was started in another directory. */
static bool is_of(const struct buf *environment, const char *root, const char *stage)
{
	const char *of = variable(environment, "DVC_STAGE"), *colon = strrchr(of, ':');
	return strcmp(variable(environment, "DVC_ROOT"), root) == 0 &&
	       strcmp(colon ? colon + 1 : of, stage) == 0;
}

static pid_t parent_of(pid_t pid)
{
	AUTO(mem_freep) char *path = mem_printf("/proc/%ld/stat", (long)pid);
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (file_read(path, &text, NULL) < 0)
		return 0;
	/* "PID (name) STATE PARENT ..."; the name may contain parentheses and spaces */
	const char *behind_name = strrchr(buf_str(&text), ')');
	return behind_name && strlen(behind_name) > 4 ? (pid_t)strtol(behind_name + 4, NULL, 10)
						      : 0;
}

/*
 * Must the process be left alone? Stages in different directories may have the same name, so it is
 * left alone if one of its parents holds a path in the rwlock (it belongs to a live run), or if it
 * is a parent of this process (cairn was called by a command of a stage).
 */
static bool belongs_to_run(struct repo *repo, pid_t pid)
{
	for (pid_t above = getppid(); above > 1; above = parent_of(above))
		if (above == pid)
			return true;
	while ((pid = parent_of(pid)) > 1)
		if (rwlock_is_holder(repo, pid))
			return true;
	return false;
}

/* The environment of other users' processes cannot be read, so they are never found. */
static void find(struct repo *repo, const char *stage, struct orphans *out)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	if (file_list("/proc", &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		char *end;
		long pid = strtol(names.items[i], &end, 10);
		if (*end || pid <= 1 || pid == getpid())
			continue;
		AUTO(mem_freep) char *path = mem_printf("/proc/%ld/environ", pid);
		AUTO(buf_release) struct buf text = BUF_INIT;
		if (file_read(path, &text, NULL) == 0 && is_of(&text, repo->root, stage) &&
			!is_job(&text) && !belongs_to_run(repo, (pid_t)pid))
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

void orphan_end(struct repo *repo, const char *stage, const struct progress *progress)
{
	enum { PATIENCE_MS = 5000, STEP_MS = 20 };
	struct orphans list = {0};
	find(repo, stage, &list);
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

/*
 * Compares the processes of a group before and after the signal. One that now takes the default
 * action for SIGINT but still lives has not received it as the program that it is: the signal came
 * before its exec(). The values are those of /proc/<pid>/stat and status; where they cannot be
 * read, each process gets the signal once.
 */
#include "exec/interrupt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/procid.h"
#include "exec/kin.h"

/* The places of its code and stack differ for each program that was started by exec(), and are
 * equal for a process and its copies. */
struct image {
	uint64_t code, code_end, stack; /* 0: unknown */
};

struct member {
	pid_t pid, parent;
	struct image image;
};

VEC_TYPE(member_list, struct member);

/* What is known about the time of the signal. */
struct moment {
	struct member_list before; /* the group, shortly before */
	long last_pid;             /* of the processes that existed then; 0: unknown */
	struct pid_list again;     /* these got it a second time */
};

static bool same_image(const struct image *a, const struct image *b)
{
	return a->code == b->code && a->code_end == b->code_end && a->stack == b->stack;
}

static const struct member *find(const struct member_list *list, pid_t pid)
{
	VEC_EACH (list, m)
		if (m->pid == pid)
			return m;
	return NULL;
}

/* Returns whether there is one that is within its exec(): it has neither the old program nor the
 * new one. */
static bool list_group(pid_t leader, struct member_list *out)
{
	enum { PARENT = 4, GROUP = 5, FLAGS = 9, CODE = 26, CODE_END = 27, STACK = 28 };
	enum { EXITING = 4 }; /* PF_EXITING in linux/sched.h; also of a zombie */
	struct pid_list kin = {0};
	bool within_exec = false;
	kin_find(leader, &kin);
	VEC_EACH (&kin, pid) {
		uint64_t field[STACK + 1];
		if (!procid_fields(*pid, PARENT, field + PARENT, STACK + 1 - PARENT) ||
			field[GROUP] != (uint64_t)leader)
			continue;
		within_exec = within_exec || (!field[STACK] && !(field[FLAGS] & EXITING));
		if (!field[STACK])
			continue;
		*vec_push(out) = (struct member){
			*pid, (pid_t)field[PARENT], {field[CODE], field[CODE_END], field[STACK]}};
	}
	vec_release(&kin);
	return within_exec;
}

/* The last process id that was given away: ids ascend. It is the last of the five fields of
 * /proc/loadavg, which `fd` reads. 0: unknown. */
static long last_pid(int fd)
{
	char text[128];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
	if (len <= 0)
		return 0;
	text[len] = '\0';
	const char *last = strrchr(text, ' ');
	return last ? strtol(last, NULL, 10) : 0;
}

static int64_t now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/*
 * Send the signal and return the last id of a process that certainly existed then. The id is read
 * before and after the signal. The second one is taken unless this process had to wait meanwhile: a
 * program that handles the signal could have started another one by then.
 */
static long send_at_moment(pid_t leader)
{
	enum { AT_ONCE_NS = 50000 };
	int fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	int64_t begin_ns = now_ns();
	long before = last_pid(fd);
	(void)kill(-leader, SIGINT);
	long after = last_pid(fd);
	bool at_once = now_ns() - begin_ns < AT_ONCE_NS;
	if (fd >= 0)
		close(fd);
	return at_once ? after : before;
}

/* Is the signal in this set of /proc/<pid>/status? A set is a hexadecimal number whose lowest bit
 * is signal 1. */
static bool has_signal(const struct buf *status, const char *set, int number)
{
	const char *at = strstr(buf_str(status), set);
	return at && strtoull(at + strlen(set), NULL, 16) >> (number - 1) & 1;
}

/* Would SIGINT end the process, and is it not about to end? */
static bool takes_default(pid_t pid)
{
	static const char *const other[] = {"SigBlk:", "SigIgn:", "SigCgt:", "SigPnd:", "ShdPnd:"};
	AUTO(mem_freep) char *path = mem_printf("/proc/%ld/status", (long)pid);
	AUTO(buf_release) struct buf status = BUF_INIT;
	if (file_read(path, &status, NULL) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		if (has_signal(&status, other[i], SIGINT))
			return false;
	return !has_signal(&status, "SigPnd:", SIGKILL) && !has_signal(&status, "ShdPnd:", SIGKILL);
}

static bool is_in(const struct pid_list *list, pid_t pid)
{
	VEC_EACH (list, p)
		if (*p == pid)
			return true;
	return false;
}

/*
 * Was this process there at the signal without any child? A shell that was about to start a command
 * holds the signal back until that command has ended. (dash does so a few instructions before its
 * vfork().) Commands that are run to clean up follow one that the signal has ended.
 */
static bool was_without_child(const struct moment *m, pid_t leader, pid_t pid)
{
	if (pid == leader || !find(&m->before, pid))
		return false; /* the leader is of this program and hands on what it gets */
	VEC_EACH (&m->before, it)
		if (it->parent == pid)
			return false;
	return true;
}

/* Interrupt those that have missed it. Returns whether a process that existed at the moment of the
 * signal is still a copy of its parent, so that its exec() may come. */
static bool interrupt_missed(pid_t leader, struct moment *m)
{
	struct member_list now = {0};
	bool more = list_group(leader, &now);
	VEC_EACH (&now, it) {
		const struct member *was = find(&m->before, it->pid);
		const struct member *parent = find(&now, it->parent);
		bool existed = was || it->pid <= m->last_pid ||
			       was_without_child(m, leader, it->parent);
		bool is_copy = parent && same_image(&parent->image, &it->image);
		bool began = was ? !same_image(&was->image, &it->image) : !is_copy;

		if (!existed || is_in(&m->again, it->pid))
			continue;
		more = more || is_copy;
		if (began && takes_default(it->pid)) {
			*vec_push(&m->again) = it->pid;
			(void)kill(it->pid, SIGINT);
		}
	}
	vec_release(&now);
	return more;
}

void interrupt_group(pid_t leader)
{
	/* at least for a moment: a fork() that has begun is not in the list of children yet */
	enum { EVERY_MS = 2, LEAST_MS = 10, LIMIT_MS = 500 };
	struct moment m = {0};
	int waited = 0;

	(void)list_group(leader, &m.before);
	m.last_pid = send_at_moment(leader);
	while ((interrupt_missed(leader, &m) || waited < LEAST_MS) && waited < LIMIT_MS) {
		(void)poll(NULL, 0, EVERY_MS);
		waited += EVERY_MS;
	}
	vec_release(&m.before);
	vec_release(&m.again);
}

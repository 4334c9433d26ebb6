/* Walks down the lists of children that the kernel keeps. */
#include "exec/kin.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/strlist.h"

/* Read /proc/PID/task/TID/children: ids with blanks between. */
static void add_children_of_thread(struct pid_list *list, pid_t pid, const char *thread)
{
	AUTO(mem_freep) char *path = mem_printf("/proc/%ld/task/%s/children", (long)pid, thread);
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (file_read(path, &text, NULL) < 0)
		return;
	for (char *at = text.ptr; at && *at;) {
		char *end;
		long child = strtol(at, &end, 10);
		if (end == at)
			break;
		*vec_push(list) = (pid_t)child;
		at = end + strspn(end, " ");
	}
}

/* The kernel lists children per thread of the parent. */
static void add_children(struct pid_list *list, pid_t pid)
{
	AUTO(strlist_release) struct strlist threads = STRLIST_INIT;
	AUTO(mem_freep) char *dir = mem_printf("/proc/%ld/task", (long)pid);
	if (file_list(dir, &threads, NULL) < 0)
		return;
	for (size_t i = 0; i < threads.count; i++)
		add_children_of_thread(list, pid, threads.items[i]);
}

void kin_find(pid_t pid, struct pid_list *out)
{
	size_t first = out->count;
	*vec_push(out) = pid;
	for (size_t i = first; i < out->count; i++)
		add_children(out, out->items[i]);
}

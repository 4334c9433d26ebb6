/* A process by its number, start time and boot, read from /proc. */
#include "base/procid.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"

/*
 * The 22nd field; the second one, the name in brackets, may hold anything. The third is the state:
 * a process that has ended and that its parent has not waited for ("Z", "X") is gone.
 */
static bool add_start(pid_t pid, struct buf *out)
{
	enum { FIELDS_BETWEEN = 20 };
	AUTO(mem_freep) char *path = mem_printf("/proc/%ld/stat", (long)pid);
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (file_read(path, &text, NULL) < 0)
		return false;
	const char *at = strrchr(buf_str(&text), ')');
	if (!at || !at[1] || strchr("ZX", at[2]))
		return false;
	for (int i = 0; at && i < FIELDS_BETWEEN; i++)
		at = strchr(at + 1, ' ');
	if (!at)
		return false;
	buf_add(out, at + 1, strcspn(at + 1, " "));
	return true;
}

bool procid_format(pid_t pid, struct buf *out)
{
	AUTO(buf_release) struct buf start = BUF_INIT;
	AUTO(buf_release) struct buf boot = BUF_INIT;
	if (!add_start(pid, &start) ||
		file_read("/proc/sys/kernel/random/boot_id", &boot, NULL) < 0)
		return false;
	buf_rtrim(&boot);
	buf_addf(out, "%ld %s %s\n", (long)pid, buf_str(&start), buf_str(&boot));
	return true;
}

pid_t procid_find(const char *text)
{
	AUTO(buf_release) struct buf now = BUF_INIT;
	long pid = strtol(text, NULL, 10);
	if (pid <= 1 || pid > INT_MAX || !procid_format((pid_t)pid, &now))
		return 0;
	return strcmp(buf_str(&now), text) == 0 ? (pid_t)pid : 0;
}

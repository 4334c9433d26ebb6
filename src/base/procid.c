/* Reads the start time and the boot from /proc. */
#include "base/procid.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"

/*
 * Read the fields of a process and return what follows the second: " S 1 ...". That is the name in
 * brackets and may contain any character, so counting starts behind the last bracket. NULL: no such
 * process.
 */
static const char *read_fields(pid_t pid, struct buf *out)
{
	AUTO(mem_freep) char *path = mem_printf("/proc/%ld/stat", (long)pid);
	if (file_read(path, out, NULL) < 0)
		return NULL;
	const char *bracket = strrchr(buf_str(out), ')');
	return bracket ? bracket + 1 : NULL;
}

/* The blank before a field, by its number in proc(5). `at` is the blank before the third one. */
static const char *skip_to(const char *at, int number)
{
	for (int i = 3; at && i < number; i++)
		at = strchr(at + 1, ' ');
	return at;
}

/* Append the 22nd field. The third field is the state: "Z" and "X" mean that the process has
 * ended. */
static bool add_start(pid_t pid, struct buf *out)
{
	enum { START = 22 };
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *at = read_fields(pid, &text);
	if (!at || !at[0] || strchr("ZX", at[1]))
		return false;

	at = skip_to(at, START);
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

pid_t procid_parent(pid_t pid)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *at = read_fields(pid, &text);
	if (!at || strlen(at) < 3)
		return 0;
	return (pid_t)strtol(at + 3, NULL, 10); /* after the state */
}

bool procid_fields(pid_t pid, int first, uint64_t *out, size_t count)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *at = read_fields(pid, &text);
	if (at)
		at = skip_to(at, first);
	for (size_t i = 0; i < count; i++) {
		if (!at)
			return false;
		out[i] = strtoull(at + 1, NULL, 10);
		at = strchr(at + 1, ' ');
	}
	return true;
}

pid_t procid_find(const char *text)
{
	AUTO(buf_release) struct buf now = BUF_INIT;
	long pid = strtol(text, NULL, 10);
	/* kill() of 0, 1 or a negative number would hit other processes */
	if (pid <= 1 || pid > INT_MAX || !procid_format((pid_t)pid, &now))
		return 0;
	return strcmp(buf_str(&now), text) == 0 ? (pid_t)pid : 0; /* the same text: same process */
}

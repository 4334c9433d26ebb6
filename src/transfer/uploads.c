/* The files that remember uploads: a line with numbers, the path, the id, then a line for each
 * part. A last line without an end is one that was not written whole. */
#include "transfer/uploads.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sha256.h"
#include "base/str.h"

bool uploads_are_kept(const struct fs *fs)
{
	return fs->driver->put_parts || fs_can(fs, FS_SESSIONS);
}

static const char title[] = "upload 1 ";

void upload_release(struct upload *u)
{
	free(u->path);
	free(u->id);
	strlist_release(&u->parts);
	*u = (struct upload){0};
}

static char *file_of(const char *dir, const char *path)
{
	char name[SHA256_HEX + 1];
	sha256_hex(path, strlen(path), name);
	return path_join(dir, name);
}

/* "upload 1 <begun> <size> <bytes of a part> <md5>" */
static bool parse_numbers(const char *line, struct upload *out)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	int64_t begun_s, size, part;
	if (!str_starts(line, title))
		return false;
	strlist_split(&words, line + strlen(title), ' ');
	if (words.count != 4 || !str_to_i64(words.items[0], &begun_s) ||
		!str_to_i64(words.items[1], &size) || !str_to_i64(words.items[2], &part) ||
		size < 0 || part <= 0 || strlen(words.items[3]) != MD5_HEX)
		return false;
	memcpy(out->md5, words.items[3], MD5_HEX);
	out->begun_s = begun_s;
	out->size_bytes = (uint64_t)size;
	out->part_bytes = (uint64_t)part;
	return true;
}

static bool load(const char *file, struct upload *out)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	if (file_read(file, &text, NULL) < 0)
		return false;
	strlist_split(&lines, buf_str(&text), '\n');
	/* the last one is "", or was not written whole */
	if (lines.count < 4 || !parse_numbers(lines.items[0], out))
		return false;
	out->path = mem_strdup(lines.items[1]);
	out->id = mem_strdup(lines.items[2]);
	for (size_t i = 3; i + 1 < lines.count; i++)
		strlist_add(&out->parts, lines.items[i]);
	return true;
}

bool upload_load(const char *dir, const char *path, struct upload *out)
{
	AUTO(mem_freep) char *file = file_of(dir, path);
	if (load(file, out) && str_eq(out->path, path))
		return true;
	upload_release(out);
	return false;
}

/* One write(2), so that a line is there whole or not at all. */
static void write_line(const char *file, int flags, const struct buf *text)
{
	AUTO(close_fd) int fd = open(file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
	if (fd >= 0)
		(void)file_write_all(fd, text->ptr, text->len); /* best effort */
}

void upload_save(const char *dir, const struct upload *u)
{
	AUTO(mem_freep) char *file = file_of(dir, u->path);
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (strchr(u->path, '\n') || strchr(u->id, '\n') || file_mkdirs(dir, NULL) < 0)
		return;
	buf_addf(&text, "%s%lld %llu %llu %s\n%s\n%s\n", title, (long long)u->begun_s,
		(unsigned long long)u->size_bytes, (unsigned long long)u->part_bytes, u->md5,
		u->path, u->id);
	(void)unlink(file); /* of an upload before */
	write_line(file, O_CREAT | O_EXCL, &text);
}

void upload_add_part(const char *dir, const char *path, unsigned number, const char *tag)
{
	AUTO(mem_freep) char *file = file_of(dir, path);
	AUTO(buf_release) struct buf text = BUF_INIT;
	buf_addf(&text, "%u %s\n", number, tag);
	write_line(file, O_APPEND, &text);
}

void upload_forget(const char *dir, const char *path)
{
	AUTO(mem_freep) char *file = file_of(dir, path);
	(void)unlink(file);
}

bool upload_has_part(const struct upload *u, unsigned number, const char *tag)
{
	AUTO(mem_freep) char *line = mem_printf("%u %s", number, tag);
	return strlist_has(&u->parts, line);
}

void uploads_each(const char *dir, upload_fn fn, void *arg)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	if (!file_is_dir(dir) || file_list(dir, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem_freep) char *file = path_join(dir, names.items[i]);
		AUTO(upload_release) struct upload u = {0};
		if (load(file, &u))
			fn(arg, &u);
	}
}

/* Where objects are in a remote, and small things that the other files of it share. */
#include "base/alloc.h"
#include "store/cache_int.h"
#include "store/remote_int.h"

char *remote_object_path(const struct oid *o)
{
	char text[OID_TEXT];
	oid_format(o, text);
	return mem_printf("%s%.2s/%s", o->hash == HASH_MD5 ? "files/md5/" : "", text, text + 2);
}

/* "files/md5/ab/cdef..." or, for objects of DVC 2.x, "ab/cdef...". */
bool remote_parse_path(const char *path, enum hash_name hash, struct oid *out)
{
	static const char new_root[] = "files/md5/";
	if (hash == HASH_MD5) {
		if (strncmp(path, new_root, strlen(new_root)) != 0)
			return false;
		path += strlen(new_root);
	}

	if (strlen(path) < 4 || path[2] != '/')
		return false;
	const char fan[3] = {path[0], path[1], '\0'};
	return cache_parse_name(fan, path + 3, hash, out);
}

struct transfer_opts remote_transfer_opts(const struct remote *r, int jobs)
{
	return (struct transfer_opts){.jobs = jobs > 0 ? jobs : r->jobs,
		.meter = METER_TRANSFER,
		.uploads_dir = r->uploads_dir};
}

int remote_check_bytes(const struct oid *o, const struct buf *bytes, struct err *err)
{
	unsigned char digest[MD5_BYTES];
	char text[OID_TEXT];
	if (o->is_dir || o->hash == HASH_MD5)
		md5_of(buf_str(bytes), bytes->len, digest);
	else
		dos2unix_of(buf_str(bytes), bytes->len, digest);
	if (memcmp(digest, o->digest, MD5_BYTES) == 0)
		return 0;
	return err_set(err, ERR_CORRUPT, "the remote's %s '%s' is corrupted",
		o->is_dir ? "directory listing" : "object", oid_format(o, text));
}

char **remote_object_paths(const struct oid_list *objects)
{
	char **paths = mem_zalloc((objects->count + 1) * sizeof(*paths));
	for (size_t i = 0; i < objects->count; i++)
		paths[i] = remote_object_path(&objects->items[i]);
	return paths;
}

void remote_paths_free(char ***paths)
{
	for (char **p = *paths; p && *p; p++)
		free(*p);
	free(*paths);
}

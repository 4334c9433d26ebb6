/* Opens data at a URL, and looks at what it is like now. */
#include "data/far.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/data.h"
#include "data/url.h"
#include "store/copies.h"
#include "store/hashing.h"
#include "store/relay.h"
#include "store/take.h"
#include "text/json.h"
#include "text/url.h"
#include "transfer/transfer.h"

/* ---- opening */

/*
 * Split a URL into the root that is opened and the path below it. A web address is taken as a
 * whole: it may have a query, and its path need not be one of files.
 */
static void split(const char *url, char **out_root, char **out_path)
{
	const char *host = strstr(url, "://") + 3;
	const char *path = host + strcspn(host, "/");
	if (str_starts(url, "http://") || str_starts(url, "https://"))
		path = url + strlen(url);
	*out_root = mem_strndup(url, (size_t)(path - url));
	while (*path == '/')
		path++;
	size_t len = strlen(path);
	while (len && path[len - 1] == '/')
		len--;
	*out_path = mem_strndup(path, len);
	/* other drivers take names as they are; of WebDAV this is the path of a web address */
	if (str_starts(url, "webdav")) {
		AUTO(mem_freep) char *escaped = TAKE(*out_path);
		*out_path = url_decoded(escaped);
	}
}

/* Cut the version that a URL names ("s3://bucket/key?versionId=X") off its path. NULL: none. */
static char *take_version(const char *root, char *path)
{
	static const struct {
		const char *scheme, *mark;
		bool is_number;
	} forms[] = {
		{"s3://", "?versionId=", false},
		{"azure://", "?versionid=", false},
		{"gs://", "#", true},
	};
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		char *mark = str_starts(root, forms[i].scheme) ? strstr(path, forms[i].mark) : NULL;
		if (!mark)
			continue;
		const char *version = mark + strlen(forms[i].mark);
		if (forms[i].is_number && (!*version || version[strspn(version, "0123456789")]))
			continue;
		*mark = '\0';
		return mem_strdup(version);
	}
	return NULL;
}

int far_open(struct far **out, const struct ctx *ctx, const struct config *config, const char *url,
	const struct value *fs_config, struct err *err)
{
	AUTO(mem_freep) char *resolved = NULL, *root = NULL;
	struct far *f = NEW(struct far);
	struct value *options;
	int r = url_resolve(config, url, &resolved, err);
	if (r >= 0)
		r = url_check_scheme(resolved, url, err);
	if (r < 0) {
		free(f);
		return r;
	}
	options = url_options(config, url, &f->arena);
	for (size_t i = 0; i < value_count(fs_config); i++)
		value_set(&f->arena, options, fs_config->list.items[i].key,
			fs_config->list.items[i].value);
	f->url = mem_strdup(url);
	split(resolved, &root, &f->path);
	f->version = take_version(root, f->path);
	f->version_aware = url_option_set(options, "version_aware");
	r = fs_open(&f->fs, ctx, root, options, err);
	if (r < 0) {
		far_close(f);
		return r == ERR_CONFIG ? err_recode(err, ERR_OPTIONS) : r;
	}
	*out = f;
	return 0;
}

void far_close(struct far *f)
{
	if (!f)
		return;
	fs_close(f->fs);
	free(f->url);
	free(f->path);
	free(f->version);
	arena_release(&f->arena);
	free(f);
}

/* ---- looking */

void far_state_release(struct far_state *s)
{
	vec_release(&s->files);
	arena_release(&s->arena);
	*s = (struct far_state){0};
}

static int compare_files(const void *a, const void *b)
{
	const struct far_file *x = a, *y = b;
	return strcmp(x->rel, y->rel);
}

struct listing {
	struct far_state *state;
	size_t strip; /* bytes of the path of the data, with the slash behind it */
};

/* Names come from elsewhere: one that would lead out of the directory is refused. Object stores
 * also have objects that stand for directories. */
static int add_file(void *arg, const struct fs_entry *entry, struct err *err)
{
	const struct listing *l = arg;
	const char *rel = entry->path + l->strip;
	size_t len = strlen(rel);
	if (len == 0 || rel[len - 1] == '/')
		return 0;
	if (!path_is_safe_relative(rel, len))
		return err_set(err, ERR_FAIL, "'%s' may not be the name of a file", entry->path);
	struct arena *a = &l->state->arena;
	char *path = arena_strdup(a, entry->path);
	*vec_push(&l->state->files) = (struct far_file){
		.rel = path + l->strip,
		.path = path,
		.etag = entry->etag ? arena_strdup(a, entry->etag) : NULL,
		.version = entry->version ? arena_strdup(a, entry->version) : NULL,
		.size_bytes = entry->size_bytes,
	};
	return 0;
}

static int look_below(struct far *f, struct far_state *out, struct err *err)
{
	bool flat = fs_can(f->fs, FS_LIST_FLAT);
	struct listing l = {out, *f->path ? strlen(f->path) + 1 : 0};
	AUTO(mem_freep) char *prefix = mem_printf("%s%s", f->path, flat && *f->path ? "/" : "");
	const char *const one = prefix;
	const struct transfer_opts opts = {.versions = f->version_aware};
	int r = transfer_list(f->fs, &one, 1, &opts, add_file, &l, err);
	vec_sort(&out->files, compare_files);
	out->is_dir = true;
	return r;
}

static void add_single(const struct far *f, const struct fs_stat *st, struct far_state *out)
{
	struct arena *a = &out->arena;
	*vec_push(&out->files) = (struct far_file){
		.rel = "",
		.path = arena_strdup(a, f->path),
		.etag = st->etag ? arena_strdup(a, st->etag) : NULL,
		.version = f->version    ? arena_strdup(a, f->version)
			   : st->version ? arena_strdup(a, st->version)
					 : NULL,
		.size_bytes = st->size_bytes,
	};
}

int far_look(struct far *f, struct far_state *out, struct err *err)
{
	AUTO(fs_stat_release) struct fs_stat st = {0};
	bool flat = fs_can(f->fs, FS_LIST_FLAT);
	int r = flat && !*f->path ? 0 : transfer_stat(f->fs, f->path, f->version, &st, err);
	if (r > 0 && !st.is_dir) {
		add_single(f, &st, out);
		return 1;
	}
	if (r < 0 || (r == 0 && !flat) || fs_can(f->fs, FS_NO_LIST))
		return MIN(r, 0);
	r = look_below(f, out, err);
	/* a directory of an object store is there when anything is in it */
	return r < 0 ? r : !flat || out->files.count || !*f->path;
}

/* ---- recording */

/*
 * The name of a directory by the names that the place has for its files: as that of a listing, with
 * the ETags in place of the digests.
 */
static void name_by_etags(const struct far_state *s, const char *key, char out_hex[MD5_HEX + 1])
{
	AUTO(buf_release) struct buf json = BUF_INIT;
	unsigned char digest[MD5_BYTES];
	buf_adds(&json, "[");
	for (size_t i = 0; i < s->files.count; i++) {
		const struct far_file *f = &s->files.items[i];
		buf_addf(&json, "%s{\"%s\": ", i ? ", " : "", key);
		json_write_string(&json, f->etag, strlen(f->etag));
		buf_adds(&json, ", \"relpath\": ");
		json_write_string(&json, f->rel, strlen(f->rel));
		buf_adds(&json, "}");
	}
	buf_adds(&json, "]");
	md5_of(json.ptr, json.len, digest);
	md5_to_hex(digest, out_hex);
}

static uint64_t size_of(const struct far_state *s)
{
	uint64_t total = 0;
	for (size_t i = 0; i < s->files.count; i++)
		total += s->files.items[i].size_bytes == FS_UNKNOWN ? 0
								    : s->files.items[i].size_bytes;
	return total;
}

/* Does the place name the content of every file? */
static bool has_etags(const struct far *f, const struct far_state *s)
{
	if (!f->fs->driver->checksum_key)
		return false;
	for (size_t i = 0; i < s->files.count; i++) {
		if (!s->files.items[i].etag)
			return false;
	}
	return true;
}

/* The list of files with their versions. */
static struct value *list_versions(struct arena *a, const struct far *f, const struct far_state *s)
{
	struct value *list = value_list(a);
	for (size_t i = 0; i < s->files.count; i++) {
		const struct far_file *file = &s->files.items[i];
		struct value *entry = value_map(a);
		value_set(a, entry, "relpath", value_string(a, file->rel));
		value_set(a, entry, f->fs->driver->checksum_key, value_string(a, file->etag));
		if (file->size_bytes != FS_UNKNOWN)
			value_set(a, entry, "size", value_int(a, (int64_t)file->size_bytes));
		if (file->version)
			value_set(a, entry, "version_id", value_string(a, file->version));
		value_append(a, list, entry);
	}
	return list;
}

/* What identifies a content in an entry of such a list. */
static const char *etag_of(const struct value *entry)
{
	const char *etag = value_get_str(entry, "etag");
	return etag ? etag : value_get_str(entry, "checksum");
}

bool far_same_files(const struct value *a, const struct value *b)
{
	if (value_count(a) != value_count(b))
		return false;
	for (size_t i = 0; i < value_count(a); i++) {
		const struct value *x = a->list.items[i].value, *y = b->list.items[i].value;
		if (!str_eq(value_get_str(x, "relpath"), value_get_str(y, "relpath")) ||
			!str_eq(etag_of(x), etag_of(y)))
			return false;
	}
	return true;
}

int far_recorded(struct far *f, const struct recorded *r, struct far_state *out, struct err *err)
{
	struct listing l = {out, *f->path ? strlen(f->path) + 1 : 0};
	bool known = value_count(r->files) > 0;
	if (!known && r->version_id) {
		free(f->version);
		f->version = mem_strdup(r->version_id);
		return far_look(f, out, err);
	}
	for (size_t i = 0; i < value_count(r->files); i++) {
		const struct value *entry = r->files->list.items[i].value;
		int64_t size = value_get_int(entry, "size", -1);
		const char *rel = value_get_str(entry, "relpath");
		AUTO(mem_freep) char *path = path_join(f->path, rel ? rel : "");
		const struct fs_entry e = {.path = path,
			.etag = etag_of(entry),
			.version = value_get_str(entry, "version_id"),
			.size_bytes = size >= 0 ? (uint64_t)size : FS_UNKNOWN};
		if (!rel || !e.version)
			return 0;
		int code = add_file(&l, &e, err);
		if (code < 0)
			return code;
	}
	out->is_dir = known;
	return known;
}

static int record_content(struct far *f, const struct far_state *s, const struct hashed *stored,
	struct arena *a, struct recorded *out, struct err *err)
{
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	int r = stored ? 0 : far_store(f, s, NULL, 0, &now, err);
	if (r >= 0)
		recorded_set(a, out, stored ? stored : &now);
	return r;
}

int far_record(struct far *f, const struct far_state *s, const struct hashed *stored,
	struct arena *a, struct recorded *out, struct err *err)
{
	char hex[MD5_HEX + 1];
	*out = RECORDED_NONE;
	if (!has_etags(f, s))
		return record_content(f, s, stored, a, out, err);

	uint64_t size = size_of(s);
	if (s->is_dir && f->version_aware) {
		out->files = list_versions(a, f, s);
		return 0;
	}
	out->size = (int64_t)size;
	if (s->is_dir) {
		name_by_etags(s, f->fs->driver->checksum_key, hex);
		out->hash_name = "md5";
		out->hash = arena_printf(a, "%s.dir", hex);
		out->nfiles = (int64_t)s->files.count;
		return 0;
	}
	const struct far_file *file = &s->files.items[0];
	out->hash_name = f->fs->driver->checksum_key;
	out->hash = arena_strdup(a, file->etag);
	out->version_id = file->version ? arena_strdup(a, file->version) : NULL;
	if (file->size_bytes == FS_UNKNOWN)
		out->size = -1;
	return 0;
}

/* ---- fetching */

static struct take_file *take_list(const struct far_state *s)
{
	struct take_file *list = mem_zalloc((s->files.count + 1) * sizeof(*list));
	for (size_t i = 0; i < s->files.count; i++) {
		const struct far_file *f = &s->files.items[i];
		list[i] = (struct take_file){
			.path = f->path, .version = f->version, .size_bytes = f->size_bytes};
	}
	return list;
}

/* The name of the whole: of a directory that of its listing, which is stored, too. */
static int conclude(const struct far_state *s, const struct take_file *files,
	const struct cache *to, struct hashed *out, struct err *err)
{
	out->is_dir = s->is_dir;
	out->files = s->files.count;
	out->tree.hash = HASH_MD5;
	for (size_t i = 0; i < s->files.count; i++) {
		const char *rel = s->files.items[i].rel;
		struct tree_entry *e = tree_add(&out->tree, rel, strlen(rel));
		memcpy(e->digest, files[i].oid.digest, MD5_BYTES);
		e->hashed = e->has_size = true;
		e->size_bytes = files[i].size_bytes;
		out->size_bytes += files[i].size_bytes;
	}
	if (!s->is_dir) {
		out->oid = files[0].oid;
		return 0;
	}
	tree_sort(&out->tree);
	out->oid = tree_oid(&out->tree);
	return to ? cache_add_tree(to, &out->tree, &out->oid, err) : 0;
}

/* Names come from elsewhere. Two files that would be in one place, as an object store may have them
 * ("a" beside "a/b"), cannot be written. */
static int check_places(const struct far *f, const struct far_state *s, struct err *err)
{
	AUTO(tree_release) struct tree names = {.hash = HASH_MD5};
	AUTO(buf_release) struct buf room = BUF_INIT;
	for (size_t i = 0; s->is_dir && i < s->files.count; i++) {
		const char *rel = s->files.items[i].rel;
		if (i && str_eq(rel, s->files.items[i - 1].rel))
			return err_set(err, ERR_FAIL, "'%s' is listed twice in '%s'", rel, f->url);
		(void)tree_add(&names, rel, strlen(rel));
	}
	tree_sort(&names);
	const char *both = tree_conflict(&names, &room);
	return both ? err_set(err, ERR_FAIL, "'%s' is a file and a directory in '%s'", both, f->url)
		    : 0;
}

/* A listing with names that Git takes for its own cannot be read again (store/tree.h). */
static int check_names(const struct far *f, const struct far_state *s, struct err *err)
{
	for (size_t i = 0; i < s->files.count; i++) {
		const char *rel = s->files.items[i].rel;
		if (path_has_component(rel, strlen(rel), ".git"))
			return err_set(err, ERR_FAIL,
				"'%s' in '%s' may not be tracked: Git would take it for its own",
				rel, f->url);
	}
	return check_places(f, s, err);
}

int far_store(struct far *f, const struct far_state *s, const struct cache *to, int jobs,
	struct hashed *out, struct err *err)
{
	AUTO(mem_freep) struct take_file *files = take_list(s);
	int r = to ? check_names(f, s, err) : check_places(f, s, err);
	if (r >= 0)
		r = take_all(f->fs, files, s->files.count, to, jobs, err);
	return r < 0 ? r : conclude(s, files, to, out, err);
}

int far_relay(struct far *f, const struct far_state *s, struct remote *to, int jobs,
	struct hashed *out, struct err *err)
{
	AUTO(mem_freep) struct take_file *files = take_list(s);
	int r = check_names(f, s, err);
	if (r >= 0)
		r = relay_files(f->fs, files, s->files.count, to, jobs, err);
	if (r >= 0)
		r = conclude(s, files, NULL, out, err);
	return r < 0 || !s->is_dir ? r : relay_listing(&out->tree, &out->oid, to, err);
}

/* Files are written under temporary names and renamed. */
struct writing {
	const struct far_state *state;
	const char *dest;
	char **temporaries;
};

static char *place_of(const struct writing *w, size_t i)
{
	const char *rel = w->state->files.items[i].rel;
	return *rel ? path_join(w->dest, rel) : mem_strdup(w->dest);
}

static int open_file(void *arg, size_t i, int *out_fd, struct err *err)
{
	const struct writing *w = arg;
	AUTO(mem_freep) char *path = place_of(w, i);
	AUTO(mem_freep) char *dir = path_dirname(path);
	char *tmp = path_join(dir, ".XXXXXX.tmp");
	w->temporaries[i] = tmp;
	int r = file_mkdirs(dir, err);
	if (r < 0)
		return r;
	*out_fd = mkostemps(tmp, (int)strlen(".tmp"), O_CLOEXEC);
	return *out_fd < 0 ? err_errno(err, "unable to write '%s'", path) : 0;
}

static int close_file(void *arg, size_t i, int fd, int code, struct err *err)
{
	const struct writing *w = arg;
	AUTO(mem_freep) char *path = place_of(w, i);
	AUTO(close_fd) int open_fd = fd;
	AUTO(mem_freep) char *tmp = TAKE(w->temporaries[i]);
	int r = 0;
	if (code >= 0 && (fchmod(fd, 0666 & ~file_umask()) < 0 || rename(tmp, path) < 0))
		r = err_errno(err, "unable to write '%s'", path);
	if (fd >= 0 && (code < 0 || r < 0))
		(void)unlink(tmp); /* best effort */
	return r;
}

static int write_files(
	struct far *f, const struct far_state *s, const char *dest, int jobs, struct err *err)
{
	AUTO(mem_freep) struct take_file *files = take_list(s);
	AUTO(mem_freep) char **temporaries = mem_zalloc((s->files.count + 1) * sizeof(char *));
	struct writing w = {s, dest, temporaries};
	const struct take_place place = {open_file, close_file, &w};
	return take_to(f->fs, files, s->files.count, &place, jobs, err);
}

int far_write(struct far *f, const struct far_state *s, const char *dest, int jobs, struct err *err)
{
	AUTO(staging_release) struct staging at = STAGING_INIT;
	if (!s->is_dir)
		return write_files(f, s, dest, jobs, err);
	int r = check_places(f, s, err);
	if (r >= 0)
		r = staging_begin(&at, dest, err);
	if (r >= 0)
		r = file_mkdirs(at.path, err);
	if (r >= 0)
		r = write_files(f, s, at.path, jobs, err);
	return r < 0 ? r : staging_finish(&at, err);
}

/* ---- dependencies */

int far_dep_record(const struct ctx *ctx, const struct config *config, const struct dep *dep,
	struct arena *a, struct recorded *out, struct err *err)
{
	AUTO(far_state_release) struct far_state now = {0};
	struct far *far;
	int r = far_open(&far, ctx, config, dep->path, dep->fs_config, err);
	if (r < 0)
		return r;
	r = far_look(far, &now, err);
	int code = r <= 0 ? r : far_record(far, &now, NULL, a, out, err);
	far_close(far);
	return code < 0 ? code : r;
}

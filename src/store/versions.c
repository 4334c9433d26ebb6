/* Sends and fetches the files of a cloud-versioned remote. */
#include "store/versions.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/sort.h"
#include "base/str.h"
#include "store/remote_int.h"

enum {
	LIST_WORTH = 16, /* files of a directory from which one listing is cheaper than questions */
};

/* Of a file that is read into memory. */
static const uint64_t most_bytes = (uint64_t)1 << 30;

/* ---- the newest versions in the remote */

struct newest {
	const char *etag, *version; /* NULL: not told */
	uint64_t size_bytes;
};

struct look {
	struct remote *remote;
	const struct transfer_opts *opts;
	struct arena *arena;
	struct map *by_path; /* -> struct newest */
};

static void add_newest(struct look *l, const char *path, const char *etag, const char *version,
	uint64_t size_bytes)
{
	struct newest *n = arena_alloc(l->arena, sizeof(*n));
	*n = (struct newest){.etag = etag ? arena_strdup(l->arena, etag) : NULL,
		.version = version ? arena_strdup(l->arena, version) : NULL,
		.size_bytes = size_bytes};
	map_set(l->by_path, path, n);
}

static int add_listed(void *arg, const struct fs_entry *entry, struct err *err)
{
	(void)err;
	add_newest(arg, entry->path, entry->etag, entry->version, entry->size_bytes);
	return 0;
}

/* The number of files from `first` on that belong to the same directory. */
static size_t run_of(const struct version_files *files, size_t first)
{
	size_t n = 1;
	const char *dir = files->items[first].dir;
	while (dir && first + n < files->count && files->items[first + n].dir == dir)
		n++;
	return n;
}

static int ask_for(struct look *l, const struct strlist *paths, struct err *err)
{
	AUTO(mem_freep) bool *there = mem_zalloc(paths->count + 1);
	AUTO(mem_freep) struct fs_stat *stats = mem_zalloc((paths->count + 1) * sizeof(*stats));
	int r = transfer_stat_all(l->remote->fs, (const char *const *)paths->items, NULL,
		paths->count, l->opts, there, stats, err);
	for (size_t i = 0; i < paths->count; i++) {
		if (r >= 0 && there[i])
			add_newest(l, paths->items[i], stats[i].etag, stats[i].version,
				stats[i].size_bytes);
		fs_stat_release(&stats[i]);
	}
	return r;
}

/* Look at the newest version of each file: directories are listed, single files are asked for. */
static int look_at(struct look *l, const struct version_files *files, struct err *err)
{
	AUTO(strlist_release) struct strlist prefixes = STRLIST_INIT, paths = STRLIST_INIT;
	bool flat = fs_can(l->remote->fs, FS_LIST_FLAT);
	for (size_t i = 0, n; i < files->count; i += n) {
		n = run_of(files, i);
		if (n >= LIST_WORTH)
			strlist_addf(&prefixes, "%s%s", files->items[i].dir, flat ? "/" : "");
		for (size_t k = i; n < LIST_WORTH && k < i + n; k++)
			if (files->items[k].fate == VERSION_UNKNOWN)
				strlist_add(&paths, files->items[k].path);
	}
	int r = ask_for(l, &paths, err);
	if (r >= 0 && prefixes.count)
		r = transfer_list(l->remote->fs, (const char *const *)prefixes.items,
			prefixes.count, l->opts, add_listed, l, err);
	return r;
}

/* ---- push */

struct pushing {
	const struct cache *cache;
	struct version_files *files;
	struct arena *arena;
	struct remote_result *out;
	struct sending sending;
	struct oid_list objects;      /* what is sent now, ... */
	struct version_place *places; /* ... where ... */
	size_t *sources;              /* ... and for which of `files` */
};

/* Some places name a content by its MD5. */
static bool is_md5_of(const char *etag, const struct oid *o)
{
	char hex[OID_TEXT];
	return etag && o->hash == HASH_MD5 && str_eq(etag, oid_format(o, hex));
}

/* Is the recorded version known to be there? With the same content in another version it may have
 * been removed all the same. Listings do not tell versions, and their ETag has to do. */
static bool is_recorded(const struct version_file *f, const struct newest *n)
{
	return n && f->version && n->etag && str_eq(n->etag, f->etag) &&
	       (!n->version || str_eq(n->version, f->version));
}

/* Decide what the newest versions tell. What is left unknown is asked for, or sent. */
static void compare_newest(struct pushing *p, const struct map *newest)
{
	VEC_EACH (p->files, f) {
		const struct newest *n = map_get(newest, f->path);
		if (f->fate != VERSION_UNKNOWN)
			continue;
		if (is_recorded(f, n)) {
			f->fate = VERSION_KEPT;
		} else if (n && n->version && !f->version && is_md5_of(n->etag, &f->oid)) {
			f->fate = VERSION_ADOPTED;
			f->etag = arena_strdup(p->arena, n->etag);
			f->version = arena_strdup(p->arena, n->version);
			f->size_bytes = n->size_bytes;
		}
	}
}

int versions_missing(
	struct remote *r, const struct version_files *files, bool *out_missing, struct err *err)
{
	const struct transfer_opts opts = remote_transfer_opts(r, 0);
	AUTO(mem_freep) const char **paths = mem_zalloc((files->count + 1) * sizeof(*paths));
	AUTO(mem_freep) const char **versions = mem_zalloc((files->count + 1) * sizeof(*versions));
	AUTO(mem_freep) size_t *which = mem_zalloc((files->count + 1) * sizeof(*which));
	AUTO(mem_freep) bool *there = mem_zalloc(files->count + 1);
	size_t count = 0;
	for (size_t i = 0; i < files->count; i++) {
		const struct version_file *f = &files->items[i];
		out_missing[i] = f->fate != VERSION_KEPT;
		if (!f->version || f->fate != VERSION_UNKNOWN)
			continue;
		paths[count] = f->path;
		versions[count] = f->version;
		which[count++] = i;
	}
	int code = transfer_stat_all(r->fs, paths, versions, count, &opts, there, NULL, err);
	for (size_t i = 0; i < count && code >= 0; i++)
		out_missing[which[i]] = !there[i];
	return code;
}

/* A version that is not the newest may be in the remote all the same. */
static int ask_for_versions(struct pushing *p, struct err *err)
{
	AUTO(mem_freep) bool *missing = mem_zalloc(p->files->count + 1);
	int r = versions_missing(p->sending.remote, p->files, missing, err);
	for (size_t i = 0; i < p->files->count && r >= 0; i++) {
		struct version_file *f = &p->files->items[i];
		if (f->fate == VERSION_UNKNOWN && f->version && !missing[i])
			f->fate = VERSION_KEPT;
	}
	return r;
}

/* The result of one file. The calls come one at a time. */
static void take_sent(void *arg, const struct oid *o, int code, const struct err *why)
{
	struct pushing *p = arg;
	size_t i = (size_t)(o - p->objects.items);
	struct version_file *f = &p->files->items[p->sources[i]];
	struct fs_stat *now = &p->places[i].now;
	if (code < 0) {
		f->fate = VERSION_LOST;
		remote_add_failure(p->out, o, f->path, why);
		return;
	}
	f->fate = VERSION_SENT;
	f->etag = now->etag ? arena_strdup(p->arena, now->etag) : NULL;
	f->version = now->version ? arena_strdup(p->arena, now->version) : NULL;
	f->size_bytes = now->size_bytes;
	p->out->transferred++;
	fs_stat_release(now);
}

static int send_range(struct pushing *p, const size_t *which, size_t count, struct err *err)
{
	p->objects.count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct version_file *f = &p->files->items[which[i]];
		oid_list_add(&p->objects, &f->oid);
		p->places[i] = (struct version_place){.path = f->path};
		p->sources[i] = which[i];
	}
	p->sending.places = p->places;
	return remote_send(&p->sending, &p->objects, err);
}

/* Does the remote keep versions? The first file that was sent tells. */
static int check_versions(struct pushing *p, struct version_file *f, struct err *err)
{
	AUTO(fs_stat_release) struct fs_stat st = {0};
	if (f->fate != VERSION_SENT || f->version)
		return 0;
	int r = transfer_stat(p->sending.remote->fs, f->path, NULL, &st, err);
	/* the newest version is ours only when nobody has written since */
	bool ours = str_eq(f->etag ? f->etag : st.etag, st.etag) && st.size_bytes == f->size_bytes;
	if (r > 0 && st.version && !ours)
		return err_set(err, ERR_FAIL,
			"'%s' was replaced by someone else while it was pushed; push again",
			f->path);
	if (r > 0 && st.version) {
		f->version = arena_strdup(p->arena, st.version);
		f->etag = st.etag ? arena_strdup(p->arena, st.etag) : NULL;
		return 0;
	}
	return r < 0 ? r
		     : err_set(err, ERR_UNSUPPORTED,
			       "'%s' keeps no versions of its files, which a version_aware remote needs; switch versioning on there, or set version_aware to false",
			       remote_place(p->sending.remote));
}

/* Send the first file alone, and the others only when it got a version. */
static int send_files(struct pushing *p, const size_t *which, size_t count, struct err *err)
{
	if (!count)
		return 0;
	p->places = mem_zalloc(count * sizeof(*p->places));
	p->sources = mem_zalloc(count * sizeof(*p->sources));
	meter_begin(p->cache->ctx, METER_TRANSFER, "pushing", count, 0);
	int r = send_range(p, which, 1, err);
	if (r >= 0)
		r = check_versions(p, &p->files->items[which[0]], err);
	if (r >= 0 && count > 1)
		r = send_range(p, which + 1, count - 1, err);
	for (size_t i = 1; i < count && r >= 0; i++)
		r = check_versions(p, &p->files->items[which[i]], err);
	meter_end(p->cache->ctx, METER_TRANSFER);
	free(p->places);
	free(p->sources);
	oid_list_release(&p->objects);
	return r;
}

/* The files to send: those whose content the remote lacks and the cache has. */
static int choose(struct pushing *p, size_t *out_which, size_t *out_count, struct err *err)
{
	AUTO(oid_list_release) struct oid_list wanted = {0}, absent = {0};
	VEC_EACH (p->files, f)
		if (f->fate == VERSION_UNKNOWN)
			oid_list_add(&wanted, &f->oid);
	oid_list_sort(&wanted);
	int r = cache_missing(p->cache, &wanted, &absent, err);
	for (size_t i = 0; i < p->files->count && r >= 0; i++) {
		struct version_file *f = &p->files->items[i];
		if (f->fate != VERSION_UNKNOWN)
			continue;
		if (!oid_list_has(&absent, &f->oid)) {
			out_which[(*out_count)++] = i;
			continue;
		}
		f->fate = VERSION_LOST;
		oid_list_add(&p->out->missing, &f->oid);
	}
	return r;
}

int versions_push(const struct cache *from, struct remote *to, struct version_files *files,
	const struct remote_opts *opts, struct arena *a, struct remote_result *out, struct err *err)
{
	AUTO(map_release) struct map newest = MAP_INIT;
	AUTO(arena_release) struct arena room = ARENA_INIT;
	AUTO(mem_freep) size_t *which = mem_zalloc((files->count + 1) * sizeof(*which));
	const struct transfer_opts how = remote_transfer_opts(to, opts->jobs);
	struct look look = {to, &how, &room, &newest};
	struct pushing p = {.cache = from,
		.files = files,
		.arena = a,
		.out = out,
		.sending = {from, to, true, opts, take_sent, NULL, NULL}};
	size_t count = 0;

	p.sending.arg = &p;
	if (!fs_can(to->fs, FS_VERSIONS))
		return err_set(err, ERR_UNSUPPORTED,
			"'%s' keeps no versions of its files: a version_aware remote is a bucket of S3, Google Cloud Storage or Azure",
			remote_place(to));
	int r = look_at(&look, files, err);
	if (r >= 0) {
		compare_newest(&p, &newest);
		r = ask_for_versions(&p, err);
	}
	if (r >= 0)
		r = choose(&p, which, &count, err);
	return r < 0 ? r : send_files(&p, which, count, err);
}

/* ---- fetch */

struct fetching {
	struct remote_result *out;
	const struct version_files *files;
	size_t *order; /* the files with a version, by content */
	size_t order_count;
	struct oid_list objects; /* what is fetched now */
	bool *failed;            /* of `objects` */
	struct err *reasons;
};

struct by_content {
	const struct oid *oid;
	size_t index;
};

static int compare_contents(const void *a, const void *b)
{
	const struct by_content *x = a, *y = b;
	int c = oid_compare(x->oid, y->oid);
	return c ? c : x->index < y->index ? -1 : x->index > y->index;
}

/* Sort the files that have a version by their content. */
static void sort_files(struct fetching *f)
{
	AUTO(mem_freep) struct by_content *list = mem_zalloc((f->files->count + 1) * sizeof(*list));
	for (size_t i = 0; i < f->files->count; i++) {
		const struct version_file *file = &f->files->items[i];
		if (file->version && file->fate == VERSION_UNKNOWN)
			list[f->order_count++] = (struct by_content){&file->oid, i};
	}
	sort_array(list, f->order_count, sizeof(*list), compare_contents);
	f->order = mem_zalloc((f->order_count + 1) * sizeof(*f->order));
	for (size_t i = 0; i < f->order_count; i++)
		f->order[i] = list[i].index;
}

/* The range of `order` whose files have the content `o`; empty: none has. */
static void find_content(
	const struct fetching *f, const struct oid *o, size_t *out_first, size_t *out_last)
{
	size_t low = 0, high = f->order_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (oid_compare(&f->files->items[f->order[mid]].oid, o) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*out_first = low;
	while (low < f->order_count && oid_equal(&f->files->items[f->order[low]].oid, o))
		low++;
	*out_last = low;
}

static void take_fetched(void *arg, const struct oid *o, int code, const struct err *why)
{
	struct fetching *f = arg;
	size_t i = (size_t)(o - f->objects.items), first, last;
	find_content(f, o, &first, &last);
	if (code >= 0) {
		f->out->transferred += last - first;
		return;
	}
	f->failed[i] = true;
	(void)err_set(&f->reasons[i], code, "%s", err_text(why));
}

/* Report a content that came from none of its versions. */
static void report_failure(struct fetching *f, size_t i, const struct version_file *file)
{
	if (f->reasons[i].code == ERR_NOT_FOUND) {
		oid_list_add(&f->out->missing, &f->objects.items[i]);
		return;
	}
	remote_add_failure(f->out, &file->oid, file->path, &f->reasons[i]);
}

/* Fetch `wanted`, each from the file with the number `round` of those with its content. What fails
 * and has another one is left in `wanted`. */
static int fetch_round(struct fetching *f, const struct sending *sending, struct oid_list *wanted,
	size_t round, struct err *err)
{
	AUTO(mem_freep) struct version_place *places = mem_zalloc(
		(wanted->count + 1) * sizeof(*places));
	struct sending s = *sending;
	size_t first, last;

	f->objects = TAKE(*wanted);
	f->failed = mem_zalloc(f->objects.count + 1);
	f->reasons = mem_zalloc((f->objects.count + 1) * sizeof(*f->reasons));
	for (size_t i = 0; i < f->objects.count; i++) {
		find_content(f, &f->objects.items[i], &first, &last);
		const struct version_file *file = &f->files->items[f->order[first + round]];
		places[i] = (struct version_place){.path = file->path, .version = file->version};
	}
	s.places = places;
	int r = remote_send(&s, &f->objects, err);
	for (size_t i = 0; i < f->objects.count; i++) {
		find_content(f, &f->objects.items[i], &first, &last);
		if (f->failed[i] && first + round + 1 < last)
			oid_list_add(wanted, &f->objects.items[i]);
		else if (f->failed[i])
			report_failure(f, i, &f->files->items[f->order[first + round]]);
		err_release(&f->reasons[i]);
	}
	free(f->failed);
	free(f->reasons);
	oid_list_release(&f->objects);
	return r;
}

/* Set what has no version aside. */
static void drop_unversioned(struct fetching *f, const struct remote *from,
	const struct oid_list *lacking, struct oid_list *wanted, struct strlist *unversioned)
{
	size_t first, last;
	for (size_t i = 0; i < lacking->count; i++) {
		find_content(f, &lacking->items[i], &first, &last);
		if (first < last)
			oid_list_add(wanted, &lacking->items[i]);
	}
	VEC_EACH (f->files, file) {
		find_content(f, &file->oid, &first, &last);
		if (first < last || file->fate != VERSION_UNKNOWN ||
			!oid_list_has(lacking, &file->oid))
			continue;
		strlist_addf(unversioned, "%s/%s", remote_place(from), file->path);
		f->out->failed++;
	}
}

int versions_fetch(struct remote *from, const struct cache *to, const struct version_files *files,
	const struct remote_opts *opts, struct remote_result *out, struct strlist *unversioned,
	struct err *err)
{
	AUTO(oid_list_release) struct oid_list all = {0}, lacking = {0}, wanted = {0};
	struct fetching f = {.out = out, .files = files};
	const struct sending s = {to, from, false, opts, take_fetched, &f, NULL};

	VEC_EACH (files, file)
		if (file->fate == VERSION_UNKNOWN)
			oid_list_add(&all, &file->oid);
	oid_list_sort(&all);
	int r = cache_missing(to, &all, &lacking, err);
	if (r < 0)
		return r;
	sort_files(&f);
	drop_unversioned(&f, from, &lacking, &wanted, unversioned);
	meter_begin(to->ctx, METER_TRANSFER, "fetching", wanted.count, 0);
	for (size_t round = 0; wanted.count && r >= 0; round++)
		r = fetch_round(&f, &s, &wanted, round, err);
	meter_end(to->ctx, METER_TRANSFER);
	free(f.order);
	return r;
}

int versions_read(
	struct remote *from, const struct version_file *file, struct buf *out, struct err *err)
{
	if (!file->version)
		return err_set(err, ERR_NOT_FOUND, "no version of '%s' is recorded", file->path);
	int r = transfer_read(from->fs, file->path, file->version, most_bytes, out, err);
	return r < 0 ? r : remote_check_bytes(&file->oid, out, err);
}

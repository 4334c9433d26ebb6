/* Reads one file of parameters or metrics, from the work tree or a revision, or as tracked data
 * from the cache or a remote. Failures become the exceptions that DVC shows in its JSON. */
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "data/data.h"
#include "data/listing.h"
#include "ops/reading.h"
#include "ops/tracked_files.h"
#include "project/dvcfile.h"
#include "project/params.h"
#include "store/tree.h"
#include "store/verify.h"

void reader_release(struct reader *r)
{
	ignore_free(r->ignore);
	tracked_files_free(r->tracked);
}

static struct tracked_files *tracked_of(struct reader *r)
{
	if (!r->tracked)
		r->tracked = tracked_files_new(r->ix);
	return r->tracked;
}

static struct reading_error not_there(struct arena *a, const char *why, const char *path)
{
	return (struct reading_error){
		"FileNotFoundError", arena_printf(a, "[Errno 2] %s: '%s'", why, path)};
}

/* DVC's error for a directory whose listing cannot be found. It names the directory by the tuple of
 * its parts. */
static struct reading_error no_listing(struct reader *r, const struct out *o)
{
	AUTO(mem_freep) char *rel = repo_relative(r->ix->repo, o->abs_path);
	AUTO(mem_freep) char *key = path_tuple(rel);
	return (struct reading_error){
		"DataIndexDirError", arena_printf(r->arena, "failed to load directory %s", key)};
}

/* Find the object of the file in the output `o`. On entry `*oid` is the output's object. False:
 * there is none, and `*why` is set where it differs from "no such file". */
static bool find_object(struct reader *r, const struct out *o, const char *abs, const char *path,
	struct oid *oid, struct reading_error *why)
{
	const char *below = abs + strlen(o->abs_path);
	if (!oid->is_dir)
		return *below == '\0';
	if (*below != '/') {
		*why = (struct reading_error){"IsADirectoryError",
			arena_printf(r->arena, "[Errno 21] Is a directory: '%s'", path)};
		return false;
	}

	const struct tree *tree = tracked_listing(tracked_of(r), o, oid);
	if (!tree) {
		*why = no_listing(r, o);
		return false;
	}

	const struct tree_entry *e = tree_find(tree, below + 1);
	if (e)
		*oid = tree_entry_oid(tree, e);
	return e != NULL;
}

/* A file that is not in the source, but is tracked data. */
struct tracked {
	struct data *data;
	const struct out *out;
	struct oid oid;
	bool single; /* the output is this file */
};

static bool find_tracked(
	struct reader *r, const char *path, struct tracked *t, struct reading_error *why)
{
	AUTO(err_release) struct err ignored = ERR_INIT;
	AUTO(mem_freep) char *abs = path_join(r->ix->repo->root, path);
	const struct out *o = tracked_find(tracked_of(r), abs);
	/* with `cache: false` the file itself is the metric; the cache may have an object of it,
	 * for the run cache, but that is another matter */
	*t = (struct tracked){.out = o};
	if (o && o->cache)
		t->oid = recorded_oid(&o->rec);
	t->single = !t->oid.is_dir;
	/* an output that was never made belongs into the cache all the same */
	bool awaited = o && o->cache && !oid_is_set(&t->oid) && strcmp(o->abs_path, abs) == 0;
	*why = not_there(r->arena,
		awaited ? "No storage files available" : "No such file or directory", path);
	return oid_is_set(&t->oid) && repo_data(r->ix->repo, &t->data, &ignored) >= 0 &&
	       find_object(r, o, abs, path, &t->oid, why);
}

/* Objects are read from the cache or a remote; nothing is written. */
static bool read_tracked(
	struct reader *r, const char *path, struct buf *text, struct reading_error *why)
{
	AUTO(err_release) struct err ignored = ERR_INIT;
	struct tracked t;
	bool damaged = false;
	if (!find_tracked(r, path, &t, why))
		return false;

	/* a damaged object counts as missing: the size recorded in the pointer shows the damage
	 * without hashing */
	*why = not_there(r->arena, "No storage files available", path);
	if (t.single && t.out->rec.size >= 0 &&
		verify_size(&t.data->cache, &t.oid, (uint64_t)t.out->rec.size, &damaged, &ignored) <
			0)
		return false;
	return !damaged && object_read(t.data, t.out, &t.oid, text, &ignored) >= 0;
}

bool reading_text(struct reader *r, const char *path, struct buf *text, struct reading_error *why)
{
	AUTO(err_release) struct err missing = ERR_INIT;
	int ret = source_read(&r->ix->source, path, text, &missing);
	if (ret == ERR_NOT_FOUND)
		return read_tracked(r, path, text, why);
	if (ret < 0) /* a pipe, a file that is too big, no permission */
		*why = (struct reading_error){
			"OSError", arena_strdup(r->arena, err_text(&missing))};
	return ret >= 0;
}

bool reading_stamp(struct reader *r, const char *path, struct buf *out)
{
	const struct source *s = &r->ix->source;
	struct reading_error why;
	struct tracked t;
	if (source_type(s, path) == SOURCE_FILE) {
		if (!s->rev)
			buf_addf(out, "%p/%s:", s->ctx, path); /* of this work tree */
		return s->stamp(s, path, out);
	}
	if (!find_tracked(r, path, &t, &why))
		return false;
	char hex[OID_TEXT];
	buf_addf(out, "object:%s", oid_format(&t.oid, hex));
	return true;
}

bool reading_exists(struct reader *r, const char *path)
{
	AUTO(mem_freep) char *abs = path_join(r->ix->repo->root, path);
	if (source_type(&r->ix->source, path) != SOURCE_NONE)
		return true;

	const struct out *o = tracked_find(tracked_of(r), abs);
	struct oid oid = o ? recorded_oid(&o->rec) : (struct oid){0};
	if (!oid_is_set(&oid) || strcmp(o->abs_path, abs) == 0)
		return oid_is_set(&oid);
	const struct tree *tree = oid.is_dir ? tracked_listing(r->tracked, o, &oid) : NULL;
	return tree && tree_find(tree, abs + strlen(o->abs_path) + 1) != NULL;
}

int readings_read_file(struct index *ix, const char *path, struct buf *out)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(reader_release) struct reader r = {.ix = ix, .arena = &a};
	struct reading_error why;
	int ret = source_read(&ix->source, path, out, NULL);
	if (ret != ERR_NOT_FOUND)
		return ret;
	if (read_tracked(&r, path, out, &why))
		return 0;
	return str_starts(why.msg, "[Errno 2] No such file") ? ERR_NOT_FOUND : ERR_NO_DATA;
}

bool reading_corrupted(struct arena *a, const char *msg, struct reading_error *out)
{
	static const char tail[] = " file structure is corrupted";
	const char *end = strstr(msg, tail), *kind = end;

	while (kind && kind > msg && kind[-1] != ' ')
		kind--;
	if (!end || kind == end)
		return false;
	*out = (struct reading_error){
		arena_printf(a, "%.*sFileCorruptedError", (int)(end - kind), kind),
		arena_strndup(a, msg, (size_t)(end - msg) + strlen(tail))};
	return true;
}

struct reading *reading_add(struct reader *r, const char *path)
{
	struct reading *f = vec_push(&r->out->files);
	f->path = arena_strdup(r->arena, path);
	return f;
}

struct value *reading_load(struct reader *r, struct reading *f)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v = NULL;
	struct reading_error why;
	if (!reading_text(r, f->path, &text, &why)) {
		f->error = why;
		return NULL;
	}
	int ret = params_parse(r->arena, f->path, buf_str(&text), text.len, &v, &err);
	if (ret < 0 && !reading_corrupted(r->arena, err.msg, &f->error))
		f->error = (struct reading_error){"EncodingError", arena_strdup(r->arena, err.msg)};
	return ret < 0 ? NULL : v;
}

/* ---- directories, which stand for the files in them */

struct expansion {
	struct reader *reader;
	struct strlist *out;
	struct map seen; /* what is in `out` */
	const char *dir;
};

static void add_file(struct expansion *x, const char *path)
{
	if (map_has(&x->seen, path))
		return;
	(void)map_set(&x->seen, path, x);
	strlist_add(x->out, path);
}

static int expand_entry(void *ctx, const char *name, enum source_type type, struct err *err);

static void expand_source(struct expansion *x, const char *path)
{
	AUTO(err_release) struct err ignored = ERR_INIT;
	const struct source *s = &x->reader->ix->source;
	const char *outer = x->dir;
	if (!x->reader->ignore)
		x->reader->ignore = ignore_new(IGNORE_DVC, s, NULL);
	x->dir = path;
	(void)s->list(s, path, expand_entry, x,
		&ignored); /* a directory that cannot be read counts as empty */
	x->dir = outer;
}

/* Append a file of a directory, unless it is one of DVC's own files or ignored. */
static int expand_entry(void *ctx, const char *name, enum source_type type, struct err *err)
{
	struct expansion *x = ctx;
	AUTO(mem_freep) char *path = path_join(x->dir, name);
	(void)err;
	if (dvcfile_has_name(name) || strcmp(name, ".dvcignore") == 0 ||
		ignore_path(x->reader->ignore, path, type == SOURCE_DIR, NULL))
		return 0;
	if (type == SOURCE_DIR)
		expand_source(x, path);
	else
		add_file(x, path);
	return 0;
}

/* Append the files of a tracked directory, which contains `abs` or is it. False: there is no
 * listing. */
static bool expand_listing(
	struct expansion *x, const struct out *o, const char *path, const char *abs)
{
	struct oid oid = recorded_oid(&o->rec);
	const struct tree *tree = oid.is_dir ? tracked_listing(tracked_of(x->reader), o, &oid)
					     : NULL;
	const char *below = abs + strlen(o->abs_path);
	below += *below == '/';
	for (size_t i = 0; tree && i < tree->count; i++) {
		const char *name = tree_path(tree, &tree->entries[i]);
		if (*below && !path_inside(name, below))
			continue;
		AUTO(mem_freep) char *file = *below ? mem_printf("%s%s", path, name + strlen(below))
						    : path_join(path, name);
		add_file(x, file);
	}
	return tree != NULL;
}

/* Append the outputs in a directory that are kept in the cache. */
static void expand_outputs_below(struct expansion *x, const char *path, const char *abs)
{
	const struct tracked_files *t = tracked_of(x->reader);
	for (size_t i = tracked_first_below(t, abs);
		i < t->by_name.count && path_inside(t->by_name.items[i]->abs_path, abs); i++) {
		const struct out *o = t->by_name.items[i];
		AUTO(mem_freep) char *own = path_join(path, o->abs_path + strlen(abs) + 1);
		if (o->cache && !expand_listing(x, o, own, o->abs_path) &&
			source_type(&x->reader->ix->source, own) != SOURCE_DIR)
			add_file(x, own);
	}
}

void reading_paths(struct reader *r, const char *path, struct strlist *out)
{
	enum source_type type = source_type(&r->ix->source, path);
	if (type == SOURCE_FILE) {
		strlist_add_once(out, path);
		return;
	}

	struct expansion x = {.reader = r, .out = out};
	AUTO(mem_freep) char *joined = path_join(r->ix->repo->root, path);
	AUTO(mem_freep) char *abs = path_normalize(joined);
	const struct out *o = tracked_find(tracked_of(r), abs);
	size_t before = out->count;
	for (size_t i = 0; i < before; i++)
		(void)map_set(&x.seen, out->items[i], &x);
	if (type == SOURCE_DIR)
		expand_source(&x, path);
	bool is_listed = o && expand_listing(&x, o, path, abs);
	expand_outputs_below(&x, path, abs);
	/* what is nowhere is named itself, so that reading it gives the error */
	if (out->count == before && type == SOURCE_NONE &&
		!(is_listed && strcmp(o->abs_path, abs) == 0))
		add_file(&x, path);
	map_release(&x.seen);
}

char *reading_target(const struct repo *repo, const char *target)
{
	AUTO(mem_freep) char *abs = repo_absolute(repo, target);
	return repo_relative(repo, abs);
}

char *reading_section_path(const struct repo *repo, const struct pipeline *p, const char *path)
{
	AUTO(mem_freep) char *joined = path_join(p->dir, path);
	AUTO(mem_freep) char *abs = path_normalize(joined);
	return repo_relative(repo, abs);
}

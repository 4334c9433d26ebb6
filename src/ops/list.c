/* Lists one directory at a time: its files from the source (the work tree or a revision), the
 * outputs in, above and below it, and both lists merged by name. */
#include "ops/list.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "data/data.h"
#include "project/ignore.h"

/* One name in a directory: a file, data, or both. */
struct item {
	char *name;
	bool in_files, in_data;
	bool files_dir, data_dir, is_out;
	bool is_exec;
	int64_t size;
	const char *md5;    /* of an output; borrowed from the index, or NULL */
	char own[OID_TEXT]; /* of a file in a directory output; otherwise "" */
};
VEC_TYPE(items, struct item);

struct lister {
	struct index *ix;
	const struct list_opts *opts;
	struct ignore *ignore;
	struct map trees; /* listings read so far; owned */
	struct list_entries *out;
};

void list_entry_release(struct list_entry *e)
{
	free(e->path);
	free(e->md5);
}

void list_entries_release(struct list_entries *l)
{
	VEC_EACH (l, e)
		list_entry_release(e);
	vec_release(l);
}

static void release_items(struct items *l)
{
	VEC_EACH (l, i)
		free(i->name);
	vec_release(l);
}

/* The item with this name, made if there is none. */
static struct item *item_named(struct items *l, const char *name, size_t len)
{
	VEC_EACH (l, i)
		if (strlen(i->name) == len && memcmp(i->name, name, len) == 0)
			return i;
	struct item *i = vec_push(l);
	i->name = mem_strndup(name, len);
	i->size = -1;
	return i;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

/* The listing of a directory output, read once and kept. `*out` is NULL for a file. An unreadable
 * listing counts as empty if the directory is in the source, where its files are found. */
static int out_tree(struct lister *l, const struct out *o, const struct tree **out, struct err *err)
{
	struct tree *t = map_get(&l->trees, o->abs_path);
	AUTO(mem_freep) char *rel = path_relative(o->abs_path, l->ix->repo->root);
	*out = t;
	if (t || !recorded_oid(&o->rec).is_dir)
		return 0;

	t = NEW(struct tree);
	map_set(&l->trees, o->abs_path, t);
	*out = t;

	int r = l->opts->read_tree(l->opts->ctx, o, t, err);
	if (r >= 0 || source_type(&l->ix->source, rel) != SOURCE_DIR)
		return r;

	err_release(err); /* its files are found in the source */
	return 0;
}

/* Add the names directly in `sub`. A listing is sorted, so the files of one subdirectory are
 * adjacent, and comparing with the last item finds duplicates. */
static void add_tree_items(const struct tree *t, const char *sub, struct items *found)
{
	size_t first, last, skip = *sub ? strlen(sub) + 1 : 0;
	tree_range(t, sub, &first, &last);

	for (size_t i = first; i < last; i++) {
		const char *rest = tree_path(t, &t->entries[i]) + skip;
		size_t len = strcspn(rest, "/");
		struct item *last_item = found->count ? &found->items[found->count - 1] : NULL;
		bool same = last_item && strlen(last_item->name) == len &&
			    memcmp(last_item->name, rest, len) == 0;
		struct item *it = same ? last_item : vec_push(found);

		if (!same) {
			it->name = mem_strndup(rest, len);
			it->size = -1;
		}

		it->in_data = it->is_out = true;
		it->data_dir = rest[len] == '/';
		if (!it->data_dir) {
			struct oid o = tree_entry_oid(t, &t->entries[i]);
			(void)oid_format(&o, it->own);
		}
	}
}

/* Add what outputs have in the directory: an output that is or contains it adds its files, an
 * output in it adds itself, and one further below adds the directory on the way to it. */
static int add_data_items(struct lister *l, const char *dir, struct items *found, struct err *err)
{
	AUTO(mem_freep) char *joined = path_join(l->ix->repo->root, dir);
	AUTO(mem_freep) char *full = path_normalize(joined);
	size_t len = strlen(full);

	VEC_EACH (&l->ix->stages, s)
		VEC_EACH (&(*s)->outs, o) {
			if (!o->cache || !o->abs_path)
				continue;
			if (path_inside(full, o->abs_path)) {
				const struct tree *t;
				int r = out_tree(l, o, &t, err);
				if (r < 0)
					return r;
				if (t)
					add_tree_items(t,
						full[strlen(o->abs_path)]
							? full + strlen(o->abs_path) + 1
							: "",
						found);
				continue;
			}
			if (!path_inside(o->abs_path, full))
				continue;

			const char *rest = o->abs_path + len + 1;
			size_t n = strcspn(rest, "/");
			struct item *it = item_named(found, rest, n);
			it->in_data = true;
			if (rest[n]) {
				it->data_dir = true;
			} else {
				it->is_out = true;
				it->data_dir = recorded_oid(&o->rec).is_dir;
				it->md5 = o->rec.hash;
				it->size = o->rec.size;
			}
		}
	return 0;
}

struct collect {
	struct lister *l;
	const char *dir;
	const struct ignore_rules *rules;
	struct items *found;
};

/* Add a file of the source, unless .dvcignore hides it. */
static int add_file_item(void *ctx, const char *name, enum source_type type, struct err *err)
{
	struct collect *c = ctx;
	(void)err;
	AUTO(mem_freep) char *path = path_join(c->dir, name);
	bool dir = type == SOURCE_DIR; /* as in DVC, a link to a directory is listed as a file */
	if (ignore_skips(c->rules, path, dir))
		return 0;

	struct item *it = vec_push(c->found);
	it->name = mem_strdup(name);
	it->in_files = true;
	it->files_dir = dir;
	uint64_t size = 0;
	it->size = -1;
	if (c->l->opts->facts &&
		c->l->ix->source.info(&c->l->ix->source, path, &size, &it->is_exec))
		it->size = (int64_t)size;
	return 0;
}

/* Collect the items of one directory, sorted. With `whole`, files are included even if only data
 * was asked for. If a name is a file and data, the file decides whether it is a directory. */
static int collect_dir(
	struct lister *l, const char *dir, bool whole, struct items *out, struct err *err)
{
	AUTO(release_items) struct items files = {0}, data = {0};
	if (!l->opts->dvc_only || whole) {
		struct collect c = {l, dir, ignore_dir(l->ignore, dir), &files};
		int r = ignore_check(l->ignore, err);
		if (r >= 0)
			r = l->ix->source.list(&l->ix->source, dir, add_file_item, &c, err);
		if (r < 0)
			return r;
	}

	int code = add_data_items(l, dir, &data, err);
	if (code < 0)
		return code;

	vec_sort(&files, by_name);
	vec_sort(&data, by_name);

	for (size_t i = 0, k = 0; i < files.count || k < data.count;) {
		/* merge the two sorted lists; names move into `out`, which owns them from then
		 * on */
		int c = i == files.count  ? 1
			: k == data.count ? -1
					  : strcmp(files.items[i].name, data.items[k].name);
		struct item *it = vec_push(out);
		*it = c <= 0 ? files.items[i] : data.items[k];

		if (c == 0) {
			const struct item *d = &data.items[k];
			it->in_data = true;
			it->data_dir = d->data_dir;
			it->is_out = d->is_out;
			memcpy(it->own, d->own, sizeof(it->own));
			it->md5 = d->md5;
			free(data.items[k].name);
			data.items[k].name = NULL;
		}

		if (c <= 0)
			files.items[i++].name = NULL;
		if (c >= 0)
			data.items[k++].name = NULL;
	}

	return 0;
}

static const char *item_md5(const struct item *it)
{
	return it->md5 ? it->md5 : it->own[0] ? it->own : NULL;
}

static void emit(struct lister *l, const struct item *it, const char *path, int depth)
{
	struct list_entry *e = vec_push(l->out);
	const char *md5 = item_md5(it);
	e->path = mem_strdup(path);
	e->is_out = it->is_out;
	e->is_dir = it->in_files ? it->files_dir : it->data_dir;
	e->is_exec = it->is_exec;
	e->is_file = it->in_files;
	e->size = it->size;
	e->md5 = md5 ? mem_strdup(md5) : NULL;
	e->depth = depth;
}

/* List the contents of a directory. `dir` is relative to the root, `shown` to the listed path. */
static int list_dir(
	struct lister *l, const char *dir, const char *shown, int depth, struct err *err)
{
	AUTO(release_items) struct items found = {0};
	int r = collect_dir(l, dir, false, &found, err);
	bool deep = l->opts->recursive || l->opts->tree;
	bool at_limit = l->opts->level >= 0 && depth >= l->opts->level;
	VEC_EACH (&found, it) {
		bool is_dir = it->in_files ? it->files_dir : it->data_dir;
		AUTO(mem_freep) char *name = path_join(shown, it->name);
		bool enter = is_dir && deep && !at_limit;

		if (!enter || l->opts->tree)
			emit(l, it, name, depth);
		AUTO(mem_freep) char *below = path_join(dir, it->name);
		AUTO(mem_freep) char *full = path_join(l->ix->repo->root, below);

		/* a link that leads to a directory above it would be entered without end */
		if (!enter || (!l->ix->source.rev && file_leads_up(full)))
			continue;

		r = list_dir(l, below, name, depth + 1, err);
		if (r < 0)
			return r;
	}
	return r;
}

/* In the work tree, a link that the user names is followed. False: the link is broken and no data
 * is there. */
static bool follow_top(const struct lister *l, const char *path, struct item *it)
{
	const struct source *source = &l->ix->source;
	if (source->rev || !it->in_files || it->files_dir)
		return true;
	enum source_type type = source_type(source, path);
	it->files_dir = type == SOURCE_DIR;
	return type != SOURCE_NONE || it->in_data;
}

/* Find the entry of the listed path in its parent directory. `*out` borrows from `holder`. The
 * failure has DVC's text, which for a revision ends with the tuple of the path's parts. */
static int find_top(
	struct lister *l, const char *path, struct item *out, struct items *holder, struct err *err)
{
	AUTO(mem_freep) char *parent = path_dirname(path);
	int r = collect_dir(l, parent, true, holder, err);
	if (r < 0)
		return r;

	VEC_EACH (holder, it)
		if (strcmp(it->name, path_basename(path)) == 0 && follow_top(l, path, it)) {
			*out = *it;
			return 0;
		}

	AUTO(buf_release) struct buf key = BUF_INIT;
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	const char *root = l->ix->source.rev ? "" : l->ix->repo->root;
	strlist_split(&words, path, '/');

	for (size_t i = 0; l->ix->source.rev && i < words.count; i++)
		buf_addf(&key, "%s'%s'", i ? ", " : ": (", words.items[i]);

	(void)err_set(err, ERR_NOT_FOUND, "[Errno 2] No such file or directory: '%s/%s'%s%s", root,
		path, buf_str(&key),
		!key.len           ? ""
		: words.count == 1 ? ",)"
				   : ")");
	return err_plain(err, ERR_NOT_FOUND, "'%s' is neither a file nor tracked data of that %s",
		path, l->ix->source.rev ? "revision" : "repository");
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct list_entry *)a)->path, ((const struct list_entry *)b)->path);
}

static void release_lister(struct lister *l)
{
	ignore_free(l->ignore);
	for (struct map_entry *e = map_next(&l->trees, NULL); e; e = map_next(&l->trees, e)) {
		tree_release(e->value);
		free(e->value);
	}
	map_release(&l->trees);
}

int list_repo(
	struct index *ix, const struct list_opts *opts, struct list_entries *out, struct err *err)
{
	AUTO(release_lister) struct lister l = {.ix = ix, .opts = opts, .out = out};
	int r = 0;

	l.ignore = ignore_new(IGNORE_DVC, &ix->source, NULL);
	AUTO(release_items) struct items holder = {0};
	struct item top = {.name = NULL, .in_files = true, .files_dir = true, .size = -1};
	uint64_t size;
	if (opts->facts && ix->source.info(&ix->source, "", &size, &top.is_exec))
		top.size = (int64_t)size;

	if (*opts->path) {
		r = find_top(&l, opts->path, &top, &holder, err);
		if (r < 0)
			return r;
	}

	/* the path itself is listed if it is a file, or with --tree, or if no depth is allowed */
	bool is_dir = top.in_files ? top.files_dir : top.data_dir;
	if (!is_dir || opts->tree || opts->level == 0)
		emit(&l, &top,
			*opts->path ? is_dir && opts->tree ? opts->path : path_basename(opts->path)
				    : ".",
			0);
	if (is_dir && opts->level != 0)
		r = list_dir(&l, opts->path, "", 1, err);
	if (!opts->tree)
		vec_sort(out, by_path);
	return r;
}

/* Compares dependencies before and after the command of a stage. */
#include "run/started.h"

#include <string.h>

#include "base/alloc.h"
#include "base/sha256.h"
#include "base/str.h"
#include "project/index.h"
#include "text/json.h"

/* The listing of a larger directory is not kept while the command runs, to save memory. */
enum { MOST_FILES = 10000 };

void started_release(struct started *st)
{
	VEC_EACH (&st->deps, it)
		tree_release(&it->tree);
	vec_release(&st->deps);
}

int started_take(struct started *st, struct data *d, struct arena *a, struct stage *s, bool lenient,
	struct err *err)
{
	VEC_EACH (&s->deps, dep) {
		AUTO(err_release) struct err why = ERR_INIT;
		struct started_dep *it = vec_push(&st->deps);
		struct dep before = *dep;
		int r = stage_save_dep(d, a, dep, SAVE_DEPS_ALL, &it->tree, &why);
		if (r < 0 && !lenient)
			return err_move(err, &why);
		it->known = r >= 0;
		it->rec = dep->rec;
		it->params = dep->locked;
		if (it->tree.count > MOST_FILES)
			tree_release(&it->tree);
		if (r < 0)
			*dep = before;
	}

	return 0;
}

/* Interpreters leave these files beside the source files that they load. */
static bool is_by_product(const char *path)
{
	return str_starts(path, "__pycache__/") || strstr(path, "/__pycache__/") ||
	       str_starts(path, ".ipynb_checkpoints/") || strstr(path, "/.ipynb_checkpoints/");
}

/* Are all files of `before` unchanged in `now`? If so, *out_by_products tells whether all new files
 * are by-products. Both listings are sorted. False for an empty (or unknown) `before`. */
static bool only_grew(const struct tree *before, const struct tree *now, bool *out_by_products)
{
	size_t i = 0;
	*out_by_products = true;
	for (size_t j = 0; j < now->count; j++) {
		const char *path = tree_path(now, &now->entries[j]);
		const struct tree_entry *old = i < before->count ? &before->entries[i] : NULL;
		if (!old || strcmp(tree_path(before, old), path) != 0) {
			*out_by_products = *out_by_products && is_by_product(path);
			continue;
		}
		if (memcmp(old->digest, now->entries[j].digest, MD5_BYTES) != 0)
			return false;
		i++;
	}
	return before->count && i == before->count;
}

/* Compare by text at last: NaN does not equal itself, but has not changed. */
static bool same_params(const struct value *a, const struct value *b)
{
	AUTO(buf_release) struct buf x = BUF_INIT;
	AUTO(buf_release) struct buf y = BUF_INIT;
	if (a == b || !a || !b || value_equal(a, b))
		return true;
	return json_write(&x, a, NULL, NULL) >= 0 && json_write(&y, b, NULL, NULL) >= 0 &&
	       str_eq(buf_str(&x), buf_str(&y));
}

static bool is_same(const struct started_dep *it, const struct dep *dep)
{
	if (dep->kind == DEP_PARAMS)
		return same_params(it->params, dep->locked);
	return !it->rec.hash || str_eq(it->rec.hash, dep->rec.hash);
}

/* The dependency has changed. If it only got new files, the new record stays. */
static void settle(struct data *d, const struct stage *s, struct dep *dep,
	const struct started_dep *it, const struct tree *now, const struct progress *progress)
{
	AUTO(mem_freep) char *shown = dep_display(d->repo, dep);
	AUTO(mem_freep) char *name = stage_addressing(s, d->repo->cwd);
	bool by_products;

	if (only_grew(&it->tree, now, &by_products)) {
		if (!by_products)
			progress_warn(progress,
				"'%s' got new files while stage '%s' ran; they are recorded as if it had used them.",
				shown, name);
		return;
	}

	dep->rec = it->rec;
	dep->locked = it->params;
	progress_warn(progress,
		"'%s' changed while stage '%s' ran: recorded is what it started from, and it will run again next time.",
		shown, name);
}

int started_settle(const struct started *st, struct data *d, struct arena *a, struct stage *s,
	enum save_deps mode, const struct progress *progress, struct err *err)
{
	for (size_t i = 0; i < s->deps.count; i++) {
		struct dep *dep = &s->deps.items[i];
		const struct started_dep *it = i < st->deps.count ? &st->deps.items[i] : NULL;
		AUTO(tree_release) struct tree now = TREE_INIT;
		int r = stage_save_dep(d, a, dep, mode, &now, err);
		if (r < 0)
			return r;
		if (it && it->known && !is_same(it, dep))
			settle(d, s, dep, it, &now, progress);
	}
	return 0;
}

static void add_field(struct buf *out, const char *text)
{
	buf_adds(out, text ? text : "");
	buf_addc(out, '\0');
}

char *started_key(const struct started *st, const struct stage *s)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	char hex[SHA256_HEX + 1];

	add_field(&text, s->wdir);
	(void)json_write(&text, s->cmd, NULL, NULL);
	for (size_t i = 0; i < st->deps.count && i < s->deps.count; i++) {
		const struct started_dep *it = &st->deps.items[i];
		add_field(&text, s->deps.items[i].path);
		add_field(&text, it->known ? it->rec.hash : NULL);
		if (it->params)
			(void)json_write(&text, it->params, NULL, NULL);
	}
	VEC_EACH (&s->outs, o)
		add_field(&text, o->path);
	sha256_hex(buf_str(&text), text.len, hex);
	return mem_strdup(hex);
}

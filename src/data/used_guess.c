/* Finds ids of objects in the text of files that cannot be parsed. */
#include "data/used_guess.h"

#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "project/index.h"

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The text does not tell whether it is a file, a directory or something else: add both. */
static int add_name(struct oid_list *out, struct data *d, const char *digits, enum hash_name hash,
	struct err *err)
{
	AUTO(mem_freep) char *name = mem_strndup(digits, MD5_HEX);
	AUTO(mem_freep) char *lower = str_lower(name);
	AUTO(mem_freep) char *listing = mem_printf("%s.dir", lower);
	AUTO(tree_release) struct tree t = TREE_INIT;
	struct oid file, dir;
	if (!oid_parse(&file, lower, hash) || !oid_parse(&dir, listing, hash))
		return 0;

	oid_list_add(out, &file);
	oid_list_add(out, &dir);

	int r = cache_exists(&d->cache, &dir) ? cache_read_tree(&d->cache, &dir, &t, err) : 0;
	for (size_t i = 0; i < t.count; i++) {
		struct oid below = tree_entry_oid(&t, &t.entries[i]);
		oid_list_add(out, &below);
	}

	return r;
}

/* Each run of exactly 32 hexadecimal digits may be an id, with either kind of hash. */
static int add_names(struct oid_list *out, struct data *d, const struct buf *text, struct err *err)
{
	int r = 0;
	for (size_t at = 0, run; at < text->len && r >= 0; at += run + 1) {
		for (run = 0; at + run < text->len && is_hex(text->ptr[at + run]);)
			run++;
		if (run != MD5_HEX)
			continue;
		r = add_name(out, d, text->ptr + at, HASH_MD5, err);
		if (r >= 0)
			r = add_name(out, d, text->ptr + at, HASH_MD5_DOS2UNIX, err);
	}
	return r;
}

/* A missing file is fine: a dvc.yaml need not have a dvc.lock. */
static int add_file(struct oid_list *out, struct data *d, const struct index *ix, const char *file,
	struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *rel = path_relative(file, ix->repo->root);
	int r = source_read(&ix->source, rel, &text, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		return 0;
	}
	return r < 0 ? r : add_names(out, d, &text, err);
}

int used_guess_broken(struct oid_list *out, struct data *d, const struct index *ix,
	const struct progress *progress, struct err *err)
{
	int r = 0;
	/* the dvc.lock of a broken dvc.yaml was not read either */
	VEC_EACH (&ix->broken, b) {
		AUTO(mem_freep) char *dir = path_dirname(b->file);
		AUTO(mem_freep) char *lock = path_join(dir, "dvc.lock");
		AUTO(mem_freep) char *shown = repo_display(ix->repo, b->file);
		if (r >= 0)
			r = add_file(out, d, ix, b->file, err);
		if (r >= 0 && str_eq(path_basename(b->file), "dvc.yaml"))
			r = add_file(out, d, ix, lock, err);
		if (r >= 0)
			progress_warn(progress,
				"'%s'%s%.7s cannot be understood; everything that it may name is kept",
				shown, ix->source.rev ? " at " : "",
				ix->source.rev ? ix->source.rev : "");
	}

	return r;
}

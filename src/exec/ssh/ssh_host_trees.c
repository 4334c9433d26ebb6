/* Work trees on a host: makes them of a commit and of objects, and stores what commands made. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "exec/ssh/ssh_host_int.h"
#include "exec/tempdir.h"
#include "scm/ref.h"
#include "store/hashing.h"
#include "store/link.h"
#include "text/json.h"

/* The path of a field in the tree; heap string. */
static int path_of(const char *root, const char *path, size_t len, char **out, struct err *err)
{
	if (!path_is_safe_relative(path, len) || path_has_component(path, len, ".git"))
		return err_set(err, ERR_USAGE, "'%s' is not in the work tree", path);
	*out = path_join(root, path);
	return 0;
}

/* The same for what is written: not through a link, which the commit may contain. */
static int path_in(const char *root, const char *path, size_t len, char **out, struct err *err)
{
	int r = path_of(root, path, len, out, err);

	return r < 0 ? r : file_check_below(*out, root, err);
}

static int make_dirs(const char *root, const struct wire *w, struct err *err)
{
	int r = 0;

	VEC_EACH (&w->fields, f) {
		AUTO(mem_freep) char *path = NULL;

		if (!str_eq(f->word, "mkdir") || r < 0)
			continue;
		r = path_in(root, f->bytes, f->len, &path, err);
		if (r == 0)
			r = file_mkdirs(path, err);
	}
	return r;
}

/* "<md5> <mode> <path>". */
static int place_file(
	struct linker *l, const char *root, const struct wire_field *f, struct err *err)
{
	enum { MODE_AT = MD5_HEX + 1, PATH_AT = MODE_AT + 4 };
	AUTO(mem_freep) char *path = NULL;
	struct oid o;
	struct stat st;

	if (f->len <= PATH_AT)
		return err_set(err, ERR_USAGE, "'%s' names no file", f->bytes);
	AUTO(mem_freep) char *name = mem_strndup(f->bytes, MD5_HEX);

	if (!oid_parse(&o, name, HASH_MD5))
		return err_set(err, ERR_USAGE, "'%s' names no file", f->bytes);
	int r = path_in(root, f->bytes + PATH_AT, f->len - PATH_AT, &path, err);

	if (r == 0)
		r = file_mkdirs_for(path, err);
	if (r == 0)
		r = file_remove(path, err);
	if (r == 0)
		r = link_object(l, &o, path, &st, err);
	if (r == 0 && f->bytes[MODE_AT] == '7' && chmod(path, st.st_mode | 0111) < 0)
		r = err_errno(err, "unable to change the mode of '%s'", path);
	return r;
}

static int place_files(struct host *h, const char *root, const struct wire *w, struct err *err)
{
	struct linker l = {.cache = &h->cache, .copy_at_last = true};
	int r = 0;

	VEC_EACH (&w->fields, f)
		if (r == 0 && str_eq(f->word, "file"))
			r = place_file(&l, root, f, err);
	return r;
}

/* A ref that an earlier task of the name has left would be in the way. */
static int drop_refs(const struct host *h, const struct wire *w, struct err *err)
{
	struct scm *scm = NULL;
	int r = scm_open(&scm, h->repo, err);

	VEC_EACH (&w->fields, f)
		if (r == 0 && str_eq(f->word, "drop-ref"))
			r = scm_ref_delete(scm, f->bytes, err);
	scm_free(scm);
	return r;
}

static int read_id(const struct wire *w, const char *word, struct scm_id *out, struct err *err)
{
	const char *id = wire_get(w, word);

	if (!id || !scm_is_full_id(id))
		return err_set(err, ERR_USAGE, "no %s is given", word);
	memcpy(out->hex, id, sizeof(out->hex));
	return 0;
}

static int make_tree(struct host *h, const struct wire *w, const struct host_place *p, char **out,
	struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *git = path_join(h->repo, ".git");
	const struct wire_field *text = wire_find(w, "settings");
	const char *dvc = wire_get(w, "dvc");
	struct value *settings = value_map(&a);
	struct tempdir_source source = {
		.git_dir = git, .dvc_dir = dvc ? dvc : ".dvc", .cache_dir = h->cache.dir};
	struct tempdir_spec spec = {.source = &source, .parent = p->trees};
	struct tempdir tree = TEMPDIR_INIT;
	int r = read_id(w, "commit", &spec.commit, err);

	if (r == 0)
		r = read_id(w, "baseline", &spec.baseline, err);
	if (r == 0 && text)
		r = json_parse(&a, text->bytes, text->len, &settings, err);
	source.settings = settings;
	if (r == 0)
		r = tempdir_make(&tree, &spec, err);
	if (r < 0) {
		tempdir_release(&tree);
		return r;
	}
	/* it stays when this process ends; the job marks it as in use */
	*out = TAKE(tree.root);
	free(tree.admin);
	holdfile_release(&tree.in_use);
	return 0;
}

int host_prepare(struct host *h, const struct wire *w, struct wire *out, struct err *err)
{
	AUTO(host_place_release) struct host_place p = {0};
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	AUTO(mem_freep) char *root = NULL;
	int r = host_place_read(h, w, &p, err);

	if (r == 0)
		r = host_take_job(h, &p, true, &lock, err);
	if (r < 0)
		return r;
	if (file_exists(p.attempt)) {
		wire_adds(out, "started", "yes");
		return 0;
	}
	/* what an interrupted question has left */
	r = host_remove_trees(h, p.trees, err);
	if (r == 0)
		r = drop_refs(h, w, err);
	if (r == 0)
		r = make_tree(h, w, &p, &root, err);
	if (r == 0)
		r = make_dirs(root, w, err);
	if (r == 0)
		r = place_files(h, root, w, err);
	return r;
}

/* ---- what the commands made ---- */

static void add_entry(
	struct wire *out, const unsigned char digest[MD5_BYTES], unsigned mode, const char *path)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	struct oid o = {.hash = HASH_MD5};
	char name[OID_TEXT];

	memcpy(o.digest, digest, MD5_BYTES);
	buf_addf(&line, "%s %s %s", oid_format(&o, name), mode & 0111 ? "755" : "644", path);
	wire_add(out, "entry", buf_str(&line), line.len);
}

static int add_output(
	struct host *h, const char *root, const char *path, struct wire *out, struct err *err)
{
	AUTO(hashed_release) struct hashed found = HASHED_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(mem_freep) char *full = path_join(root, path);
	const struct hash_opts how = {
		.ctx = h->ctx, .hash = HASH_MD5, .filter = {.any_name = true}, .into = &h->cache};
	int r = hash_path(full, &how, &found, &why);

	wire_adds(out, "path", path);
	if (r == ERR_NOT_FOUND) {
		wire_adds(out, "kind", "none");
		return 0;
	}
	if (r < 0)
		return err_move(err, &why);
	wire_adds(out, "kind", found.is_dir ? "dir" : "file");
	if (!found.is_dir)
		add_entry(out, found.oid.digest, found.stat.st_mode, path);
	for (size_t i = 0; i < found.tree.count; i++) {
		const struct tree_entry *e = &found.tree.entries[i];
		AUTO(mem_freep) char *of_file = path_join(path, tree_path(&found.tree, e));

		add_entry(out, e->digest, e->mode, of_file);
	}
	return 0;
}

int host_outputs(struct host *h, const struct wire *w, struct wire *out, struct err *err)
{
	AUTO(host_place_release) struct host_place p = {0};
	int r = host_place_read(h, w, &p, err);

	if (r < 0)
		return r;
	AUTO(mem_freep) char *root = host_tree_root(&p);

	if (!root)
		return err_set(err, ERR_NOT_FOUND, "there is no work tree of the job");
	VEC_EACH (&w->fields, f) {
		AUTO(mem_freep) char *full = NULL;

		if (!str_eq(f->word, "path") || r < 0)
			continue;
		/* an output may be a link that the command has made, as on the user's machine */
		r = path_of(root, f->bytes, f->len, &full, err);
		if (r == 0)
			r = add_output(h, root, f->bytes, out, err);
	}
	return r;
}

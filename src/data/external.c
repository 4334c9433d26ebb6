/* Opens another repository: in place, at a revision, or as a clone; with its configuration and its
 * overrides, its nested repositories and the origins of its imports. */
#include "data/external.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/external_int.h"
#include "project/ignore.h"
#include "scm/giturl.h"
#include "scm/ref.h"

/* ---- closing */

static void free_all(struct map *m)
{
	for (struct map_entry *e = map_next(m, NULL); e; e = map_next(m, e))
		external_free(e->value);
	map_release(m);
}

/* Release everything that depends on the revision; the clone and `scm` stay. */
static void forget_revision(struct external *e)
{
	free_all(&e->nested);
	free_all(&e->origins);
	index_free(e->index);
	ignore_free(e->ignore);
	remotes_release(&e->remotes);
	source_git_release(&e->git);
	cache_release(&e->cache);
	repo_release(&e->repo);
	e->index = NULL;
	e->ignore = NULL;
	e->remotes = (struct remotes){0};
	e->cache = CACHE_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(e->listed); i++) {
		tree_release(&e->listed[i].tree);
		e->listed[i].out = NULL;
	}
}

void external_free(struct external *e)
{
	if (!e)
		return;

	/* nested repositories borrow `scm`, so they are released before it */
	forget_revision(e);
	if (e->scratch.dir)
		(void)file_remove(e->scratch.dir, NULL); /* best effort */
	cleanup_forget(e->scratch_note);
	cache_release(&e->scratch);
	if (!e->parent)
		scm_free(e->scm);
	clone_release(&e->clone);
	arena_release(&e->arena);
	free(e->remote);
	free(e);
}

/* ---- options */

static bool add_option(struct arena *a, struct value *out, const char *word)
{
	const char *eq = strchr(word, '=');
	if (eq)
		value_setn(a, out, word, (size_t)(eq - word), value_string(a, eq + 1));
	return eq != NULL;
}

static int add_options_of(struct arena *a, struct value *out, const char *file, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	int r = file_read(file, &text, err);
	if (r < 0)
		return r;
	if (strlen(buf_str(&text)) != text.len)
		return err_set(err, ERR_VALUE, "'%s' has a zero byte", file);
	strlist_split(&lines, buf_str(&text), '\n');
	for (size_t i = 0; i < lines.count; i++) {
		/* an editor of Windows ends lines so; no key or password does */
		size_t len = strlen(lines.items[i]);
		if (len && lines.items[i][len - 1] == '\r')
			lines.items[i][len - 1] = '\0';
		if (*lines.items[i] && !add_option(a, out, lines.items[i]))
			return err_set(err, ERR_VALUE, "'%s', line %zu: this is not name=value",
				file, i + 1);
	}
	return 0;
}

int external_remote_config(
	struct arena *a, const struct strlist *words, struct value **out, struct err *err)
{
	int r = 0;
	*out = words->count ? value_map(a) : NULL;
	for (size_t i = 0; r >= 0 && i < words->count; i++) {
		const char *word = words->items[i];
		if (*word == '@')
			r = add_options_of(a, *out, word + 1, err);
		else if (!add_option(a, *out, word))
			return err_set(err, ERR_USAGE,
				"could not parse \"%s\" as k1=v1,k2=v2... format", word);
	}
	return r;
}

void external_opts_of_dep(const struct value *repo, bool locked, struct external_opts *out)
{
	const struct value *config = value_get(repo, "config"), *remote = value_get(repo, "remote");
	const char *lock = locked ? value_get_str(repo, "rev_lock") : NULL;
	*out = (struct external_opts){.rev = lock ? lock : value_get_str(repo, "rev"),
		.config_file = value_str(config),
		.config = value_is(config, VALUE_MAP) ? config : NULL,
		.remote = value_str(remote),
		.remote_config = value_is(remote, VALUE_MAP) ? remote : NULL};
}

/* Merge maps key by key, at every level. */
static void merge_into(struct arena *a, struct value *into, const struct value *from)
{
	for (size_t i = 0; i < value_count(from); i++) {
		const struct value_item *it = &from->list.items[i];
		struct value *old = value_get(into, it->key);
		if (value_is(old, VALUE_MAP) && value_is(it->value, VALUE_MAP))
			merge_into(a, old, it->value);
		else
			value_set(a, into, it->key, value_copy(a, it->value));
	}
}

static int read_options(struct external *e, const struct external_opts *o, struct err *err)
{
	if (o->config_file || o->config)
		e->overlay = value_map(&e->arena);
	if (o->config_file) {
		AUTO(config_release) struct config file = CONFIG_INIT;
		struct value *map;
		int r = config_read_file(&file, o->config_file, &map, err);
		if (r < 0)
			return r;
		merge_into(&e->arena, e->overlay, map);
	}

	merge_into(&e->arena, e->overlay, o->config);
	e->remote = o->remote ? mem_strdup(o->remote) : NULL;
	e->remote_config = o->remote_config ? value_copy(&e->arena, o->remote_config) : NULL;
	e->near = o->cache;
	e->own_remotes = o->own_remotes;
	e->from_root = o->from_root;
	return 0;
}

/* ---- opening a directory, at its work tree or a revision */

/* A relative URL of --remote-config is relative to the working directory, not to .dvc. */
static void absolute_url(struct arena *a, struct value *remote)
{
	const char *url = value_get_str(remote, "url");
	AUTO(mem_freep) char *full = NULL;
	if (!url || strstr(url, "://") || path_is_absolute(url))
		return;
	full = path_absolute(url);
	value_set(a, remote, "url", value_string(a, full));
}

/* Overlay the configuration, lowest precedence first: the default remote of the configuration on
 * disk, the user's --config, then --remote and --remote-config. */
static int apply_options(struct external *e, const struct config *on_disk, struct err *err)
{
	static const char *const own_sections[] = {"core", "remote"};
	const struct value *remote_config = e->remote_config;
	struct config *c = &e->repo.config;
	struct value *map = value_map(&c->arena), *remotes = value_map(&c->arena);
	const char *disk_default = on_disk ? config_str(on_disk, "core", "remote") : NULL;

	for (size_t i = 0; on_disk && e->own_remotes && i < ARRAY_SIZE(own_sections); i++) {
		const struct value *section = value_get(on_disk->merged, own_sections[i]);
		if (section)
			value_set(&c->arena, map, own_sections[i], value_copy(&c->arena, section));
	}
	if (on_disk && e->own_remotes)
		config_overlay(c, map);

	map = value_map(&c->arena);
	value_set(&c->arena, map, "remote", remotes);
	if (disk_default && config_remote(on_disk, disk_default))
		value_set(&c->arena, remotes, disk_default,
			value_copy(&c->arena, config_remote(on_disk, disk_default)));
	config_overlay(c, map);
	if (e->overlay)
		config_overlay(c, e->overlay);
	if (!e->remote && !remote_config)
		return 0;

	const char *name = e->remote ? e->remote : config_str(c, "core", "remote");
	if (!name)
		return err_set(err, ERR_VALUE, "Missing remote name");

	struct value *core = value_map(&c->arena);
	map = value_map(&c->arena);
	value_set(&c->arena, core, "remote", value_string(&c->arena, name));
	value_set(&c->arena, map, "core", core);
	if (remote_config) {
		remotes = value_map(&c->arena);
		struct value *options = value_copy(&c->arena, remote_config);
		absolute_url(&c->arena, options);
		value_set(&c->arena, remotes, name, options);
		value_set(&c->arena, map, "remote", remotes);
	}

	config_overlay(c, map);
	return 0;
}

/*
 * Open the repository at `root`, as the source shows it. At a revision the configuration is that of
 * the revision; as in DVC, the default remote of the configuration on disk overrides it.
 */
static int open_root(struct external *e, const char *root, const char *git_root, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(config_release) struct config disk = CONFIG_INIT;
	const char *dvc = ".dvc";
	int r = 0;

	e->is_dvc = source_type(&e->source, dvc) == SOURCE_DIR;
	if (e->at_rev && e->is_dvc) {
		r = source_read(&e->source, ".dvc/config", &text, err);
		if (r == ERR_NOT_FOUND) {
			err_release(err);
			r = 0;
		}
	}

	if (r >= 0)
		r = repo_open_at(&e->repo, e->ctx, root, git_root, e->at_rev ? &text : NULL, err);

	if (r >= 0 && e->from_root) {
		free(e->repo.cwd);
		e->repo.cwd = mem_strdup(root);
	}
	AUTO(mem_freep) char *disk_dir = path_join(root, dvc);
	bool beside = e->at_rev && e->in_place && file_is_dir(disk_dir);
	if (r >= 0 && beside)
		r = config_load(&disk, disk_dir, true, err);
	if (r >= 0)
		r = apply_options(e, beside ? &disk : NULL, err);
	if (r < 0)
		return r;

	/* the cache is where the present configuration says, whatever the revision says */
	const char *dir = beside ? config_str(&disk, "cache", "dir") : NULL;
	e->upstream = e->in_place &&
		      !config_str(beside ? &disk : &e->repo.config, "core", "remote");
	if (e->in_place)
		cache_init(&e->cache, e->ctx, dir ? dir : e->repo.cache_dir);
	return 0;
}

/* `dir` may be below the root of the repository. */
static int open_work_tree(struct external *e, const char *dir, struct err *err)
{
	AUTO(mem_freep) char *dvc = file_find_above(dir, ".dvc", false);
	const char *root = dvc ? dvc : dir;
	AUTO(mem_freep) char *git = file_find_above(root, ".git", false);
	char *kept = arena_strdup(&e->arena, root);
	e->in_place = true;
	e->source = source_workspace(kept);
	return open_root(e, kept, git, err);
}

/* The root of the Git repository is also where its DVC repository is looked for. */
static int open_revision(struct external *e, const struct scm_id *commit, struct err *err)
{
	const char *root = scm_root(e->scm);
	e->at_rev = true;
	source_git_init(&e->git, e->scm, commit, root);
	e->source = e->git.source;
	return open_root(e, root, root, err);
}

/* A local directory at a revision, or at HEAD. */
static int open_local_rev(struct external *e, const char *dir, const char *rev, struct err *err)
{
	struct scm_id commit;
	int r = scm_open(&e->scm, dir, err);
	if (r >= 0)
		r = rev ? scm_resolve(e->scm, rev, &commit, err)
			: scm_head(e->scm, &commit, NULL, err);
	return r < 0 ? r : open_revision(e, &commit, err);
}

/* Without a revision, the default branch of the remote counts, as in DVC. */
static int open_clone(
	struct external *e, const char *url, const struct external_opts *o, struct err *err)
{
	const char *rev = o->rev;
	struct scm_id commit;
	enum clone_extent extent = !o->all_revs     ? CLONE_REV
				   : o->experiments ? CLONE_EXPERIMENTS
						    : CLONE_ALL;
	int r = clone_make(&e->clone, url, rev, extent, err);
	if (r >= 0)
		r = scm_open(&e->scm, e->clone.dir, err);
	if (r >= 0)
		r = rev ? scm_resolve(e->scm, rev, &commit, err)
			: clone_default(e->scm, &commit, err);
	return r < 0 ? r : open_revision(e, &commit, err);
}

/* The directory `text`, relative to the working directory or else to `base`. Heap string; NULL: no
 * such directory. */
static char *local_dir(const char *text, const char *base)
{
	AUTO(mem_freep) char *here = path_absolute(text);
	if (file_is_dir(here))
		return TAKE(here);
	AUTO(mem_freep) char *joined = base ? path_join(base, text) : NULL;
	AUTO(mem_freep) char *there = joined ? path_normalize(joined) : NULL;
	return there && file_is_dir(there) ? TAKE(there) : NULL;
}

/* Does the directory look like a bare Git repository? */
static bool is_bare(const char *dir)
{
	AUTO(mem_freep) char *head = path_join(dir, "HEAD"), *objects = path_join(dir, "objects");
	return file_is_regular(head) && file_is_dir(objects);
}

static int open_url(
	struct external *e, const char *url, const struct external_opts *o, struct err *err)
{
	AUTO(giturl_release) struct giturl u = {0};
	int r = giturl_parse(&u, url, err);
	if (r < 0)
		return r;

	/* an existing directory has precedence, even if the text looks like host:path */
	AUTO(mem_freep) char *dir = u.kind == GITURL_FILE || u.kind == GITURL_OTHER
					    ? NULL
					    : local_dir(url, o->base);
	if (dir && !is_bare(dir)) {
		e->in_place = true;
		return o->rev ? open_local_rev(e, dir, o->rev, err) : open_work_tree(e, dir, err);
	}

	/* A bare repository or a file:// URL: read it in place, but only what a clone would have,
	 * without the work tree and its cache. If libgit2 cannot read it, clone it. */
	const char *at = dir ? dir : u.kind == GITURL_FILE ? u.path : NULL;
	AUTO(mem_freep) char *git = at ? path_join(at, ".git") : NULL;

	if (at && (is_bare(at) || file_exists(git))) {
		r = open_local_rev(e, at, o->rev, err);
		if (r != ERR_UNSUPPORTED)
			return r;
		err_release(err);
		forget_revision(e);
	}

	return open_clone(e, dir ? dir : url, o, err);
}

bool external_is_far(const char *url, const char *base)
{
	AUTO(giturl_release) struct giturl u = {0};
	if (giturl_parse(&u, url, NULL) < 0 || u.kind == GITURL_FILE)
		return false;
	AUTO(mem_freep) char *dir = u.kind == GITURL_OTHER ? NULL : local_dir(url, base);
	return !dir && u.kind != GITURL_PATH;
}

int external_open(
	struct external **out, const char *url, const struct external_opts *opts, struct err *err)
{
	struct external *e = NEW(struct external);
	e->ctx = opts->ctx;
	int r = read_options(e, opts, err);
	if (r >= 0)
		r = open_url(e, url, opts, err);
	if (r < 0) {
		external_free(e);
		return r;
	}
	*out = e;
	return 0;
}

int external_switch(struct external *e, const char *rev, struct err *err)
{
	struct scm_id commit;
	/* a copy, as forget_revision() releases the repository */
	AUTO(mem_freep) char *root = mem_strdup(e->repo.git_root ? e->repo.git_root : e->repo.root);
	int r = e->scm ? 0 : scm_open(&e->scm, root, err);
	if (r >= 0)
		r = scm_resolve(e->scm, rev, &commit, err);
	if (r < 0)
		return r;
	forget_revision(e);
	return open_revision(e, &commit, err);
}

/* ---- properties */

struct repo *external_repo(struct external *e)
{
	return &e->repo;
}

bool external_is_work_tree(const struct external *e)
{
	return e->in_place && !e->at_rev;
}

const char *external_root(const struct external *e)
{
	return e->repo.root;
}

bool external_is_dvc(const struct external *e)
{
	return e->is_dvc;
}

int external_scm(struct external *e, struct scm **out, struct err *err)
{
	int r = 0;
	if (!e->scm && !e->repo.git_root)
		return err_kind(err, KIND_NO_GIT,
			err_set(err, ERR_FAIL,
				"Only supported for Git repositories. If you're seeing this error in a Git "
				"repo, try updating the DVC configuration with `dvc config core.no_scm "
				"false`."));
	if (!e->scm)
		r = scm_open(&e->scm, e->repo.git_root, err);
	*out = e->scm;
	return r;
}

int external_rev(struct external *e, struct scm_id *out, struct err *err)
{
	struct scm *scm = NULL;
	if (e->at_rev) {
		*out = e->git.commit;
		return 0;
	}
	int r = external_scm(e, &scm, err);
	return r < 0 ? r : scm_head(scm, out, NULL, err);
}

int external_index(struct external *e, struct index **out, struct err *err)
{
	if (!e->index) {
		int r = e->is_dvc ? index_load(&e->repo, &e->source, &e->index, err)
				  : index_empty(&e->repo, &e->source, &e->index);
		if (r < 0)
			return r;
	}
	*out = e->index;
	return 0;
}

int external_scratch(
	struct external *e, const char *near, const struct cache **out, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	if (!e->scratch.dir) {
		AUTO(mem_freep) char *dir = path_join(near          ? near
						      : tmp && *tmp ? tmp
								    : "/tmp",
			".cairn-XXXXXX");
		if (!mkdtemp(dir))
			return err_errno(err, "unable to make the temporary directory '%s'", dir);
		e->scratch_note = cleanup_note_dir(dir);
		cache_init(&e->scratch, e->ctx, dir);
	}
	*out = &e->scratch;
	return 0;
}

/* Identifies a stage of a repository, even if the repository is opened again. Heap string. */
static char *stage_key(const struct external *e, const struct stage *s)
{
	if (!e->at_rev)
		return mem_strdup(s->file);
	AUTO(mem_freep) char *file = path_relative(s->file, scm_root(e->scm));
	return mem_printf("%s:%s", e->git.commit.hex, file);
}

/* An import may come from another import, but not from itself through a circle. The limit catches
 * circles in which every step has another commit. */
static int check_chain(
	const struct external *e, const struct stage *s, const char *key, struct err *err)
{
	enum { MOST_STEPS = 16 };
	int steps = 0;
	for (; e->importer; e = e->importer, steps++)
		if (strcmp(e->via, key) == 0 || steps == MOST_STEPS)
			return err_set(err, ERR_FAIL, "'%s' is an import of %s", s->file,
				steps == MOST_STEPS ? "an import without end" : "itself");
	return 0;
}

int external_origin(
	struct external *e, const struct stage *s, struct external **out, struct err *err)
{
	const struct value *repo = s->deps.items[0].repo;
	struct external_opts opts;

	external_opts_of_dep(repo, true, &opts);
	opts.ctx = e->ctx;
	opts.cache = e->near;
	opts.base = s->wdir;

	/* the file of the stage is part of it, as the URL may be relative */
	AUTO(mem_freep) char *key = mem_printf(
		"%s\n%s\n%s", value_get_str(repo, "url"), opts.rev ? opts.rev : "", s->file);
	*out = map_get(&e->origins, key);
	if (*out)
		return 0;

	AUTO(mem_freep) char *via = stage_key(e, s);
	int r = check_chain(e, s, via, err);
	if (r >= 0)
		r = external_open(out, value_get_str(repo, "url"), &opts, err);
	if (r < 0)
		return r;

	(*out)->importer = e;
	(*out)->via = arena_strdup(&(*out)->arena, via);
	map_set(&e->origins, key, *out);
	return 0;
}

/* ---- nested repositories */

static int open_nested(struct external *e, const char *rel, struct external **out, struct err *err)
{
	*out = map_get(&e->nested, rel);
	if (*out)
		return 0;

	struct external *n = NEW(struct external);
	AUTO(mem_freep) char *root = path_join(e->repo.root, rel);

	/* it shares the Git repository of its parent, which therefore frees it */
	n->ctx = e->ctx;
	n->parent = e;
	n->at_rev = e->at_rev;
	n->in_place = e->in_place;
	n->near = e->near;
	n->scm = e->scm;
	n->from_root = e->from_root;
	n->importer = e->importer;
	n->via = e->via;
	map_set(&e->nested, rel, n);
	if (e->at_rev) {
		source_git_init(&n->git, e->scm, &e->git.commit, root);
		n->source = n->git.source;
	} else {
		n->source = source_workspace(arena_strdup(&n->arena, root));
	}

	*out = n;
	return open_root(n, root, e->repo.git_root, err);
}

/*
 * The user's path, relative to the root of the repository. If the user's directory is inside the
 * work tree, paths are relative to it. As in DVC, "/" also means the root of the repository, and
 * ".." does not lead above it.
 */
static char *normal_path(const struct external *e, const char *path)
{
	bool here = !e->at_rev && path_inside(e->repo.cwd, e->repo.root);
	AUTO(mem_freep) char *cwd = path_relative(here ? e->repo.cwd : e->repo.root, e->repo.root);
	AUTO(mem_freep) char *full = path_normalize(path);
	AUTO(mem_freep) char *rooted = path_is_absolute(path) ? mem_strdup(path)
							      : mem_printf("/%s/%s", cwd, path);
	AUTO(mem_freep) char *clean = path_normalize(rooted);
	if (!path_is_absolute(full) || !path_inside(full, e->repo.root))
		return mem_strdup(clean + strspn(clean, "/"));
	char *rel = path_relative(full, e->repo.root);
	if (strcmp(rel, ".") == 0)
		*rel = '\0';
	return rel;
}

int external_owner(struct external *e, const char *path, struct external **out_owner,
	char **out_path, struct err *err)
{
	AUTO(mem_freep) char *rel = normal_path(e, path);
	size_t owned = 0;

	/* every directory on the path may be a repository; the last one wins */
	*out_owner = e;
	for (size_t n = strcspn(rel, "/"); *rel && n <= strlen(rel);
		n += 1 + strcspn(rel + n + 1, "/")) {
		AUTO(mem_freep) char *dir = mem_strndup(rel, n);
		AUTO(mem_freep) char *dvc = path_join(dir, ".dvc");
		if (source_type(&e->source, dvc) == SOURCE_DIR) {
			int r = open_nested(e, dir, out_owner, err);
			if (r < 0)
				return r;
			owned = n;
		}
		if (!rel[n])
			break;
	}

	*out_path = mem_strdup(owned ? rel + owned + (rel[owned] == '/') : rel);
	return 0;
}

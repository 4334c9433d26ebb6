#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "ops/list.h"
#include "project/load.h"
#include "project/source_git.h"
#include "text/json.h"
#include "ui/say.h"

struct list_cmd_opts {
	bool recursive, tree, dvc_only, json, size, hash;
	int level;
	const char *rev, *config, *remote, *url, *path;
	struct strlist remote_config;
};

static const struct opt list_options[] = {
	OPT_FLAG(list_cmd_opts, recursive, 'R', "recursive", "files of sub-directories, too"),
	OPT_FLAG(list_cmd_opts, tree, 'T', "tree", "draw directories as a tree"),
	OPT_INT(list_cmd_opts, level, 'L', "level", "depth", "go no deeper than this"),
	OPT_FLAG(list_cmd_opts, dvc_only, 0, "dvc-only", "data alone, without the files of Git"),
	OPT_FLAG(list_cmd_opts, json, 0, "json", "print JSON"),
	{OPT_KIND_OPTIONAL, 0, "rev", "commit", "list a Git revision instead of the work tree",
		offsetof(struct list_cmd_opts, rev)},
	OPT_STRING(list_cmd_opts, config, 0, "config", "path",
		"configuration file to merge into the repository's"),
	OPT_STRING(list_cmd_opts, remote, 0, "remote", "name", "default remote in the repository"),
	OPT_MANY(list_cmd_opts, remote_config, 0, "remote-config", "name=value",
		"options of that remote"),
	OPT_FLAG(list_cmd_opts, size, 0, "size", "print sizes"),
	OPT_FLAG(list_cmd_opts, hash, 0, "show-hash", "print hashes of data"),
	OPT_END,
};

static const struct arg list_args[] = {
	ARG_(ARG_ONE, list_cmd_opts, url, "url", "directory of a repository"),
	ARG_(ARG_OPTIONAL, list_cmd_opts, path, "path", "what to list in it"),
	{ARG_END},
};

/* As tqdm's format_sizeof: three digits and a letter. */
static void add_size(struct buf *out, int64_t size)
{
	enum { BASE = 1024 };
	static const char units[] = " kMGTPEZ";
	double v = (double)size;
	if (size < BASE) {
		buf_addf(out, "%lld", (long long)size);
		return;
	}
	for (const char *u = units; *u; u++, v /= BASE)
		if (v < 999.5) {
			buf_addf(out, v < 9.995 ? "%.2f" : v < 99.95 ? "%.1f" : "%.0f", v);
			if (*u != ' ')
				buf_addc(out, *u);
			return;
		}
}

/* "│   ├── name" from the depths of the entries that follow. */
static char *tree_label(const struct list_entries *all, size_t at)
{
	const struct list_entry *e = &all->items[at];
	struct buf b = BUF_INIT;
	for (int level = 1; level <= e->depth; level++) {
		bool more =
			false; /* does another entry of this level follow in the same directory? */
		for (size_t i = at + 1; i < all->count && all->items[i].depth >= level; i++)
			if (all->items[i].depth == level) {
				more = true;
				break;
			}
		buf_adds(&b, level == e->depth ? more ? "├── " : "└── " : more ? "│   " : "    ");
	}
	buf_adds(&b, e->depth == 0 ? e->path : path_basename(e->path));
	return buf_detach(&b);
}

static int print_json(const struct list_entries *all, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct value *list = value_list(&a);
	VEC_EACH (all, e) {
		struct value *v = value_map(&a);
		value_set(&a, v, "isout", value_bool(&a, e->is_out));
		value_set(&a, v, "isdir", value_bool(&a, e->is_dir));
		value_set(&a, v, "isexec", value_bool(&a, e->is_exec));
		value_set(&a, v, "size", e->size >= 0 ? value_int(&a, e->size) : value_null(&a));
		value_set(&a, v, "md5", e->md5 ? value_string(&a, e->md5) : value_null(&a));
		value_set(&a, v, "path", value_string(&a, e->path));
		value_append(&a, list, v);
	}
	int r = json_write(&out, list, NULL, err);
	if (r >= 0)
		say("%s", buf_str(&out));
	return MIN(r, 0);
}

static void add_size_of(struct buf *out, const struct list_entry *e)
{
	if (e->size >= 0 && !(e->size == 0 && e->is_dir))
		add_size(out, e->size);
}

static void print_entries(
	const struct list_cmd_opts *o, const struct list_entries *all, const char *prefix)
{
	size_t size_width = 0, hash_width = 1;
	VEC_EACH (all, e) {
		AUTO(buf_release) struct buf size = BUF_INIT;
		add_size_of(&size, e);
		size_width = MAX(size_width, size.len);
		hash_width = MAX(hash_width, e->md5 ? strlen(e->md5) : 0);
	}
	AUTO(buf_release) struct buf out = BUF_INIT;
	for (size_t i = 0; i < all->count; i++) {
		const struct list_entry *e = &all->items[i];
		AUTO(mem_freep) char *name = o->tree ? tree_label(all, i)
						     : path_join(prefix, e->path);
		AUTO(buf_release) struct buf size = BUF_INIT;
		add_size_of(&size, e);
		if (o->size)
			buf_addf(&out, "%*s  ", (int)size_width, buf_str(&size));
		if (o->hash)
			buf_addf(&out, "%-*s  ", (int)hash_width, e->md5 ? e->md5 : "-");
		buf_addf(&out, "%s\n", name);
	}
	say_raw(buf_str(&out), out.len);
}

struct opened {
	struct repo repo;
	struct index *ix; /* of a revision: ours; of the work tree: the repository's */
	struct scm *scm;
	struct source_git git;
};

static void release_opened(struct opened *o)
{
	if (o->scm)
		index_free(o->ix);
	source_git_release(&o->git);
	scm_free(o->scm);
	repo_release(&o->repo);
}

static int open_at(struct opened *o, const char *url, const char *rev, struct err *err)
{
	if (path_has_scheme(url) || strncmp(url, "git@", 4) == 0)
		return err_set(err, ERR_UNSUPPORTED,
			"listing '%s' is not supported yet: clone it and list the clone", url);
	if (!file_is_dir(url))
		return err_set(err, ERR_FAIL, "'%s' does not exist or is not a directory", url);
	int r = repo_open(&o->repo, url, err);
	if (r < 0)
		return r;
	if (!rev)
		return repo_index(&o->repo, &o->ix, err);
	struct scm_id id;
	if (!o->repo.git_root)
		return err_set(err, ERR_FAIL, "'%s' is no Git repository", url);
	r = scm_open(&o->scm, o->repo.git_root, err);
	if (r >= 0)
		r = scm_resolve(o->scm, rev, &id, err);
	if (r < 0)
		return r;
	source_git_init(&o->git, o->scm, &id, o->repo.root);
	return index_load(&o->repo, &o->git.source, &o->ix, err);
}

/* What to list, relative to the root; what stands before each name that is printed. */
static int locate(const struct opened *o, const struct list_cmd_opts *opts, char **out_path,
	char **out_prefix, struct err *err)
{
	bool inside = path_inside(o->repo.cwd, o->repo.root);
	AUTO(mem_freep) char *joined = path_join(
		inside ? o->repo.cwd : o->repo.root, opts->path ? opts->path : "");
	AUTO(mem_freep) char *full = path_normalize(opts->path ? joined : o->repo.root);
	if (!path_inside(full, o->repo.root))
		return err_set(
			err, ERR_NOT_FOUND, "[Errno 2] No such file or directory: '%s'", full);
	AUTO(mem_freep) char *rel = repo_relative(&o->repo, full);
	*out_path = mem_strdup(strcmp(rel, ".") == 0 ? "" : rel);
	*out_prefix = !opts->path && inside ? repo_display(&o->repo, o->repo.root) : mem_strdup("");
	return 0;
}

static int list_and_print(const struct list_cmd_opts *o, struct err *err)
{
	AUTO(release_opened) struct opened at = {.repo = REPO_INIT};
	AUTO(list_entries_release) struct list_entries all = {0};
	AUTO(mem_freep) char *path = NULL;
	AUTO(mem_freep) char *prefix = NULL;
	if (o->tree && o->json)
		return err_set(err, ERR_FAIL, "Cannot use --tree and --json options together.");
	int r = open_at(&at, o->url, o->rev, err);
	if (r >= 0)
		r = locate(&at, o, &path, &prefix, err);
	struct list_opts opts = {.path = path,
		.recursive = o->recursive,
		.tree = o->tree,
		.dvc_only = o->dvc_only,
		.facts = o->json || o->size,
		.level = o->tree || o->recursive ? o->level : -1};
	if (r >= 0)
		r = list_repo(at.ix, &opts, &all, err);
	if (r < 0)
		return r;
	if (o->json)
		return print_json(&all, err);
	print_entries(o, &all, prefix);
	return 0;
}

static int list_run(struct app *app, const void *opts, struct err *err)
{
	const struct list_cmd_opts *o = opts;
	(void)app;
	int r = list_and_print(o, err);
	if (r >= 0)
		return 0;
	err->code = r;
	if (r == ERR_NOT_FOUND && str_starts(err->msg, "[Errno 2]"))
		return exit_caught(err, NULL);
	AUTO(mem_freep) char *prefix = mem_printf("failed to list '%s'", o->url);
	return exit_caught(err, prefix);
}

static const char *const list_aliases[] = {"ls", NULL};
static const struct list_cmd_opts list_defaults = {.level = -1};

const struct cmd cmd_list = {
	.name = "list",
	.aliases = list_aliases,
	.summary = "list the files and data of a repository",
	.opts = list_options,
	.args = list_args,
	.opts_size = sizeof(struct list_cmd_opts),
	.defaults = &list_defaults,
	.run = list_run,
};

/* Finds and loads the files of a repository. Errors of single files are noted and do not end the
 * walk. Targets are in targets.c. */
#include "project/index.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "project/dvcfile.h"
#include "project/ignore.h"
#include "project/load.h"
#include "project/place.h"
#include "project/resolve.h"
#include "project/schema.h"
#include "text/yaml.h"

struct loader {
	struct repo *repo;
	struct index *ix;
	struct ignore *dvcignore; /* rules of the source */
	struct ignore *gitignore; /* NULL without Git and for a revision */
	char *below_git;     /* the repository's path relative to the Git root, "" when equal */
	struct map out_dirs; /* absolute paths of the outputs found so far, which are not entered */
};

/* `rel` is relative to the repository, the rules to the Git root. */
static bool git_ignores(struct loader *l, const char *rel, bool is_dir)
{
	if (!l->gitignore)
		return false;
	AUTO(mem_freep) char *path = path_join(l->below_git, rel);
	return ignore_path(l->gitignore, path, is_dir, NULL);
}

/* For a file of a revision, add the revision to the first line of the message, as DVC does. */
static int name_revision(const struct loader *l, const char *shown, int r, struct err *err)
{
	static const char *const ends[] = {" validation failed", " is invalid"};
	if (r >= 0 || !l->ix->source.rev || !err_is_page(err))
		return r;

	AUTO(mem_freep) char *text = mem_strdup(err_text(err));
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		AUTO(mem_freep) char *start = mem_printf("'%s'%s", shown, ends[i]);
		if (!str_starts(text, start))
			continue;
		AUTO(mem_freep)
		char *page = mem_printf(
			"%s in revision '%.7s'%s", start, l->ix->source.rev, text + strlen(start));
		enum err_kind kind = err_kind_of(err);
		return err_kind(err, kind, err_set_page(err, r, page));
	}
	return r;
}

/* Read, parse and check one file. When it does not exist, `*out` is NULL and the result 0. */
static int read_document(struct loader *l, const char *rel, enum schema_kind kind,
	const struct value **out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	*out = NULL;

	int r = source_read(&l->ix->source, rel, &text, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		return 0;
	}

	if (r < 0)
		return r;

	AUTO(mem_freep) char *full = path_join(l->repo->root, rel);
	AUTO(mem_freep) char *shown = repo_display_yaml(l->repo, full);
	struct value *doc;
	r = yaml_parse(&l->ix->arena, shown, buf_str(&text), text.len, &doc, err);
	if (r < 0)
		return name_revision(l, shown, r, err);

	if (kind == SCHEMA_PIPELINE && value_is(doc, VALUE_NULL))
		return 0; /* an empty dvc.yaml counts as a missing one */

	r = schema_check(kind, value_is(doc, VALUE_NULL) ? value_map(&l->ix->arena) : doc, shown,
		buf_str(&text), text.len, err);
	*out = doc;
	return name_revision(l, shown, r, err);
}

int out_check_links(const struct repo *repo, const char *abs_path, struct err *err)
{
	AUTO(mem_freep) char *dir = path_dirname(abs_path);
	struct stat st;
	/* (a link to a file may be an output) */
	bool linked = lstat(abs_path, &st) == 0 && S_ISLNK(st.st_mode) && file_is_dir(abs_path);

	while (!linked && strlen(dir) > strlen(repo->root)) {
		linked = lstat(dir, &st) == 0 && S_ISLNK(st.st_mode);
		char *up = path_dirname(dir);
		free(dir);
		dir = up;
	}

	if (!linked)
		return 0;
	(void)err_set(err, ERR_FAIL,
		"Cannot add files inside symlinked directories to DVC. See "
		"<https://dvc.org/doc/user-guide/troubleshooting#add-symlink> for more information.");
	return err_plain(err, ERR_FAIL,
		"'%s' lies in a directory that is a symbolic link: track it where it really is",
		abs_path);
}

int out_check_place(const struct repo *repo, struct ignore *dvcignore, const char *written,
	const char *abs_path, struct err *err)
{
	const struct ignore_rule *rule;

	if (dvcfile_has_name(written))
		return err_set(err, ERR_FAIL, "DVC file '%s' cannot be an output.", written);

	if (!abs_path)
		return 0;

	if (strcmp(abs_path, repo->root) == 0 || !path_inside(abs_path, repo->root))
		return place_check(repo, abs_path, err);

	AUTO(mem_freep) char *rel = repo_relative(repo, abs_path);
	/* Rules for directories include those for files, so first ask as for a directory; only a
	 * match is worth a stat(2). */
	if (!ignore_path(dvcignore, rel, true, &rule))
		return place_check(repo, abs_path, err);
	if (file_is_regular(abs_path) && !ignore_path(dvcignore, rel, false, &rule))
		return place_check(repo, abs_path, err);

	/* built-in rules have no line */
	if (rule->line)
		return err_set(err, ERR_FAIL, "Path '%s' is ignored by %s:%d:%s", abs_path,
			rule->source, rule->line, rule->pattern);
	return err_set(err, ERR_FAIL, "Path '%s' is ignored by :%s", abs_path, rule->pattern);
}

/* Note that something could not be loaded. The error is copied and released. */
static void note_broken(struct loader *l, const char *file, const char *name, bool section,
	int code, struct err *why)
{
	struct arena *a = &l->ix->arena;
	*vec_push(&l->ix->broken) = (struct broken){.file = arena_strdup(a, file),
		.name = name ? arena_strdup(a, name) : NULL,
		.section = section,
		.code = code,
		.kind = err_kind_of(why),
		.message = arena_strdup(a, err_text(why)),
		.page = err_is_page(why),
		.hint = why->hint ? arena_strdup(a, why->hint) : NULL};
	err_release(why);
}

int broken_error(const struct broken *b, struct err *err)
{
	int code = b->page ? err_set_page(err, b->code, b->message)
			   : err_set(err, b->code, "%s", b->message);
	(void)err_kind(err, b->kind, code);
	if (b->hint)
		err_hint(err, "%s", b->hint);
	return code;
}

/* Refuse an output that contains its own pointer file: checking it out would remove the file. */
static int check_own_file(const struct loader *l, const struct out *o, struct err *err)
{
	if (!o->abs_path || !path_inside(o->stage->file, o->abs_path))
		return 0;

	AUTO(mem_freep) char *shown = out_display(l->repo, o);
	AUTO(mem_freep) char *file = repo_display(l->repo, o->stage->file);
	return err_set(err, ERR_FAIL,
		"output path '%s' is refused: it contains '%s', which names it", shown, file);
}

/* Check that no output or dependency is in a place where it must not be. */
static int check_places(struct loader *l, const struct stage *s, struct err *err)
{
	int r = 0;
	bool workspace = !l->ix->source.rev; /* an index of a revision restores nothing */

	VEC_EACH (&s->outs, o) {
		if (r >= 0)
			r = out_check_place(l->repo, l->dvcignore, o->path,
				workspace ? o->abs_path : NULL, err);
		if (r >= 0 && workspace)
			r = check_own_file(l, o, err);
	}

	VEC_EACH (&s->deps, d)
		if (r >= 0 && d->kind != DEP_REPO && dvcfile_has_name(d->path))
			r = err_set(
				err, ERR_FAIL, "DVC file '%s' cannot be a dependency.", d->path);
	return r;
}

/* Add a stage to the index, which owns it then. On failure the stage is released. */
static int add_stage(struct loader *l, struct stage *s, struct err *err)
{
	int r = check_places(l, s, err);
	if (r < 0) {
		stage_release(s);
		return r;
	}

	s->order = l->ix->stages.count;
	*vec_push(&l->ix->stages) = s;

	VEC_EACH (&s->outs, o)
		if (o->abs_path)
			map_set(&l->out_dirs, o->abs_path, o);
	return 0;
}

/* A broken section does not affect the stages of the file. */
static void load_sections(struct loader *l, struct pipeline *p)
{
	const struct {
		const char *name;
		const struct value **field;
	} sections[] = {{"metrics", &p->metrics}, {"plots", &p->plots}, {"params", &p->params},
		{"artifacts", &p->artifacts}, {"datasets", &p->datasets}};
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		AUTO(err_release) struct err err = ERR_INIT;

		struct value *v;
		int r = resolver_section(p->resolver, sections[i].name, &v, &err);
		if (r < 0)
			note_broken(l, p->file, NULL, true, r, &err);
		else
			*sections[i].field = v;
	}
}

/* Resolve one stage of a dvc.yaml and add its record from dvc.lock. */
static int load_one_stage(struct loader *l, struct pipeline *p, const char *name, struct err *err)
{
	struct value *definition;
	struct stage *s;
	int r = resolver_stage(p->resolver, name, &definition, err);

	/* (no message: the resolver has no such name) */
	if (r == ERR_NOT_FOUND && !*err_text(err)) {
		AUTO(mem_freep) char *shown = path_relative(p->file, l->repo->cwd);
		return err_kind(err, KIND_STAGE_NOT_FOUND,
			err_set(err, ERR_NOT_FOUND, "Stage '%s' not found inside '%s' file", name,
				shown));
	}

	if (r >= 0)
		r = load_stage(&l->ix->arena, l->repo->root, p->file, name, definition, &s, err);
	if (r < 0)
		return r;

	load_lock_entry(&l->ix->arena, s, value_get(value_get(p->lock, "stages"), name));
	return add_stage(l, s, err);
}

/* Collect all names first, as DVC does: a group that cannot be expanded is then the first error of
 * a file. */
static void load_pipeline_stages(struct loader *l, struct pipeline *p)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	for (size_t i = 0; i < resolver_count(p->resolver); i++) {
		AUTO(err_release) struct err err = ERR_INIT;
		int r = resolver_names(p->resolver, i, &names, &err);
		if (r < 0)
			note_broken(l, p->file, resolver_entry(p->resolver, i), false, r, &err);
	}

	for (size_t i = 0; i < names.count; i++) {
		AUTO(err_release) struct err err = ERR_INIT;
		int r = load_one_stage(l, p, names.items[i], &err);
		if (r < 0)
			note_broken(l, p->file, names.items[i], false, r, &err);
	}
}

/* Load a dvc.yaml and its dvc.lock. `rel` is relative to the root. */
static int load_pipeline(struct loader *l, const char *rel, struct err *err)
{
	struct index *ix = l->ix;
	struct pipeline *p = ARENA_NEW(&ix->arena, struct pipeline);
	AUTO(mem_freep) char *full = path_join(l->repo->root, rel);
	AUTO(mem_freep) char *dir = path_dirname(full);
	AUTO(mem_freep) char *rel_dir = path_dirname(rel);
	AUTO(mem_freep) char *shown = path_relative(full, l->repo->cwd);

	p->file = arena_strdup(&ix->arena, full);
	p->dir = arena_strdup(&ix->arena, dir);

	int r = read_document(l, rel, SCHEMA_PIPELINE, &p->document, err);
	if (r < 0)
		return r;

	/* from here on the file is known, even if its lock file or vars are broken */
	*vec_push(&ix->pipelines) = p;
	map_set(&ix->by_file, p->file, p);

	AUTO(mem_freep) char *lock = path_join(rel_dir, "dvc.lock");
	if (git_ignores(l, lock, false))
		return err_set(err, ERR_FAIL, "'%s/dvc.lock' is git-ignored.", p->dir);

	r = read_document(l, lock, SCHEMA_LOCK, &p->lock, err);
	if (r < 0)
		return r;

	struct interpolate_style style = {
		str_eq(config_str(&l->repo->config, "parsing", "bool"), "boolean_optional"),
		str_eq(config_str(&l->repo->config, "parsing", "list"), "append"),
	};

	const struct value *doc = p->document ? p->document : value_map(&ix->arena);
	r = resolver_new(&ix->arena, &ix->source, rel_dir, shown, doc, &style, &ix->warnings,
		&p->resolver, err);
	if (r < 0)
		return r;

	load_pipeline_stages(l, p);
	load_sections(l, p);
	return 0;
}

/* Load a .dvc file. */
static int load_data_file(struct loader *l, const char *rel, struct err *err)
{
	const struct value *doc;
	struct stage *s;
	AUTO(mem_freep) char *full = path_join(l->repo->root, rel);

	int r = read_document(l, rel, SCHEMA_DVC_FILE, &doc, err);
	if (r >= 0 && !doc) /* a broken symbolic link */
		r = err_set(err, ERR_FAIL, "'%s' is not a .dvc file", full);
	if (r >= 0)
		r = load_dvc_file(&l->ix->arena, l->repo->root, full, doc, &s, err);
	if (r < 0)
		return r;

	r = add_stage(l, s, err);
	if (r >= 0)
		map_set(&l->ix->by_file, s->file, s);
	return r;
}

struct walk {
	struct loader *loader;
	const char *dir;
	const struct ignore_rules *rules;
	struct strlist *subdirs;
};

/* Handle a directory entry: load a dvc.yaml or .dvc file, remember a subdirectory. */
static int visit_entry(void *ctx, const char *name, enum source_type type, struct err *err)
{
	/* the caller's err may be NULL, but the message is needed for the index */
	AUTO(err_release) struct err why = ERR_INIT;
	struct walk *w = ctx;
	(void)err;
	struct loader *l = w->loader;

	/* (".dvc" itself is DVC's directory) */
	bool is_pipeline = strcmp(name, "dvc.yaml") == 0;
	bool is_data = !is_pipeline && str_ends(name, ".dvc") && strcmp(name, ".dvc") != 0;
	if (type != SOURCE_DIR && !is_pipeline && !is_data)
		return 0;

	AUTO(mem_freep) char *rel = path_join(w->dir, name);
	if (ignore_skips(w->rules, rel, type == SOURCE_DIR))
		return 0;

	if (type == SOURCE_DIR) {
		strlist_add(w->subdirs, rel);
		return 0;
	}

	if (git_ignores(l, rel, false))
		return 0;

	int r = is_pipeline ? load_pipeline(l, rel, &why) : load_data_file(l, rel, &why);
	if (r < 0) {
		AUTO(mem_freep) char *full = path_join(l->repo->root, rel);
		note_broken(l, full, NULL, false, r, &why);
	}
	return 0;
}

/* Outputs of all files found so far are known here, because a directory's files come before its
 * subdirectories. */
static bool may_enter(struct loader *l, const char *rel)
{
	AUTO(mem_freep) char *full = path_join(l->repo->root, rel);
	return !map_has(&l->out_dirs, full) && !git_ignores(l, rel, true);
}

/* Walk a directory: its files first, then its subdirectories. */
static int walk_dir(struct loader *l, const char *dir, struct err *err)
{
	AUTO(strlist_release) struct strlist subdirs = STRLIST_INIT;
	struct walk w = {l, dir, ignore_dir(l->dvcignore, dir), &subdirs};
	int r = ignore_check(l->dvcignore, err);
	if (r >= 0)
		r = l->ix->source.list(&l->ix->source, dir, visit_entry, &w, err);

	for (size_t i = 0; r >= 0 && i < subdirs.count; i++)
		if (may_enter(l, subdirs.items[i]))
			r = walk_dir(l, subdirs.items[i], err);
	return r;
}

static void release_loader(struct loader *l)
{
	ignore_free(l->dvcignore);
	ignore_free(l->gitignore);
	free(l->below_git);
	map_release(&l->out_dirs);
}

int index_load_parts(
	struct repo *repo, const struct source *source, struct index **out, struct err *err)
{
	struct index *ix = NEW(struct index);
	ix->repo = repo;
	ix->source = *source;
	AUTO(release_loader) struct loader l = {.repo = repo, .ix = ix};

	l.dvcignore = ignore_new(IGNORE_DVC, &ix->source, NULL);
	struct source git_tree;
	/* the rules of the work tree's .gitignore files do not apply to a revision */
	if (repo->git_root && !source->rev) {
		git_tree = source_workspace(repo->git_root);
		l.gitignore = ignore_new(IGNORE_GIT, &git_tree, repo->git_root);
		AUTO(mem_freep) char *below = path_relative(repo->root, repo->git_root);
		l.below_git = mem_strdup(strcmp(below, ".") == 0 ? "" : below);
	}

	int r = walk_dir(&l, "", err);
	if (r < 0) {
		index_free(ix);
		return r;
	}
	*out = ix;
	return 0;
}

int index_check(const struct index *ix, struct err *err)
{
	const struct broken *b = ix->broken.items;
	return ix->broken.count ? broken_error(b, err) : 0;
}

int index_load(struct repo *repo, const struct source *source, struct index **out, struct err *err)
{
	struct index *ix;
	int r = index_load_parts(repo, source, &ix, err);
	if (r < 0)
		return r;

	r = index_check(ix, err);
	if (r < 0)
		index_free(ix);
	else
		*out = ix;
	return r;
}

/* (no error is possible; the result has the form of index_load()) */
int index_empty(struct repo *repo, const struct source *source, struct index **out)
{
	*out = NEW(struct index);
	(*out)->repo = repo;
	(*out)->source = *source;
	return 0;
}

void index_free(struct index *ix)
{
	if (!ix)
		return;
	VEC_EACH (&ix->stages, s)
		stage_release(*s);
	VEC_EACH (&ix->pipelines, p)
		resolver_release((*p)->resolver);
	vec_release(&ix->stages);
	vec_release(&ix->pipelines);
	vec_release(&ix->broken);
	map_release(&ix->by_file);
	strlist_release(&ix->warnings);
	arena_release(&ix->arena);
	free(ix);
}

int repo_index_parts(struct repo *repo, struct index **out, struct err *err)
{
	if (!repo->index) {
		struct source source = source_workspace(repo->root);
		int r = index_load_parts(repo, &source, &repo->index, err);
		if (r < 0)
			return r;
		/* repo_close() frees the index through this, as repo.c cannot call up into this
		 * file */
		repo->close_index = repo_index_reset;
	}
	*out = repo->index;
	return 0;
}

int repo_index(struct repo *repo, struct index **out, struct err *err)
{
	int r = repo_index_parts(repo, out, err);
	return r < 0 ? r : index_check(*out, err);
}

void repo_index_reset(struct repo *repo)
{
	index_free(repo->index);
	repo->index = NULL;
}

struct ignore *repo_ignore(struct repo *repo)
{
	if (!repo->ignore) {
		struct source *source = ARENA_NEW(&repo->arena, struct source);
		*source = source_workspace(repo->root);
		repo->ignore = ignore_new(IGNORE_DVC, source, NULL);
	}
	return repo->ignore;
}

struct out *index_find_out(const struct index *ix, const char *abs_path)
{
	VEC_EACH (&ix->stages, s)
		VEC_EACH (&(*s)->outs, o)
			if (o->abs_path && path_inside(abs_path, o->abs_path))
				return o;
	return NULL;
}

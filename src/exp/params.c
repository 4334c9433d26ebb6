/* Parameters of experiments: plain editing, or composition with Hydra's settings of the
 * repository. */
#include "exp/params.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/progress.h"
#include "base/str.h"
#include "hydra/compose.h"

#define PARAMS_FILE "params.yaml"

void exp_params_release(struct exp_params *p)
{
	strlist_release(&p->warned);
}

static bool has_file(const struct overrides *o, const char *path)
{
	VEC_EACH (&o->files, f)
		if (str_eq(f->path, path))
			return true;
	return false;
}

int exp_params_init(struct exp_params *p, struct exp *x, const struct strlist *set_params,
	bool no_hydra, const struct progress *progress, struct overrides *out, struct err *err)
{
	*p = (struct exp_params){.x = x, .progress = progress};
	p->compose = !no_hydra && config_bool(&x->repo->config, "hydra", "enabled", false);

	overrides_collect(set_params, out);
	int sweep = overrides_are_sweep(out, err);
	if (sweep >= 0 && p->compose && !has_file(out, PARAMS_FILE))
		vec_push(&out->files)->path = mem_strdup(PARAMS_FILE);
	return sweep;
}

/* ---- Hydra */

static const char *setting(const struct exp_params *p, const char *key, const char *fallback)
{
	const char *s = config_str(&p->x->repo->config, "hydra", key);
	return s ? s : fallback;
}

/* The directory of a Python package below `root`, NULL when it is none. Heap string. */
static char *package_dir(const char *root, const char *module)
{
	AUTO(mem_freep) char *name = mem_strdup(module);
	for (char *c = name; *c; c++)
		if (*c == '.')
			*c = '/';
	AUTO(mem_freep) char *absolute = path_absolute(root);
	AUTO(mem_freep) char *joined = path_join(absolute, name);
	AUTO(mem_freep) char *init = path_join(joined, "__init__.py");
	return *name && file_is_regular(init) ? path_normalize(joined) : NULL;
}

/* Where Python would find the module: in $PYTHONPATH, and here also in the repository. */
static char *find_module(const struct exp_params *p, const char *module)
{
	const char *path = getenv("PYTHONPATH");
	AUTO(strlist_release) struct strlist roots = STRLIST_INIT;
	if (path)
		strlist_split(&roots, path, ':');
	strlist_add(&roots, p->x->repo->root);
	for (size_t i = 0; i < roots.count; i++) {
		char *dir = *roots.items[i] ? package_dir(roots.items[i], module) : NULL;
		if (dir)
			return dir;
	}
	return NULL;
}

/* The directory of the configuration, and how errors show it. Both are heap strings. */
static int find_config(const struct exp_params *p, char **dir, char **shown, struct err *err)
{
	const char *module = setting(p, "config_module", NULL);
	if (module) {
		*dir = find_module(p, module);
		*shown = mem_printf("pkg://%s", module);
		return *dir ? 0
			    : err_set(err, ERR_VALUE,
				      "Primary config module '%s' not found.\n"
				      "Check that it's correct and contains an __init__.py file",
				      module);
	}
	AUTO(mem_freep) char *joined = path_join(
		p->x->repo->root, setting(p, "config_dir", "conf"));
	*dir = path_normalize(joined);
	*shown = mem_printf("file://%s", joined);
	return 0;
}

/* Plugins are Python code, which does not run here. */
static int refuse_plugins(const struct exp_params *p, struct err *err)
{
	const char *path = setting(p, "plugins_path", "");
	AUTO(mem_freep) char *dir = path_join(p->x->repo->root, path);
	AUTO(mem_freep) char *plugins = path_join(dir, "hydra_plugins");
	if (!file_is_dir(plugins))
		return 0;
	return err_set(err, ERR_UNSUPPORTED,
		"'%s' has plugins of Hydra, which are Python code and cannot be used here",
		plugins);
}

static void warn_once(struct exp_params *p, const struct strlist *warnings)
{
	for (size_t i = 0; i < warnings->count; i++) {
		if (strlist_has(&p->warned, warnings->items[i]))
			continue;
		strlist_add(&p->warned, warnings->items[i]);
		progress_warn(p->progress, "%s", warnings->items[i]);
	}
}

static int compose(
	struct exp_params *p, const struct strlist *overrides, struct buf *text, struct err *err)
{
	AUTO(mem_freep) char *dir = NULL;
	AUTO(mem_freep) char *shown = NULL;
	AUTO(strlist_release) struct strlist warnings = STRLIST_INIT;
	int r = refuse_plugins(p, err);

	if (r == 0)
		r = find_config(p, &dir, &shown, err);
	if (r < 0)
		return r;
	const struct hydra_request request = {.dir = dir,
		.shown = shown,
		.config_name = setting(p, "config_name", "config"),
		.cwd = p->x->repo->cwd,
		.overrides = overrides};
	buf_clear(text);
	r = hydra_compose(&request, text, &warnings, err);
	warn_once(p, &warnings);
	return r;
}

/* ---- files */

int exp_params_edit(
	struct exp_params *p, const struct override_file *f, struct buf *text, struct err *err)
{
	if (p->compose && str_eq(f->path, PARAMS_FILE))
		return compose(p, &f->items, text, err);
	return overrides_apply_text(f->path, &f->items, text, err);
}

/* Compute the new text of one file. */
static int new_text(
	struct exp_params *p, const struct override_file *f, struct buf *out, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(p->x->repo->cwd, f->path);
	AUTO(err_release) struct err missing = ERR_INIT;
	int r = file_read(path, out, &missing);
	if (r < 0 && r != ERR_NOT_FOUND)
		return err_move(err, &missing);
	return exp_params_edit(p, f, out, err);
}

int exp_params_apply(struct exp_params *p, const struct overrides *o, struct err *err)
{
	VEC(struct buf) texts = {0};
	int r = 0;
	/* compute all texts before any file is written, so that an error in one leaves all files as
	 * they are */
	for (size_t i = 0; r >= 0 && i < o->files.count; i++)
		r = new_text(p, &o->files.items[i], vec_push(&texts), err);

	for (size_t i = 0; r >= 0 && i < texts.count; i++) {
		AUTO(mem_freep) char *path = path_join(p->x->repo->cwd, o->files.items[i].path);
		r = file_write(
			path, buf_str(&texts.items[i]), texts.items[i].len, FILE_KEEP_MODE, err);
	}

	VEC_EACH (&texts, t)
		buf_release(t);
	vec_release(&texts);
	return MIN(r, 0);
}

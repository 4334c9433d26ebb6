#include "ops/install.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "scm/git.h"
#include "scm/worktree.h"
#include "text/edit.h"
#include "text/yaml.h"

static const char *const hooks[] = {"post-checkout", "pre-commit", "pre-push", "post-merge"};
enum { HOOKS_OF_DVC = 3 }; /* the first three are those that DVC installs */

/* A path in the Git directory. Git is asked, since work trees, submodules and core.hooksPath have
 * their hooks elsewhere. Heap string. */
static int git_path(struct repo *repo, const char *name, char **out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = git_runl(repo->git_root, &text, err, "rev-parse", "--git-path", name, (char *)NULL);
	buf_rtrim(&text);
	if (r >= 0)
		*out = path_join(repo->git_root, buf_str(&text));
	return r;
}

/* The shell for the hooks, as Python's shutil.which("sh") finds it. Heap string. */
static char *find_shell(void)
{
	AUTO(strlist_release) struct strlist dirs = STRLIST_INIT;
	const char *path = getenv("PATH");
	strlist_split(&dirs, path ? path : "", ':');
	for (size_t i = 0; i < dirs.count; i++) {
		AUTO(mem_freep) char *file = path_join(dirs.items[i], "sh");
		if (*dirs.items[i] && file_is_regular(file))
			return TAKE(file);
	}
	return mem_strdup("/bin/sh");
}

/* The text of a hook. If the program is not installed, the hook warns and succeeds: the same
 * directory may be used on another machine, where Git must go on working. Heap string. */
static char *hook_text(const char *shell, const char *program, const char *hook)
{
	return mem_printf("#!%s\n"
			  "if ! command -v %s >/dev/null; then\n"
			  "\techo \"WARNING: '%s' is not on PATH, the %s hook does nothing\" >&2\n"
			  "\texit 0\n"
			  "fi\n"
			  "exec %s git-hook %s $@\n",
		shell, program, program, hook, program, hook);
}

/* Write the hooks. An existing hook is never overwritten: one of DVC's three is a failure, as in
 * DVC, before anything is written; post-merge, which DVC does not install, is only a warning. */
static int install_hooks(
	struct repo *repo, const char *program, const struct progress *progress, struct err *err)
{
	enum { HOOK_MODE = 0777 };
	AUTO(mem_freep) char *dir = NULL;
	AUTO(mem_freep) char *shell = find_shell();
	int r = git_path(repo, "hooks", &dir, err);

	for (size_t i = 0; i < HOOKS_OF_DVC && r >= 0; i++) {
		AUTO(mem_freep) char *file = path_join(dir, hooks[i]);
		if (file_exists(file)) {
			(void)err_set(err, ERR_EXISTS,
				"Hook '%s' already exists. Please refer to <https://man.dvc.org/install> for more info.",
				hooks[i]);
			return err_plain(err, ERR_EXISTS,
				"the hook '%s' already exists; move it away, or call `dvc git-hook %s \"$@\"` in it",
				file, hooks[i]);
		}
	}

	if (r >= 0)
		r = file_mkdirs(dir, err);

	for (size_t i = 0; i < ARRAY_SIZE(hooks) && r >= 0; i++) {
		AUTO(mem_freep) char *file = path_join(dir, hooks[i]);
		AUTO(mem_freep) char *text = hook_text(shell, program, hooks[i]);
		if (file_exists(file)) {
			progress_warn(progress,
				"There is a %s hook already: call `%s git-hook %s` in it.",
				hooks[i], program, hooks[i]);
			continue;
		}
		r = file_write(file, text, strlen(text), 0, err);
		if (r >= 0 && chmod(file, HOOK_MODE) < 0)
			r = err_errno(err, "unable to make '%s' executable", file);
	}

	return MIN(r, 0);
}

/* ---- merge drivers */

/* Configure one merge driver in .git/config. */
static int set_driver(struct repo *repo, const char *name, const char *description,
	const char *driver, struct err *err)
{
	AUTO(mem_freep) char *name_key = mem_printf("merge.%s.name", name);
	AUTO(mem_freep) char *driver_key = mem_printf("merge.%s.driver", name);
	int r = git_runl(repo->git_root, NULL, err, "config", name_key, description, (char *)NULL);
	return r < 0 ? r
		     : git_runl(repo->git_root, NULL, err, "config", driver_key, driver,
			       (char *)NULL);
}

/* Assign the drivers in .git/info/attributes. That file belongs to this clone alone, as the
 * configuration of the drivers does; a .gitattributes would reach clones without them. */
static int set_attributes(struct repo *repo, struct err *err)
{
	static const char *const lines[] = {"dvc.lock merge=cairn-lock\n", "*.dvc merge=dvc\n"};
	AUTO(mem_freep) char *file = NULL;
	AUTO(buf_release) struct buf text = BUF_INIT;

	int r = git_path(repo, "info/attributes", &file, err);
	if (r < 0)
		return r;

	r = file_read(file, &text, err);

	if (r == ERR_NOT_FOUND) {
		err_release(err);
		r = file_mkdirs_for(file, err);
	}

	if (r < 0)
		return r;

	const size_t before = text.len;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (strstr(buf_str(&text), lines[i]))
			continue;
		if (text.len && text.ptr[text.len - 1] != '\n')
			buf_addc(&text, '\n');
		buf_adds(&text, lines[i]);
	}

	return text.len == before ? 0 : file_write(file, text.ptr, text.len, FILE_KEEP_MODE, err);
}

static int install_drivers(struct repo *repo, const char *program, struct err *err)
{
	AUTO(mem_freep) char *dvc = mem_printf(
		"%s git-hook merge-driver --ancestor %%O --our %%A --their %%B ", program);
	/* "|| exit 1": if the program of this name is DVC, which has no such driver, Git sees an
	 * ordinary conflict */
	AUTO(mem_freep) char *lock = mem_printf(
		"%s git-hook merge-lock --ancestor %%O --our %%A --their %%B --path %%P || exit 1",
		program);
	int r = set_driver(repo, "dvc", "DVC merge driver", dvc, err);
	if (r >= 0)
		r = set_driver(repo, "cairn-lock", "merge driver for dvc.lock", lock, err);
	return r < 0 ? r : set_attributes(repo, err);
}

/* ---- the pre-commit framework */

/* One hook in the form that DVC writes into .pre-commit-config.yaml. */
static struct value *framework_hook(struct arena *a, const char *name)
{
	struct value *hook = value_map(a), *deps = value_list(a), *stages = value_list(a);
	AUTO(mem_freep) char *id = mem_printf("dvc-%s", name);
	value_set(a, hook, "id", value_string(a, id));
	value_append(a, deps, value_string(a, ".[all]"));
	value_set(a, hook, "additional_dependencies", deps);
	value_set(a, hook, "language_version", value_string(a, "python3"));
	value_append(a, stages, value_string(a, name));
	value_set(a, hook, "stages", stages);
	if (strcmp(name, "post-checkout") == 0)
		value_set(a, hook, "always_run", value_bool(a, true));
	return hook;
}

/* The entry of .pre-commit-config.yaml that DVC writes. The framework installs DVC from there, and
 * DVC reads the same repository. */
static struct value *framework_entry(struct arena *a)
{
	static const char *const order[] = {"pre-commit", "pre-push", "post-checkout"};
	struct value *entry = value_map(a), *list = value_list(a);
	value_set(a, entry, "repo", value_string(a, "https://github.com/treeverse/dvc"));
	value_set(a, entry, "rev", value_string(a, "3.67.1"));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		value_append(a, list, framework_hook(a, order[i]));
	value_set(a, entry, "hooks", list);
	return entry;
}

static bool has_entry(const struct value *repos, const struct value *entry)
{
	for (size_t i = 0; i < value_count(repos); i++) {
		if (value_equal(repos->list.items[i].value, entry))
			return true;
	}
	return false;
}

/* Add the entry to .pre-commit-config.yaml, unless it is there. An existing file is edited, so that
 * its comments stay. */
static int install_framework(struct repo *repo, struct err *err)
{
	static const char name[] = ".pre-commit-config.yaml";
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *file = path_join(repo->git_root, name);
	struct value *doc = NULL, *entry = framework_entry(&a);

	int r = file_read(file, &text, err);
	bool fresh = r == ERR_NOT_FOUND;
	if (fresh)
		err_release(err);
	else if (r >= 0)
		r = yaml_parse(&a, name, buf_str(&text), text.len, &doc, err);
	if (r < 0 && !fresh)
		return r;

	struct value *want = value_is(doc, VALUE_MAP) ? value_copy(&a, doc) : value_map(&a);
	struct value *repos = value_get(want, "repos");
	if (!value_is(repos, VALUE_LIST))
		value_set(&a, want, "repos", repos = value_list(&a));
	if (has_entry(repos, entry))
		return 0;

	value_append(&a, repos, entry);

	if (value_is(doc, VALUE_MAP)) {
		r = edit_text(EDIT_YAML, name, &text, want, err);
	} else {
		buf_clear(&text);
		yaml_emit(&text, want);
		r = 0;
	}

	return r < 0 ? r : file_write(file, text.ptr, text.len, FILE_KEEP_MODE, err);
}

int ops_install(struct repo *repo, const struct install_opts *opts, struct err *err)
{
	if (!repo->git_root)
		return 0;
	int r = install_drivers(repo, opts->program, err);
	if (r < 0)
		return r;
	return opts->pre_commit_tool ? install_framework(repo, err)
				     : install_hooks(repo, opts->program, opts->progress, err);
}

/* Collects the words of each kind from the repository, Git and the configuration. It runs at each
 * press of the completion key, so it reads as little as possible. */
#include "cmd/words.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "exec/profile.h"
#include "exp/queue.h"
#include "project/config_keys.h"
#include "project/index.h"
#include "project/params.h"
#include "scm/expref.h"
#include "scm/head.h"
#include "scm/ref.h"
#include "text/flatten.h"
#include "view/templates.h"

void words_release(struct words *w)
{
	VEC_EACH (&w->list, word) {
		free(word->text);
		free(word->help);
	}
	vec_release(&w->list);
}

void words_add(struct words *w, const char *text, const char *help)
{
	*vec_push(&w->list) = (struct word){mem_strdup(text), help ? mem_strdup(help) : NULL};
}

/* ---- stages and outputs */

static void add_stages(struct words *w, struct repo *repo, bool data_too)
{
	struct index *ix;
	if (repo_index_parts(repo, &ix, NULL) < 0)
		return;

	VEC_EACH (&ix->stages, at) {
		const struct stage *s = *at;
		AUTO(mem_freep) char *name = stage_addressing(s, repo->cwd);
		if (data_too || s->name || stage_is_import(s))
			words_add(w, name, s->desc ? s->desc : s->name ? "stage" : ".dvc file");
		for (size_t i = 0; data_too && i < s->outs.count; i++) {
			const struct out *o = &s->outs.items[i];
			AUTO(mem_freep) char *shown = out_display(repo, o);
			words_add(w, shown, o->desc ? o->desc : "output");
		}
	}
}

/* ---- names in Git */

static int add_ref(void *ctx, const char *name, const struct scm_id *id, struct err *err)
{
	(void)id;
	(void)err;
	strlist_add(ctx, name);
	return 0;
}

/* List refs by prefix. They are read from Git's files; libgit2 is the fallback, since opening it
 * costs more than everything else here. */
static void refs_below(const struct repo *repo, const char *prefix, struct strlist *out)
{
	struct scm *scm = NULL;
	if (scm_refs_peek(repo->git_root, prefix, out) || scm_open(&scm, repo->git_root, NULL) < 0)
		return;
	(void)scm_refs_each(scm, prefix, add_ref, out, NULL);
	scm_free(scm);
}

static void add_refs(struct words *w, const struct repo *repo, const char *prefix, const char *help)
{
	AUTO(strlist_release) struct strlist refs = STRLIST_INIT;
	refs_below(repo, prefix, &refs);
	for (size_t i = 0; i < refs.count; i++)
		words_add(w, refs.items[i] + strlen(prefix), help);
}

static void add_git_remotes(struct words *w, const struct repo *repo)
{
	AUTO(strlist_release) struct strlist refs = STRLIST_INIT;
	const char *before = NULL;
	refs_below(repo, "refs/remotes/", &refs);
	for (size_t i = 0; i < refs.count; i++) {
		char *name = refs.items[i] + strlen("refs/remotes/");
		name[strcspn(name, "/")] = '\0';
		if (!before || strcmp(before, name) != 0)
			words_add(w, name, "Git remote");
		before = name;
	}
}

static void add_experiments(struct words *w, const struct repo *repo)
{
	AUTO(strlist_release) struct strlist refs = STRLIST_INIT;
	refs_below(repo, "refs/exps/", &refs);
	for (size_t i = 0; i < refs.count; i++) {
		AUTO(expref_release) struct expref e = {0};
		if (expref_parse(refs.items[i], &e) && *e.name)
			words_add(w, e.name, "experiment");
	}
}

static void add_tasks(struct words *w, struct repo *repo)
{
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	if (exp_open(&x, repo, NULL) < 0 || queue_load(&x, &entries, NULL) < 0)
		return;
	VEC_EACH (&entries, e)
		words_add(w, e->name, queue_state_name(e->state));
}

static void add_from_git(struct words *w, const struct repo *repo, enum word_kind kind)
{
	if (!repo->git_root)
		return;
	if (kind == WORD_GIT_REMOTE)
		add_git_remotes(w, repo);
	if (kind == WORD_REV) {
		words_add(w, "HEAD", "the current commit");
		add_refs(w, repo, "refs/heads/", "branch");
		add_refs(w, repo, "refs/tags/", "tag");
	}
	if (kind == WORD_REV || kind == WORD_EXPERIMENT)
		add_experiments(w, repo);
}

/* ---- configuration */

static void add_remotes(struct words *w, const struct repo *repo)
{
	const struct value *remotes = value_get(repo->config.merged, "remote");
	for (size_t i = 0; i < value_count(remotes); i++) {
		const struct value_item *it = &remotes->list.items[i];
		words_add(w, it->key, value_get_str(it->value, "url"));
	}
}

static void add_remote_keys(
	struct words *w, const struct repo *repo, const char *remote, const char *prefix)
{
	const struct value *map = repo && remote ? config_remote(&repo->config, remote) : NULL;
	AUTO(mem_freep) char *section = config_remote_section(value_get_str(map, "url"));
	for (const struct config_key *k = config_keys; k->section; k++)
		if (!k->deprecated &&
			(strcmp(k->section, "remote:*") == 0 || strcmp(k->section, section) == 0)) {
			AUTO(mem_freep) char *text = mem_printf("%s%s", prefix, k->name);
			words_add(w, text, k->help);
		}
}

static void add_config_keys(struct words *w, const struct repo *repo)
{
	for (const struct config_key *k = config_keys; k->section; k++)
		if (!k->deprecated && !strchr(k->section, ':')) {
			AUTO(mem_freep) char *text = mem_printf("%s.%s", k->section, k->name);
			words_add(w, text, k->help);
		}
	const struct value *remotes = repo ? value_get(repo->config.merged, "remote") : NULL;
	for (size_t i = 0; i < value_count(remotes); i++) {
		const char *name = remotes->list.items[i].key;
		AUTO(mem_freep) char *prefix = mem_printf("remote.%s.", name);
		add_remote_keys(w, repo, name, prefix);
	}
}

/* ---- executors */

static void add_executors(struct words *w, struct repo *repo)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	if (profile_names(repo, &names, NULL) == 0)
		for (size_t i = 0; i < names.count; i++)
			words_add(w, names.items[i], "executor");
	words_add(w, "local", "this machine");
}

/* ---- parameters */

/* Add the dotted keys of one parameter file, each after `prefix`. */
static void add_keys_of(
	struct words *w, const struct repo *repo, const char *file, const char *prefix)
{
	struct arena arena = ARENA_INIT;
	struct source source = source_workspace(repo->root);
	struct value *root;
	if (params_load(&source, &arena, file, &root, NULL) >= 0 && value_is(root, VALUE_MAP)) {
		const struct value *flat = flatten(&arena, root);
		for (size_t i = 0; i < value_count(flat); i++) {
			AUTO(mem_freep) char *text = mem_printf(
				"%s%s", prefix, flat->list.items[i].key);
			words_add(w, text, NULL);
		}
	}
	arena_release(&arena);
}

/* Add "file:" for each parameter file that a stage names. */
static void add_param_files(struct words *w, struct repo *repo)
{
	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	struct index *ix;
	if (repo_index_parts(repo, &ix, NULL) < 0)
		return;

	VEC_EACH (&ix->stages, s)
		VEC_EACH (&(*s)->deps, d)
			if (d->kind == DEP_PARAMS && d->abs_path) {
				AUTO(mem_freep) char *file = repo_relative(repo, d->abs_path);
				if (strcmp(file, "params.yaml") != 0)
					strlist_addf(&files, "%s:", file);
			}

	strlist_sort(&files);
	strlist_uniq(&files);
	for (size_t i = 0; i < files.count; i++)
		words_add(w, files.items[i], "file of parameters");
}

/* Add parameters: after "file:" those of that file, otherwise those of params.yaml and the names of
 * other files. */
static void add_params(struct words *w, struct repo *repo, const char *typed)
{
	const char *colon = typed ? strchr(typed, ':') : NULL;
	if (colon) {
		AUTO(mem_freep) char *file = mem_strndup(typed, (size_t)(colon - typed));
		AUTO(mem_freep) char *prefix = mem_printf("%s:", file);
		add_keys_of(w, repo, file, prefix);
		return;
	}
	add_keys_of(w, repo, "params.yaml", "");
	add_param_files(w, repo);
}

/* ---- templates of plots */

/* The built-in ones; those of the project, which are files in .dvc/plots/, win. */
static void add_templates(struct words *w, const struct repo *repo)
{
	AUTO(mem_freep) char *dir = repo ? path_join(repo->dvc_dir, "plots") : NULL;
	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	for (size_t i = 0; template_name(i); i++)
		words_add(w, template_name(i), "built-in template");
	if (!dir || file_list(dir, &files, NULL) < 0)
		return;
	for (size_t i = 0; i < files.count; i++) {
		AUTO(mem_freep) char *name = mem_strdup(files.items[i]);
		size_t len = strlen(name);
		if (len > 5 && str_eq(name + len - 5, ".json"))
			name[len - 5] = '\0';
		if (!template_builtin(name, &len))
			words_add(w, name, "template");
	}
}

void words_collect(struct words *w, struct repo *repo, enum word_kind kind, const char *beside)
{
	if (kind == WORD_CONFIG_KEY)
		add_config_keys(w, repo);
	else if (kind == WORD_REMOTE_KEY)
		add_remote_keys(w, repo, beside, "");
	else if (kind == WORD_TEMPLATE)
		add_templates(w, repo);
	if (!repo)
		return;

	switch (kind) {
	case WORD_TARGET:
	case WORD_STAGE:
		add_stages(w, repo, kind == WORD_TARGET);
		break;
	case WORD_EXPERIMENT:
	case WORD_REV:
	case WORD_GIT_REMOTE:
		add_from_git(w, repo, kind);
		break;
	case WORD_TASK:
		add_tasks(w, repo);
		break;
	case WORD_REMOTE:
		add_remotes(w, repo);
		break;
	case WORD_EXECUTOR:
		add_executors(w, repo);
		break;
	case WORD_PARAM:
		add_params(w, repo, beside);
		break;
	default:
		break;
	}
}

bool words_begin(const struct words *w, const char *prefix)
{
	VEC_EACH (&w->list, word)
		if (str_starts(word->text, prefix))
			return true;
	return false;
}

const char *words_nearest(const struct words *w, const char *wrong)
{
	struct str_nearest n = {.wanted = wrong};
	VEC_EACH (&w->list, word)
		str_nearest_try(&n, word->text);
	return n.found;
}

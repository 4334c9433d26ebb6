/* Hydra's own settings. */
#include "hydra/own_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

/* A class of settings: the path of a dict, its class, and its keys. Dicts that may have any key,
 * and those of plugins, are not here. */
static const struct settings {
	const char *path, *class, *keys;
} settings[] = {
	{"hydra", "HydraConf",
		" mode searchpath run sweep hydra_logging job_logging sweeper launcher callbacks "
		"help hydra_help output_subdir overrides job runtime verbose "},
	{"hydra.run", "RunDir", " dir "},
	{"hydra.sweep", "SweepDir", " dir subdir "},
	{"hydra.help", "HelpConf", " app_name header footer template "},
	{"hydra.hydra_help", "HydraHelpConf", " hydra_help template "},
	{"hydra.overrides", "OverridesConf", " hydra task "},
	{"hydra.job", "JobConf",
		" name chdir override_dirname id num config_name env_set env_copy config "},
	{"hydra.job.config", "JobConfig", " override_dirname "},
	{"hydra.job.config.override_dirname", "OverrideDirname", " kv_sep item_sep exclude_keys "},
	{"hydra.runtime", "RuntimeConf",
		" version version_base cwd config_sources output_dir choices "},
};

bool own_keys_is_one(const char *key)
{
	return str_eq(key, "hydra") || str_starts(key, "hydra.");
}

static const struct settings *find(const char *path, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (strlen(settings[i].path) == len && strncmp(settings[i].path, path, len) == 0)
			return &settings[i];
	return NULL;
}

static bool has_key(const struct settings *s, const char *key, size_t len)
{
	AUTO(mem_freep) char *word = mem_printf(" %.*s ", (int)len, key);
	return strstr(s->keys, word) != NULL;
}

/* "Key 'x' not in 'RunDir'" and what OmegaConf adds. */
static void add_unknown(struct buf *out, const struct settings *s, const char *key, size_t len)
{
	buf_addf(out, "Key '%.*s' not in '%s'\n    full_key: %s.%.*s", (int)len, key, s->class,
		s->path, (int)len, key);
	if (s != settings)
		buf_addf(out, "\n    reference_type=%s", s->class);
	buf_addf(out, "\n    object_type=%s", s->class);
}

static int check_dict(
	const struct node *dict, const char *path, const char *config_path, struct err *err)
{
	const struct settings *s = find(path, strlen(path));
	for (size_t i = 0; s && dict->kind == NODE_DICT && i < dict->count; i++) {
		const struct node *child = dict->items[i];
		AUTO(buf_release) struct buf text = BUF_INIT;
		if (!has_key(s, child->key, child->key_len)) {
			add_unknown(&text, s, child->key, child->key_len);
			return err_set(err, ERR_VALUE,
				"In '%s': ConfigKeyError raised while composing config:\n%s",
				config_path, buf_str(&text));
		}
		buf_addf(&text, "%s.%s", path, child->key);
		int r = check_dict(child, buf_str(&text), config_path, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int own_keys_check(const struct node *root, const char *config_path, struct err *err)
{
	const struct node *hydra = root->kind == NODE_DICT ? node_get(root, "hydra") : NULL;
	if (hydra && hydra->kind == NODE_SCALAR && !node_is_missing(hydra) &&
		!node_is_interpolation(hydra))
		return err_set(err, ERR_VALUE,
			"In '%s': ValidationError raised while composing config:\nMerge error: %s "
			"is not a subclass of HydraConf.",
			config_path, value_type_name(hydra->scalar));
	return hydra ? check_dict(hydra, "hydra", config_path, err) : 0;
}

int own_keys_check_override(const struct override *o, struct err *err)
{
	/* a plus makes any key */
	for (const char *dot = strchr(o->key, '.'); dot && o->type == OVERRIDE_CHANGE;
		dot = strchr(dot + 1, '.')) {
		const struct settings *s = find(o->key, (size_t)(dot - o->key));
		size_t len = strcspn(dot + 1, ".");
		AUTO(buf_release) struct buf text = BUF_INIT;
		if (!s || has_key(s, dot + 1, len))
			continue;
		add_unknown(&text, s, dot + 1, len);
		return err_set(err, ERR_VALUE,
			"Could not override '%s'.\nTo append to your config use +%s: %s", o->key,
			o->input, buf_str(&text));
	}
	return 0;
}

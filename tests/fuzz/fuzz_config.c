/*
 * The loader of .dvc/config. Input: the file of a repository, then (each behind a NUL) that of
 * another level and the configuration of an import, in YAML. The loaded configuration is a map of
 * maps; it is merged, queried for every kind of value, and changed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/strlist.h"
#include "project/config.h"
#include "project/config_keys.h"
#include "text/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const named[] = {"remote", "machine", "db"};

static void check_shape(const struct value *level)
{
	for (size_t i = 0; i < value_count(level); i++)
		if (!value_is(level->list.items[i].value, VALUE_MAP))
			abort();
	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		const struct value *all = value_get(level, named[i]);
		for (size_t j = 0; j < value_count(all); j++)
			if (!value_is(all->list.items[j].value, VALUE_MAP))
				abort();
	}
}

static int load(struct config *c, const char *text, size_t len)
{
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(buf_release) struct buf copy = BUF_INIT;
	buf_add(&copy, text, len);
	int r = config_load_text(c, "/nowhere/.dvc", &copy, &err);
	if (r >= 0)
		check_shape(c->levels[CONFIG_REPO]);
	return r;
}

static void ask(const struct config *c)
{
	for (const struct config_key *k = config_keys; k->section; k++) {
		AUTO(strlist_release) struct strlist words = STRLIST_INIT;
		config_words(c, k->section, k->name, &words);
		(void)config_int(c, k->section, k->name, 0);
		(void)config_bool(c, k->section, k->name, false);
	}
	const struct value *remotes = value_get(c->merged, "remote");
	for (size_t i = 0; value_is(remotes, VALUE_MAP) && i < value_count(remotes); i++)
		(void)value_get_str(config_remote(c, remotes->list.items[i].key), "url");
	free(config_unknown_features(c->merged));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(config_release) struct config c = CONFIG_INIT, other = CONFIG_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	const char *part[3], *p = (const char *)data, *end = p + size;
	size_t len[3] = {0};
	struct value *import;
	(void)setenv("DVC_SYSTEM_CONFIG_DIR", "/nowhere", 1);
	(void)setenv("DVC_GLOBAL_CONFIG_DIR", "/nowhere", 1);
	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		const char *nul = p < end ? memchr(p, 0, (size_t)(end - p)) : NULL;
		part[i] = p;
		len[i] = p < end ? (size_t)((nul ? nul : end) - p) : 0;
		p = nul ? nul + 1 : end;
	}
	if (load(&c, part[0], len[0]) < 0)
		return 0;
	if (load(&other, part[1], len[1]) >= 0)
		config_overlay(&c, other.merged);
	if (yaml_parse(&other.arena, "x", part[2], len[2], &import, &err) >= 0 &&
		value_is(import, VALUE_MAP))
		config_overlay(&c, import);
	ask(&c);
	config_set(&c, CONFIG_REPO, "core", NULL, "remote", "x");
	config_set(&c, CONFIG_REPO, "remote", "x", "url", "y");
	config_remove_named(&c, CONFIG_REPO, "remote", "x");
	check_shape(c.levels[CONFIG_REPO]);
	return 0;
}

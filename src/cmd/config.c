/* `config`. */
#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/level.h"
#include "project/config_keys.h"
#include "ui/say.h"

struct config_opts {
	const char *level;
	bool unset, list, show_origin;
	const char *name, *value;
};

/* "remote.name.option", "db.name.option" or "section.option", lower-cased. */
struct key {
	char *top; /* "remote", "db" or NULL */
	char *section, *option;
};

static void key_release(struct key *k)
{
	free(k->top);
	free(k->section);
	free(k->option);
}

static int key_parse(struct key *k, const char *name, struct err *err)
{
	AUTO(strlist_release) struct strlist parts = STRLIST_INIT;
	strlist_split(&parts, name, '.');
	bool named = parts.count == 3 &&
		     (str_eq(parts.items[0], "remote") || str_eq(parts.items[0], "db"));
	if (!named && parts.count != 2)
		return err_set(err, ERR_USAGE,
			"argument name: name argument should look like remote.name.option or db.name.option or section.option");
	if (named)
		k->top = mem_strdup(parts.items[0]);
	k->section = str_lower(parts.items[parts.count - 2]);
	k->option = str_lower(parts.items[parts.count - 1]);
	return 0;
}

/* Does DVC know the section? A known section exists even if no file has it. */
static bool is_known_section(const char *name)
{
	for (const struct config_key *key = config_keys; key->section; key++) {
		if (str_eq(key->section, name))
			return true;
	}
	return str_eq(name, "remote") || str_eq(name, "db");
}

/* Find the value of a key. A missing section and a missing option have different messages. */
static int find_value(
	const struct value *conf, const struct key *k, const struct value **out, struct err *err)
{
	const struct value *sections = k->top ? value_get(conf, k->top) : conf;
	const struct value *section = value_get(sections, k->section);
	if (!section && (k->top || !is_known_section(k->section)))
		return err_set(err, ERR_CONFIG, "%s '%s' doesn't exist",
			k->top ? k->top : "section", k->section);
	*out = value_get(section, k->option);
	if (!*out)
		return err_set(err, ERR_CONFIG, "option '%s' doesn't exist in %s '%s'", k->option,
			k->top ? k->top : "section", k->section);
	return 0;
}

/* The file of a level as --show-origin shows it: relative to the root, if it belongs to the
 * project. Heap string. */
static char *origin(const struct config *c, enum config_level level, const char *root)
{
	if (level < CONFIG_REPO || !root)
		return mem_strdup(c->files[level]);
	return path_relative(c->files[level], root);
}

/* Append key=value lines for a value, with dotted keys for nested maps. */
static void add_lines(struct buf *out, const char *prefix, const char *key, const struct value *v)
{
	if (!value_is(v, VALUE_MAP)) {
		buf_adds(out, prefix);
		buf_adds(out, key);
		buf_addc(out, '=');
		value_add_str(out, v);
		buf_addc(out, '\n');
		return;
	}

	for (size_t i = 0; i < value_count(v); i++) {
		AUTO(mem_freep) char *below = *key ? mem_printf("%s.%s", key, v->list.items[i].key)
						   : mem_strdup(v->list.items[i].key);
		add_lines(out, prefix, below, v->list.items[i].value);
	}
}

static int list_all(
	struct config *c, const char *root, const struct config_opts *o, struct err *err)
{
	struct value *only;
	int r = level_read(c, o->level, &only, err);
	for (int i = 0; i < CONFIG_LEVELS && r >= 0; i++) {
		enum config_level level = (enum config_level)i;
		if (!c->files[level] || (o->level && level != level_find(o->level)))
			continue;
		AUTO(buf_release) struct buf text = BUF_INIT;
		AUTO(mem_freep) char *file = origin(c, level, root);
		AUTO(mem_freep) char *prefix = o->show_origin ? mem_printf("%s\t", file)
							      : mem_strdup("");
		add_lines(&text, prefix, "", c->levels[level]);
		if (text.len)
			say_raw(text.ptr, text.len);
	}
	return r;
}

static int get(struct config *c, const char *root, const struct config_opts *o, const struct key *k,
	struct err *err)
{
	struct value *only;
	int r = level_read(c, o->level, &only, err);

	/* the level with the highest precedence first */
	for (int i = CONFIG_LEVELS; i-- && r >= 0;) {
		enum config_level level = (enum config_level)i;
		const struct value *v;
		if (!c->files[level] || (o->level && level != level_find(o->level)))
			continue;

		int found = find_value(c->levels[level], k, &v, err);
		if (found < 0) {
			if (o->level)
				return found;
			err_release(err);
			continue;
		}

		AUTO(buf_release) struct buf text = BUF_INIT;
		if (o->show_origin) {
			AUTO(mem_freep) char *file = origin(c, level, root);
			buf_addf(&text, "%s\t", file);
		}

		value_add_str(&text, v);
		say("%s", text.ptr);
		break;
	}
	return r;
}

static int set(struct config *c, const struct config_opts *o, const struct key *k, struct err *err)
{
	enum config_level level = level_find(o->level);
	const struct value *old;
	if (!c->files[level])
		return err_set(err, ERR_CONFIG, "Not inside a DVC repo");
	if (o->unset) {
		int r = find_value(c->levels[level], k, &old, err);
		if (r < 0)
			return r;
	}

	const char *section = k->top ? k->top : k->section;
	config_set(c, level, section, k->top ? k->section : NULL, k->option,
		o->unset ? NULL : o->value);
	int r = config_save(c, level, err);
	if (r >= 0 && !o->unset && k->top)
		level_warn_of_secret(level, k->section, k->option);
	return r;
}

/* DVC prints these messages itself and exits with 1. */
static int refuse(const char *what, struct err *err)
{
	(void)err_kind(err, KIND_USAGE, err_set(err, ERR_FAIL, "%s", what));
	return exit_caught(err, NULL);
}

static int config_run(struct app *app, const void *opts, struct err *err)
{
	const struct config_opts *o = opts;
	AUTO(config_release) struct config c = CONFIG_INIT;
	AUTO(mem_freep) char *root = NULL;
	AUTO(key_release) struct key k = {0};

	(void)app;

	int r = o->name ? key_parse(&k, o->name, err) : 0;
	if (r >= 0)
		r = level_load(&c, &root, err);
	if (r < 0)
		return r;
	if (o->show_origin && (o->value || o->unset))
		return refuse(
			"--show-origin can't be used together with any of these options: -u/--unset, value",
			err);
	if (o->list && (o->name || o->value || o->unset))
		return refuse(
			"-l/--list can't be used together with any of these options: -u/--unset, name, value",
			err);
	if (o->list)
		return list_all(&c, root, o, err);
	if (!o->name)
		return refuse("name argument is required", err);
	return o->value || o->unset ? set(&c, o, &k, err) : get(&c, root, o, &k, err);
}

static const struct opt config_options[] = {
	OPT_LEVEL(config_opts, level),
	OPT_FLAG(config_opts, unset, 'u', "unset", "remove the option"),
	OPT_FLAG(config_opts, list, 'l', "list", "list all values that are set"),
	OPT_FLAG(config_opts, show_origin, 0, "show-origin",
		"show the file that each value comes from"),
	OPT_END,
};

static const struct arg config_args[] = {
	ARG_(ARG_OPTIONAL, config_opts, name, "name", "section.option or remote.name.option",
		.takes = WORD_CONFIG_KEY),
	ARG_(ARG_OPTIONAL, config_opts, value, "value", "its new value"),
	{ARG_END},
};

const struct cmd cmd_config = {
	.name = "config",
	.summary = "get or set configuration options",
	.keys = "",
	.needs = CMD_NOTHING,
	.opts = config_options,
	.args = config_args,
	.opts_size = sizeof(struct config_opts),
	EXAMPLES({"core.autostage true", "`git add` the .dvc files at once"},
		{"--list --show-origin", "all that is set, and where"}),
	.run = config_run,
};

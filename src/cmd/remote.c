/* The group `remote`: add, default, list, modify, remove, rename. */
#include "base/alloc.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/level.h"
#include "ui/say.h"

struct remote_opts {
	const char *level;
	bool is_default, force, unset;
	const char *name, *second, *value; /* second: the URL, the option or the new name */
};

/* The configuration that a command reads or edits. As in DVC, the name of the remote is converted
 * to lower case. */
struct session {
	struct config c;
	char *root, *name;
	enum config_level level;
};

static void session_release(struct session *s)
{
	config_release(&s->c);
	free(s->root);
	free(s->name);
}

/* Load the configuration. `edit`: the level's file is needed, so that it fails outside of a
 * repository. */
static int session_open(struct session *s, const struct remote_opts *o, bool edit, struct err *err)
{
	s->level = level_find(o->level);
	s->name = o->name ? str_lower(o->name) : NULL;
	int r = level_load(&s->c, &s->root, err);
	if (r >= 0 && (edit || o->level) && !s->c.files[s->level])
		r = err_set(err, ERR_CONFIG, "Not inside a DVC repo");
	return r;
}

static struct value *remotes(struct session *s)
{
	return value_get(s->c.levels[s->level], "remote");
}

static int need_remote(const struct value *all, const char *name, struct err *err)
{
	return value_get(all, name)
		       ? 0
		       : err_kind(err, KIND_REMOTE_NOT_FOUND,
				 err_set(err, ERR_CONFIG, "remote '%s' doesn't exist.", name));
}

static int add_run(struct app *app, const void *opts, struct err *err)
{
	const struct remote_opts *o = opts;
	AUTO(session_release) struct session s = {0};

	(void)app;

	int r = session_open(&s, o, true, err);
	if (r < 0)
		return r;

	if (o->is_default)
		say("Setting '%s' as a default remote.", s.name);

	if (value_get(remotes(&s), s.name)) {
		if (!o->force)
			return err_set(err, ERR_CONFIG,
				"remote '%s' already exists. Use `-f|--force` to overwrite it.",
				s.name);
		value_set(&s.c.arena, remotes(&s), s.name,
			value_map(&s.c.arena)); /* keep its place in the file, without its keys */
	}

	config_set(&s.c, s.level, "remote", s.name, "url", o->second);
	if (o->is_default)
		config_set(&s.c, s.level, "core", NULL, "remote", s.name);
	return config_save(&s.c, s.level, err);
}

static bool is_default(struct session *s, enum config_level level, const char *name)
{
	const char *set = value_get_str(value_get(s->c.levels[level], "core"), "remote");
	return str_eq(set, name);
}

/*
 * Save this level, which was changed in memory. In this level and all stronger ones, core.remote
 * follows the remote that was removed (`to` NULL) or renamed.
 *
 * Everything is checked before the first write, and this level is written last: after a kill the
 * same command finds the remote still there, and finishes. If this level alone makes the merged
 * configuration invalid, only this level is written and the error is reported, as in DVC.
 */
static int save_and_follow(struct session *s, const char *to, struct err *err)
{
	int r = config_check(&s->c, s->level, err);
	if (r < 0)
		return r;
	if (config_check(&s->c, CONFIG_LEVELS - 1, NULL) < 0)
		return config_save(&s->c, s->level, err);

	for (int i = CONFIG_LEVELS; i-- > (int)s->level && r >= 0;) {
		enum config_level level = (enum config_level)i;
		if (is_default(s, level, s->name))
			config_set(&s->c, level, "core", NULL, "remote", to);
		r = config_check(&s->c, level, err);
	}

	for (int i = CONFIG_LEVELS; i-- > (int)s->level && r >= 0;) {
		if (s->c.files[i])
			r = config_write(&s->c, (enum config_level)i, err);
	}
	return r;
}

static int remove_run(struct app *app, const void *opts, struct err *err)
{
	AUTO(session_release) struct session s = {0};
	(void)app;
	int r = session_open(&s, opts, true, err);
	if (r >= 0)
		r = need_remote(remotes(&s), s.name, err);
	if (r < 0)
		return r;
	config_remove_named(&s.c, s.level, "remote", s.name);
	return save_and_follow(&s, NULL, err);
}

static int modify_run(struct app *app, const void *opts, struct err *err)
{
	const struct remote_opts *o = opts;
	AUTO(session_release) struct session s = {0};

	(void)app;
	if (!o->value && !o->unset)
		return err_set(err, ERR_USAGE, "the following arguments are required: value");

	int r = session_open(&s, o, true, err);
	if (r < 0)
		return r;

	/* this level may add keys to a remote of a weaker level */
	if (!value_get(value_get(config_merged_to(&s.c, s.level), "remote"), s.name))
		r = need_remote(remotes(&s), s.name, err);
	if (r < 0)
		return r;

	AUTO(mem_freep) char *option = str_lower(o->second);
	config_set(&s.c, s.level, "remote", s.name, option, o->unset ? NULL : o->value);
	r = config_save(&s.c, s.level, err);
	if (r >= 0 && !o->unset)
		level_warn_of_secret(s.level, s.name, option);
	return r;
}

static int default_run(struct app *app, const void *opts, struct err *err)
{
	const struct remote_opts *o = opts;
	AUTO(session_release) struct session s = {0};
	struct value *conf;

	(void)app;

	int r = session_open(&s, o, o->name || o->unset, err);
	if (r >= 0)
		r = level_read(&s.c, o->level, &conf, err);
	if (r < 0)
		return r;
	if (!o->name && !o->unset) {
		const char *name = value_get_str(value_get(conf, "core"), "remote");
		say("%s", name ? name : "No default remote set");
		return name ? 0 : EXIT_COMMAND;
	}

	if (!o->unset && !value_get(remotes(&s), s.name) &&
		!value_get(value_get(config_merged_to(&s.c, s.level), "remote"), s.name)) {
		(void)err_set(err, ERR_CONFIG, "default remote must be present in remote list.");
		return err_plain(err, ERR_CONFIG,
			"there is no remote '%s'; `dvc remote list` names all", s.name);
	}

	config_set(&s.c, s.level, "core", NULL, "remote", o->unset ? NULL : s.name);
	return config_save(&s.c, s.level, err);
}

/* Append a column that ends at a multiple of eight, where a tab of DVC's output would lead. */
static void add_column(struct buf *line, const char *text)
{
	buf_adds(line, text);
	buf_addn(line, ' ', 8 - str_utf8_len(buf_str(line), line->len) % 8);
}

static int list_run(struct app *app, const void *opts, struct err *err)
{
	const struct remote_opts *o = opts;
	AUTO(session_release) struct session s = {0};
	struct value *conf;

	(void)app;

	int r = session_open(&s, o, false, err);
	if (r >= 0)
		r = level_read(&s.c, o->level, &conf, err);
	if (r < 0)
		return r;

	const char *chosen = value_get_str(value_get(conf, "core"), "remote");
	const struct value *all = value_get(conf, "remote");
	for (size_t i = 0; i < value_count(all); i++) {
		AUTO(buf_release) struct buf line = BUF_INIT;
		const char *name = all->list.items[i].key,
			   *url = value_get_str(all->list.items[i].value, "url");
		add_column(&line, name);
		if (str_eq(name, chosen)) {
			add_column(&line, url ? url : "");
			buf_adds(&line, "(default)");
		} else {
			buf_adds(&line, url ? url : "");
		}
		say("%s", line.ptr);
	}

	return 0;
}

static int rename_run(struct app *app, const void *opts, struct err *err)
{
	const struct remote_opts *o = opts;
	AUTO(session_release) struct session s = {0};

	(void)app;

	int r = session_open(&s, o, true, err);
	if (r < 0)
		return r;
	if (value_get(value_get(s.c.merged, "remote"), o->second))
		return err_set(err, ERR_CONFIG, "Rename failed. Remote name '%s' already exists.",
			o->second);

	r = need_remote(remotes(&s), s.name, err);
	if (r < 0)
		return r;

	value_set(&s.c.arena, remotes(&s), o->second, value_get(remotes(&s), s.name));
	config_remove_named(&s.c, s.level, "remote", s.name);
	if (is_default(&s, s.level, s.name))
		config_set(&s.c, s.level, "core", NULL, "remote", o->second);
	return save_and_follow(&s, o->second, err);
}

static const struct opt add_options[] = {
	OPT_LEVEL(remote_opts, level),
	OPT_FLAG(remote_opts, is_default, 'd', "default", "make it the default remote"),
	OPT_FLAG(remote_opts, force, 'f', "force", "replace a remote of that name"),
	OPT_END,
};
static const struct arg add_args[] = {
	ARG_(ARG_ONE, remote_opts, name, "name", "name of the remote"),
	ARG_(ARG_ONE, remote_opts, second, "url", "where it is: a directory or a URL",
		.takes = WORD_FILE),
	{ARG_END},
};
static const struct opt level_options[] = {
	OPT_LEVEL(remote_opts, level),
	OPT_END,
};
static const struct opt unset_options[] = {
	OPT_LEVEL(remote_opts, level),
	OPT_FLAG(remote_opts, unset, 'u', "unset", "remove the option"),
	OPT_END,
};
static const struct arg name_args[] = {
	ARG_(ARG_ONE, remote_opts, name, "name", "name of the remote", .takes = WORD_REMOTE),
	{ARG_END},
};
static const struct arg default_args[] = {
	ARG_(ARG_OPTIONAL, remote_opts, name, "name", "name of the remote", .takes = WORD_REMOTE),
	{ARG_END},
};
static const struct arg modify_args[] = {
	ARG_(ARG_ONE, remote_opts, name, "name", "name of the remote", .takes = WORD_REMOTE),
	ARG_(ARG_ONE, remote_opts, second, "option", "name of the option",
		.takes = WORD_REMOTE_KEY),
	ARG_(ARG_OPTIONAL, remote_opts, value, "value", "its new value"),
	{ARG_END},
};
static const struct arg rename_args[] = {
	ARG_(ARG_ONE, remote_opts, name, "name", "name of the remote", .takes = WORD_REMOTE),
	ARG_(ARG_ONE, remote_opts, second, "new", "its new name"),
	{ARG_END},
};

#define REMOTE_CMD(word, does, options, arguments, fn, ...)                                        \
	{                                                                                          \
		.name = word, .summary = does, .opts = options, .args = arguments,                 \
		.opts_size = sizeof(struct remote_opts), .run = fn, __VA_ARGS__                    \
	}

static const struct cmd remote_add = REMOTE_CMD("add", "add a data remote", add_options, add_args,
	add_run, EXAMPLES({"-d backup /mnt/backup", "a directory, and the default"}));
static const struct cmd remote_default = REMOTE_CMD("default", "set or unset the default remote",
	unset_options, default_args, default_run, EXAMPLES({"storage", "push and pull use it"}));
static const struct cmd remote_list = REMOTE_CMD("list", "list the remotes", level_options, NULL,
	list_run, EXAMPLES({"", "names and places"}));
static const struct cmd remote_modify = REMOTE_CMD("modify", "change an option of a remote",
	unset_options, modify_args, modify_run, .keys = "remote:",
	EXAMPLES({"storage url /mnt/new", "it has moved"},
		{"--local storage jobs 8", "not for others: in config.local"}));
static const struct cmd remote_remove = REMOTE_CMD("remove", "remove a remote", level_options,
	name_args, remove_run, EXAMPLES({"storage", "its data stays where it is"}));
static const struct cmd remote_rename = REMOTE_CMD("rename", "rename a remote", level_options,
	rename_args, rename_run, EXAMPLES({"storage old", "core.remote follows"}));

static const struct cmd *const remote_subs[] = {
	&remote_add,
	&remote_default,
	&remote_list,
	&remote_modify,
	&remote_remove,
	&remote_rename,
	NULL,
};

const struct cmd cmd_remote = {
	.name = "remote",
	.summary = "set up and manage data remotes",
	EXAMPLES({"add -d backup /mnt/backup", "a directory, and the default"}),
	.subs = remote_subs,
};

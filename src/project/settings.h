/*
 * cairn's own settings, beside DVC's configuration (config.h), which allows no keys of others:
 *
 *     [core]
 *         executor = gpu
 *     [executor "gpu"]
 *         type = slurm
 *
 * They are read from three files, each over those before it, key by key: the user's
 * ($XDG_CONFIG_HOME/cairn/config, else ~/.config/cairn/config), .dvc/cairn.config, which is
 * committed, and .dvc/cairn.config.local, which is not. A file that does not exist is empty. The
 * format is that of .dvc/config (text/ini.h). Names of sections and keys are not case-sensitive.
 *
 * Every setting remembers its file and line, for the messages of those who interpret it.
 */
#ifndef PROJECT_SETTINGS_H
#define PROJECT_SETTINGS_H

#include "base/err.h"
#include "base/vec.h"
#include "project/repo.h"
#include "text/value.h"

struct setting {
	const char *key; /* lower-cased */
	const char *key_written;
	/* The text; of an unquoted list "a, b" as it stands in the file. "" is a key without a
	 * value, which takes back that of another file. */
	const char *text;
	const struct value *value; /* a string, or a list of strings */
	const char *file;          /* for messages */
	int line;
};

struct settings_section {
	const char *kind; /* "core", "executor" */
	const char *name; /* "gpu"; NULL: the kind has none */
	const char *file; /* the first one that has it */
	int line;
	VEC(struct setting) settings; /* in the order of their first mention */
};

struct settings {
	struct arena arena;
	VEC(struct settings_section) sections; /* in the order of their first mention */
};

#define SETTINGS_INIT ((struct settings){0})

/* Read the three files into `*out`, which is empty. Fails: ERR_CONFIG ("<file>:<line>: ...": bad
 * syntax, an unknown section, an unknown key of [core], an unfit name), ERR_IO. */
int settings_load(const struct repo *repo, struct settings *out, struct err *err);
void settings_release(struct settings *s);

/* The section, or one of its settings; NULL: there is none. `name` NULL: a kind without names. */
const struct settings_section *settings_section(
	const struct settings *s, const char *kind, const char *name);
const struct setting *settings_get(const struct settings_section *section, const char *key);

/* Is it a name that a section may have? Letters, digits, '.', '_' and '-', the first a letter or a
 * digit, at most 64. So it can be the name of a directory, too. */
bool settings_is_name(const char *name);

#endif

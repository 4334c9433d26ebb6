/*
 * The table of configuration keys that DVC 3.67.1 knows, and the check of a configuration against
 * it.
 */
#ifndef PROJECT_CONFIG_KEYS_H
#define PROJECT_CONFIG_KEYS_H

#include "base/err.h"
#include "text/value.h"

enum config_type {
	CONFIG_STR,
	CONFIG_LOWER,    /* a string, lower-cased when used */
	CONFIG_BOOL,     /* true or false in any case */
	CONFIG_POSITIVE, /* an integer from 1 */
	CONFIG_INTEGER,
	CONFIG_FLOAT,
	CONFIG_SECONDS, /* a number from 0 */
	CONFIG_BOOL_OR_STR,
	CONFIG_LINK_TYPES, /* list of reflink, hardlink, symlink, copy */
	CONFIG_CHOICE,
	CONFIG_PERCENT,
	CONFIG_NO_TEXT, /* DVC wants `choices` ("int"), which no text of a file is: always refused
			 */
};

struct config_key {
	const char *section; /* "core"; "remote:s3" for keys of remotes of that scheme, "remote:"
				for local ones and all */
	const char *name;
	enum config_type type;
	const char *choices; /* of CONFIG_CHOICE, "a, b" */
	bool deprecated;     /* accepted, without effect */
	bool is_path;        /* stored relative to the file's directory */
};

extern const struct config_key config_keys[]; /* ended by a NULL section */

/* The section of the table that a remote's own keys are in, by its URL ("remote:s3"; "remote:" for
 * paths and NULL); keys of all remotes are in "remote:*". Heap string. */
char *config_remote_section(const char *url);
/* `merged` as of config.h. Fails: ERR_CONFIG with voluptuous' wording ("extra keys not allowed @
 * data['core']['x']"). */
int config_validate(const struct value *merged, struct err *err);
/* What is to be said of keys in [feature] that nobody knows, or NULL; heap string. */
char *config_unknown_features(const struct value *merged);
bool config_key_is_path(const char *section, const char *key);

#endif

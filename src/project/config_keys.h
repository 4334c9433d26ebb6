/* The table of configuration keys of DVC 3.67.1, and the check of a configuration against it. Keys
 * that cairn does not use are in it as well, because an unknown key is an error in DVC. */
#ifndef PROJECT_CONFIG_KEYS_H
#define PROJECT_CONFIG_KEYS_H

#include "base/err.h"
#include "text/value.h"

enum config_type {
	CONFIG_STR,
	CONFIG_LOWER,    /* a string that is lower-cased when used */
	CONFIG_BOOL,     /* "true" or "false" in any case */
	CONFIG_POSITIVE, /* an integer of at least 1 */
	CONFIG_INTEGER,
	CONFIG_FLOAT,
	CONFIG_SECONDS, /* a number of at least 0 */
	CONFIG_BOOL_OR_STR,
	CONFIG_LINK_TYPES, /* a list of reflink, hardlink, symlink, copy */
	CONFIG_CHOICE,
	CONFIG_PERCENT,
	CONFIG_NO_TEXT, /* DVC expects the Python type in `choices`; text from a file is always
			   refused */
};

struct config_key {
	/* "core"; "remote:s3" for remotes of that scheme, "remote:" for local ones, "remote:*" for
	 * all */
	const char *section;
	const char *name;
	enum config_type type;
	const char *help;    /* what it does and its default: one line, lower case, no full stop;
				NULL when deprecated */
	const char *choices; /* for CONFIG_CHOICE: "a, b" */
	bool deprecated;     /* accepted without effect */
	bool is_path;        /* stored relative to the directory of the file */
	bool dvc_only;       /* accepted and kept; only DVC looks at it */
};

/* Is the value of this option of a remote a secret? */
bool config_key_is_secret(const char *name);

extern const struct config_key config_keys[]; /* ends with a NULL section */

/* The section of the table for a remote with this URL ("remote:s3"; "remote:" for a path or NULL).
 * Keys that all remotes have are in "remote:*". Heap string. */
char *config_remote_section(const char *url);
/* Check a merged configuration (config.h). Fails: ERR_CONFIG with the wording of voluptuous, DVC's
 * checker ("extra keys not allowed @ data['core']['x']"). */
int config_validate(const struct value *merged, struct err *err);
/* A warning about unknown keys in [feature], or NULL. Heap string. */
char *config_unknown_features(const struct value *merged);
bool config_key_is_path(const char *section, const char *key);

#endif

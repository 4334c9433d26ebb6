/*
 * One element of a defaults list: a configuration ("db/mysql", "_self_"), or a choice of a group
 * ("db: mysql", "override /db@pkg: [a, b]"), and where in the result its content is placed (its
 * package). Strings live in the arena. Pure.
 *
 * Source: https://hydra.cc/docs/advanced/defaults_list/ and
 * https://hydra.cc/docs/advanced/overriding_packages/
 */
#ifndef HYDRA_ELEMENT_H
#define HYDRA_ELEMENT_H

#include "base/err.h"
#include "hydra/node.h"

enum choice_kind { CHOICE_NULL, CHOICE_NAME, CHOICE_LIST };

struct element_list;

struct default_element {
	bool is_group;
	const char *path; /* of the configuration or group, as written */
	enum choice_kind choice;
	const char *name;           /* CHOICE_NAME */
	const char *const *options; /* CHOICE_LIST */
	size_t option_count;
	const char *package; /* as written behind '@'; NULL: none */
	const char *header;  /* package of the "# @package" line of the file; NULL: none */
	const char *parent_dir, *parent_package; /* of the file with the list; NULL: not set */
	bool primary, optional, is_override, deleted;
	bool appended; /* by "+group=name" on the command line */
};

/* Read one item of a defaults list. Fails: ERR_VALUE with Hydra's message. */
int element_read(struct arena *a, const char *config_path, const struct node *item,
	struct default_element *out, struct err *err);

void element_set_parent(
	struct arena *a, struct default_element *e, const char *dir, const char *package);
void element_set_header(struct arena *a, struct default_element *e, const char *header);

bool element_is_self(const struct default_element *e);
bool element_is_missing(const struct default_element *e); /* its name is "???" */
bool element_is_interpolation(struct arena *a, const struct default_element *e);
/* The last component of a configuration, or the choice; NULL: the group is switched off. */
const char *element_name(const struct default_element *e);
/* "db", "db/mysql": from the root of the configuration. */
const char *element_group_path(struct arena *a, const struct default_element *e);
const char *element_config_path(struct arena *a, const struct default_element *e);
/* The package in which its content is placed; "" is the root. */
const char *element_package(struct arena *a, const struct default_element *e);
/* What stands behind '@', or in the header of the file; NULL: neither. */
const char *element_own_package(const struct default_element *e);
/* "db" or "db@package": the name by which the choice is overridden. */
const char *element_key(struct arena *a, const struct default_element *e);

#endif

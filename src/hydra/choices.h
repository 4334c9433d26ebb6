/*
 * The overrides of groups while a defaults list is expanded: those of the command line, and the
 * "override" items of the files. It knows which ones were used, so that a typing error is reported.
 * Not to be shared between threads.
 */
#ifndef HYDRA_CHOICES_H
#define HYDRA_CHOICES_H

#include "base/vec.h"
#include "hydra/element.h"
#include "hydra/override_int.h"
#include "hydra/source.h"

struct choice_override {
	const char *key; /* "db", "db@pkg" */
	enum choice_kind choice;
	const char *name;
	const char *const *options;
	size_t option_count;
	bool external;           /* from the command line */
	const char *config_path; /* the file that has it, else */
	bool used;
};

struct choice_deletion {
	const char *key, *name; /* name NULL: whatever was chosen */
	bool used;
};

struct known_choice {
	const char *key, *group, *name; /* name NULL: none */
};

struct choices {
	struct arena *arena;
	VEC(struct choice_override) overrides;
	VEC(struct choice_deletion) deletions;
	VEC(struct default_element) appended;
	VEC(struct known_choice) known; /* in the order in which they were met */
	VEC(struct override) rest;      /* overrides of values */
};

void choices_release(struct choices *c);

/* Sort the overrides of the command line into those of groups and the rest. Fails: ERR_VALUE with
 * Hydra's message. */
int choices_init(struct choices *c, struct arena *a, const struct hydra_source *s,
	const struct override *list, size_t count, struct err *err);

/* Take over an "override" item of a file; one that came before has precedence. */
void choices_add(struct choices *c, const char *config_path, const struct default_element *e);
/* Replace the choice of a group when it is overridden. */
void choices_apply(struct choices *c, struct default_element *e);
/* Is the group deleted by "~group"? Marks the deletion as used. */
bool choices_delete(struct choices *c, struct default_element *e);
/* Note the choice of a group. Fails: ERR_VALUE when there was another one. */
int choices_note(struct choices *c, const struct default_element *e, struct err *err);
/* Fails: ERR_VALUE for an override or a deletion that nothing used. */
int choices_check_used(const struct choices *c, struct err *err);

#endif

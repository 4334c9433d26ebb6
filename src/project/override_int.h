/*
 * What the files of project/override share: an override as parsed.
 */
#ifndef PROJECT_OVERRIDE_INT_H
#define PROJECT_OVERRIDE_INT_H

#include "project/override.h"
#include "text/value.h"

enum override_type { OVERRIDE_CHANGE, OVERRIDE_ADD, OVERRIDE_FORCE_ADD, OVERRIDE_DELETE };

enum sweep_kind { SWEEP_NONE, SWEEP_CHOICE, SWEEP_RANGE, SWEEP_INTERVAL, SWEEP_GLOB };

/* A string that stood in quotes keeps its quote in value.pos.column, since Hydra writes it back in
 * quotes. */
struct element {
	enum sweep_kind sweep;
	struct value *value; /* SWEEP_NONE: the value; SWEEP_CHOICE: the list of choices */
	const struct value *start, *stop, *step; /* SWEEP_RANGE */
	bool simple;                             /* a,b and not choice(a,b) */
	bool shuffle;
};

struct override {
	enum override_type type;
	char *key;     /* without prefix and package */
	char *package; /* after '@', or NULL */
	bool has_value;
	struct element element;
	const char *input;
};

int override_parse(struct arena *a, const char *text, struct override *out, struct err *err);

/* Evaluate function `name` over its arguments; `text` is the call as written. */
struct override_arg {
	const char *name; /* NULL: positional */
	struct element value;
};
int override_call(struct arena *a, const char *name, const struct override_arg *args, size_t count,
	struct element *out, char **out_error);

/* The choices of a sweep as a list; ranges are counted out. NULL with *out_error set when it cannot
 * be. */
struct value *override_choices(struct arena *a, const struct element *e, char **out_error);

#endif

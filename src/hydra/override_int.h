/* Shared by the files of hydra/override: an override as parsed. */
#ifndef HYDRA_OVERRIDE_INT_H
#define HYDRA_OVERRIDE_INT_H

#include "hydra/override.h"
#include "text/value.h"

enum override_type { OVERRIDE_CHANGE, OVERRIDE_ADD, OVERRIDE_FORCE_ADD, OVERRIDE_DELETE };

enum sweep_kind { SWEEP_NONE, SWEEP_CHOICE, SWEEP_RANGE, SWEEP_INTERVAL, SWEEP_GLOB };

/* A value or a sweep. A string that was quoted keeps its quote in value.pos.column, because Hydra
 * writes it back in quotes. */
struct element {
	enum sweep_kind sweep;
	struct value *value; /* SWEEP_NONE: the value; SWEEP_CHOICE: the list of choices */
	const struct value *start, *stop, *step; /* for SWEEP_RANGE */
	bool simple;                             /* written as a,b and not as choice(a,b) */
	bool shuffle;                            /* shuffle the choices when they are expanded */
};

struct override {
	enum override_type type;
	char *key;     /* without prefix and package */
	char *package; /* text behind '@', or NULL */
	bool has_value;
	struct element element;
	const char *input; /* as written */
};

/* Parse one override. Fails: ERR_VALUE with Hydra's message. */
int override_parse(struct arena *a, const char *text, struct override *out, struct err *err);
/* Parse several into an array of the arena. Fails: as above, at the first one that is wrong. */
int override_parse_all(
	struct arena *a, const struct strlist *items, struct override **out, struct err *err);

/* Evaluate the function `name`. Returns -1 and a message in `*out_error` (of the arena) when that
 * fails. */
struct override_arg {
	const char *name; /* NULL: positional */
	struct element value;
};
int override_call(struct arena *a, const char *name, const struct override_arg *args, size_t count,
	struct element *out, char **out_error);

/* The choices of a sweep as a list; ranges are expanded. NULL, with `*out_error` set, when that is
 * not possible. */
struct value *override_choices(struct arena *a, const struct element *e, char **out_error);

#endif

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

#define OVERRIDE_SEE "\nSee https://hydra.cc/docs/1.2/advanced/override_grammar/basic for details"
/* The message of Hydra's lexer, with a mark under the byte `at`. Returns ERR_VALUE. */
int override_fail_lexer(const char *text, size_t at, struct err *err);
/* Read everything up to the value, which begins at `*value_at`. Fails: ERR_VALUE. */
int override_read_key(
	struct arena *a, const char *text, struct override *out, size_t *value_at, struct err *err);

/* Parse one override. Fails: ERR_VALUE with Hydra's message. */
int override_parse(struct arena *a, const char *text, struct override *out, struct err *err);
/* Parse several into an array of the arena. Fails: as above, at the first one that is wrong. */
int override_parse_all(
	struct arena *a, const struct strlist *items, struct override **out, struct err *err);

struct override_arg {
	const char *name; /* NULL: positional */
	struct element value;
};

/* The arguments of a call, by the parameters of the function. */
struct bound_args {
	const struct element *positional; /* of a function that takes any number */
	size_t count;
	const struct element *named[4]; /* by place in the signature; NULL: not given */
};

/* Find the parameters of function `name` for its arguments, and check their types. Returns false
 * and a message as Python's in `*out_error` (of the arena) when they do not fit. */
bool override_bind(struct arena *a, const char *name, const struct override_arg *args, size_t count,
	struct bound_args *out, char **out_error);
/* The name of a sweep's class in Hydra: ChoiceSweep, ... */
const char *override_sweep_name(enum sweep_kind kind);

/* Evaluate the function `name`. Returns -1 and a message in `*out_error` (of the arena) when that
 * fails. */
int override_call(struct arena *a, const char *name, const struct override_arg *args, size_t count,
	struct element *out, char **out_error);

enum { OVERRIDE_MAX_CHOICES = 1000000 }; /* of a sweep; a limit against mistakes */

/* The values of a range with at least one float. NULL, with `*out_error` set, for a step of zero.
 */
struct value *override_count_floats(struct arena *a, const struct element *e, char **out_error);

/* The choices of a sweep as a list; ranges are expanded. NULL, with `*out_error` set, when that is
 * not possible. */
struct value *override_choices(struct arena *a, const struct element *e, char **out_error);

#endif

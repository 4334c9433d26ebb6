/*
 * OmegaConf's grammar of interpolations: "${a.b}", "x ${f:1,[a]} y", "\${no}". Parsing only;
 * hydra/interpolate.h evaluates. Pure; the result lives in the arena.
 *
 * Source: https://omegaconf.readthedocs.io/en/2.3_branch/grammar.html
 */
#ifndef HYDRA_GRAMMAR_H
#define HYDRA_GRAMMAR_H

#include "base/err.h"
#include "text/value.h"

enum expr_kind {
	EXPR_VALUE,  /* a constant */
	EXPR_TEXT,   /* parts, joined to a string; a single interpolation keeps its type */
	EXPR_QUOTED, /* the same, always a string */
	EXPR_PATH,   /* ${a.b}: parts that are joined to a key */
	EXPR_CALL,   /* ${name:arguments} */
	EXPR_LIST,
	EXPR_DICT, /* keys and values in turn */
};

struct expr {
	enum expr_kind kind;
	struct value *value; /* EXPR_VALUE */
	struct expr *name;   /* EXPR_CALL: parts that are joined with dots */
	struct expr **items; /* parts, arguments, items */
	size_t count, cap;
};

/* Parse a value that contains "${". Fails: ERR_VALUE, "invalid interpolation in '...'". */
int grammar_parse(struct arena *a, const char *text, struct expr **out, struct err *err);
/* Parse the argument of oc.decode: one element. */
int grammar_parse_element(struct arena *a, const char *text, struct expr **out, struct err *err);
/* Check the syntax of all interpolations in a value and below it. Fails: as grammar_parse(). */
int grammar_check(const struct value *v, struct err *err);

#endif

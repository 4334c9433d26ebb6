/* The signatures of the functions of the grammar, and how arguments are bound to them. Hydra
 * leaves that to Python, whose messages these are. */
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "hydra/override_int.h"

enum type_flags {
	STR = 1 << 0,
	INT = 1 << 1, /* also booleans, which are integers in Python */
	FLOAT = 1 << 2,
	BOOL = 1 << 3,
	DICT = 1 << 4,
	LIST = 1 << 5,
	NONE = 1 << 6,
	CHOICE = 1 << 7,
	RANGE = 1 << 8,
	INTERVAL = 1 << 9,
	GLOB = 1 << 10,
	PRIMITIVE = STR | INT | FLOAT | BOOL,
	SWEEP = CHOICE | RANGE | INTERVAL,
};

struct parameter {
	const char *name;
	unsigned types;
	const char *shown; /* the types as Hydra prints them */
	bool required, keyword_only;
};

enum { MOST_PARAMETERS = 4 };

struct signature {
	const char *name;
	struct parameter rest; /* any number of positional arguments; name NULL: none */
	struct parameter parameters[MOST_PARAMETERS];
};

#define ANY_SHOWN                                                                                  \
	"Optional[Union[str, int, float, bool, List[Any], Dict[str, Any], QuotedString, Sweep]]"
#define SORT_SHOWN "Union[str, int, bool, float, list, dict, ChoiceSweep, RangeSweep]"
#define CAST(function)                                                                             \
	{                                                                                          \
		function, {"args", PRIMITIVE | DICT | LIST | NONE | SWEEP, ANY_SHOWN},             \
		{                                                                                  \
			{                                                                          \
				"value", PRIMITIVE | DICT | LIST | NONE | SWEEP, ANY_SHOWN,        \
					.keyword_only = true                                       \
			}                                                                          \
		}                                                                                  \
	}
#define SORT_ARGS                                                                                  \
	{                                                                                          \
		"args", PRIMITIVE | LIST | DICT | CHOICE | RANGE, SORT_SHOWN                       \
	}
#define SWEEP_KEYWORD                                                                              \
	{                                                                                          \
		"sweep", CHOICE | RANGE | NONE, "Optional[Union[ChoiceSweep, RangeSweep]]",        \
			.keyword_only = true                                                       \
	}
#define LIST_KEYWORD                                                                               \
	{                                                                                          \
		"list", LIST | NONE, "Optional[List[Any]]", .keyword_only = true                   \
	}

static const struct signature signatures[] = {
	CAST("int"),
	CAST("str"),
	CAST("bool"),
	CAST("float"),
	{"choice", {"args", PRIMITIVE | DICT | LIST | CHOICE,
			   "Union[str, int, float, bool, Dict[Any, Any], List[Any], ChoiceSweep]"}},
	{"range", {NULL},
		{{"start", INT | FLOAT, "Union[int, float]", .required = true},
			{"stop", INT | FLOAT | NONE, "Optional[Union[int, float]]"},
			{"step", INT | FLOAT, "Union[int, float]"}}},
	{"interval", {NULL},
		{{"start", INT | FLOAT, "Union[int, float]", .required = true},
			{"end", INT | FLOAT, "Union[int, float]", .required = true}}},
	{"tag", {"args", STR | SWEEP, "Union[str, Sweep]"},
		{{"sweep", SWEEP | NONE, "Optional[Sweep]", .keyword_only = true}}},
	{"sort", SORT_ARGS,
		{SWEEP_KEYWORD, LIST_KEYWORD, {"reverse", BOOL, "bool", .keyword_only = true}}},
	{"shuffle", SORT_ARGS, {SWEEP_KEYWORD, LIST_KEYWORD}},
	{"glob", {NULL},
		{{"include", LIST | STR, "Union[List[str], str]", .required = true},
			{"exclude", LIST | STR | NONE, "Optional[Union[str, List[str]]]"}}},
};

struct binding {
	struct arena *arena;
	const struct override_arg *args;
	size_t count;
	char **out_error;
};

const char *override_sweep_name(enum sweep_kind kind)
{
	static const char *const names[] = {[SWEEP_NONE] = "",
		[SWEEP_CHOICE] = "ChoiceSweep",
		[SWEEP_RANGE] = "RangeSweep",
		[SWEEP_INTERVAL] = "IntervalSweep",
		[SWEEP_GLOB] = "Glob"};
	return names[kind];
}

static const char *type_name(const struct element *e)
{
	return e->sweep ? override_sweep_name(e->sweep) : value_type_name(e->value);
}

static unsigned type_of(const struct element *e)
{
	static const unsigned sweeps[] = {[SWEEP_CHOICE] = CHOICE,
		[SWEEP_RANGE] = RANGE,
		[SWEEP_INTERVAL] = INTERVAL,
		[SWEEP_GLOB] = GLOB};
	if (e->sweep)
		return sweeps[e->sweep];
	switch (e->value ? e->value->kind : VALUE_NULL) {
	case VALUE_NULL:
		return NONE;
	case VALUE_BOOL:
		return BOOL | INT;
	case VALUE_INT:
		return INT;
	case VALUE_FLOAT:
		return FLOAT;
	case VALUE_MAP:
		return DICT;
	case VALUE_LIST:
		return LIST;
	default:
		return STR;
	}
}

static bool fail(const struct binding *b, const char *what)
{
	*b->out_error = arena_printf(b->arena, "TypeError: %s", what);
	return false;
}

static bool check_type(const struct binding *b, const struct parameter *p, const char *shown_name,
	const struct element *e)
{
	if (type_of(e) & p->types)
		return true;
	return fail(
		b, arena_printf(b->arena, "mismatch type argument %s: %s is incompatible with %s",
			   shown_name, type_name(e), p->shown));
}

/* The last argument with that keyword, NULL for none. */
static const struct element *keyword(const struct binding *b, const char *name)
{
	for (size_t i = b->count; i-- > 0;)
		if (str_eq(b->args[i].name, name))
			return &b->args[i].value;
	return NULL;
}

/* Assign the positional arguments. */
static bool bind_positional(
	const struct binding *b, const struct signature *s, struct bound_args *out)
{
	struct element *rest = ARENA_ARRAY(b->arena, struct element, b->count + 1);
	out->positional = rest;
	for (size_t i = 0; i < b->count && !b->args[i].name; i++) {
		if (s->rest.name) {
			rest[out->count++] = b->args[i].value;
			continue;
		}
		const struct parameter *p = i < MOST_PARAMETERS ? &s->parameters[i] : NULL;
		if (!p || !p->name)
			return fail(b, "too many positional arguments");
		if (keyword(b, p->name))
			return fail(b, arena_printf(b->arena, "multiple values for argument '%s'",
					       p->name));
		out->named[i] = &b->args[i].value;
	}
	return true;
}

static bool is_parameter(const struct signature *s, const char *name)
{
	for (size_t i = 0; i < MOST_PARAMETERS; i++)
		if (str_eq(s->parameters[i].name, name) && name)
			return true;
	return false;
}

static bool bind_keywords(
	const struct binding *b, const struct signature *s, struct bound_args *out)
{
	for (size_t i = 0; i < MOST_PARAMETERS && s->parameters[i].name; i++) {
		const struct parameter *p = &s->parameters[i];
		const struct element *e = keyword(b, p->name);
		if (e)
			out->named[i] = e;
		if (!out->named[i] && p->required)
			return fail(b, arena_printf(b->arena, "missing a required argument: '%s'",
					       p->name));
	}
	for (size_t i = 0; i < b->count; i++)
		if (b->args[i].name && !is_parameter(s, b->args[i].name))
			return fail(
				b, arena_printf(b->arena, "got an unexpected keyword argument '%s'",
					   b->args[i].name));
	return true;
}

bool override_bind(struct arena *a, const char *name, const struct override_arg *args, size_t count,
	struct bound_args *out, char **out_error)
{
	const struct binding b = {a, args, count, out_error};
	const struct signature *s = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(signatures) && !s; i++)
		s = str_eq(signatures[i].name, name) ? &signatures[i] : NULL;
	if (!s) {
		*out_error = arena_printf(a,
			"HydraException: Unknown function '%s'\nAvailable: bool,choice,float,glob,"
			"int,interval,range,shuffle,sort,str,tag\n",
			name);
		return false;
	}

	*out = (struct bound_args){0};
	if (!bind_positional(&b, s, out) || !bind_keywords(&b, s, out))
		return false;
	for (size_t i = 0; i < out->count; i++)
		if (!check_type(&b, &s->rest, arena_printf(a, "args[%zu]", i), &out->positional[i]))
			return false;
	for (size_t i = 0; i < MOST_PARAMETERS; i++)
		if (out->named[i] &&
			!check_type(&b, &s->parameters[i], s->parameters[i].name, out->named[i]))
			return false;
	return true;
}

/* Reads the arguments of a question from a document, by a table of all arguments. */
#include <stddef.h>
#include <string.h>

#include "api/api_int.h"
#include "base/str.h"

enum arg_kind { ARG_STRINGS, ARG_STRING, ARG_BOOL, ARG_INT };

static const struct arg {
	const char *name;
	enum arg_kind kind;
	size_t offset;
} args_of_all[] = {
#define ARG(kind, name)                                                                            \
	{                                                                                          \
#name, kind, offsetof(struct query_args, name)                                     \
	}
	ARG(ARG_STRINGS, targets),
	ARG(ARG_STRINGS, revs),
	ARG(ARG_STRINGS, stages),
	ARG(ARG_STRINGS, paths),
	ARG(ARG_STRING, name),
	ARG(ARG_STRING, version),
	ARG(ARG_STRING, stage),
	ARG(ARG_STRING, path),
	ARG(ARG_STRING, remote),
	ARG(ARG_BOOL, all_branches),
	ARG(ARG_BOOL, all_tags),
	ARG(ARG_BOOL, all_commits),
	ARG(ARG_BOOL, fail),
	ARG(ARG_BOOL, deps),
	ARG(ARG_BOOL, param_deps),
	ARG(ARG_BOOL, sha),
	ARG(ARG_BOOL, force),
	ARG(ARG_BOOL, branches),
	ARG(ARG_BOOL, tags),
	ARG(ARG_BOOL, commits),
	ARG(ARG_BOOL, experiments),
	ARG(ARG_BOOL, all),
	ARG(ARG_BOOL, recursive),
	ARG(ARG_BOOL, with_deps),
	ARG(ARG_BOOL, no_updates),
	ARG(ARG_BOOL, cloud),
	ARG(ARG_BOOL, dvc_only),
	ARG(ARG_BOOL, subrepos),
	ARG(ARG_INT, num),
	ARG(ARG_INT, level),
#undef ARG
};

void query_args_release(struct query_args *o)
{
	strlist_release(&o->targets);
	strlist_release(&o->revs);
	strlist_release(&o->stages);
	strlist_release(&o->paths);
	*o = QUERY_ARGS_INIT;
}

/* Is the name among those that the question takes? */
static bool takes(const struct query *q, const char *name)
{
	size_t len = strlen(name);
	for (const char *at = q->takes; *at; at += strcspn(at, " ") + (at[strcspn(at, " ")] == ' '))
		if (strcspn(at, " ") == len && strncmp(at, name, len) == 0)
			return true;
	return false;
}

static int wrong_type(const char *name, const char *wanted, struct err *err)
{
	return err_set(err, ERR_USAGE, "argument '%s' must be %s", name, wanted);
}

/* The text of a string. A zero byte in it would cut a path or a name short. */
static const char *text_of(const struct value *v)
{
	const char *text = value_str(v);
	return text && strlen(text) == v->str.len ? text : NULL;
}

static int read_strings(
	const char *name, const struct value *v, struct strlist *out, struct err *err)
{
	bool one = value_is(v, VALUE_STRING);
	if (!one && !value_is(v, VALUE_LIST))
		return wrong_type(name, "a string or a list of strings", err);
	for (size_t i = 0; i < (one ? 1 : value_count(v)); i++) {
		const char *text = text_of(one ? v : v->list.items[i].value);
		if (!text)
			return wrong_type(name, "a string or a list of strings", err);
		strlist_add(out, text);
	}
	return 0;
}

static int read_arg(
	const struct arg *arg, const struct value *v, struct query_args *out, struct err *err)
{
	void *field = (char *)out + arg->offset;
	if (value_is(v, VALUE_NULL))
		return 0; /* as if it were not there */
	switch (arg->kind) {
	case ARG_STRINGS:
		return read_strings(arg->name, v, field, err);
	case ARG_STRING:
		*(const char **)field = text_of(v);
		return *(const char **)field ? 0 : wrong_type(arg->name, "a string", err);
	case ARG_BOOL:
		if (!value_is(v, VALUE_BOOL))
			return wrong_type(arg->name, "true or false", err);
		*(bool *)field = v->boolean;
		return 0;
	case ARG_INT:
		if (!value_is(v, VALUE_INT) || v->integer.big || v->integer.number < INT32_MIN ||
			v->integer.number > INT32_MAX)
			return wrong_type(arg->name, "an integer of 32 bits", err);
		*(int64_t *)field = v->integer.number;
		return 0;
	}
	return 0;
}

int query_args_read(
	const struct query *q, const struct value *args, struct query_args *out, struct err *err)
{
	*out = QUERY_ARGS_INIT;
	if (args && !value_is(args, VALUE_MAP))
		return err_set(err, ERR_USAGE, "arguments must be an object");
	for (size_t i = 0; i < value_count(args); i++) {
		const struct value_item *it = &args->list.items[i];
		const struct arg *arg = NULL;
		for (size_t k = 0; k < ARRAY_SIZE(args_of_all); k++)
			if (str_eq(args_of_all[k].name, it->key))
				arg = &args_of_all[k];
		if (!arg || !takes(q, it->key))
			return err_set(err, ERR_USAGE, "'%s' has no argument '%s', but: %s",
				q->name, it->key, *q->takes ? q->takes : "none");
		int r = read_arg(arg, it->value, out, err);
		if (r < 0)
			return r;
	}
	return 0;
}

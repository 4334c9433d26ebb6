/* The resolvers, one function for each. */
#include "hydra/resolvers.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/str.h"
#include "hydra/interpolate_int.h"
#include "text/yaml11.h"

#define RAISED " raised while resolving interpolation: "

struct call {
	const struct scene *scene;
	const struct result *args;
	size_t count;
};

static struct arena *arena_of(const struct call *c)
{
	return c->scene->in->arena;
}

static void give_string(const struct call *c, struct result *out, const char *s)
{
	out->value = value_string(arena_of(c), s);
}

/* ---- oc.env */

static int call_env(const struct call *c, struct result *out, struct err *err)
{
	const char *name = result_str(c->args[0]);
	if (!name)
		return err_set(err, ERR_VALUE, "TypeError" RAISED "str expected, not %s",
			result_type(c->args[0]));

	const char *found = strchr(name, '=') ? NULL : getenv(name);
	if (found) {
		give_string(c, out, found);
		return 0;
	}
	if (c->count < 2)
		return err_set(err, ERR_VALUE,
			"KeyError" RAISED "\"Environment variable '%s' not found\"", name);
	if (!c->args[1].node && value_is(c->args[1].value, VALUE_NULL)) {
		out->value = c->args[1].value;
		return 0;
	}
	AUTO(buf_release) struct buf text = BUF_INIT;
	result_add_str(&text, c->args[1]);
	out->value = value_stringn(arena_of(c), buf_str(&text), text.len);
	return 0;
}

/* ---- oc.create, oc.decode */

/* A container that stands beside the interpolation. */
static int give_node(const struct call *c, struct result *out, struct node *n, struct err *err)
{
	out->node = n;
	n->parent = c->scene->parent;
	n->key = NULL;
	int r = grammar_check(node_value(arena_of(c), n), err);
	return r;
}

/* A text is read as YAML; one that is only a string becomes a key without a value. */
static int create_from_text(
	const struct call *c, const char *s, struct result *out, struct err *err)
{
	struct arena *a = arena_of(c);
	struct value *v;
	int r = yaml11_load(a, "oc.create", s, strlen(s), &v, err);
	if (r < 0)
		return err_recode(err, ERR_VALUE);
	if (value_is(v, VALUE_STRING)) {
		struct value *map = value_map(a);
		value_setn(a, map, v->str.ptr, v->str.len, value_null(a));
		v = map;
	}
	if (value_is(v, VALUE_NULL))
		v = value_map(a);
	if (!value_is_container(v))
		return err_set(err, ERR_VALUE,
			"ValidationError" RAISED "Object of unsupported type: '%s'",
			value_type_name(v));
	return give_node(c, out, node_from(a, v), err);
}

static int call_create(const struct call *c, struct result *out, struct err *err)
{
	struct arena *a = arena_of(c);
	const struct result *arg = &c->args[0];
	if (arg->node)
		return give_node(c, out, node_copy(a, arg->node), err);
	if (value_is_container(arg->value))
		return give_node(c, out, node_from(a, arg->value), err);
	if (value_str(arg->value))
		return create_from_text(c, value_str(arg->value), out, err);
	out->value = arg->value;
	if (!value_is(arg->value, VALUE_NULL))
		return err_set(err, ERR_VALUE,
			"ValidationError" RAISED "Object of unsupported type: '%s'",
			value_type_name(arg->value));
	return 0;
}

static int call_decode(const struct call *c, struct result *out, struct err *err)
{
	struct interpolation *in = c->scene->in;
	const char *text = result_str(c->args[0]);
	struct expr *e;

	if (!c->args[0].node && value_is(c->args[0].value, VALUE_NULL)) {
		out->value = c->args[0].value;
		return 0;
	}
	if (!text)
		return err_set(err, ERR_VALUE,
			"TypeError" RAISED "`oc.decode` can only take strings or None as input, "
			"but it is of type %s",
			result_type(c->args[0]));
	int r = interpolation_spend(in, 0, 0, err);
	if (r == 0)
		r = grammar_parse_element(in->arena, text, &e, err);
	if (r == 0)
		r = evaluate(c->scene, e, out, err);
	if (r == 0)
		*out = result_value(*out);
	return r;
}

/* ---- oc.select, oc.deprecated, oc.dict */

/* The node that an argument names; NULL: there is none. */
static int select_arg(const struct call *c, bool missing_fails, struct node **out, struct err *err)
{
	const char *key = result_str(c->args[0]);
	if (!key)
		return err_set(err, ERR_VALUE, "TypeError" RAISED "a key must be a string, not %s",
			result_type(c->args[0]));
	AUTO(err_release) struct err cause = ERR_INIT;
	int r = interpolation_select(
		c->scene->in, c->scene->parent, key, missing_fails, out, &cause);
	if (r == INTERPOLATION_TYPE) { /* a key below a scalar counts as not there */
		*out = NULL;
		return 0;
	}
	return r < 0 ? err_move(err, &cause) : 0;
}

static int call_select(const struct call *c, struct result *out, struct err *err)
{
	int r = select_arg(c, false, &out->node, err);
	if (r < 0)
		return r;
	if (out->node && !node_is_missing(out->node))
		*out = result_value(*out);
	else if (c->count > 1)
		*out = c->args[1];
	else
		*out = (struct result){.value = value_null(arena_of(c))};
	return 0;
}

/* Replace $OLD_KEY and $NEW_KEY, as Python's string.Template does. */
static void add_template(struct buf *out, const char *s, const char *old_key, const char *new_key)
{
	while (*s) {
		bool brace = str_starts(s, "${");
		const char *word = s + (brace ? 2 : 1);
		const char *with = *s != '$'                     ? NULL
				   : str_starts(word, "OLD_KEY") ? old_key
				   : str_starts(word, "NEW_KEY") ? new_key
								 : NULL;
		if (str_starts(s, "$$")) {
			buf_addc(out, '$');
			s += 2;
		} else if (with && (!brace || word[7] == '}')) {
			buf_adds(out, with);
			s = word + 7 + brace;
		} else {
			buf_addc(out, *s++);
		}
	}
}

static int call_deprecated(const struct call *c, struct result *out, struct err *err)
{
	AUTO(buf_release) struct buf old_key = BUF_INIT, new_key = BUF_INIT, text = BUF_INIT;
	const char *message = "'$OLD_KEY' is deprecated. Change your code and config to use "
			      "'$NEW_KEY'";
	int r = select_arg(c, false, &out->node, err);
	if (r < 0)
		return r;

	node_full_key(&old_key, c->scene->node, NULL);
	if (!out->node)
		return err_set(err, ERR_VALUE,
			"ConfigKeyError" RAISED "In oc.deprecated resolver at '%s': Key not found: "
			"'%s'",
			buf_str(&old_key), result_str(c->args[0]));
	if (c->count > 1)
		message = result_str(c->args[1]);
	if (!message)
		return err_set(err, ERR_VALUE,
			"TypeError" RAISED "oc.deprecated: interpolation message type is not a "
			"string (%s)",
			result_type(c->args[1]));
	node_full_key(&new_key, out->node, NULL);
	add_template(&text, message, buf_str(&old_key), buf_str(&new_key));
	if (c->scene->in->warnings)
		strlist_add_once(c->scene->in->warnings, buf_str(&text));
	return 0;
}

static int select_dict(
	const struct call *c, const char *resolver, struct node **out, struct err *err)
{
	int r = select_arg(c, true, out, err);
	if (r < 0)
		return r;
	if (!*out)
		return err_set(err, ERR_VALUE, "ConfigKeyError" RAISED "Key not found: '%s'",
			result_str(c->args[0]));
	if ((*out)->kind != NODE_DICT)
		return err_set(err, ERR_VALUE,
			"TypeError" RAISED "`%s` cannot be applied to objects of type: %s",
			resolver, result_type((struct result){.node = *out}));
	return 0;
}

/* A key as a value, for oc.dict.keys. */
static struct value *key_value(struct arena *a, const struct node *n)
{
	struct value *v = yaml11_construct(a, YAML_IS_STRING, n->key, n->key_len);
	if (n->key_kind == VALUE_BOOL)
		v = value_bool(a, n->key[0] == 'T');
	else if (n->key_kind == VALUE_INT)
		v = value_int_text(a, n->key);
	else if (n->key_kind == VALUE_FLOAT)
		v = value_float(a, strtod(n->key, NULL));
	return v;
}

static int call_dict_keys(const struct call *c, struct result *out, struct err *err)
{
	struct arena *a = arena_of(c);
	struct node *dict, *list = node_list(a);
	int r = select_dict(c, "oc.dict.keys", &dict, err);
	for (size_t i = 0; r == 0 && i < dict->count; i++)
		node_append(a, list, node_scalar(a, key_value(a, dict->items[i])));
	return r < 0 ? r : give_node(c, out, list, err);
}

/* The values are interpolations, so that they follow later changes. */
static int call_dict_values(const struct call *c, struct result *out, struct err *err)
{
	struct arena *a = arena_of(c);
	struct node *dict, *list = node_list(a);
	const char *key = result_str(c->args[0]);
	int r = select_dict(c, "oc.dict.values", &dict, err);
	for (size_t i = 0; r == 0 && i < dict->count; i++) {
		/* the list is one level deeper than the interpolation */
		const char *text = arena_printf(a, "${%s%s.%.*s}", key[0] == '.' ? "." : "", key,
			(int)dict->items[i]->key_len, dict->items[i]->key);
		node_append(a, list, node_scalar(a, value_string(a, text)));
	}
	list->typed_list = true;
	return r < 0 ? r : give_node(c, out, list, err);
}

/* ---- Hydra's */

/* The time in a format of strftime(). The same format gives the same text in one run. */
static int call_now(const struct call *c, struct result *out, struct err *err)
{
	struct interpolation *in = c->scene->in;
	const char *format = result_str(c->args[0]);
	time_t now = time(NULL);
	struct tm tm;
	char text[256];

	if (!format)
		return err_set(err, ERR_VALUE,
			"TypeError" RAISED "strftime() argument 1 must be str, not %s",
			result_type(c->args[0]));
	if (!in->now)
		in->now = value_map(in->arena);
	out->value = value_get(in->now, format);
	if (out->value)
		return 0;
	text[0] = 0;
	/* the format is the user's own, as in Python; compilers accept that through a pointer */
	size_t (*volatile write_time)(char *, size_t, const char *, const struct tm *) = strftime;
	if (localtime_r(&now, &tm) && strlen(format) < sizeof(text) / 4)
		text[write_time(text, sizeof(text), format, &tm)] = 0;
	give_string(c, out, text);
	value_set(in->arena, in->now, format, out->value);
	return 0;
}

/* DVC composes outside of a job of Hydra. */
static int call_hydra(const struct call *c, struct result *out, struct err *err)
{
	(void)c;
	(void)out;
	return err_set(err, ERR_VALUE, "ValueError" RAISED "HydraConfig was not set");
}

static int call_python_version(const struct call *c, struct result *out, struct err *err)
{
	(void)c;
	(void)out;
	return err_set(err, ERR_UNSUPPORTED,
		"the resolver 'python_version' needs Python, which is not used here");
}

static const struct resolver {
	const char *name;
	size_t least, most; /* arguments */
	int (*call)(const struct call *c, struct result *out, struct err *err);
} resolvers[] = {
	{"oc.env", 1, 2, call_env},
	{"oc.create", 1, 1, call_create},
	{"oc.decode", 1, 1, call_decode},
	{"oc.deprecated", 1, 2, call_deprecated},
	{"oc.select", 1, 2, call_select},
	{"oc.dict.keys", 1, 1, call_dict_keys},
	{"oc.dict.values", 1, 1, call_dict_values},
	{"now", 1, 1, call_now},
	{"hydra", 1, 1, call_hydra},
	{"python_version", 0, 1, call_python_version},
};

int resolver_call(const struct scene *s, const char *name, const struct result *args, size_t count,
	struct result *out, struct err *err)
{
	const struct call c = {.scene = s, .args = args, .count = count};
	for (size_t i = 0; i < ARRAY_SIZE(resolvers); i++) {
		const struct resolver *r = &resolvers[i];
		if (strcmp(r->name, name) != 0)
			continue;
		if (count < r->least || count > r->most)
			return err_set(err, ERR_VALUE,
				"TypeError" RAISED
				"%s() takes %zu to %zu arguments, %zu were given",
				name, r->least, r->most, count);
		return r->call(&c, out, err);
	}
	err_set(err, ERR_VALUE, "Unsupported interpolation type %s", name);
	err_hint(err, "resolvers that Python code registers are not available; those of OmegaConf "
		      "are");
	return ERR_VALUE;
}

/* The functions of the override grammar: casts, and those that describe sweeps. The messages are
 * Hydra's, which are those of Python exceptions. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "hydra/override_int.h"
#include "text/number.h"

struct call {
	struct arena *arena;
	struct bound_args args;
	char *error; /* message, if the call failed */
};

static bool fail(struct call *c, const char *type, const char *what)
{
	c->error = arena_printf(c->arena, "%s: %s", type, what);
	return false;
}

/* ---- casts */

/* The text without underscores between digits; NULL when one is anywhere else. Heap string. */
static char *without_underscores(const char *s)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	for (const char *p = s; *p; p++) {
		bool between = p > s && isdigit((unsigned char)p[-1]) &&
			       isdigit((unsigned char)p[1]);
		if (*p == '_' && !between)
			return NULL;
		if (*p != '_')
			buf_addc(&out, *p);
	}
	return buf_detach(&out);
}

/* Python's int(s). */
static struct value *int_from(struct arena *a, const char *s)
{
	AUTO(mem_freep) char *plain = str_strip(s);
	AUTO(mem_freep) char *text = without_underscores(plain);
	const char *digits = text && *text && strchr("+-", *text) ? text + 1 : text;
	if (!digits || !*digits || digits[strspn(digits, "0123456789")])
		return NULL;
	return number_parse_int(a, text, strlen(text));
}

/* Python's float(s), which knows no hexadecimal numbers. */
static bool float_from(const char *s, double *out)
{
	AUTO(mem_freep) char *plain = str_strip(s);
	AUTO(mem_freep) char *text = without_underscores(plain);
	const char *word = text && *text && strchr("+-", *text) ? text + 1 : text;
	char *end;
	if (!word || !*word)
		return false;
	bool named = strcasecmp(word, "nan") == 0 || strcasecmp(word, "inf") == 0 ||
		     strcasecmp(word, "infinity") == 0;
	if (!named && word[strspn(word, "0123456789.eE+-")])
		return false;
	*out = strtod(text, &end);
	return !*end;
}

/* Cast a string as Python's bool, int and float do. `to`: b, i or f. */
static bool cast_text(struct call *c, char to, const char *s, struct value **out)
{
	AUTO(mem_freep) char *lower = str_lower(s);
	double number = 0;

	if (to == 'b') {
		*out = value_bool(c->arena, str_eq(lower, "true"));
		if (str_eq(lower, "true") || str_eq(lower, "false"))
			return true;
		return fail(c, "ValueError", arena_printf(c->arena, "Cannot cast '%s' to bool", s));
	}
	if (to == 'i') {
		*out = int_from(c->arena, s);
		if (*out)
			return true;
		return fail(c, "ValueError",
			arena_printf(c->arena, "invalid literal for int() with base 10: '%s'", s));
	}
	if (!float_from(s, &number))
		return fail(c, "ValueError",
			arena_printf(c->arena, "could not convert string to float: '%s'", s));
	*out = value_float(c->arena, number);
	return true;
}

/* Cast a value; containers item by item. `to`: i (int), f (float), s (str), b (bool). */
static bool cast_value(struct call *c, char to, const struct value *v, struct value **out)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (value_is_container(v)) {
		*out = value_new(c->arena, v->kind);
		for (size_t i = 0; i < v->list.count; i++) {
			const struct value_item *it = &v->list.items[i];
			struct value *item;
			if (!cast_value(c, to, it->value, &item))
				return false;
			if (it->key)
				value_add(c->arena, *out, it->key, it->key_len, item)->key_kind =
					it->key_kind;
			else
				value_append(c->arena, *out, item);
		}
		return true;
	}

	if (value_is(v, VALUE_NULL) && to == 'b') {
		*out = value_bool(c->arena, false);
		return true;
	}
	if (value_is(v, VALUE_NULL))
		return fail(c, "AssertionError", ""); /* Hydra asserts */

	if (to == 's') {
		if (value_is(v, VALUE_BOOL))
			buf_adds(&text, v->boolean ? "true" : "false");
		else
			value_add_str(&text, v);
		*out = value_stringn(c->arena, buf_str(&text), text.len);
		return true;
	}

	if (value_is(v, VALUE_STRING))
		return cast_text(c, to, v->str.ptr, out);

	double number = value_number(v);
	if (to == 'b')
		*out = value_bool(c->arena, number != 0);
	else if (to == 'f')
		*out = value_float(c->arena, number);
	else if (value_is(v, VALUE_FLOAT)) {
		if (isnan(number) || isinf(number))
			return isnan(number) ? fail(c, "ValueError",
						       "cannot convert float NaN to integer")
					     : fail(c, "OverflowError",
						       "cannot convert float infinity to integer");
		/* printed in full, as a Python int has no limit */
		buf_addf(&text, "%.0f", trunc(number));
		*out = value_int_text(c->arena, buf_str(&text));
	} else if (value_is(v, VALUE_BOOL)) {
		*out = value_int(c->arena, v->boolean);
	} else {
		*out = value_copy(c->arena, v);
	}
	return true;
}

/* All positional arguments as a simple choice. Nothing can use a sweep among them. */
static bool gather(struct call *c, struct element *out)
{
	struct value *list = value_list(c->arena);
	for (size_t i = 0; i < c->args.count; i++) {
		const struct element *e = &c->args.positional[i];
		if (e->sweep)
			return fail(c, "UnsupportedValueType",
				arena_printf(c->arena,
					"Value '%s' is not a supported primitive type",
					override_sweep_name(e->sweep)));
		value_append(c->arena, list, e->value);
	}
	*out = (struct element){.sweep = SWEEP_CHOICE, .value = list, .simple = true};
	return true;
}

static bool is_null(const struct element *e)
{
	return !e || (!e->sweep && value_is(e->value, VALUE_NULL));
}

static bool cast_range(struct call *c, char to, const struct element *e, struct element *out)
{
	struct value *start, *stop, *step;
	if (to != 'i' && to != 'f')
		return fail(c, "ValueError", "Range can only be cast to int or float");
	if (!cast_value(c, to, e->start, &start) || !cast_value(c, to, e->stop, &stop) ||
		!cast_value(c, to, e->step, &step))
		return false;
	*out = (struct element){.sweep = SWEEP_RANGE, .start = start, .stop = stop, .step = step};
	return true;
}

/* A cast of several arguments is a cast of a choice. */
static bool cast(struct call *c, char to, struct element *out)
{
	const struct element *value = c->args.named[0];
	struct element e;

	if (!is_null(value) && c->args.count)
		return fail(c, "TypeError", "cannot use both position and named arguments");
	if (is_null(value) && !c->args.count)
		return fail(c, "TypeError", "No positional args or value specified");
	if (!is_null(value))
		e = *value;
	else if (c->args.count == 1)
		e = c->args.positional[0];
	else if (!gather(c, &e))
		return false;

	if (e.sweep == SWEEP_RANGE)
		return cast_range(c, to, &e, out);
	if (e.sweep == SWEEP_INTERVAL && (to == 's' || to == 'b'))
		return fail(c, "ValueError",
			arena_printf(c->arena, "Intervals cannot be cast to %s",
				to == 's' ? "str" : "bool"));
	*out = (struct element){.sweep = e.sweep, .simple = e.simple};
	return e.sweep == SWEEP_INTERVAL || cast_value(c, to, e.value, &out->value);
}

/* ---- sweeps */

static bool make_choice(struct call *c, struct element *out)
{
	if (!c->args.count)
		return fail(c, "ValueError", "empty choice is not legal");

	/* choice(a,b) is nested only if the inner one is a call, too */
	const struct element *first = &c->args.positional[0];
	if (c->args.count == 1 && first->sweep == SWEEP_CHOICE) {
		if (!first->simple)
			return fail(c, "ValueError", "nesting choices is not supported");
		*out = *first;
		out->simple = false;
		return true;
	}
	bool ok = gather(c, out);
	out->simple = false;
	return ok;
}

/* range(stop) or range(start, stop, step), as in Python. */
static bool make_range(struct call *c, struct element *out)
{
	const struct element *start = c->args.named[0], *stop = c->args.named[1],
			     *step = c->args.named[2];
	*out = (struct element){.sweep = SWEEP_RANGE,
		.start = is_null(stop) ? value_int(c->arena, 0) : start->value,
		.stop = is_null(stop) ? start->value : stop->value,
		.step = step ? step->value : value_int(c->arena, 1)};
	return true;
}

/* Python's a < b. Fails for types that have no order. */
static bool less(struct call *c, const struct value *a, const struct value *b, bool *out)
{
	if (value_is(a, VALUE_STRING) && value_is(b, VALUE_STRING)) {
		*out = strcmp(a->str.ptr, b->str.ptr) < 0;
		return true;
	}
	if (value_is_number(a) && value_is_number(b)) {
		*out = value_number(a) < value_number(b);
		return true;
	}
	if (!value_is(a, VALUE_LIST) || !value_is(b, VALUE_LIST))
		return fail(c, "TypeError",
			arena_printf(c->arena,
				"'<' not supported between instances of '%s' and '%s'",
				value_type_name(a), value_type_name(b)));

	/* the first items that differ decide */
	size_t both = MIN(a->list.count, b->list.count);
	for (size_t i = 0; i < both; i++)
		if (!value_equal(a->list.items[i].value, b->list.items[i].value))
			return less(c, a->list.items[i].value, b->list.items[i].value, out);
	*out = a->list.count < b->list.count;
	return true;
}

static void reverse_list(struct value *list)
{
	for (size_t i = 0, n = list->list.count; i < n / 2; i++) {
		struct value_item it = list->list.items[i];
		list->list.items[i] = list->list.items[n - 1 - i];
		list->list.items[n - 1 - i] = it;
	}
}

/* Insertion sort, which is stable as Python's. A reverse sort is one of the reversed list. */
static bool sort_list(struct call *c, struct value *list, bool reverse)
{
	if (reverse)
		reverse_list(list);
	for (size_t i = 1; i < list->list.count; i++) {
		struct value_item it = list->list.items[i];
		size_t j = i;
		for (; j > 0; j--) {
			bool smaller;
			if (!less(c, it.value, list->list.items[j - 1].value, &smaller))
				return false;
			if (!smaller)
				break;
			list->list.items[j] = list->list.items[j - 1];
		}
		list->list.items[j] = it;
	}
	if (reverse)
		reverse_list(list);
	return true;
}

/* x + sign * y; an integer if both are. */
static struct value *add_numbers(
	struct arena *a, const struct value *x, double sign, const struct value *y)
{
	if (value_is(x, VALUE_INT) && value_is(y, VALUE_INT))
		return value_int(a, x->integer.number + (int64_t)sign * y->integer.number);
	return value_float(a, value_number(x) + sign * value_number(y));
}

static struct value *negated(struct arena *a, const struct value *v)
{
	return value_is(v, VALUE_INT) ? value_int(a, -v->integer.number)
				      : value_float(a, -value_number(v));
}

/* Is it an integer that arithmetic here would not keep exact? Python's have any size. */
static bool is_far(const struct value *v)
{
	enum { EXACT_BITS = 53 }; /* of a double */
	const int64_t most = INT64_C(1) << EXACT_BITS;
	return value_is(v, VALUE_INT) &&
	       (v->integer.big || v->integer.number > most || v->integer.number < -most);
}

static bool range_is_far(const struct element *e)
{
	return is_far(e->start) || is_far(e->stop) || is_far(e->step);
}

/* Reverse a range that runs in the other direction. */
static void sort_range(struct call *c, struct element *e, bool reverse)
{
	double start = value_number(e->start), stop = value_number(e->stop);
	if (range_is_far(e) || (reverse ? start >= stop : start <= stop))
		return; /* override_choices() refuses a range that is far */

	/* the new bounds are one step further, because the stop of a range is exclusive */
	double sign = (reverse ? -1.0 : 1.0) * (value_number(e->step) < 0 ? -1.0 : 1.0);
	const struct value *from = add_numbers(c->arena, e->stop, sign, e->step);
	e->stop = add_numbers(c->arena, e->start, sign, e->step);
	e->start = from;
	e->step = negated(c->arena, e->step);
}

/* Several arguments of sort() must be scalars. */
static bool check_scalars(struct call *c)
{
	for (size_t i = 0; i < c->args.count; i++)
		if (c->args.positional[i].sweep || value_is_container(c->args.positional[i].value))
			return fail(c, "TypeError", "Invalid arguments");
	return true;
}

/* sort(a, b, ..., reverse=true), sort(list=[...]), sort(sweep=...) */
static bool make_sort(struct call *c, struct element *out)
{
	const struct element *sweep = c->args.named[0], *list = c->args.named[1],
			     *flag = c->args.named[2];
	bool reverse = flag && flag->value->boolean;

	if (!is_null(list))
		*out = *list;
	else if (!is_null(sweep))
		*out = *sweep;
	else if (c->args.count == 1)
		*out = c->args.positional[0];
	else if (!check_scalars(c) || !gather(c, out))
		return false;
	else if (!c->args.count)
		return fail(c, "ValueError", "empty sort input");

	if (out->sweep == SWEEP_RANGE)
		sort_range(c, out, reverse);
	else if (value_is_list(out->value))
		return sort_list(c, out->value = value_copy(c->arena, out->value), reverse);
	return true;
}

/* Not reproducible, as in Hydra without a seed. */
static void shuffle(struct value *list)
{
	for (size_t i = list->list.count; i > 1; i--) {
		size_t j = (size_t)random() % i;
		struct value_item it = list->list.items[i - 1];
		list->list.items[i - 1] = list->list.items[j];
		list->list.items[j] = it;
	}
}

/* A sweep is shuffled when it is expanded, a list right away. */
static bool make_shuffle(struct call *c, struct element *out)
{
	const struct element *one = c->args.count == 1 ? &c->args.positional[0] : NULL;
	if (!is_null(c->args.named[0]))
		one = c->args.named[0];
	if (!is_null(c->args.named[1]))
		one = c->args.named[1];

	if (!one) {
		bool ok = gather(c, out);
		out->shuffle = true;
		return ok;
	}
	*out = *one;
	if (one->sweep) {
		out->shuffle = true;
	} else if (value_is_list(one->value)) {
		out->value = value_copy(c->arena, one->value);
		shuffle(out->value);
	} else {
		out->value = value_list(c->arena);
		value_append(c->arena, out->value, one->value);
	}
	return true;
}

/* tag(name, ..., sweep): tags have no effect here. */
static bool make_tag(struct call *c, struct element *out)
{
	const struct element *sweep = c->args.named[0];
	size_t tags = c->args.count;
	if (!tags)
		return fail(
			c, "ValueError", "Not enough arguments to tag, must take at least a sweep");
	if (is_null(sweep))
		sweep = &c->args.positional[--tags];
	if (!sweep->sweep)
		return fail(c, "ValueError",
			"Last argument to tag() must be a choice(), range() or interval(), got "
			"NoneType");
	for (size_t i = 0; i < tags; i++)
		if (c->args.positional[i].sweep)
			return fail(c, "ValueError",
				arena_printf(c->arena, "tag arguments type must be string, got %s",
					override_sweep_name(c->args.positional[i].sweep)));
	*out = *sweep;
	return true;
}

int override_call(struct arena *a, const char *name, const struct override_arg *args, size_t count,
	struct element *out, char **out_error)
{
	struct call c = {.arena = a};
	bool ok = override_bind(a, name, args, count, &c.args, &c.error);
	if (!ok)
		; /* the message says why */
	else if (strcmp(name, "int") == 0 || strcmp(name, "float") == 0 ||
		 strcmp(name, "str") == 0 || strcmp(name, "bool") == 0)
		ok = cast(&c, name[0], out); /* the names differ in their first letters */
	else if (strcmp(name, "choice") == 0)
		ok = make_choice(&c, out);
	else if (strcmp(name, "range") == 0)
		ok = make_range(&c, out);
	else if (strcmp(name, "interval") == 0)
		/* DVC does not support these two; they are refused where the sweep is used */
		*out = (struct element){.sweep = SWEEP_INTERVAL};
	else if (strcmp(name, "glob") == 0)
		*out = (struct element){.sweep = SWEEP_GLOB};
	else if (strcmp(name, "sort") == 0)
		ok = make_sort(&c, out);
	else if (strcmp(name, "shuffle") == 0)
		ok = make_shuffle(&c, out);
	else
		ok = make_tag(&c, out);
	*out_error = c.error;
	return ok ? 0 : -1;
}

struct value *override_choices(struct arena *a, const struct element *e, char **out_error)
{
	struct value *list;
	if (e->sweep == SWEEP_CHOICE) {
		list = e->shuffle ? value_copy(a, e->value) : e->value;
	} else if (value_is(e->start, VALUE_FLOAT) || value_is(e->stop, VALUE_FLOAT) ||
		   value_is(e->step, VALUE_FLOAT)) {
		list = override_count_floats(a, e, out_error);
	} else if (range_is_far(e)) {
		*out_error = arena_strdup(a, "the range is too long");
		return NULL;
	} else {
		int64_t start = (int64_t)value_number(e->start),
			stop = (int64_t)value_number(e->stop);
		int64_t step = (int64_t)value_number(e->step);
		list = value_list(a);
		if (step == 0) {
			*out_error = arena_strdup(a, "range() arg 3 must not be zero");
			return NULL;
		}
		if ((stop - start) / step > OVERRIDE_MAX_CHOICES) {
			*out_error = arena_strdup(a, "the range is too long");
			return NULL;
		}
		for (int64_t i = start; step > 0 ? i < stop : i > stop; i += step)
			value_append(a, list, value_int(a, i));
	}

	if (list && e->shuffle)
		shuffle(list);
	return list;
}

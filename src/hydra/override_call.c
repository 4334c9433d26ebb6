/* The functions of the override grammar: casts, and those that describe sweeps. The messages are
 * Hydra's, which are those of Python exceptions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "hydra/override_int.h"
#include "text/number.h"

enum { MAX_CHOICES = 1000000 }; /* a limit against mistakes */

struct call {
	struct arena *arena;
	const struct override_arg *args;
	size_t count;
	char *error; /* message, if the call failed */
};

static bool fail(struct call *c, const char *type, const char *what)
{
	c->error = arena_printf(c->arena, "%s: %s", type, what);
	return false;
}

/* The argument called `name`, or the one at `position`. */
static const struct element *named(const struct call *c, const char *name, size_t position)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->args[i].name ? strcmp(c->args[i].name, name) == 0 : i == position)
			return &c->args[i].value;
	return NULL;
}

/* ---- casts */

/* Cast a string as Python's bool, int and float do. `to`: b, i or f. */
static bool cast_text(struct call *c, char to, const char *s, struct value **out)
{
	AUTO(mem_freep) char *lower = str_lower(s);
	AUTO(mem_freep) char *plain = str_strip(s);

	if (to == 'b') {
		*out = value_bool(c->arena, str_eq(lower, "true"));
		if (str_eq(lower, "true") || str_eq(lower, "false"))
			return true;
		return fail(c, "ValueError", arena_printf(c->arena, "Cannot cast '%s' to bool", s));
	}

	if (to == 'i') {
		*out = number_parse_int(c->arena, plain, strlen(plain));
		/* (Python's int() refuses hexadecimal digits here) */
		if (*out && (strncmp(plain, "0x", 2) != 0))
			return true;
		return fail(c, "ValueError",
			arena_printf(c->arena, "invalid literal for int() with base 10: '%s'", s));
	}

	char *end;
	double number = strtod(plain, &end);
	*out = value_float(c->arena, number);
	if (*plain && !*end && strncmp(plain, "0x", 2) != 0)
		return true;
	return fail(c, "ValueError",
		arena_printf(c->arena, "could not convert string to float: '%s'", s));
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
				value_setn(c->arena, *out, it->key, it->key_len, item);
			else
				value_append(c->arena, *out, item);
		}
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

/* All arguments as a list. */
static struct value *arg_list(struct call *c)
{
	struct value *list = value_list(c->arena);
	for (size_t i = 0; i < c->count; i++)
		value_append(c->arena, list, c->args[i].value.value);
	return list;
}

/* A cast of several arguments is a cast of a choice. */
static bool cast(struct call *c, char to, struct element *out)
{
	if (!c->count)
		return fail(c, "TypeError", "No positional args or value specified");

	struct element e = c->args[0].value;
	if (c->count > 1)
		e = (struct element){.sweep = SWEEP_CHOICE, .value = arg_list(c), .simple = true};
	*out = e;

	if (e.sweep == SWEEP_RANGE) {
		struct value *start, *stop, *step;
		if (to != 'i' && to != 'f')
			return fail(c, "ValueError", "Range can only be cast to int or float");
		if (!cast_value(c, to, e.start, &start) || !cast_value(c, to, e.stop, &stop) ||
			!cast_value(c, to, e.step, &step))
			return false;
		out->start = start;
		out->stop = stop;
		out->step = step;
		return true;
	}

	if (e.sweep == SWEEP_INTERVAL || e.sweep == SWEEP_GLOB)
		return true;
	return cast_value(c, to, e.value, &out->value);
}

/* ---- sweeps */

static bool make_choice(struct call *c, struct element *out)
{
	if (!c->count)
		return fail(c, "ValueError", "empty choice is not legal");

	/* choice(a,b) is nested only if the inner one is a call, too */
	if (c->count == 1 && c->args[0].value.sweep == SWEEP_CHOICE) {
		if (!c->args[0].value.simple)
			return fail(c, "ValueError", "nesting choices is not supported");
		*out = c->args[0].value;
		out->simple = false;
		return true;
	}

	*out = (struct element){.sweep = SWEEP_CHOICE, .value = arg_list(c)};
	return true;
}

/* range(stop) or range(start, stop, step), as in Python. */
static bool make_range(struct call *c, struct element *out)
{
	const struct element *start = named(c, "start", 0), *stop = named(c, "stop", 1),
			     *step = named(c, "step", 2);
	if (!start)
		return fail(c, "TypeError", "missing a required argument: 'start'");

	const struct element *all[] = {start, stop, step};
	static const char *const names[] = {"start", "stop", "step"};
	for (size_t i = 0; i < 3; i++)
		if (all[i] && (all[i]->sweep || !value_is_number(all[i]->value)))
			return fail(c, "TypeError",
				arena_printf(c->arena,
					"mismatch type argument %s: %s is incompatible with "
					"Union[int, float]",
					names[i], value_type_name(all[i]->value)));

	*out = (struct element){
		.sweep = SWEEP_RANGE, .start = start->value, .step = value_int(c->arena, 1)};
	out->stop = stop ? stop->value : start->value;

	if (!stop)
		out->start = value_int(c->arena, 0);
	if (step)
		out->step = step->value;
	return true;
}

/* Strings by bytes, numbers by value. */
static int compare(const struct value *a, const struct value *b)
{
	if (value_is(a, VALUE_STRING) && value_is(b, VALUE_STRING))
		return strcmp(a->str.ptr, b->str.ptr);
	double x = value_number(a), y = value_number(b);
	return (x > y) - (x < y);
}

/* Insertion sort, which is stable as Python's. Strings and numbers cannot be compared. */
static bool sort_list(struct call *c, struct value *list, bool reverse)
{
	for (size_t i = 1; i < list->list.count; i++) {
		struct value_item it = list->list.items[i];

		size_t j = i;
		for (; j > 0; j--) {
			const struct value *other = list->list.items[j - 1].value;
			if (value_is_number(other) != value_is_number(it.value))
				return fail(c, "TypeError",
					arena_printf(c->arena,
						"'<' not supported between instances of '%s' and '%s'",
						value_type_name(it.value), value_type_name(other)));
			int order = compare(other, it.value);
			if (reverse ? order >= 0 : order <= 0)
				break;
			list->list.items[j] = list->list.items[j - 1];
		}
		list->list.items[j] = it;
	}
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

/* sort(a, b, ..., reverse=true) */
static bool make_sort(struct call *c, struct element *out)
{
	const struct element *flag = NULL;
	struct element only = {0};
	size_t positional = 0;

	for (size_t i = 0; i < c->count; i++) {
		if (c->args[i].name && strcmp(c->args[i].name, "reverse") == 0) {
			flag = &c->args[i].value;
			continue;
		}
		only = c->args[i].value;
		positional++;
	}

	bool reverse = flag && value_is(flag->value, VALUE_BOOL) && flag->value->boolean;
	if (!positional)
		return fail(c, "ValueError", "empty sort input");

	if (positional > 1) {
		struct call rest = *c;
		rest.count = positional;
		only = (struct element){
			.sweep = SWEEP_CHOICE, .value = arg_list(&rest), .simple = true};
	}

	*out = only;
	if (only.sweep == SWEEP_RANGE)
		sort_range(c, out, reverse);
	else if (value_is_list(only.value))
		return sort_list(c, out->value = value_copy(c->arena, only.value), reverse);
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
	if (c->count == 1 && c->args[0].value.sweep) {
		*out = c->args[0].value;
		out->shuffle = true;
	} else if (c->count == 1 && value_is_list(c->args[0].value.value)) {
		out->value = value_copy(c->arena, c->args[0].value.value);
		shuffle(out->value);
	} else if (c->count == 1) {
		out->value = arg_list(c);
	} else {
		*out = (struct element){.sweep = SWEEP_CHOICE,
			.value = arg_list(c),
			.simple = true,
			.shuffle = true};
	}
	return true;
}

/* tag(name, ..., sweep): tags have no effect here. */
static bool make_tag(struct call *c, struct element *out)
{
	if (!c->count)
		return fail(
			c, "ValueError", "Not enough arguments to tag, must take at least a sweep");
	*out = c->args[c->count - 1].value;
	return out->sweep
		       ? true
		       : fail(c, "ValueError",
				 "Last argument to tag() must be a choice(), range() or interval(), got NoneType");
}

int override_call(struct arena *a, const char *name, const struct override_arg *args, size_t count,
	struct element *out, char **out_error)
{
	struct call c = {.arena = a, .args = args, .count = count};
	bool ok = true;
	if (strcmp(name, "int") == 0 || strcmp(name, "float") == 0 || strcmp(name, "str") == 0 ||
		strcmp(name, "bool") == 0)
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
	else if (strcmp(name, "tag") == 0)
		ok = make_tag(&c, out);
	else
		ok = fail(&c, "HydraException",
			arena_printf(a,
				"Unknown function '%s'\nAvailable: bool,choice,float,glob,int,"
				"interval,range,shuffle,sort,str,tag\n",
				name));
	*out_error = c.error;
	return ok ? 0 : -1;
}

/* Ranges of floats are counted in decimal with 28 significant digits, as Python's decimal module
 * does. So range(0,1,0.1) contains 0.3 and not 0.30000000000000004. */
enum {
	DECIMAL_WHOLE = 320, /* enough for the largest double, 1.8e308 */
	DECIMAL_FRACTION = 140,
	DECIMAL_LEN = DECIMAL_WHOLE + DECIMAL_FRACTION,
	DECIMAL_PRECISION = 28
};

struct decimal { /* fixed point, the most significant digit first */
	bool negative;
	signed char digits[DECIMAL_LEN];
};

/* The number with 140 digits behind the point, which is more than counting needs. */
static struct decimal decimal_from(double number)
{
	struct decimal d = {.negative = number < 0};
	char text[DECIMAL_LEN + 16];
	int n = snprintf(text, sizeof(text), "%.*f", DECIMAL_FRACTION, fabs(number));
	int whole = n - DECIMAL_FRACTION - 1;

	for (int i = 0; i < n; i++)
		if (text[i] != '.')
			d.digits[DECIMAL_WHOLE - whole + i - (i > whole)] = (signed char)(text[i] -
											  '0');
	return d;
}

/* Compare absolute values. */
static int decimal_compare(const struct decimal *a, const struct decimal *b)
{
	return memcmp(a->digits, b->digits, sizeof(a->digits));
}

/* Round to the precision, half to even, as Python's decimal module does. */
static void decimal_round(struct decimal *d)
{
	int first = 0;
	while (first < DECIMAL_LEN && !d->digits[first])
		first++;

	int cut = first + DECIMAL_PRECISION;
	if (cut >= DECIMAL_LEN)
		return;

	bool rest = false;
	for (int i = cut + 1; i < DECIMAL_LEN; i++)
		rest |= d->digits[i] != 0;
	bool up = d->digits[cut] > 5 || (d->digits[cut] == 5 && (rest || d->digits[cut - 1] % 2));

	memset(d->digits + cut, 0, (size_t)(DECIMAL_LEN - cut));
	for (int i = cut - 1; up && i >= 0; i--) {
		up = ++d->digits[i] == 10;
		if (up)
			d->digits[i] = 0;
	}
}

/* a += b, rounded. */
static void decimal_add(struct decimal *a, const struct decimal *b)
{
	struct decimal sum = {.negative = a->negative};
	const struct decimal *x = a, *y = b;
	int sign = a->negative == b->negative ? 1 : -1, carry = 0;

	/* subtract the smaller from the larger */
	if (sign < 0 && decimal_compare(a, b) < 0) {
		x = b;
		y = a;
		sum.negative = b->negative;
	}

	for (int i = DECIMAL_LEN; i-- > 0;) {
		int digit = x->digits[i] + sign * y->digits[i] + carry;
		carry = digit > 9 ? 1 : digit < 0 ? -1 : 0;
		sum.digits[i] = (signed char)(digit - 10 * carry);
	}

	*a = sum;
	decimal_round(a);
}

/* The nearest double. strtod() rounds correctly. */
static double decimal_to(const struct decimal *d)
{
	char text[DECIMAL_LEN + 4], *p = text;
	if (d->negative)
		*p++ = '-';
	for (int i = 0; i < DECIMAL_LEN; i++) {
		if (i == DECIMAL_WHOLE)
			*p++ = '.';
		*p++ = (char)('0' + d->digits[i]);
	}
	*p = 0;
	return strtod(text, NULL);
}

/* a < b as signed numbers; -0 equals 0. */
static bool decimal_less(const struct decimal *a, const struct decimal *b)
{
	static const struct decimal zero;
	bool an = a->negative && decimal_compare(a, &zero),
	     bn = b->negative && decimal_compare(b, &zero);

	if (an != bn)
		return an;
	int c = decimal_compare(a, b);
	return an ? c > 0 : c < 0;
}

/* The values of a range with at least one float. */
static struct value *count_floats(struct arena *a, const struct element *e, char **out_error)
{
	struct value *list = value_list(a);
	double step = value_number(e->step), start = value_number(e->start),
	       stop = value_number(e->stop);

	if (isnan(start + stop + step) || isinf(start + stop + step) || step == 0 ||
		(stop - start) / step > MAX_CHOICES) {
		*out_error = arena_strdup(a, "Invalid range values");
		return step == 0 && start != stop ? NULL : list;
	}

	struct decimal at = decimal_from(start), end = decimal_from(stop), by = decimal_from(step);
	while (step > 0 ? decimal_less(&at, &end) : decimal_less(&end, &at)) {
		value_append(a, list, value_float(a, decimal_to(&at)));
		decimal_add(&at, &by);
	}
	return list;
}

struct value *override_choices(struct arena *a, const struct element *e, char **out_error)
{
	struct value *list;
	if (e->sweep == SWEEP_CHOICE) {
		list = e->shuffle ? value_copy(a, e->value) : e->value;
	} else if (value_is(e->start, VALUE_FLOAT) || value_is(e->stop, VALUE_FLOAT) ||
		   value_is(e->step, VALUE_FLOAT)) {
		list = count_floats(a, e, out_error);
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
		if ((stop - start) / step > MAX_CHOICES) {
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

/* The values of a range of floats, counted as Python's decimal module does. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hydra/override_int.h"

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
struct value *override_count_floats(struct arena *a, const struct element *e, char **out_error)
{
	struct value *list = value_list(a);
	double step = value_number(e->step), start = value_number(e->start),
	       stop = value_number(e->stop);

	if (isnan(start + stop + step) || isinf(start + stop + step) || step == 0 ||
		(stop - start) / step > OVERRIDE_MAX_CHOICES) {
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

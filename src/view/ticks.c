/* Limits, the choice of the step, and the text of numbers. */
#include "view/ticks.h"

#include <math.h>
#include <string.h>

#include "base/str.h"

/* With limits inside +-LARGEST, their difference and every step are finite. */
static const double LARGEST = 2e307;

void extent_add(struct extent *e, double value)
{
	if (!isfinite(value))
		return;
	value = fmin(fmax(value, -LARGEST), LARGEST);
	e->lo = fmin(e->lo, value);
	e->hi = fmax(e->hi, value);
}

bool extent_is_empty(const struct extent *e)
{
	return !(e->lo <= e->hi);
}

/* Limits that are apart far enough for ticks with different texts. */
static void widen_constant(double *lo, double *hi)
{
	double size = fmax(fabs(*lo), fabs(*hi));
	if (*hi - *lo > size * 1e-12 && *hi - *lo > 1e-290)
		return;

	double middle = *lo / 2 + *hi / 2;
	double room = size > 1e-290 ? size / 2 : 1;
	*lo = fmax(middle - room, -LARGEST);
	*hi = fmin(middle + room, LARGEST);
}

/* The smallest of 1, 2, 5 x 10^n that is at least `raw`. */
static double nice_step(double raw)
{
	static const double factors[] = {1, 2, 5, 10};
	double power = pow(10, floor(log10(raw)));
	for (size_t i = 0; i < ARRAY_SIZE(factors); i++)
		if (factors[i] * power >= raw * (1 - 1e-9))
			return factors[i] * power;
	return 10 * power;
}

static void find_texts(struct ticks *t)
{
	double largest = fmax(fabs(t->lo), fabs(t->hi));
	int exponent = (int)floor(log10(t->step) + 1e-9);
	int top = largest > 0 ? (int)floor(log10(largest) + 1e-9) : 0;

	t->scientific = largest >= 1e6 || exponent < -5;
	t->decimals = t->scientific ? MIN(MAX(top - exponent, 0), 12) : MAX(-exponent, 0);
}

/* Find the ticks at multiples of the step: inside the limits, or with `nice` around them. A limit
 * that equals a tick but for rounding is that tick. Returns their number. */
static double count_ticks(struct ticks *t, bool nice)
{
	double from = nice ? floor(t->lo / t->step + 1e-9) : ceil(t->lo / t->step - 1e-9);
	double to = nice ? ceil(t->hi / t->step - 1e-9) : floor(t->hi / t->step + 1e-9);
	t->first = from;
	return fmax(to - from + 1, 0);
}

/* The limits of the values. */
static void set_limits(struct ticks *t, const struct extent *e)
{
	*t = (struct ticks){.lo = 0, .hi = 1};
	if (!extent_is_empty(e)) {
		t->lo = e->lo;
		t->hi = e->hi;
	}
	widen_constant(&t->lo, &t->hi);
}

void ticks_init(struct ticks *t, const struct extent *e, int most, bool nice)
{
	set_limits(t, e);
	most = MAX(most, nice ? 3 : 2); /* zero inside the limits makes three */

	t->step = nice_step((t->hi - t->lo) / most);
	double count = count_ticks(t, nice);
	for (; count > most; count = count_ticks(t, nice))
		t->step = nice_step(t->step * 1.1);
	for (; count < 2; count = count_ticks(t, nice))
		t->step = nice_step(t->step / 2.6);
	t->count = (int)count;

	if (nice) {
		t->lo = fmin(t->lo, t->first * t->step);
		t->hi = fmax(t->hi, (t->first + t->count - 1) * t->step);
	}
	find_texts(t);
}

/* Set the limits to rows, each of which is a part `per_tick` of the step. Returns the rows. */
static double limits_at_rows(struct ticks *t, const struct ticks *values, double step, int per_tick)
{
	double row = step / per_tick;
	double from = floor(values->lo / row + 1e-9), to = ceil(values->hi / row - 1e-9);
	*t = (struct ticks){.lo = from * row, .hi = to * row, .step = step};
	t->count = (int)fmin(count_ticks(t, false), 1000);
	return to - from + 1;
}

/* The most rows from one tick to the next with which all fit, or 0. */
static int most_per_tick(struct ticks *t, const struct ticks *values, double step, int rows)
{
	int per_tick = (int)fmin(step / (values->hi - values->lo) * (rows - 1) + 1e-9, 1000);
	while (per_tick > 0 && limits_at_rows(t, values, step, per_tick) > rows)
		per_tick--;
	return per_tick;
}

void ticks_init_rows(struct ticks *t, const struct extent *e, int *rows)
{
	enum { MOST = 9, STEPS = 5 }; /* ticks, and how many steps are tried */
	struct ticks values, best = {0};
	int best_rows = 0;
	double best_score = 0;
	set_limits(&values, e);

	double step = nice_step((values.hi - values.lo) / MOST);
	for (int i = 0; i < STEPS; i++, step = nice_step(step * 1.1)) {
		struct ticks now;
		int per_tick = most_per_tick(&now, &values, step, *rows);
		if (!per_tick || now.count < 2 || (per_tick == 1 && *rows > 5))
			continue;
		int used = (int)limits_at_rows(&now, &values, step, per_tick);
		/* rows are for the values, but an axis with two numbers tells little */
		double score = used + MIN(now.count, 6) * *rows * 0.08;
		if (score <= best_score)
			continue;
		best = now;
		best_score = score;
		best_rows = used;
	}

	if (!best_rows) { /* two rows, say */
		ticks_init(t, e, 2, true);
		return;
	}
	*t = best;
	*rows = best_rows;
	find_texts(t);
}

double ticks_at(const struct ticks *t, int i)
{
	return (t->first + i) * t->step;
}

double ticks_place(const struct ticks *t, double value)
{
	double place = (value - t->lo) / (t->hi - t->lo);
	return fmin(fmax(place, 0), 1);
}

/* Remove zeros at the end of the digits after the point. */
static void trim_zeros(struct buf *text, size_t from)
{
	if (!memchr(text->ptr + from, '.', text->len - from))
		return;
	while (text->ptr[text->len - 1] == '0')
		buf_truncate(text, text->len - 1);
	if (text->ptr[text->len - 1] == '.')
		buf_truncate(text, text->len - 1);
}

/* As "1.5e-07" with at most `decimals` digits after the point: without zeros that say nothing, and
 * with the shortest exponent. */
static void add_scientific(struct buf *out, double value, int decimals)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (value == 0) {
		buf_addc(out, '0');
		return;
	}
	buf_addf(&text, "%.*e", decimals, value);
	size_t e = (size_t)(strchr(text.ptr, 'e') - text.ptr);
	AUTO(buf_release) struct buf digits = BUF_INIT;
	buf_add(&digits, text.ptr, e);
	trim_zeros(&digits, 0);

	const char *exponent = text.ptr + e + 1;
	buf_addbuf(out, &digits);
	buf_addc(out, 'e');
	if (*exponent == '-')
		buf_addc(out, '-');
	exponent++;
	exponent += strspn(exponent, "0");
	buf_adds(out, exponent);
}

void ticks_add(struct buf *out, const struct ticks *t, double value)
{
	if (fabs(value) < t->step / 1e6)
		value = 0; /* it is zero but for rounding, and never "-0" */
	if (t->scientific)
		add_scientific(out, value, t->decimals);
	else
		buf_addf(out, "%.*f", t->decimals, value);
}

void ticks_add_short(struct buf *out, double value)
{
	enum { DIGITS = 5 };
	if (!isfinite(value) || value == 0) {
		buf_adds(out, isnan(value) ? "nan" : value == 0 ? "0" : value < 0 ? "-inf" : "inf");
		return;
	}

	double size = fabs(value);
	if (size >= 1e9 || size < 1e-4) {
		add_scientific(out, value, DIGITS - 1);
		return;
	}
	int decimals = size >= 1e4 ? 0 : MIN(DIGITS - 1 - (int)floor(log10(size)), 6);
	size_t from = out->len;
	buf_addf(out, "%.*f", MAX(decimals, 0), value);
	trim_zeros(out, from);
}

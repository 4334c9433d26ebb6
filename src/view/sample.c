/* Buckets, their means, and the choice in each. */
#include "view/sample.h"

#include <math.h>

struct place {
	double x, y;
};

/* The data, and factors that bring numbers near 1, so that areas do not overflow. */
struct points {
	const double *x, *y;
	double scale_x, scale_y;
};

static struct place place_of(const struct points *p, size_t i)
{
	return (struct place){(p->x ? p->x[i] : (double)i) * p->scale_x, p->y[i] * p->scale_y};
}

static bool is_whole(struct place at)
{
	return isfinite(at.x) && isfinite(at.y);
}

static double scale_for(const double *values, size_t count)
{
	double largest = values ? 0 : (double)count;
	for (size_t i = 0; values && i < count; i++)
		if (fabs(values[i]) > largest && isfinite(values[i]))
			largest = fabs(values[i]);
	return largest > 1e-300 ? 1 / largest : 1;
}

/* The mean of the finite points. False: there are none. */
static bool mean_of(const struct points *p, size_t from, size_t to, struct place *out)
{
	double x = 0, y = 0;
	size_t n = 0;
	for (size_t i = from; i < to; i++) {
		struct place at = place_of(p, i);
		if (!is_whole(at))
			continue;
		x += at.x;
		y += at.y;
		n++;
	}
	if (n)
		*out = (struct place){x / (double)n, y / (double)n};
	return n > 0;
}

/* Twice the area of a triangle. */
static double area(struct place a, struct place b, struct place c)
{
	return fabs((a.x - c.x) * (b.y - a.y) - (a.x - b.x) * (c.y - a.y));
}

/* The point of a bucket that is kept. */
static size_t choose(
	const struct points *p, size_t from, size_t to, struct place before, struct place after)
{
	size_t best = SIZE_MAX, gap = SIZE_MAX, gaps = 0;
	double best_area = -1;
	for (size_t i = from; i < to; i++) {
		struct place at = place_of(p, i);
		if (!is_whole(at)) {
			gap = gaps++ ? gap : i;
			continue;
		}
		double size = area(before, at, after);
		if (size > best_area) {
			best_area = size;
			best = i;
		}
	}
	return gaps * 2 > to - from || best == SIZE_MAX ? gap : best;
}

size_t sample_points(const double *x, const double *y, size_t count, size_t most, size_t *out)
{
	if (count <= most || most < 3) {
		size_t n = count < most ? count : most;
		for (size_t i = 0; i < n; i++)
			out[i] = i;
		if (n == 2)
			out[1] = count - 1;
		return n;
	}

	const struct points p = {x, y, scale_for(x, count), scale_for(y, count)};
	double size = (double)(count - 2) / (double)(most - 2); /* of a bucket */
	size_t from = 1, kept = 0;
	struct place before = place_of(&p, 0), after = {0};
	out[kept++] = 0;

	for (size_t bucket = 0; bucket + 2 < most; bucket++) {
		size_t to = (size_t)(size * (double)(bucket + 1)) + 1;
		size_t next = (size_t)(size * (double)(bucket + 2)) + 1;
		to = MIN(to, count - 1);
		if (!mean_of(&p, to, MIN(MAX(next, to + 1), count), &after))
			after = (struct place){before.x, 0};
		if (!is_whole(before)) /* behind a gap: what is far from what follows */
			before = (struct place){after.x - 1, after.y};

		out[kept] = choose(&p, from, to, before, after);
		before = place_of(&p, out[kept++]);
		from = to;
	}
	out[kept++] = count - 1;
	return kept;
}

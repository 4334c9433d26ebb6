/* Levels between the least and the largest value. */
#include "view/spark.h"

#include <math.h>

#include "base/alloc.h"
#include "view/sample.h"
#include "view/ticks.h"

enum { LEVELS = 8 };

static void add_level(struct buf *out, int level, bool unicode)
{
	if (unicode)
		buf_utf8(out, 0x2581u + (uint32_t)level); /* ▁ to █ */
	else
		buf_addc(out, "_,-=+*#@"[level]);
}

void spark_add(struct buf *out, const double *values, size_t count, size_t most, bool unicode)
{
	size_t shown = MIN(count, most);
	AUTO(mem_freep) size_t *at = mem_array(NULL, shown + 1, sizeof(*at));
	struct extent e = EXTENT_INIT;
	shown = sample_points(NULL, values, count, most, at);
	for (size_t i = 0; i < shown; i++)
		extent_add(&e, values[at[i]]);
	if (extent_is_empty(&e))
		return;

	for (size_t i = 0; i < shown; i++) {
		double value = values[at[i]];
		double share = e.hi > e.lo ? (value - e.lo) / (e.hi - e.lo) : 0.4;
		if (isfinite(value))
			add_level(out, (int)fmin(fmax(share, 0) * LEVELS, LEVELS - 1), unicode);
		else
			buf_adds(out, unicode ? "·" : ".");
	}
}

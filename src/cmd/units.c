#include "cmd/units.h"

#include <time.h>

#include "cmd/list_print.h"

void units_add_duration(struct buf *out, double seconds)
{
	enum { MINUTE = 60, HOUR = 3600, DAY = 86400, MOST_DAYS = 99999 };

	/* written so that NaN is "?", too */
	if (!(seconds < (double)DAY * MOST_DAYS)) {
		buf_adds(out, "?");
	} else if (seconds < 0.9995) {
		buf_addf(out, "%.0fms", MAX(seconds, 0.0) * 1000);
	} else if (seconds < 9.995) {
		buf_addf(out, "%.2fs", seconds);
	} else if (seconds < 99.95) {
		buf_addf(out, "%.1fs", seconds);
	} else {
		long long s = (long long)(seconds + 0.5);
		if (s < HOUR)
			buf_addf(out, "%lldm %02llds", s / MINUTE, s % MINUTE);
		else if (s < DAY)
			buf_addf(out, "%lldh %02lldm", s / HOUR, s % HOUR / MINUTE);
		else
			buf_addf(out, "%lldd %02lldh", s / DAY, s % DAY / HOUR);
	}
}

void units_add_size(struct buf *out, int64_t size_bytes)
{
	if (size_bytes < 0) {
		buf_addc(out, '?');
		return;
	}
	list_add_size(out, size_bytes);
	buf_addc(out, 'B');
}

void units_add_time(struct buf *out, int64_t seconds_since_1970)
{
	char text[64];
	struct tm tm;
	const time_t t = (time_t)seconds_since_1970;
	if (!localtime_r(&t, &tm) || strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		buf_addc(out, '?');
	else
		buf_adds(out, text);
}

void units_add_date(struct buf *out, int64_t seconds_since_1970)
{
	size_t start = out->len;
	units_add_time(out, seconds_since_1970);
	for (size_t i = start; i < out->len; i++)
		if (out->ptr[i] == ' ')
			buf_truncate(out, i);
}

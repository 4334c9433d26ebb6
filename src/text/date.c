/* Dates of HTTP and of XML answers as seconds since 1970. */
#include "text/date.h"

static const char months[12][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct date {
	int year, month, day, hour, minute, second; /* month and day count from 1 */
};

static bool is_valid(const struct date *d)
{
	return d->year >= 1 && d->year <= 9999 && d->month >= 1 && d->month <= 12 && d->day >= 1 &&
	       d->day <= 31 && d->hour >= 0 && d->hour <= 23 && d->minute >= 0 && d->minute <= 59 &&
	       d->second >= 0 && d->second <= 60;
}

static int64_t seconds_of(const struct date *d)
{
	struct tm tm = {.tm_year = d->year - 1900,
		.tm_mon = d->month - 1,
		.tm_mday = d->day,
		.tm_hour = d->hour,
		.tm_min = d->minute,
		.tm_sec = d->second};
	return timegm(&tm);
}

static int month_of(const char *name)
{
	for (int i = 0; i < 12; i++) {
		if (strcmp(name, months[i]) == 0)
			return i + 1;
	}
	return 0;
}

bool date_parse_http(const char *text, int64_t *out_s)
{
	struct date d = {0};
	char month[4] = "";
	/* the name of the day is redundant; each form has it up to the first blank */
	const char *rest = strchr(text, ' ');
	if (!rest)
		return false;

	if (sscanf(rest, " %2d %3s %4d %2d:%2d:%2d GMT", &d.day, month, &d.year, &d.hour, &d.minute,
		    &d.second) != 6 &&
		sscanf(rest, " %2d-%3s-%2d %2d:%2d:%2d GMT", &d.day, month, &d.year, &d.hour,
			&d.minute, &d.second) != 6 &&
		sscanf(rest, " %3s %2d %2d:%2d:%2d %4d", month, &d.day, &d.hour, &d.minute,
			&d.second, &d.year) != 6)
		return false;
	if (d.year < 100)
		d.year += d.year < 70 ? 2000 : 1900;
	d.month = month_of(month);
	if (!is_valid(&d))
		return false;
	*out_s = seconds_of(&d);
	return true;
}

/* Read "Z", "UTC", "+02:00", "+0200" or nothing. False: something else. */
static bool parse_offset(const char *p, int64_t *out_s)
{
	int hours, minutes = 0;
	*out_s = 0;
	if (!*p || strcmp(p, "Z") == 0 || strcmp(p, "UTC") == 0)
		return true;
	if ((*p != '+' && *p != '-') || (sscanf(p + 1, "%2d:%2d", &hours, &minutes) != 2 &&
						sscanf(p + 1, "%2d%2d", &hours, &minutes) != 2))
		return false;
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*out_s = (hours * 60 + minutes) * (*p == '-' ? -60 : 60);
	return true;
}

bool date_parse_iso(const char *text, int64_t *out_s)
{
	struct date d = {0};
	int length = 0;
	int64_t offset_s;
	if (sscanf(text, "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &d.year, &d.month, &d.day, &d.hour,
		    &d.minute, &d.second, &length) != 6)
		return false;
	const char *p = text + length;
	if (*p == '.')
		p += 1 + strspn(p + 1, "0123456789");
	if (!is_valid(&d) || !parse_offset(p, &offset_s))
		return false;
	*out_s = seconds_of(&d) - offset_s;
	return true;
}

/* The fields as they are written. */
struct stamp {
	unsigned year, month, day, hour, minute, second, weekday;
};

/* Years that no protocol can write give nonsense of the same length. */
static struct stamp stamp_of(int64_t time_s)
{
	struct tm tm = {0};
	time_t t = (time_t)time_s;
	(void)gmtime_r(&t, &tm);
	return (struct stamp){((unsigned)tm.tm_year + 1900) % 10000, (unsigned)tm.tm_mon % 12 + 1,
		(unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
		(unsigned)tm.tm_sec % 100, (unsigned)tm.tm_wday % 7};
}

const char *date_format_http(int64_t time_s, char out[DATE_HTTP])
{
	const struct stamp s = stamp_of(time_s);
	(void)snprintf(out, DATE_HTTP, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", days[s.weekday],
		s.day, months[s.month - 1], s.year, s.hour, s.minute, s.second);
	return out;
}

const char *date_format_basic(int64_t time_s, char out[DATE_BASIC])
{
	const struct stamp s = stamp_of(time_s);
	(void)snprintf(out, DATE_BASIC, "%04u%02u%02uT%02u%02u%02uZ", s.year, s.month, s.day,
		s.hour, s.minute, s.second);
	return out;
}

const char *date_format_iso(int64_t time_s, char out[DATE_ISO])
{
	const struct stamp s = stamp_of(time_s);
	(void)snprintf(out, DATE_ISO, "%04u-%02u-%02uT%02u:%02u:%02uZ", s.year, s.month, s.day,
		s.hour, s.minute, s.second);
	return out;
}

/* Dates as protocols write them, always in UTC. A time is in seconds since 1970-01-01 00:00 UTC. */
#ifndef TEXT_DATE_H
#define TEXT_DATE_H

#include "base/base.h"

/* "Sun, 06 Nov 1994 08:49:37 GMT", and the two older forms that RFC 9110 (5.6.7) still accepts.
 * False: malformed. */
bool date_parse_http(const char *text, int64_t *out_s);
/* "2009-10-12T17:50:30.000Z" (ISO 8601, RFC 3339): with or without a fraction, which is dropped,
 * and with "Z", "UTC", an offset, or nothing, which is UTC. False: malformed. */
bool date_parse_iso(const char *text, int64_t *out_s);

enum { DATE_HTTP = 30, DATE_BASIC = 17, DATE_ISO = 21 }; /* sizes with the NUL */
/* "Sun, 06 Nov 1994 08:49:37 GMT" */
const char *date_format_http(int64_t time_s, char out[DATE_HTTP]);
/* "19941106T084937Z", as AWS signs it */
const char *date_format_basic(int64_t time_s, char out[DATE_BASIC]);
/* "1994-11-06T08:49:37Z" */
const char *date_format_iso(int64_t time_s, char out[DATE_ISO]);

#endif

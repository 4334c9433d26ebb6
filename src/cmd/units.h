/* Durations, sizes and times as short text, for columns of a table. */
#ifndef CMD_UNITS_H
#define CMD_UNITS_H

#include "base/buf.h"

/* Append "3ms", "1.42s", "12.3s", "4m 05s", "2h 05m" or "3d 04h"; "?" for what is too long. */
void units_add_duration(struct buf *out, double seconds);
/* Read "90s", "10m", "2h", "1d", "1h30m" or "90" (seconds). False for anything else, and for less
 * than a second or more than thirty years. */
bool units_read_duration(const char *text, int64_t *out_seconds);
/* Append "12B", "1.20kB", "3.4MB"; "?" for a negative size. */
void units_add_size(struct buf *out, int64_t size_bytes);
/* Append "2024-01-02 03:04:05", in the time zone of the machine. */
void units_add_time(struct buf *out, int64_t seconds_since_1970);
/* "2024-01-02" */
void units_add_date(struct buf *out, int64_t seconds_since_1970);

#endif

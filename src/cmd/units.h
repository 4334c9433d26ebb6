/* Durations, sizes and times as short text, for columns of a table. */
#ifndef CMD_UNITS_H
#define CMD_UNITS_H

#include "base/buf.h"

/* Append "3ms", "1.42s", "12.3s", "4m 05s", "2h 05m" or "3d 04h"; "?" for what is too long. */
void units_add_duration(struct buf *out, double seconds);
/* Append "12B", "1.20kB", "3.4MB"; "?" for a negative size. */
void units_add_size(struct buf *out, int64_t size_bytes);
/* Append "2024-01-02 03:04:05", in the time zone of the machine. */
void units_add_time(struct buf *out, int64_t seconds_since_1970);
/* "2024-01-02" */
void units_add_date(struct buf *out, int64_t seconds_since_1970);

#endif

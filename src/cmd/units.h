/* Numbers with units, short enough for a column. */
#ifndef CMD_UNITS_H
#define CMD_UNITS_H

#include "base/buf.h"

/* "3ms", "1.42s", "12.3s", "4m 05s", "2h 05m", "3d 04h" */
void units_add_duration(struct buf *out, double seconds);
/* "12B", "1.20kB", "3.4MB"; "?" when it is below zero */
void units_add_size(struct buf *out, int64_t size_bytes);
/* "2024-01-02 03:04:05", in the time zone of the machine */
void units_add_time(struct buf *out, int64_t seconds_since_1970);
/* "2024-01-02" */
void units_add_date(struct buf *out, int64_t seconds_since_1970);

#endif

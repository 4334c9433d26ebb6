/*
 * Amounts with a unit as people write them, in files and on the command line.
 */
#ifndef TEXT_AMOUNT_H
#define TEXT_AMOUNT_H

#include "base/base.h"

/* Read "90s", "10m", "2h", "1d", "1h30m" or "90" (seconds). False for anything else, and for less
 * than a second or more than thirty years. */
bool amount_read_duration(const char *text, int64_t *out_seconds);
/* Read a finite number, such as "2" or "0.5"; it may be negative. */
bool amount_read_number(const char *text, double *out);
/* Read a number of bytes, or one with a unit: "4GB", "1.5 GiB". kB, MB, GB and TB (or one letter)
 * are powers of 1000, KiB, MiB, GiB and TiB of 1024, in either case. */
bool amount_read_size(const char *text, double *out_bytes);

#endif

/* The text of the progress line. It depends only on counters and a time that are passed in.
 * ui/ticker.c writes it to the terminal. */
#ifndef UI_PROGRESS_LINE_H
#define UI_PROGRESS_LINE_H

#include "base/buf.h"
#include "base/meter.h"

/* The recent history of one kind of work, from which speed is computed. All-zero is empty. */
struct progress_pace {
	enum meter_kind kind;
	int64_t first_ms, last_ms;
	uint64_t files_done, bytes_done; /* at last_ms */
	double files_per_s, bytes_per_s; /* moving averages over the last seconds */
};

/* Record the counters at `now_ms`. Another kind of work starts a new history. */
void progress_pace_note(struct progress_pace *p, const struct meter_view *v, int64_t now_ms);

/* "999 B", "12.3 MB", powers of 1000 */
void progress_add_size(struct buf *out, uint64_t size_bytes);
/* "0:05", "1:05", "2:00:07" */
void progress_add_time(struct buf *out, uint64_t seconds);
/* Append " 42% hashing: 12/30 files, 1.2 MB of 3.4 MB, 12.3 MB/s, 1:05 left", without the parts
 * that are unknown. ASCII only. */
void progress_add_line(struct buf *out, const struct meter_view *v, const struct progress_pace *p);
/* Append "  42% data/big.bin, 1.2 MB of 3.4 MB" for a file on its way, in at most `columns`: of a
 * long path the end is kept. */
void progress_add_file(struct buf *out, const struct meter_file *f, size_t columns);
/*
 * Where a line cannot be drawn over (a file, a pipe): should one be written now? One is due after
 * every ten seconds of work. `*last_ms` is the start of the work, later the time of the last line.
 */
bool progress_line_is_due(int64_t *last_ms, int64_t now_ms);

#endif

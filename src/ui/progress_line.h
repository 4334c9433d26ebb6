/*
 * The line that says how far the work is, as text: what is drawn depends on counters and a clock
 * that are both passed in. ui/ticker.c puts it on the terminal.
 */
#ifndef UI_PROGRESS_LINE_H
#define UI_PROGRESS_LINE_H

#include "base/buf.h"
#include "base/meter.h"

/* What was seen so far of one kind of work. All-zero is nothing. */
struct progress_pace {
	enum meter_kind kind;
	int64_t first_ms, last_ms;
	uint64_t files_done, bytes_done; /* at last_ms */
	double files_per_s, bytes_per_s; /* recent speed, older moments count less */
};

/* Take note of the counters at `now_ms`; another kind of work begins anew. */
void progress_pace_note(struct progress_pace *p, const struct meter_view *v, int64_t now_ms);

/* "999 B", "12.3 MB", powers of 1000 */
void progress_add_size(struct buf *out, uint64_t size_bytes);
/* "0:05", "1:05", "2:00:07" */
void progress_add_time(struct buf *out, uint64_t seconds);
/*
 * " 42% hashing: 12/30 files, 1.2 MB of 3.4 MB, 12.3 MB/s, 1:05 left", without what is not known.
 * Appended, ASCII only.
 */
void progress_add_line(struct buf *out, const struct meter_view *v, const struct progress_pace *p);
/* Is a line due where lines are not drawn over (a file, a pipe)? One each ten seconds of work, the
 * first after ten; `*last_ms` is when the work began, then when the last line was written. */
bool progress_line_is_due(int64_t *last_ms, int64_t now_ms);

#endif

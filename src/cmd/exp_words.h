/*
 * Wording that several commands about experiments share.
 */
#ifndef CMD_EXP_WORDS_H
#define CMD_EXP_WORDS_H

#include "base/buf.h"
#include "base/strlist.h"

/* "'a'", "'a' and 'b'", "'a', 'b' and 'c'" */
void words_join_quoted(struct buf *out, const struct strlist *names);
/* As DVC shows times in tables: "05:54 AM" today, else "Nov 23, 2026". */
void words_add_time(struct buf *out, int64_t seconds);

#endif

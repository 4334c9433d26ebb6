/* Wording that several commands about experiments share. */
#ifndef CMD_EXP_WORDS_H
#define CMD_EXP_WORDS_H

#include "base/buf.h"
#include "base/strlist.h"

/* Append the names as "'a'", "'a' and 'b'" or "'a', 'b' and 'c'". */
void words_join_quoted(struct buf *out, const struct strlist *names);
/* The same without quotes: "a, b and c". */
void words_join(struct buf *out, const struct strlist *names);
/* Append the text as Python's repr(): 'origin'. */
void words_add_repr(struct buf *out, const char *text);

#endif

/* Wording that several commands about experiments share. */
#ifndef CMD_EXP_WORDS_H
#define CMD_EXP_WORDS_H

#include "base/buf.h"
#include "base/strlist.h"

/* Append the names as "'a'", "'a' and 'b'" or "'a', 'b' and 'c'". */
void words_join_quoted(struct buf *out, const struct strlist *names);

#endif

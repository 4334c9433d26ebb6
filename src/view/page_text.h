/* Text of others within HTML and scripts. */
#ifndef VIEW_PAGE_TEXT_H
#define VIEW_PAGE_TEXT_H

#include "base/buf.h"
#include "base/err.h"
#include "text/value.h"

/* Append text for HTML, also within an attribute in quotes: & < > " ' become references. */
void page_add_text(struct buf *out, const char *s);

/*
 * Append a value as JSON that every JSON reader accepts and that may stand in a <script> element:
 * `<` within strings is \u003c, NaN is null, and Infinity is a number beyond the range of doubles
 * (1e999), which JavaScript reads as Infinity. Fails: as json_write().
 */
int page_add_json(struct buf *out, const struct value *v, struct err *err);

#endif

/*
 * The page that shows plots, the parameters in which revisions differ, and metrics: one HTML file
 * that opens from a disk, without a network. All text of the document is shown as text: names,
 * titles and values that contain HTML or scripts change nothing.
 *
 * The document is a map; every member but "plots" may be left out:
 *
 *   title      a string
 *   revisions  [{rev: string, params: {dotted name: string}}], in the order of display; only
 *              parameters that are not the same in all of them
 *   metrics    [{path: string, name: string, values: {rev: number or string}}]
 *   plots      [{id: string, type: "vega", revisions: [rev], spec: a Vega-Lite or Vega
 *              specification without anchors, note: string},
 *              {id: string, type: "image", images: [{rev: string, src: string}]}]
 *              `src` is a relative URL, percent-encoded, or a "data:" URL of an image
 *   errors     [{rev, name, source, type, msg: strings}]
 *
 * Parts of the document may be of kind VALUE_JSON, where NaN and Infinity may occur as well.
 */
#ifndef VIEW_PAGE_H
#define VIEW_PAGE_H

#include "base/buf.h"
#include "base/err.h"
#include "text/value.h"

/* Append the page. Fails: ERR_VALUE, for values that JSON cannot hold. */
int page_write(struct buf *out, const struct value *doc, struct err *err);

/*
 * Append a page that the user wrote, as DVC's --html-template has it: each "{plot_divs}" in the
 * text is replaced by the plots of the document, "{scripts}" by the scripts that they need,
 * "{refresh_tag}" by nothing. Other braces stay as they are.
 * Fails: ERR_VALUE "HTML template has to contain '{plot_divs}'." or as above.
 */
int page_write_template(
	struct buf *out, const struct value *doc, const char *text, size_t len, struct err *err);

#endif

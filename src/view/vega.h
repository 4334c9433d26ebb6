/* The scripts that draw plots in a page: Vega, Vega-Lite and vega-embed with their licences, joined
 * to one text. They are in the program, compressed, if data/page/node_modules/ was there when it
 * was built (script/setup makes it). */
#ifndef VIEW_VEGA_H
#define VIEW_VEGA_H

#include "base/buf.h"

bool vega_is_built_in(void);
/* Append the script, without tags; it contains no "</script". Nothing if it is not built in. */
void vega_add_script(struct buf *out);

#endif

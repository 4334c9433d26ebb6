/* The list of changed paths that `checkout` and `pull` print. */
#ifndef CMD_CHANGES_H
#define CMD_CHANGES_H

#include "ops/checkout.h"

/* Print a line such as "M       path" for each path: modified, then added, then deleted. */
void changes_show(const struct checkout_report *r);

#endif

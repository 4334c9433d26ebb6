/* How checkout and pull show what they did to the workspace. */
#ifndef CMD_CHANGES_H
#define CMD_CHANGES_H

#include "ops/checkout.h"

/* "M       path" lines: modified, added, deleted. */
void changes_show(const struct checkout_report *r);

#endif

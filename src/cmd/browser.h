/* Opens pages in the user's browser. */
#ifndef CMD_BROWSER_H
#define CMD_BROWSER_H

#include "base/base.h"

/*
 * Open a URL: by the commands of $BROWSER (separated by ':', "%s" stands for the URL), as Python's
 * webbrowser does, or else by what the desktop opens pages with. False: none could be started, or
 * it failed.
 */
bool browser_open(const char *url);

#endif

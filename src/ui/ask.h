/*
 * Questions on the terminal of the process (/dev/tty), whatever its standard streams are. The
 * prompt may come from a server: it is shown as printable text.
 */
#ifndef UI_ASK_H
#define UI_ASK_H

#include "base/base.h"

/* Is there a terminal? */
bool ask_has_terminal(void);
/* Print the prompt and read a line. `hidden`: what is typed is not shown. One thread at a time.
 * Heap string; NULL: no terminal, or the end of the input. */
char *ask_line(const char *prompt, bool hidden);
/* Let the terminal show what is typed again. For a signal handler that will end the process. */
void ask_restore_at_exit(void);

#endif

/* This program as ssh's helper: it answers one question (fs/ssh/command.h). */
#ifndef CMD_ASKPASS_H
#define CMD_ASKPASS_H

#include "base/base.h"

/* Was this process started by ssh to answer a question? */
bool askpass_is_meant(int argc);
/* Write the answer to standard output. Returns the exit status: 0, or 1 without an answer. */
int askpass_main(char **argv);

#endif

/*
 * Lines for people. Results and information go to standard output, warnings and errors to standard
 * error, as DVC's do; -q silences information, warnings and errors, so that the exit status alone
 * tells.
 *
 * Everything that reaches the terminal goes through here, and on a terminal control characters in
 * it are shown as what they are (base/printable.h). Into a pipe or a file all goes as it is.
 */
#ifndef UI_SAY_H
#define UI_SAY_H

#include "base/base.h"
#include "base/printable.h"

/*
 * The name that the program was called by; "dvc" until it is set. Called otherwise, lines that name
 * a command of ours (`dvc add`) name the program, and DVC's pages for support are left out.
 * `is_command` says whether a word after "dvc " is one.
 */
void say_set_program(const char *name, bool (*is_command)(const char *word, size_t len));
bool say_as_dvc(void);

void say_set_quiet(bool quiet);
bool say_is_quiet(void);
void say(const char *fmt, ...)
	PRINTF_LIKE(1, 2);                  /* information: one line, "\n" added; silent with -q */
void say_raw(const char *text, size_t len); /* information of any length, no "\n" added */
/* The same with what enum printable_flags names: colours, where what comes from elsewhere was made
 * printable before. */
void say_text(const char *text, size_t len, unsigned keep);
void say_answer(const char *text, size_t len); /* as say_raw(), also with -q */
void say_answer_line(const char *text);        /* the same with "\n" added */
void say_output(const char *text, size_t len); /* what a command of the user prints: as it is */
void say_warning(const char *fmt, ...) PRINTF_LIKE(1, 2); /* "WARNING: ..." */
void say_error(const char *fmt, ...)
	PRINTF_LIKE(1, 2); /* "ERROR: ..."; silent with -q, as in DVC */
void say_stderr(const char *fmt, ...)
	PRINTF_LIKE(1, 2); /* a line on standard error without a prefix */

bool say_is_terminal(int fd);
/*
 * Colour, decided here alone: as say_set_color() says; else none with NO_COLOR, always with
 * CLICOLOR_FORCE (neither empty, nor the latter 0), and on a terminal that is not TERM=dumb.
 */
enum say_color { SAY_COLOR_AUTO, SAY_COLOR_ALWAYS, SAY_COLOR_NEVER };
void say_set_color(enum say_color when);
bool say_has_color(int fd);

/* Ask a yes/no question on the terminal; false when there is no terminal to ask on. */
bool say_confirm(const char *question);
/* As say_confirm(), but asks whatever the input is, so that a script may answer; no answer is no.
 */
bool say_ask(const char *question);

#endif

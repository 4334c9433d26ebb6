/*
 * Lines for users. Results and information go to standard output, warnings and errors to standard
 * error, as in DVC. With -q information, warnings and errors are not printed, and only the exit
 * status reports the outcome.
 *
 * All output to the terminal goes through these functions; on a terminal, control characters are
 * shown as escapes (base/printable.h). To a pipe or file, text is written unchanged.
 */
#ifndef UI_SAY_H
#define UI_SAY_H

#include "base/buf.h"
#include "base/printable.h"

/*
 * Set the name that the program was called by; the default is "dvc". With another name, lines that
 * mention a command (`dvc add`) use that name, and links to DVC's support pages are left out.
 * `is_command` says whether the word after "dvc " is a command.
 */
void say_set_program(const char *name, bool (*is_command)(const char *word, size_t len));
bool say_as_dvc(void);
/* Append a text whose commands (`dvc add`) name the program as it was called; for output that is
 * put together before it is said. */
void say_add_named(struct buf *out, const char *text);

void say_set_quiet(bool quiet);
bool say_is_quiet(void);
void say(const char *fmt, ...)
	PRINTF_LIKE(1, 2);                  /* information: one line, "\n" added; silent with -q */
void say_raw(const char *text, size_t len); /* information of any length, no "\n" added */
/* The same, but leaves the control characters that `keep` (enum printable_flags) names, such as
 * colours. Text from elsewhere must have been made printable before. */
void say_text(const char *text, size_t len, unsigned keep);
void say_answer(const char *text, size_t len); /* as say_raw(), but also printed with -q */
void say_answer_line(const char *text);        /* the same with "\n" added */
/* output of a command of the user, unchanged; silent with -q */
void say_output(const char *text, size_t len);
void say_warning(const char *fmt, ...) PRINTF_LIKE(1, 2); /* "WARNING: ..." */
void say_error(const char *fmt, ...)
	PRINTF_LIKE(1, 2); /* "ERROR: ..."; silent with -q, as in DVC */
void say_stderr(const char *fmt, ...)
	PRINTF_LIKE(1, 2); /* a line on standard error without a prefix */

/*
 * With JSON, each line on standard error is a document. say_warning() prints {"warning": {"msg":
 * ...}}; say_error() and say_stderr() print nothing, because the command's own document
 * (say_document(), cmd/exit.h) has what they say.
 */
void say_set_json(bool on);
bool say_is_json(void);
void say_document(const struct buf *text); /* one line on standard error, "\n" added */

bool say_is_terminal(int fd);
/*
 * Are colours used for this descriptor? say_set_color() has priority; then NO_COLOR (not empty)
 * turns them off, and CLICOLOR_FORCE (neither empty nor 0) turns them on. Otherwise they are used
 * on a terminal, unless TERM is "dumb".
 */
enum say_color { SAY_COLOR_AUTO, SAY_COLOR_ALWAYS, SAY_COLOR_NEVER };
void say_set_color(enum say_color when);
bool say_has_color(int fd);

/* Ask a yes/no question. False without asking when standard output is no terminal. */
bool say_confirm(const char *question);
/* As say_confirm(), but also asks without a terminal, so that a script may answer. No answer means
 * no. */
bool say_ask(const char *question);

#endif

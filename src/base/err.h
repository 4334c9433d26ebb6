/*
 * How errors are reported: the function that finds a failure returns a negative `enum err_code`
 * and writes the message into its caller's `struct err`, once. Callers may put context before it
 * (err_wrap); only the front end prints it. There is no global "last error", and each thread has
 * its own struct.
 *
 * A caller that needs no message passes NULL. Therefore no function reads fields of the `err` that
 * it was given: the code is the result of the function that it called, and err_text() returns the
 * message. A function that keeps a message for later uses a local struct err. (cmd/ owns the error
 * of the command.)
 *
 * Messages: lower case, no full stop, the subject in single quotes, the problem before its cause.
 * Where DVC has a wording that users or scripts look for, that wording is used.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/base.h"

enum err_code {
	ERR_FAIL = -1,         /* a user may cause it, and no caller distinguishes it */
	ERR_NOT_FOUND = -2,    /* a file, a key, a stage, a revision does not exist */
	ERR_EXISTS = -3,       /* it exists already */
	ERR_PARSE = -4,        /* malformed text; the message names file, line and column */
	ERR_CONFIG = -5,       /* a configuration key or value (exit status 251) */
	ERR_NOT_REPO = -6,     /* not inside a repository (253) */
	ERR_USAGE = -7,        /* the command line (254) */
	ERR_IO = -8,           /* the system refused: disk full, permission, connection closed */
	ERR_AUTH = -9,         /* credentials */
	ERR_CANCELLED = -10,   /* by the user (252) */
	ERR_LOCKED = -11,      /* another process holds a lock that is needed */
	ERR_UNEXPECTED = -12,  /* DVC's "unexpected error", with its support line (255) */
	ERR_PRETTY = -13,      /* a complete text, printed without "ERROR: " (255) */
	ERR_UNSUPPORTED = -14, /* not supported by this build */
	ERR_UNCAUGHT = -16,    /* an error that no command of DVC catches: the plain message, 255 */
	ERR_SILENT = -15,      /* already reported; only the exit status is left (1) */
};

struct err {
	int code;    /* an enum err_code; 0: no error */
	char *msg;   /* NULL: no error */
	char *hint;  /* how to solve it, or NULL */
	char *plain; /* explains `msg` where DVC's wording is unclear; or NULL */
};

#define ERR_INIT ((struct err){0})

/* Set the message and return `code`, so that a caller can write `return err_set(...)`. `err` may be
 * NULL. */
int err_set(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* As err_set, with ": " and the text of `errno`; returns ERR_NOT_FOUND for ENOENT, ERR_EXISTS for
 * EEXIST, else ERR_IO. */
int err_errno(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Put "context: " before the message; returns `code`. */
int err_wrap(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Add advice on how to solve the problem. */
void err_hint(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Explain DVC's message: this text is shown instead of it when the program was not called as "dvc".
 * Context that err_wrap() adds later is not added to it. Returns `code`. */
int err_plain(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Move `from` into `*to` (which is released first) and return its code. */
int err_move(struct err *to, struct err *from);
void err_release(struct err *err);           /* NULL is allowed */
const char *err_text(const struct err *err); /* "" when there is no error, and for NULL. Borrowed */

#endif

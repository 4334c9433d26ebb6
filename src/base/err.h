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
 * The code says what has failed, so that a caller may branch on it. How a failure is shown, and the
 * exit status, is decided in cmd/exit.c alone.
 *
 * Messages: lower case, no full stop, the subject in single quotes, the problem before its cause.
 * Where DVC has a wording that users or scripts look for, that wording is used.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/base.h"

enum err_code {
	ERR_FAIL = -1,       /* anything a user may cause that no caller branches on */
	ERR_NOT_FOUND = -2,  /* a file, a key, a stage, a revision does not exist */
	ERR_EXISTS = -3,     /* it exists already */
	ERR_PARSE = -4,      /* malformed text; the message names file, line and column */
	ERR_CONFIG = -5,     /* a configuration key or value */
	ERR_NOT_REPO = -6,   /* not inside a repository */
	ERR_USAGE = -7,      /* the command line */
	ERR_IO = -8,         /* the system refused: disk full, permission, broken pipe to a peer */
	ERR_AUTH = -9,       /* no credentials, or they are refused */
	ERR_CANCELLED = -10, /* by the user */
	ERR_LOCKED = -11,    /* another process holds what is needed */
	ERR_UNSUPPORTED = -12, /* a thing this build does not do */
	ERR_VALUE = -13,       /* well formed, but of a type or form that is not accepted there */
	ERR_NO_PATH = -14,     /* nothing is at a path: neither a file nor tracked data */
	ERR_NO_DATA = -15,     /* data is recorded, but every copy is missing or damaged */
	ERR_NO_GIT = -16,      /* the Git repository that is needed is not there */
	ERR_NO_COMMIT = -17,   /* it has no commit yet */
	ERR_IGNORE = -18,      /* a .dvcignore that cannot be read, or lies where none may be */
	/* of places that store files (fs/fs.h) */
	ERR_DENIED = -19,  /* these credentials may not do this */
	ERR_BUSY = -20,    /* too many requests; see err_wait_ms() */
	ERR_BROKEN = -21,  /* a lost connection, a time-out, an error of the server: try again */
	ERR_CORRUPT = -22, /* the bytes are not those that were sent */
	/* the whole place is not there: an unknown host or bucket. (ERR_NOT_FOUND is about one
	 * file, and nothing may conclude that from this.) */
	ERR_NO_PLACE = -23,
	ERR_OPTIONS = -24, /* options of a remote that do not fit together, or are missing */
};

/*
 * What has failed, for programs: finer than the code, because nothing in cairn branches on it. The
 * words (err_kind_word()) are an interface: kinds may be added, but none changes its word.
 */
enum err_kind {
	KIND_NONE, /* not told: err_kind_of() takes the kind that belongs to the code */
	KIND_FAILURE,
	KIND_PATH_MISSING,
	KIND_IS_DIRECTORY,
	KIND_OUTPUT_NOT_FOUND,
	KIND_NOT_FOUND, /* of anything that has no kind of its own */
	KIND_NOT_REPO,
	KIND_NO_GIT,
	KIND_NO_COMMIT,
	KIND_CLONE_FAILED,
	KIND_UNKNOWN_REVISION,
	KIND_NO_REMOTE,
	KIND_REMOTE_NOT_FOUND,
	KIND_STAGE_NOT_FOUND,
	KIND_FILE_NOT_FOUND,   /* a dvc.yaml or .dvc file */
	KIND_TARGET_NOT_FOUND, /* neither an output nor a stage */
	KIND_STAGE_FAILED,
	KIND_EXPERIMENT_EXISTS,
	KIND_INVALID_VALUE, /* before the others with its class, for err_kind_of_class() */
	KIND_ARTIFACT_NOT_FOUND,
	KIND_DATASET_NOT_FOUND,
	KIND_DATASET_NOT_IN_SYNC,
	KIND_DATASET_NO_LOCK,
	KIND_EXISTS,
	KIND_INVALID_ARGUMENT,
	KIND_PARSE,
	/* a file of values, metrics or parameters; one word, and the class of its format */
	KIND_CORRUPT_FILE,
	KIND_CORRUPT_YAML,
	KIND_CORRUPT_JSON,
	KIND_CORRUPT_TOML,
	KIND_CORRUPT_PY,
	KIND_CORRUPT_TEXT, /* it is no UTF-8 */
	KIND_VALIDATION,   /* well formed, but not what dvc.yaml, dvc.lock or a .dvc file may be */
	KIND_INTERPOLATION,
	KIND_CONFIG,
	KIND_USAGE,
	KIND_LOCKED,
	KIND_AUTH,
	KIND_DENIED,
	KIND_NETWORK,
	KIND_CORRUPT,
	KIND_DATA_MISSING,
	KIND_IO,
	KIND_CANCELLED,
	KIND_UNSUPPORTED,
	KIND_NO_MEMORY,
	KIND_COUNT
};

struct err {
	int code; /* an enum err_code, 0 while there is none */
	enum err_kind kind;
	char *msg;        /* NULL while there is none */
	char *hint;       /* what to do about it, or NULL */
	char *plain;      /* what `msg` means, where DVC's words for it say little; or NULL */
	unsigned wait_ms; /* with ERR_BUSY: the wait that the place asks for; 0: it names none */
	bool page; /* `msg` is a report of several lines that quotes a file; it is shown alone */
};

#define ERR_INIT ((struct err){0})

/* Set the message and return `code`, so that a caller can write `return err_set(...)`. `err` may be
 * NULL. */
int err_set(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* As err_set, with ": " and the text of `errno`; returns ERR_NOT_FOUND for ENOENT, ERR_EXISTS for
 * EEXIST, else ERR_IO. */
int err_errno(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* As err_set, for a report that stands alone (err_is_page()). */
int err_set_page(struct err *err, int code, const char *report);
bool err_is_page(const struct err *err); /* false for none and for NULL */
/* Put "context: " before the message; returns `code`. With another code than
 * before, the error is no page any more. */
int err_wrap(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Change the code of an error that is set; returns `code`. */
int err_recode(struct err *err, int code);
/* Say what kind of failure it is; returns `code`, as in `return err_kind(err, KIND_NO_REMOTE,
 * err_set(err, ...))`. Context that is added later does not change it; another message does. */
int err_kind(struct err *err, enum err_kind kind, int code);
/* The kind that was set, else the one that belongs to the code; KIND_NONE without an error. */
enum err_kind err_kind_of(const struct err *err);
enum err_kind err_kind_of_code(int code);
/* The word for programs ("path-missing"), and the class that dvc.api raises in this case
 * ("dvc.exceptions.PathMissingError"). Static. */
const char *err_kind_word(enum err_kind kind);
const char *err_kind_class(enum err_kind kind);
/* The first kind with a class of that name ("RevError"), without its module; else KIND_FAILURE. */
enum err_kind err_kind_of_class(const char *name);
/* Add advice on how to solve the problem. */
void err_hint(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Explain DVC's message: this text is shown instead of it when the program was not called as "dvc".
 * Context that err_wrap() adds later is not added to it. Returns `code`. */
int err_plain(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* As err_set() with ERR_BUSY. */
int err_busy(struct err *err, unsigned wait_ms, const char *fmt, ...) PRINTF_LIKE(3, 4);
unsigned err_wait_ms(const struct err *err); /* 0 for none and for NULL */
/* Move `from` into `*to` (which is released first) and return its code. */
int err_move(struct err *to, struct err *from);
void err_release(struct err *err);           /* NULL is allowed */
const char *err_text(const struct err *err); /* "" when there is no error, and for NULL. Borrowed */
const char *err_hint_text(const struct err *err); /* NULL: there is none */
/* The text of err_plain() if there is one, else that of err_text(). */
const char *err_plain_text(const struct err *err);

#endif

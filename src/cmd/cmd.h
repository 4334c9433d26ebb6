/*
 * The command table: one `struct cmd` a command drives parsing, -h, man pages, completion and the
 * JSON description.
 *
 * A command fills a zeroed options struct by offset (or a copy of `.defaults`), checks it, calls
 * one verb of ops/, run/ or exp/, and prints the result. Strings in it are borrowed from argv;
 * lists are released by the parser.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "base/err.h"
#include "base/strlist.h"

struct ctx;
struct repo;

/* What a command gets besides its options. */
struct app {
	const struct ctx *ctx;
	const char *program; /* "cairn" or "dvc", as it was called */
	bool quiet;
	int verbose;
	bool wait_for_lock;
	struct repo
		*repo; /* open when the command needs CMD_REPO; may be NULL with CMD_MAYBE_REPO */
};

enum opt_kind {
	OPT_KIND_END,
	OPT_KIND_FLAG,     /* bool */
	OPT_KIND_COUNT,    /* int, +1 each time */
	OPT_KIND_INT,      /* int */
	OPT_KIND_INT64,    /* int64_t */
	OPT_KIND_STRING,   /* const char * */
	OPT_KIND_OPTIONAL, /* const char *; `constant` when the option stands without a value */
	OPT_KIND_CONST,    /* const char *, set to `constant` */
	OPT_KIND_LIST,     /* struct strlist, one value each time */
	OPT_KIND_MANY,     /* struct strlist, any number of values behind it */
};

/* What a value or an argument names, for completion and for hints about words that name nothing. */
enum word_kind {
	WORD_TEXT, /* nothing that could be listed */
	WORD_FILE,
	WORD_DIR,
	WORD_TARGET, /* a tracked path, a .dvc file or a stage */
	WORD_STAGE,
	WORD_EXPERIMENT,
	WORD_TASK,       /* of the queue */
	WORD_REV,        /* a branch, a tag or an experiment */
	WORD_REMOTE,     /* of the configuration */
	WORD_GIT_REMOTE, /* of Git */
	WORD_CONFIG_KEY, /* "core.remote", "remote.name.url" */
	WORD_REMOTE_KEY, /* an option of the remote that the argument before names */
	WORD_PARAM,      /* "[file:]key" */
};

struct opt {
	enum opt_kind kind;
	char letter;         /* 0: none */
	const char *name;    /* long name without dashes, NULL: none */
	const char *metavar; /* what stands for its value in help */
	const char *help;    /* one line, lower case, no full stop */
	size_t offset;       /* of the field in the options struct */
	const char *constant;
	const char *const *choices; /* NULL-ended, or NULL */
	bool hidden;                /* not in help */
	bool required;
	int group;            /* options of one non-zero group exclude each other */
	enum word_kind takes; /* what its value names */
};

/* Further fields may follow the help: OPT_STRING(..., "the remote", .takes = WORD_REMOTE). */

#define OPT_FLAG(type, field, letter, name, help)                                                  \
	{                                                                                          \
		OPT_KIND_FLAG, letter, name, NULL, help, offsetof(struct type, field)              \
	}
#define OPT_INT(type, field, letter, name, metavar, help)                                          \
	{                                                                                          \
		OPT_KIND_INT, letter, name, metavar, help, offsetof(struct type, field)            \
	}
#define OPT_STRING(type, field, letter, name, metavar, help, ...)                                  \
	{                                                                                          \
		OPT_KIND_STRING, letter, name, metavar, help, offsetof(struct type, field),        \
			__VA_ARGS__                                                                \
	}
#define OPT_LIST(type, field, letter, name, metavar, help, ...)                                    \
	{                                                                                          \
		OPT_KIND_LIST, letter, name, metavar, help, offsetof(struct type, field),          \
			__VA_ARGS__                                                                \
	}
#define OPT_MANY(type, field, letter, name, metavar, help, ...)                                    \
	{                                                                                          \
		OPT_KIND_MANY, letter, name, metavar, help, offsetof(struct type, field),          \
			__VA_ARGS__                                                                \
	}
#define OPT_CONST(type, field, letter, name, value, help)                                          \
	{                                                                                          \
		OPT_KIND_CONST, letter, name, NULL, help, offsetof(struct type, field), value      \
	}
#define OPT_END                                                                                    \
	{                                                                                          \
		OPT_KIND_END                                                                       \
	}

enum arg_count {
	ARG_END,
	ARG_ONE,
	ARG_OPTIONAL,
	ARG_ANY,
	ARG_SOME,
	ARG_REST /* everything from the first on */
};

struct arg {
	enum arg_count count;
	const char *name;
	const char *help;
	size_t offset; /* const char * for ARG_ONE and ARG_OPTIONAL, struct strlist for the others
			*/
	enum word_kind takes;
};

#define ARG_(count, type, field, name, help, ...)                                                  \
	{                                                                                          \
		count, name, help, offsetof(struct type, field), __VA_ARGS__                       \
	}

/* A command line worth showing: what stands behind the command's name, and what it is for (lower
 * case, no full stop). tests/cli/test_examples.py runs each of them. */
struct example {
	const char *line;
	const char *about;
};

#define EXAMPLES(...)                                                                              \
	.examples = (const struct example[])                                                       \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			NULL                                                                       \
		}                                                                                  \
	}

enum cmd_needs {
	CMD_NOTHING = 0,
	CMD_REPO =
		1 << 0, /* opened before run() is called; without one the command fails with 253 */
	CMD_MAYBE_REPO = 1 << 1, /* opened when there is one */
	CMD_ANYWHERE = 1 << 4,   /* with CMD_REPO: where there is none, repo_open_plain() */
	CMD_LOCK = 1 << 2,       /* the repository lock is held while run() runs */
	CMD_PAGER = 1 << 3,
};

struct cmd {
	const char *name;
	const char *const *aliases;     /* NULL-ended, or NULL */
	const char *summary;            /* one line, as in the list of commands */
	const char *details;            /* more text for -h and the manual, or NULL */
	const struct example *examples; /* one to three, ended by a NULL line; hidden ones: NULL */
	const char *keys; /* lists the configuration keys of sections that begin so, or NULL */
	unsigned needs;
	const struct opt *opts; /* ended by OPT_END, or NULL */
	const struct arg *args; /* ended by {ARG_END}, or NULL */
	size_t opts_size;
	const void *defaults; /* initial options struct, NULL: all zero */
	/* 0 or an exit status above 0; negative with `err` set (cmd/exit.c turns it into a status)
	 */
	int (*run)(struct app *app, const void *opts, struct err *err);
	const struct cmd *const *subs; /* a group: its commands, NULL-ended; then there is no run */
	bool hidden;
};

extern const struct cmd *const command_table[]; /* sorted by name, NULL-ended */

/* The same commands by what they are for, in the order of a project's life; ended by a NULL title.
 */
struct task_group {
	const char *title;
	const struct cmd *const *commands; /* NULL-ended */
};

extern const struct task_group task_groups[];

/* Parse argv and run what it says; returns the exit status. Callable many times in one process. */
int cmd_main(int argc, char **argv);

/* The command called `name` (or alias) in a table; NULL when there is none. */
const struct cmd *cmd_find(const struct cmd *const *table, const char *name);

#endif

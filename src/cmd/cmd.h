/*
 * The command table. One `struct cmd` per command drives parsing, -h, the manual pages, completion
 * and the JSON description.
 *
 * The parser fills a zeroed options struct (or a copy of `.defaults`) by field offsets. The command
 * checks the options, calls one verb of ops/, run/ or exp/, and prints the result. Strings in the
 * options are borrowed from argv; the parser releases lists.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "base/err.h"
#include "base/strlist.h"

struct ctx;
struct repo;

/* What a command receives besides its options. */
struct app {
	const struct ctx *ctx;
	const char *program; /* "cairn" or "dvc": the name by which the program was started */
	bool quiet;
	bool wait_for_lock;
	struct repo *repo; /* open if the command needs CMD_REPO; may be NULL with CMD_MAYBE_REPO */
};

enum opt_kind {
	OPT_KIND_END,
	OPT_KIND_FLAG,     /* bool */
	OPT_KIND_COUNT,    /* int, +1 each time */
	OPT_KIND_INT,      /* int */
	OPT_KIND_INT64,    /* int64_t */
	OPT_KIND_STRING,   /* const char * */
	OPT_KIND_OPTIONAL, /* const char *; `constant` if no value is given */
	OPT_KIND_CONST,    /* const char *, set to `constant` */
	OPT_KIND_LIST,     /* struct strlist, one value each time */
	OPT_KIND_MANY,     /* struct strlist, any number of values after the option; `constant` if
			      there are none */
};

/* What a value or an argument names. Completion lists such words, and a hint suggests the nearest
 * one if the word does not exist. */
enum word_kind {
	WORD_TEXT, /* free text: nothing to list */
	WORD_FILE,
	WORD_DIR,
	WORD_TARGET, /* a tracked path, a .dvc file or a stage */
	WORD_STAGE,
	WORD_EXPERIMENT,
	WORD_TASK,       /* a task of the queue */
	WORD_REV,        /* a branch, a tag or an experiment */
	WORD_REMOTE,     /* a remote in the configuration */
	WORD_GIT_REMOTE, /* a remote of Git */
	WORD_CONFIG_KEY, /* "core.remote", "remote.name.url" */
	WORD_REMOTE_KEY, /* an option of the remote that the previous argument names */
	WORD_PARAM,      /* "[file:]key" */
	WORD_TEMPLATE,   /* of a plot */
	WORD_EXECUTOR,   /* of the settings, or "local" */
};

struct opt {
	enum opt_kind kind;
	char letter;         /* 0: none */
	const char *name;    /* long name without dashes, NULL: none */
	const char *metavar; /* placeholder for the value in help */
	const char *help;    /* one line, lower case, no full stop */
	size_t offset;       /* of the field in the options struct */
	const char *constant;
	const char *const *choices; /* NULL-ended, or NULL */
	bool hidden;                /* not in help */
	bool required;
	int group;            /* options with the same non-zero group exclude each other */
	enum word_kind takes; /* what its value names */
	/* its name cannot be abbreviated: what abbreviates an option of DVC's keeps its meaning */
	bool whole;
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
	ARG_REST /* everything from the first word on, options too */
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

/* An example for the help: the words after the command's name, and their purpose (lower case, no
 * full stop). tests/cli/test_examples.py runs each of them. */
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
	/* opened before run() is called; outside of a repository the command fails with 253 */
	CMD_REPO = 1 << 0,
	CMD_MAYBE_REPO = 1 << 1, /* opened if there is one */
	/* with CMD_REPO: outside of a repository, repo_open_plain() is used */
	CMD_ANYWHERE = 1 << 4,
	CMD_LOCK = 1 << 2, /* the repository lock is held during run() */
	CMD_PAGER = 1 << 3,
};

struct cmd {
	const char *name;
	const char *const *aliases;     /* NULL-ended, or NULL */
	const char *summary;            /* one line, as in the list of commands */
	const char *details;            /* more text for -h and the manual, or NULL */
	const struct example *examples; /* one to three, ended by a NULL line; hidden ones: NULL */
	/* help lists the configuration keys of sections with this prefix; NULL: none */
	const char *keys;
	unsigned needs;
	const struct opt *opts; /* ended by OPT_END, or NULL */
	const struct arg *args; /* ended by {ARG_END}, or NULL */
	size_t opts_size;
	const void *defaults; /* initial options struct, NULL: all zero */
	/* Returns 0 or a positive exit status; negative: a failure in `err`, which cmd/exit.c turns
	 * into a status. */
	int (*run)(struct app *app, const void *opts, struct err *err);
	/* not NULL for a group: its commands, NULL-ended; a group has no run() */
	const struct cmd *const *subs;
	bool hidden;
};

extern const struct cmd *const command_table[]; /* sorted by name, NULL-ended */

/* The same commands grouped by purpose, in the order in which a project needs them; ended by a NULL
 * title. */
struct task_group {
	const char *title;
	const struct cmd *const *commands; /* NULL-ended */
};

extern const struct task_group task_groups[];

/* Parse argv and run the command; returns the exit status. May be called several times in one
 * process. */
int cmd_main(int argc, char **argv);

/* Find a command by name or alias; NULL: there is none. */
const struct cmd *cmd_find(const struct cmd *const *table, const char *name);

#endif

/* The option parser. It behaves as Python's argparse, and works from the command table: options may
 * come before, between and after the arguments, long options may be abbreviated while they are
 * unique, and "--" ends the options. */
#ifndef CMD_PARSE_H
#define CMD_PARSE_H

#include "cmd/cmd.h"

struct parsed {
	const struct cmd *chain[4]; /* group, sub-group, command */
	int depth;                  /* number of entries in `chain` */
	void *opts;                 /* the options struct of the last command; NULL for a group */
	bool help, version;
	bool quiet;
	int verbose;
	const char *cd;
	const char *color; /* "auto", "always", "never"; NULL: auto */
	bool wait_for_lock;
	bool json_errors;
	char *suggestion; /* "Did you mean 'add'?", or NULL; heap */
	char *brief;      /* the error in fewer words than argparse uses, or NULL; heap */
};

#define PARSED_INIT ((struct parsed){0})

/* Parse a command line. Fails: ERR_USAGE with argparse's wording; `chain` then tells whose help to
 * show. The caller releases `out`, also after a failure. */
int parse_command_line(struct parsed *out, int argc, char **argv, struct err *err);
void parsed_release(struct parsed *p);

/* The options that every command has (-q, -v, -h), ended by OPT_END. Their offsets are into struct
 * parsed. */
extern const struct opt common_options[];
extern const struct opt
	global_options[]; /* options before the command: --cd, --wait-for-lock, --json-errors, -V */

/* Must a value follow? (OPT_KIND_OPTIONAL may have one, OPT_KIND_MANY any number.) */
bool opt_takes_value(const struct opt *o);
/* Is this word of a command line an option, by its form? */
bool opt_looks_like(const char *word);

#endif

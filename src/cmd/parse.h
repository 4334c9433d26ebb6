/*
 * The option parser: argparse's behaviour from the command table. Options may stand before, between
 * and after the arguments; long ones may be shortened while they stay unique; "--" ends them.
 */
#ifndef CMD_PARSE_H
#define CMD_PARSE_H

#include "cmd/cmd.h"

struct parsed {
	const struct cmd *chain[4]; /* group, sub-group, command */
	int depth;                  /* how many of chain are set */
	void *opts;                 /* the options struct of the last one; NULL for a group */
	bool help, version;
	bool quiet;
	int verbose;
	const char *cd;
	const char *color; /* "auto", "always", "never"; NULL: auto */
	bool wait_for_lock;
	char *suggestion; /* "Did you mean 'add'?", or NULL; heap */
	char *brief;      /* the error in fewer words than argparse has for it, or NULL; heap */
};

#define PARSED_INIT ((struct parsed){0})

/* Fails: ERR_USAGE with argparse's wording; then chain tells whose help to show. */
int parse_command_line(struct parsed *out, int argc, char **argv, struct err *err);
void parsed_release(struct parsed *p);

/* The options that every command has (-q, -v, -h), ended by OPT_END. Offsets are into struct
 * parsed. */
extern const struct opt common_options[];
extern const struct opt global_options[]; /* before the command: --cd, --wait-for-lock, -V */

/* Must a value follow? (One may follow OPT_KIND_OPTIONAL, any number OPT_KIND_MANY.) */
bool opt_takes_value(const struct opt *o);
/* Is this word of a command line read as an option? */
bool opt_looks_like(const char *word);

#endif

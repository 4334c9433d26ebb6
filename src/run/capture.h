/*
 * The output of commands of stages that run at the same time. It is shown line by line with the
 * stage's name in front, or as one block when the stage has ended. Standard output and standard
 * error are separate pipes, unless both lead to the same file; then one pipe keeps their order.
 *
 * Threads: one thread at a time, as reads share a static buffer.
 */
#ifndef RUN_CAPTURE_H
#define RUN_CAPTURE_H

#include "base/err.h"

struct ctx;

enum output_mode {
	OUTPUT_LINE,  /* "train | epoch 1", as soon as the line is complete */
	OUTPUT_GROUP, /* all lines of a stage together, after its end */
};

struct output_style {
	const struct ctx *ctx; /* its descriptors get the output; borrowed; NULL: shown nowhere */
	enum output_mode mode;
	bool color;      /* colour the names */
	bool quiet;      /* do not show the command lines */
	size_t width;    /* pad names to this many bytes */
	const char *dir; /* OUTPUT_GROUP: the output is kept here in an unlinked file; borrowed */
};

/* The output of one stage. */
struct output;
struct pollfd;

/* Open the pipes. `number` chooses the colour of the name. Fails: ERR_IO. */
int output_open(const struct output_style *style, const char *name, size_t number,
	struct output **out, struct err *err);
/* The ends of the pipes that a command writes to. Borrowed until output_end(). */
int output_out_fd(const struct output *o);
int output_err_fd(const struct output *o);
/* Add the line "> python train.py", which announces a command. */
void output_command(struct output *o, const char *command);

/* Fill in the descriptors to poll, two at most; returns how many. */
size_t output_poll_fds(const struct output *o, struct pollfd *fds);
/* Read what the pipes contain now; does not block. False when both pipes are closed by all
 * writers, so that no more output can come. */
bool output_read(struct output *o);
/*
 * The stage has ended: read what is left and show all that was held back. A process that the stage
 * left in the background may go on writing: keep calling output_read() until it returns false.
 */
void output_end(struct output *o);
void output_free(struct output *o); /* may be NULL */

#endif

/*
 * What the commands of stages that run side by side write: by line with the stage's name in front,
 * or all of it when the stage has ended. Standard output and error stay apart, unless both go to
 * the same place; then they stay in order.
 */
#ifndef RUN_CAPTURE_H
#define RUN_CAPTURE_H

#include "base/err.h"

struct ctx;

enum output_mode {
	OUTPUT_LINE,  /* "train | epoch 1", as it comes */
	OUTPUT_GROUP, /* a stage's lines together, when it has ended */
};

struct output_style {
	const struct ctx *ctx; /* where it is shown; borrowed, may be NULL: nowhere */
	enum output_mode mode;
	bool color;      /* of the names */
	bool quiet;      /* commands are not shown */
	size_t width;    /* names are padded to so many bytes */
	const char *dir; /* where a group waits, in a file without a name */
};

/* The output of one stage. Its address is kept by nobody. */
struct output;
struct pollfd;

/* `number` chooses the colour of the name. Fails: ERR_IO. */
int output_open(const struct output_style *style, const char *name, size_t number,
	struct output **out, struct err *err);
/* Where a command writes. */
int output_out_fd(const struct output *o);
int output_err_fd(const struct output *o);
/* A line of our own among it: "> python train.py". */
void output_command(struct output *o, const char *command);

/* Append what is to be polled, two at most; returns how many. */
size_t output_poll_fds(const struct output *o, struct pollfd *fds);
/* Take what is there now; does not block. False once everybody who could write has gone. */
bool output_read(struct output *o);
/*
 * The stage has ended: take the rest, show what was held back. What is still written, by a process
 * that it left running, can go on being read.
 */
void output_end(struct output *o);
void output_free(struct output *o); /* may be NULL */

#endif

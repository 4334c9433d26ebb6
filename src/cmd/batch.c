/* Reads the questions of a batch from standard input. */
#include "cmd/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int batch_check(const struct batch_args *o, const struct strlist *paths, struct err *err)
{
	if (o->batch && paths->count)
		return err_set(
			err, ERR_USAGE, "with --batch the paths are read from standard input");
	if (!o->batch && !paths->count)
		return err_set(err, ERR_USAGE, "the following arguments are required: paths");
	if (o->nul && !o->batch)
		return err_set(err, ERR_USAGE, "argument -z/--null: it needs --batch");
	return 0;
}

int batch_read(const struct batch_args *o,
	int (*answer)(void *arg, const char *path, struct err *err), void *arg, struct err *err)
{
	const int end = o->nul ? '\0' : '\n';
	char *line = NULL;
	size_t room = 0;
	int r = 0;
	for (ssize_t n; r >= 0 && (n = getdelim(&line, &room, end, stdin)) > 0;) {
		size_t len = (size_t)n - (line[n - 1] == end);
		line[len] = '\0';
		/* the path before the zero byte is not what was asked for */
		r = strlen(line) == len
			    ? answer(arg, line, err)
			    : err_set(err, ERR_USAGE,
				      "standard input has a zero byte: -z tells that paths end with one");
	}
	if (r >= 0 && ferror(stdin))
		r = err_errno(err, "unable to read standard input");
	free(line);
	return r;
}

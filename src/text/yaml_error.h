/* How a problem in a YAML file is shown. Also used for a file whose YAML is valid but whose content
 * is not. */
#ifndef TEXT_YAML_ERROR_H
#define TEXT_YAML_ERROR_H

#include "base/buf.h"
#include "base/err.h"

struct yaml_place { /* counted from 1; columns in characters */
	uint32_t line, column;
};

struct yaml_problem {
	const char *context; /* "while parsing a block mapping", or NULL */
	struct yaml_place context_at;
	const char *problem; /* or NULL */
	struct yaml_place problem_at;
};

/* Set the page "'name' is invalid." with the places, as an ERR_PARSE. Returns that code. */
int yaml_error_set(struct err *err, const char *name, const char *text, size_t len,
	const struct yaml_problem *p);

/* Set an ERR_PARSE "unable to read: 'path', YAML file structure is corrupted: ..." with the message
 * of ruamel.yaml. Returns that code. */
int yaml_error_set_plain(struct err *err, const char *path, const char *text, size_t len,
	const struct yaml_problem *p);

/*
 * Append line `line` of `text` with its number, as source code: "  3   cmd: x", filled up to 80
 * columns, without a line end. The number has room for the digits of line `last` (0: no other
 * line).
 */
void yaml_error_code(struct buf *out, const char *text, size_t len, uint32_t line, uint32_t last);
/* Append a message that is wrapped at `width` columns; further lines are indented. */
void yaml_error_wrap(struct buf *out, const char *s, size_t len, int width, int indent);

#endif

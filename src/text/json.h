/*
 * JSON as Python's json module reads and writes it: NaN and Infinity, integers of any size, the
 * last of two equal keys, lone surrogates (kept as three bytes), errors with its words.
 */
#ifndef TEXT_JSON_H
#define TEXT_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "text/value.h"

enum { JSON_MAX_DEPTH = 900 };

/*
 * Parse one document. Positions of nodes and keys are bytes, their columns too.
 * Fails: ERR_PARSE with Python's message, "Expecting value: line 1 column 1 (char 0)".
 */
int json_parse(struct arena *a, const char *text, size_t len, struct value **out, struct err *err);

struct json_opts {
	bool sort_keys;
	int indent;         /* spaces a level; 0: one line with ", " and ": " */
	bool raw_unicode;   /* ensure_ascii=False */
	bool dates_as_text; /* str() of what JSON does not know (default=str) instead of an error */
};

/*
 * Append as json.dumps() does, without a newline. `opts` may be NULL.
 * Dates and times become text. Fails: ERR_UNEXPECTED "Object of type bytes is not JSON
 * serializable" (also set, complex).
 */
int json_write(
	struct buf *out, const struct value *v, const struct json_opts *opts, struct err *err);
/* Append one quoted string, ASCII only. */
void json_write_string(struct buf *out, const char *s, size_t len);

/* A pull reader over text in memory, for documents of a million entries. */
enum json_token {
	JSON_EOF, /* after the document */
	JSON_NULL,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NUMBER, /* its text is in `str`, as are NaN, Infinity, -Infinity */
	JSON_STRING,
	JSON_KEY,
	JSON_LIST_BEGIN,
	JSON_LIST_END,
	JSON_MAP_BEGIN,
	JSON_MAP_END,
};

struct json_reader {
	const char *text;
	size_t len, at;
	const char *str; /* of the last key, string or number: in `text` or in `scratch`, valid
			    until the next call */
	size_t str_len;
	size_t start;      /* where the last token starts; it ends at `at` */
	uint32_t line;     /* from 1, of the last token */
	size_t line_start; /* byte */
	struct buf scratch;
	int depth;
	int state;
	unsigned char stack[JSON_MAX_DEPTH / 8 + 1]; /* a bit a level: set for maps */
};

void json_reader_init(struct json_reader *r, const char *text, size_t len);
void json_reader_release(struct json_reader *r);
/* The next token, an enum json_token, or ERR_PARSE. */
int json_next(struct json_reader *r, struct err *err);
/* After a BEGIN token or a key: skip the whole value. */
int json_skip(struct json_reader *r, struct err *err);

#endif

/* JSON as Python's json module reads and writes it: with NaN and Infinity, integers of any size,
 * the last of several equal keys, lone surrogates (kept as three bytes), and its error messages. */
#ifndef TEXT_JSON_H
#define TEXT_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "text/value.h"

enum { JSON_MAX_DEPTH = 900 };

/* Parse one document. Positions and columns of values and keys are counted in bytes. Fails:
 * ERR_PARSE with Python's message, "Expecting value: line 1 column 1 (char 0)". */
int json_parse(struct arena *a, const char *text, size_t len, struct value **out, struct err *err);

struct json_opts {
	bool sort_keys;
	int indent;       /* spaces for each level; 0: one line with ", " and ": " */
	bool raw_unicode; /* ensure_ascii=False */
	/* types that JSON does not have are written as str() (default=str) instead of failing */
	bool dates_as_text;
};

/*
 * Append a value as json.dumps() does, without a line end. `opts` may be NULL. Dates and times are
 * written as text. Fails: ERR_VALUE "Object of type bytes is not JSON serializable" (also for
 * set and complex).
 */
int json_write(
	struct buf *out, const struct value *v, const struct json_opts *opts, struct err *err);
/* Append one string in quotes, ASCII only. Bytes that are not UTF-8 are written as Python's json
 * does for names of files: "\udcff" for \xff. */
void json_write_string(struct buf *out, const char *s, size_t len);

/* A pull reader over a text in memory, for documents with millions of entries. */
enum json_token {
	JSON_EOF, /* after the document */
	JSON_NULL,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NUMBER, /* the text is in `str`; also NaN, Infinity, -Infinity */
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
	/* of the last key, string or number; in `text` or `scratch`, valid until the next call */
	const char *str;
	size_t str_len;
	size_t start;      /* offset of the last token, which ends at `at` */
	uint32_t line;     /* of the last token, from 1 */
	size_t line_start; /* offset of the beginning of the line */
	struct buf scratch;
	int depth;
	int state;
	unsigned char stack[JSON_MAX_DEPTH / 8 + 1]; /* a bit for each level: set for maps */
};

void json_reader_init(struct json_reader *r, const char *text, size_t len);
void json_reader_release(struct json_reader *r);
/* Read the next token. Returns an enum json_token, or ERR_PARSE. */
int json_next(struct json_reader *r, struct err *err);
/* After a BEGIN token or a key: skip the complete value. */
int json_skip(struct json_reader *r, struct err *err);

#endif

/*
 * What the files of the YAML dumper share: the state of the output and the writers of single
 * scalars.
 */
#ifndef TEXT_YAML_INT_H
#define TEXT_YAML_INT_H

#include "text/yaml.h"

struct yaml_writer {
	struct buf *out;
	int column;      /* in characters */
	int width;       /* text is folded after this column */
	int indent;      /* -1 before the first collection */
	bool whitespace; /* the last thing written was white space */
	bool indention;  /* only indentation, '-', '?' or ':' stand on this line so far */
	bool no_newline;
	bool open_ended; /* a bare scalar at the root must be closed with "..." */
	bool root;       /* the node being written is the root */
};

void yaml_write(struct yaml_writer *w, const char *s, size_t chars);
void yaml_line_break(struct yaml_writer *w);
void yaml_write_indent(struct yaml_writer *w);
void yaml_indicator(
	struct yaml_writer *w, const char *s, bool need_space, bool whitespace, bool indention);

struct yaml_text { /* a scalar as code points */
	const char *bytes;
	uint32_t *chars;
	size_t *offsets; /* of each character in bytes, and of the end */
	size_t len;
};

void yaml_text_load(struct yaml_text *t, const char *s, size_t len);
void yaml_text_release(struct yaml_text *t);

struct yaml_analysis {
	bool empty, multiline;
	bool flow_plain, block_plain, single_quoted;
};

struct yaml_analysis yaml_analyze(const struct yaml_text *t);
void yaml_write_plain(struct yaml_writer *w, const struct yaml_text *t, bool split);
void yaml_write_single_quoted(struct yaml_writer *w, const struct yaml_text *t, bool split);
void yaml_write_double_quoted(struct yaml_writer *w, const struct yaml_text *t, bool split);

#endif

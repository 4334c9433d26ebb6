/* Shared by the files of the YAML dumper: the state of the output, and the writers of scalars. The
 * flags are those of ruamel.yaml's emitter. */
#ifndef TEXT_YAML_INT_H
#define TEXT_YAML_INT_H

#include "text/yaml.h"

struct yaml_writer {
	struct buf *out;
	int column;      /* in characters */
	int width;       /* text is folded behind this column */
	int indent;      /* -1 before the first collection */
	bool whitespace; /* the last thing that was written is white space */
	bool indention;  /* this line has only indentation, '-', '?' or ':' so far */
	bool no_newline;
	bool open_ended; /* a plain scalar at the root must be closed with "..." */
	bool root;       /* the current node is the root */
};

/* Write text of `chars` columns. */
void yaml_write(struct yaml_writer *w, const char *s, size_t chars);
void yaml_line_break(struct yaml_writer *w);
void yaml_write_indent(struct yaml_writer *w);
/* Write an indicator such as "-" or ":". */
void yaml_indicator(
	struct yaml_writer *w, const char *s, bool need_space, bool whitespace, bool indention);

struct yaml_text { /* a scalar as code points */
	const char *bytes;
	uint32_t *chars;
	size_t *offsets; /* byte offset of each character, and of the end */
	size_t len;
};

void yaml_text_load(struct yaml_text *t, const char *s, size_t len);
void yaml_text_release(struct yaml_text *t);

/* The styles in which a text can be written. */
struct yaml_analysis {
	bool empty, multiline;
	bool flow_plain, block_plain, single_quoted;
};

/* Write one escape; \x, \u or \U for characters without a letter. */
void yaml_write_escape(struct yaml_writer *w, uint32_t c);

struct yaml_analysis yaml_analyze(const struct yaml_text *t);
/* `split`: long text may be folded. */
void yaml_write_plain(struct yaml_writer *w, const struct yaml_text *t, bool split);
void yaml_write_single_quoted(struct yaml_writer *w, const struct yaml_text *t, bool split);
void yaml_write_double_quoted(struct yaml_writer *w, const struct yaml_text *t, bool split);

#endif

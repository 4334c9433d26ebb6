/*
 * YAML as DVC reads and writes it. Reading follows the "safe" loader of ruamel.yaml, which is YAML
 * 1.2 with Python's habits: 1_000, 1e5 and 0o10 are numbers, yes and 12:30 are strings, 2020-01-02
 * is a date. Writing follows its round-trip dumper, byte for byte.
 */
#ifndef TEXT_YAML_H
#define TEXT_YAML_H

#include "base/buf.h"
#include "base/err.h"
#include "text/value.h"

enum {
	YAML_MAX_DEPTH = 256,
	/* after expanding aliases, so that no walk over the tree takes for ever */
	YAML_MAX_NODES = 10000000,
};

/* DVC's words for a file whose YAML it cannot read, where it does not show the place. */
#define YAML_CORRUPTED "YAML file structure is corrupted"

/*
 * Parse one document; an empty one is VALUE_NULL. Nodes have their positions in bytes of `text`: a
 * scalar from its tag, anchor or quote to its end; a block mapping or sequence from its first to
 * its last item. Aliases become nodes that share the items of their anchor; merge keys are
 * resolved as ruamel.yaml does. `name` is the path for messages. Fails: ERR_PARSE; for malformed
 * text with a page (err_is_page()), the complete text that DVC prints ("'./dvc.yaml' is invalid."
 * and what follows, with line, column and the source line), without a final line end.
 */
int yaml_parse(struct arena *a, const char *name, const char *text, size_t len, struct value **out,
	struct err *err);

/*
 * The same for params, metrics and the like. Fails: ERR_PARSE with DVC's message "unable to read:
 * 'params.yaml', YAML file structure is corrupted: while parsing a flow sequence\n  in ..., line
 * 1, column 5: ...".
 */
int yaml_load(struct arena *a, const char *path, const char *text, size_t len, struct value **out,
	struct err *err);

enum yaml_emit_flags {
	/* lists and maps whose `flow` is set are written as [a] and {a: b} */
	YAML_KEEP_FLOW = 1 << 0,
	YAML_NO_FOLD = 1 << 1, /* do not break long lines; ruamel.yaml loses runs of blanks there */
};

/* Append `v` as a document in block style, 80 columns wide. A node that can be reached twice is
 * written as &id001 and *id001. */
void yaml_emit(struct buf *out, const struct value *v);
void yaml_emit_flags(struct buf *out, const struct value *v, unsigned flags);

/* For edits: append `v` on one line, as it is written behind "key: "; collections in flow style.
 * `in_flow`: the place is inside [ ] or { }. */
void yaml_emit_inline(struct buf *out, const struct value *v, bool in_flow);
/* Append the key of `item` without its colon; false when it cannot be written as a plain "key:" on
 * one line. */
bool yaml_emit_key(struct buf *out, const struct value_item *item, bool in_flow);

/* The types that a plain scalar may have. */
enum yaml_type {
	YAML_IS_STRING,
	YAML_IS_NULL,
	YAML_IS_BOOL,
	YAML_IS_INT,
	YAML_IS_FLOAT,
	YAML_IS_TIME,  /* date or datetime */
	YAML_IS_MERGE, /* << */
	YAML_IS_VALUE, /* = */
};
enum yaml_type yaml_resolve(const char *s, size_t len);
/* The value of a plain scalar of that type; NULL when the text has none ("0b_", month 13). */
struct value *yaml_construct(struct arena *a, enum yaml_type type, const char *s, size_t len);

#endif

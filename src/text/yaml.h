/*
 * YAML as DVC reads and writes it: ruamel.yaml's "safe" loader (YAML 1.2 with its Python-isms:
 * 1_000, 1e5 and 0o10 are numbers, yes and 12:30 are strings, 2020-01-02 is a date) and its
 * round-trip dumper, byte for byte.
 */
#ifndef TEXT_YAML_H
#define TEXT_YAML_H

#include "base/buf.h"
#include "base/err.h"
#include "text/value.h"

enum {
	YAML_MAX_DEPTH = 256,
	YAML_MAX_NODES =
		10000000, /* after expanding aliases, so that no walk over the tree explodes */
};

/* What DVC says of a file whose YAML it cannot read, where it does not show the place. */
#define YAML_CORRUPTED "YAML file structure is corrupted"

/*
 * Parse one document; an empty one gives VALUE_NULL. Nodes carry their positions (bytes of `text`):
 * of a scalar, from its tag, anchor or quote to its end; of a block mapping or sequence, from its
 * first to its last item. Aliases become nodes that share the items of what they name; merge keys
 * are resolved as ruamel does. `name` is the path as it should be shown. Fails: ERR_PRETTY for
 * malformed text: the whole text that DVC prints ("'./dvc.yaml' is invalid." and what follows, with
 * line and column and the source line), without a final newline; ERR_PARSE when it is not UTF-8.
 */
int yaml_parse(struct arena *a, const char *name, const char *text, size_t len, struct value **out,
	struct err *err);

/*
 * The same for params, metrics and the like. Fails: ERR_PARSE "unable to read: 'params.yaml', YAML
 * file structure is corrupted: while parsing a flow sequence\n  in ..., line 1, column 5: ..." as
 * DVC has it.
 */
int yaml_load(struct arena *a, const char *path, const char *text, size_t len, struct value **out,
	struct err *err);

enum yaml_emit_flags {
	YAML_KEEP_FLOW = 1 << 0, /* lists and maps whose `flow` is set stay [a] and {a: b} */
	YAML_NO_FOLD = 1 << 1, /* lines as long as they need be; ruamel.yaml's folding loses runs of
				  spaces */
};

/* Append `v` as a document (block style, width 80). A node that is reached twice is written as
 * &id001 and *id001. */
void yaml_emit(struct buf *out, const struct value *v);
void yaml_emit_flags(struct buf *out, const struct value *v, unsigned flags);

/*
 * For edits: append `v` on one line, as it stands after "key: ": collections in flow style.
 * `in_flow`: it will stand inside [ ] or { }.
 */
void yaml_emit_inline(struct buf *out, const struct value *v, bool in_flow);
/* Append the key of `item` without its colon; false when it does not fit on one line as a plain
 * "key:". */
bool yaml_emit_key(struct buf *out, const struct value_item *item, bool in_flow);

/* What a plain scalar stands for. */
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
/* The value of a plain scalar of that type; NULL when its text means nothing ("0b_", month 13). */
struct value *yaml_construct(struct arena *a, enum yaml_type type, const char *s, size_t len);

#endif

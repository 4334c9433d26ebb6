/*
 * Notes on experiments: tags, a text and a star. They are cairn's own; DVC does not look at them.
 *
 * The notes on refs/exps/<baseline[0:2]>/<baseline[2:40]>/<name> are at
 * refs/cairn/notes/<baseline[0:2]>/<baseline[2:40]>/<name>: a commit whose tree has one file,
 * note.json ({"tags": [...], "note": "...", "star": true}), and whose parents are the versions it
 * was made of. So they belong to the name of an experiment, not to its commit: they stay when it is
 * run anew under that name, follow a rename, and go when it is removed. Two versions that do not
 * follow one another are merged (exp_notes_merge()), so a ref of notes never has to be forced.
 *
 * Who reads them does not trust them: a malformed or too large file counts as no notes, a malformed
 * tag as absent.
 */
#ifndef EXP_NOTES_H
#define EXP_NOTES_H

#include "exp/exp.h"
#include "text/value.h"

#define NOTES_PREFIX "refs/cairn/notes/"

enum { NOTES_MAX_BYTES = 64 * 1024, NOTES_MAX_TAG = 100, NOTES_MAX_TAGS = 200 };

struct exp_note {
	struct strlist tags; /* sorted, each once */
	char *text;          /* NULL: none */
	bool star;
};
void exp_note_release(struct exp_note *n);
bool exp_note_is_empty(const struct exp_note *n);

/* The ref of the notes on the experiment `ref`. Heap string. */
char *exp_note_ref(const char *ref);
/* A tag is a word of printable characters without white space and commas. Fails: ERR_VALUE. */
int exp_note_check_tag(const char *tag, struct err *err);

/* Read the notes on the experiment `ref`; empty if there are none. `out` must be zero. */
int exp_note_load(struct exp *x, const char *ref, struct exp_note *out, struct err *err);

/* Changes a note. Returns 1 when it has, 0 when there was nothing to change. */
typedef int (*exp_note_fn)(void *ctx, struct exp_note *note, struct err *err);
/* Read the notes, let `change` change them, and write a new version, unless nothing has changed.
 * Fails: ERR_EXISTS when another process has changed them in the meantime; as `change`. */
int exp_note_edit(struct exp *x, const char *ref, exp_note_fn change, void *ctx, struct err *err);

/*
 * Take the version `theirs` of the notes on the experiment `ref`, which is in the repository. If
 * neither version comes from the other, the new version has both as parents. A tag or a star is set
 * in it when both have it, or when one side has set it since the common version; of two texts that
 * were both changed, both are kept, one after the other, in the same order on both sides. Returns 1
 * when the notes here have changed. Fails: ERR_PARSE when `theirs` is no version of notes.
 */
int exp_notes_merge(struct exp *x, const char *ref, const struct scm_id *theirs, struct err *err);
/* Merge contents alone; `base` may be empty. `out` must be zero. */
void exp_note_merge(const struct exp_note *base, const struct exp_note *ours,
	const struct exp_note *theirs, struct exp_note *out);

/* Let the notes follow a rename of the experiment. Without any, those at the new name are removed,
 * since they were on another experiment; with `again` they stay: the rename was interrupted before,
 * and they have followed it already. */
int exp_notes_move(
	struct exp *x, const char *from_ref, const char *to_ref, bool again, struct err *err);
/* No error if there are none. */
int exp_notes_remove(struct exp *x, const char *ref, struct err *err);

/* Does the repository have any? Costs a look at a directory. */
bool exp_notes_any(const struct exp *x);

/* In the form of the JSON: {"tags": [...], "note": text or null, "star": bool}. Lives in `a`. */
struct value *exp_note_to_value(const struct exp_note *n, struct arena *a);

#endif

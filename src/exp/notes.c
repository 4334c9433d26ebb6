/* Reads, writes and merges notes on experiments. */
#include "exp/notes.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "scm/head.h"
#include "scm/ref.h"
#include "text/json.h"

#define FILE_NAME "note.json"

enum { MOST_VERSIONS = 2000 }; /* how far back a common version is looked for */

void exp_note_release(struct exp_note *n)
{
	strlist_release(&n->tags);
	free(n->text);
	*n = (struct exp_note){0};
}

bool exp_note_is_empty(const struct exp_note *n)
{
	return !n->tags.count && !n->text && !n->star;
}

char *exp_note_ref(const char *ref)
{
	return mem_printf(NOTES_PREFIX "%s", ref + strlen(EXPREF_PREFIX));
}

static bool is_good_tag(const char *tag)
{
	size_t len = strlen(tag), at = 0;

	if (!len || len > NOTES_MAX_TAG || !str_is_utf8(tag, len))
		return false;
	while (at < len) {
		uint32_t c = str_next_utf8(tag, len, &at);

		/* white space and control characters of ASCII, Latin-1 and the separators */
		if (c <= ' ' || c == ',' || (c >= 0x7f && c <= 0xa0) ||
			(c >= 0x2028 && c <= 0x202f) || (c >= 0x2066 && c <= 0x2069))
			return false;
	}
	return true;
}

int exp_note_check_tag(const char *tag, struct err *err)
{
	if (is_good_tag(tag))
		return 0;
	return err_set(err, ERR_FAIL,
		"'%s' is not a valid tag: a tag is a word of at most %d bytes, without white space and commas",
		tag, NOTES_MAX_TAG);
}

static void tidy(struct exp_note *n)
{
	strlist_sort(&n->tags);
	strlist_uniq(&n->tags);
	if (n->text && !*n->text) {
		free(n->text);
		n->text = NULL;
	}
}

/* ---- the file ---- */

struct value *exp_note_to_value(const struct exp_note *n, struct arena *a)
{
	struct value *v = value_map(a), *tags = value_list(a);

	for (size_t i = 0; i < n->tags.count; i++)
		value_append(a, tags, value_string(a, n->tags.items[i]));
	value_set(a, v, "tags", tags);
	value_set(a, v, "note", n->text ? value_string(a, n->text) : value_null(a));
	value_set(a, v, "star", value_bool(a, n->star));
	return v;
}

static void from_value(const struct value *v, struct exp_note *out)
{
	const struct value *tags = value_get(v, "tags");
	const char *text = value_get_str(v, "note");

	for (size_t i = 0; i < value_count(tags) && out->tags.count < NOTES_MAX_TAGS; i++) {
		const char *tag = value_str(tags->list.items[i].value);

		if (tag && is_good_tag(tag))
			strlist_add(&out->tags, tag);
	}
	out->text = text ? mem_strdup(text) : NULL;
	out->star = value_get_bool(v, "star");
	tidy(out);
}

/* The notes in a version; empty for one that is malformed. */
static void load_version(struct exp *x, const struct scm_id *id, struct exp_note *out)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *v = NULL;

	if (!scm_id_is_set(id) || scm_read_file(x->scm, id, FILE_NAME, &text, NULL) < 0 ||
		text.len > NOTES_MAX_BYTES)
		return;
	if (json_parse(&a, buf_str(&text), text.len, &v, NULL) == 0 && value_is(v, VALUE_MAP))
		from_value(v, out);
}

static int write_version(struct exp *x, const char *note_ref, const struct exp_note *n,
	const struct scm_id *parents, size_t parent_count, const struct scm_id *old,
	struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *name = strrchr(note_ref, '/') + 1;
	AUTO(mem_freep) char *message = mem_printf("cairn: notes on experiment %s\n", name);
	struct scm_change file = {.path = FILE_NAME, .mode = SCM_MODE_FILE};
	struct scm_id tree, commit;
	int r = json_write(&text, exp_note_to_value(n, &a), &(struct json_opts){0}, err);

	if (r < 0)
		return r;
	buf_addc(&text, '\n');
	if (text.len > NOTES_MAX_BYTES)
		return err_set(err, ERR_FAIL, "notes on one experiment are at most %d bytes long",
			NOTES_MAX_BYTES);
	r = scm_write_blob(x->scm, text.ptr, text.len, &file.id, err);
	if (r == 0)
		r = scm_write_tree(x->scm, &(struct scm_id){""}, &file, 1, &tree, err);
	if (r == 0)
		r = scm_write_commit(x->scm, &tree, parents, parent_count, message, &commit, err);
	return r < 0 ? r : scm_ref_write(x->scm, note_ref, &commit, old, NULL, err);
}

/* The version that a ref names; unset when there is none. */
static struct scm_id read_ref(struct exp *x, const char *note_ref)
{
	struct scm_id id;

	return scm_ref_read(x->scm, note_ref, &id, NULL) < 0 ? (struct scm_id){""} : id;
}

int exp_note_load(struct exp *x, const char *ref, struct exp_note *out, struct err *err)
{
	AUTO(mem_freep) char *note_ref = exp_note_ref(ref);
	struct scm_id id = read_ref(x, note_ref);

	(void)err;
	load_version(x, &id, out);
	return 0;
}

int exp_note_edit(struct exp *x, const char *ref, exp_note_fn change, void *ctx, struct err *err)
{
	AUTO(exp_note_release) struct exp_note note = {0};
	AUTO(mem_freep) char *note_ref = exp_note_ref(ref);
	struct scm_id id = read_ref(x, note_ref);
	int r;

	load_version(x, &id, &note);
	r = change(ctx, &note, err);
	if (r <= 0)
		return r;
	tidy(&note);
	if (note.tags.count > NOTES_MAX_TAGS)
		return err_set(err, ERR_FAIL, "an experiment has at most %d tags", NOTES_MAX_TAGS);
	return write_version(x, note_ref, &note, &id, scm_id_is_set(&id) ? 1 : 0, &id, err);
}

/* ---- merging ---- */

/* Set on both sides, or set on one since `base`. */
static bool merged_flag(bool base, bool ours, bool theirs)
{
	return ours == theirs ? ours : !base;
}

static void merge_tags(const struct strlist *from, const struct strlist *base,
	const struct strlist *ours, const struct strlist *theirs, struct strlist *out)
{
	for (size_t i = 0; i < from->count; i++) {
		const char *tag = from->items[i];

		if (merged_flag(strlist_has(base, tag), strlist_has(ours, tag),
			    strlist_has(theirs, tag)))
			strlist_add(out, tag);
	}
}

static char *copy(const char *text)
{
	return text ? mem_strdup(text) : NULL;
}

static char *merged_text(const char *base, const char *ours, const char *theirs)
{
	if (str_eq(ours, theirs) || str_eq(theirs, base))
		return copy(ours);
	if (str_eq(ours, base))
		return copy(theirs);
	/* both were changed: what was written wins over what was removed */
	if (!ours || !theirs)
		return copy(ours ? ours : theirs);
	bool ours_first = strcmp(ours, theirs) < 0;

	return mem_printf("%s\n%s", ours_first ? ours : theirs, ours_first ? theirs : ours);
}

void exp_note_merge(const struct exp_note *base, const struct exp_note *ours,
	const struct exp_note *theirs, struct exp_note *out)
{
	merge_tags(&ours->tags, &base->tags, &ours->tags, &theirs->tags, &out->tags);
	merge_tags(&theirs->tags, &base->tags, &ours->tags, &theirs->tags, &out->tags);
	out->text = merged_text(base->text, ours->text, theirs->text);
	out->star = merged_flag(base->star, ours->star, theirs->star);
	tidy(out);
}

/* Add a version and all that it was made of, newest first. Stops at a commit that cannot be read.
 */
static void add_versions(struct exp *x, const struct scm_id *from, struct scm_ids *out)
{
	*vec_push(out) = *from;
	for (size_t i = 0; i < out->count && out->count < MOST_VERSIONS; i++) {
		AUTO(scm_commit_release) struct scm_commit c = {0};

		if (scm_commit_load(x->scm, &out->items[i], &c, NULL) < 0)
			continue;
		VEC_EACH (&c.parents, parent) {
			bool known = false;

			VEC_EACH (out, have)
				known = known || scm_id_equal(have, parent);
			if (!known)
				*vec_push(out) = *parent;
		}
	}
}

static bool has(const struct scm_ids *list, const struct scm_id *id)
{
	VEC_EACH (list, have)
		if (scm_id_equal(have, id))
			return true;
	return false;
}

/* The first version of `ours`, going back, that is also one of `theirs`. Unset: none. */
static struct scm_id common_version(const struct scm_ids *ours, const struct scm_ids *theirs)
{
	VEC_EACH (ours, id)
		if (has(theirs, id))
			return *id;
	return (struct scm_id){""};
}

static int merge_versions(struct exp *x, const char *note_ref, const struct scm_id *ours,
	const struct scm_id *theirs, const struct scm_id *base, struct err *err)
{
	AUTO(exp_note_release) struct exp_note a = {0};
	AUTO(exp_note_release) struct exp_note b = {0};
	AUTO(exp_note_release) struct exp_note o = {0};
	AUTO(exp_note_release) struct exp_note merged = {0};
	const struct scm_id parents[] = {*ours, *theirs};

	load_version(x, ours, &a);
	load_version(x, theirs, &b);
	load_version(x, base, &o);
	exp_note_merge(&o, &a, &b, &merged);
	return write_version(x, note_ref, &merged, parents, 2, ours, err);
}

int exp_notes_merge(struct exp *x, const char *ref, const struct scm_id *theirs, struct err *err)
{
	AUTO(mem_freep) char *note_ref = exp_note_ref(ref);
	AUTO(scm_commit_release) struct scm_commit c = {0};
	struct scm_id ours = read_ref(x, note_ref);
	struct scm_ids of_ours = {0}, of_theirs = {0};
	int r;

	if (scm_id_equal(&ours, theirs))
		return 0;
	if (scm_commit_load(x->scm, theirs, &c, NULL) < 0)
		return err_set(err, ERR_PARSE, "'%s' leads to no commit", note_ref);
	if (!scm_id_is_set(&ours)) {
		r = scm_ref_write(x->scm, note_ref, theirs, &ours, NULL, err);
		return r < 0 ? r : 1;
	}

	add_versions(x, &ours, &of_ours);
	add_versions(x, theirs, &of_theirs);
	if (has(&of_ours, theirs)) {
		r = 0;
	} else if (has(&of_theirs, &ours)) {
		r = scm_ref_write(x->scm, note_ref, theirs, &ours, NULL, err);
		r = r < 0 ? r : 1;
	} else {
		struct scm_id base = common_version(&of_ours, &of_theirs);

		r = merge_versions(x, note_ref, &ours, theirs, &base, err);
		r = r < 0 ? r : 1;
	}
	vec_release(&of_ours);
	vec_release(&of_theirs);
	return r;
}

/* ---- with the experiment ---- */

int exp_notes_move(
	struct exp *x, const char *from_ref, const char *to_ref, bool again, struct err *err)
{
	AUTO(mem_freep) char *from = exp_note_ref(from_ref);
	AUTO(mem_freep) char *to = exp_note_ref(to_ref);
	struct scm_id id = read_ref(x, from);
	int r;

	if (!scm_id_is_set(&id))
		return again ? 0 : scm_ref_delete(x->scm, to, err);
	r = scm_ref_write(x->scm, to, &id, NULL, NULL, err);
	return r < 0 ? r : scm_ref_delete(x->scm, from, err);
}

int exp_notes_remove(struct exp *x, const char *ref, struct err *err)
{
	AUTO(mem_freep) char *note_ref = exp_note_ref(ref);

	return scm_ref_delete(x->scm, note_ref, err);
}

bool exp_notes_any(const struct exp *x)
{
	return scm_may_have_refs(scm_root(x->scm), "refs/cairn/notes");
}

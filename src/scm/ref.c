/*
 * Refs through libgit2: reading, writing and listing them, names of commits, and stashes. Every
 * write is announced by a note (reflock.h), so that a lock left by a killed process can be
 * removed.
 */
#include "scm/scm_int.h" /* first: git2.h has names that base/banned.h poisons */
#include "scm/ref.h"
#include "scm/reflock.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"

int scm_ref_read(struct scm *scm, const char *name, struct scm_id *out, struct err *err)
{
	git_oid oid;
	int r = scm->lib->reference_name_to_id(&oid, scm->repo, name);

	if (r < 0)
		return scm_lib_error(r, err, "unable to read ref '%s'", name);
	scm_id_from(scm, &oid, out);
	return 0;
}

int scm_ref_target(struct scm *scm, const char *name, char **out, struct err *err)
{
	git_reference *ref = NULL;
	int r = scm->lib->reference_lookup(&ref, scm->repo, name);

	*out = NULL;
	if (r < 0)
		return scm_lib_error(r, err, "unable to read ref '%s'", name);
	if (scm->lib->reference_type(ref) == GIT_REFERENCE_SYMBOLIC)
		*out = mem_strdup(scm->lib->reference_symbolic_target(ref));
	scm->lib->reference_free(ref);
	return 0;
}

int scm_head(struct scm *scm, struct scm_id *out, char **out_branch, struct err *err)
{
	AUTO(mem_freep) char *target = NULL;
	int r;

	/* DVC's message */
	if (scm->lib->repository_head_unborn(scm->repo) == 1)
		return err_set(err, ERR_NOT_FOUND, "Empty git repo");

	r = scm_ref_read(scm, "HEAD", out, err);
	if (r < 0)
		return r;
	if (!out_branch)
		return 0;

	r = scm_ref_target(scm, "HEAD", &target, err);
	if (r < 0)
		return r;

	*out_branch = target && str_starts(target, "refs/heads/")
			      ? mem_strdup(target + strlen("refs/heads/"))
			      : NULL;
	return 0;
}

bool scm_ref_exists(struct scm *scm, const char *name)
{
	struct scm_id id;

	return scm_ref_read(scm, name, &id, NULL) == 0;
}

bool scm_ref_is_valid_name(const char *name, struct err *err)
{
	const struct scm_lib *lib = scm_lib(err);

	return lib && lib->reference_is_valid_name(name) == 1;
}

/* Try once to write a ref. Returns a code of libgit2; GIT_EEXISTS when the ref is not what the
 * caller expects. */
static int create(struct scm *scm, const char *name, const git_oid *oid, const git_oid *expected,
	bool replace, const char *message)
{
	git_reference *ref = NULL;
	int r = expected ? scm->lib->reference_create_matching(
				   &ref, scm->repo, name, oid, 1, expected, message)
			 : scm->lib->reference_create(&ref, scm->repo, name, oid, replace, message);

	scm->lib->reference_free(ref);
	return r == GIT_EMODIFIED ? GIT_EEXISTS : r;
}

int scm_ref_write(struct scm *scm, const char *name, const struct scm_id *id,
	const struct scm_id *old, const char *message, struct err *err)
{
	AUTO(reflock_end) struct reflock lock = {0};
	bool matching = old && scm_id_is_set(old);
	git_oid oid, expected;

	if (!scm_id_to(scm, id, &oid))
		return err_set(err, ERR_FAIL, "'%s' is no commit", id->hex);
	if (matching && !scm_id_to(scm, old, &expected))
		return err_set(err, ERR_FAIL, "'%s' is no commit", old->hex);

	if (!message)
		message = "";
	reflock_begin(scm, name, &lock);

	int r = create(scm, name, &oid, matching ? &expected : NULL, !old, message);

	/* locked: the holder may be a killed process of ours, so clean up and try once more */
	if (r == GIT_ELOCKED && reflock_clear(scm, true))
		r = create(scm, name, &oid, matching ? &expected : NULL, !old, message);
	return r < 0 ? reflock_error(scm, r, "write", name, err) : 0;
}

int scm_ref_write_symbolic(
	struct scm *scm, const char *name, const char *target, const char *message, struct err *err)
{
	AUTO(reflock_end) struct reflock lock = {0};
	git_reference *ref = NULL;

	reflock_begin(scm, name, &lock);
	int r = scm->lib->reference_symbolic_create(
		&ref, scm->repo, name, target, 1, message ? message : "");

	scm->lib->reference_free(ref);
	return r < 0 ? reflock_error(scm, r, "write", name, err) : 0;
}

int scm_ref_delete(struct scm *scm, const char *name, struct err *err)
{
	AUTO(reflock_end) struct reflock lock = {0};

	reflock_begin(scm, name, &lock);
	/* (with a symbolic ref libgit2 removes the ref itself) */
	int r = scm->lib->reference_remove(scm->repo, name);

	if (r == GIT_ELOCKED && reflock_clear(scm, true))
		r = scm->lib->reference_remove(scm->repo, name);
	return r < 0 && r != GIT_ENOTFOUND ? reflock_error(scm, r, "remove", name, err) : 0;
}

/* References are collected before the callback runs, because it may delete them, which an open
 * iterator does not allow. */
struct found_ref {
	char *name;
	struct scm_id id;
};
VEC_TYPE(found_refs, struct found_ref);

static void found_refs_release(struct found_refs *refs)
{
	VEC_EACH (refs, r)
		free(r->name);
	vec_release(refs);
}

static int by_name(const void *a, const void *b)
{
	const struct found_ref *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Add a ref and its target; a symbolic ref to nothing is left out. */
static void note_ref(struct scm *scm, git_reference *ref, struct found_refs *out)
{
	const git_oid *target = scm->lib->reference_target(ref);
	const char *name = scm->lib->reference_name(ref);
	struct scm_id id;

	if (target)
		scm_id_from(scm, target, &id);
	else if (scm_ref_read(scm, name, &id, NULL) < 0)
		return; /* symbolic, with a missing target */
	*vec_push(out) = (struct found_ref){mem_strdup(name), id};
}

int scm_refs_each(struct scm *scm, const char *prefix, scm_ref_fn fn, void *ctx, struct err *err)
{
	AUTO(mem_freep) char *pattern = mem_printf("%s*", prefix);
	AUTO(found_refs_release) struct found_refs found = {0};
	git_reference_iterator *it = NULL;
	git_reference *ref;
	int r = scm->lib->reference_iterator_glob_new(&it, scm->repo, pattern);

	while (r == 0 && (r = scm->lib->reference_next(&ref, it)) == 0) {
		note_ref(scm, ref, &found);
		scm->lib->reference_free(ref);
	}
	scm->lib->reference_iterator_free(it);

	if (r < 0 && r != GIT_ITEROVER)
		return scm_lib_error(r, err, "unable to list refs below '%s'", prefix);

	/* libgit2 lists loose refs and packed refs one after the other */
	vec_sort(&found, by_name);
	VEC_EACH (&found, f) {
		r = fn(ctx, f->name, &f->id, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- annotated tags ---- */

struct tag_loader {
	struct scm *scm;
	struct scm_tags *tags;
};

/* Add the ref if it is an annotated tag: a lightweight tag is no tag object, and its
 * lookup fails. */
static int load_tag(void *ctx, const char *ref, const struct scm_id *id, struct err *err)
{
	const struct tag_loader *l = ctx;
	const struct scm_lib *lib = l->scm->lib;
	git_object *tag = NULL, *commit = NULL;
	git_oid oid;

	(void)err;

	if (scm_id_to(l->scm, id, &oid) &&
		lib->object_lookup(&tag, l->scm->repo, &oid, GIT_OBJECT_TAG) == 0 &&
		lib->object_peel(&commit, tag, GIT_OBJECT_COMMIT) == 0) {
		const git_signature *tagger = lib->tag_tagger((git_tag *)tag);
		struct scm_tag *t = vec_push(l->tags);

		*t = (struct scm_tag){.name = mem_strdup(ref + strlen("refs/tags/")),
			.time_s = tagger ? tagger->when.time : 0};
		scm_id_from(l->scm, lib->object_id(commit), &t->commit);
	}
	lib->object_free(commit);
	lib->object_free(tag);
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct scm_tag *x = a, *y = b;

	if (x->time_s != y->time_s)
		return x->time_s < y->time_s ? -1 : 1;
	return strcmp(x->name, y->name);
}

int scm_tags_load(struct scm *scm, struct scm_tags *out, struct err *err)
{
	struct tag_loader l = {scm, out};
	int r = scm_refs_each(scm, "refs/tags/", load_tag, &l, err);

	vec_sort(out, by_time);
	return r;
}

void scm_tags_release(struct scm_tags *tags)
{
	VEC_EACH (tags, t)
		free(t->name);
	vec_release(tags);
}

/* ---- names of commits ---- */

struct scm_names {
	struct map by_id; /* 40 hex digits -> heap string */
};

struct name_loader {
	struct scm *scm;
	struct scm_names *names;
	size_t prefix_len;
};

/* Keeps the first name of a commit. */
static void set_name(struct scm_names *names, const struct scm_id *id, const char *name)
{
	if (!map_has(&names->by_id, id->hex))
		map_set(&names->by_id, id->hex, mem_strdup(name));
}

static int load_name(void *ctx, const char *ref, const struct scm_id *id, struct err *err)
{
	const struct name_loader *l = ctx;
	git_object *object = NULL, *commit = NULL;
	struct scm_id peeled = *id;
	git_oid oid;

	(void)err;
	/* the name of an annotated tag belongs to the commit to which it points */
	if (scm_id_to(l->scm, id, &oid) &&
		l->scm->lib->object_lookup(&object, l->scm->repo, &oid, GIT_OBJECT_ANY) == 0 &&
		l->scm->lib->object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0)
		scm_id_from(l->scm, l->scm->lib->object_id(commit), &peeled);

	l->scm->lib->object_free(commit);
	l->scm->lib->object_free(object);
	set_name(l->names, &peeled, ref + l->prefix_len);
	return 0;
}

int scm_names_load(struct scm *scm, struct scm_names **out, struct err *err)
{
	struct scm_names *names = NEW(struct scm_names);
	struct name_loader loader = {scm, names, strlen("refs/tags/")};
	AUTO(mem_freep) char *branch = NULL;
	struct scm_id head;
	int r;

	/* The first name of a commit is kept, so the order of these calls is that of precedence. */
	if (scm_head(scm, &head, &branch, NULL) == 0 && branch)
		set_name(names, &head, branch);
	r = scm_refs_each(scm, "refs/tags/", load_name, &loader, err);
	if (r == 0) {
		loader.prefix_len = strlen("refs/heads/");
		r = scm_refs_each(scm, "refs/heads/", load_name, &loader, err);
	}

	if (r < 0) {
		scm_names_free(names);
		return r;
	}
	*out = names;
	return 0;
}

const char *scm_names_get(const struct scm_names *names, const struct scm_id *commit)
{
	return map_get(&names->by_id, commit->hex);
}

void scm_names_free(struct scm_names *names)
{
	if (!names)
		return;
	for (struct map_entry *e = map_next(&names->by_id, NULL); e; e = map_next(&names->by_id, e))
		free(e->value);
	map_release(&names->by_id);
	free(names);
}

/* ---- stashes ---- */

int scm_stash_load(struct scm *scm, const char *ref, struct scm_stash *out, struct err *err)
{
	git_reflog *log = NULL;
	int r;

	/* (reflog_read() would create a missing log) */
	if (!scm_ref_exists(scm, ref) || scm->lib->reference_has_log(scm->repo, ref) == 0)
		return 0;

	r = scm->lib->reflog_read(&log, scm->repo, ref);
	if (r < 0)
		return scm_lib_error(r, err, "unable to read the log of ref '%s'", ref);

	for (size_t i = 0; i < scm->lib->reflog_entrycount(log); i++) {
		const git_reflog_entry *e = scm->lib->reflog_entry_byindex(log, i);
		struct scm_stash_entry *entry = vec_push(out);
		const char *message = scm->lib->reflog_entry_message(e);

		scm_id_from(scm, scm->lib->reflog_entry_id_new(e), &entry->id);
		entry->message = mem_strdup(message ? message : "");
	}
	scm->lib->reflog_free(log);
	return 0;
}

void scm_stash_release(struct scm_stash *stash)
{
	VEC_EACH (stash, e)
		free(e->message);
	vec_release(stash);
}

int scm_stash_push(struct scm *scm, const char *ref, const struct scm_id *commit,
	const char *message, struct err *err)
{
	AUTO(reflock_end) struct reflock lock = {0};

	reflock_begin(scm, ref, &lock);
	/* git keeps logs only for refs below heads/, so ask for one */
	int r = scm->lib->reference_ensure_log(scm->repo, ref);

	if (r < 0)
		return reflock_error(scm, r, "write the log of", ref, err);
	return scm_ref_write(scm, ref, commit, NULL, message, err);
}

/* Write the log lines of all entries but the last. git accepts a log that is ahead of its ref, so a
 * crash here does no harm. */
static int log_entries(
	struct scm *scm, const char *ref, const struct scm_stash *entries, struct err *err)
{
	AUTO(reflock_end) struct reflock lock = {0};
	git_signature *who = NULL;
	git_reflog *log = NULL;
	git_oid oid;
	int r = scm_signature(scm, "COMMITTER", &who, err);

	if (r < 0)
		return r;

	reflock_begin(scm, ref, &lock);
	r = scm->lib->reflog_read(&log, scm->repo, ref);
	for (size_t i = 0; i + 1 < entries->count && r == 0; i++)
		r = scm_id_to(scm, &entries->items[i].id, &oid)
			    ? scm->lib->reflog_append(log, &oid, who, entries->items[i].message)
			    : GIT_ENOTFOUND;

	if (r == 0)
		r = scm->lib->reflog_write(log);

	scm->lib->reflog_free(log);
	scm->lib->signature_free(who);
	return r < 0 ? reflock_error(scm, r, "write the log of", ref, err) : 0;
}

int scm_stash_push_all(
	struct scm *scm, const char *ref, const struct scm_stash *entries, struct err *err)
{
	AUTO(reflock_end) struct reflock lock = {0};
	int r = 0;

	if (entries->count == 0)
		return 0;
	const struct scm_stash_entry *last = &entries->items[entries->count - 1];

	if (entries->count > 1) {
		reflock_begin(scm, ref, &lock);
		r = scm->lib->reference_ensure_log(scm->repo, ref);
		reflock_end(&lock);
		if (r < 0)
			return reflock_error(scm, r, "write the log of", ref, err);
		r = log_entries(scm, ref, entries, err);
	}
	return r < 0 ? r : scm_stash_push(scm, ref, &last->id, last->message, err);
}

int scm_stash_drop(struct scm *scm, const char *ref, const struct scm_id *commit, struct err *err)
{
	AUTO(scm_stash_release) struct scm_stash stash = {0};
	AUTO(reflock_end) struct reflock lock = {0};
	git_reflog *log = NULL;
	size_t at = 0;
	int r;

	r = scm_stash_load(scm, ref, &stash, err);
	if (r < 0)
		return r;

	while (at < stash.count && !scm_id_equal(&stash.items[at].id, commit))
		at++;
	if (at == stash.count)
		return err_set(err, ERR_NOT_FOUND, "'%s' is not in '%s'", commit->hex, ref);

	/* a ref with an empty log would still exist, so remove both */
	if (stash.count == 1) {
		r = scm_ref_delete(scm, ref, err);
		if (r == 0) /* best effort: without its ref the log says nothing */
			(void)scm->lib->reflog_delete(scm->repo, ref);
		return r;
	}

	reflock_begin(scm, ref, &lock);
	r = scm->lib->reflog_read(&log, scm->repo, ref);
	if (r == 0)
		r = scm->lib->reflog_drop(log, at, 1);
	if (r == 0)
		r = scm->lib->reflog_write(log);
	scm->lib->reflog_free(log);

	if (r < 0)
		return reflock_error(scm, r, "write the log of", ref, err);
	if (at > 0)
		return 0;

	/* The newest entry was removed: point the ref to the next one, without adding a line to its
	 * log. */
	git_oid oid;
	git_reference *moved = NULL;

	/* moving the ref appends a line to its log, so the log is read before and written back
	 * after */
	r = scm->lib->reflog_read(&log, scm->repo, ref);
	if (r < 0 || !scm_id_to(scm, &stash.items[1].id, &oid)) {
		scm->lib->reflog_free(log);
		return scm_lib_error(r, err, "unable to read the log of ref '%s'", ref);
	}
	r = scm->lib->reference_create(&moved, scm->repo, ref, &oid, 1, "");
	scm->lib->reference_free(moved);
	if (r == 0)
		r = scm->lib->reflog_write(log); /* as before the move */
	scm->lib->reflog_free(log);
	return r < 0 ? reflock_error(scm, r, "write", ref, err) : 0;
}

/* Answers questions about experiments by name, and removes those that do not fulfil a condition. */
#include "exp/query.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"
#include "exp/notes.h"
#include "scm/ref.h"
#include "text/flatten.h"

/* ---- notes ---- */

static int note_ref(void *ctx, const char *name, const struct scm_id *id, struct err *err)
{
	(void)id;
	(void)err;
	map_set(ctx, name, ctx);
	return 0;
}

/* Queued, running and failed ones have no ref yet, though one of that name may exist. */
static bool is_finished(const struct exp_range *e)
{
	const char *state = e->executor ? value_get_str(e->executor, "state") : NULL;

	return !state || strcmp(state, "success") == 0;
}

static void add_note(struct exp *x, struct exp_table *t, const struct map *refs,
	const struct exp_baseline *b, struct exp_range *e)
{
	AUTO(exp_note_release) struct exp_note note = {0};
	AUTO(mem_freep) char *ref = NULL;
	AUTO(mem_freep) char *name = NULL;
	struct scm_id baseline = {""};

	if (!e->revs.count || !e->revs.items[0].name || !is_finished(e) ||
		!scm_is_full_id(b->state.rev))
		return;
	memcpy(baseline.hex, b->state.rev, sizeof(baseline.hex));
	ref = expref_format(&baseline, e->revs.items[0].name);
	name = exp_note_ref(ref);
	if (map_has(refs, name) && exp_note_load(x, ref, &note, NULL) == 0 &&
		!exp_note_is_empty(&note))
		e->revs.items[0].notes = exp_note_to_value(&note, &t->arena);
}

int exp_query_add_notes(struct exp *x, struct exp_table *t, struct err *err)
{
	struct map refs = MAP_INIT;
	int r = exp_notes_any(x) ? scm_refs_each(x->scm, NOTES_PREFIX, note_ref, &refs, err) : 0;

	if (r == 0 && refs.live) {
		VEC_EACH (&t->baselines, b)
			VEC_EACH (&b->experiments, e)
				add_note(x, t, &refs, b, e);
	}
	map_release(&refs);
	return r;
}

/* ---- values by name ---- */

static const struct value *field_of_file(struct arena *a, const struct value *file, const char *key)
{
	const struct value *data = value_get(file, "data");
	const struct value *v = value_is(data, VALUE_MAP) ? value_get(flatten(a, data), key) : NULL;

	return v && v->kind != VALUE_NULL ? v : NULL;
}

/* Find "file:key", or `key` in any file, among the metrics or the parameters of a revision. */
static const struct value *find_field(
	struct arena *a, const struct exp_state *s, const char *section, const char *name)
{
	const struct value *files = s->data ? value_get(s->data, section) : NULL;
	const struct value *found = NULL;

	/* both may contain colons, so try every one */
	for (const char *c = strchr(name, ':'); c && !found; c = strchr(c + 1, ':'))
		found = field_of_file(a, value_getn(files, name, (size_t)(c - name)), c + 1);
	for (size_t i = 0; i < value_count(files) && !found; i++)
		found = field_of_file(a, files->list.items[i].value, name);
	return found;
}

static const struct value *state_field(struct arena *a, const struct exp_state *s, const char *name)
{
	const struct value *v = find_field(a, s, "metrics", name);

	return v ? v : find_field(a, s, "params", name);
}

enum own_name { OWN_NAME, OWN_REV, OWN_CREATED, OWN_STATE, OWN_TAGS, OWN_NOTE, OWN_STAR, OWN_NONE };

static enum own_name own_name(const char *name)
{
	static const struct {
		const char *name;
		enum own_name means;
	} names[] = {{"name", OWN_NAME}, {"rev", OWN_REV}, {"created", OWN_CREATED},
		{"date", OWN_CREATED}, {"state", OWN_STATE}, {"tag", OWN_TAGS}, {"tags", OWN_TAGS},
		{"note", OWN_NOTE}, {"star", OWN_STAR}};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].means;
	return OWN_NONE;
}

const struct value *exp_query_value(struct arena *a, const struct exp_range *e, const char *name)
{
	const struct exp_state *s = &e->revs.items[0];
	const char *state = e->executor ? value_get_str(e->executor, "state") : NULL;

	switch (own_name(name)) {
	case OWN_NAME:
		return s->name ? value_string(a, s->name) : NULL;
	case OWN_REV:
		return value_string(a, s->rev);
	case OWN_CREATED:
		return s->data ? value_get(s->data, "timestamp") : NULL;
	case OWN_STATE:
		return value_string(a, state ? state : "success");
	case OWN_TAGS:
		return value_get(s->notes, "tags");
	case OWN_NOTE:
		return value_get(s->notes, "note");
	case OWN_STAR:
		return value_bool(a, value_get_bool(s->notes, "star"));
	case OWN_NONE:
		break;
	}
	return state_field(a, s, name);
}

bool exp_query_knows(const struct exp_table *t, const char *name)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;

	if (own_name(name) != OWN_NONE)
		return true;
	VEC_EACH (&t->baselines, b) {
		if (state_field(&a, &b->state, name))
			return true;
		VEC_EACH (&b->experiments, e)
			VEC_EACH (&e->revs, s)
				if (state_field(&a, s, name))
					return true;
	}
	return false;
}

/* ---- conditions ---- */

struct asked {
	struct arena *a;
	const struct exp_range *range;
};

static const struct value *get(void *ctx, const char *name)
{
	const struct asked *q = ctx;

	return exp_query_value(q->a, q->range, name);
}

static bool is_known(void *ctx, const char *name)
{
	return exp_query_knows(ctx, name);
}

static bool has_experiments(const struct exp_table *t)
{
	VEC_EACH (&t->baselines, b)
		if (b->experiments.count)
			return true;
	return false;
}

static void filter_experiments(struct exp_baseline *b, const struct filter *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->experiments.count; i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		struct asked q = {&a, &b->experiments.items[i]};

		if (filter_match(f, get, &q))
			b->experiments.items[kept++] = b->experiments.items[i];
		else
			vec_release(&b->experiments.items[i].revs);
	}
	b->experiments.count = kept;
}

int exp_query_filter(struct exp_table *t, const struct filter *f, struct err *err)
{
	size_t kept = 0;
	int r = has_experiments(t) ? filter_check_names(f, is_known, t, err) : 0;

	if (r < 0)
		return r;
	for (size_t i = 0; i < t->baselines.count; i++) {
		struct exp_baseline *b = &t->baselines.items[i];

		filter_experiments(b, f);
		if (b->experiments.count || !scm_is_full_id(b->state.rev))
			t->baselines.items[kept++] = *b;
		else
			vec_release(&b->experiments);
	}
	t->baselines.count = kept;
	return 0;
}

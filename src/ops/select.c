#include "ops/select.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"

static bool has(const struct selection *list, const struct out *o, const char *inside)
{
	VEC_EACH (list, s) {
		if (s->out == o && (!s->inside || str_eq(s->inside, inside)))
			return true;
	}
	return false;
}

static void add_stage(struct index *ix, const struct target *t, struct selection *out)
{
	VEC_EACH (&t->stage->outs, o) {
		const char *inside = NULL;
		if (t->filter) {
			if (!o->abs_path || !path_inside(t->filter, o->abs_path))
				continue;
			AUTO(mem_freep) char *rel = path_relative(t->filter, o->abs_path);
			inside = str_eq(rel, ".") ? NULL : arena_strdup(&ix->arena, rel);
		}
		if (!has(out, o, inside))
			*vec_push(out) = (struct selected){o, inside};
	}
}

int select_outs(struct index *ix, const struct strlist *targets, unsigned flags,
	struct selection *out, const char **out_bad, struct err *err)
{
	size_t count = targets && targets->count ? targets->count : 1;
	for (size_t i = 0; i < count; i++) {
		const char *name = targets && targets->count ? targets->items[i] : NULL;
		struct target_list found = {0};
		int r = index_targets(ix, name, flags, &found, err);
		VEC_EACH (&found, t)
			add_stage(ix, t, out);
		vec_release(&found);
		if (r < 0) {
			if (out_bad)
				*out_bad = name;
			return r;
		}
	}
	return 0;
}

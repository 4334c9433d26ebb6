#include "exp/sources.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "project/data.h"
#include "project/index.h"
#include "run/record.h"

void sources_undo_release(struct sources_undo *undo)
{
	VEC_EACH (&undo->files, f) {
		free(f->path);
		free(f->text);
	}
	vec_release(&undo->files);
}

static int keep_text(const char *path, struct sources_undo *undo, struct err *err)
{
	struct buf text = BUF_INIT;
	int r = file_read(path, &text, err);

	if (r == 0)
		*vec_push(&undo->files) = (struct sources_file){
			mem_strdup(path), text.ptr, text.len};
	else
		buf_release(&text);
	return r;
}

/* Is there something that the cache does not have? What is missing is not edited: it will be
 * restored. */
static int is_edited(struct data *d, const struct stage *s, struct err *err)
{
	VEC_EACH (&s->outs, out) {
		int state = out->cache && out->abs_path ? out_state(d, out, err) : ENTRY_SAME;

		if (state < 0)
			return state;
		if (state != ENTRY_SAME && state != ENTRY_DELETED && file_exists(out->abs_path))
			return 1;
	}
	return 0;
}

static int record(struct index *ix, struct data *d, struct stage *s,
	const struct progress *progress, struct sources_undo *undo, struct err *err)
{
	int r = is_edited(d, s, err);

	if (r <= 0)
		return r;
	if (undo)
		r = keep_text(s->file, undo, err);
	return r < 0 ? r
		     : record_whole(d, &ix->arena, NULL, s,
			       &(struct record_opts){.no_deps = true,
				       .allow_missing = true,
				       .progress = progress},
			       err);
}

static int find_stages(
	struct index *ix, const struct exp_task *t, struct target_list *out, struct err *err)
{
	unsigned flags = (t->flags.recursive ? TARGET_RECURSIVE : 0) |
			 (t->flags.glob ? TARGET_GLOB : 0);
	int r = 0;

	if (t->targets.count == 0)
		return index_targets(ix, NULL, flags, out, err);
	for (size_t i = 0; i < t->targets.count && r >= 0; i++)
		r = index_targets(ix, t->targets.items[i], flags | TARGET_WITH_DEPS, out, err);
	return r;
}

int sources_record(struct exp *x, const struct exp_task *t, const struct progress *progress,
	struct sources_undo *undo, struct err *err)
{
	struct target_list found = {0};
	struct index *ix = NULL;
	struct data *d = NULL;
	int r = repo_index(x->repo, &ix, err);

	if (r >= 0)
		r = repo_data(x->repo, &d, err);
	if (r >= 0)
		r = find_stages(ix, t, &found, err);
	VEC_EACH (&found, target) {
		if (r >= 0 && stage_is_data_source(target->stage))
			r = record(ix, d, target->stage, progress, undo, err);
	}
	vec_release(&found);
	return r < 0 ? r : 0;
}

int sources_restore(const struct sources_undo *undo, struct err *err)
{
	int r = 0;

	VEC_EACH (&undo->files, f) {
		int one = file_write(f->path, f->text, f->len, 0, r < 0 ? NULL : err);

		r = r < 0 ? r : one;
	}
	return r;
}

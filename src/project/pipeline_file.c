/* Each change has three steps: parse, change a copy of the document, and let text/edit.h change the
 * text accordingly. */
#include "project/pipeline_file.h"

#include "base/alloc.h"
#include "base/file.h"
#include "text/edit.h"
#include "text/yaml.h"

struct editing {
	struct arena arena;
	struct buf text;
	struct value *doc; /* a copy that is changed */
	char *shown;
};

static void release_editing(struct editing *e)
{
	arena_release(&e->arena);
	buf_release(&e->text);
	free(e->shown);
}

/* Read and parse the file. One that does not exist is an empty document. */
static int open_file(struct editing *e, struct repo *repo, const char *file, struct err *err)
{
	struct value *doc = NULL;
	e->shown = repo_display(repo, file);
	int r = file_read(file, &e->text, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		e->doc = value_map(&e->arena);
		return 0;
	}

	if (r >= 0)
		r = yaml_parse(&e->arena, e->shown, buf_str(&e->text), e->text.len, &doc, err);
	if (r < 0)
		return r;

	e->doc = value_is(doc, VALUE_MAP) ? value_copy(&e->arena, doc) : value_map(&e->arena);
	return 0;
}

/* Write the changed document. */
static int close_file(struct editing *e, struct repo *repo, const char *file, struct err *err)
{
	int r = 1;
	if (e->text.len == 0)
		yaml_emit(&e->text, e->doc);
	else
		r = edit_text(EDIT_YAML, e->shown, &e->text, e->doc, err);

	if (r > 0)
		r = file_write(file, e->text.ptr, e->text.len, FILE_KEEP_MODE, err);

	if (r >= 0)
		repo_track(repo, file);
	return MIN(r, 0);
}

int pipeline_file_put(struct repo *repo, const char *file, const char *stage,
	const struct value *definition, struct err *err)
{
	AUTO(release_editing) struct editing e = {0};
	int r = open_file(&e, repo, file, err);
	if (r < 0)
		return r;

	/* a new file, or one with other sections only */
	struct value *stages = value_get(e.doc, "stages");
	if (!value_is(stages, VALUE_MAP)) {
		stages = value_map(&e.arena);
		value_set(&e.arena, e.doc, "stages", stages);
	}

	bool existed = value_get(stages, stage) != NULL;
	value_set(&e.arena, stages, stage, value_copy(&e.arena, definition));

	r = close_file(&e, repo, file, err);
	return r < 0 ? r : existed;
}

int pipeline_file_set(struct repo *repo, const char *file, const char *stage, const char *key,
	struct value *v, struct err *err)
{
	AUTO(release_editing) struct editing e = {0};
	int r = open_file(&e, repo, file, err);
	if (r < 0)
		return r;

	struct value *definition = value_get(value_get(e.doc, "stages"), stage);
	if (!value_is(definition, VALUE_MAP))
		return err_kind(err, KIND_STAGE_NOT_FOUND,
			err_set(err, ERR_NOT_FOUND, "Stage '%s' not found inside '%s' file", stage,
				e.shown));

	if (v)
		value_set(&e.arena, definition, key, value_copy(&e.arena, v));
	else
		value_remove(definition, key);
	return close_file(&e, repo, file, err);
}

int pipeline_file_remove(struct repo *repo, const char *file, const char *stage, struct err *err)
{
	AUTO(release_editing) struct editing e = {0};
	int r = open_file(&e, repo, file, err);
	if (r < 0)
		return r;

	struct value *stages = value_get(e.doc, "stages");
	if (!value_is(stages, VALUE_MAP) || !value_remove(stages, stage))
		return 0;

	/* keep a file that still has datasets */
	if (!stages->list.count && value_get(e.doc, "datasets")) {
		value_remove(e.doc, "stages");
		r = close_file(&e, repo, file, err);
	} else if (!stages->list.count) {
		r = file_remove(file, err);
		repo_track(repo, file);
	} else {
		r = close_file(&e, repo, file, err);
	}
	return r < 0 ? r : 1;
}

int pipeline_file_put_dataset(struct repo *repo, const char *file, size_t index,
	const struct value *entry, struct err *err)
{
	AUTO(release_editing) struct editing e = {0};
	int r = open_file(&e, repo, file, err);
	if (r < 0)
		return r;

	struct value *list = value_get(e.doc, "datasets"), *mine = value_copy(&e.arena, entry);
	if (!value_is(list, VALUE_LIST)) {
		list = value_list(&e.arena);
		value_set(&e.arena, e.doc, "datasets", list);
	}

	/* `index` is the place of the entry to replace */
	if (index < list->list.count)
		list->list.items[index].value = mine;
	else
		value_append(&e.arena, list, mine);
	return close_file(&e, repo, file, err);
}

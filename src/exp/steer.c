/* Reads and writes the decisions about queued tasks. */
#include "exp/steer.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "scm/ref.h"
#include "text/json.h"

/* Values beyond these in a damaged file would overflow an int. */
enum { LIMIT = 1000000 };

void steering_release(struct steering *s)
{
	vec_release(&s->items);
}

static char *path_of(const struct exp *x)
{
	return path_join(x->dir, "steering.json");
}

static int int_of(const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);

	if (!value_is(v, VALUE_INT) || v->integer.big || v->integer.number < -LIMIT ||
		v->integer.number > LIMIT)
		return 0;
	return (int)v->integer.number;
}

void steering_load(const struct exp *x, struct steering *out)
{
	AUTO(mem_freep) char *path = path_of(x);
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *all = NULL;

	if (file_read(path, &text, NULL) < 0 ||
		json_parse(&a, buf_str(&text), text.len, &all, NULL) < 0 ||
		!value_is(all, VALUE_MAP))
		return;

	for (size_t i = 0; i < all->list.count; i++) {
		const struct value_item *it = &all->list.items[i];

		if (!scm_is_full_id(it->key))
			continue;
		struct steer *s = vec_push(&out->items);

		memcpy(s->task.hex, it->key, sizeof(s->task.hex));
		s->held = value_get_bool(it->value, "held");
		s->priority = int_of(it->value, "priority");
		s->attempts = int_of(it->value, "attempts");
	}
}

static bool is_default(const struct steer *s)
{
	return !s->held && s->priority == 0 && s->attempts == 0;
}

static bool is_queued(const struct scm_stash *queued, const struct scm_id *task)
{
	VEC_EACH (queued, e)
		if (scm_id_equal(&e->id, task))
			return true;
	return false;
}

int steering_save(const struct exp *x, const struct steering *s, const struct scm_stash *queued,
	struct err *err)
{
	AUTO(mem_freep) char *path = path_of(x);
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *all = value_map(&a);

	VEC_EACH (&s->items, e) {
		if (is_default(e) || !is_queued(queued, &e->task))
			continue;
		struct value *v = value_map(&a);

		if (e->held)
			value_set(&a, v, "held", value_bool(&a, true));
		if (e->priority)
			value_set(&a, v, "priority", value_int(&a, e->priority));
		if (e->attempts)
			value_set(&a, v, "attempts", value_int(&a, e->attempts));
		value_set(&a, all, e->task.hex, v);
	}

	if (all->list.count == 0)
		return file_remove(path, err);
	int r = json_write(&text, all, NULL, err);

	if (r == 0)
		r = file_mkdirs_for(path, err);
	return r < 0 ? r : file_write(path, text.ptr, text.len, FILE_SYNC, err);
}

struct steer steering_get(const struct steering *s, const struct scm_id *task)
{
	VEC_EACH (&s->items, e)
		if (scm_id_equal(&e->task, task))
			return *e;
	return (struct steer){.task = *task};
}

struct steer *steering_at(struct steering *s, const struct scm_id *task)
{
	VEC_EACH (&s->items, e)
		if (scm_id_equal(&e->task, task))
			return e;
	struct steer *e = vec_push(&s->items);

	*e = (struct steer){.task = *task};
	return e;
}

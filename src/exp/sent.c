/* Connects tasks of the queue with jobs of executors. */
#include "exp/sent.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "text/json.h"

void sent_release(struct sent *s)
{
	left_jobs_release(&s->jobs);
	map_release(&s->by_task);
}

void sent_load(const struct exp *x, struct sent *out)
{
	(void)left_load(x->repo, NULL, &out->jobs, NULL);
	VEC_EACH (&out->jobs, j)
		if (scm_is_full_id(j->key))
			map_set(&out->by_task, j->key, j);
}

const struct left_job *sent_find(const struct sent *s, const struct scm_id *task)
{
	return map_get(&s->by_task, task->hex);
}

bool sent_is_open(const struct left_job *job)
{
	return job->state == LEFT_WAITS || job->state == LEFT_RUNS ||
	       job->state == LEFT_INTERRUPTED;
}

/* ---- places ---- */

void sent_place_release(struct sent_place *p)
{
	free(p->executor);
	free(p->job_id);
	free(p->node);
	free(p->end);
	*p = (struct sent_place){0};
}

static char *copy_of(const struct value *map, const char *key)
{
	const char *text = value_get_str(map, key);
	return text ? mem_strdup(text) : NULL;
}

void sent_place_read(const struct journal *j, struct sent_place *out)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *v = NULL;
	*out = (struct sent_place){0};
	if (file_read(j->place, &text, NULL) < 0 ||
		json_parse(&a, buf_str(&text), text.len, &v, NULL) < 0)
		return;
	out->executor = copy_of(v, "executor");
	out->job_id = copy_of(v, "job");
	out->node = copy_of(v, "node");
	out->end = copy_of(v, "end");
}

char *sent_place_text(const struct sent_place *p)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (!p->executor)
		return NULL;
	buf_adds(&text, p->executor);
	if (p->node)
		buf_addf(&text, ": %s", p->node);
	else if (p->job_id)
		buf_addf(&text, ": job %s", p->job_id);
	if (p->end)
		buf_addf(&text, "%s%s", p->node || p->job_id ? ", " : ": ", p->end);
	return mem_strdup(buf_str(&text));
}

int sent_place_write(const struct journal *j, const struct sent_place *p, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *v = value_map(&a);
	const char *const fields[][2] = {
		{"executor", p->executor}, {"job", p->job_id}, {"node", p->node}, {"end", p->end}};
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i][1])
			value_set(&a, v, fields[i][0], value_string(&a, fields[i][1]));
	int r = json_write(&text, v, NULL, err);
	buf_addc(&text, '\n');
	if (r == 0)
		r = file_mkdirs_for(j->place, err);
	return r < 0 ? r : file_write(j->place, text.ptr, text.len, 0, err);
}

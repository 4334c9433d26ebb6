/* Chooses and opens the executors of a run. */
#include "run/places.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "exec/attempt.h"
#include "exec/jobs_dir.h"
#include "exec/profile.h"

void places_release(struct places *p)
{
	VEC_EACH (&p->opened, e)
		executor_close(*e);
	vec_release(&p->opened);
	free(p->usual);
}

static int open_named(struct places *p, const char *name, struct executor **out, struct err *err)
{
	*out = &executor_local;
	if (!name || strcmp(name, "local") == 0)
		return 0;
	VEC_EACH (&p->opened, e)
		if (strcmp((*e)->name, name) == 0) {
			*out = *e;
			return 0;
		}
	int r = executor_open(p->repo, name, out, err);
	if (r < 0 || *out == &executor_local)
		return r;
	(*out)->progress = p->progress;
	*vec_push(&p->opened) = *out;
	return 0;
}

int places_of(struct places *p, const struct stage *s, struct executor **out, struct err *err)
{
	const struct value *own = value_get(s->meta, "executor");
	int r = 0;
	*out = p->fixed ? p->fixed : &executor_local;
	/* a command of cairn in a job runs its own commands in that job */
	if (p->fixed || !s->cmd || getenv("CAIRN_JOB"))
		return 0;
	if (p->asked)
		return open_named(p, p->asked, out, err);
	if (own && !value_str(own))
		return err_set(err, ERR_PARSE,
			"stage '%s': meta.executor is no name but of type %s", s->name,
			value_type_name(own));
	if (own)
		return open_named(p, value_str(own), out, err);
	if (!p->usual_known)
		r = profile_default(p->repo, &p->usual, err);
	p->usual_known = r == 0;
	return r < 0 ? r : open_named(p, p->usual, out, err);
}

static bool may_run(const char *job)
{
	AUTO(mem_freep) char *attempt = NULL;
	return jobs_dir_last(job, &attempt) && attempt_may_run(attempt);
}

char *places_elsewhere(struct repo *repo, const struct executor *e, const char *stage)
{
	AUTO(strlist_release) struct strlist executors = STRLIST_INIT;
	(void)jobs_dir_executors(repo, &executors, NULL);
	for (size_t i = 0; i < executors.count; i++) {
		const char *name = executors.items[i];
		AUTO(mem_freep) char *dir = jobs_dir(repo, name);
		AUTO(strlist_release) struct strlist jobs = STRLIST_INIT;
		if (strcmp(name, e->name) == 0)
			continue;
		(void)jobs_dir_list(dir, stage, &jobs, NULL);
		for (size_t k = 0; k < jobs.count; k++) {
			AUTO(mem_freep) char *job = path_join(dir, jobs.items[k]);
			if (may_run(job))
				return mem_strdup(name);
		}
	}
	return NULL;
}

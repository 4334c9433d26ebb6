/* A profile in a scratch repository, and answers of batch systems as text: for the tests of exec/.
 */
#ifndef TESTS_UNIT_BATCH_SANDBOX_H
#define TESTS_UNIT_BATCH_SANDBOX_H

#include "exec/batch/batch.h"
#include "sandbox.h"

/* The profile "gpu" of this type with these lines; the caller frees it. */
static inline struct profile *sandbox_profile(struct sandbox *s, const char *type, const char *keys)
{
	struct profile *p = NULL;
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(mem_freep)
	char *text = mem_printf("[executor \"gpu\"]\ntype = %s\n%s", type, keys);
	sandbox_write(s, ".dvc/cairn.config", text);
	if (profile_load(&s->repo, "gpu", &p, &err) < 0) {
		fprintf(stderr, "%s\n", err_text(&err));
		abort();
	}
	return p;
}

/* The call that submits one job with these needs, "license=2 cpu=1", into directory /b. */
static inline void sandbox_submit(const struct batch_system *of, const struct profile *p,
	const char *needs_text, struct batch_call *out)
{
	AUTO(request_release) struct request request = {0};
	AUTO(resource_needs_release) struct resource_needs needs = {0};
	AUTO(strlist_release) struct strlist texts = STRLIST_INIT;
	strlist_split(&texts, needs_text, ' ');
	resource_needs_parse(&texts, &needs);
	if (request_make(p, &needs, "s", &request, NULL) < 0)
		abort();
	of->submit(p,
		&(struct batch_submission){.job_name = "n",
			.comment = "c",
			.dir = "/b",
			.script = "/b/s",
			.count = 1,
			.request = &request},
		out);
}

/* What a submission has come to: the id, or "busy: why". Heap string. */
static inline char *submission_text(const struct batch_system *of, const struct batch_answer *a)
{
	static const char *const said[] = {"ok", "busy", "refused", "doubt"};
	AUTO(err_release) struct err why = ERR_INIT;
	char *id = NULL;
	enum batch_said r = of->submitted(a, &id, &why);
	return r == BATCH_OK ? id : mem_printf("%s: %s", said[r], err_text(&why));
}

/* "waits", "runs", ... of a hint. */
static inline const char *state_word(const struct batch_hint *h)
{
	static const char *const words[] = {"unasked", "unknown", "waits", "stuck", "runs", "ended",
		"timeout", "oom", "cancelled", "preempted", "node"};
	return words[h->state];
}

#endif

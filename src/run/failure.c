/* The wording of a failed run, as DVC has it. */
#include "base/alloc.h"
#include "run/run_int.h"

char *run_quoted_names(const struct run *run, const struct stage_list *stages)
{
	struct buf b = BUF_INIT;
	for (size_t i = 0; i < stages->count; i++) {
		AUTO(mem_freep) char *name = stage_addressing(stages->items[i], run->repo->cwd);
		buf_addf(&b, "%s'%s'", i == 0 ? "" : i + 1 == stages->count ? " and " : ", ", name);
	}
	return buf_detach(&b);
}

int run_failure(const struct run *run, const struct stage_list *stages, int cause, struct err *err)
{
	AUTO(mem_freep) char *names = run_quoted_names(run, stages);
	AUTO(mem_freep) char *msg = mem_printf(
		"failed to reproduce%s %s", stages->count > 1 ? " stages:" : "", names);
	/* a cause that fills a page of its own (a YAML error with its lines) is not repeated */
	if (!cause || err_is_page(err))
		return err_set(err, ERR_FAIL, "%s", msg);
	return err_wrap(err, cause == ERR_CANCELLED ? ERR_CANCELLED : ERR_FAIL, "%s", msg);
}

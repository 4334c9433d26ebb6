/* Calls of driver functions that a driver may leave out. */
#include "exec/executor.h"

#include "base/alloc.h"

int executor_poll_fd(const struct executor *e, const struct executor_job *job)
{
	return e->ops->poll_fd ? e->ops->poll_fd(job) : -1;
}

int executor_log(const struct executor *e, struct executor_job *job, struct err *err)
{
	return e->ops->log ? e->ops->log(job, err) : 0;
}

int executor_collect(const struct executor *e, struct executor_job *job, struct err *err)
{
	return e->ops->collect ? e->ops->collect(job, err) : 0;
}

int executor_find(struct executor *e, const struct executor_spec *spec, struct err *err)
{
	return e->ops->find ? e->ops->find(e, spec, err) : EXECUTOR_NONE;
}

char *executor_result_ref(const struct executor_spec *spec)
{
	return mem_printf("refs/cairn/result/%s", spec->key);
}

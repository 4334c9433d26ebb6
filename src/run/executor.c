/* Calls of driver functions that a driver may leave out. */
#include "run/executor.h"

int executor_poll_fd(const struct executor_driver *driver, const struct executor_job *job)
{
	return driver->poll_fd ? driver->poll_fd(job) : -1;
}

int executor_log(const struct executor_driver *driver, struct executor_job *job, struct err *err)
{
	return driver->log ? driver->log(job, err) : 0;
}

int executor_collect(
	const struct executor_driver *driver, struct executor_job *job, struct err *err)
{
	return driver->collect ? driver->collect(job, err) : 0;
}

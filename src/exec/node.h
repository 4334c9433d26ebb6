/*
 * The part of a job that runs where its commands run: on a node of a cluster, or on another host
 * (`cairn executor run-job`).
 */
#ifndef EXEC_NODE_H
#define EXEC_NODE_H

#include "base/err.h"

struct ctx;

/*
 * Run an attempt (attempt.h): claim it, run its commands in its environment with their output in
 * its files, beat, hand on SIGTERM and SIGINT, and write how it ended. `job_id`: of the scheduler;
 * may be NULL. When another life of the same job has claimed it, wait until that has ended, was
 * interrupted or has not beaten three times in a row.
 *
 * The caller has called cancel_begin(), so that a signal which comes while the end is written does
 * not lose it.
 *
 * The commands get CAIRN_JOB in their environment, the job's name: cairn in a job runs stages in
 * it, whatever executor they name.
 *
 * Returns the exit status of the commands, as a shell gives it (128 + signal); that of another life
 * which has ended. Fails: ERR_CANCELLED (it was revoked), ERR_NOT_FOUND, ERR_IO, ERR_PARSE.
 */
int node_run(const struct ctx *ctx, const char *attempt, const char *job_id, const char *node,
	struct err *err);

#endif

/*
 * The executor of type ssh: commands run on hosts that the user's own ssh reaches, without a common
 * file system. On a host a job has a work tree of its own, made of a commit and of objects of its
 * cache (ssh_host.h); what it makes comes back as a commit and as objects, whose hashes are
 * checked.
 *
 * A job is prepared when a host has a free slot for it: then its commit is pushed, the objects that
 * the host lacks are sent, and the commands are started in a session of their own. These steps
 * block; everything else does not. The connection may break at any time: the commands go on, and a
 * host that cannot be reached is waited for. Slots are counted over all processes that work on this
 * repository, but not over repositories or machines.
 *
 * .dvc/tmp/jobs/<executor>/<name>-<key>/submitted says where a job is, from before its first step
 * there until its results are here: a later process takes it over.
 *
 * An experiment's commit is left in the ref executor_result_ref() by collect. A stage runs in a
 * work tree of all tracked files, as they are in the workspace, and of its inputs; its outputs are
 * put into the workspace by collect. What it writes elsewhere is lost.
 */
#ifndef EXEC_SSH_SSH_H
#define EXEC_SSH_SSH_H

#include "exec/executor.h"
#include "exec/probe.h"

/* Takes the profile. Nothing is started or asked yet. `repo` is borrowed. */
struct executor *ssh_executor_open(struct repo *repo, struct profile *profile);

/* Ask a host of the profile what it is like (ssh_check.c); `*out_s`: how long that took. Fails:
 * as ssh_link_call(). */
int ssh_probe(struct repo *repo, const struct profile *p, const char *host,
	struct probe_report *out, double *out_s, struct err *err);

#endif

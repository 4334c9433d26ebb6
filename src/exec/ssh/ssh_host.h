/*
 * The other side of a connection (ssh_link.h): `cairn executor host`, which ssh starts on a host
 * and which answers questions until its input ends. It keeps nothing in memory that a job needs:
 * jobs run in sessions of their own, and all about them is in files.
 *
 *     <dir>/<repository>/
 *         repo/         a Git repository: what was pushed, and the experiments that were made
 *         cache/        objects, by content; those that were sent are not trusted (store/cache.h)
 *         turn          the number of the newest connection; later ones have higher numbers
 *         locks/        see host_take_job()
 *         jobs/<job>/
 *             tree-<K>/ the work tree of its K-th try, with a random name below
 *             try-<K>/  the attempt (attempt.h)
 *             turn      the connection that prepared it last
 *
 * Questions, by their field "do"; each may be repeated. Fields that name files carry any bytes.
 *   hello    protocol, dir, repository, sweep, keep... -> protocol, version, root. With
 *            `sweep` the directories of ended jobs are removed that are older than a day and not
 *            in `keep`
 *   lack     md5 (object names, one a line) -> md5: those that the cache lacks
 *   prepare  job, try, commit, baseline, dvc, settings (JSON), file..., mkdir..., drop-ref...
 *            -> started, if it was, by an earlier question; then nothing is changed
 *   start    job, try, name, dir, line... or word..., env..., merge, show, beat
 *   poll     wait (ms); then, for each: job, try, out, err (offsets), most, signal...
 *            -> for each: job, state, status, ..., out, err. Waits until there is something new or
 *            the next question comes
 *   commit   ref -> commit
 *   read     job, try, path -> bytes
 *   outputs  job, try, path... -> for each: path, kind; entry... ("<md5> <mode> <path>")
 *   probe    -> report: what `executor check` wants to know (probe.h)
 *   forget   job, ref...: ends what runs, and removes all of it
 * A failure is answered by "error" and "code" (enum err_code).
 */
#ifndef EXEC_SSH_SSH_HOST_H
#define EXEC_SSH_SSH_HOST_H

#include "base/err.h"

struct ctx;

enum { SSH_HOST_PROTOCOL = 1 };
const char *ssh_host_version(void); /* of this program */

/* Answer until the end of `in_fd`. Fails: ERR_IO. */
int ssh_host_serve(
	const struct ctx *ctx, const char *nonce, int in_fd, int out_fd, struct err *err);

#endif

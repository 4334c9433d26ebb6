/*
 * Any batch system that has commands to submit, ask and cancel, by lines in a profile:
 *
 *     submit = qsub -N {name} -l ncpus={cpus},mem={mem_mib}mb {script}
 *     poll = tools/pbs-states {ids}
 *     cancel = qdel {ids}
 *
 * A line is run by `sh -c`, in the root of the repository. Each word in braces becomes one word for
 * the shell, quoted; {ids} and {options} become several. Only `submit` has to be there.
 *
 *   submit   {script} {name} {comment} {count} {cpus} {gpus} {mem_mib} {time_s} {dir} {options}
 *            Prints the job's id, and nothing else, on its last line that is not empty: no blanks,
 *            and no '-' at its beginning. {cpus} is at least 1; {gpus}, {mem_mib} and {time_s} are
 * 0 when they are not requested; {options} are those of the profile's maps. Exit status 75
 *            (EX_TEMPFAIL): the system cannot take it now; any other but 0: it never will.
 *   poll     {ids}; without it, they come on standard input, one on each line.
 *            Prints "ID STATE [REASON...]" for each job that the system knows, in any order.
 *   cancel   {ids} as for poll, and {signal}: TERM or KILL.
 *   find     {name}. Prints what poll prints, for all jobs of this name, with the text that
 *            {comment} was at the end of each line where the system keeps it.
 *
 * States are words, in either case:
 *
 *   waits          also waiting, pending, queued, held by others, and the like
 *   stuck          it cannot start without help: held
 *   runs           running, suspended
 *   ended          with an exit status, good or bad: also done, completed, succeeded, failed
 *   timeout oom cancelled preempted node-failed unknown
 *
 * The words of PBS and Torque (Q R E H ...), LSF (PEND RUN EXIT ...), Grid Engine (qw r Eqw ...),
 * HTCondor, Kubernetes (Pending, OOMKilled, ImagePullBackOff, ...), AWS Batch, Flux and Slurm are
 * known, too; the table is in command.c.
 */
#ifndef EXEC_BATCH_COMMAND_H
#define EXEC_BATCH_COMMAND_H

#include "base/err.h"

/* Check a line of a profile; `key` is "submit", "poll", "cancel" or "find". Fails: ERR_CONFIG,
 * naming the word in braces that is not known there, or that is missing. */
int command_check(const char *key, const char *line, struct err *err);

#endif

/*
 * Is an executor fit? Two probes (probe.h) run on two of its nodes, as jobs of it would, and what
 * they found out is said in plain words: whether the directory, the program, the clocks, locks
 * across nodes, links and limits are as cairn needs them.
 */
#ifndef EXEC_CHECK_H
#define EXEC_CHECK_H

#include "base/vec.h"
#include "exec/probe.h"
#include "exec/profile.h"

enum check_grade { CHECK_OK, CHECK_WARNING, CHECK_ERROR };
const char *check_grade_text(enum check_grade grade); /* "ok", "warning", "error" */

struct check_line {
	enum check_grade grade;
	char *what;    /* "clock" */
	char *meaning; /* one sentence, without a full stop */
};
VEC_TYPE(check_lines, struct check_line);
void check_lines_release(struct check_lines *l);
void check_add(struct check_lines *out, enum check_grade grade, const char *what,
	const char *format, ...) PRINTF_LIKE(4, 5);

/* What the head knows. */
struct check_head {
	const char *version, *program; /* `program` may be NULL */
	int64_t uid;
	const char *dir;        /* where the probes report; for messages the repository's root */
	double delay_s;         /* between a file made by the head and the answer; -1: none came */
	bool links_allowed;     /* cache.type has links, so that it matters which work */
	const char *link_types; /* cache.type, for messages */
};

/* Add what the reports say. `second` NULL: there is only one. A table in the test has the cases. */
void check_reports(const struct check_head *head, const struct probe_report *first,
	const struct probe_report *second, struct check_lines *out);

/* The same for a host with files of its own: what needs no common directory. */
void check_host(
	const struct check_head *head, const struct probe_report *r, struct check_lines *out);

/* Hears of a check while it goes on. */
struct check_listener {
	void (*line)(void *arg, const struct check_line *line);
	void (*note)(void *arg, const char *text); /* "job 12 waits: Resources" */
	void *arg;
};

/*
 * Submit the probes of `p`, wait for at most `wait_s`, and add what came of it to `out`; by ssh,
 * ask each host. On an interrupt the jobs are cancelled. Nothing is left behind. Fails:
 * ERR_UNSUPPORTED (type local), ERR_CANCELLED, ERR_IO; what is wrong with the executor is no
 * failure but a line.
 */
int check_executor(struct repo *repo, const struct profile *p, const char *version, int64_t wait_s,
	const struct check_listener *listener, struct check_lines *out, struct err *err);

#endif

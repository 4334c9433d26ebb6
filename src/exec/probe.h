/*
 * What `executor check` wants to know of a node, found out there (`cairn executor probe DIR
 * INDEX`), and written into a directory that the head and the nodes share:
 *
 *   ask              from the head: a token, paths, how long to stay; NUL after each
 *   flock, hold, claim   what the first probe locks and links, and the second one tries
 *   probe-0.json, probe-1.json   the reports
 *   ping, pong       made by the head, answered by the first probe: how long news take
 *   release          made by the head: the first probe may end
 */
#ifndef EXEC_PROBE_H
#define EXEC_PROBE_H

#include "base/buf.h"
#include "base/err.h"

struct ctx;

/* What came of a lock or a claim that another node has. */
enum probe_lock {
	PROBE_TAKEN,    /* the first probe: as it should be; the second: it excludes nobody */
	PROBE_EXCLUDED, /* another one has it */
	PROBE_FAILED,   /* there are no such locks, or another error */
};

struct probe_report {
	char *host;       /* what the node calls itself */
	char *node;       /* what the scheduler calls it; the host if it does not say */
	char *version;    /* of cairn there */
	char *program;    /* its path; NULL: not known */
	int64_t uid;      /* of the user that it runs as */
	bool right_token; /* the directory is that of the head, not another one at its path */
	int64_t clock_ms; /* its clock, minus that of the file system */
	enum probe_lock flock, hold, claim;
	bool hardlink, symlink, reflink;           /* between the cache and the repository */
	int64_t open_files, file_bytes, processes; /* limits; -1: none */
	int64_t free_repo_bytes, free_cache_bytes, free_tmp_bytes; /* -1: not known */
	bool has_git;
};
void probe_report_release(struct probe_report *r);

/* What the head writes before it submits probes. */
struct probe_ask {
	const char *token;
	const char *cache; /* directory; it may be missing */
	int64_t stay_s;    /* the first probe ends after this time, if nothing releases it */
};
int probe_ask(const char *dir, const struct probe_ask *ask, struct err *err);

/* Find out what needs no other node: all but `flock`, `hold`, `claim` and `right_token`. `dir` and
 * `cache` are where jobs work and where objects are. */
void probe_find_out(const struct ctx *ctx, const char *dir, const char *cache, const char *version,
	struct probe_report *out);
/* A report as text, and back. Fails: ERR_PARSE. */
int probe_format(const struct probe_report *r, const char *token, struct buf *out, struct err *err);
int probe_parse(
	const char *text, size_t len, const char *token, struct probe_report *out, struct err *err);

/* Find out and report; the first probe (index 0) then stays, with its locks. `version` is that of
 * this program. Fails: ERR_NOT_FOUND, ERR_PARSE, ERR_IO. */
int probe_run(
	const struct ctx *ctx, const char *dir, int index, const char *version, struct err *err);

/* 1: the report is there; 0: not yet. Fails: ERR_PARSE, ERR_IO. */
int probe_read(const char *dir, int index, struct probe_report *out, struct err *err);

#endif

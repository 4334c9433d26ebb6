/* What `executor check` asks a host behind ssh. */
#include <stdlib.h>

#include "base/alloc.h"
#include "exec/process.h"
#include "exec/ssh/ssh.h"
#include "exec/ssh/ssh_int.h"

int ssh_probe(struct repo *repo, const struct profile *p, const char *host,
	struct probe_report *out, double *out_s, struct err *err)
{
	enum { PATIENCE_MS = 10000 };
	AUTO(wire_release) struct wire question = WIRE_INIT;
	AUTO(wire_release) struct wire answer = WIRE_INIT;
	bool is_main;
	AUTO(mem_freep) char *repository = ssh_repository_name(repo, &is_main);
	struct ssh_link *link = ssh_link_new(repo->ctx, p, host, repository);
	double begun_s = process_clock_s();

	wire_adds(&question, "do", "probe");
	int r = ssh_link_call(
		link, &question, &(struct ssh_listener){.patience_ms = PATIENCE_MS}, &answer, err);
	const struct wire_field *report = r < 0 ? NULL : wire_find(&answer, "report");

	if (r == 0 && !report)
		r = err_set(err, ERR_PARSE, "the host gives no report");
	if (r == 0)
		r = probe_parse(report->bytes, report->len, "", out, err);
	*out_s = process_clock_s() - begun_s;
	ssh_link_free(link);
	return r;
}

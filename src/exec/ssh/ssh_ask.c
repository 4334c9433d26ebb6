/* Questions to the host of one job, and what its user is told. */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "exec/ssh/ssh_int.h"
#include "scm/remote_refs.h"

/* An experiment has a log of its own, where its user looks; a stage has the user. */
void ssh_say(const struct executor_job *job, const char *line)
{
	const struct progress *to = job->spec.tempdir ? NULL : job->site->base.progress;

	if (to)
		progress_warn(to, "%s", line);
	else if (job->spec.err_fd >= 0)
		dprintf(job->spec.err_fd, "WARNING: %s\n", line);
}

static void tell(void *arg, const char *line)
{
	ssh_say(arg, line);
}

int ssh_ask(
	struct executor_job *job, const struct wire *question, struct wire *out, struct err *err)
{
	return ssh_link_call(job->place->link, question,
		&(struct ssh_listener){.tell = tell,
			.arg = job,
			/* an experiment has nobody who could call again */
			.waits = job->is_uncertain && job->spec.tempdir},
		out, err);
}

void ssh_question(const struct executor_job *job, const char *what, struct wire *out)
{
	wire_adds(out, "do", what);
	wire_adds(out, "job", job->job);
	wire_addi(out, "try", job->try);
}

struct scm *ssh_scm(const struct executor_job *job)
{
	return job->spec.tempdir ? job->tempdir.scm : job->scm;
}

void ssh_git(const struct executor_job *job, struct scm *scm, struct remote_git *out)
{
	struct ssh_place *p = job->place;
	AUTO(mem_freep) char *configured = scm_config(scm, "core.sshCommand");

	*out = (struct remote_git){.root = mem_strdup(scm_root(scm)),
		.address = mem_printf("%s:%s/repo", p->host, ssh_link_root(p->link))};
	out->shown = mem_strdup(out->address);
	/* unless the user has chosen another ssh for git */
	if (!configured && !getenv("GIT_SSH_COMMAND") && !getenv("GIT_SSH"))
		out->ssh_command = ssh_link_git(p->link);
}

#include "exp/reproduce.h"

#include "base/alloc.h"
#include "ops/checkout.h"

/* As `dvc checkout --force --allow-missing` of the targets and their dependencies. */
static int restore_outputs(
	struct exp *x, const struct exp_task *t, const struct progress *progress, struct err *err)
{
	AUTO(checkout_report_release) struct checkout_report report = CHECKOUT_REPORT_INIT;

	return ops_checkout(x->repo,
		&(struct checkout_request){.targets = &t->targets,
			.with_deps = t->targets.count > 0,
			.recursive = t->flags.recursive,
			.force = true,
			.allow_missing = true,
			.runs_next = true,
			.progress = progress},
		&report, err);
}

int exp_reproduce(struct exp *x, const struct exp_task *t, const struct exp_talk *talk,
	struct repro_result *out, struct err *err)
{
	AUTO(mem_freep) char *name = mem_printf("DVC_EXP_NAME=%s", t->name);
	AUTO(mem_freep) char *baseline = mem_printf("DVC_EXP_BASELINE_REV=%s", t->baseline.hex);
	char *const env[] = {name, baseline, NULL};
	struct repro_opts opts = {
		.run = {.env = env, .progress = talk->progress, .confirm = talk->confirm}};

	opts.color = talk->color;
	opts.quiet = opts.run.quiet = talk->quiet;
	opts.executor = talk->executor;
	opts.run.ends_all = talk->ends_all;

	int r = repo_lock(x->repo, err);

	if (r < 0)
		return r;

	exp_task_repro_opts(t, &opts);
	opts.run.interactive |= config_bool(&x->repo->config, "core", "interactive", false);
	/* also for a dry run, which has a temporary directory of its own */
	r = restore_outputs(x, t, talk->progress, err);
	if (r == 0)
		r = repro(x->repo, &opts, out, err);
	repo_unlock(x->repo);
	return r;
}

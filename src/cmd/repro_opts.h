/* The options that `repro`, `exp run` and `why` share. */
#ifndef CMD_REPRO_OPTS_H
#define CMD_REPRO_OPTS_H

#include "cmd/cmd.h"
#include "run/repro.h"

struct repro_common {
	bool force, interactive, single_item, pipeline, all_pipelines, recursive, downstream,
		force_downstream;
	bool pull, allow_missing, dry;
	const char *on_error; /* "keep-going" or "ignore", the last one given; NULL: fail */
	int jobs;             /* number of stages at once; 0: one per processor */
	const char *output;   /* "line" or "group" */
	const char *executor; /* NULL: not given */
	struct strlist targets, resources;
};

struct repro_cmd_opts {
	struct repro_common common;
	bool glob, no_commit, no_run_cache, explain, json, dry_submit;
};

#define REPRO_COMMON_OPTIONS(type, field)                                                          \
	OPT_FLAG(type, field.force, 'f', "force", "run stages even when nothing changed"),         \
		OPT_FLAG(type, field.interactive, 'i', "interactive", "ask before each stage"),    \
		OPT_FLAG(type, field.single_item, 's', "single-item",                              \
			"only the targets, not what they depend on"),                              \
		OPT_FLAG(type, field.pipeline, 'p', "pipeline",                                    \
			"the whole pipelines that the targets belong to"),                         \
		OPT_FLAG(type, field.all_pipelines, 'P', "all-pipelines",                          \
			"all pipelines of the repository"),                                        \
		OPT_FLAG(type, field.recursive, 'R', "recursive",                                  \
			"targets may be directories of stages"),                                   \
		OPT_FLAG(type, field.downstream, 0, "downstream",                                  \
			"from the targets on to what depends on them"),                            \
		OPT_FLAG(type, field.force_downstream, 0, "force-downstream",                      \
			"run what depends on a changed stage even when its result is the same"),   \
		OPT_FLAG(type, field.pull, 0, "pull", "fetch missing data first"),                 \
		OPT_FLAG(type, field.allow_missing, 0, "allow-missing",                            \
			"skip stages whose data is missing and otherwise unchanged"),              \
		OPT_FLAG(type, field.dry, 0, "dry", "only print what would run"),                  \
		OPT_CONST(type, field.on_error, 'k', "keep-going", "keep-going",                   \
			"go on with stages that do not depend on a failed one"),                   \
		OPT_CONST(                                                                         \
			type, field.on_error, 0, "ignore-errors", "ignore", "go on after errors"), \
		{.kind = OPT_KIND_STRING,                                                          \
			.name = "output",                                                          \
			.metavar = "line|group",                                                   \
			.help = "with -j: show output by line, or a stage's when it has ended",    \
			.offset = offsetof(struct type, field.output),                             \
			.choices = repro_output_choices},                                          \
		OPT_LIST(type, field.resources, 0, "resource", "name=number",                      \
			"with -j: there is so much of what stages ask for under meta.resources")

/* Of the commands that run stages; `why` does not. */
#define REPRO_EXECUTOR_OPTION(type, field)                                                         \
	OPT_STRING(type, field.executor, 0, "executor", "name",                                    \
		"run commands there: an executor of .dvc/cairn.config, or local",                  \
		.takes = WORD_EXECUTOR)

extern const char *const repro_output_choices[];

static inline bool repro_keeps_going(const struct repro_common *c)
{
	return c->on_error && strcmp(c->on_error, "keep-going") == 0;
}

static inline bool repro_ignores_errors(const struct repro_common *c)
{
	return c->on_error && strcmp(c->on_error, "ignore") == 0;
}

/* Convert the shared options for run/; the targets are borrowed. */
void repro_opts_fill(struct repro_opts *out, const struct repro_common *c, bool quiet);

#endif

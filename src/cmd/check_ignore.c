/* `check-ignore`. */
#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "project/ignore.h"
#include "project/index.h"
#include "ui/say.h"

struct check_ignore_opts {
	bool details, non_matching, from_stdin, all;
	struct strlist targets;
};

static const struct opt check_ignore_options[] = {
	OPT_FLAG(check_ignore_opts, details, 'd', "details",
		"print the pattern, too, and where it stands"),
	OPT_FLAG(check_ignore_opts, all, 'a', "all", "with --details: every pattern that matches"),
	OPT_FLAG(check_ignore_opts, non_matching, 'n', "non-matching",
		"with --details: paths that nothing matches, too"),
	OPT_FLAG(check_ignore_opts, from_stdin, 0, "stdin", "read paths from standard input"),
	OPT_END,
};

static const struct arg check_ignore_args[] = {
	ARG_(ARG_ANY, check_ignore_opts, targets, "targets", "paths to look up",
		.takes = WORD_FILE),
	{ARG_END},
};

static void print_rule(const struct ignore_rule *rule, const char *target)
{
	if (rule->line)
		say("%s:%d:%s\t%s", rule->source, rule->line, rule->pattern, target);
	else
		say("%s:%s\t%s", rule->source, rule->pattern, target);
}

/* Print what is known of one path. Returns true if a pattern matches it, even a negated one. A path
 * in a nested repository counts as ignored, as in DVC. */
static bool check_one(struct repo *repo, const struct check_ignore_opts *o, const char *target)
{
	AUTO(mem_freep) char *full = repo_absolute(repo, target);
	AUTO(mem_freep) char *rel = repo_relative(repo, full);
	const struct ignore_rule *rule = NULL;
	bool inside = path_inside(full, repo->root);
	bool ignored = inside && ignore_path(repo_ignore(repo), rel, file_is_dir(full), &rule);
	const struct source tree = source_workspace(repo->root);
	size_t nested = inside ? ignore_nested(&tree, rel) : 0;

	if (!o->details) {
		if (ignored || nested)
			say("%s", target);
		return ignored || nested;
	}

	if (nested) {
		AUTO(mem_freep) char *other = mem_strndup(rel, nested);
		say("in sub_repo:%s\t%s", path_basename(other), target);
		return true;
	}

	if (rule)
		print_rule(rule, target);
	else if (o->non_matching)
		say("::\t%s", target);
	return rule != NULL;
}

static int check_options(const struct check_ignore_opts *o, bool quiet, struct err *err)
{
	if (!o->from_stdin && !o->targets.count)
		return err_set(err, ERR_FAIL, "`targets` or `--stdin` needed");
	if (o->from_stdin && o->targets.count)
		return err_set(err, ERR_FAIL, "cannot have both `targets` and `--stdin`");
	if (o->non_matching && !o->details)
		return err_set(err, ERR_FAIL, "`--non-matching` is only valid with `--details`");
	if (o->all && !o->details)
		return err_set(err, ERR_FAIL, "`--all` is only valid with `--details`");
	if (quiet && o->details)
		return err_set(err, ERR_FAIL, "cannot use both `--details` and `--quiet`");
	return 0;
}

static int check_ignore_run(struct app *app, const void *opts, struct err *err)
{
	const struct check_ignore_opts *o = opts;
	int r = check_options(o, app->quiet, err);
	if (r < 0)
		return r;

	bool any = false;
	for (size_t i = 0; i < o->targets.count; i++)
		any |= check_one(app->repo, o, o->targets.items[i]);

	char *line = NULL;
	size_t room = 0;
	for (ssize_t n; o->from_stdin && (n = getline(&line, &room, stdin)) > 0;) {
		line[strcspn(line, "\n")] = '\0';
		/* as in DVC, an empty line ends the input */
		if (!*line)
			break;
		any |= check_one(app->repo, o, line);
		/* another program may wait for each answer before it sends the next line */
		fflush(stdout);
	}

	free(line);
	r = ignore_check(repo_ignore(app->repo), err);
	return r < 0 ? r : any ? 0 : EXIT_COMMAND;
}

const struct cmd cmd_check_ignore = {
	.name = "check-ignore",
	.summary = "tell which paths .dvcignore excludes, and why",
	.needs = CMD_REPO,
	.opts = check_ignore_options,
	.args = check_ignore_args,
	.opts_size = sizeof(struct check_ignore_opts),
	EXAMPLES({"--details notes.tmp", "the pattern that excludes it"}),
	.run = check_ignore_run,
};

/* The start of the program: signals and streams, the command line, opening the repository, running
 * the command, and the exit status. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/version.h"
#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/errno_text.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "cmd/askpass.h"
#include "cmd/exit.h"
#include "cmd/help.h"
#include "cmd/hint.h"
#include "cmd/host.h"
#include "cmd/signals.h"
#include "cmd/parse.h"
#include "project/config_keys.h"
#include "project/repo.h"
#include "scm/scm.h"
#include "ui/ask.h"
#include "ui/say.h"
#include "ui/ticker.h"

static const char *program_name(const char *argv0)
{
	return strcmp(path_basename(argv0), "dvc") == 0 ? "dvc" : "cairn";
}

static void print_help(const char *program, const struct parsed *p)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	help_format(&text, program, p->chain, p->depth);
	fwrite(text.ptr, 1, text.len, stdout);
}

/* Print a line such as "See `cairn exp show -h`." */
static void see_help(const char *program, const struct parsed *p)
{
	AUTO(buf_release) struct buf words = BUF_INIT;
	for (int i = 0; i < p->depth; i++)
		buf_addf(&words, " %s", p->chain[i]->name);
	say_stderr("See `%s%s -h`.", program, buf_str(&words));
}

static int usage_failure(const char *program, const struct parsed *p, const struct err *err)
{
	bool dvc = say_as_dvc();
	if (say_is_json()) {
		exit_usage_document(err, dvc ? NULL : p->brief, p->suggestion);
		return EXIT_USAGE;
	}
	say_error("%s", p->brief && !dvc ? p->brief : err_text(err));
	if (p->suggestion)
		say_stderr("%s", p->suggestion);
	see_help(program, p);
	if (dvc) /* DVC prints the whole help after a usage error */
		print_help(program, p);
	return EXIT_USAGE;
}

/* Are failures JSON? Asked of the words, so that the answer does not depend on whether the option
 * stands before or after the word that cannot be parsed. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && !str_eq(argv[i], "--"); i++)
		if (str_eq(argv[i], "--json-errors"))
			return true;
	return false;
}

static bool is_command(const char *word, size_t len)
{
	AUTO(mem_freep) char *name = mem_strndup(word, len);
	return cmd_find(command_table, name) != NULL;
}

/* After the command failed with `r`: add a hint about the next step, or about a word that does not
 * exist. Exit statuses above 0 have no error to add it to, so the hint is printed. */
static void hint_at_words(const struct parsed *p, struct app *app, int r, struct err *err)
{
	if (say_as_dvc() || err->hint || err->plain || !err->msg || r == ERR_USAGE ||
		err_is_page(err))
		return;

	/* for a command that did not open a repository */
	AUTO(repo_release) struct repo own = REPO_INIT;
	struct repo *repo = app->repo;
	if (!repo && repo_open(&own, NULL, ".", NULL) >= 0)
		repo = &own;
	const char *next = hint_next_step(r, err);
	AUTO(mem_freep) char *hint = next ? mem_strdup(next) : hint_words(p, repo, err);
	if (hint && r < 0)
		err_hint(err, "%s", hint);
	else if (hint && !app->quiet)
		say_stderr("%s", hint);
}

/* Add a hint about the next step to an error before the command ran. Returns `r`. */
static int with_next_step(const struct repo *repo, int r, struct err *err)
{
	if (say_as_dvc() || err->hint)
		return r;
	const char *next = hint_next_step(r, err);
	const char *file = r == ERR_CONFIG ? config_file_at_fault(&repo->config, err) : NULL;
	if (next)
		err_hint(err, "%s", next);
	else if (file)
		err_hint(err, "Mend it in '%s'.", file);
	return r;
}

static void warn_of_config(const struct repo *repo)
{
	AUTO(mem_freep) char *warning = repo ? config_unknown_features(repo->config.merged) : NULL;
	if (warning)
		say_warning("%s", warning);
}

/* Open the repository, take the lock if the command asks for it, and run the command. */
static int run_command(const struct parsed *p, struct app *app, struct err *err)
{
	const struct cmd *c = p->chain[p->depth - 1];
	AUTO(repo_release) struct repo repo = REPO_INIT;

	if (c->needs & (CMD_REPO | CMD_MAYBE_REPO)) {
		int r = repo_open(&repo, app->ctx, ".", err);
		if (r == ERR_NOT_REPO && (c->needs & CMD_ANYWHERE)) {
			err_release(err);
			repo_release(&repo);
			r = repo_open_plain(&repo, app->ctx, err);
		}

		if (r == ERR_NOT_REPO && (c->needs & CMD_MAYBE_REPO))
			err_release(err);
		else if (r < 0)
			return with_next_step(&repo, r, err);
		else
			app->repo = &repo;
		warn_of_config(app->repo);
		repo.wait_for_lock = app->wait_for_lock;
		repo.as_dvc = say_as_dvc();
	}

	if (app->repo && (c->needs & CMD_LOCK)) {
		int r = repo_lock(&repo, err);
		if (r < 0)
			return r;
	}

	int r = c->run(app, p->opts, err);
	if (r)
		hint_at_words(p, app, r, err);
	return r;
}

/* How progress is shown. A script that reads from a program called "dvc" must see only what DVC
 * prints, so there are no lines of progress in a pipe. */
static enum ticker_form progress_form(const struct app *app)
{
	const char *term = getenv("TERM");
	if (app->quiet || say_is_json())
		return TICKER_NONE;
	if (say_is_terminal(STDERR_FILENO) && !(term && str_eq(term, "dumb")))
		return TICKER_DRAWN;
	return str_eq(app->program, "dvc") ? TICKER_NONE : TICKER_LINES;
}

static int main_in_child(int argc, char **argv)
{
	ticker_reset_in_child();
	return cmd_main(argc, argv);
}

int cmd_main(int argc, char **argv)
{
	static char option_help[] = "--help"; /* `cairn help add` means `cairn --help add` */
	AUTO(parsed_release) struct parsed p = PARSED_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct app app = {.program = program_name(argv[0])};

	say_set_program(app.program, is_command);
	if (argc > 1 && str_eq(argv[1], "help") && !say_as_dvc())
		argv[1] = option_help;
	int r = parse_command_line(&p, argc, argv, &err);
	say_set_json(p.json_errors || (r < 0 && wants_json(argc, argv)));
	if (str_eq(p.color, "always") || str_eq(p.color, "never"))
		say_set_color(*p.color == 'a' ? SAY_COLOR_ALWAYS : SAY_COLOR_NEVER);

	if (argc == 1 && !say_as_dvc()) {
		print_help(app.program, &p);
		return EXIT_USAGE;
	}

	if (r < 0)
		return usage_failure(app.program, &p, &err);
	if (p.help) {
		print_help(app.program, &p);
		return 0;
	}

	if (p.version) {
		printf(strcmp(app.program, "dvc") == 0 ? "%s\n" : "%s (cairn " CAIRN_VERSION ")\n",
			DVC_VERSION);
		return 0;
	}

	app.quiet = p.quiet;
	app.wait_for_lock = p.wait_for_lock;
	say_set_quiet(p.quiet);

	if (p.cd && chdir(p.cd) < 0) {
		(void)err_set(
			&err, ERR_NO_PATH, "[Errno %d] %s: '%s'", errno, errno_text(errno), p.cd);
		return exit_report(&err);
	}

	const struct ctx ctx = host_ctx(p.quiet ? LOG_QUIET : p.verbose, p.color,
		ticker_begin(progress_form(&app)), main_in_child);
	app.ctx = &ctx;
	r = host_set_bwlimit(getenv("CAIRN_BWLIMIT"), "CAIRN_BWLIMIT", &err);
	r = r < 0 ? exit_report(&err) : run_command(&p, &app, &err);
	ticker_end();
	if (cancel_end_asked(&ctx)) {
		/* everything is recorded, so the signal may now end the process */
		(void)fflush(stdout);
		(void)raise(cancel_end_asked(&ctx));
	}
	if (r >= 0)
		return r;

	err.code = r;

	int status = exit_report(&err);
	if (r == ERR_USAGE && !say_as_dvc() && !p.quiet)
		see_help(app.program, &p);
	return status;
}

/* Open /dev/null for standard streams that are closed. Otherwise the first file that is opened
 * would get such a number, and output would be written into it. */
static void open_standard_streams(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* End after Ctrl+C. Unfinished work is left as after a kill: files are old or new as a whole, and
 * the next run continues. */
static void on_interrupt(int number)
{
	static const char text[] = "\nERROR: interrupted by the user\n";
	static const char json[] =
		"{\"error\": {\"kind\": \"cancelled\", \"class\": \"builtins.KeyboardInterrupt\", "
		"\"msg\": \"interrupted by the user\", \"hint\": null, \"exit\": 252}}\n";
	if (signals_stop_transfer(number)) /* flags only. NOLINT(bugprone-signal-handler) */
		return;
	ticker_wipe_at_exit();        /* system calls only. NOLINT(bugprone-signal-handler) */
	ask_restore_at_exit();        /* system calls only. NOLINT(bugprone-signal-handler) */
	bool as_json = say_is_json(); /* a flag only. NOLINT(bugprone-signal-handler) */
	ssize_t ignored = as_json ? write(STDERR_FILENO, json, sizeof(json) - 1)
				  : write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)ignored;
	cleanup_now(); /* system calls only. NOLINT(bugprone-signal-handler) */
	_exit(EXIT_INTERRUPTED);
}

/* End by SIGTERM or SIGHUP: remove temporary directories, then end by the same signal, so that the
 * parent process sees the cause. */
static void on_end(int number)
{
	if (signals_stop_transfer(number)) /* flags only. NOLINT(bugprone-signal-handler) */
		return;
	ticker_wipe_at_exit(); /* system calls only. NOLINT(bugprone-signal-handler) */
	ask_restore_at_exit(); /* system calls only. NOLINT(bugprone-signal-handler) */
	cleanup_now();         /* system calls only. NOLINT(bugprone-signal-handler) */
	signal(number, SIG_DFL);
	(void)raise(number); /* it is delivered when this handler returns */
}

static void handle_signals(void)
{
	static const int ends[] = {SIGTERM, SIGHUP};
	struct sigaction now;
	proc_ignore_signals();
	/* if it were inherited as ignored, the exit status of child processes would be lost */
	signal(SIGCHLD, SIG_DFL);
	/* a signal that is ignored (as after `nohup`) stays ignored */
	if (sigaction(SIGINT, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
		signal(SIGINT, on_interrupt);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (sigaction(ends[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
			signal(ends[i], on_end);
}

/* Was all output written? Output that could not be written is still in the buffer, so flushing it
 * again gives the reason. The exit statuses are those of DVC (Python). */
static int check_output(void)
{
	enum { READER_GONE = 141, NOT_WRITTEN = 120 };
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	if (errno == EPIPE)
		return READER_GONE;
	AUTO(err_release) struct err err = ERR_INIT;
	(void)err_set(&err, ERR_IO, "unable to write to standard output: %s", errno_text(errno));
	return exit_with(&err, NOT_WRITTEN);
}

/* Neither allocates nor uses stdio's buffers. _exit(), because exit handlers may allocate. */
static void on_out_of_memory(size_t size_bytes)
{
	char text[200];
	int len = snprintf(text, sizeof(text),
		say_is_json()
			? "{\"error\": {\"kind\": \"no-memory\", \"class\": \"builtins.MemoryError\", "
			  "\"msg\": \"out of memory (%zu bytes asked)\", \"hint\": null, \"exit\": 255}}\n"
			: "ERROR: out of memory (%zu bytes asked)\n",
		size_bytes);
	ssize_t ignored = write(STDERR_FILENO, text, (size_t)len);
	(void)ignored;
	_exit(EXIT_FAILURE_DVC);
}

int main(int argc, char **argv)
{
	mem_on_out_of_memory(on_out_of_memory);
	scm_set_program();
	open_standard_streams();
	host_set_command(argc, argv);
	handle_signals();
	if (askpass_is_meant(argc))
		return askpass_main(argv);
	int status = cmd_main(argc, argv);
	return status ? status : check_output();
}

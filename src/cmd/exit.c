/* The one place that knows how each kind of failure is shown on standard error, and its exit
 * status. */
#include "cmd/exit.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "text/json.h"
#include "ui/say.h"

static const char support_line[] =
	"\nHaving any troubles? Hit us up at https://dvc.org/support, we are always happy to help!";

/* How failures with a code are shown. A code that is not in the table is shown as "ERROR:
 * <message>" with status 255, and a command that catches its failures may show it in its own
 * way. */
static const struct look {
	int code;
	enum exit_status status;
	const char *before; /* precedes the message */
	/* in DVC the command does not catch it: exit_caught() shows it like exit_report() */
	bool never_caught;
	/* not an exception of DVC's own: when started as "dvc", the message refers to the support
	 * page */
	bool is_unexpected;
	const char *nothing; /* the message if `err` has none */
} looks[] = {
	{ERR_CONFIG, EXIT_CONFIG, .before = "configuration error - config file error: "},
	{ERR_OPTIONS, EXIT_CONFIG, .before = "configuration error - ", .never_caught = true},
	{ERR_NOT_REPO, EXIT_NOT_REPO, .never_caught = true},
	{ERR_USAGE, EXIT_USAGE, .never_caught = true},
	{ERR_CANCELLED, EXIT_INTERRUPTED, .never_caught = true,
		.nothing = "interrupted by the user"},
	{ERR_NO_GIT, EXIT_FAILURE_DVC, .never_caught = true},
	{ERR_NO_COMMIT, EXIT_FAILURE_DVC, .never_caught = true},
	{ERR_IGNORE, EXIT_FAILURE_DVC, .never_caught = true},
	{ERR_VALUE, EXIT_FAILURE_DVC, .never_caught = true, .is_unexpected = true},
	{ERR_NO_PATH, EXIT_FAILURE_DVC, .never_caught = true, .is_unexpected = true},
	{ERR_NO_DATA, EXIT_FAILURE_DVC, .never_caught = true, .is_unexpected = true},
	{ERR_AUTH, EXIT_FAILURE_DVC, .never_caught = true, .is_unexpected = true},
	{ERR_DENIED, EXIT_FAILURE_DVC, .never_caught = true, .is_unexpected = true},
	{ERR_BUSY, EXIT_FAILURE_DVC, .never_caught = true, .is_unexpected = true},
	{ERR_NO_PLACE, EXIT_FAILURE_DVC, .never_caught = true, .is_unexpected = true},
	{ERR_BROKEN, EXIT_FAILURE_DVC, .never_caught = true, .is_unexpected = true},
};

static const struct look *look_of(int code)
{
	static const struct look usual = {.status = EXIT_FAILURE_DVC};
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		if (looks[i].code == code)
			return &looks[i];
	}
	return &usual;
}

/* The message: DVC's wording when started as "dvc", otherwise the plain one if there is one. */
static const char *message_of(const struct err *err, const struct look *look)
{
	if (err->plain && !say_as_dvc())
		return err->plain;
	return err->msg ? err->msg : look->nothing ? look->nothing : "unknown failure";
}

static void add_hint(const struct err *err)
{
	if (err->hint && err->code != ERR_CANCELLED && !say_is_quiet())
		say_stderr("%s", err->hint);
}

/* ---- JSON */

static void add_field(struct buf *out, const char *key, const char *text)
{
	AUTO(buf_release) struct buf named = BUF_INIT;
	buf_addf(out, "\"%s\": ", key);
	if (text)
		say_add_named(&named, text);
	if (text)
		json_write_string(out, buf_str(&named), named.len);
	else
		buf_adds(out, "null");
	buf_adds(out, ", ");
}

/* Print the document of a failure; returns the status. */
static int say_failure(enum err_kind kind, const char *msg, const char *hint, int status)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	fflush(stdout);
	buf_adds(&out, "{\"error\": {");
	add_field(&out, "kind", err_kind_word(kind));
	add_field(&out, "class", err_kind_class(kind));
	add_field(&out, "msg", msg);
	add_field(&out, "hint", hint);
	buf_addf(&out, "\"exit\": %d}}", status);
	say_document(&out);
	return status;
}

static int say_err(const struct err *err, int status)
{
	return say_failure(
		err_kind_of(err), message_of(err, look_of(err->code)), err->hint, status);
}

void exit_usage_document(const struct err *err, const char *brief, const char *suggestion)
{
	(void)say_failure(KIND_USAGE, brief ? brief : err_text(err), suggestion, EXIT_USAGE);
}

/* ---- text */

int exit_experiments_failed(const struct strlist *names)
{
	AUTO(mem_freep) char *joined = names ? strlist_join(names, ", ") : NULL;
	AUTO(mem_freep) char *line =
		joined ? mem_printf("Failed to reproduce experiment(s) '%s'", joined) : NULL;
	if (say_is_json())
		return say_failure(KIND_STAGE_FAILED, line ? line : "the experiment failed", NULL,
			EXIT_FAILURE_DVC);
	if (line)
		say_stderr("%s", line);
	return EXIT_FAILURE_DVC;
}

int exit_report(const struct err *err)
{
	const struct look *look = look_of(err->code);
	const char *msg = message_of(err, look);

	if (say_is_json())
		return say_err(err, look->status);
	fflush(stdout);

	if (err->page) {
		if (!say_is_quiet())
			say_stderr("%s", msg);
		if (!say_as_dvc()) /* DVC prints the page alone */
			add_hint(err);
		return look->status;
	}

	if (look->is_unexpected && say_as_dvc()) {
		say_error("unexpected error - %s", msg);
		say_stderr("%s", support_line);
		return look->status;
	}

	say_error("%s%s", look->before ? look->before : "", msg);
	add_hint(err);
	return look->status;
}

int exit_with(const struct err *err, int status)
{
	if (say_is_json())
		return say_err(err, status);
	fflush(stdout);
	say_error("%s", message_of(err, look_of(err->code)));
	add_hint(err);
	return status;
}

int exit_plain(const struct err *err)
{
	return exit_with(err, EXIT_FAILURE_DVC);
}

int exit_caught(const struct err *err, const char *prefix)
{
	const struct look *look = look_of(err->code);
	const char *msg = message_of(err, look);
	if (look->never_caught)
		return exit_report(err);
	if (say_is_json())
		return say_err(err, EXIT_COMMAND);
	if (err->page) {
		(void)exit_report(err);
		return EXIT_COMMAND;
	}

	fflush(stdout);
	const char *kind = err->code == ERR_CONFIG ? "config file error: " : "";
	if (prefix)
		say_error("%s - %s%s", prefix, kind, msg);
	else
		say_error("%s%s", kind, msg);
	add_hint(err);
	return EXIT_COMMAND;
}

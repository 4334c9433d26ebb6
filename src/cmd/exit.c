#include "cmd/exit.h"

#include "ui/say.h"

static const char support_line[] =
	"\nHaving any troubles? Hit us up at https://dvc.org/support, we are always happy to help!";

static void add_hint(const struct err *err)
{
	if (err->hint && !say_is_quiet())
		say_stderr("%s", err->hint);
}

/* DVC's words, or what they mean. */
static const char *message_of(const struct err *err)
{
	if (err->plain && !say_as_dvc())
		return err->plain;
	return err->msg ? err->msg : "unknown failure";
}

int exit_report(const struct err *err)
{
	const char *msg = message_of(err);
	fflush(stdout);
	switch (err->code) {
	case ERR_SILENT:
		return EXIT_COMMAND;
	case ERR_PRETTY:
		if (!say_is_quiet())
			say_stderr("%s", msg);
		return EXIT_FAILURE_DVC;
	case ERR_CONFIG:
		say_error("configuration error - config file error: %s", msg);
		add_hint(err);
		return EXIT_CONFIG;
	case ERR_NOT_REPO:
		say_error("%s", msg);
		add_hint(err);
		return EXIT_NOT_REPO;
	case ERR_USAGE:
		say_error("%s", msg);
		add_hint(err);
		return EXIT_USAGE;
	case ERR_CANCELLED:
		say_error("%s", err->msg ? msg : "interrupted by the user");
		return EXIT_INTERRUPTED;
	case ERR_UNEXPECTED:
		if (!say_as_dvc()) {
			say_error("%s", msg);
			add_hint(err);
			return EXIT_FAILURE_DVC;
		}
		say_error("unexpected error - %s", msg);
		say_stderr("%s", support_line);
		return EXIT_FAILURE_DVC;
	default:
		say_error("%s", msg);
		add_hint(err);
		return EXIT_FAILURE_DVC;
	}
}

int exit_caught(const struct err *err, const char *prefix)
{
	switch (err->code) {
	case ERR_PRETTY:
		(void)exit_report(err);
		return EXIT_COMMAND;
	case ERR_SILENT:
	case ERR_NOT_REPO:
	case ERR_USAGE:
	case ERR_CANCELLED:
	case ERR_UNEXPECTED:
	case ERR_UNCAUGHT:
		return exit_report(err);
	default:
		break;
	}
	fflush(stdout);
	const char *kind = err->code == ERR_CONFIG ? "config file error: " : "";
	if (prefix)
		say_error("%s - %s%s", prefix, kind, message_of(err));
	else
		say_error("%s%s", kind, message_of(err));
	add_hint(err);
	return EXIT_COMMAND;
}

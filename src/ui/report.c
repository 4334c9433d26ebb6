#include "ui/report.h"

#include "ui/say.h"

static void info(void *ctx, const char *line)
{
	(void)ctx;
	say("%s", line);
}

static void warn(void *ctx, const char *line)
{
	(void)ctx;
	fflush(stdout); /* standard error is unbuffered: keep the order of lines */

	say_warning("%s", line);
}

const struct progress *ui_report_beside(bool document)
{
	static const struct progress warnings = {.warn = warn};
	return document && !say_as_dvc() ? &warnings : ui_report();
}

const struct progress *ui_report(void)
{
	static const struct progress plain = {.info = info, .warn = warn};
	static const struct progress dvcs = {.info = info, .warn = warn, .dvcs_words = true};
	return say_as_dvc() ? &dvcs : &plain;
}

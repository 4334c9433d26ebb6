#include "ui/pager.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/str.h"
#include "ui/say.h"
#include "ui/ticker.h"

int pager_width(void)
{
	struct winsize size;
	int64_t columns;
	const char *env = getenv("COLUMNS");

	if (env && str_to_i64(env, &columns) && columns > 0 && columns < 100000)
		return (int)columns;
	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return 80;
}

void pager_show(const char *text, size_t len, unsigned keep)
{
	AUTO(buf_release) struct buf shown = BUF_INIT;
	if (!isatty(STDOUT_FILENO)) {
		(void)fwrite(
			text, 1, len, stdout); /* a closed pipe is noticed when stdout is flushed */
		return;
	}

	/* `less -R` passes escape sequences to the terminal */
	printable_add(&shown, text, len, keep);

	const char *pager = getenv("DVC_PAGER");
	if (!pager || !*pager)
		pager = getenv("PAGER");
	if (!pager || !*pager)
		pager = "less";

	/* DVC's options for less; with $LESS the user decides about the screen */
	if (strcmp(pager, "less") == 0) {
		bool less_env = getenv("LESS") && *getenv("LESS");
		pager = less_env
				? "less --RAW-CONTROL-CHARS --chop-long-lines"
				: "less --quit-if-one-screen --RAW-CONTROL-CHARS --chop-long-lines --no-init";
	}

	/* the variables may contain options, so a shell splits them, as in DVC */
	char *const argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)pager, NULL};
	struct proc_opts opts = {.input = buf_str(&shown), .input_len = shown.len};
	AUTO(err_release) struct err err = ERR_INIT;

	ticker_hold();
	(void)fflush(stdout);
	int status = proc_run(argv, &opts, &err);
	if (status < 0 || status == 127) /* the pager could not be started */
		(void)fwrite(buf_str(&shown), 1, shown.len, stdout);
	ticker_release();
}

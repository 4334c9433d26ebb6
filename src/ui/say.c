/* Every function holds the ticker while it writes, so that the progress line never mixes
 * with text. */
#include "ui/say.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/printable.h"
#include "text/json.h"
#include "ui/ticker.h"

static bool quiet;
static const char *program = "dvc";
static bool (*program_has)(const char *word, size_t len);

void say_set_program(const char *name, bool (*is_command)(const char *word, size_t len))
{
	program = name;
	program_has = is_command;
}

bool say_as_dvc(void)
{
	return strcmp(program, "dvc") == 0;
}

/* Replace "dvc" by the name of the program where a command follows a quote or a blank, as in `dvc
 * add`. Only in the text from `start` on, and not at its very beginning. */
static void name_program(struct buf *b, size_t start)
{
	static const char dvc[] = "dvc ";
	if (say_as_dvc())
		return;

	for (size_t at = start; at < b->len;) {
		const char *hit = strstr(b->ptr + at, dvc);
		if (!hit)
			break;

		at = (size_t)(hit - b->ptr) + strlen(dvc);
		const char *word = b->ptr + at;
		size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyz-");

		if (hit == b->ptr + start || !strchr("`'\"\t ", hit[-1]) || !program_has(word, len))
			continue;

		buf_splice(b, at - strlen(dvc), strlen(dvc) - 1, program, strlen(program));
		at += strlen(program) - strlen("dvc"); /* the text has become longer */
	}
}

void say_add_named(struct buf *out, const char *text)
{
	size_t start = out->len;
	buf_adds(out, text);
	name_program(out, start);
}

void say_set_quiet(bool value)
{
	quiet = value;
}

bool say_is_quiet(void)
{
	return quiet;
}

static bool json;

void say_set_json(bool on)
{
	json = on;
}

bool say_is_json(void)
{
	return json;
}

bool say_is_terminal(int fd)
{
	return isatty(fd) == 1;
}

static enum say_color color_when;

void say_set_color(enum say_color when)
{
	color_when = when;
}

bool say_has_color(int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	const char *force = getenv("CLICOLOR_FORCE");

	if (color_when != SAY_COLOR_AUTO)
		return color_when == SAY_COLOR_ALWAYS;

	/* https://no-color.org and https://bixense.com/clicolors */
	if (no && *no)
		return false;
	if (force && *force && strcmp(force, "0") != 0)
		return true;
	return say_is_terminal(fd) && !(term && strcmp(term, "dumb") == 0);
}

/* `keep` is as in say_text(). */
static void put(FILE *to, const char *text, size_t len, unsigned keep)
{
	AUTO(buf_release) struct buf shown = BUF_INIT;
	if (say_is_terminal(fileno(to))) {
		printable_add(&shown, text, len, keep);
		text = buf_str(&shown);
		len = shown.len;
	}

	ticker_hold();
	fwrite(text, 1, len, to);
	ticker_release();
}

/* The prefix is written directly, since printable_add() would show its colour as text. */
static PRINTF_LIKE(4, 0) void line(
	FILE *to, const char *color, const char *prefix, const char *fmt, va_list ap)
{
	AUTO(buf_release) struct buf b = BUF_INIT;

	ticker_hold(); /* prefix and text in one piece; the hold in put() is nested */
	if (prefix && say_has_color(fileno(to)))
		fprintf(to, "\033[%sm%s\033[0m: ", color, prefix);
	else if (prefix)
		buf_addf(&b, "%s: ", prefix);

	size_t start = b.len;
	buf_vaddf(&b, fmt, ap);
	name_program(&b, start);
	buf_addc(&b, '\n');
	put(to, b.ptr, b.len, 0);
	ticker_release();
}

void say(const char *fmt, ...)
{
	if (quiet)
		return;
	va_list ap;
	va_start(ap, fmt);
	line(stdout, NULL, NULL, fmt, ap);
	va_end(ap);
}

void say_raw(const char *text, size_t len)
{
	say_text(text, len, 0);
}

void say_text(const char *text, size_t len, unsigned keep)
{
	if (!quiet)
		put(stdout, text, len, keep);
}

void say_answer(const char *text, size_t len)
{
	put(stdout, text, len, 0);
}

void say_answer_line(const char *text)
{
	say_answer(text, strlen(text));
	say_answer("\n", 1);
}

void say_output(const char *text, size_t len)
{
	if (quiet)
		return;
	ticker_hold();
	fwrite(text, 1, len, stdout);
	ticker_release();
}

void say_document(const struct buf *text)
{
	ticker_hold();
	fwrite(text->ptr, 1, text->len, stderr);
	fputc('\n', stderr);
	ticker_release();
}

static PRINTF_LIKE(1, 0) void warn_in_json(const char *fmt, va_list ap)
{
	AUTO(buf_release) struct buf text = BUF_INIT, out = BUF_INIT;
	buf_vaddf(&text, fmt, ap);
	name_program(&text, 0);
	buf_adds(&out, "{\"warning\": {\"msg\": ");
	json_write_string(&out, text.ptr, text.len);
	buf_adds(&out, "}}");
	say_document(&out);
}

void say_warning(const char *fmt, ...)
{
	if (quiet)
		return;
	va_list ap;
	va_start(ap, fmt);
	if (json)
		warn_in_json(fmt, ap);
	else
		line(stderr, "33", "WARNING", fmt, ap);
	va_end(ap);
}

void say_error(const char *fmt, ...)
{
	if (quiet || json)
		return;
	va_list ap;
	va_start(ap, fmt);
	line(stderr, "31", "ERROR", fmt, ap);
	va_end(ap);
}

void say_stderr(const char *fmt, ...)
{
	if (json)
		return;
	va_list ap;
	va_start(ap, fmt);
	line(stderr, NULL, NULL, fmt, ap);
	va_end(ap);
}

/*
 * Wait until there is input; false when a signal comes first. Signals that end the process are
 * blocked while commands of the user run. They are let in here, so that Ctrl-C answers the
 * question.
 */
static bool wait_for_input(void)
{
	sigset_t mask;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	sigdelset(&mask, SIGINT);
	sigdelset(&mask, SIGTERM);
	sigdelset(&mask, SIGHUP);

	setvbuf(stdin, NULL, _IONBF, 0); /* no buffer: poll() does not see lines that stdio holds */

	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	return ppoll(&input, 1, NULL, &mask) >= 0;
}

/* `end` is what differs between DVC's two ways to ask: one of them adds a colon. */
static bool ask_again(const char *question, const char *end)
{
	static const char *const words[] = {"yes", "y", "no", "n"};
	for (;;) {
		put(stdout, question, strlen(question), 0);
		printf(" [y/n]%s ", end);
		fflush(stdout);

		char answer[64];
		if (!wait_for_input() || !fgets(answer, sizeof(answer), stdin))
			return false; /* the end of the input means no */

		answer[strcspn(answer, "\r\n")] = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (strcasecmp(answer, words[i]) == 0)
				return words[i][0] == 'y';

		printf("Your response must be one of: ['yes', 'no', 'y', 'n']. Please try again.\n");
	}
}

static bool ask(const char *question, const char *end)
{
	ticker_hold(); /* the progress line must not appear behind the question */
	bool yes = ask_again(question, end);
	ticker_release();
	return yes;
}

bool say_confirm(const char *question)
{
	return say_is_terminal(STDOUT_FILENO) && ask(question, "");
}

bool say_ask(const char *question)
{
	return ask(question, ":");
}

#include "base/err.h"

#include <errno.h>
#include <stdarg.h>

#include "base/alloc.h"
#include "base/errno_text.h"

/* Not mem_printf(): a message about a lack of memory should still reach the user. */
static PRINTF_LIKE(1, 0) char *format(const char *fmt, va_list ap)
{
	char *out = NULL;
	if (vasprintf(&out, fmt, ap) < 0)
		return mem_strdup("out of memory");
	return out;
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	if (!err)
		return code;
	va_list ap;
	va_start(ap, fmt);
	char *msg = format(fmt, ap);
	va_end(ap);

	/* after formatting: an argument may be the old message */
	err_release(err);
	err->code = code;
	err->msg = msg;
	return code;
}

int err_busy(struct err *err, unsigned wait_ms, const char *fmt, ...)
{
	if (!err)
		return ERR_BUSY;
	va_list ap;
	va_start(ap, fmt);
	AUTO(mem_freep) char *msg = format(fmt, ap);
	va_end(ap);
	(void)err_set(err, ERR_BUSY, "%s", msg);
	err->wait_ms = wait_ms;
	return ERR_BUSY;
}

unsigned err_wait_ms(const struct err *err)
{
	return err ? err->wait_ms : 0;
}

int err_recode(struct err *err, int code)
{
	if (err && err->code)
		err->code = code;
	return code;
}

int err_kind(struct err *err, enum err_kind kind, int code)
{
	if (err && err->code)
		err->kind = kind;
	return code;
}

enum err_kind err_kind_of(const struct err *err)
{
	if (!err || !err->code)
		return KIND_NONE;
	return err->kind ? err->kind : err_kind_of_code(err->code);
}

int err_set_page(struct err *err, int code, const char *report)
{
	(void)err_set(err, code, "%s", report);
	if (err)
		err->page = true;
	return code;
}

bool err_is_page(const struct err *err)
{
	return err && err->page;
}

int err_errno(struct err *err, const char *fmt, ...)
{
	int saved = errno; /* the calls below may change errno */
	int code = saved == ENOENT ? ERR_NOT_FOUND : saved == EEXIST ? ERR_EXISTS : ERR_IO;

	if (!err)
		return code;
	va_list ap;
	va_start(ap, fmt);
	AUTO(mem_freep) char *what = format(fmt, ap);
	va_end(ap);

	/* the text begins with a capital ("No such file"), messages of cairn do not. "RFS specific
	 * error" keeps it. */
	const char *text = errno_text(saved);
	char first = text[0];
	if (first >= 'A' && first <= 'Z' && text[1] >= 'a' && text[1] <= 'z')
		first = (char)(first - 'A' + 'a');
	return err_set(err, code, "%s: %c%s", what, first, text[0] ? text + 1 : "");
}

int err_wrap(struct err *err, int code, const char *fmt, ...)
{
	if (!err)
		return code;
	va_list ap;
	va_start(ap, fmt);
	AUTO(mem_freep) char *what = format(fmt, ap);
	va_end(ap);

	char *msg = err->msg ? mem_printf("%s: %s", what, err->msg) : TAKE(what);
	free(err->msg);
	err->msg = msg;
	err->page = err->page && err->code == code;
	err->code = code;
	return code;
}

void err_hint(struct err *err, const char *fmt, ...)
{
	if (!err)
		return;
	va_list ap;

	va_start(ap, fmt);
	free(err->hint);
	err->hint = format(fmt, ap);
	va_end(ap);
}

int err_plain(struct err *err, int code, const char *fmt, ...)
{
	if (!err)
		return code;
	va_list ap;

	va_start(ap, fmt);
	free(err->plain);
	err->plain = format(fmt, ap);
	va_end(ap);
	return code;
}

int err_move(struct err *to, struct err *from)
{
	int code = from->code;
	if (to) {
		err_release(to);
		*to = TAKE(*from);
	} else {
		err_release(from);
	}
	return code;
}

const char *err_text(const struct err *err)
{
	return err && err->msg ? err->msg : "";
}

const char *err_hint_text(const struct err *err)
{
	return err ? err->hint : NULL;
}

const char *err_plain_text(const struct err *err)
{
	return err && err->plain ? err->plain : err_text(err);
}

void err_release(struct err *err)
{
	if (!err)
		return;
	free(err->msg);
	free(err->hint);
	free(err->plain);
	*err = ERR_INIT;
}

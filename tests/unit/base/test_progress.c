#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/progress.h"

static void add_line(void *ctx, const char *line)
{
	buf_addf(ctx, "[%s]", line);
}

static void tells_who_listens(void **state)
{
	AUTO(buf_release) struct buf told = BUF_INIT;
	const struct progress all = {&told, add_line, add_line};
	const struct progress warnings = {.ctx = &told, .warn = add_line};
	const struct progress *const listeners[] = {&all, &warnings, &(struct progress){0}, NULL};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(listeners); i++) {
		progress_info(listeners[i], "info %d", 1);
		progress_warn(listeners[i], "%s", "warn");
		buf_addc(&told, '|');
	}
	assert_string_equal(buf_str(&told), "[info 1][warn]|[warn]|||");
}

static void a_long_line_is_whole(void **state)
{
	AUTO(buf_release) struct buf told = BUF_INIT;
	AUTO(buf_release) struct buf line = BUF_INIT;
	const struct progress p = {.ctx = &told, .warn = add_line};
	(void)state;
	buf_addn(&line, 'x', 100000);
	progress_warn(&p, "%s", buf_str(&line));
	assert_int_equal(told.len, line.len + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_who_listens),
		cmocka_unit_test(a_long_line_is_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

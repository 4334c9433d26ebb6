/* Answers to PROPFIND, and the command that gives tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../tmpdir.h"
#include "base/alloc.h"
#include "base/file.h"
#include "fs/web/dav_answers.h"
#include "fs/web/dav_token.h"

#define FILE_PROPS(size)                                                                           \
	"<d:propstat><d:prop><d:resourcetype/><d:getcontentlength>" size                           \
	"</d:getcontentlength></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>"
#define DIR_PROPS                                                                                  \
	"<d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop>"            \
	"<d:status>HTTP/1.1 200 OK</d:status></d:propstat>"
#define ITEM(href, props) "<d:response><d:href>" href "</d:href>" props "</d:response>"

/* The answer, and the members that are expected: "path" or "path/", separated by blanks. */
static const struct {
	const char *name, *asked, *prefix, *items, *expected;
} lists[] = {
	{"paths", "/p/d/", "d",
		ITEM("/p/d/", DIR_PROPS) ITEM("/p/d/a", FILE_PROPS("1")) ITEM("/p/d/s/", DIR_PROPS),
		"d/a d/s/"},
	{"whole addresses", "/p/d/", "d",
		ITEM("http://h:1/p/d", DIR_PROPS) ITEM("http://h:1/p/d/a", FILE_PROPS("1")), "d/a"},
	{"escapes", "/p/my%20d/", "my d",
		ITEM("/p/my%20d/", DIR_PROPS) ITEM("/p/my%20d/%25%2B%23%C3%BC", FILE_PROPS("1")),
		"my d/%+#\xc3\xbc"},
	{"the root of the host", "/", "", ITEM("/", DIR_PROPS) ITEM("/a", FILE_PROPS("1")), "a"},
	{"a base with a path", "/p/", "", ITEM("/p", DIR_PROPS) ITEM("/p/a", FILE_PROPS("1")), "a"},
	{"another path behind a proxy", "/out/d/", "d",
		ITEM("/in/d/", DIR_PROPS) ITEM("/in/d/a", FILE_PROPS("1")), "d/a"},
	{"names alone", "/p/d/", "d",
		ITEM("./", DIR_PROPS) ITEM("/p/d/", DIR_PROPS) ITEM("a", FILE_PROPS("1")), "d/a"},
	{"a file that was asked for", "/p/d/", "d", ITEM("/p/d", FILE_PROPS("1")), ""},
	{"no slash in names, no parent, nothing elsewhere", "/p/d/", "d",
		ITEM("/p/d/", DIR_PROPS) ITEM("/p/d/a%2Fb", FILE_PROPS("1"))
			ITEM("/p/d/..", DIR_PROPS) ITEM("/p/d/%2e%2e", DIR_PROPS)
				ITEM("/p/other", FILE_PROPS("1")) ITEM("/p/d/s/x", FILE_PROPS("1")),
		""},
	{"a member that is not there", "/p/d/", "d",
		ITEM("/p/d/", DIR_PROPS)
			ITEM("/p/d/a", "<d:status>HTTP/1.1 404 Not Found</d:status>"),
		""},
};

static struct buf answer_of(const char *items)
{
	struct buf out = BUF_INIT;
	buf_addf(&out, "<?xml version=\"1.0\"?><d:multistatus xmlns:d=\"DAV:\">%s</d:multistatus>",
		items);
	return out;
}

static void lists_members(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		AUTO(buf_release) struct buf text = answer_of(lists[i].items), got = BUF_INIT;
		AUTO(fs_page_release) struct fs_page page = {0};
		assert_int_equal(
			dav_list_parse(&text, lists[i].asked, lists[i].prefix, &page, NULL), 0);
		VEC_EACH (&page.entries, e)
			buf_addf(&got, "%s%s%s", got.len ? " " : "", e->path, e->is_dir ? "/" : "");
		if (strcmp(buf_str(&got), lists[i].expected) != 0)
			print_message("case: %s\n", lists[i].name);
		assert_string_equal(buf_str(&got), lists[i].expected);
	}
}

static void reads_properties(void **state)
{
	AUTO(buf_release) struct buf text = answer_of(
		"<d:response><d:href>/p/a</d:href><d:propstat><d:prop><d:resourcetype/>"
		"<d:getcontentlength>5</d:getcontentlength><d:getetag>\"e-5\"</d:getetag>"
		"<d:getlastmodified>Sun, 06 Nov 1994 08:49:37 GMT</d:getlastmodified></d:prop>"
		"<d:status>HTTP/1.1 200 OK</d:status></d:propstat><d:propstat><d:prop>"
		"<d:getetag>other</d:getetag></d:prop><d:status>HTTP/1.1 404 Not Found</d:status>"
		"</d:propstat></d:response>");
	AUTO(fs_stat_release) struct fs_stat st = {0};
	(void)state;
	assert_int_equal(dav_stat_parse(&text, &st, NULL), 1);
	assert_int_equal(st.size_bytes, 5);
	assert_int_equal(st.mtime_s, 784111777);
	assert_string_equal(st.etag, "\"e-5\"");
	assert_false(st.is_dir);
}

static void refuses_other_documents(void **state)
{
	static const char *const texts[] = {"", "<html><body>hello</body></html>", "<multistatus>"};
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		AUTO(fs_page_release) struct fs_page page = {0};
		buf_adds(&text, texts[i]);
		assert_int_equal(dav_stat_parse(&text, NULL, NULL), ERR_PARSE);
		assert_int_equal(dav_list_parse(&text, "/", "", &page, NULL), ERR_PARSE);
	}
}

/* ---- tokens */

static struct dav_token *token_of(const char *command, unsigned timeout_ms)
{
	struct dav_token *t;
	assert_int_equal(dav_token_new(&t, NULL, command, timeout_ms, NULL), 0);
	return t;
}

/* The command counts its runs in a file of the directory. */
static void asks_again_when_a_token_is_refused(void **state)
{
	AUTO(tmpdir_release) struct tmpdir dir = tmpdir_make();
	(void)state;
	AUTO(mem_freep) char *command = mem_printf(
		"sh -c 'cd \"%s\" && echo x >>runs && echo \" token-$(wc -l <runs) \"'", dir.path);
	struct dav_token *t = token_of(command, 30000);
	AUTO(mem_freep) char *first = NULL, *again = NULL, *second = NULL, *late = NULL;
	assert_int_equal(dav_token_get(t, NULL, &first, NULL), 0);
	assert_string_equal(first, "Bearer token-1");
	assert_int_equal(dav_token_get(t, NULL, &again, NULL), 0);
	assert_string_equal(again, "Bearer token-1");
	assert_int_equal(dav_token_get(t, first, &second, NULL), 0);
	assert_string_equal(second, "Bearer token-2");
	/* another thread was refused with the first: there is a new one already */
	assert_int_equal(dav_token_get(t, first, &late, NULL), 0);
	assert_string_equal(late, "Bearer token-2");
	dav_token_free(t);
}

static void commands_that_give_no_token(void **state)
{
	static const struct {
		const char *command, *expected;
	} cases[] = {
		{"sh -c 'echo s3cret; exit 3'", "Error Type: CalledProcessError\nExit Code: 3\n"},
		{"sh -c 'kill -9 $$'", "Error Type: CalledProcessError\nExit Code: -9\n"},
		{"sleep 60", "Error Type: TimeoutExpired\nExit Code: Unknown\n"},
		{"true", "Bearer token command returned an empty token."},
		{"/nonexistent/program", "Unexpected error executing token command: "},
		{"printf 's3cret\\nX-Other: 1'", "prints more than one line"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(err_release) struct err err = ERR_INIT;
		AUTO(mem_freep) char *value = NULL;
		struct dav_token *t = token_of(cases[i].command, 300 + 30000 * (i != 2));
		assert_int_equal(dav_token_get(t, NULL, &value, &err), ERR_AUTH);
		assert_non_null(strstr(err_text(&err), cases[i].expected));
		assert_null(strstr(err_text(&err), "s3cret"));
		dav_token_free(t);
	}
}

static void malformed_commands(void **state)
{
	struct dav_token *t;
	(void)state;
	assert_int_equal(dav_token_new(&t, NULL, "echo 'a", 1000, NULL), ERR_CONFIG);
	assert_int_equal(dav_token_new(&t, NULL, "  ", 1000, NULL), ERR_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_members),
		cmocka_unit_test(reads_properties),
		cmocka_unit_test(refuses_other_documents),
		cmocka_unit_test(asks_again_when_a_token_is_refused),
		cmocka_unit_test(commands_that_give_no_token),
		cmocka_unit_test(malformed_commands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

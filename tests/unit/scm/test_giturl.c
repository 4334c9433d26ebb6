#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/str.h"
#include "scm/giturl.h"

static void forms(void **state)
{
	static const struct {
		const char *text;
		enum giturl_kind kind;
		const char *scheme, *user, *host, *port, *path;
	} cases[] = {
		{"../o/repo", GITURL_PATH, "", NULL, NULL, NULL, "../o/repo"},
		{"/srv/a.git", GITURL_PATH, "", NULL, NULL, NULL, "/srv/a.git"},
		{".", GITURL_PATH, "", NULL, NULL, NULL, "."},
		{"./a:b", GITURL_PATH, "", NULL, NULL, NULL,
			"./a:b"}, /* a slash before the colon */
		{":a", GITURL_PATH, "", NULL, NULL, NULL, ":a"},
		{"file:///srv/a.git", GITURL_FILE, "file", NULL, NULL, NULL, "/srv/a.git"},
		{"FILE:///srv/a%20b", GITURL_FILE, "file", NULL, NULL, NULL, "/srv/a b"},
		{"file:///a%2", GITURL_FILE, "file", NULL, NULL, NULL, "/a%2"},
		{"file:///a%00b", GITURL_FILE, "file", NULL, NULL, NULL, "/a%00b"},
		{"host:a/b", GITURL_SSH, "", NULL, "host", NULL, "a/b"},
		{"git@host:a/b.git", GITURL_SSH, "", "git", "host", NULL, "a/b.git"},
		{"[::1]:a", GITURL_SSH, "", NULL, "[::1]", NULL, "a"},
		{"ada@[::1]:a", GITURL_SSH, "", "ada", "[::1]", NULL, "a"},
		{"ssh://host/a", GITURL_SSH, "ssh", NULL, "host", NULL, "/a"},
		{"ssh://ada@host:2222/~/a", GITURL_SSH, "ssh", "ada", "host", "2222", "/~/a"},
		{"ssh://[::1]:22/a", GITURL_SSH, "ssh", NULL, "[::1]", "22", "/a"},
		{"https://host/a.git", GITURL_OTHER, "https", NULL, "host", NULL, "/a.git"},
		{"https://ada:pw@host:443/a", GITURL_OTHER, "https", "ada", "host", "443", "/a"},
		{"https://a@b@host/c", GITURL_OTHER, "https", "a@b", "host", NULL, "/c"},
		{"git://host", GITURL_OTHER, "git", NULL, "host", NULL, ""},
		{"ext::sh -c x", GITURL_HELPER, "ext", NULL, NULL, NULL, "sh -c x"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(giturl_release) struct giturl u = {0};
		AUTO(err_release) struct err err = ERR_INIT;
		if (giturl_parse(&u, cases[i].text, &err) < 0)
			fail_msg("%s: %s", cases[i].text, err.msg);
		if (u.kind != cases[i].kind || !str_eq(u.scheme, cases[i].scheme) ||
			!str_eq(u.user, cases[i].user) || !str_eq(u.host, cases[i].host) ||
			!str_eq(u.port, cases[i].port) || !str_eq(u.path, cases[i].path))
			fail_msg("%s: kind %d scheme %s user %s host %s port %s path %s",
				cases[i].text, (int)u.kind, u.scheme, u.user ? u.user : "-",
				u.host ? u.host : "-", u.port ? u.port : "-", u.path);
	}
}

static void refused(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "malformed Git URL: it is empty"},
		{"--upload-pack=x", "malformed Git URL: it begins with '-'"},
		{"a\nb", "malformed Git URL: it has a control character"},
		{"\x1b[2J", "malformed Git URL: it has a control character"},
		{"ssh://-oProxyCommand=x/a", "malformed Git URL: its host begins with '-'"},
		{"ssh://a@-o/b", "malformed Git URL: its host begins with '-'"},
		{"x@-oProxyCommand=x:a", "malformed Git URL: its host begins with '-'"},
		{"https://host:8o/a", "malformed Git URL: its port is no number"},
		{"file://", "malformed Git URL: it names no path"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct giturl u = {0};
		AUTO(err_release) struct err err = ERR_INIT;
		assert_int_equal(giturl_parse(&u, cases[i].text, &err), ERR_PARSE);
		assert_string_equal(err.msg, cases[i].message);
		assert_null(u.path);
	}
}

static void shown(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{"../o", "../o"},
		{"git@host:a", "git@host:a"},
		{"https://ada:secret@host:443/a", "https://ada:***@host:443/a"},
		{"https://token:x-oauth-basic@host/a", "https://token:***@host/a"},
		{"ssh://host:22/a", "ssh://host:22/a"},
		{"file:///a", "file:///a"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(giturl_release) struct giturl u = {0};
		AUTO(buf_release) struct buf text = BUF_INIT;
		assert_int_equal(giturl_parse(&u, cases[i].text, NULL), 0);
		giturl_add_shown(&text, &u);
		assert_string_equal(buf_str(&text), cases[i].shown);
	}
}

static void masks_passwords(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"fatal: unable to access 'https://ada:pw@host/a/'",
			"fatal: unable to access 'https://ada:***@host/a/'"},
		{"https://ada:p@w@host", "https://ada:***@host"},
		{"https://ada@host/a:b@c", "https://ada@host/a:b@c"},
		{"https://host:443/a@b", "https://host:443/a@b"},
		{"ssh://a:b@h and http://c:d@e\n", "ssh://a:***@h and http://c:***@e\n"},
		{"://", "://"},
		{"no address", "no address"},
		{"", ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		giturl_add_masked(&text, cases[i].text);
		assert_string_equal(buf_str(&text), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(refused),
		cmocka_unit_test(shown),
		cmocka_unit_test(masks_passwords),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

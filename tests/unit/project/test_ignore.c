#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tmpdir.h"
#include "base/proc.h"
#include "project/ignore.h"

static void globs(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool matches;
	} cases[] = {
		{"a", "a", true},
		{"*", "a", true},
		{"*", "a/b", false},
		{"**", "a/b", true},
		{"a/**", "a/b/c", true},
		{"a/**/c", "a/c", true},
		{"a/**/c", "a/b/b/c", true},
		{"a/**/c", "ac", false},
		{"**/c", "c", true},
		{"**/c", "a/b/c", true},
		{"**/c", "xc", false},
		{"?", "\xc3\xbc", true},
		{"?", "/", false},
		{"[a-c]", "b", true},
		{"[!a]", "a", false},
		{"[!a]", "/", false},
		{"[", "[", true},
		{"\\*", "*", true},
		{"\\*", "a", false},
		{"a*b*c", "axxbxxc", true},
		{"a*b*c", "axx/bc", false},
		{"[]-]", "]", true},
		{"x[\\]]", "x]", true},
		{"*a**/b", "xaab", true}, /* needs backtracking to the first "*" */
		{"**a*b*/c*", "xa/yaab/cd", true},
		{"****/b", "ab", true},
		{"***/b", "a/b", true},
		{"***/b", "ab", false},
		/* exponential without the memo of failed positions */
		{"*a*a*a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			false},
		{"**a**a**a**a**a**a**a**a**a**a**b",
			"a/aaaaaaaa/aaaaaaaaa/aaaaaaaaaaa/aaaaaaaaaaaaaaaaaaa/aaaaaa", false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(ignore_glob(cases[i].pattern, strlen(cases[i].pattern),
					 cases[i].path, strlen(cases[i].path)),
			cases[i].matches);
}

static void rules_of_many_directories(void **state)
{
	static const struct {
		const char *path;
		bool is_dir, ignored;
	} cases[] = {
		{"a.log", false, true},
		{"keep.log", false, false},
		{"sub/a.log", false, true},
		{"sub/b.log", false, false},
		{"sub/deep/c.txt", false, true},
		{"build", true, true},
		{"build", false, false},
		{"build/x", false, true},
		{"sub/build/x", false, true},
		{"root", false, true},
		{"sub/root", false, false},
		{".git/HEAD", false, true},
		{".dvc/config", false, true},
		{".dvcignore", false, false},
	};
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	tmpdir_write(&t, ".dvcignore", "# rules\n\n*.log\n!keep.log\nbuild/\n/root\n");
	tmpdir_write(&t, "sub/.dvcignore", "!b.log\n*.txt\n");
	const struct source source = source_workspace(t.path);
	struct ignore *ig = ignore_new(IGNORE_DVC, &source, NULL);
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(
			ignore_path(ig, cases[i].path, cases[i].is_dir, NULL), cases[i].ignored);
	const struct ignore_rule *rule;
	assert_true(ignore_path(ig, "x.log", false, &rule));
	assert_int_equal(rule->line, 3);
	assert_string_equal(rule->source, ".dvcignore");
	ignore_free(ig);
}

/* ---- random .gitignore files, compared with Git */

static uint32_t seed;

static uint32_t below(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 9) % n;
}

static const char *pick(const char *const *from)
{
	uint32_t n = 0;
	while (from[n])
		n++;
	return from[below(n)];
}

static const char *const pieces[] = {
	"a", "b", "ab", "*", "?", "**", "a*", "*b", "[ab]", "[!a]", ".x", "a?", "\\a", NULL};
static const char *const names[] = {"a", "b", "ab", "aa", "abb", ".x", NULL};

static void add_rules(struct buf *out)
{
	for (uint32_t lines = 1 + below(4); lines; lines--) {
		if (below(4) == 0)
			buf_addc(out, '!');
		if (below(3) == 0)
			buf_addc(out, '/');
		for (uint32_t parts = 1 + below(3), i = 0; i < parts; i++)
			buf_addf(out, "%s%s", i ? "/" : "", pick(pieces));
		if (below(3) == 0)
			buf_addc(out, '/');
		buf_addc(out, '\n');
	}
}

static int git(const struct tmpdir *t, const char *words, const struct buf *input, struct buf *out)
{
	AUTO(strlist_release) struct strlist argv = STRLIST_INIT, env = STRLIST_INIT;
	strlist_split(&argv, words, ' ');
	strlist_split(&env, "GIT_CONFIG_NOSYSTEM=1 HOME=/nowhere XDG_CONFIG_HOME=/nowhere", ' ');
	struct proc_opts o = {
		.cwd = t->path, .env_extra = strlist_argv(&env), .out = out, .quiet = true};
	if (input) {
		o.input = input->ptr;
		o.input_len = input->len;
	}
	return proc_run(strlist_argv(&argv), &o, NULL);
}

/* One line per path: "source:line:pattern<TAB>path", or "::<TAB>path" when nothing matches. */
static bool git_ignores(const char *line)
{
	if (*line == ':')
		return false;
	const char *pattern = strchr(strchr(line, ':') + 1, ':') + 1;
	return *pattern != '!';
}

static void one_round(const struct tmpdir *t)
{
	AUTO(buf_release) struct buf rules = BUF_INIT, paths = BUF_INIT, out = BUF_INIT;
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT, asked = STRLIST_INIT;
	add_rules(&rules);
	tmpdir_write(t, ".gitignore", rules.ptr);
	for (int i = 0; i < 12; i++) {
		for (uint32_t parts = 1 + below(3), k = 0; k < parts; k++)
			buf_addf(&paths, "%s%s", k ? "/" : "", pick(names));
		buf_addc(&paths, '\n');
	}
	int r = git(t, "git check-ignore --no-index -v -n --stdin", &paths, &out);
	assert_true(r == 0 || r == 1);
	buf_rtrim(&paths);
	buf_rtrim(&out);
	strlist_split(&lines, out.ptr, '\n');
	strlist_split(&asked, paths.ptr, '\n');
	assert_int_equal(lines.count, asked.count);
	const struct source source = source_workspace(t->path);
	struct ignore *ig = ignore_new(IGNORE_GIT, &source, t->path);
	for (size_t i = 0; i < asked.count; i++) {
		bool ours = ignore_path(ig, asked.items[i], false, NULL);
		if (ours != git_ignores(lines.items[i]))
			fail_msg("rules:\n%s'%s': git says '%s', we %d", rules.ptr, asked.items[i],
				lines.items[i], ours);
	}
	ignore_free(ig);
}

static void as_git(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	(void)state;
	if (git(&t, "git init -q", NULL, NULL) != 0)
		skip();
	for (seed = 1; seed <= 100; seed++) {
		uint32_t saved = seed;
		one_round(&t);
		seed = saved;
	}
}

int main(void)
{
	setenv("HOME", "/nowhere", 1);
	unsetenv("XDG_CONFIG_HOME");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs),
		cmocka_unit_test(rules_of_many_directories),
		cmocka_unit_test(as_git),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

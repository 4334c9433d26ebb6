/* Merging two versions of notes, and which tags are valid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "exp/notes.h"

/* "best v2|the text|*": tags, note, star */
static struct exp_note parse(const char *text)
{
	AUTO(strlist_release) struct strlist parts = STRLIST_INIT;
	struct exp_note n = {0};

	strlist_split(&parts, text, '|');
	if (*parts.items[0])
		strlist_split(&n.tags, parts.items[0], ' ');
	n.text = *parts.items[1] ? mem_strdup(parts.items[1]) : NULL;
	n.star = *parts.items[2] == '*';
	return n;
}

static char *format(const struct exp_note *n)
{
	AUTO(mem_freep) char *tags = strlist_join(&n->tags, " ");

	return mem_printf("%s|%s|%s", tags, n->text ? n->text : "", n->star ? "*" : "");
}

static char *merged(const char *base, const char *ours, const char *theirs)
{
	AUTO(exp_note_release) struct exp_note o = parse(base);
	AUTO(exp_note_release) struct exp_note a = parse(ours);
	AUTO(exp_note_release) struct exp_note b = parse(theirs);
	AUTO(exp_note_release) struct exp_note out = {0};

	exp_note_merge(&o, &a, &b, &out);
	return format(&out);
}

static void test_merge(void **state)
{
	static const struct {
		const char *name, *base, *ours, *theirs, *want;
	} cases[] = {
		{"nothing", "||", "||", "||", "||"},
		{"the same", "||", "a|t|*", "a|t|*", "a|t|*"},
		{"tags of both", "||", "a||", "b||", "a b||"},
		{"sorted, each once", "||", "z m||", "a m||", "a m z||"},
		{"one adds", "a||", "a b||", "a||", "a b||"},
		{"one removes", "a b||", "a||", "a b||", "a||"},
		{"one adds, the other removes", "a||", "a b||", "||", "b||"},
		{"both remove", "a b||", "a||", "a||", "a||"},
		{"without a common version nothing was removed", "||", "a b||", "a||", "a b||"},
		{"one writes a note", "||", "|t|", "||", "|t|"},
		{"one changes it", "|t|", "|u|", "|t|", "|u|"},
		{"one removes it", "|t|", "||", "|t|", "||"},
		{"both write", "||", "|mine|", "|yours|", "|mine\nyours|"},
		{"both change", "|t|", "|b|", "|a|", "|a\nb|"},
		{"one changes, the other removes", "|t|", "|u|", "||", "|u|"},
		{"a star", "||", "||*", "||", "||*"},
		{"a star removed", "||*", "||", "||*", "||"},
		{"a star of both", "||", "||*", "||*", "||*"},
		{"different things", "||", "a||", "|t|*", "a|t|*"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep)
		char *got = merged(cases[i].base, cases[i].ours, cases[i].theirs);
		/* the same from the other side */
		AUTO(mem_freep)
		char *other = merged(cases[i].base, cases[i].theirs, cases[i].ours);

		if (strcmp(got, cases[i].want) != 0 || strcmp(got, other) != 0)
			fail_msg("%s: '%s' and '%s' instead of '%s'", cases[i].name, got, other,
				cases[i].want);
	}
}

static void test_tags(void **state)
{
	static const char *const good[] = {"best", "v1.2", "päper", "a/b", "#7", "x=y", "-x"};
	static const char *const bad[] = {"", " ", "a b", "a,b", "a\tb", "a\nb", "\x1b[1m", "a\x7f",
		"\xc2\x9b", "\xe2\x80\xae", "\xff",
		"0123456789012345678901234567890123456789012345678901234567890123456789012345678901"
		"23456789012345678901234567890"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (exp_note_check_tag(good[i], NULL) < 0)
			fail_msg("'%s' is refused", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (exp_note_check_tag(bad[i], NULL) == 0)
			fail_msg("'%s' is taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Two tables of tracked data: the differences between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../data_sandbox.h"
#include "ops/entries.h"

static struct oid oid_of(char digit, bool is_dir)
{
	struct oid o = {.hash = HASH_MD5, .is_dir = is_dir};
	memset(o.digest, digit, sizeof(o.digest));
	return digit == '-' ? (struct oid){0} : o;
}

/*
 * A table from text: "f=1; d/=2 a=1 s/b=3; e/=?". Entries have hashes of one digit ("-": nothing is
 * recorded); a directory is followed by its files, or by "?" when its listing is unavailable.
 */
static void read_table(struct arena *a, const char *text, struct entries *out)
{
	AUTO(strlist_release) struct strlist parts = STRLIST_INIT;
	if (*text)
		strlist_split(&parts, text, ';');
	for (size_t i = 0; i < parts.count; i++) {
		AUTO(strlist_release) struct strlist words = STRLIST_INIT;
		strlist_split(&words, parts.items[i] + strspn(parts.items[i], " "), ' ');
		size_t len = strcspn(words.items[0], "=");
		bool is_dir = words.items[0][len - 1] == '/';
		struct entry *e = vec_push(out);
		*e = (struct entry){.path = arena_strndup(a, words.items[0], len - is_dir),
			.oid = oid_of(words.items[0][len + 1], is_dir),
			.is_dir = is_dir};
		static const struct out nobody = {.cache = true};
		e->out = &nobody;
		if (!is_dir || (words.count == 2 && strcmp(words.items[1], "?") == 0))
			continue;
		e->files = NEW(struct tree);
		sandbox_listing(e->files, words.items + 1, words.count - 1);
	}
}

static void add_changes(struct arena *a, const struct entry_changes *all, struct buf *out)
{
	static const char *const kinds[] = {
		"same", "added", "deleted", "modified", "renamed", "unknown"};
	VEC_EACH (all, c) {
		buf_addf(out, "%s%s", out->len ? "; " : "", kinds[c->kind]);
		if (c->kind == CHANGE_RENAMED)
			buf_addf(out, " %s to", entry_shown(a, c->old));
		buf_addf(out, " %s", entry_shown(a, c->new ? c->new : c->old));
	}
}

static const struct {
	const char *shows, *old, *new;
	unsigned flags;
	const char *keys, *expected;
} cases[] = {
	{"nothing on either side", "", "", COMPARE_FILES, NULL, ""},
	{"the same", "a=1; b=2", "a=1; b=2", COMPARE_FILES, NULL, ""},
	{"the same, asked for", "a=1", "a=1", COMPARE_SAME, NULL, "same a"},
	{"a file each way", "a=1; b=1", "b=2; c=3", COMPARE_FILES, NULL,
		"deleted a; modified b; added c"},
	{"one content at another path is a rename", "a=1", "b=1", COMPARE_FILES, NULL,
		"renamed a to b"},
	{"of two that are gone the first by path was renamed", "a=1; b=1", "c=1", COMPARE_FILES,
		NULL, "deleted b; renamed a to c"},
	{"each takes one", "a=1; b=1", "c=1; d=1", COMPARE_FILES, NULL,
		"renamed a to c; renamed b to d"},
	{"what is still there was not renamed", "a=1", "a=1; b=1", COMPARE_FILES, NULL, "added b"},
	{"nothing recorded is no content", "a=-", "b=-", COMPARE_FILES, NULL, "deleted a; added b"},
	{"a directory alone", "d/=1 a=1", "d/=2 a=2", 0, NULL, "modified d/"},
	{"and its files", "d/=1 a=1 b=2 c=3", "d/=2 b=2 c=4 e=5", COMPARE_FILES, NULL,
		"modified d/; deleted d/a; modified d/c; added d/e"},
	{"a rename in a directory", "d/=1 a=1", "d/=2 s/a=1", COMPARE_FILES, NULL,
		"modified d/; renamed d/a to d/s/a"},
	{"a file becomes a directory", "d=1", "d/=2 a=1", COMPARE_FILES, NULL,
		"modified d/; added d/a"},
	{"a directory becomes a file", "d/=2 a=1", "d=1", COMPARE_FILES, NULL,
		"modified d; deleted d/a"},
	{"a file moves out of a directory", "d/=1 a=1 b=2", "d/=2 b=2; e=1", COMPARE_FILES, NULL,
		"modified d/; renamed d/a to e"},
	{"a file of a directory is tracked by itself", "d/=1 a=1", "d/a=1", COMPARE_FILES, NULL,
		"deleted d/"},
	{"then the directory goes on, when that is asked for", "d/=1 a=1", "d/a=1",
		COMPARE_FILES | COMPARE_IMPLIED, NULL, ""},
	{"below some paths only", "a=1; d/=1 x=1 y=1", "a=2; d/=2 x=2 y=2", COMPARE_FILES, "d/x",
		"modified d/x"},
	{"a key is a path, not the beginning of one", "ab=1", "ab=2", COMPARE_FILES, "a", ""},
	{"the root is everything", "a=1", "a=2", COMPARE_FILES, ".", "modified a"},
	{"by name: what is not recorded is not there", "a=-", "a=1", COMPARE_BY_HASH, NULL,
		"added a"},
	{"not so otherwise", "a=-", "a=1", 0, NULL, "modified a"},
	{"by name: nothing on both sides", "a=-", "", COMPARE_BY_HASH, NULL, ""},
	{"the former listing is lost", "d/=1 ?", "d/=2 a=1", COMPARE_FILES, NULL, "modified d/"},
	{"what is there now is unknown then", "d/=1 ?", "d/=2 a=1 s/b=2 s/c=3",
		COMPARE_FILES | COMPARE_UNKNOWN, NULL,
		"modified d/; unknown d/a; unknown d/s/; unknown d/s/b; unknown d/s/c"},
	{"the new listing is lost", "d/=1 a=1", "d/=2 ?", COMPARE_FILES | COMPARE_UNKNOWN, NULL,
		"modified d/"},
	{"names that sort between a directory and its files", "d/=1 a=1; d-x=1", "d-x=2; d/=2 a=2",
		COMPARE_FILES, NULL, "modified d/; modified d-x; modified d/a"},
};

static void compares(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	(void)state;
	sandbox_open(&box);
	struct data *d = sandbox_data(&box);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(strlist_release) struct strlist keys = STRLIST_INIT;
		AUTO(entries_release) struct entries old = {0};
		AUTO(entries_release) struct entries new = {0};
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		struct entry_changes all = {0};
		read_table(&a, cases[i].old, &old);
		read_table(&a, cases[i].new, &new);
		if (cases[i].keys)
			strlist_split(&keys, cases[i].keys, ' ');
		if (entries_compare(d, &old, &new, cases[i].flags, &keys, &a, &all, &err) < 0)
			buf_addf(&got, "!%s", err_text(&err));
		add_changes(&a, &all, &got);
		vec_release(&all);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void asks_what_is_at_a_path(void **state)
{
	static const struct {
		const char *key;
		int expected;
	} asked[] = {{".", 1}, {"f", 1}, {"d", 1}, {"d/s", 1}, {"d/s/b", 1}, {"d/a", 1},
		{"d/s/c", 0}, {"f/x", 0}, {"g", 0}};
	AUTO(sandbox_release) struct sandbox box;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(entries_release) struct entries table = {0};
	(void)state;
	sandbox_open(&box);
	read_table(&a, "d/=1 a=1 s/b=2; f=3", &table);
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++)
		if (entries_have(sandbox_data(&box), &table, asked[i].key, NULL) !=
			asked[i].expected)
			fail_msg("'%s'", asked[i].key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares),
		cmocka_unit_test(asks_what_is_at_a_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Which objects outputs use: push sends them, and gc keeps them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../helpers/memory_source.h"
#include "../data_sandbox.h"
#include "data/used.h"
#include "data/used_guess.h"

#define F1 "11111111111111111111111111111111"
#define F2 "22222222222222222222222222222222"
#define F3 "33333333333333333333333333333333"
#define F4 "44444444444444444444444444444444"

/* The listing of files "a" and "s/b" with the hashes F3 and F4. */
static struct oid add_listing(struct data *d, char text[OID_TEXT])
{
	AUTO(tree_release) struct tree t = {.hash = HASH_MD5};
	struct oid oid;
	struct tree_entry *a = tree_add(&t, "a", 1);
	memset(a->digest, 0x33, MD5_BYTES);
	a->hashed = true;
	struct tree_entry *b = tree_add(&t, "s/b", 3);
	memset(b->digest, 0x44, MD5_BYTES);
	b->hashed = true;
	assert_int_equal(cache_add_tree(&d->cache, &t, &oid, NULL), 0);
	oid_format(&oid, text);
	return oid;
}

/* "default: 11 33.dir; other: 22": groups with the first two digits of each hash ("L" for the
 * listing that the cache has). */
static void add_used(struct buf *out, struct used *u, const struct oid *listing)
{
	VEC_EACH (&u->groups, g) {
		oid_list_sort(&g->oids);
		if (!g->oids.count)
			continue;
		buf_addf(out, "%s%s:", out->len ? "; " : "", g->remote ? g->remote : "default");
		for (size_t i = 0; i < g->oids.count; i++) {
			char text[OID_TEXT];
			oid_format(&g->oids.items[i], text);
			if (oid_equal(&g->oids.items[i], listing))
				buf_adds(out, " L");
			else
				buf_addf(out, " %.2s%s", text, text + MD5_HEX);
		}
	}
}

static void keep_warning(void *ctx, const char *line)
{
	buf_addf(ctx, " [%.20s]", line);
}

static void of_outputs(void **state)
{
	static const struct {
		const char *shows, *outs, *targets;
		struct used_opts opts;
		const char *expected;
	} cases[] = {
		{"a file", "{path: f, md5: " F1 "}", "", {0}, "default: 11"},
		{"nothing recorded, nothing used", "{path: f}", "", {0}, ""},
		{"which is told when asked for", "{path: f}", "", {.warn = true},
			" [Output 'f'(stage: 'd]"},
		{"not cached", "{path: f, md5: " F1 ", cache: false}", "", {0}, ""},
		{"not to be pushed", "{path: f, md5: " F1 ", push: false}", "", {.push = true}, ""},
		{"but in use", "{path: f, md5: " F1 ", push: false}", "", {0}, "default: 11"},
		{"one remote of its own", "{path: f, md5: " F1 ", remote: r}", "", {0}, "r: 11"},
		{"asked of that remote", "{path: f, md5: " F1 ", remote: r}", "", {.remote = "r"},
			"default: 11"},
		{"asked of another", "{path: f, md5: " F1 ", remote: r}", "", {.remote = "q"}, ""},
		{"a listing stands for its files", "{path: d, md5: LISTING}", "", {0},
			"default: L"},
		{"or for itself", "{path: d, md5: LISTING}", "", {.whole = true},
			"default: 33 44 L"},
		{"a file in a directory", "{path: d, md5: LISTING}", "d/s/b", {0}, "default: 44"},
		{"a directory in it", "{path: d, md5: LISTING}", "d/s", {0}, "default: 44"},
		{"nothing in it", "{path: d, md5: LISTING}", "d/nowhere", {0}, ""},
		{"a listing that is nowhere", "{path: d, md5: " F1 ".dir}", "", {.whole = true},
			"default: 11.dir"},
		{"which fails where all must be known", "{path: d, md5: " F1 ".dir}", "",
			{.whole = true, .warn = true},
			"!unable to fully collect used cache without cache for directory 'd'"},
		{"unless by force", "{path: d, md5: " F1 ".dir}", "",
			{.whole = true, .warn = true, .force = true}, "default: 11.dir"},
		{"or passed over with a warning", "{path: d, md5: " F1 ".dir}", "",
			{.whole = true, .warn = true, .skip_failed = true},
			"default: 11.dir [unable to fully coll]"},
		{"a part of a listing that is nowhere: the listing is missed",
			"{path: d, md5: " F1 ".dir}", "d/s", {0}, "default: 11.dir"},
		{"two remotes", "{path: f, md5: " F1 "}\n- {path: g, md5: " F2 ", remote: r}", "",
			{0}, "default: 11; r: 22"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(strlist_release) struct strlist names = STRLIST_INIT;
		AUTO(used_release) struct used u = {0};
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(buf_release) struct buf told = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const struct progress progress = {.ctx = &told, .warn = keep_warning};
		struct selection outs = {0};
		char listing[OID_TEXT];
		sandbox_open(&box);
		struct data *d = sandbox_data(&box);
		struct oid oid = add_listing(d, listing);
		const char *at = strstr(cases[i].outs, "LISTING");
		AUTO(mem_freep)
		char *text = at ? mem_printf("outs:\n- %.*s%s%s\n", (int)(at - cases[i].outs),
					  cases[i].outs, listing, at + strlen("LISTING"))
				: mem_printf("outs:\n- %s\n", cases[i].outs);
		/* without `hash: md5` they would be hashes of DVC 2 */
		AUTO(buf_release) struct buf file = BUF_INIT;
		for (const char *p = text; *p; p++) {
			buf_addc(&file, *p);
			if (*p == '{')
				buf_adds(&file, "hash: md5, ");
		}
		sandbox_write(&box, "d.dvc", buf_str(&file));
		if (*cases[i].targets)
			strlist_split(&names, cases[i].targets, ' ');
		if (select_outs(sandbox_index(&box), &names, 0, &outs, NULL, &err) < 0)
			fail_msg("%s: %s", cases[i].shows, err_text(&err));
		struct used_opts opts = cases[i].opts;
		opts.progress = &progress;
		if (used_collect(&u, &box.repo, d, &outs, &opts, &err) < 0)
			buf_addf(&got, "!%s", err_text(&err));
		else
			add_used(&got, &u, &oid);
		buf_addbuf(&got, &told);
		vec_release(&outs);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

/* ---- objects that a broken file may name ---- */

static void of_broken_files(void **state)
{
	static const struct {
		const char *shows, *text, *lock;
		const char *expected;
	} cases[] = {
		{"nothing that looks like a name", "outs: [\n", NULL, ""},
		{"a name, as a file and as a listing", "x: " F1 "\n", NULL, "11 11.dir"},
		{"in capital letters", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NULL, "aa aa.dir"},
		{"at the very end, and one more", F1 " " F2, NULL, "11 11.dir 22 22.dir"},
		{"side by side with other text", "(" F1 ")", NULL, "11 11.dir"},
		{"too short", "1111111111111111111111111111111", NULL, ""},
		{"too long: another kind of name", F1 "1", NULL, ""},
		{"a listing that the cache has, with its files", "md5: LISTING", NULL,
			"33 44 L L.dir"},
		{"the lock beside it", "stages: [\n", "md5: " F2, "22 22.dir"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(oid_list_release) struct oid_list oids = {0};
		AUTO(strlist_release) struct strlist names = STRLIST_INIT;
		AUTO(buf_release) struct buf told = BUF_INIT;
		const struct progress progress = {.ctx = &told, .warn = keep_warning};
		char listing[OID_TEXT];
		sandbox_open(&box);
		struct data *d = sandbox_data(&box);
		struct oid known = add_listing(d, listing);
		AUTO(mem_freep) char *file = tmpdir_at(&box.tmp, "dvc.yaml");
		struct value *files = value_map(&a);
		bool names_it = strstr(cases[i].text, "LISTING") != NULL;
		value_set(&a, files, "dvc.yaml",
			value_string(&a, names_it ? listing : cases[i].text));
		if (cases[i].lock)
			value_set(&a, files, "dvc.lock", value_string(&a, cases[i].lock));
		struct index ix = {.repo = &box.repo, .source = source_memory(files)};
		*vec_push(&ix.broken) = (struct broken){.file = file};
		assert_int_equal(used_guess_broken(&oids, d, &ix, &progress, NULL), 0);
		vec_release(&ix.broken);
		oid_list_sort(&oids);
		for (size_t k = 0; k < oids.count; k++) {
			char text[OID_TEXT];
			bool is_known = memcmp(oids.items[k].digest, known.digest, MD5_BYTES) == 0;
			oid_format(&oids.items[k], text);
			if (oids.items[k].hash == HASH_MD5)
				strlist_addf(
					&names, "%.2s%s", is_known ? "L" : text, text + MD5_HEX);
		}
		strlist_sort(&names);
		AUTO(mem_freep) char *got = strlist_join(&names, " ");
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, got, cases[i].expected);
		assert_string_equal(buf_str(&told), " ['dvc.yaml' cannot be]");
	}
}

static void nothing_is_broken(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(oid_list_release) struct oid_list oids = {0};
	(void)state;
	sandbox_open(&box);
	assert_int_equal(
		used_guess_broken(&oids, sandbox_data(&box), sandbox_index(&box), NULL, NULL), 0);
	assert_int_equal(oids.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_outputs),
		cmocka_unit_test(of_broken_files),
		cmocka_unit_test(nothing_is_broken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The plan of a checkout, decided before anything is changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tmpdir.h"
#include "store/checkout.h"

struct fixture {
	struct tmpdir tmp;
	struct cache cache;
	char *data; /* the output */
};

static void open_fixture(struct fixture *f)
{
	*f = (struct fixture){.tmp = tmpdir_make()};
	AUTO(mem_freep) char *cache = tmpdir_at(&f->tmp, "cache");
	cache_init(&f->cache, NULL, cache);
	assert_int_equal(cache_set_links(&f->cache, "copy", NULL), 0);
	f->data = tmpdir_at(&f->tmp, "data");
}

static void fixture_release(struct fixture *f)
{
	cache_release(&f->cache);
	tmpdir_release(&f->tmp);
	free(f->data);
}

/* Create the files of "=a x/b" at `rel`: each has its name as content, "=a" is a single file, "" is
 * nothing. "a:text" has that content, "a>target" is a link. */
static void make(struct fixture *f, const char *rel, const char *spec)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	if (*spec)
		strlist_split(&words, spec, ' ');
	for (size_t i = 0; i < words.count; i++) {
		char *word = words.items[i];
		if (*word == '=') {
			tmpdir_write(&f->tmp, rel, word + 1);
			continue;
		}
		AUTO(mem_freep) char *name = mem_strndup(word, strcspn(word, ":>"));
		AUTO(mem_freep) char *path = mem_printf("%s/%s", rel, name);
		const char *rest = word + strlen(name);
		if (*rest != '>') {
			tmpdir_write(&f->tmp, path, *rest ? rest + 1 : name);
			continue;
		}
		AUTO(mem_freep) char *full = tmpdir_at(&f->tmp, path);
		assert_int_equal(file_mkdirs_for(full, NULL), 0);
		assert_int_equal(symlink(rest + 1, full), 0);
	}
}

/* Hash the data at `rel` and store it in the cache. */
static struct oid store(struct fixture *f, const char *rel)
{
	const struct hash_opts opts = {.hash = HASH_MD5, .into = &f->cache};
	AUTO(mem_freep) char *path = tmpdir_at(&f->tmp, rel);
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	if (hash_path(path, &opts, &h, &err) < 0)
		fail_msg("%s", err_text(&err));
	return h.oid;
}

/* "modified +1 ~2 -0, unsaved a b" */
static char *planned(struct fixture *f, const struct oid *want, const char *only, unsigned flags)
{
	static const char *const changes[] = {"same", "added", "modified", "deleted"};
	const struct checkout_opts opts = {.cache = &f->cache, .relink = flags};
	AUTO(checkout_plan_release) struct checkout_plan p = CHECKOUT_PLAN_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	if (checkout_plan_make(f->data, want, false, only, &opts, &p, &err) < 0) {
		buf_addf(&out, "!%s", err_text(&err));
		return buf_detach(&out);
	}
	buf_addf(&out, "%s +%zu ~%zu -%zu", changes[p.change], p.files_added, p.files_modified,
		p.files_deleted);
	if (p.files_relinked)
		buf_addf(&out, " relink %zu", p.files_relinked);
	if (p.listing_missing)
		buf_adds(&out, " no listing");
	strlist_sort(&p.unsaved);
	for (size_t i = 0; i < p.unsaved.count; i++)
		buf_addf(&out, "%s %s", i ? "" : ", unsaved",
			*(p.unsaved.items[i] + strlen(f->data))
				? p.unsaved.items[i] + strlen(f->data) + 1
				: ".");
	return buf_detach(&out);
}

static const struct {
	const char *shows;
	const char *want;  /* in the cache; NULL: nothing is wanted */
	const char *saved; /* other data in the cache */
	const char *now;   /* in the workspace */
	const char *only;
	bool relink;
	const char *expected;
} cases[] = {
	{"a file comes", "=x", "", "", NULL, false, "added +1 ~0 -0"},
	{"a file is right", "=x", "", "=x", NULL, false, "same +0 ~0 -0"},
	{"a file was edited, and that is saved", "=x", "=y", "=y", NULL, false,
		"modified +0 ~1 -0"},
	{"a file was edited, and that is nowhere else", "=x", "", "=y", NULL, false,
		"modified +0 ~1 -0, unsaved ."},
	{"a file goes", NULL, "=x", "=x", NULL, false, "deleted +0 ~0 -1"},
	{"an edited file goes", NULL, "", "=x", NULL, false, "deleted +0 ~0 -1, unsaved ."},
	{"nothing goes", NULL, "", "", NULL, false, "same +0 ~0 -0"},
	{"a directory comes", "a b/c", "", "", NULL, false, "added +2 ~0 -0"},
	{"a directory is right", "a b/c", "", "a b/c", NULL, false, "same +0 ~0 -0"},
	{"one file of each kind", "a b c", "", "a b:other d", NULL, false,
		"modified +1 ~1 -1, unsaved b d"},
	{"what is saved may be overwritten", "a b", "x:other y", "a b:other y", NULL, false,
		"modified +0 ~1 -1"},
	{"a directory takes a file's place", "a", "", "=x", NULL, false,
		"modified +1 ~0 -1, unsaved ."},
	{"a file takes a directory's place", "=x", "", "a b", NULL, false,
		"modified +1 ~0 -2, unsaved a b"},
	{"a file takes an inner directory's place", "a", "", "a/x", NULL, false,
		"modified +1 ~0 -1, unsaved a/x"},
	{"only a part comes", "a s/b s/c", "", "a:edited s/b", "s", false, "modified +1 ~0 -0"},
	{"only a file comes", "a s/b s/c", "", "", "s/c", false, "added +1 ~0 -0"},
	{"outside of it all stays", "a s/b", "", "a:edited s/b z", "s", false, "same +0 ~0 -0"},
	{"a broken link in the place of a file", "a", "", "a>nowhere", NULL, false,
		"modified +0 ~1 -0"},
	{"copies are right for relinking too", "a b", "", "a b", NULL, true, "same +0 ~0 -0"},
};

static void decides_on_each_file(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(fixture_release) struct fixture f;
		struct oid want = {.hash = HASH_NONE};
		open_fixture(&f);
		if (cases[i].want) {
			make(&f, "wanted", cases[i].want);
			want = store(&f, "wanted");
		}
		if (*cases[i].saved) {
			make(&f, "saved", cases[i].saved);
			(void)store(&f, "saved");
		}
		make(&f, "data", cases[i].now);
		AUTO(mem_freep)
		char *got = planned(&f, &want, cases[i].only, cases[i].relink);
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, got, cases[i].expected);
	}
}

static void without_the_listing_nothing_is_planned(void **state)
{
	AUTO(fixture_release) struct fixture f;
	struct oid nowhere;
	(void)state;
	open_fixture(&f);
	make(&f, "data", "a b");
	assert_true(oid_parse(&nowhere, "d41d8cd98f00b204e9800998ecf8427e.dir", HASH_MD5));
	AUTO(mem_freep) char *got = planned(&f, &nowhere, NULL, 0);
	assert_string_equal(got, "same +0 ~0 -0 no listing");
}

/* The target of a link to a directory does not belong to the output: only the link is removed. */
static void a_link_to_a_directory_makes_room(void **state)
{
	AUTO(fixture_release) struct fixture f;
	(void)state;
	open_fixture(&f);
	make(&f, "wanted", "a b");
	make(&f, "elsewhere", "c d");
	struct oid want = store(&f, "wanted");
	assert_int_equal(symlink("elsewhere", f.data), 0);
	AUTO(mem_freep) char *got = planned(&f, &want, NULL, 0);
	assert_string_equal(got, "added +2 ~0 -0, unsaved .");
	/* but a link to exactly the wanted data stays */
	make(&f, "elsewhere2", "a b");
	assert_int_equal(file_remove(f.data, NULL), 0);
	assert_int_equal(symlink("elsewhere2", f.data), 0);
	AUTO(mem_freep) char *same = planned(&f, &want, NULL, 0);
	assert_string_equal(same, "same +0 ~0 -0");
}

static void links_are_made_anew_when_the_type_changes(void **state)
{
	AUTO(fixture_release) struct fixture f;
	AUTO(strlist_release) struct strlist failed = STRLIST_INIT;
	AUTO(checkout_plan_release) struct checkout_plan p = CHECKOUT_PLAN_INIT;
	const struct checkout_opts opts = {.cache = &f.cache};
	(void)state;
	open_fixture(&f);
	make(&f, "wanted", "a b");
	struct oid want = store(&f, "wanted");
	assert_int_equal(cache_set_links(&f.cache, "symlink", NULL), 0);
	assert_int_equal(checkout_plan_make(f.data, &want, false, NULL, &opts, &p, NULL), 0);
	assert_int_equal(checkout_apply(&p, &opts, &failed, NULL), 0);
	AUTO(mem_freep) char *links = planned(&f, &want, NULL, true);
	assert_string_equal(links, "same +0 ~0 -0");
	assert_int_equal(cache_set_links(&f.cache, "copy", NULL), 0);
	AUTO(mem_freep) char *copies = planned(&f, &want, NULL, true);
	assert_string_equal(copies, "same +0 ~0 -0 relink 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_on_each_file),
		cmocka_unit_test(without_the_listing_nothing_is_planned),
		cmocka_unit_test(a_link_to_a_directory_makes_room),
		cmocka_unit_test(links_are_made_anew_when_the_type_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

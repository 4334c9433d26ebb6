#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../assert_file.h"
#include "../tmpdir.h"
#include "base/strlist.h"
#include "project/config.h"
#include "project/config_keys.h"

/* The .dvc directory of a repository with these two files; the system and global levels are
 * empty. */
static char *make_dvc(const struct tmpdir *t, const char *repo, const char *local)
{
	AUTO(mem_freep)
	char *system_dir = tmpdir_at(t, "system"), *global_dir = tmpdir_at(t, "global");
	setenv("DVC_SYSTEM_CONFIG_DIR", system_dir, 1);
	setenv("DVC_GLOBAL_CONFIG_DIR", global_dir, 1);
	if (repo)
		tmpdir_write(t, "r/.dvc/config", repo);
	if (local)
		tmpdir_write(t, "r/.dvc/config.local", local);
	return tmpdir_at(t, "r/.dvc");
}

static void levels_are_merged_key_by_key(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(config_release) struct config c = CONFIG_INIT;
	AUTO(strlist_release) struct strlist types = STRLIST_INIT;
	tmpdir_write(&t, "global/config", "[core]\n    autostage = true\n    remote = home\n");
	AUTO(mem_freep)
	char *dvc = make_dvc(&t,
		"[core]\n    remote = nas\n['remote \"nas\"']\n    url = ../store\n    jobs = 3\n[cache]\n    type = reflink, copy\n",
		"['remote \"nas\"']\n    jobs = 5\n");
	AUTO(mem_freep) char *store = tmpdir_at(&t, "r/store");
	(void)state;
	assert_int_equal(config_load(&c, dvc, true, NULL), 0);
	assert_string_equal(config_str(&c, "core", "remote"), "nas");
	assert_true(config_bool(&c, "core", "autostage", false));
	assert_true(config_bool(&c, "core", "nothing", true));
	assert_int_equal(config_int(&c, "core", "remote", 7), 7);
	assert_string_equal(value_get_str(config_remote(&c, "nas"), "url"), store);
	assert_string_equal(value_get_str(config_remote(&c, "nas"), "jobs"), "5");
	assert_null(config_remote(&c, "other"));
	config_words(&c, "cache", "type", &types);
	AUTO(mem_freep) char *words = strlist_join(&types, "|");
	assert_string_equal(words, "reflink|copy");
}

static void wrong_files(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"[core]\n    nonsense = 1\n", "nonsense"},
		{"[nowhere]\n    x = 1\n", "nowhere"},
		{"['remote \"x\"']\n    jobs = 3\n", "url"},
		{"[core]\n    autostage = maybe\n", "autostage"},
		{"[core\n", "line 1"},
		{"core\n", "line 1"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
		AUTO(config_release) struct config c = CONFIG_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		AUTO(mem_freep) char *dvc = make_dvc(&t, cases[i].text, NULL);
		assert_int_equal(config_load(&c, dvc, true, &err), ERR_CONFIG);
		if (!strstr(err.msg, cases[i].message))
			fail_msg("'%s': %s", cases[i].text, err.msg);
	}
}

/* Saving, reading and saving again gives the same file; paths keep their form. */
static void saved_and_read_again(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(config_release) struct config c = CONFIG_INIT;
	AUTO(mem_freep) char *dvc = make_dvc(&t, "[core]\n    autostage = true\n", NULL);
	AUTO(mem_freep)
	char *file = tmpdir_at(&t, "r/.dvc/config"), *top = tmpdir_at(&t, "r"), *old = path_cwd();
	(void)state;
	assert_int_equal(chdir(top), 0);
	assert_int_equal(config_load(&c, dvc, true, NULL), 0);
	config_set(&c, CONFIG_REPO, "remote", "near", "url", "store");
	config_set(&c, CONFIG_REPO, "remote", "far", "url", "s3://bucket/x");
	config_set(&c, CONFIG_REPO, "remote", "full", "url", "/mnt/x");
	config_set(&c, CONFIG_REPO, "core", NULL, "remote", "near");
	config_set(&c, CONFIG_REPO, "core", NULL, "autostage", NULL);
	assert_int_equal(config_save(&c, CONFIG_REPO, NULL), 0);
	for (int round = 0; round < 2; round++) {
		assert_file(file,
			"[core]\n    remote = near\n['remote \"near\"']\n    url = ../store\n"
			"['remote \"far\"']\n    url = s3://bucket/x\n['remote \"full\"']\n    url = /mnt/x\n");
		assert_int_equal(config_save(&c, CONFIG_REPO, NULL), 0);
	}
	config_remove_named(&c, CONFIG_REPO, "remote", "near");
	assert_int_equal(config_save(&c, CONFIG_REPO, NULL), 0);
	assert_null(config_remote(&c, "near"));
	assert_int_equal(chdir(old), 0);
}

/* What help and completion show of them. */
static void keys_are_explained(void **state)
{
	(void)state;
	for (const struct config_key *k = config_keys; k->section; k++) {
		const char *help = k->help ? k->help : "";
		size_t n = strlen(help);

		if (k->deprecated ? k->help != NULL
				  : !n || n > 120 || help[n - 1] == '.' || strpbrk(help, "\n\t") ||
					    (!strstr(help, "default") && !strstr(help, "; needed")))
			fail_msg("%s.%s: help '%s'", k->section, k->name, help);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_are_merged_key_by_key),
		cmocka_unit_test(wrong_files),
		cmocka_unit_test(saved_and_read_again),
		cmocka_unit_test(keys_are_explained),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

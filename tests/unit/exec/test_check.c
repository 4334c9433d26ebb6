#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/str.h"
#include "exec/check.h"

static const struct check_head here = {.version = "1.0",
	.uid = 7,
	.dir = "/repo",
	.delay_s = 0.1,
	.links_allowed = true,
	.link_types = "reflink,copy"};

/* A node that is fit in every respect; names are literals. */
static struct probe_report fit(const char *node, enum probe_lock locks)
{
	return (struct probe_report){.host = (char *)node,
		.node = (char *)node,
		.version = (char *)"1.0",
		.program = (char *)"/bin/cairn",
		.uid = 7,
		.right_token = true,
		.flock = locks,
		.hold = locks,
		.claim = locks,
		.reflink = true,
		.hardlink = true,
		.symlink = true,
		.open_files = 4096,
		.file_bytes = -1,
		.processes = -1,
		.free_repo_bytes = 5000000000,
		.free_cache_bytes = 6000000000,
		.free_tmp_bytes = 7000000000,
		.has_git = true};
}

/* All lines, or only those that are not ok. */
static char *lines_of(const struct check_lines *lines, bool all)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	VEC_EACH (lines, l)
		if (all || l->grade != CHECK_OK)
			buf_addf(&out, "%s %s: %s\n", check_grade_text(l->grade), l->what,
				l->meaning);
	return buf_detach(&out);
}

static void assert_lines(const char *shows, const struct check_head *head,
	const struct probe_report *a, const struct probe_report *b, bool all, const char *expected)
{
	AUTO(check_lines_release) struct check_lines lines = {0};
	check_reports(head, a, b, &lines);
	AUTO(mem_freep) char *got = lines_of(&lines, all);
	if (strcmp(got, expected) != 0)
		fail_msg("%s:\n%s\nnot\n%s", shows, got, expected);
}

static void two_fit_nodes(void **state)
{
	struct probe_report a = fit("n1", PROBE_TAKEN), b = fit("n2", PROBE_EXCLUDED);
	(void)state;
	assert_lines("two", &here, &a, &b, true,
		"ok directory: n1 sees '/repo'\n"
		"ok program: n1 runs cairn 1.0 from '/bin/cairn'\n"
		"ok clock: that of n1 agrees with the file system's\n"
		"ok links: n1 can make reflink, hardlink, symlink from the cache\n"
		"ok space: n1 has free: 5.0 GB for the repository, 6.0 GB for the cache, 7.0 GB for temporary files\n"
		"ok limits: of files and processes are high enough on n1\n"
		"ok delay: files are seen after 0.1 s\n"
		"ok directory: n2 sees '/repo'\n"
		"ok program: n2 runs cairn 1.0 from '/bin/cairn'\n"
		"ok clock: that of n2 agrees with the file system's\n"
		"ok links: n2 can make reflink, hardlink, symlink from the cache\n"
		"ok space: n2 has free: 5.0 GB for the repository, 6.0 GB for the cache, 7.0 GB for temporary files\n"
		"ok limits: of files and processes are high enough on n2\n"
		"ok claims: n1 and n2 exclude each other by link(2)\n"
		"ok locks: n1 and n2 exclude each other by flock(2)\n"
		"ok marks: n1 and n2 exclude each other by fcntl(2)\n");
}

/* Each changes one thing of the first node, and names what is said then. */
static void what_may_be_wrong_with_a_node(void **state)
{
	struct probe_report other_dir = fit("n1", PROBE_TAKEN), old = fit("n1", PROBE_TAKEN);
	struct probe_report stranger = fit("n1", PROBE_TAKEN), behind = fit("n1", PROBE_TAKEN);
	struct probe_report ahead = fit("n1", PROBE_TAKEN), near = fit("n1", PROBE_TAKEN);
	struct probe_report no_reflink = fit("n1", PROBE_TAKEN), no_link = fit("n1", PROBE_TAKEN);
	struct probe_report full = fit("n1", PROBE_TAKEN), limited = fit("n1", PROBE_TAKEN);
	struct probe_report no_git = fit("n1", PROBE_TAKEN), unknown = fit("n1", PROBE_TAKEN);
	other_dir.right_token = false;
	old.version = (char *)"0.9";
	old.program = NULL;
	stranger.uid = 0;
	behind.clock_ms = -63000;
	ahead.clock_ms = 2100;
	near.clock_ms = -2000;
	no_reflink.reflink = false;
	no_link.reflink = no_link.hardlink = no_link.symlink = false;
	full.free_cache_bytes = 1000;
	limited.open_files = 256;
	limited.processes = 20;
	limited.file_bytes = 1500000000;
	no_git.has_git = false;
	unknown.free_cache_bytes = unknown.free_repo_bytes = unknown.free_tmp_bytes = -1;
	const struct {
		const char *shows;
		const struct probe_report *report;
		const char *expected;
	} cases[] = {
		{"another directory", &other_dir,
			"error directory: n1 has another directory at '/repo': the repository has to be on a file "
			"system that all nodes share\n"},
		{"another version", &old,
			"error program: n1 runs cairn 0.9 from 'an unknown path', here it is 1.0: set `program` to one "
			"path for all nodes\n"},
		{"another user", &stranger,
			"error user: jobs run as user 0 on n1, here it is 7: files of one cannot be replaced by the "
			"other\n"},
		{"a clock behind", &behind,
			"warning clock: that of n1 is 63.0 s behind the file system's: cairn compares no clocks, but "
			"`make` and others do\n"},
		{"a clock ahead", &ahead,
			"warning clock: that of n1 is 2.1 s ahead of the file system's: cairn compares no clocks, but "
			"`make` and others do\n"},
		{"two seconds are nothing", &near, ""},
		{"only copies of what is allowed", &no_reflink,
			"warning links: of cache.type = reflink,copy only copies work on n1, which cost time and "
			"space; what works: hardlink, symlink\n"},
		{"no links at all", &no_link,
			"warning links: of cache.type = reflink,copy only copies work on n1, which cost time and "
			"space\n"},
		{"little space", &full,
			"warning space: n1 has free: 5.0 GB for the repository, 0.0 GB for the cache, 7.0 GB for "
			"temporary files\n"},
		{"low limits", &limited,
			"warning limits: jobs on n1 may open 256 files at a time, which is little (ulimit -n)\n"
			"warning limits: jobs on n1 may have 20 processes, which is little (ulimit -u)\n"
			"warning limits: jobs on n1 may write files of at most 1.5 GB (ulimit -f)\n"},
		{"no git", &no_git,
			"warning git: there is no git on n1: stages run, experiments do not\n"},
		{"space that is not known", &unknown, ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_lines(
			cases[i].shows, &here, cases[i].report, NULL, false, cases[i].expected);
}

static void links_as_the_user_wants_them(void **state)
{
	struct probe_report r = fit("n1", PROBE_TAKEN);
	struct check_head copies = here, hardlinks = here;
	(void)state;
	r.reflink = r.symlink = false;
	copies.links_allowed = false;
	copies.link_types = "copy";
	hardlinks.link_types = "reflink,hardlink,copy";
	assert_lines("copies are wanted", &copies, &r, NULL, false, "");
	assert_lines("a hard link will do", &hardlinks, &r, NULL, false, "");
}

static void what_may_be_wrong_between_nodes(void **state)
{
	static const char claims[] =
		"error claims: n1 and n2 do not exclude each other by link(2): a job could run twice\n";
	static const char locks[] =
		"warning locks: n1 and n2 do not exclude each other by flock(2): experiments on "
		"nodes and commands here do not wait for each other\n";
	static const char marks[] =
		"warning marks: n1 and n2 do not exclude each other by fcntl(2): run `exp clean` and `gc` only "
		"while no experiment runs\n";
	struct probe_report a = fit("n1", PROBE_TAKEN), b = fit("n2", PROBE_TAKEN);
	(void)state;
	AUTO(mem_freep) char *all = mem_printf("%s%s%s", claims, locks, marks);
	assert_lines("nothing excludes", &here, &a, &b, false, all);

	b = fit("n2", PROBE_EXCLUDED);
	b.flock = PROBE_FAILED;
	assert_lines("no locks there", &here, &a, &b, false,
		"warning locks: flock(2) does not work on n2: experiments on nodes and commands here do not "
		"wait for each other\n");
	a.flock = PROBE_FAILED;
	b.flock = PROBE_TAKEN;
	assert_lines("no locks here", &here, &a, &b, false,
		"warning locks: flock(2) does not work on n1: experiments on nodes and commands here do not "
		"wait for each other\n");

	struct probe_report same = fit("n1", PROBE_EXCLUDED);
	assert_lines("the same node twice", &here, &a, &same, false,
		"warning nodes: both probes ran on n1, so that locks between nodes could not be tried\n");
}

static void news_may_be_slow(void **state)
{
	struct probe_report r = fit("n1", PROBE_TAKEN);
	struct check_head slow = here, never = here;
	(void)state;
	slow.delay_s = 31.5;
	never.delay_s = -1;
	assert_lines("slow", &slow, &r, NULL, false,
		"warning delay: files are seen after 31.5 s, so that the end of a job is noticed that late\n");
	assert_lines("never", &never, &r, NULL, false,
		"warning delay: a file that was made here was not seen there in time: the end of a job is "
		"noticed late\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_fit_nodes),
		cmocka_unit_test(what_may_be_wrong_with_a_node),
		cmocka_unit_test(links_as_the_user_wants_them),
		cmocka_unit_test(what_may_be_wrong_between_nodes),
		cmocka_unit_test(news_may_be_slow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

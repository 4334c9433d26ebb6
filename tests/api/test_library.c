/* The library through its header alone: answers, failures, misuse, the order of closing, changes
 * under an open handle, threads, and what it leaves alone in its host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cairn.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/cairn-library-XXXXXX";
static char repo_dir[PATH_MAX];

/* Run a script in the repository, with `cairn` on PATH. */
static void run(const char *script)
{
	char *line = NULL;
	int status;
	assert_true(asprintf(&line, "cd %s/repo && set -e\n%s", dir, script) > 0);
	status = system(line); /* NOLINT: a test */
	free(line);
	assert_int_equal(status, 0);
}

static int make_repository(void **state)
{
	const char *program = getenv("CAIRN_PROGRAM");
	char path[PATH_MAX * 2];
	(void)state;
	assert_non_null(program);
	assert_non_null(mkdtemp(dir));
	(void)snprintf(repo_dir, sizeof(repo_dir), "%s/repo", dir);
	(void)snprintf(path, sizeof(path), "%.*s:%s", (int)(strrchr(program, '/') - program),
		program, getenv("PATH"));
	assert_int_equal(setenv("PATH", path, 1), 0);
	assert_int_equal(setenv("HOME", dir, 1), 0);
	assert_int_equal(setenv("GIT_AUTHOR_NAME", "a", 1) | setenv("GIT_AUTHOR_EMAIL", "a@b", 1) |
				 setenv("GIT_COMMITTER_NAME", "a", 1) |
				 setenv("GIT_COMMITTER_EMAIL", "a@b", 1) |
				 setenv("DVC_SITE_CACHE_DIR", dir, 1),
		0);
	assert_int_equal(mkdir(repo_dir, 0755), 0);
	run("git init -q -b main . && cairn init -q && mkdir data\n"
	    "printf one > data/a && printf two > data/b && printf '0123456789' > file && echo text > note\n"
	    "cairn add -q data file && printf 'lr: 1\\n' > params.yaml && printf '{\"acc\": 1}' > m.json\n"
	    "printf 'metrics: [m.json]\\nstages:\\n  s:\\n    cmd: echo 1 > o\\n    params: [lr]\\n    outs: [o]\\n' > dvc.yaml\n"
	    "cairn repro -q && git add -A && git commit -qm one && git tag v1\n"
	    "printf '{\"acc\": 2}' > m.json && git commit -qam two\n");
	return 0;
}

static int remove_repository(void **state)
{
	char line[PATH_MAX + 16];
	(void)state;
	(void)snprintf(line, sizeof(line), "rm -rf %s", dir);
	return system(line); /* NOLINT: a test */
}

static cairn_repo *open_repo(const char *options)
{
	cairn_error error = CAIRN_ERROR_INIT;
	cairn_repo *repo = NULL;
	int r = cairn_repo_open(repo_dir, options, &repo, &error);
	if (r < 0)
		fail_msg("%s: %s", error.kind, error.message);
	assert_non_null(repo);
	return repo;
}

/* The answer, which must have `part` in it. */
static void expect(cairn_repo *repo, const char *question, const char *arguments, const char *part)
{
	cairn_error error = CAIRN_ERROR_INIT;
	char *json = NULL;
	if (cairn_query(repo, question, arguments, &json, &error) < 0)
		fail_msg("%s: %s: %s", question, error.kind, error.message);
	assert_int_equal(error.code, 0);
	if (!strstr(json, part))
		fail_msg("%s: '%s' is not in %s", question, part, json);
	cairn_free(json);
}

/* The failure, with this code, kind, and part of the message. */
static void expect_failure(cairn_repo *repo, const char *question, const char *arguments, int code,
	const char *kind, const char *part)
{
	cairn_error error = CAIRN_ERROR_INIT;
	char *json = (char *)"untouched";
	assert_int_equal(cairn_query(repo, question, arguments, &json, &error), code);
	assert_null(json);
	assert_int_equal(error.code, code);
	assert_string_equal(error.kind, kind);
	if (!strstr(error.message, part))
		fail_msg("'%s' is not in '%s'", part, error.message);
	cairn_error_clear(&error);
	assert_null(error.message);
	assert_string_equal(error.kind, "");
}

static void every_question_is_answered(void **state)
{
	cairn_repo *repo = open_repo(NULL);
	(void)state;
	expect(repo, "metrics", NULL, "{\"\": {\"data\": {\"m.json\": {\"data\": {\"acc\": 2}}}}}");
	expect(repo, "metrics", "{\"revs\": [\"v1\"]}",
		"{\"v1\": {\"data\": {\"m.json\": {\"data\": {\"acc\": 1}}}}}");
	expect(repo, "params", "{\"stages\": \"s\"}", "\"lr\": 1");
	expect(repo, "exp", NULL, "\"workspace\"");
	expect(repo, "revs", "{\"branches\": true}", "{\"branches\": [\"main\"]}");
	expect(repo, "stages", NULL, "\"cmd\": \"echo 1 > o\"");
	expect(repo, "status", NULL, "{}");
	expect(repo, "list", "{\"path\": \"data\"}", "\"path\": \"a\"");
	expect(repo, "resolve", "{\"paths\": [\"file\", \"note\"]}", "\"source\": \"workspace\"");
	expect(repo, "version", "{}", "\"dvc\"");
	expect_failure(
		repo, "artifact", "{\"name\": \"x\"}", CAIRN_MISSING, "artifact-not-found", "'x'");
	expect_failure(
		repo, "dataset", "{\"name\": \"x\"}", CAIRN_MISSING, "dataset-not-found", "'x'");
	cairn_repo_close(repo);
}

static void a_revision_is_an_option(void **state)
{
	cairn_repo *repo = open_repo("{\"rev\": \"v1\"}");
	(void)state;
	expect(repo, "metrics", NULL,
		"{\"v1\": {\"data\": {\"m.json\": {\"data\": {\"acc\": 1}}}}}");
	expect(repo, "resolve", "{\"paths\": [\"note\"]}", "\"source\": \"git\"");
	expect(repo, "stages", NULL, "\"name\": \"s\"");
	expect_failure(repo, "status", NULL, CAIRN_FAILED, "unsupported", "work tree");
	cairn_repo_close(repo);
}

static void misuse_is_reported(void **state)
{
	static const struct {
		const char *question, *arguments, *part;
	} rows[] = {
		{"", NULL, "no question ''"},
		{"metrics ", NULL, "no question"},
		{"metrics", "", "no JSON"},
		{"metrics", "{", "no JSON"},
		{"metrics", "[]", "must be an object"},
		{"metrics", "null", "must be an object"},
		{"metrics", "{\"revs\": 1}", "a string or a list of strings"},
		{"metrics", "{\"revs\": [[]]}", "a string or a list of strings"},
		{"metrics", "{\"revs\": \"a\\u0000b\"}", "a string or a list of strings"},
		{"metrics", "{\"fail\": 1}", "true or false"},
		{"metrics", "{\"deps\": true}", "no argument 'deps'"},
		{"metrics", "{\"e\": true}", "no argument 'e'"},
		{"metrics", "{\"\": true}", "no argument ''"},
		{"exp", "{\"num\": 1e3}", "an integer"},
		{"exp", "{\"num\": 99999999999999999999}", "an integer"},
		{"artifact", NULL, "'name' is required"},
		{"version", "{\"x\": null}", "no argument 'x'"},
	};
	cairn_repo *repo = open_repo(NULL);
	char *deep = malloc(2000001);
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		expect_failure(repo, rows[i].question, rows[i].arguments, CAIRN_MISUSED, "usage",
			rows[i].part);

	memset(deep, '[', 2000000);
	deep[2000000] = '\0';
	expect_failure(repo, "metrics", deep, CAIRN_MISUSED, "usage", "no JSON");
	free(deep);
	cairn_repo_close(repo);
}

static void null_is_never_followed(void **state)
{
	cairn_repo *repo = open_repo(NULL), *none;
	cairn_file *file;
	cairn_error error = CAIRN_ERROR_INIT;
	char *json, byte;
	(void)state;
	assert_int_equal(cairn_repo_open(NULL, NULL, &none, &error), CAIRN_MISUSED);
	assert_int_equal(cairn_repo_open(repo_dir, NULL, NULL, &error), CAIRN_MISUSED);
	assert_int_equal(cairn_repo_open(NULL, NULL, NULL, NULL), CAIRN_MISUSED);
	assert_int_equal(cairn_query(NULL, "metrics", NULL, &json, &error), CAIRN_MISUSED);
	assert_int_equal(cairn_query(repo, NULL, NULL, &json, &error), CAIRN_MISUSED);
	assert_int_equal(cairn_query(repo, "metrics", NULL, NULL, &error), CAIRN_MISUSED);
	assert_int_equal(cairn_query(repo, "nope", NULL, &json, NULL), CAIRN_MISUSED);
	assert_int_equal(cairn_file_open(NULL, "file", NULL, &file, &error), CAIRN_MISUSED);
	assert_int_equal(cairn_file_open(repo, NULL, NULL, &file, &error), CAIRN_MISUSED);
	assert_int_equal(cairn_file_open(repo, "file", NULL, NULL, &error), CAIRN_MISUSED);
	assert_int_equal(cairn_file_read(NULL, &byte, 1, 0, &error), CAIRN_MISUSED);
	assert_int_equal(cairn_file_size(NULL), CAIRN_MISUSED);
	assert_int_equal(cairn_file_fd(NULL), -1);
	cairn_file_close(NULL);
	cairn_repo_close(NULL);
	cairn_repo_cancel(NULL);
	cairn_free(NULL);
	cairn_error_clear(NULL);
	cairn_error_clear(&error);
	cairn_repo_close(repo);
}

static void options_are_checked(void **state)
{
	static const char *const rows[][2] = {
		{"{\"rev\": 1}", "'rev' must be a string"},
		{"{\"re\": \"x\"}", "no option 're'"},
		{"{\"config\": []}", "a path or an object"},
		{"{\"remote_config\": \"x\"}", "an object"},
		{"{\"remote\": \"a\\u0000\"}", "zero bytes"},
		{"x", "no JSON"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cairn_error error = CAIRN_ERROR_INIT;
		cairn_repo *repo = (cairn_repo *)&error;
		assert_int_equal(
			cairn_repo_open(repo_dir, rows[i][0], &repo, &error), CAIRN_MISUSED);
		assert_null(repo);
		if (!strstr(error.message, rows[i][1]))
			fail_msg("'%s' is not in '%s'", rows[i][1], error.message);
		cairn_error_clear(&error);
	}
}

static void what_cannot_be_opened(void **state)
{
	static const char *const rows[][3] = {
		{"/nowhere", NULL, "clone-failed"},
		{"", NULL, NULL},
		{"https://127.0.0.1:1/x.git", NULL, "clone-failed"},
		{"ext::sh -c true", NULL, "clone-failed"},
		{NULL, "{\"rev\": \"nope\"}", "unknown-revision"},
		{NULL, "{\"config\": \"/nowhere\"}", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cairn_error error = CAIRN_ERROR_INIT;
		cairn_repo *repo;
		int r = cairn_repo_open(
			rows[i][0] ? rows[i][0] : repo_dir, rows[i][1], &repo, &error);
		if (rows[i][2]) {
			assert_true(r < 0);
			assert_string_equal(error.kind, rows[i][2]);
		}
		cairn_error_clear(&error);
		if (r >= 0)
			cairn_repo_close(repo);
	}
}

/* ---- files */

static cairn_file *open_file(cairn_repo *repo, const char *path, const char *rev)
{
	cairn_error error = CAIRN_ERROR_INIT;
	cairn_file *file = NULL;
	if (cairn_file_open(repo, path, rev, &file, &error) < 0)
		fail_msg("%s: %s", error.kind, error.message);
	return file;
}

static void files_outlive_their_repository(void **state)
{
	cairn_repo *repo = open_repo(NULL);
	cairn_file *of_tree = open_file(repo, "file", NULL),
		   *of_git = open_file(repo, "note", "v1");
	cairn_file *of_cache = open_file(repo, "data/b", "v1");
	cairn_error error = CAIRN_ERROR_INIT;
	char text[16] = {0};
	(void)state;
	cairn_repo_close(repo);
	assert_int_equal(cairn_file_size(of_tree), 10);
	assert_int_equal(cairn_file_read(of_tree, text, 4, 3, &error), 4);
	assert_memory_equal(text, "3456", 4);
	assert_int_equal(cairn_file_read(of_tree, text, sizeof(text), 8, &error), 2);
	assert_int_equal(cairn_file_read(of_tree, text, 4, 10, &error), 0);
	assert_int_equal(cairn_file_read(of_tree, text, 4, INT64_MAX, &error), 0);
	assert_int_equal(cairn_file_read(of_tree, text, 4, -1, &error), CAIRN_MISUSED);
	assert_int_equal(cairn_file_read(of_tree, NULL, 0, 0, &error), 0);
	assert_int_equal(cairn_file_read(of_git, text, sizeof(text), 0, &error), 5);
	assert_memory_equal(text, "text\n", 5);
	assert_int_equal(cairn_file_read(of_git, text, sizeof(text), 1000000, &error), 0);
	assert_int_equal(cairn_file_fd(of_git), -1);
	assert_true(cairn_file_fd(of_cache) >= 0);
	assert_int_equal(pread(cairn_file_fd(of_cache), text, 3, 0), 3);
	assert_memory_equal(text, "two", 3);
	cairn_file_close(of_git);
	cairn_file_close(of_tree);
	cairn_file_close(of_cache);
	cairn_error_clear(&error);
}

static void what_is_no_file(void **state)
{
	static const char *const rows[][3] = {
		{"nope", NULL, "path-missing"},
		{"data", NULL, "is-a-directory"},
		{"", NULL, "is-a-directory"},
		{"../../../etc/passwd", NULL, "path-missing"},
		{"file", "nope", "unknown-revision"},
		{"\xff\xfe", NULL, "path-missing"},
	};
	cairn_repo *repo = open_repo(NULL);
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cairn_error error = CAIRN_ERROR_INIT;
		cairn_file *file;
		assert_true(cairn_file_open(repo, rows[i][0], rows[i][1], &file, &error) < 0);
		assert_null(file);
		assert_string_equal(error.kind, rows[i][2]);
		cairn_error_clear(&error);
	}
	cairn_repo_close(repo);
}

static void names_that_are_no_utf8(void **state)
{
	cairn_repo *repo;
	cairn_file *file;
	(void)state;
	run("printf x > \"$(printf 'odd\\377')\"");
	repo = open_repo(NULL);
	file = open_file(repo, "odd\xff", NULL);
	assert_int_equal(cairn_file_size(file), 1);
	cairn_file_close(file);
	expect(repo, "resolve", "{\"paths\": [\"odd\xff\"]}", "\"size\": 1");
	expect(repo, "list", NULL, "odd");
	cairn_repo_close(repo);
	run("rm odd*");
}

/* ---- changes */

static void each_call_shows_what_is_there(void **state)
{
	cairn_repo *repo = open_repo(NULL), *branch;
	(void)state;
	expect(repo, "metrics", NULL, "\"acc\": 2");
	run("printf '{\"acc\": 3}' > m.json");
	expect(repo, "metrics", NULL, "\"acc\": 3");
	run("git branch -f moving v1");
	branch = open_repo("{\"rev\": \"moving\", \"remote\": null}");
	expect(branch, "metrics", NULL, "\"acc\": 1");
	run("git branch -f moving main");
	expect(branch, "metrics", NULL, "\"acc\": 2");
	run("git branch -D -q moving");
	expect_failure(branch, "metrics", NULL, CAIRN_MISSING, "unknown-revision", "moving");
	run("mv dvc.yaml old.yaml && echo 'stages: [' > dvc.yaml");
	expect_failure(repo, "metrics", "{\"fail\": true}", CAIRN_FAILED, "parse", "corrupted");
	run("mv old.yaml dvc.yaml && git checkout -q m.json && mv ../repo ../elsewhere");
	expect_failure(repo, "metrics", NULL, CAIRN_FAILED, "clone-failed", "no repository");
	expect_failure(branch, "stages", NULL, CAIRN_FAILED, "clone-failed", "no repository");
	cairn_repo_close(branch);
	cairn_repo_close(repo);
}

/* ---- threads */

enum { THREADS = 8, ROUNDS = 25 };

static void *ask_often(void *arg)
{
	const char *options = arg;
	for (int i = 0; i < ROUNDS; i++) {
		cairn_error error = CAIRN_ERROR_INIT;
		cairn_repo *repo;
		cairn_file *file;
		char *json, text[8];
		if (cairn_repo_open(repo_dir, options, &repo, &error) < 0)
			return error.message;
		for (int k = 0; k < 4; k++) {
			static const char *const questions[] = {"metrics", "exp", "list", "revs"};
			if (cairn_query(repo, questions[k], NULL, &json, &error) < 0)
				return error.message;
			cairn_free(json);
		}
		if (cairn_query(repo, "params", "{\"revs\": [\"nope\"]}", &json, &error) !=
			CAIRN_MISSING)
			return (void *)"an unknown revision was found";
		if (cairn_file_open(repo, "data/a", "v1", &file, &error) < 0)
			return error.message;
		if (cairn_file_read(file, text, 3, 0, &error) != 3 || memcmp(text, "one", 3) != 0)
			return (void *)"wrong content";
		cairn_file_close(file);
		cairn_repo_close(repo);
		cairn_error_clear(&error);
	}
	return NULL;
}

static void handles_in_many_threads(void **state)
{
	pthread_t threads[THREADS];
	void *failure = NULL, *one;
	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_often,
					 (void *)(i % 2 ? "{\"rev\": \"v1\"}" : "{}")),
			0);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &one), 0);
		failure = failure ? failure : one;
	}
	if (failure)
		fail_msg("%s", (const char *)failure);
}

static void *cancel_often(void *arg)
{
	for (int i = 0; i < 1000; i++)
		cairn_repo_cancel(arg);
	return NULL;
}

static void cancelling_from_another_thread(void **state)
{
	cairn_repo *repo = open_repo(NULL);
	pthread_t thread;
	(void)state;
	cairn_repo_cancel(repo); /* no call runs: it is forgotten */
	expect(repo, "metrics", NULL, "\"acc\"");
	assert_int_equal(pthread_create(&thread, NULL, cancel_often, repo), 0);
	for (int i = 0; i < 20; i++) {
		char *json;
		int r = cairn_query(repo, "status", NULL, &json, NULL);
		assert_true(r == 0 || r == CAIRN_CANCELLED);
		cairn_free(json);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
	cairn_repo_close(repo);
}

/* ---- the host */

static void the_host_is_left_alone(void **state)
{
	struct sigaction before[NSIG], after;
	sigset_t mask, mask_after;
	char cwd[PATH_MAX], cwd_after[PATH_MAX];
	mode_t old = umask(027);
	(void)state;
	for (int i = 1; i < NSIG; i++)
		(void)sigaction(i, NULL, &before[i]);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
	assert_non_null(getcwd(cwd, sizeof(cwd)));

	cairn_repo *repo = open_repo(NULL);
	expect(repo, "exp", NULL, "workspace");
	expect(repo, "status", NULL, "{");
	cairn_file_close(open_file(repo, "data/a", "v1"));
	assert_int_equal(cairn_repo_open("file:///nowhere", NULL, &(cairn_repo *){NULL}, NULL),
		CAIRN_FAILED);
	cairn_repo_close(repo);

	for (int i = 1; i < NSIG; i++) {
		if (sigaction(i, NULL, &after) == 0)
			assert_ptr_equal(after.sa_handler, before[i].sa_handler);
	}
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mask_after), 0);
	for (int i = 1; i < NSIG; i++)
		assert_int_equal(sigismember(&mask, i), sigismember(&mask_after, i));
	assert_non_null(getcwd(cwd_after, sizeof(cwd_after)));
	assert_string_equal(cwd, cwd_after);
	assert_int_equal(umask(old), 027);
}

/* An ssh that ends at once, while the driver writes to it, in a host that leaves SIGPIPE alone. */
static void a_closed_pipe_does_not_end_the_host(void **state)
{
	cairn_error error = CAIRN_ERROR_INIT;
	cairn_file *file;
	char path[PATH_MAX * 2], *old = strdup(getenv("PATH"));
	sigset_t pending;
	(void)state;
	run("mkdir ../bin && printf '#!/bin/sh\\nexec <&-\\nexit 1\\n' > ../bin/ssh && chmod +x ../bin/ssh\n"
	    "git clone -q . ../lost && cd ../lost && cairn remote add -q -d r ssh://127.0.0.1/nowhere");
	(void)snprintf(path, sizeof(path), "%s/bin:%s", dir, old);
	assert_int_equal(setenv("PATH", path, 1), 0);
	(void)snprintf(path, sizeof(path), "%s/lost", dir);
	(void)signal(SIGPIPE, SIG_DFL);

	cairn_repo *repo;
	assert_int_equal(cairn_repo_open(path, NULL, &repo, &error), 0);
	assert_true(cairn_file_open(repo, "file", NULL, &file, &error) < 0);
	assert_true(error.message && *error.message);
	cairn_repo_close(repo);
	cairn_error_clear(&error);
	assert_int_equal(sigpending(&pending), 0);
	assert_false(sigismember(&pending, SIGPIPE));
	assert_int_equal(setenv("PATH", old, 1), 0);
	free(old);
}

static void an_older_or_empty_error_is_not_written(void **state)
{
	struct {
		cairn_error error;
		char after;
	} place;
	char *json;
	(void)state;
	memset(&place, 'x', sizeof(place));
	place.error.size = sizeof(size_t);
	cairn_repo *repo = open_repo(NULL);
	assert_int_equal(cairn_query(repo, "nope", NULL, &json, &place.error), CAIRN_MISUSED);
	assert_int_equal(place.error.kind[0], 'x');
	cairn_repo_close(repo);
	assert_int_equal(cairn_abi(), CAIRN_ABI);
	assert_true(strlen(cairn_version()) >= 5);
}

#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
static void on_no_memory(size_t size)
{
	(void)size;
	_exit(42);
}

/* In a child whose memory is limited, a question that is longer than what is left. */
static void a_lack_of_memory_reaches_the_host(void **state)
{
	enum { LONG = 15 << 20 };
	int status;
	(void)state;
	for (int with = 0; with < 2; with++) {
		pid_t pid = fork();
		if (pid == 0) {
			struct rlimit few = {64 << 20, 64 << 20}, none = {0, 0};
			cairn_repo *repo = open_repo(NULL);
			char *json, *big = malloc(LONG);
			memset(big, 'x', LONG);
			memcpy(big, "{\"targets\": [\"", 14);
			memcpy(big + LONG - 4, "\"]}", 4);
			(void)setrlimit(RLIMIT_CORE, &none);
			(void)setrlimit(RLIMIT_AS, &few);
			if (with)
				cairn_on_out_of_memory(on_no_memory);
			_exit(cairn_query(repo, "metrics", big, &json, NULL) ? 2 : 1);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (with)
			assert_int_equal(status, 42 << 8);
		else
			assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
		cmocka_unit_test(a_lack_of_memory_reaches_the_host),
#endif
		cmocka_unit_test(every_question_is_answered),
		cmocka_unit_test(a_revision_is_an_option),
		cmocka_unit_test(misuse_is_reported),
		cmocka_unit_test(null_is_never_followed),
		cmocka_unit_test(options_are_checked),
		cmocka_unit_test(what_cannot_be_opened),
		cmocka_unit_test(files_outlive_their_repository),
		cmocka_unit_test(what_is_no_file),
		cmocka_unit_test(names_that_are_no_utf8),
		cmocka_unit_test(the_host_is_left_alone),
		cmocka_unit_test(a_closed_pipe_does_not_end_the_host),
		cmocka_unit_test(an_older_or_empty_error_is_not_written),
		cmocka_unit_test(handles_in_many_threads),
		cmocka_unit_test(cancelling_from_another_thread),
		cmocka_unit_test(each_call_shows_what_is_there), /* takes the repository away */
	};
	return cmocka_run_group_tests(tests, make_repository, remove_repository);
}

#include "scm/worktree.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"

/*
 * Taken out: the variables that would make git look at another repository than that of `root` (set inside its hooks).
 * The last place is for an index of our own.
 */
static char *const git_env[] = {(char *)"GIT_DIR", (char *)"GIT_INDEX_FILE", (char *)"GIT_WORK_TREE",
	(char *)"GIT_PREFIX", (char *)"GIT_OPTIONAL_LOCKS=0", NULL};

/* Exit statuses up to `ok_status` are fine; gives the status. `index` is another index than the user's, or NULL. */
static int run_git_with(const char *root, const char *index, struct strlist *args, const struct buf *input,
	struct buf *out, int ok_status, struct err *err)
{
	AUTO(mem_freep) char *index_env = index ? mem_printf("GIT_INDEX_FILE=%s", index) : NULL;
	char *env[ARRAY_SIZE(git_env) + 1];
	AUTO(strlist_release) struct strlist argv = STRLIST_INIT;
	AUTO(buf_release) struct buf said = BUF_INIT;
	AUTO(buf_release) struct buf ignored = BUF_INIT;
	struct proc_opts opts = {
		.env_extra = env,
		.input = input ? buf_str(input) : NULL,
		.input_len = input ? input->len : 0,
		.out = out ? out : &ignored,
		.err_out = &said,
	};
	int status;

	memcpy(env, git_env, sizeof(git_env));
	env[ARRAY_SIZE(git_env) - 1] = index_env;
	env[ARRAY_SIZE(git_env)] = NULL;
	strlist_add(&argv, "git");
	strlist_add(&argv, "-C");
	strlist_add(&argv, root);
	for (size_t i = 0; i < args->count; i++)
		strlist_add(&argv, args->items[i]);
	status = proc_run(strlist_argv(&argv), &opts, err);
	if (status < 0)
		return err_wrap(err, status, "unable to run git");
	if (status <= ok_status)
		return status;
	buf_rtrim(&said);
	return err_set(err, ERR_FAIL, "git %s failed: %s", args->count ? args->items[0] : "",
		said.len ? said.ptr : "unknown reason");
}

static int run_git(const char *root, struct strlist *args, const struct buf *input, struct buf *out, int ok_status,
	struct err *err)
{
	return run_git_with(root, NULL, args, input, out, ok_status, err);
}

int worktree_git(const char *root, struct strlist *args, const struct buf *input, struct buf *out, struct err *err)
{
	return run_git(root, args, input, out, 0, err);
}

int worktree_gitl(const char *root, struct buf *out, struct err *err, const char *word, ...)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	va_list ap;

	va_start(ap, word);
	for (; word; word = va_arg(ap, const char *))
		strlist_add(&args, word);
	va_end(ap);
	return run_git(root, &args, NULL, out, 0, err);
}

/* Paths as git reads them with -z. */
static void add_paths(struct buf *b, const struct strlist *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		buf_add(b, paths->items[i], strlen(paths->items[i]) + 1);
}

static void split_nul(const struct buf *b, struct strlist *out)
{
	for (size_t at = 0; at < b->len; at += strlen(b->ptr + at) + 1)
		strlist_add(out, b->ptr + at);
}

/* `path` without slashes at its end. */
static size_t bare_len(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return len;
}

int worktree_tracked(const char *root, const struct strlist *paths, struct strlist *out, struct err *err)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	AUTO(strlist_release) struct strlist listed = STRLIST_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r;

	if (paths->count == 0)
		return 0;
	strlist_split(&args, "--literal-pathspecs ls-files -z --", ' ');
	for (size_t i = 0; i < paths->count; i++)
		strlist_add(&args, paths->items[i]);
	r = run_git(root, &args, NULL, &text, 0, err);
	if (r < 0)
		return r;
	split_nul(&text, &listed);
	for (size_t i = 0; i < paths->count; i++) {
		size_t len = bare_len(paths->items[i]);

		for (size_t j = 0; j < listed.count; j++) {
			const char *have = listed.items[j];

			if (strncmp(have, paths->items[i], len) != 0 || (have[len] != '\0' && have[len] != '/'))
				continue;
			strlist_add(out, paths->items[i]);
			break;
		}
	}
	return 0;
}

int worktree_ignored(const char *root, const struct strlist *paths, struct strlist *out, struct err *err)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	AUTO(buf_release) struct buf input = BUF_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r;

	if (paths->count == 0)
		return 0;
	strlist_split(&args, "check-ignore -z --stdin", ' ');
	add_paths(&input, paths);
	r = run_git(root, &args, &input, &text, 1, err); /* 1: none of them is ignored */
	if (r < 0)
		return r;
	split_nul(&text, out);
	return 0;
}

int worktree_add(const char *root, const struct strlist *paths, unsigned flags, struct err *err)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	AUTO(buf_release) struct buf input = BUF_INIT;

	if (paths->count == 0)
		return 0;
	strlist_split(&args, "--literal-pathspecs add --pathspec-from-file=- --pathspec-file-nul", ' ');
	if (flags & WORKTREE_ADD_FORCE)
		strlist_add(&args, "--force");
	if (flags & WORKTREE_ADD_UPDATE)
		strlist_add(&args, "--update");
	add_paths(&input, paths);
	return run_git(root, &args, &input, NULL, 0, err);
}

/*
 * Copy the index with its times: an entry as young as the index is one that git compares by content, and with a younger
 * copy it would trust the entry's times.
 */
static int copy_index(const char *from, const char *to, struct err *err)
{
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	struct stat st;
	int r;

	if (stat(from, &st) < 0)
		return 0; /* nothing was ever added */
	r = file_read(from, &bytes, err);
	if (r == 0)
		r = file_write(to, buf_str(&bytes), bytes.len, 0, err);
	if (r == 0 && utimensat(AT_FDCWD, to, (struct timespec[]){st.st_atim, st.st_mtim}, 0) < 0)
		r = err_errno(err, "unable to set the time of '%s'", to);
	return r;
}

static int write_tree_with(struct scm *scm, const char *index, const struct strlist *add, struct scm_id *out,
	struct err *err)
{
	AUTO(strlist_release) struct strlist update = STRLIST_INIT;
	AUTO(strlist_release) struct strlist more = STRLIST_INIT;
	AUTO(strlist_release) struct strlist write = STRLIST_INIT;
	AUTO(buf_release) struct buf paths = BUF_INIT;
	AUTO(buf_release) struct buf id = BUF_INIT;
	int r;

	strlist_split(&update, "add --update .", ' ');
	r = run_git_with(scm_root(scm), index, &update, NULL, NULL, 0, err);
	for (size_t i = 0; i < add->count && r >= 0; i++) {
		AUTO(mem_freep) char *full = path_join(scm_root(scm), add->items[i]);

		if (file_exists(full))
			buf_add(&paths, add->items[i], strlen(add->items[i]) + 1);
	}
	if (r >= 0 && paths.len) {
		strlist_split(&more, "--literal-pathspecs add --pathspec-from-file=- --pathspec-file-nul", ' ');
		r = run_git_with(scm_root(scm), index, &more, &paths, NULL, 1, err); /* 1: some are ignored */
	}
	if (r >= 0) {
		strlist_add(&write, "write-tree");
		r = run_git_with(scm_root(scm), index, &write, NULL, &id, 0, err);
	}
	if (r < 0)
		return r;
	buf_rtrim(&id);
	if (!scm_is_full_id(buf_str(&id)))
		return err_set(err, ERR_FAIL, "git write-tree gave no id: %s", buf_str(&id));
	memcpy(out->hex, id.ptr, sizeof(out->hex));
	return 0;
}

int worktree_write_tree(struct scm *scm, const struct strlist *add, struct scm_id *out, struct err *err)
{
	AUTO(mem_freep) char *index = mem_printf("%s/index", scm_git_dir(scm));
	AUTO(mem_freep) char *ours = mem_printf("%s/cairn-index.%ld", scm_git_dir(scm), (long)getpid());
	int r = copy_index(index, ours, err);

	if (r == 0)
		r = write_tree_with(scm, ours, add, out, err);
	(void)unlink(ours); /* ours alone, by its name */
	return r;
}

static int by_path(const void *a, const void *b)
{
	const struct worktree_change *x = a, *y = b;

	return strcmp(x->path, y->path);
}

int worktree_status(const char *root, unsigned flags, struct worktree_changes *out, struct err *err)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r;

	strlist_split(&args, "status --porcelain=v1 -z --no-renames --ignore-submodules=all", ' ');
	strlist_add(&args, flags & WORKTREE_UNTRACKED ? "--untracked-files=all" : "--untracked-files=no");
	r = run_git(root, &args, NULL, &text, 0, err);
	if (r < 0)
		return r;
	for (size_t at = 0; at + 3 < text.len; at += strlen(text.ptr + at) + 1) {
		struct worktree_change *c = vec_push(out);

		c->index = text.ptr[at];
		c->tree = text.ptr[at + 1];
		c->path = mem_strdup(text.ptr + at + 3);
	}
	vec_sort(out, by_path);
	return 0;
}

void worktree_changes_release(struct worktree_changes *changes)
{
	VEC_EACH(changes, c)
		free(c->path);
	vec_release(changes);
}

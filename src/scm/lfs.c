#include "scm/lfs.h"

#include <fnmatch.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/sha256.h"
#include "base/str.h"
#include "scm/git.h"

enum { LFS_HEX = 64, LARGEST_POINTER = 1024 /* the limit of git-lfs */ };

/* The content that a pointer describes. */
struct pointer {
	char name[LFS_HEX + 1]; /* SHA-256 */
	int64_t size_bytes;
	/* an extension of git-lfs transforms the content, so it does not have this SHA-256 in the
	 * work tree */
	bool extended;
};

/* False when `bytes` is not a pointer. */
static bool parse_pointer(const struct buf *bytes, struct pointer *out)
{
	/* the second one is from before git-lfs got its name */
	static const char *const heads[] = {"version https://git-lfs.github.com/spec/v1\n",
		"version https://hawser.github.com/spec/v1\n"};
	static const char key[] = "\noid sha256:";
	bool known = false;

	/* (the buffer is NUL-terminated, so string functions are safe) */
	if (bytes->len == 0 || bytes->len > LARGEST_POINTER || memchr(bytes->ptr, '\0', bytes->len))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		known = known || str_starts(bytes->ptr, heads[i]);

	const char *at = known ? strstr(bytes->ptr, key) : NULL;
	const char *name = at ? at + strlen(key) : "";
	const char *size = known ? strstr(bytes->ptr, "\nsize ") : NULL;
	if (strspn(name, "0123456789abcdef") != LFS_HEX || !size)
		return false;

	*out = (struct pointer){.extended = strstr(bytes->ptr, "\next-") != NULL};
	memcpy(out->name, name, LFS_HEX);
	AUTO(mem_freep) char *digits = mem_strndup(size + 6, strcspn(size + 6, "\r\n"));
	return str_to_i64(digits, &out->size_bytes);
}

/* ---- attributes */

/* Does a pattern of .gitattributes match `path`, which is relative to the directory of
 * that file? */
static bool pattern_matches(const char *pattern, const char *path)
{
	/* without a slash the pattern is for names in any directory */
	if (!strchr(pattern, '/'))
		return fnmatch(pattern, path_basename(path), 0) == 0;
	if (*pattern == '/')
		pattern++;
	if (str_starts(pattern, "**/") && pattern_matches(pattern + 3, path))
		return true;
	/* "**" crosses directories; fnmatch() without FNM_PATHNAME lets every star do that */
	return fnmatch(pattern, path, strstr(pattern, "**") ? 0 : FNM_PATHNAME) == 0;
}

/* What one line says about the filter of `path`: 1: LFS, 0: another or none, -1: nothing. */
static int filter_of_line(const char *line, const char *path)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	AUTO(mem_freep) char *clean = str_strip(line);
	int said = -1;

	for (char *c = clean; *c; c++)
		*c = *c == '\t' ? ' ' : *c;

	strlist_split(&words, clean, ' ');
	if (!words.count || *words.items[0] == '#' || !pattern_matches(words.items[0], path))
		return -1;

	for (size_t i = 1; i < words.count; i++) {
		const char *word = words.items[i];
		if (str_starts(word, "filter=") || str_eq(word, "-filter") ||
			str_eq(word, "!filter"))
			said = str_eq(word, "filter=lfs");
	}
	return said;
}

/* The same for the .gitattributes in one directory; -1 also when there is none. */
static int filter_in(
	struct scm *scm, const struct scm_id *commit, const char *dir, const char *path)
{
	AUTO(mem_freep) char *file = path_join(dir, ".gitattributes");
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	int said = -1;

	if (scm_read_file(scm, commit, file, &text, NULL) < 0)
		return -1;

	strlist_split(&lines, buf_str(&text), '\n');
	for (size_t i = 0; i < lines.count; i++) {
		int line = filter_of_line(lines.items[i], path + (*dir ? strlen(dir) + 1 : 0));
		said = line >= 0 ? line : said; /* the last line that matches decides */
	}
	return said;
}

/* The nearest .gitattributes that says anything about the path decides. */
static bool is_for_lfs(struct scm *scm, const struct scm_id *commit, const char *path)
{
	AUTO(mem_freep) char *dir = mem_strdup(path);
	for (;;) {
		char *slash = strrchr(dir, '/');
		/* (one directory up; "" is the top) */
		*(slash ? slash : dir) = '\0';
		int said = filter_in(scm, commit, dir, path);
		if (said >= 0 || !*dir)
			return said > 0;
	}
}

/* ---- content */

static int missing(const char *path, struct scm *scm, struct err *err)
{
	int r = err_set(err, ERR_NO_DATA,
		"'%s' is a file of Git LFS, and its content could not be had", path);
	err_hint(err,
		git_may_work_in(scm_root(scm))
			? "Is git-lfs installed? Try `git lfs fetch` in '%s'."
			: "Git is not run in '%s', a bare repository.",
		scm_root(scm));
	return r;
}

/* Check size and SHA-256. Other programs write to the store, and git-lfs fetches from a server of
 * the repository's choice. */
static int check_content(const char *path, struct scm *scm, const struct pointer *p,
	const struct buf *content, struct err *err)
{
	char name[SHA256_HEX + 1];
	sha256_hex(buf_str(content), content->len, name);
	if ((uint64_t)p->size_bytes == content->len && str_eq(name, p->name))
		return 0;
	int r = err_set(err, ERR_NO_DATA,
		"'%s' is a file of Git LFS, and its content is damaged: %s is not what the pointer says",
		path, (uint64_t)p->size_bytes == content->len ? "its SHA-256" : "its size");
	err_hint(err, "Try `git lfs fsck` and `git lfs fetch` in '%s'.", scm_root(scm));
	return r;
}

/* Let the user's git-lfs fetch the content. Returns its exit status. */
static int run_smudge(struct scm *scm, const char *path, const struct buf *pointer, struct buf *out)
{
	const char *const words[] = {"lfs", "smudge", "--", path};
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	const struct proc_opts opts = {.cwd = scm_root(scm),
		.env_extra = git_env_far(),
		.input = pointer->ptr,
		.input_len = pointer->len,
		.out = out,
		.quiet = true,
		.ends_with_us = true};

	git_command(&args);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strlist_add(&args, words[i]);
	return proc_run(strlist_argv(&args), &opts, NULL);
}

int lfs_smudge(struct scm *scm, const struct scm_id *commit, const char *path, struct buf *bytes,
	struct err *err)
{
	struct pointer p, again;

	if (!parse_pointer(bytes, &p) || !is_for_lfs(scm, commit, path))
		return 0;

	AUTO(mem_freep) char *stored = mem_printf(
		"%s/lfs/objects/%.2s/%.2s/%s", scm_git_dir(scm), p.name, p.name + 2, p.name);
	AUTO(buf_release) struct buf content = BUF_INIT;
	int r = 0;

	/* the store first; else git-lfs, which returns the pointer itself when it is told not to
	 * fetch */
	if (file_is_regular(stored)) {
		p.extended = false; /* the store has the content that the pointer names */
		r = file_read_data(stored, &content, err);
	} else if (!git_may_work_in(scm_root(scm)) || run_smudge(scm, path, bytes, &content) != 0 ||
		   parse_pointer(&content, &again)) {
		r = missing(path, scm, err);
	}

	if (r >= 0 && !p.extended)
		r = check_content(path, scm, &p, &content, err);

	if (r < 0)
		return r;

	/* swap, so that AUTO releases the pointer */
	struct buf old = *bytes;
	*bytes = content;
	content = old;
	return 0;
}

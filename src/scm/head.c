#include "scm/head.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

/* The first line of a file; NULL when it cannot be read. Heap string. */
static char *first_line(const char *dir, const char *name)
{
	AUTO(mem_freep) char *path = path_join(dir, name);
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (file_read(path, &text, NULL) < 0)
		return NULL;

	const char *end = strchr(buf_str(&text), '\n');
	if (end)
		buf_truncate(&text, (size_t)(end - text.ptr));
	return buf_detach(&text);
}

char *scm_git_dir_peek(const char *root)
{
	char *dir = path_join(root, ".git");
	if (file_is_dir(dir))
		return dir;
	free(dir);
	/* a linked work tree or a submodule has a file ".git" with the line "gitdir: <path>" */
	AUTO(mem_freep) char *line = first_line(root, ".git");
	AUTO(mem_freep) char *named = line && str_starts(line, "gitdir: ")
					      ? path_join(root, line + 8)
					      : NULL;
	return named ? path_normalize(named) : NULL;
}

char *scm_common_dir_peek(const char *git_dir)
{
	/* in a linked work tree "commondir" has the path of the main Git directory */
	AUTO(mem_freep) char *line = first_line(git_dir, "commondir");
	AUTO(mem_freep) char *dir = line ? path_join(git_dir, line) : mem_strdup(git_dir);
	return path_normalize(dir);
}

void scm_worktrees_peek(const char *root, struct strlist *out)
{
	AUTO(mem_freep) char *git = scm_git_dir_peek(root);
	AUTO(mem_freep) char *common = git ? scm_common_dir_peek(git) : NULL;
	AUTO(mem_freep) char *all = common ? path_join(common, "worktrees") : NULL;
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;

	if (!all || file_list(all, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem_freep) char *admin = path_join(all, names.items[i]);
		/* "<root>/.git"; relative to this directory in repositories that are moved */
		AUTO(mem_freep) char *line = first_line(admin, "gitdir");
		AUTO(mem_freep) char *file = line ? path_join(admin, line) : NULL;
		AUTO(mem_freep) char *whole = file ? path_normalize(file) : NULL;

		if (whole)
			strlist_take(out, path_dirname(whole));
	}
}

/* Take the id at the beginning of `text`; false when there is no complete one. */
static bool take_id(const char *text, struct scm_id *out)
{
	if (!text || strlen(text) < 40)
		return false;

	memcpy(out->hex, text, 40);
	out->hex[40] = '\0';
	if (scm_is_full_id(out->hex))
		return true;
	out->hex[0] = '\0';
	return false;
}

/* Find a ref in packed-refs, whose lines are "<id> <name>". */
static bool find_packed(const char *common, const char *ref, struct scm_id *out)
{
	AUTO(mem_freep) char *path = path_join(common, "packed-refs");
	AUTO(mem_freep) char *wanted = mem_printf(" %s\n", ref);
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (file_read(path, &text, NULL) < 0)
		return false;

	const char *at = strstr(buf_str(&text), wanted);
	return at && at - text.ptr >= 40 && take_id(at - 40, out);
}

bool scm_head_peek(const char *root, struct scm_id *out)
{
	*out = (struct scm_id){0};
	AUTO(mem_freep) char *dir = root ? scm_git_dir_peek(root) : NULL;
	AUTO(mem_freep) char *head = dir ? first_line(dir, "HEAD") : NULL;

	if (!head || !str_starts(head, "ref: "))
		return take_id(head, out); /* a detached HEAD is the id itself */

	const char *ref = head + 5;
	/* HEAD may come from anyone: do not read outside of the Git directory */
	if (!path_is_safe_relative(ref, strlen(ref)))
		return false;

	AUTO(mem_freep) char *common = scm_common_dir_peek(dir);
	AUTO(mem_freep) char *id = first_line(common, ref);
	/* a loose ref has precedence over a packed one */
	return id ? take_id(id, out) : find_packed(common, ref, out);
}

/* Does packed-refs name a ref below `prefix`? If the file exists but cannot be read, it may. */
static bool packed_may_have(const char *common, const char *prefix)
{
	AUTO(mem_freep) char *path = path_join(common, "packed-refs");
	AUTO(mem_freep) char *wanted = mem_printf(" %s/", prefix);
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = file_read(path, &text, NULL);
	return r < 0 ? r != ERR_NOT_FOUND
		     : memmem(buf_str(&text), text.len, wanted, strlen(wanted)) != NULL;
}

bool scm_may_have_refs(const char *root, const char *prefix)
{
	AUTO(mem_freep) char *dir = scm_git_dir_peek(root);
	/* without a Git directory here only libgit2 can tell */
	if (!dir)
		return true;
	AUTO(mem_freep) char *common = scm_common_dir_peek(dir);
	AUTO(mem_freep) char *loose = path_join(common, prefix);
	AUTO(mem_freep) char *tables = path_join(common, "reftable");
	return file_exists(loose) || file_exists(tables) || packed_may_have(common, prefix);
}

/* A lock beside a ref is none, and Git follows no directory links here. */
static void add_loose(const char *common, const char *name, struct strlist *out, int depth)
{
	enum { MOST_DEPTH = 32 };
	AUTO(mem_freep) char *path = path_join(common, name);
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	if (depth > MOST_DEPTH)
		return;
	if (!file_is_dir(path)) {
		if (file_is_regular(path) && !str_ends(name, ".lock"))
			strlist_add(out, name);
		return;
	}
	if (file_is_link(path) || file_list(path, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem_freep) char *below = mem_printf("%s/%s", name, names.items[i]);
		add_loose(common, below, out, depth + 1);
	}
}

static void add_packed(const char *text, const char *prefix, struct strlist *out)
{
	enum { ID_HEX = 40 };
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");
		if (n > ID_HEX + 1 && line[ID_HEX] == ' ' && str_starts(line + ID_HEX + 1, prefix))
			strlist_addn(out, line + ID_HEX + 1, n - ID_HEX - 1);
		line += n + (line[n] != '\0');
	}
}

bool scm_refs_peek(const char *root, const char *prefix, struct strlist *out)
{
	AUTO(mem_freep) char *dir = scm_git_dir_peek(root);
	if (!dir)
		return false;
	AUTO(mem_freep) char *common = scm_common_dir_peek(dir);
	AUTO(mem_freep) char *tables = path_join(common, "reftable");
	AUTO(mem_freep) char *packed = path_join(common, "packed-refs");
	AUTO(mem_freep) char *top = mem_strndup(prefix, strlen(prefix) - 1);
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(strlist_release) struct strlist all = STRLIST_INIT;
	if (file_exists(tables))
		return false;
	int r = file_read(packed, &text, NULL);
	if (r < 0 && r != ERR_NOT_FOUND)
		return false;
	add_packed(buf_str(&text), prefix, &all);
	add_loose(common, top, &all, 0);
	strlist_sort(&all);
	for (size_t i = 0; i < all.count; i++) {
		if (i == 0 || strcmp(all.items[i - 1], all.items[i]) != 0)
			strlist_add(out, all.items[i]);
	}
	return true;
}

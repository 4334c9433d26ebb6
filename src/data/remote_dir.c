/* The note of remote directories in which data was seen (.dvc/tmp/remotes), and the check against
 * it: a mount point without its disk looks like a new remote. */
#include "data/remote_dir.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/strlist.h"
#include "data/remotes.h"

/* False also where it may not be listed: objects in it can still be opened by name. */
static bool is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	bool empty = d || errno != EACCES;
	for (const struct dirent *e; d && empty && (e = readdir(d));)
		empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
	if (d)
		closedir(d);
	return empty;
}

/* May objects in it not even be opened? Then it only looks empty, or missing. */
static bool is_forbidden(const char *dir)
{
	AUTO(mem_freep) char *inside = mem_printf("%s/.", dir);
	return access(inside, X_OK) < 0 && errno == EACCES;
}

static char *notes_path(const struct repo *repo)
{
	return path_join(repo->tmp_dir, "remotes");
}

static void load_notes(const struct repo *repo, struct strlist *out)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *path = notes_path(repo);
	if (file_read(path, &text, NULL) >= 0)
		strlist_split(out, buf_str(&text), '\n');
}

int remote_dir_check(struct repo *repo, const char *name, const struct remote *storage,
	enum remote_use use, struct err *err)
{
	if (repo->as_dvc || !storage->fs->local_root)
		return 0;
	if (!name)
		name = remote_default_name(repo);
	if (is_forbidden(storage->fs->local_root))
		return err_set(err, ERR_IO,
			"unable to enter the directory '%s' of remote '%s': permission denied",
			storage->fs->local_root, name);
	bool missing = !file_is_dir(storage->fs->local_root);
	if (!missing && !is_empty(storage->fs->local_root))
		return 0;
	AUTO(strlist_release) struct strlist seen = STRLIST_INIT;
	load_notes(repo, &seen);
	bool used = strlist_has(&seen, storage->fs->local_root);
	if (!used && (use == REMOTE_WRITE || !missing))
		return 0;
	AUTO(mem_freep) char *notes = notes_path(repo);
	AUTO(mem_freep) char *shown = repo_display(repo, notes);
	(void)err_set(err, ERR_NOT_FOUND,
		missing ? "the directory '%s' of remote '%s' does not exist"
			: "the directory '%s' of remote '%s' is empty, though there was data in it",
		storage->fs->local_root, name);
	if (use == REMOTE_READ)
		err_hint(err, "Is its disk mounted? `dvc remote modify %s url` changes the place.",
			name);
	else
		err_hint(err,
			"Is its disk mounted? If it starts anew on purpose, delete '%s' and push again.",
			shown);
	return ERR_NOT_FOUND;
}

void remote_dir_note(struct repo *repo, const struct remote *storage)
{
	AUTO(strlist_release) struct strlist seen = STRLIST_INIT;
	if (!storage->fs->local_root || strchr(storage->fs->local_root, '\n') ||
		is_empty(storage->fs->local_root))
		return;
	load_notes(repo, &seen);
	if (strlist_has(&seen, storage->fs->local_root) || repo_tmp(repo, NULL) < 0)
		return;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *path = notes_path(repo);
	for (size_t i = 0; i < seen.count; i++) {
		if (*seen.items[i])
			buf_addf(&text, "%s\n", seen.items[i]);
	}
	buf_addf(&text, "%s\n", storage->fs->local_root);
	(void)file_write(path, text.ptr, text.len, 0, NULL); /* without it, less is noticed */
}

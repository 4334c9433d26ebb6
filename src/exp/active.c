/* Writes and reads the files that show which experiments run outside of the queue. */
#include "exp/active.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

static const char in_workspace[] = "workspace"; /* the id of its journal */

void actives_release(struct actives *list)
{
	VEC_EACH (list, a) {
		free(a->name);
		free(a->git_root);
		free(a->dvc_root);
	}
	vec_release(list);
}

/* May the files at `root` be shown as those of the experiment? The work tree of a run is the user's
 * own, or one of the directories that exp/temp.c and DVC make for it: a journal that came with an
 * archive must not lead the table through the whole file system. */
static bool is_work_tree(const struct exp *x, enum exp_location where, const char *root)
{
	AUTO(mem_freep) char *parent = path_dirname(root);
	AUTO(mem_freep) char *place = path_join(x->dir, "standalone");

	if (where == EXP_IN_WORKSPACE)
		return strcmp(root, scm_root(x->scm)) == 0;
	return strcmp(parent, place) == 0 && str_starts(path_basename(root), "tmp") &&
	       !file_is_link(place) && !file_is_link(root);
}

/* Fill `out` from a journal. False when no experiment runs there. */
static bool from_journal(
	const struct exp *x, enum exp_location where, const char *id, struct active *out)
{
	AUTO(journal_release) struct journal j = {0};
	struct journal_info info;
	long pid = 0;

	journal_init(&j, x, where, id);
	if (where == EXP_IN_WORKSPACE && !journal_runs_here(&j, &pid))
		return false;
	if (!journal_read(&j, &info))
		return false;

	/* a task in a directory of its own has ended when that is gone */
	bool runs = info.status < EXP_SUCCESS && info.name && info.root && file_is_dir(info.root) &&
		    is_work_tree(x, where, info.root);

	if (where == EXP_IN_TEMP)
		runs = runs && journal_may_be_held(&j);
	if (runs) {
		*out = (struct active){.where = where,
			.baseline = info.baseline,
			.name = TAKE(info.name),
			.git_root = TAKE(info.root),
			.dvc_root = journal_tree_root(&j, x),
			.pid = pid};
		if (where == EXP_IN_TEMP)
			memcpy(out->stash.hex, id, sizeof(out->stash.hex));
	}
	journal_info_release(&info);
	return runs;
}

void active_load(struct exp *x, struct actives *out)
{
	AUTO(mem_freep) char *dir = path_join(x->dir, "standalone/run");
	AUTO(strlist_release) struct strlist ids = STRLIST_INIT;
	struct active one;

	if (from_journal(x, EXP_IN_WORKSPACE, in_workspace, &one))
		*vec_push(out) = one;
	if (!file_is_dir(dir) || file_list(dir, &ids, NULL) < 0)
		return;
	for (size_t i = 0; i < ids.count; i++)
		if (scm_is_full_id(ids.items[i]) &&
			from_journal(x, EXP_IN_TEMP, ids.items[i], &one))
			*vec_push(out) = one;
}

static char *pid_file(const struct exp *x)
{
	return path_join(x->dir, "rwlock.lock");
}

/* Leave our process id in the file that editors read. In DVC it is that of a lock, which it takes
 * for a moment before each change of refs. While DVC has it, the id in it stays DVC's. */
static int write_pid_file(const struct exp *x, struct err *err)
{
	enum { PATIENCE_MS = 200 };
	AUTO(mem_freep) char *path = pid_file(x);
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	int r = lockfile_take(&lock, path, PATIENCE_MS, NULL, &why);

	return r < 0 && r != ERR_LOCKED ? err_move(err, &why) : 0;
}

/* Remove the file if the process id in it is ours. The lock is held meanwhile, so that no DVC
 * process loses it. */
static void remove_pid_file(const struct exp *x)
{
	AUTO(mem_freep) char *path = pid_file(x);
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (file_read(path, &text, NULL) < 0 || strtol(buf_str(&text), NULL, 10) != (long)getpid())
		return;
	if (lockfile_take(&lock, path, 0, NULL, NULL) == 0)
		(void)unlink(path);
}

int active_begin(struct exp *x, const struct exp_task *t, struct err *err)
{
	AUTO(journal_release) struct journal j = {0};
	int r;

	journal_init(&j, x, EXP_IN_WORKSPACE, in_workspace);
	r = journal_set(&j, x, t, EXP_IN_WORKSPACE, scm_root(x->scm), EXP_RUNNING, NULL, NULL, err);
	if (r == 0)
		r = journal_set_process(&j, (long)getpid(), JOURNAL_RUNS, err);
	return r < 0 ? r : write_pid_file(x, err);
}

void active_end(struct exp *x)
{
	AUTO(journal_release) struct journal j = {0};

	remove_pid_file(x);
	journal_init(&j, x, EXP_IN_WORKSPACE, in_workspace);
	journal_remove_files(&j);
}

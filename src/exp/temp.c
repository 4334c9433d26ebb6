#include "exp/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/holdfile.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "exp/commit.h"
#include "exp/reproduce.h"
#include "data/data.h"
#include "run/signals.h"
#include "scm/git.h"
#include "scm/head.h"
#include "scm/worktree.h"
#include "store/state.h"

/* A work tree of the repository, linked by hand: one process less than `git worktree add`, and no
 * hooks. */
struct work_tree {
	char *root;             /* its top */
	char *admin;            /* .git/worktrees/<name> */
	struct holdfile in_use; /* held as long as we need it: `exp clean` leaves it alone */
};

static void work_tree_release(struct work_tree *t)
{
	if (t->root)
		(void)file_remove(t->root, NULL); /* best effort; `exp clean` sweeps */
	if (t->admin)
		(void)file_remove(t->admin, NULL);
	free(t->root);
	free(t->admin);
	holdfile_release(&t->in_use);
	*t = (struct work_tree){0};
}

static int write_line(const char *dir, const char *name, const char *line, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(dir, name);
	AUTO(mem_freep) char *text = mem_printf("%s\n", line);

	return file_write(path, text, strlen(text), 0, err);
}

static int work_tree_make(struct exp *x, const struct exp_task *t, const char *parent,
	struct work_tree *out, struct err *err)
{
	AUTO(mem_freep) char *git = scm_common_dir_peek(scm_git_dir(x->scm));
	AUTO(mem_freep) char *pattern = path_join(parent, "tmpXXXXXXXX");
	AUTO(mem_freep) char *link = NULL;
	AUTO(mem_freep) char *dot_git = NULL;
	AUTO(mem_freep) char *in_use = NULL;
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	int r = file_mkdirs(parent, err);

	if (r == 0) /* `exp clean` waits until the tree is held */
		r = exp_lock(x, &lock, err);
	/* the last six letters are made random; two more of our own keep DVC's length */
	memcpy(pattern + strlen(pattern) - 8, t->stash.hex, 2);
	if (r == 0 && !mkdtemp(pattern))
		r = err_errno(err, "unable to make '%s'", pattern);
	if (r < 0)
		return r;
	out->root = TAKE(pattern);
	out->admin = mem_printf("%s/worktrees/%s", git, path_basename(out->root));
	dot_git = path_join(out->root, ".git");
	link = mem_printf("gitdir: %s", out->admin);
	in_use = path_join(out->admin, TEMP_IN_USE);
	r = file_mkdirs(out->admin, err);
	if (r == 0)
		r = holdfile_take(&out->in_use, in_use, err);
	lockfile_release(&lock);
	if (r == 0)
		r = write_line(out->admin, "HEAD", t->baseline.hex, err);
	if (r == 0)
		r = write_line(out->admin, "commondir", "../..", err);
	if (r == 0)
		r = write_line(out->admin, "gitdir", dot_git, err);
	if (r == 0)
		r = write_line(out->root, ".git", link, err);
	if (r == 0)
		r = git_runl(out->root, NULL, err, "-c", "core.hooksPath=/dev/null", "read-tree",
			"--reset", "-u", t->stash.hex, NULL);
	return r;
}

/* The repository's own local settings (relative paths in them mean other places here), and its
 * cache. */
static int write_config(struct exp *x, const char *dvc_dir, struct err *err)
{
	AUTO(config_release) struct config c = CONFIG_INIT;
	int r = config_load(&c, dvc_dir, false, err);

	if (r < 0)
		return r;
	c.levels[CONFIG_LOCAL] = value_copy(&c.arena, x->repo->config.levels[CONFIG_LOCAL]);
	config_set(&c, CONFIG_LOCAL, "cache", NULL, "dir", x->repo->cache_dir);
	return config_save(&c, CONFIG_LOCAL, err);
}

static int copy_paths(struct exp *x, const struct exp_task *t, const char *root, struct err *err)
{
	for (size_t i = 0; i < t->copy_paths.count; i++) {
		AUTO(mem_freep) char *base = path_join(scm_root(x->scm), t->wdir);
		AUTO(mem_freep) char *from = path_join(base, t->copy_paths.items[i]);
		AUTO(mem_freep) char *there = path_join(root, t->wdir);
		AUTO(mem_freep) char *to = path_join(there, t->copy_paths.items[i]);
		char *argv[] = {(char *)"cp", (char *)"-R", (char *)"--", from, to, NULL};
		int r = file_mkdirs_for(to, err);

		if (r == 0 && proc_run(argv, NULL, err) != 0)
			r = err_set(err, ERR_IO,
				"unable to copy '%s' into the experiment's directory",
				t->copy_paths.items[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* In the child: become the command that runs the experiment. No thread of ours has survived the
 * fork, and none ran. */
static NORETURN void child(struct exp *x, const struct exp_task *t, enum exp_location where,
	const char *dir, int log_fd, bool quiet, exp_main_fn run)
{
	char *argv[] = {(char *)"dvc", (char *)"exp", (char *)"exec-run", (char *)t->stash.hex,
		(char *)exp_location_name(where), quiet ? (char *)"-q" : NULL, NULL};
	const int argc = (int)ARRAY_SIZE(argv) - (quiet ? 1 : 2);

	if (where == EXP_IN_QUEUE && setpgid(0, 0) < 0) /* so that all of it can be interrupted */
		_exit(126);
	if (log_fd >= 0 && (dup2(log_fd, 1) < 0 || dup2(log_fd, 2) < 0))
		_exit(126);
	if (chdir(dir) < 0)
		_exit(126);
	setenv("DVC_EXP_BASELINE_REV", t->baseline.hex, 1);
	setenv("DVC_EXP_NAME", t->name, 1);
	setenv("DVC_ROOT", x->repo->root, 1);
	int status = run(argc, argv);

	(void)fflush(NULL); /* the exit status says what matters */
	_exit(status);
}

static int start_child(struct exp *x, const struct exp_task *t, enum exp_location where,
	const char *root, int log_fd, bool quiet, exp_main_fn run, pid_t *out_pid, struct err *err)
{
	AUTO(mem_freep) char *dir = path_join(root, t->wdir);

	(void)fflush(NULL); /* or the child would write our buffers again */
	signals_begin();
	*out_pid = fork();
	if (*out_pid == 0) {
		signals_end();
		child(x, t, where, dir, log_fd, quiet, run);
	}
	if (*out_pid < 0)
		signals_end();
	return *out_pid < 0 ? err_errno(err, "unable to start experiment '%s'", t->name) : 0;
}

/* Whatever asks us to end is for the run: it gets the signal, and we stay until it has ended, so
 * that nothing is left running and its directory is removed. */
static void hand_on_signals(pid_t pid, enum exp_location where, int *sent, int *interrupts)
{
	/* the terminal interrupts a run of our own process group itself */
	bool own_group = where == EXP_IN_QUEUE;

	if (signals_end_asked() && !*sent) {
		*sent = signals_end_asked();
		(void)kill(own_group ? -pid : pid, SIGTERM);
	}
	if (own_group && signals_interrupts() > *interrupts)
		(void)kill(-pid, SIGINT);
	*interrupts = signals_interrupts();
}

/* Gives the exit status of the run; ERR_CANCELLED when we were asked to end meanwhile. */
static int wait_child(pid_t pid, enum exp_location where, struct err *err)
{
	int status = 0, sent = 0, interrupts = 0;
	pid_t reaped;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	while ((reaped = waitpid(pid, &status, WNOHANG)) == 0) {
		struct pollfd ended = {.fd = fd, .events = POLLIN};
		enum { WITHOUT_PIDFD_MS = 50 };

		(void)signals_poll(&ended, fd >= 0, fd >= 0 ? -1 : WITHOUT_PIDFD_MS);
		hand_on_signals(pid, where, &sent, &interrupts);
	}
	if (fd >= 0)
		(void)close(fd);
	if (sent || interrupts)
		return err_set(err, ERR_CANCELLED, "the experiment was interrupted");
	if (reaped < 0) /* how it ended is not known, so it does not count as made */
		return 255;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int run_in(struct exp *x, const struct exp_task *t, enum exp_location where,
	const struct journal *j, int log_fd, bool quiet, exp_main_fn run, struct err *err)
{
	AUTO(mem_freep) char *parent = where == EXP_IN_TEMP ? path_join(x->dir, "standalone")
							    : mem_strdup(x->dir);
	AUTO(mem_freep) char *dvc = path_relative(x->repo->dvc_dir, scm_root(x->scm));
	AUTO(work_tree_release) struct work_tree tree = {0};
	AUTO(mem_freep) char *dvc_dir = NULL;
	pid_t pid = 0;
	int r, status;

	r = work_tree_make(x, t, parent, &tree, err);
	if (where == EXP_IN_TEMP)
		repo_unlock(x->repo); /* what the run needs is named by its tree now */
	if (r < 0)
		return r;
	dvc_dir = path_join(tree.root, dvc);
	r = write_config(x, dvc_dir, err);
	if (r == 0)
		r = copy_paths(x, t, tree.root, err);
	if (r == 0)
		r = journal_set(j, x, t, where, tree.root, EXP_RUNNING, NULL, NULL, err);
	if (r == 0)
		r = start_child(x, t, where, tree.root, log_fd, quiet, run, &pid, err);
	if (r < 0)
		return r;
	r = where == EXP_IN_QUEUE ? journal_set_process(j, pid, -1, err) : 0;
	status = wait_child(pid, where, err);
	signals_end();
	if (r == 0 && where == EXP_IN_QUEUE)
		r = journal_set_process(j, pid, status < 0 ? 128 + SIGTERM : status, err);
	return r < 0 ? r : status;
}

int temp_run(struct exp *x, const struct exp_task *t, enum exp_location where, bool quiet,
	exp_main_fn run, struct err *err)
{
	AUTO(journal_release) struct journal j = {0};
	int log_fd = -1, r;

	journal_init(&j, x, where, t->stash.hex);
	r = repo_tmp(x->repo, err);
	if (r == 0)
		r = journal_set(&j, x, t, where, scm_root(x->scm), EXP_PREPARING, NULL, NULL, err);
	if (r == 0 && where == EXP_IN_QUEUE) {
		log_fd = file_open_log(j.log, false, err);
		r = MIN(log_fd, 0);
	}
	if (r == 0)
		r = run_in(x, t, where, &j, log_fd, quiet, run, err);
	else if (where == EXP_IN_TEMP)
		repo_unlock(x->repo);
	if (r < 0 && log_fd >= 0)
		dprintf(log_fd, "ERROR: %s\n",
			*err_text(err) ? err_text(err) : "unable to run the experiment");
	/* an interrupted task goes back into the queue */
	enum exp_status left = r == ERR_CANCELLED ? EXP_PENDING : EXP_FAILED;

	if (r != 0 && journal_status(&j, NULL) != left)
		(void)journal_set(&j, x, t, where, scm_root(x->scm), left, NULL, NULL,
			NULL); /* best effort */
	if (log_fd >= 0)
		close(log_fd);
	if (where == EXP_IN_TEMP)
		(void)file_remove(j.dir, NULL); /* nobody asks about it any more */
	return r < 0 ? r : r > 0 ? 1 : 0;
}

/* ---- the child ---- */

/* What the experiment does not take along, for the user who wonders where a file went. */
static void warn_untracked(const struct strlist *untracked, const struct progress *progress)
{
	AUTO(mem_freep) char *names = strlist_join(untracked, ", ");

	if (*names)
		progress_warn(progress,
			"The following untracked files were present in the experiment directory after reproduction but "
			"will not be included in experiment commits:\n\t%s",
			names);
}

/* The journal is that of the repository whose tree this is, not of the tree. */
static void open_journal(
	struct exp *x, const struct exp_task *t, enum exp_location where, struct journal *j)
{
	const char *root = getenv("DVC_ROOT");
	AUTO(mem_freep) char *dir = root ? mem_printf("%s/.dvc/tmp/exps", root)
					 : mem_strdup(x->dir);

	free(x->dir);
	x->dir = TAKE(dir);
	journal_init(j, x, where, t->stash.hex);
}

/* The tree is removed soon: a state database for it would be made for nothing, and stay behind. */
static int keep_state_in_memory(struct repo *repo, struct err *err)
{
	struct data *d;
	int r = repo_data(repo, &d, err);

	if (r == 0)
		state_keep_in_memory(d->state);
	return r;
}

int temp_child_run(struct repo *repo, const struct temp_child *opts, struct err *err)
{
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exp_task_release) struct exp_task task = {0};
	AUTO(journal_release) struct journal j = {0};
	AUTO(repro_result_release) struct repro_result result = {0};
	AUTO(mem_freep) char *ref = NULL;
	AUTO(mem_freep) char *hash = NULL;
	AUTO(strlist_release) struct strlist untracked = STRLIST_INIT;
	enum exp_location where = str_eq(opts->where, exp_location_name(EXP_IN_TEMP))
					  ? EXP_IN_TEMP
					  : EXP_IN_QUEUE;
	struct scm_id id = {""}, commit;
	int r;

	if (!scm_is_full_id(opts->stash))
		return err_set(
			err, ERR_USAGE, "'%s' is not the id of a queued experiment", opts->stash);
	memcpy(id.hex, opts->stash, sizeof(id.hex));
	r = exp_open(&x, repo, err);
	if (r == 0)
		r = exp_task_load(&x, &id, &task, err);
	if (r == 0)
		r = keep_state_in_memory(repo, err);
	if (r < 0)
		return r;
	open_journal(&x, &task, where, &j);
	progress_info(opts->progress, "Reproducing experiment '%s'", task.name);
	r = exp_reproduce(&x, &task,
		&(struct exp_talk){.progress = opts->progress, .quiet = opts->quiet}, &result, err);
	if (r < 0 || task.flags.dry)
		return r;
	r = exp_commit(&x,
		&(struct exp_commit_opts){.task = &task,
			.visited = &result.visited,
			.reproduced = &result.reproduced,
			.untracked = &untracked,
			.reuse_same = true},
		&commit, &ref, err);
	if (r < 0)
		return r;
	warn_untracked(&untracked, opts->progress);
	if (r == 0)
		r = exp_hash(&result.reproduced, &hash, err);
	return r < 0 ? r
		     : journal_set(
			       &j, &x, &task, where, scm_root(x.scm), EXP_SUCCESS, hash, ref, err);
}

/* Reads and writes the files of a task's journal. */
#include "exp/journal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/holdfile.h"
#include "base/path.h"
#include "base/procid.h"
#include "base/str.h"
#include "text/json.h"

const char *exp_location_name(enum exp_location where)
{
	static const char *const names[] = {"workspace", "tempdir", "dvc-task"};

	return names[where];
}

/* The layout is DVC's, so that it finds the logs; only .process and .lock are cairn's. */
void journal_init(struct journal *j, const struct exp *x, enum exp_location where, const char *id)
{
	j->dir = mem_printf("%s/%srun/%s", x->dir, where == EXP_IN_TEMP ? "standalone/" : "", id);
	j->info = mem_printf("%s/%s.run", j->dir, id);
	j->log = where == EXP_IN_WORKSPACE ? NULL : mem_printf("%s/%s.out", j->dir, id);
	j->proc = mem_printf("%s/%s.json", j->dir, id);
	j->who = mem_printf("%s/%s.process", j->dir, id);
	j->kill = mem_printf("%s/%s.killed", j->dir, id);
	j->gpus = mem_printf("%s/%s.gpus", j->dir, id);
	j->place = mem_printf("%s/%s.place", j->dir, id);
	j->held = mem_printf("%s/%s.lock", j->dir, id);
}

void journal_release(struct journal *j)
{
	free(j->dir);
	free(j->info);
	free(j->log);
	free(j->proc);
	free(j->who);
	free(j->kill);
	free(j->gpus);
	free(j->place);
	free(j->held);
	*j = (struct journal){0};
}

/*
 * A rename over an existing file makes ext4 write to disk at once, which is slow; so remove it
 * first, unless `lasting`. Readers take a missing file as "pending", also after a crash in between.
 */
static int write_json(const char *path, const struct value *v, bool lasting, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = json_write(&text, v, NULL, err);

	if (r == 0)
		r = file_mkdirs_for(path, err);
	if (!lasting)
		(void)unlink(path);
	return r < 0 ? r : file_write(path, text.ptr, text.len, 0, err);
}

int journal_set(const struct journal *j, const struct exp *x, const struct exp_task *t,
	enum exp_location where, const char *tree_root, enum exp_status status,
	const char *result_hash, const char *result_ref, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *url = mem_printf("file://%s", tree_root);
	AUTO(mem_freep) char *dvc = path_relative(x->repo->dvc_dir, scm_root(x->scm));
	struct value *v = value_map(&a);

	value_set(&a, v, "git_url", value_string(&a, url));
	value_set(&a, v, "baseline_rev", value_string(&a, t->baseline.hex));
	value_set(&a, v, "location", value_string(&a, exp_location_name(where)));
	value_set(&a, v, "root_dir", value_string(&a, tree_root));
	value_set(&a, v, "dvc_dir", value_string(&a, dvc));
	value_set(&a, v, "name", value_string(&a, t->name));
	value_set(&a, v, "wdir", value_string(&a, t->wdir && *t->wdir ? t->wdir : "."));
	value_set(&a, v, "result_hash", value_string_or_null(&a, result_hash));
	value_set(&a, v, "result_ref", value_string_or_null(&a, result_ref));
	value_set(&a, v, "result_force",
		result_ref ? value_bool(&a, t->flags.force) : value_null(&a));
	value_set(&a, v, "status", value_int(&a, status));
	/* the note that a task is done: without it the task would run again */
	return write_json(j->info, v, result_ref != NULL, err);
}

/* NULL for a missing or damaged file. */
static struct value *read_json(struct arena *a, const char *path)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *v = NULL;

	if (file_read(path, &text, NULL) < 0 ||
		json_parse(a, buf_str(&text), text.len, &v, NULL) < 0)
		return NULL;
	return v;
}

/* 0 for anything that is no 64-bit integer. */
static int64_t int_of(const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);

	return value_is(v, VALUE_INT) && !v->integer.big ? v->integer.number : 0;
}

/* The file may be of a newer DVC, or damaged. */
static enum exp_status status_of(const struct value *v)
{
	int64_t status = int_of(v, "status");

	return status >= EXP_PENDING && status <= EXP_FINISHED ? (enum exp_status)status
							       : EXP_PENDING;
}

static char *copy_of(const struct value *map, const char *key)
{
	const char *text = value_get_str(map, key);

	return text ? mem_strdup(text) : NULL;
}

void journal_remove_files(const struct journal *j)
{
	const char *const files[] = {j->info, j->proc, j->who};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		(void)unlink(files[i]);
	(void)rmdir(j->dir);
}

enum exp_status journal_status(const struct journal *j, char **out_ref)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	const struct value *v = read_json(&a, j->info);

	if (out_ref)
		*out_ref = copy_of(v, "result_ref");
	return status_of(v);
}

bool journal_read(const struct journal *j, struct journal_info *out)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	const struct value *v = read_json(&a, j->info);
	const char *baseline = value_get_str(v, "baseline_rev");

	*out = (struct journal_info){0};
	if (!value_is(v, VALUE_MAP))
		return false;
	out->status = status_of(v);
	out->name = copy_of(v, "name");
	out->root = copy_of(v, "root_dir");
	if (baseline && scm_is_full_id(baseline))
		memcpy(out->baseline.hex, baseline, sizeof(out->baseline.hex));
	return true;
}

void journal_info_release(struct journal_info *info)
{
	free(info->name);
	free(info->root);
	*info = (struct journal_info){0};
}

int journal_set_process(const struct journal *j, long pid, int exit_status, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v = value_map(&a);

	value_set(&a, v, "pid", value_int(&a, pid));
	value_set(&a, v, "stdin", value_null(&a));
	value_set(&a, v, "stdout", value_string_or_null(&a, j->log));
	value_set(&a, v, "stderr", value_null(&a));
	value_set(&a, v, "returncode",
		exit_status == JOURNAL_RUNS ? value_null(&a) : value_int(&a, exit_status));
	AUTO(buf_release) struct buf who = BUF_INIT;
	int r = write_json(j->proc, v, false, err);

	/* only for a running process; afterwards its id may belong to another one */
	if (r == 0 && exit_status == JOURNAL_RUNS && procid_format((pid_t)pid, &who))
		r = file_write(j->who, who.ptr, who.len, 0, err);
	return r;
}

pid_t journal_process(const struct journal *j)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	pid_t pid = file_read(j->who, &text, NULL) < 0 ? 0 : procid_find(buf_str(&text));

	/* signals go to the whole group, so that it must be the task's own */
	return pid && getpgid(pid) == pid ? pid : 0;
}

pid_t journal_dvc_process(const struct journal *j)
{
	AUTO(buf_release) struct buf words = BUF_INIT;
	long pid = journal_former_process(j);

	if (pid <= 1 || pid > INT_MAX || journal_has_ended(j))
		return 0;
	AUTO(mem_freep) char *path = mem_printf("/proc/%ld/cmdline", pid);

	/* dvc exp exec-run --infofile <path> */
	static const char command[] = "exec-run";
	if (file_read(path, &words, NULL) < 0 ||
		!memmem(words.ptr, words.len, command, sizeof(command)) ||
		!memmem(words.ptr, words.len, j->info, strlen(j->info)))
		return 0;
	return (pid_t)pid;
}

long journal_former_process(const struct journal *j)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;

	return (long)int_of(read_json(&a, j->proc), "pid");
}

char *journal_tree_root(const struct journal *j, const struct exp *x)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	/* the DVC root may be below the Git root, in the work tree of the task as well */
	AUTO(mem_freep) char *below = path_relative(x->repo->root, scm_root(x->scm));
	const char *root = value_get_str(read_json(&a, j->info), "root_dir");

	return root ? path_join(root, below) : mem_strdup(x->repo->root);
}

int journal_set_killed(const struct journal *j, bool force, struct err *err)
{
	const char *text = force ? "force\n" : "interrupt\n";
	int r = file_mkdirs(j->dir, err);

	return r < 0 ? r : file_write(j->kill, text, strlen(text), 0, err);
}

bool journal_is_killed(const struct journal *j, bool *out_force)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (file_read(j->kill, &text, NULL) < 0)
		return false;
	if (out_force)
		*out_force = str_starts(buf_str(&text), "force");
	return true;
}

int journal_exit_status(const struct journal *j)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	const struct value *v = value_get(read_json(&a, j->proc), "returncode");

	return value_is(v, VALUE_INT) && !v->integer.big && v->integer.number > INT_MIN &&
			       v->integer.number <= INT_MAX
		       ? (int)v->integer.number
		       : INT_MIN;
}

bool journal_has_ended(const struct journal *j)
{
	return journal_exit_status(j) != INT_MIN;
}

bool journal_is_held(const struct journal *j)
{
	return holdfile_is_held(j->held);
}

bool journal_may_be_held(const struct journal *j)
{
	return journal_is_held(j) || !file_exists(j->held);
}

bool journal_runs_here(const struct journal *j, long *out_pid)
{
	AUTO(buf_release) struct buf who = BUF_INIT;
	long pid = journal_former_process(j);

	*out_pid = pid;
	if (pid <= 0 || pid > INT_MAX)
		return false;
	if (file_read(j->who, &who, NULL) == 0)
		return procid_find(buf_str(&who)) == pid;
	return kill((pid_t)pid, 0) == 0 || errno == EPERM;
}

bool journal_is_done(const struct journal *j)
{
	AUTO(mem_freep) char *ref = NULL;
	enum exp_status status = journal_status(j, &ref);

	return (status == EXP_SUCCESS || status == EXP_FINISHED) && ref;
}

bool journal_is_lost(const struct journal *j)
{
	return !journal_is_done(j) &&
	       (journal_status(j, NULL) == EXP_FAILED || journal_is_killed(j, NULL));
}

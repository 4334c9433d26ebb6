/* Writes and reads the messages and results of DVC's task queue. */
#include "exp/broker.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "scm/expref.h"
#include "text/base64.h"
#include "text/json.h"

#define SUFFIX ".celery.msg"

enum folder { IN, PROCESSED };

static char *folder_path(const struct exp *x, enum folder f)
{
	return mem_printf("%s/celery/broker/%s", x->dir, f == IN ? "in" : "processed");
}

/* The id of a task in celery: the first half of its commit, written as a UUID. */
static void add_uuid(struct buf *out, const struct scm_id *task)
{
	const char *h = task->hex;

	buf_addf(out, "%.8s-%.4s-%.4s-%.4s-%.12s", h, h + 8, h + 12, h + 16, h + 20);
}

/* ---- writing a message ---- */

/* The arguments of DVC's task: [[entry], {copy_paths, message}, {callbacks...}]. */
static struct value *body_value(struct exp *x, const struct exp_task *t, struct arena *a)
{
	static const char *const unused[] = {"callbacks", "errbacks", "chain", "chord"};
	struct value *body = value_list(a), *args = value_list(a), *entry = value_map(a);
	struct value *kwargs = value_map(a), *embed = value_map(a), *paths = value_list(a);

	value_set(a, entry, "dvc_root", value_string(a, x->repo->root));
	value_set(a, entry, "scm_root", value_string(a, scm_root(x->scm)));
	value_set(a, entry, "stash_ref", value_string(a, EXPREF_QUEUE));
	value_set(a, entry, "stash_rev", value_string(a, t->stash.hex));
	value_set(a, entry, "baseline_rev", value_string(a, t->baseline.hex));
	value_set(a, entry, "branch", value_null(a));
	value_set(a, entry, "name", value_string(a, t->name));
	value_set(a, entry, "head_rev", value_string(a, t->head.hex));
	for (size_t i = 0; i < t->copy_paths.count; i++)
		value_append(a, paths, value_string(a, t->copy_paths.items[i]));
	value_set(a, kwargs, "copy_paths", paths);
	value_set(a, kwargs, "message", value_string_or_null(a, t->message));
	for (size_t i = 0; i < ARRAY_SIZE(unused); i++)
		value_set(a, embed, unused[i], value_null(a));
	value_append(a, args, entry);
	value_append(a, body, args);
	value_append(a, body, kwargs);
	value_append(a, body, embed);
	return body;
}

static struct value *headers_value(const struct exp_task *t, const char *uuid, struct arena *a)
{
	static const char *const unused[] = {
		"shadow", "eta", "expires", "group", "group_index", "parent_id", "stamped_headers"};
	AUTO(mem_freep) char *args = mem_printf("('%s',)", t->stash.hex);
	struct value *v = value_map(a), *limits = value_list(a);

	value_append(a, limits, value_null(a));
	value_append(a, limits, value_null(a));
	value_set(a, v, "lang", value_string(a, "py"));
	value_set(a, v, "task", value_string(a, "dvc.repo.experiments.queue.tasks.run_exp"));
	value_set(a, v, "id", value_string(a, uuid));
	value_set(a, v, "root_id", value_string(a, uuid));
	for (size_t i = 0; i < ARRAY_SIZE(unused); i++)
		value_set(a, v, unused[i], value_null(a));
	value_set(a, v, "retries", value_int(a, 0));
	value_set(a, v, "timelimit", limits);
	value_set(a, v, "argsrepr", value_string(a, args));
	value_set(a, v, "kwargsrepr", value_string(a, "{}"));
	value_set(a, v, "origin", value_string(a, "cairn"));
	value_set(a, v, "ignore_result", value_bool(a, false));
	value_set(a, v, "replaced_task_nesting", value_int(a, 0));
	value_set(a, v, "stamps", value_map(a));
	return v;
}

static struct value *properties_value(const char *uuid, struct arena *a)
{
	struct value *v = value_map(a), *delivery = value_map(a);

	value_set(a, delivery, "exchange", value_string(a, ""));
	value_set(a, delivery, "routing_key", value_string(a, "celery"));
	value_set(a, v, "correlation_id", value_string(a, uuid));
	value_set(a, v, "reply_to", value_string(a, uuid));
	value_set(a, v, "delivery_mode", value_int(a, 2)); /* persistent */
	value_set(a, v, "delivery_info", delivery);
	value_set(a, v, "priority", value_int(a, 0));
	value_set(a, v, "body_encoding", value_string(a, "base64"));
	value_set(a, v, "delivery_tag", value_string(a, uuid));
	return v;
}

/* DVC takes messages in the order of their names, which begin with a time in milliseconds. */
static int64_t next_time(void)
{
	static int64_t last; /* several tasks of one call keep their order */
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;

	last = MAX(ms, last + 1);
	return last;
}

void broker_put(struct exp *x, const struct exp_task *t)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf uuid = BUF_INIT;
	AUTO(buf_release) struct buf body = BUF_INIT;
	AUTO(buf_release) struct buf encoded = BUF_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *folder = folder_path(x, IN);
	AUTO(mem_freep)
	char *path = mem_printf("%s/%lld_%s" SUFFIX, folder, (long long)next_time(), t->stash.hex);
	struct value *v = value_map(&a);

	add_uuid(&uuid, &t->stash);
	if (json_write(&body, body_value(x, t, &a), NULL, NULL) < 0)
		return;
	base64_add(&encoded, body.ptr, body.len);
	value_set(&a, v, "body", value_string(&a, buf_str(&encoded)));
	value_set(&a, v, "content-encoding", value_string(&a, "utf-8"));
	value_set(&a, v, "content-type", value_string(&a, "application/json"));
	value_set(&a, v, "headers", headers_value(t, buf_str(&uuid), &a));
	value_set(&a, v, "properties", properties_value(buf_str(&uuid), &a));
	if (json_write(&text, v, NULL, NULL) == 0 && file_mkdirs(folder, NULL) == 0)
		(void)file_write(path, text.ptr, text.len, 0, NULL);
}

/* ---- finding one ---- */

struct message {
	char *path;         /* NULL: there is none */
	struct scm_id task; /* valid with a path */
	struct buf uuid;
	struct value *kwargs; /* of a message that was read; NULL for one of cairn */
};

static void message_release(struct message *m)
{
	free(m->path);
	buf_release(&m->uuid);
	*m = (struct message){0};
}

/* The commit in the name of a message of cairn. False: the message is one of DVC, or something
 * else. */
static bool task_of_name(const char *name, struct scm_id *out)
{
	const char *id = strchr(name, '_');

	if (!id || !str_ends(name, SUFFIX) || strlen(id + 1) != 40 + strlen(SUFFIX))
		return false;
	memcpy(out->hex, id + 1, 40);
	out->hex[40] = '\0';
	return scm_is_full_id(out->hex);
}

/* Read a message of DVC. False if it is not one of its tasks. */
static bool read_message(const char *path, struct arena *a, struct message *out)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf body = BUF_INIT;
	struct value *v = NULL, *content = NULL;
	const char *encoded, *id, *rev;

	if (file_read(path, &text, NULL) < 0 ||
		json_parse(a, buf_str(&text), text.len, &v, NULL) < 0)
		return false;
	encoded = value_get_str(v, "body");
	id = value_get_str(value_get(v, "headers"), "id");
	if (!encoded || !id || strchr(id, '/') || !base64_decode(&body, encoded, strlen(encoded)) ||
		json_parse(a, buf_str(&body), body.len, &content, NULL) < 0)
		return false;
	if (!value_is_list(content) || value_count(content) < 2)
		return false;
	struct value *args = content->list.items[0].value;

	if (!value_is_list(args) || value_count(args) < 1)
		return false;
	rev = value_get_str(args->list.items[0].value, "stash_rev");
	if (!rev || !scm_is_full_id(rev))
		return false;
	memcpy(out->task.hex, rev, sizeof(out->task.hex));
	buf_adds(&out->uuid, id);
	out->kwargs = content->list.items[1].value;
	return true;
}

/* Fill `out` for one file of a folder. */
static bool look_at(const char *folder, const char *name, struct arena *a, struct message *out)
{
	AUTO(mem_freep) char *path = path_join(folder, name);

	if (!str_ends(name, SUFFIX))
		return false;
	if (task_of_name(name, &out->task))
		add_uuid(&out->uuid, &out->task);
	else if (!read_message(path, a, out))
		return false;
	out->path = TAKE(path);
	return true;
}

static bool find(const struct exp *x, enum folder f, const struct scm_id *task, struct arena *a,
	struct message *out)
{
	AUTO(mem_freep) char *folder = folder_path(x, f);
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;

	if (!file_is_dir(folder) || file_list(folder, &names, NULL) < 0)
		return false;
	for (size_t i = 0; i < names.count; i++) {
		struct scm_id of;

		/* do not read messages of cairn for other tasks */
		if (task_of_name(names.items[i], &of) && !scm_id_equal(&of, task))
			continue;
		if (look_at(folder, names.items[i], a, out) && scm_id_equal(&out->task, task))
			return true;
		message_release(out);
	}
	return false;
}

static char *result_path(const struct exp *x, const struct message *m)
{
	return mem_printf("%s/celery/result/celery-task-meta-%s", x->dir, buf_str(&m->uuid));
}

/* ---- changes ---- */

void broker_remove(struct exp *x, const struct scm_id *task)
{
	for (int f = IN; f <= PROCESSED; f++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(message_release) struct message m = {0};

		if (!find(x, (enum folder)f, task, &a, &m))
			continue;
		AUTO(mem_freep) char *result = result_path(x, &m);

		(void)unlink(m.path);
		(void)unlink(result);
	}
}

static bool move_to(struct exp *x, enum folder to, const struct message *m)
{
	AUTO(mem_freep) char *folder = folder_path(x, to);
	AUTO(mem_freep) char *path = path_join(folder, path_basename(m->path));

	return file_mkdirs(folder, NULL) == 0 && rename(m->path, path) == 0;
}

bool broker_take(struct exp *x, const struct scm_id *task, bool again)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(message_release) struct message m = {0};

	if (find(x, IN, task, &a, &m) && move_to(x, PROCESSED, &m))
		return true;
	message_release(&m);
	/* without any message nobody of DVC knows of the task */
	return again || !find(x, PROCESSED, task, &a, &m) || !broker_dvc_works(x);
}

void broker_put_back(struct exp *x, const struct scm_id *task)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(message_release) struct message m = {0};

	if (find(x, PROCESSED, task, &a, &m))
		(void)move_to(x, IN, &m);
}

void broker_finish(struct exp *x, const struct scm_id *task)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(message_release) struct message m = {0};
	AUTO(buf_release) struct buf text = BUF_INIT;
	char when[sizeof("2024-01-02T03:04:05")];
	time_t now = time(NULL);
	struct tm tm;

	if (!find(x, PROCESSED, task, &a, &m) || !gmtime_r(&now, &tm))
		return;
	AUTO(mem_freep) char *path = result_path(x, &m);

	(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	buf_addf(&text,
		"{\"status\": \"SUCCESS\", \"result\": null, \"traceback\": null, \"children\": [], "
		"\"date_done\": \"%s+00:00\", \"task_id\": \"%s\"}",
		when, buf_str(&m.uuid));
	if (file_mkdirs_for(path, NULL) == 0)
		(void)file_write(path, text.ptr, text.len, 0, NULL);
}

/* ---- what DVC does ---- */

void broker_fill(struct exp *x, struct exp_task *t)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(message_release) struct message m = {0};
	const char *message;

	if (!find(x, IN, &t->stash, &a, &m) && !find(x, PROCESSED, &t->stash, &a, &m))
		return;
	message = value_get_str(m.kwargs, "message");
	if (message && !t->message)
		t->message = mem_strdup(message);
	const struct value *paths = value_get(m.kwargs, "copy_paths");

	for (size_t i = 0; value_is_list(paths) && i < value_count(paths); i++)
		if (value_str(paths->list.items[i].value))
			strlist_add(&t->copy_paths, value_str(paths->list.items[i].value));
}

/* Its id is in a file that may be old, so the command line must be that of a worker of DVC: `exp
 * queue-worker dvc-exp-<hash>-<number>@localhost`. Workers of cairn have a number there. */
static bool is_worker(const char *pid_file)
{
	static const char worker[] = "queue-worker\0dvc-exp-";
	AUTO(buf_release) struct buf pid = BUF_INIT;
	AUTO(buf_release) struct buf words = BUF_INIT;

	if (file_read(pid_file, &pid, NULL) < 0)
		return false;
	buf_rtrim(&pid);
	if (!pid.len || strspn(buf_str(&pid), "0123456789") != pid.len)
		return false;
	AUTO(mem_freep) char *path = mem_printf("/proc/%s/cmdline", buf_str(&pid));

	return file_read(path, &words, NULL) == 0 &&
	       memmem(words.ptr, words.len, worker, sizeof(worker) - 1);
}

bool broker_dvc_works(const struct exp *x)
{
	AUTO(mem_freep) char *folder = path_join(x->dir, "celery");
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	bool works = false;

	if (!file_is_dir(folder) || file_list(folder, &names, NULL) < 0)
		return false;
	for (size_t i = 0; i < names.count && !works; i++) {
		AUTO(mem_freep) char *path = path_join(folder, names.items[i]);

		works = str_starts(names.items[i], "dvc-exp-worker-") &&
			str_ends(names.items[i], ".pid") && is_worker(path);
	}
	return works;
}

void broker_each_taken(struct exp *x, broker_taken_fn fn, void *ctx)
{
	AUTO(mem_freep) char *folder = folder_path(x, PROCESSED);
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;

	if (!file_is_dir(folder) || file_list(folder, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(message_release) struct message m = {0};

		if (!look_at(folder, names.items[i], &a, &m))
			continue;
		AUTO(mem_freep) char *result = result_path(x, &m);

		if (!file_exists(result))
			fn(ctx, &m.task);
	}
}

/* The files of an attempt: writes and reads them. What they mean for a watcher is in judge.c. */
#include "exec/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "text/json.h"

enum { MOST_LIVES = 99, MOST_SECONDS = 1000000000 };

/* ---- JSON ---- */

/* The reader keeps a byte that is no UTF-8, which is written as "\udcff", as the three bytes of
 * that code point. Make it a byte again. */
static char *bytes_of(const char *text)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	const unsigned char *p = (const unsigned char *)text;

	while (*p) {
		bool escaped = p[0] == 0xed && (p[1] == 0xb2 || p[1] == 0xb3) && p[2] >= 0x80;
		buf_addc(&out, escaped ? (char)(((p[1] & 3) << 6) | (p[2] & 0x3f)) : (char)*p);
		p += escaped ? 3 : 1;
	}
	return mem_strdup(buf_str(&out));
}

static void set_text(struct arena *a, struct value *map, const char *key, const char *text)
{
	if (text)
		value_set(a, map, key, value_string(a, text));
}

static char *get_text(const struct value *map, const char *key)
{
	const char *text = value_get_str(map, key);
	return text ? bytes_of(text) : NULL;
}

static void set_list(struct arena *a, struct value *map, const char *key, const struct strlist *l)
{
	struct value *v = value_list(a);
	for (size_t i = 0; i < l->count; i++)
		value_append(a, v, value_string(a, l->items[i]));
	if (l->count)
		value_set(a, map, key, v);
}

static void get_list(const struct value *map, const char *key, struct strlist *out)
{
	const struct value *list = value_get(map, key);
	for (size_t i = 0; value_is_list(list) && i < value_count(list); i++)
		if (value_str(list->list.items[i].value))
			strlist_take(out, bytes_of(value_str(list->list.items[i].value)));
}

/* `fallback` for what is no number from 0 to `most`. */
static int64_t get_number(const struct value *map, const char *key, int64_t fallback, int64_t most)
{
	int64_t n = value_get_int(map, key, fallback);
	return n < 0 || n > most ? fallback : n;
}

static double get_seconds(const struct value *map, const char *key)
{
	double n = value_number(value_get(map, key));
	return n >= 0 && n < MOST_SECONDS ? n : 0; /* not a number: 0 */
}

static int read_map(const char *path, struct arena *a, struct value **out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = file_read(path, &text, err);
	if (r < 0)
		return r;
	r = json_parse(a, buf_str(&text), text.len, out, err);
	if (r < 0)
		return err_wrap(err, r, "'%s' is damaged", path);
	return value_is(*out, VALUE_MAP) ? 0
					 : err_set(err, ERR_PARSE, "'%s' is damaged: no map", path);
}

/* ---- link(2) ---- */

/*
 * Make a file with these bytes, unless there is one: 0 or ERR_EXISTS. On a network file system
 * link(2) may report a failure though it has worked, when an answer was lost; the number of links
 * tells.
 */
static int make_once(const char *path, const struct buf *text, bool lasting, struct err *err)
{
	char host[65] = "";
	(void)gethostname(host, sizeof(host) - 1);
	AUTO(mem_freep) char *mine = mem_printf("%s.%s.%d", path, host, (int)getpid());
	int r = file_write(mine, text->ptr, text->len, lasting ? FILE_SYNC : 0, err);
	if (r < 0)
		return r;

	struct stat st;
	int failure = link(mine, path) < 0 ? errno : 0;
	if (failure && stat(mine, &st) == 0 && st.st_nlink == 2)
		failure = 0;
	(void)unlink(mine);
	errno = failure;
	if (failure == EEXIST)
		return err_set(err, ERR_EXISTS, "'%s' is there already", path);
	return failure ? err_errno(err, "unable to make '%s'", path) : 0;
}

static int make_json_once(
	const char *dir, const char *name, const struct value *v, bool lasting, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(dir, name);
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = json_write(&text, v, NULL, err);
	buf_addc(&text, '\n');
	return r < 0 ? r : make_once(path, &text, lasting, err);
}

/* ---- the job ---- */

void attempt_job_release(struct attempt_job *j)
{
	free(j->name);
	free(j->key);
	free(j->dir);
	strlist_release(&j->lines);
	strlist_release(&j->words);
	strlist_release(&j->environ);
	strlist_release(&j->clean);
	*j = (struct attempt_job){0};
}

int attempt_make(const char *path, const struct attempt_job *job, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v = value_map(&a);
	int r = file_mkdirs_for(path, err);
	if (r < 0)
		return r;
	if (mkdir(path, 0700) < 0)
		return errno == EEXIST ? err_set(err, ERR_EXISTS, "'%s' is there already", path)
				       : err_errno(err, "unable to make '%s'", path);

	value_set(&a, v, "cairn", value_int(&a, 1));
	set_text(&a, v, "name", job->name);
	set_text(&a, v, "key", job->key);
	set_text(&a, v, "dir", job->dir);
	set_list(&a, v, "commands", &job->lines);
	set_list(&a, v, "words", &job->words);
	set_list(&a, v, "environ", &job->environ);
	set_list(&a, v, "clean", &job->clean);
	value_set(&a, v, "again", value_bool(&a, job->again));
	value_set(&a, v, "once", value_bool(&a, job->once));
	value_set(&a, v, "merge", value_bool(&a, job->merge));
	value_set(&a, v, "show", value_bool(&a, job->show));
	value_set(&a, v, "beat", value_int(&a, job->beat_s));
	return make_json_once(path, "job.json", v, false, err);
}

int attempt_read_job(const char *path, struct attempt_job *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *file = path_join(path, "job.json");
	struct value *v;
	int r = read_map(file, &a, &v, err);
	if (r < 0)
		return r;
	if (value_get_int(v, "cairn", 0) != 1)
		return err_set(
			err, ERR_PARSE, "'%s' was written by another version of cairn", file);

	out->name = get_text(v, "name");
	out->key = get_text(v, "key");
	out->dir = get_text(v, "dir");
	get_list(v, "commands", &out->lines);
	get_list(v, "words", &out->words);
	get_list(v, "environ", &out->environ);
	get_list(v, "clean", &out->clean);
	out->again = value_get_bool(v, "again");
	out->once = value_get_bool(v, "once");
	out->merge = value_get_bool(v, "merge");
	out->show = value_get_bool(v, "show");
	out->beat_s = MAX(get_number(v, "beat", 30, MOST_SECONDS), (int64_t)1);
	if (out->name && out->dir && (out->lines.count || out->words.count))
		return 0;
	attempt_job_release(out);
	return err_set(err, ERR_PARSE, "'%s' is damaged: no name, directory or command", file);
}

/* ---- claims ---- */

void attempt_claim_release(struct attempt_claim *c)
{
	free(c->host);
	free(c->job_id);
	free(c->process);
	*c = (struct attempt_claim){0};
}

/* "claim", "claim-2", ... */
static char *claim_name(int life)
{
	return life == 1 ? mem_strdup("claim") : mem_printf("claim-%d", life);
}

void attempt_read_claim(const char *path, struct attempt_claim *out)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v = NULL;
	int life = 0;

	for (; life < MOST_LIVES; life++) {
		AUTO(mem_freep) char *name = claim_name(life + 1);
		AUTO(mem_freep) char *file = path_join(path, name);
		struct value *next;
		if (!file_exists(file))
			break;
		v = read_map(file, &a, &next, NULL) == 0 ? next : NULL;
	}
	*out = (struct attempt_claim){.life = life};
	if (!v)
		return; /* not claimed, or by whom cannot be read */
	out->revoked = value_get_bool(v, "revoked");
	out->host = get_text(v, "host");
	out->job_id = get_text(v, "job");
	out->process = get_text(v, "process");
}

int attempt_claim(const char *path, const struct attempt_claim *claim, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *name = claim_name(claim->life);
	struct value *v = value_map(&a);

	if (claim->life > MOST_LIVES)
		return err_set(err, ERR_FAIL, "'%s' was started %d times", path, MOST_LIVES);
	if (claim->revoked)
		value_set(&a, v, "revoked", value_bool(&a, true));
	set_text(&a, v, "host", claim->host);
	set_text(&a, v, "job", claim->job_id);
	set_text(&a, v, "process", claim->process);
	return make_json_once(path, name, v, false, err);
}

bool attempt_is_ours(const char *path, const struct attempt_claim *mine)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *name = claim_name(mine->life);
	AUTO(mem_freep) char *next_name = claim_name(mine->life + 1);
	AUTO(mem_freep) char *file = path_join(path, name);
	AUTO(mem_freep) char *next = path_join(path, next_name);
	struct value *v;
	int r = file_exists(next) ? ERR_EXISTS : read_map(file, &a, &v, NULL);
	if (r < 0)
		return r != ERR_EXISTS && r != ERR_NOT_FOUND;
	AUTO(mem_freep) char *host = get_text(v, "host");
	AUTO(mem_freep) char *process = get_text(v, "process");
	return !value_get_bool(v, "revoked") && str_eq(host, mine->host) &&
	       str_eq(process, mine->process);
}

bool attempt_may_run(const char *path)
{
	AUTO(attempt_end_release) struct attempt_end end = {0};
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	if (!file_exists(path))
		return false;
	attempt_read_claim(path, &claim);
	return !claim.revoked && attempt_read_end(path, &end, NULL) == 0;
}

int attempt_revoke(const char *path, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	int r = attempt_claim(path, &(struct attempt_claim){.life = 1, .revoked = true}, &why);
	if (r == 0)
		return 1;
	if (r != ERR_EXISTS)
		return err_move(err, &why);
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	attempt_read_claim(path, &claim);
	return claim.revoked;
}

/* ---- the end ---- */

void attempt_end_release(struct attempt_end *e)
{
	free(e->host);
	*e = (struct attempt_end){0};
}

char *attempt_done_name(const char *path)
{
	AUTO(mem_freep) char *job = path_dirname(path);
	const char *try = path_basename(path);
	return mem_printf("%s.%s", path_basename(job), str_starts(try, "try-") ? try + 4 : try);
}

static int read_end(const char *dir, const char *name, struct attempt_end *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *file = path_join(dir, name);
	AUTO(err_release) struct err why = ERR_INIT;
	struct value *v;
	int r = read_map(file, &a, &v, &why);

	*out = (struct attempt_end){0};
	if (r == ERR_NOT_FOUND)
		return 0;
	if (r < 0)
		return err_move(err, &why);
	if (!value_is(value_get(v, "status"), VALUE_INT))
		return err_set(err, ERR_PARSE, "'%s' is damaged: no status", file);
	out->result = (struct process_result){
		.status = (int)value_get_int(v, "status", 1),
		.wall_s = get_seconds(v, "wall_s"),
		.cpu_s = get_seconds(v, "cpu_s"),
		.peak_kib = value_get_int(v, "peak_kib", 0),
		.failed = (size_t)get_number(v, "failed", 0, INT32_MAX),
	};
	out->signal = (int)get_number(v, "signal", 0, 64);
	out->host = get_text(v, "host");
	return 1;
}

int attempt_read_end(const char *path, struct attempt_end *out, struct err *err)
{
	return read_end(path, "exit.json", out, err);
}

int attempt_read_interrupted(const char *path, int life, struct attempt_end *out, struct err *err)
{
	AUTO(mem_freep) char *name = mem_printf("interrupted-%d.json", life);
	return read_end(path, name, out, err);
}

/* Best effort: a watcher that misses it asks the scheduler, and looks then. */
static void tell_watchers(const char *path)
{
	AUTO(mem_freep) char *name = attempt_done_name(path);
	AUTO(mem_freep) char *file = mem_printf("%s/../../done/%s", path, name);
	AUTO(close_fd) int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	(void)fd;
}

int attempt_write_end(const char *path, int life, const struct attempt_end *end, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	const struct process_result *res = &end->result;
	bool interrupted = end->signal && res->status != 0;
	AUTO(mem_freep) char *name = interrupted ? mem_printf("interrupted-%d.json", life)
						 : mem_strdup("exit.json");
	struct value *v = value_map(&a);

	value_set(&a, v, "status", value_int(&a, res->status));
	value_set(&a, v, "wall_s", value_float(&a, res->wall_s));
	value_set(&a, v, "cpu_s", value_float(&a, res->cpu_s));
	value_set(&a, v, "peak_kib", value_int(&a, res->peak_kib));
	value_set(&a, v, "failed", value_int(&a, (int64_t)res->failed));
	if (end->signal)
		value_set(&a, v, "signal", value_int(&a, end->signal));
	set_text(&a, v, "host", end->host);
	int r = make_json_once(path, name, v, true, err);
	if (r == 0 || r == ERR_EXISTS)
		tell_watchers(path);
	return r;
}

/* ---- beats ---- */

static int64_t read_number(const char *path, const char *name)
{
	AUTO(mem_freep) char *file = path_join(path, name);
	AUTO(close_fd) int fd = file_open(AT_FDCWD, file, NULL, NULL);
	char text[32] = "";
	int64_t n;
	if (fd < 0 || file_read_full(fd, text, sizeof(text) - 1) < 0)
		return 0;
	text[strcspn(text, "\n")] = '\0';
	return str_to_i64(text, &n) ? n : 0;
}

int64_t attempt_read_beat(const char *path)
{
	return read_number(path, "beat");
}

int attempt_read_signal(const char *path)
{
	enum { MOST = 64 };
	int64_t n = read_number(path, "signal");
	return n > 0 && n <= MOST ? (int)n : 0;
}

int attempt_write_signal(const char *path, int number, struct err *err)
{
	AUTO(mem_freep) char *file = path_join(path, "signal");
	AUTO(mem_freep) char *text = mem_printf("%d\n", number);
	return file_write(file, text, strlen(text), 0, err);
}

/* In place, not by rename: a watcher that reads half a number sees that it has changed, which is
 * all that it looks for. */
int attempt_write_beat(const char *path, int64_t number, struct err *err)
{
	AUTO(mem_freep) char *file = path_join(path, "beat");
	AUTO(mem_freep) char *text = mem_printf("%lld\n", (long long)number);
	AUTO(close_fd) int fd = open(file, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0 || file_write_all(fd, text, strlen(text)) < 0)
		return err_errno(err, "unable to write '%s'", file);
	return 0;
}

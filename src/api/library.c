/* The functions of include/cairn.h: JSON in and out, errors as plain structs, and a host that is
 * left alone. */
#include <cairn.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/api.h"
#include "api/version.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/ctx.h"
#include "text/json.h"

struct cairn_repo {
	struct ctx ctx;
	atomic_bool stop;
	struct api_repo *api;
};

struct cairn_file {
	struct api_file api;
};

enum { MOST_ARGUMENT_BYTES = 16 * 1024 * 1024 };

int cairn_abi(void)
{
	return CAIRN_ABI;
}

const char *cairn_version(void)
{
	return CAIRN_VERSION;
}

void cairn_free(void *memory)
{
	free(memory);
}

void cairn_on_out_of_memory(void (*handler)(size_t size))
{
	mem_on_out_of_memory(handler);
}

/* ---- errors */

/* Was it compiled with a header that has all fields that we write? There is only one yet. */
static bool is_usable(const cairn_error *error)
{
	return error && error->size >= sizeof(*error);
}

void cairn_error_clear(cairn_error *error)
{
	if (!is_usable(error))
		return;
	free(error->message);
	free(error->hint);
	error->code = 0;
	memset(error->kind, 0, sizeof(error->kind));
	error->message = error->hint = NULL;
}

static int code_of(const struct err *err, int r)
{
	switch (err_kind_of(err)) {
	case KIND_USAGE:
		return CAIRN_MISUSED;
	case KIND_CANCELLED:
		return CAIRN_CANCELLED;
	case KIND_PATH_MISSING:
	case KIND_OUTPUT_NOT_FOUND:
	case KIND_NOT_FOUND:
	case KIND_UNKNOWN_REVISION:
	case KIND_NO_REMOTE:
	case KIND_REMOTE_NOT_FOUND:
	case KIND_STAGE_NOT_FOUND:
	case KIND_FILE_NOT_FOUND:
	case KIND_TARGET_NOT_FOUND:
	case KIND_ARTIFACT_NOT_FOUND:
	case KIND_DATASET_NOT_FOUND:
		return CAIRN_MISSING;
	default:
		return r < 0 ? CAIRN_FAILED : 0;
	}
}

/* Hand the failure over to the caller. */
static int report(const struct err *err, int r, cairn_error *error)
{
	if (r >= 0)
		return 0;
	int code = code_of(err, r);
	if (!is_usable(error))
		return code;
	const char *word = err_kind_word(err_kind_of(err)), *hint = err_hint_text(err);
	error->code = code;
	memcpy(error->kind, word, MIN(strlen(word), sizeof(error->kind) - 1));
	error->message = mem_strdup(err_plain_text(err));
	error->hint = hint ? mem_strdup(hint) : NULL;
	return code;
}

static int misused(const char *what, cairn_error *error)
{
	AUTO(err_release) struct err err = ERR_INIT;
	return report(&err, err_set(&err, ERR_USAGE, "%s", what), error);
}

/* ---- the host's thread */

/*
 * A pipe or a connection may close while something is written to it. That must not end the host, so
 * SIGPIPE is blocked for the call, and threads that it starts inherit that. One that has arrived
 * meanwhile is taken away, unless one waited before.
 */
struct guard {
	sigset_t old;
	bool waited;
};

static void guard_begin(struct guard *g)
{
	sigset_t pipe_only, pending;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	g->waited = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
	(void)pthread_sigmask(SIG_BLOCK, &pipe_only, &g->old);
}

static void guard_end(struct guard *g)
{
	sigset_t pipe_only, pending;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	if (!g->waited && sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1)
		(void)sigtimedwait(&pipe_only, NULL, &(struct timespec){0});
	(void)pthread_sigmask(SIG_SETMASK, &g->old, NULL);
}

/* ---- repositories */

/* Replace what stands for bytes that are no UTF-8 ("\udcff", as answers have it) by these bytes.
 * The code points U+DC80 to U+DCFF are three bytes in a value. */
static void restore_bytes(struct value *v)
{
	if (value_is(v, VALUE_STRING)) {
		char *to = v->str.ptr;
		for (size_t i = 0; i < v->str.len; i++) {
			const unsigned char *p = (const unsigned char *)v->str.ptr + i;
			bool is_byte = i + 2 < v->str.len && p[0] == 0xED &&
				       (p[1] == 0xB2 || p[1] == 0xB3) && (p[2] & 0xC0) == 0x80;
			*to++ = is_byte ? (char)((p[1] == 0xB3 ? 0xC0 : 0x80) | (p[2] & 0x3F))
					: (char)p[0];
			i += is_byte ? 2 : 0;
		}
		v->str.len = (size_t)(to - v->str.ptr);
		*to = '\0';
	}
	for (size_t i = 0; i < value_count(v); i++)
		restore_bytes(v->list.items[i].value);
}

/* Parse an object, or NULL for none. */
static int parse_object(
	struct arena *a, const char *what, const char *json, struct value **out, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	*out = NULL;
	if (!json)
		return 0;
	size_t len = strnlen(json, MOST_ARGUMENT_BYTES + 1);
	if (len > MOST_ARGUMENT_BYTES)
		return err_set(err, ERR_USAGE, "%s are longer than 16 MB", what);
	if (json_parse(a, json, len, out, &why) < 0)
		return err_set(err, ERR_USAGE, "%s are no JSON: %s", what, err_text(&why));
	if (!value_is(*out, VALUE_MAP))
		return err_set(err, ERR_USAGE, "%s must be an object", what);
	restore_bytes(*out);
	return 0;
}

static int bad_option(const char *name, const char *wanted, struct err *err)
{
	return err_set(err, ERR_USAGE, "option '%s' must be %s", name, wanted);
}

static int read_options(const struct value *options, struct api_opts *out, struct err *err)
{
	for (size_t i = 0; i < value_count(options); i++) {
		const char *key = options->list.items[i].key;
		const struct value *v = options->list.items[i].value;
		const char *text = value_str(v);
		if (value_is(v, VALUE_NULL))
			continue;
		if (text && strlen(text) != v->str.len)
			return bad_option(key, "a string without zero bytes", err);
		if (strcmp(key, "rev") == 0 || strcmp(key, "remote") == 0) {
			if (!text)
				return bad_option(key, "a string", err);
			*(key[2] == 'v' ? &out->rev : &out->remote) = text;
		} else if (strcmp(key, "config") == 0) {
			if (!text && !value_is(v, VALUE_MAP))
				return bad_option(key, "a path or an object", err);
			out->config_file = text;
			out->config = text ? NULL : v;
		} else if (strcmp(key, "remote_config") == 0) {
			if (!value_is(v, VALUE_MAP))
				return bad_option(key, "an object", err);
			out->remote_config = v;
		} else {
			return err_set(err, ERR_USAGE, "there is no option '%s'", key);
		}
	}
	return 0;
}

int cairn_repo_open(
	const char *dir_or_url, const char *options, cairn_repo **repo, cairn_error *error)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct api_opts opts = {0};
	struct value *parsed;
	struct guard guard;

	cairn_error_clear(error);
	if (repo)
		*repo = NULL;
	if (!dir_or_url || !repo)
		return misused(
			"cairn_repo_open() needs a directory and a place for the handle", error);

	guard_begin(&guard);
	cairn_repo *fresh = NEW(cairn_repo);
	fresh->ctx = CTX_INIT;
	fresh->ctx.stop = &fresh->stop;
	opts.ctx = &fresh->ctx;
	int r = parse_object(&a, "options", options, &parsed, &err);
	if (r >= 0)
		r = read_options(parsed, &opts, &err);
	if (r >= 0)
		r = api_open(&fresh->api, dir_or_url, &opts, &err);
	if (r < 0)
		free(fresh);
	else
		*repo = fresh;
	guard_end(&guard);
	return report(&err, r, error);
}

void cairn_repo_close(cairn_repo *repo)
{
	struct guard guard;
	if (!repo)
		return;
	guard_begin(&guard);
	api_close(repo->api);
	free(repo);
	guard_end(&guard);
}

void cairn_repo_cancel(cairn_repo *repo)
{
	if (repo)
		atomic_store(&repo->stop, true);
}

int cairn_query(cairn_repo *repo, const char *question, const char *arguments, char **json,
	cairn_error *error)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *args, *answer;
	struct guard guard;

	cairn_error_clear(error);
	if (json)
		*json = NULL;
	if (!repo || !question || !json)
		return misused(
			"cairn_query() needs a repository, a question and a place for the answer",
			error);

	guard_begin(&guard);
	atomic_store(&repo->stop, false);
	int r = parse_object(&a, "arguments", arguments, &args, &err);
	if (r >= 0)
		r = api_query(repo->api, question, args, &a, &answer, &err);
	if (r >= 0)
		r = json_write(&text, answer, NULL, &err);
	if (r >= 0)
		*json = buf_detach(&text);
	guard_end(&guard);
	return report(&err, r, error);
}

/* ---- files */

int cairn_file_open(
	cairn_repo *repo, const char *path, const char *rev, cairn_file **file, cairn_error *error)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct guard guard;

	cairn_error_clear(error);
	if (file)
		*file = NULL;
	if (!repo || !path || !file)
		return misused(
			"cairn_file_open() needs a repository, a path and a place for the file",
			error);

	guard_begin(&guard);
	atomic_store(&repo->stop, false);
	struct api_file found = API_FILE_INIT;
	int r = api_file_open(repo->api, path, rev, &found, &err);
	if (r >= 0) {
		*file = NEW(cairn_file);
		(*file)->api = found;
	}
	guard_end(&guard);
	return report(&err, r, error);
}

int64_t cairn_file_size(const cairn_file *file)
{
	return file ? (int64_t)file->api.size_bytes : CAIRN_MISUSED;
}

int64_t cairn_file_read(
	cairn_file *file, void *buffer, size_t size, int64_t offset, cairn_error *error)
{
	AUTO(err_release) struct err err = ERR_INIT;
	cairn_error_clear(error);
	if (!file || (!buffer && size) || offset < 0)
		return misused("cairn_file_read() needs a file, a buffer and an offset", error);
	if (!size)
		return 0;
	int64_t n = api_file_read(&file->api, buffer, size, (uint64_t)offset, &err);
	return n >= 0 ? n : report(&err, (int)n, error);
}

int cairn_file_fd(const cairn_file *file)
{
	return file && file->api.fd >= 0 ? file->api.fd : -1;
}

void cairn_file_close(cairn_file *file)
{
	if (!file)
		return;
	api_file_release(&file->api);
	free(file);
}

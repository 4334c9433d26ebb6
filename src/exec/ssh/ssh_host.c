/* Answers the questions of a head: reads messages from its input, and keeps everything in files. */
#include "exec/ssh/ssh_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "exec/probe.h"
#include "exec/ssh/ssh_host_int.h"
#include "scm/git.h"
#include "scm/ref.h"

const char *ssh_host_version(void)
{
	return CAIRN_VERSION;
}

/* ---- hello ---- */

/* "~/x", an absolute path, or one in the home directory, where ssh begins. Heap string. */
static char *root_of(const char *dir, const char *repository)
{
	AUTO(mem_freep) char *home = path_cwd();
	AUTO(mem_freep) char *path = path_join(home, str_starts(dir, "~/") ? dir + 2 : dir);
	AUTO(mem_freep) char *root = path_join(path, repository);

	return path_normalize(root);
}

/* It appears whole, by rename; the caller has the lock of h->root. */
static int make_repository(const struct host *h, struct err *err)
{
	AUTO(mem_freep) char *made = path_join(h->root, "repo.new");
	int r;

	if (file_exists(h->repo))
		return 0;
	r = file_remove(made, err); /* of one that was killed */
	if (r == 0)
		r = git_runl(h->root, NULL, err, "init", "-q", "repo.new", NULL);
	/* a shallow clone may push here */
	if (r >= 0)
		r = git_runl(made, NULL, err, "config", "receive.shallowUpdate", "true", NULL);
	return r < 0 ? r : file_rename(made, h->repo, err);
}

/* What all jobs share, and the turn of this connection. */
static int enter(struct host *h, struct err *err)
{
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	int r = host_take_turn(h, &lock, err);

	return r < 0 ? r : make_repository(h, err);
}

/* Remove what heads have left: that crashed, or could not reach this host when they were done. */
static void sweep(const struct host *h, const struct wire *w)
{
	enum { OLD_S = 24 * 3600 };
	AUTO(mem_freep) char *jobs = path_join(h->root, "jobs");
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(strlist_release) struct strlist keep = STRLIST_INIT;

	VEC_EACH (&w->fields, f)
		if (str_eq(f->word, "keep"))
			strlist_add(&keep, f->bytes);
	if (file_list(jobs, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem_freep) char *path = path_join(jobs, names.items[i]);
		struct stat st;

		if (!host_is_job_name(names.items[i]) || strlist_has(&keep, names.items[i]) ||
			stat(path, &st) < 0 || st.st_mtime > time(NULL) - OLD_S)
			continue;
		if (!host_job_runs(h, names.items[i]))
			host_remove_job(h, names.items[i]);
	}
}

static int do_hello(struct host *h, const struct wire *w, struct wire *out, struct err *err)
{
	const char *dir = wire_get(w, "dir"), *repository = wire_get(w, "repository");

	wire_addi(out, "protocol", SSH_HOST_PROTOCOL);
	wire_adds(out, "version", ssh_host_version());
	if (wire_int(w, "protocol", 0) != SSH_HOST_PROTOCOL)
		return 0; /* the head says what that means */
	if (!dir || !host_is_job_name(repository))
		return err_set(err, ERR_USAGE, "no directory is given");
	free(h->root);
	free(h->repo);
	h->root = root_of(dir, repository);
	h->repo = path_join(h->root, "repo");
	AUTO(mem_freep) char *cache = path_join(h->root, "cache");

	cache_release(&h->cache);
	cache_init(&h->cache, h->ctx, cache);
	int r = enter(h, err);

	if (r < 0)
		return r;
	if (wire_find(w, "sweep"))
		sweep(h, w);
	wire_adds(out, "root", h->root);
	return 0;
}

/* ---- objects ---- */

static int do_lack(struct host *h, const struct wire *w, struct wire *out, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(oid_list_release) struct oid_list wanted = {0};
	AUTO(oid_list_release) struct oid_list missing = {0};
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *list = wire_get(w, "md5");
	struct oid o;

	strlist_split(&names, list ? list : "", '\n');
	for (size_t i = 0; i < names.count; i++)
		if (oid_parse(&o, names.items[i], HASH_MD5))
			oid_list_add(&wanted, &o);
	oid_list_sort(&wanted);
	int r = cache_missing(&h->cache, &wanted, &missing, err);

	for (size_t i = 0; r >= 0 && i < missing.count; i++) {
		char name[OID_TEXT];

		buf_addf(&text, "%s\n", oid_format(&missing.items[i], name));
	}
	wire_add(out, "md5", buf_str(&text), text.len);
	return r;
}

/* ---- small questions ---- */

static int open_repository(const struct host *h, struct scm **out, struct err *err)
{
	return h->root ? scm_open(out, h->repo, err) : err_set(err, ERR_USAGE, "hello comes first");
}

static int do_commit(struct host *h, const struct wire *w, struct wire *out, struct err *err)
{
	struct scm *scm = NULL;
	struct scm_id id;
	const char *ref = wire_get(w, "ref");
	int r = open_repository(h, &scm, err);

	if (r == 0)
		r = scm_ref_read(scm, ref ? ref : "", &id, err);
	scm_free(scm);
	if (r == 0)
		wire_adds(out, "commit", id.hex);
	return r;
}

static int do_read(struct host *h, const struct wire *w, struct wire *out, struct err *err)
{
	AUTO(host_place_release) struct host_place p = {0};
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = host_place_read(h, w, &p, err);

	if (r < 0)
		return r;
	const struct wire_field *path = wire_find(w, "path");
	AUTO(mem_freep) char *root = host_tree_root(&p);

	if (!root || !path || !path_is_safe_relative(path->bytes, path->len))
		return err_set(err, ERR_NOT_FOUND, "there is no work tree of the job");
	AUTO(mem_freep) char *full = path_join(root, path->bytes);

	r = file_check_below(full, root, err);
	if (r == 0)
		r = file_read(full, &text, err);
	if (r == 0)
		wire_add(out, "bytes", buf_str(&text), text.len);
	return r;
}

static int do_probe(struct host *h, const struct wire *w, struct wire *out, struct err *err)
{
	AUTO(probe_report_release) struct probe_report report = {0};
	AUTO(buf_release) struct buf text = BUF_INIT;

	(void)w;
	if (!h->root)
		return err_set(err, ERR_USAGE, "no hello was said");
	probe_find_out(h->ctx, h->root, h->cache.dir, ssh_host_version(), &report);
	int r = probe_format(&report, "", &text, err);

	wire_add(out, "report", buf_str(&text), text.len);
	return r;
}

static int do_forget(struct host *h, const struct wire *w, struct wire *out, struct err *err)
{
	AUTO(host_place_release) struct host_place p = {0};
	struct scm *scm = NULL;
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	int r = host_place_read(h, w, &p, err);

	(void)out;
	if (r == 0)
		r = host_take_job(h, &p, false, &lock, err);
	if (r < 0)
		return r;
	host_remove_job(h, wire_get(w, "job"));
	r = open_repository(h, &scm, err);
	VEC_EACH (&w->fields, f)
		if (r == 0 && str_eq(f->word, "ref"))
			r = scm_ref_delete(scm, f->bytes, err);
	scm_free(scm);
	return r;
}

/* ---- serving ---- */

static const struct {
	const char *word;
	int (*run)(struct host *h, const struct wire *w, struct wire *out, struct err *err);
} verbs[] = {
	{"hello", do_hello},
	{"lack", do_lack},
	{"prepare", host_prepare},
	{"start", host_start},
	{"poll", host_poll},
	{"commit", do_commit},
	{"read", do_read},
	{"outputs", host_outputs},
	{"probe", do_probe},
	{"forget", do_forget},
};

static void answer(struct host *h, const struct wire *question, struct wire *out)
{
	AUTO(err_release) struct err why = ERR_INIT;
	const char *word = wire_get(question, "do");

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (!str_eq(verbs[i].word, word))
			continue;
		int r = verbs[i].run(h, question, out, &why);

		if (r < 0) {
			wire_adds(out, "error", err_text(&why));
			wire_addi(out, "code", r);
		}
		return;
	}
	wire_adds(out, "error", "unknown question");
	wire_addi(out, "code", ERR_UNSUPPORTED);
}

/* False: the connection has ended. */
static bool read_more(struct host *h)
{
	enum { ONCE = 1 << 16 };
	ssize_t n;

	buf_reserve(&h->input, ONCE);
	do
		n = read(h->in, h->input.ptr + h->input.len, h->input.cap - h->input.len - 1);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	h->input.len += (size_t)n;
	h->input.ptr[h->input.len] = '\0';
	return true;
}

int ssh_host_serve(const struct ctx *ctx, const char *nonce, int in_fd, int out_fd, struct err *err)
{
	struct host h = {.ctx = ctx, .in = in_fd, .cache = CACHE_INIT};
	int r = 0;

	while (r == 0) {
		AUTO(wire_release) struct wire question = WIRE_INIT;
		AUTO(wire_release) struct wire reply = WIRE_INIT;
		AUTO(buf_release) struct buf bytes = BUF_INIT;

		r = wire_take(&h.input, nonce, &question, NULL, err);
		if (r == 0 && !read_more(&h))
			break;
		if (r <= 0)
			continue;
		answer(&h, &question, &reply);
		if (wire_is_too_long(&reply)) {
			wire_release(&reply);
			wire_adds(&reply, "error",
				"the answer is longer than 256 MiB, as with millions of files");
			wire_addi(&reply, "code", ERR_UNSUPPORTED);
		}
		wire_format(&reply, nonce, &bytes);
		/* a head that has gone is no failure: its jobs go on */
		r = file_write_all(out_fd, bytes.ptr, bytes.len) < 0;
		if (r)
			break;
	}
	free(h.root);
	free(h.repo);
	cache_release(&h.cache);
	buf_release(&h.input);
	return MIN(r, 0);
}

/* Opens a remote's object store, and plans what a push or a fetch sends. */
#include "store/remote.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "store/cache_int.h"
#include "store/remote_int.h"
#include "store/tree.h"
#include "text/url.h"

/* Of a listing that is read into memory: some ten million files. */
static const uint64_t most_listing_bytes = (uint64_t)1 << 30;

int remote_open(struct remote **out, const struct ctx *ctx, const char *url,
	const struct value *options, struct err *err)
{
	struct remote *r = NEW(struct remote);
	int code = fs_open(&r->fs, ctx, url, options, err);
	if (code < 0) {
		free(r);
		return code == ERR_CONFIG ? err_recode(err, ERR_OPTIONS) : code;
	}
	r->ctx = ctx;
	if (r->fs->local_root) {
		cache_init(&r->as_cache, ctx, r->fs->local_root);
		r->local = &r->as_cache;
	}
	*out = r;
	return 0;
}

void remote_close(struct remote *r)
{
	if (!r)
		return;
	cache_release(&r->as_cache);
	free(r->uploads_dir);
	fs_close(r->fs);
	free(r);
}

void remote_set_shared(struct remote *r, bool shared)
{
	if (r->local)
		cache_set_shared(&r->as_cache, shared);
	r->fs->shared = shared;
}

void remote_keep_uploads(struct remote *r, const char *dir)
{
	char key[SHA256_HEX + 1];
	remote_key(r, key);
	free(r->uploads_dir);
	r->uploads_dir = path_join(dir, key);
}

const char *remote_place(const struct remote *r)
{
	return r->fs->local_root ? r->fs->local_root : r->fs->url;
}

void remote_result_release(struct remote_result *r)
{
	oid_list_release(&r->missing);
	VEC_EACH (&r->failures, f) {
		free(f->path);
		free(f->why);
		free(f->plain);
	}
	vec_release(&r->failures);
	*r = (struct remote_result){0};
}

int remote_send(const struct sending *s, const struct oid_list *objects, struct err *err)
{
	if (!objects->count)
		return 0;
	return s->remote->local ? remote_send_local(s, objects, err)
				: remote_send_net(s, objects, err);
}

/* ---- reading objects without storing them */

static int read_net(struct remote *from, const struct oid *o, uint64_t most_bytes, struct buf *out,
	struct err *err)
{
	AUTO(mem_freep) char *path = remote_object_path(o);
	int r = transfer_read(from->fs, path, NULL, most_bytes, out, err);
	return r < 0 ? r : remote_check_bytes(o, out, err);
}

/* The mode of a remote's file proves nothing, so its bytes are hashed. */
static int read_local(struct remote *from, const struct oid *o, uint64_t most_bytes,
	struct buf *out, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	struct stat st;

	cache_object_path(from->local, o, &path);
	if (stat(path.ptr, &st) == 0 && (uint64_t)st.st_size > most_bytes)
		return err_set(err, ERR_FAIL, "'%s' is larger than expected", path.ptr);
	int r = file_read_data(path.ptr, out, err);
	return r < 0 ? r : remote_check_bytes(o, out, err);
}

int remote_read_small(struct remote *from, const struct oid *o, uint64_t most_bytes,
	struct buf *out, struct err *err)
{
	if (from->local)
		return read_local(from, o, most_bytes, out, err);
	/* bytes that went wrong on the way are right the second time */
	int r = read_net(from, o, most_bytes, out, err);
	return r == ERR_CORRUPT ? read_net(from, o, most_bytes, out, err) : r;
}

int remote_read(struct remote *from, const struct oid *o, struct buf *out, struct err *err)
{
	return remote_read_small(from, o, most_listing_bytes, out, err);
}

static int parse_listing(
	const struct oid *o, const struct buf *bytes, struct tree *out, struct err *err)
{
	char text[OID_TEXT];
	AUTO(mem_freep) char *what = mem_printf("directory listing '%s'", oid_format(o, text));
	return tree_parse(out, buf_str(bytes), bytes->len, o->hash, what, err);
}

int remote_read_listing(struct remote *from, const struct oid *o, struct tree *out, struct err *err)
{
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	int r = remote_read(from, o, &bytes, err);
	return r < 0 ? r : parse_listing(o, &bytes, out, err);
}

/* ---- what is to be sent */

struct listing {
	struct oid oid;
	struct tree tree;
	struct buf bytes; /* as read from a remote behind a driver; else empty */
};

struct plan {
	struct sending sending;
	struct remote_result *out;
	struct listing *listings;
	size_t listing_count;
	struct oid_list named;  /* everything asked for; sorted */
	struct oid_list wanted; /* and the files of its listings; sorted */
	struct oid_list send;   /* what the target lacks and the source has; sorted */
	/* on neither side, or failed: a listing that needs one of these is not sent; sorted before
	 * it is searched */
	struct oid_list absent;
	struct oid_list failed;        /* of `absent`; sorted before it is searched */
	struct oid_list arrived, gone; /* of a push; of a fetch */
};

static void plan_release(struct plan *p)
{
	for (size_t i = 0; i < p->listing_count; i++) {
		tree_release(&p->listings[i].tree);
		buf_release(&p->listings[i].bytes);
	}
	free(p->listings);
	oid_list_release(&p->named);
	oid_list_release(&p->wanted);
	oid_list_release(&p->send);
	oid_list_release(&p->absent);
	oid_list_release(&p->failed);
	oid_list_release(&p->arrived);
	oid_list_release(&p->gone);
}

static int add_listing(
	struct plan *p, const struct oid *o, const struct buf *bytes, struct err *err)
{
	struct listing *l = &p->listings[p->listing_count];
	*l = (struct listing){.oid = *o};
	int r = parse_listing(o, bytes, &l->tree, err);
	p->listing_count++;
	return r;
}

/* Read a listing from the cache, or else from a local remote. The others go to `far`. */
static int load_near_listing(
	struct plan *p, const struct oid *o, struct oid_list *far, struct err *err)
{
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	int r = cache_read(p->sending.cache, o, &bytes, err);
	if (r == ERR_NOT_FOUND && p->sending.remote->local) {
		err_release(err);
		r = remote_read(p->sending.remote, o, &bytes, err);
	}
	if (r != ERR_NOT_FOUND)
		return r < 0 ? r : add_listing(p, o, &bytes, err);
	err_release(err);
	if (!p->sending.remote->local)
		oid_list_add(far, o);
	return 0; /* missing on both sides: compare_sides() reports it */
}

struct far_listings {
	struct plan *plan;
	const struct oid_list *oids;
	struct oid_list again; /* those that arrived wrong */
};

/* A fetch stores the bytes later, so that they are not fetched again. */
static int add_far_listing(struct plan *p, const struct oid *o, struct buf *bytes, struct err *err)
{
	int r = add_listing(p, o, bytes, err);
	if (!p->sending.is_push)
		p->listings[p->listing_count - 1].bytes = TAKE(*bytes);
	return r;
}

/* A fetch hears of it here, and compare_sides() reports it: an unread listing is not asked for
 * again. */
static int note_lost_listing(struct plan *p, const struct oid *o)
{
	if (!p->sending.is_push) {
		oid_list_add(&p->absent, o);
		oid_list_add(&p->gone, o);
	}
	return 0;
}

static int take_far_listing(
	void *arg, size_t i, struct buf *bytes, int code, struct err *why, struct err *err)
{
	struct far_listings *far = arg;
	const struct oid *o = &far->oids->items[i];
	if (code == ERR_NOT_FOUND)
		return note_lost_listing(far->plan, o);
	if (code < 0)
		return err_move(err, why);
	if (remote_check_bytes(o, bytes, NULL) >= 0)
		return add_far_listing(far->plan, o, bytes, err);
	oid_list_add(&far->again, o);
	return 0;
}

/* Read listings from a remote behind a driver, many at the same time. */
static int load_far_listings(struct plan *p, const struct oid_list *oids, struct err *err)
{
	struct far_listings far = {.plan = p, .oids = oids};
	const struct transfer_opts opts = remote_transfer_opts(
		p->sending.remote, p->sending.opts->jobs);
	AUTO(remote_paths_free) char **paths = remote_object_paths(oids);
	int r = transfer_read_all(p->sending.remote->fs, (const char *const *)paths, oids->count,
		most_listing_bytes, &opts, take_far_listing, &far, err);
	for (size_t i = 0; i < far.again.count && r >= 0; i++) {
		AUTO(buf_release) struct buf bytes = BUF_INIT;
		r = remote_read(p->sending.remote, &far.again.items[i], &bytes, err);
		if (r >= 0)
			r = add_far_listing(p, &far.again.items[i], &bytes, err);
	}
	oid_list_release(&far.again);
	return r;
}

/* Fill p->listings, and p->wanted with the objects asked for and the files of the listings. */
static int collect(struct plan *p, const struct oid_list *wanted, struct err *err)
{
	AUTO(oid_list_release) struct oid_list far = {0};
	size_t dirs = 0;
	int r = 0;

	for (size_t i = 0; i < wanted->count; i++)
		dirs += wanted->items[i].is_dir;
	p->listings = mem_zalloc((dirs + 1) * sizeof(*p->listings));

	for (size_t i = 0; i < wanted->count && r == 0; i++) {
		oid_list_add(&p->named, &wanted->items[i]);
		oid_list_add(&p->wanted, &wanted->items[i]);
		if (wanted->items[i].is_dir)
			r = load_near_listing(p, &wanted->items[i], &far, err);
	}
	if (r == 0 && far.count)
		r = load_far_listings(p, &far, err);

	for (size_t i = 0; i < p->listing_count && r == 0; i++) {
		const struct tree *t = &p->listings[i].tree;
		for (size_t k = 0; k < t->count; k++) {
			struct oid o = tree_entry_oid(t, &t->entries[k]);
			oid_list_add(&p->wanted, &o);
		}
	}

	oid_list_sort(&p->named);
	oid_list_sort(&p->wanted);
	return r;
}

/*
 * Which of `lacking` does the source not have? Our own cache is checked for soundness, a local
 * remote for existence (see cache_absent()). A remote behind a driver is not asked: a fetch of what
 * is not there says so, and takes one request instead of two.
 */
static int missing_in_source(
	struct plan *p, const struct oid_list *lacking, struct oid_list *out, struct err *err)
{
	if (p->sending.is_push)
		return cache_missing(p->sending.cache, lacking, out, err);
	return p->sending.remote->local ? remote_missing(p->sending.remote, lacking, out, err) : 0;
}

void remote_add_failure(
	struct remote_result *out, const struct oid *o, const char *path, const struct err *why)
{
	*vec_push(&out->failures) = (struct remote_failure){.oid = *o,
		.path = path ? mem_strdup(path) : NULL,
		.code = why->code,
		.why = mem_strdup(err_text(why)),
		.plain = mem_strdup(err_plain_text(why))};
	out->failed++;
}

static void add_failed(struct plan *p, const struct oid *o, const struct err *why)
{
	oid_list_add(&p->failed, o);
	remote_add_failure(p->out, o, NULL, why);
}

/* Is it only a warning that an object is on neither side? As in DVC it is for what was asked for,
 * and in a push. A listing in the remote promises its files: a fetch fails without one of them. */
static bool may_be_missing(const struct plan *p, const struct oid *o)
{
	return p->sending.is_push || oid_list_has(&p->named, o);
}

/* A local remote lacks a file of a listing. The message is what DVC shows of its open(). */
static void add_lost_file(struct plan *p, const struct oid *o)
{
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(buf_release) struct buf path = BUF_INIT;
	cache_object_path(p->sending.remote->local, o, &path);
	(void)err_set(
		&why, ERR_NOT_FOUND, "[Errno 2] No such file or directory: '%s'", buf_str(&path));
	(void)err_plain(&why, ERR_NOT_FOUND, "'%s' does not exist", buf_str(&path));
	add_failed(p, o, &why);
}

/* Split what the target lacks into what the source has (send) and what neither side has (absent,
 * missing). */
static int compare_sides(struct plan *p, struct err *err)
{
	AUTO(oid_list_release) struct oid_list lacking = {0};

	int r = p->sending.is_push ? remote_missing_named(p->sending.remote, &p->wanted, &p->named,
					     &lacking, err)
				   : cache_missing(p->sending.cache, &p->wanted, &lacking, err);
	if (r == 0)
		r = missing_in_source(p, &lacking, &p->absent, err);
	oid_list_sort(&p->absent);

	/* both lists are subsets of the sorted `wanted`, so `send` is sorted, too */
	for (size_t i = 0; i < lacking.count && r == 0; i++) {
		if (!oid_list_has(&p->absent, &lacking.items[i]))
			oid_list_add(&p->send, &lacking.items[i]);
	}
	for (size_t i = 0; i < p->absent.count && r == 0; i++) {
		const struct oid *o = &p->absent.items[i];
		if (may_be_missing(p, o))
			oid_list_add(&p->out->missing, o);
		else
			add_lost_file(p, o);
	}
	return r;
}

/* The result of one object. One that failed counts as absent, so that listings that need it are
 * not sent. */
static void take_report(void *arg, const struct oid *o, int code, const struct err *why)
{
	struct plan *p = arg;
	if (code >= 0) {
		p->out->transferred++;
		oid_list_add(&p->arrived, o);
		return;
	}
	oid_list_add(&p->absent, o);
	bool is_gone = code == ERR_NOT_FOUND && !p->sending.is_push && !p->sending.remote->local;
	if (is_gone)
		oid_list_add(&p->gone, o);
	if (is_gone && may_be_missing(p, o))
		oid_list_add(&p->out->missing, o);
	else
		add_failed(p, o, why);
}

/* ---- what a failure says */

static int compare_failures(const void *a, const void *b)
{
	const struct remote_failure *x = a, *y = b;
	return oid_compare(&x->oid, &y->oid);
}

/* Name the files of a directory that failed. */
static void name_files(struct plan *p, const struct listing *l, const char *dir)
{
	for (size_t i = 0; i < l->tree.count; i++) {
		const struct tree_entry *e = &l->tree.entries[i];
		const struct remote_failure key = {.oid = tree_entry_oid(&l->tree, e)};
		struct remote_failure *f = bsearch(&key, p->out->failures.items,
			p->out->failures.count, sizeof(key), compare_failures);
		if (f && !f->path)
			f->path = path_join(dir, tree_path(&l->tree, e));
	}
}

/* Objects have no names of their own, so those that failed are looked for where they are used. */
static void name_failures(struct plan *p)
{
	const struct remote_opts *o = p->sending.opts;
	vec_sort(&p->out->failures, compare_failures);
	if (!o->path_of || !p->out->failures.count)
		return;
	VEC_EACH (&p->out->failures, f)
		f->path = o->path_of(o->path_arg, &f->oid);
	for (size_t i = 0; i < p->listing_count; i++) {
		AUTO(mem_freep) char *dir = o->path_of(o->path_arg, &p->listings[i].oid);
		if (dir)
			name_files(p, &p->listings[i], dir);
	}
}

char *remote_failure_text(
	const struct remote *r, const struct remote_failure *f, bool is_push, bool dvcs_words)
{
	AUTO(buf_release) struct buf out = BUF_INIT, place = BUF_INIT;
	char text[OID_TEXT];
	oid_format(&f->oid, text);
	if (dvcs_words)
		return mem_printf("failed to transfer '%s' - %s", text, f->why);
	url_add_shown(&place, remote_place(r)); /* it may have a password */
	buf_addf(&out, "unable to %s ", is_push ? "push" : "fetch");
	if (f->path)
		buf_addf(&out, "'%s'", f->path);
	else
		buf_addf(&out, "object '%s'", text);
	/* the reason of most drivers names the place itself */
	if (!strstr(f->plain, buf_str(&place)))
		buf_addf(&out, " %s '%s'", is_push ? "to" : "from", buf_str(&place));
	buf_addf(&out, ": %s", f->plain);
	return buf_detach(&out);
}

/* ---- a whole push or fetch */

/* The path of a large object, for the progress. Called seldom, so the listings are searched. */
static char *name_of(void *arg, const struct oid *o)
{
	const struct plan *p = arg;
	const struct remote_opts *opts = p->sending.opts;
	char *path = opts->path_of ? opts->path_of(opts->path_arg, o) : NULL;
	for (size_t i = 0; i < p->listing_count && !path && opts->path_of; i++) {
		const struct listing *l = &p->listings[i];
		for (size_t k = 0; k < l->tree.count && !path; k++) {
			const struct tree_entry *e = &l->tree.entries[k];
			if (memcmp(e->digest, o->digest, MD5_BYTES) != 0)
				continue;
			AUTO(mem_freep) char *dir = opts->path_of(opts->path_arg, &l->oid);
			path = dir ? path_join(dir, tree_path(&l->tree, e)) : NULL;
		}
	}
	return path;
}

static bool has_file_of(const struct listing *l, const struct oid_list *sorted)
{
	for (size_t k = 0; k < l->tree.count && sorted->count; k++) {
		struct oid o = tree_entry_oid(&l->tree, &l->tree.entries[k]);
		if (oid_list_has(sorted, &o))
			return true;
	}
	return false;
}

/* The listings to send, after their files: a push sends those whose files are all in the target. A
 * fetch brings the others as well: with them the missing files can be named. As in DVC a directory
 * that a fetch brings only in part counts as one more failure. */
static void choose_listings(struct plan *p, struct oid_list *out)
{
	oid_list_sort(&p->absent);
	oid_list_sort(&p->failed);
	for (size_t i = 0; i < p->listing_count; i++) {
		const struct listing *l = &p->listings[i];
		if (!oid_list_has(&p->send, &l->oid))
			continue;
		if (!p->sending.is_push || !has_file_of(l, &p->absent))
			oid_list_add(out, &l->oid);
		p->out->failed += !p->sending.is_push && has_file_of(l, &p->failed);
	}
	oid_list_sort(out);
}

/* The total size is unknown, so it is estimated from a sample of the objects. */
static void begin_meter(const struct plan *p, const struct oid_list *files)
{
	enum { EVERY = 32 }; /* one stat(2) in 32 objects is cheap compared to copying them all */
	AUTO(oid_list_release) struct oid_list sample = {0};
	const struct cache *from = p->sending.is_push ? p->sending.cache : p->sending.remote->local;
	for (size_t i = 0; i < files->count; i += EVERY)
		oid_list_add(&sample, &files->items[i]);

	meter_begin_guessed(p->sending.cache->ctx, METER_TRANSFER,
		p->sending.is_push ? "pushing" : "fetching", files->count,
		from ? cache_mean_size(from, &sample) : 0);
}

/* Send the chosen listings; those that a fetch has read already are stored. */
static int send_listings(struct plan *p, const struct oid_list *chosen, struct err *err)
{
	AUTO(oid_list_release) struct oid_list rest = {0};
	for (size_t i = 0; i < p->listing_count; i++) {
		const struct listing *l = &p->listings[i];
		AUTO(err_release) struct err why = ERR_INIT;
		if (!oid_list_has(chosen, &l->oid))
			continue;
		if (l->bytes.len)
			take_report(p, &l->oid,
				cache_add_bytes(p->sending.cache, &l->oid, l->bytes.ptr,
					l->bytes.len, &why),
				&why);
		else
			oid_list_add(&rest, &l->oid);
	}
	oid_list_sort(&rest);
	return remote_send(&p->sending, &rest, err);
}

static int send_all(struct plan *p, struct err *err)
{
	AUTO(oid_list_release) struct oid_list files = {0}, listings = {0};
	for (size_t i = 0; i < p->send.count; i++) {
		if (!p->send.items[i].is_dir)
			oid_list_add(&files, &p->send.items[i]);
	}

	begin_meter(p, &files);
	int r = remote_send(&p->sending, &files, err);
	if (r >= 0)
		choose_listings(p, &listings);
	if (r >= 0)
		r = send_listings(p, &listings, err);
	meter_end(p->sending.cache->ctx, METER_TRANSFER);
	return r;
}

static int run(struct plan *p, const struct oid_list *wanted, struct err *err)
{
	int r = collect(p, wanted, err);
	if (r == 0)
		r = compare_sides(p, err);
	if (r == 0)
		r = send_all(p, err);
	name_failures(p);
	/* also after a failure: what has been learned is true */
	if (!p->sending.remote->local && p->sending.is_push)
		remote_known_add(p->sending.remote, &p->arrived);
	if (!p->sending.remote->local && !p->sending.is_push)
		remote_known_drop(p->sending.remote, &p->gone);
	return r;
}

int remote_push(const struct cache *from, struct remote *to, const struct oid_list *wanted,
	const struct remote_opts *opts, struct remote_result *out, struct err *err)
{
	AUTO(plan_release) struct plan p = {
		.sending = {from, to, true, opts, take_report, &p, NULL, name_of}, .out = out};
	return run(&p, wanted, err);
}

int remote_fetch(struct remote *from, const struct cache *to, const struct oid_list *wanted,
	const struct remote_opts *opts, struct remote_result *out, struct err *err)
{
	AUTO(plan_release) struct plan p = {
		.sending = {to, from, false, opts, take_report, &p, NULL, name_of}, .out = out};
	return run(&p, wanted, err);
}

/* ---- listings alone */

struct listings_fetch {
	size_t arrived;
	struct oid_list *absent;
};

static void take_listing(void *arg, const struct oid *o, int code, const struct err *why)
{
	struct listings_fetch *f = arg;
	(void)why;
	f->arrived += code >= 0;
	if (code == ERR_NOT_FOUND)
		oid_list_add(f->absent, o);
}

int remote_fetch_listings(struct remote *from, const struct cache *to, const struct oid_list *oids,
	size_t *out_count, struct oid_list *out_absent, struct err *err)
{
	const struct remote_opts opts = {0};
	struct listings_fetch f = {.absent = out_absent};
	const struct sending s = {to, from, false, &opts, take_listing, &f};
	int r = remote_send(&s, oids, err);
	*out_count = f.arrived;
	return r;
}

/* ---- a single object */

struct single {
	int code;
	struct err *err;
};

static void take_single(void *arg, const struct oid *o, int code, const struct err *why)
{
	struct single *s = arg;
	(void)o;
	s->code = code;
	if (code < 0)
		(void)err_set(s->err, code, "%s", err_text(why));
}

int remote_fetch_one(struct remote *from, const struct cache *to, const struct oid *o, bool verify,
	struct err *err)
{
	AUTO(oid_list_release) struct oid_list one = {0};
	const struct remote_opts opts = {.verify = verify};
	struct single result = {.err = err};
	const struct sending s = {to, from, false, &opts, take_single, &result, NULL};
	int r = cache_has(to, o, err);
	if (r != 0)
		return MIN(r, 0); /* already in the cache */

	oid_list_add(&one, o);
	r = remote_send(&s, &one, err);
	return r < 0 ? r : result.code < 0 ? result.code : 1;
}

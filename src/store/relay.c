/* Sends local files to a remote right from where they are, and listings. */
#include "store/relay.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "store/cache_int.h"
#include "store/link.h"
#include "store/remote_int.h"

/* A content that is to be sent, and where it is. */
struct piece {
	struct oid oid;
	const struct tree_entry *entry;
	char *path; /* in the remote, while it is sent */
};

struct local {
	const char *root;
	const struct hashed *what;
	struct remote *to;
	VEC(struct piece) pieces; /* sorted; each content once */
	struct tree single;       /* what stands for the tree of a file */
	pthread_mutex_t lock;     /* around the rest */
	struct oid_list arrived;
	size_t failed;
	struct err first;
};

static void local_release(struct local *l)
{
	VEC_EACH (&l->pieces, p)
		free(p->path);
	vec_release(&l->pieces);
	tree_release(&l->single);
	oid_list_release(&l->arrived);
	err_release(&l->first);
}

/* ---- one file */

static char *path_of(const struct local *l, const struct piece *p)
{
	return l->what->is_dir ? path_join(l->root, tree_path(&l->what->tree, p->entry))
			       : mem_strdup(l->root);
}

/* Is the file the one that was hashed? */
static bool is_same(const struct tree_entry *e, const struct stat *st)
{
	struct tree_entry now = {0};
	tree_entry_set_stat(&now, st);
	return now.size_bytes == e->size_bytes && now.mtime_ns == e->mtime_ns &&
	       now.ctime_ns == e->ctime_ns && now.inode == e->inode;
}

static int fail_changed(const char *path, struct err *err)
{
	return err_set(err, ERR_FAIL, "'%s' changed while it was read", path);
}

static int open_piece(void *arg, size_t i, struct transfer_put *out, struct err *err)
{
	const struct local *l = arg;
	struct piece *p = &l->pieces.items[i];
	AUTO(mem_freep) char *path = path_of(l, p);
	struct stat st;
	int fd = file_open(AT_FDCWD, path, &st, err);
	if (fd < 0)
		return fd;
	out->what.from.fd = fd;
	if (!is_same(p->entry, &st))
		return fail_changed(path, err);
	p->path = remote_object_path(&p->oid);
	out->what = (struct fs_put){
		.path = p->path,
		.from = {.fd = fd, .size_bytes = (uint64_t)st.st_size},
		.md5 = p->oid.digest,
		.mode = CACHE_MODE,
	};
	return 0;
}

/* A file that changed while it was sent has left an object with a wrong content. */
static int check_sent(const struct local *l, const struct piece *p, int fd, struct err *err)
{
	const char *const path = p->path;
	struct stat st;
	if (fstat(fd, &st) == 0 && is_same(p->entry, &st))
		return 0;
	(void)l->to->fs->driver->remove(l->to->fs, &path, 1, NULL); /* best effort */
	AUTO(mem_freep) char *file = path_of(l, p);
	return fail_changed(file, err);
}

static int piece_sent(
	void *arg, size_t i, struct transfer_put *put, int code, const struct err *why)
{
	struct local *l = arg;
	const struct piece *p = &l->pieces.items[i];
	AUTO(err_release) struct err ours = ERR_INIT;
	if (code >= 0) {
		code = check_sent(l, p, put->what.from.fd, &ours);
		why = &ours;
	}
	close_fd(&put->what.from.fd);
	meter_files(l->to->ctx, METER_TRANSFER, 1);

	pthread_mutex_lock(&l->lock);
	if (code >= 0)
		oid_list_add(&l->arrived, &p->oid);
	else if (l->failed++ == 0)
		(void)err_set(&l->first, code, "%s", err_text(why));
	pthread_mutex_unlock(&l->lock);
	return 0;
}

static char *name_piece(void *arg, size_t i)
{
	const struct local *l = arg;
	return path_of(l, &l->pieces.items[i]);
}

/* ---- what is to be sent */

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	return oid_compare(&x->oid, &y->oid);
}

/* A file is treated as a directory of one entry. */
static const struct tree *tree_of(struct local *l)
{
	if (l->what->is_dir)
		return &l->what->tree;
	l->single.hash = HASH_MD5;
	struct tree_entry *e = tree_add(&l->single, "", 0);
	tree_entry_set_stat(e, &l->what->stat);
	memcpy(e->digest, l->what->oid.digest, MD5_BYTES);
	e->hashed = true;
	return &l->single;
}

/* A checkout that was killed leaves a file that is not whole (see LINK_UNFINISHED). */
static int check_finished(const struct local *l, const struct tree *t, struct err *err)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct piece p = {.entry = &t->entries[i]};
		if (!(p.entry->mode & LINK_UNFINISHED))
			continue;
		AUTO(mem_freep) char *path = path_of(l, &p);
		return err_set(err, ERR_FAIL,
			"'%s' is half done: the checkout that was making it was cut short", path);
	}
	return 0;
}

/* Choose a file for each object that the remote lacks. `*out_listing`: it lacks the listing. */
static int choose(struct local *l, bool *out_listing, struct err *err)
{
	const struct tree *t = tree_of(l);
	AUTO(oid_list_release) struct oid_list wanted = {0}, missing = {0};
	for (size_t i = 0; i < t->count; i++) {
		struct oid o = tree_entry_oid(t, &t->entries[i]);
		oid_list_add(&wanted, &o);
	}
	if (l->what->is_dir)
		oid_list_add(&wanted, &l->what->oid);
	oid_list_sort(&wanted);
	int r = check_finished(l, t, err);
	if (r >= 0)
		r = remote_missing_named(l->to, &wanted, &wanted, &missing, err);
	oid_list_sort(&missing);

	*out_listing = l->what->is_dir && oid_list_has(&missing, &l->what->oid);
	for (size_t i = 0; i < t->count && r >= 0; i++) {
		const struct oid o = tree_entry_oid(t, &t->entries[i]);
		if (oid_list_has(&missing, &o))
			*vec_push(&l->pieces) = (struct piece){.oid = o, .entry = &t->entries[i]};
	}
	vec_sort(&l->pieces, compare_pieces);
	size_t kept = 0;
	for (size_t i = 0; i < l->pieces.count; i++) {
		const struct piece p = l->pieces.items[i];
		if (kept == 0 || !oid_equal(&p.oid, &l->pieces.items[kept - 1].oid))
			l->pieces.items[kept++] = p;
	}
	l->pieces.count = kept;
	return r;
}

static int send_pieces(struct local *l, int jobs, struct err *err)
{
	const struct transfer_puts how = {open_piece, piece_sent, l, name_piece};
	const struct transfer_opts opts = remote_transfer_opts(l->to, jobs);
	meter_begin_guessed(l->to->ctx, METER_TRANSFER, "pushing", l->pieces.count,
		l->what->files ? l->what->size_bytes / l->what->files : 0);
	pthread_mutex_init(&l->lock, NULL);
	int r = transfer_put_all(l->to->fs, l->pieces.count, &how, &opts, err);
	pthread_mutex_destroy(&l->lock);
	meter_end(l->to->ctx, METER_TRANSFER);
	remote_known_add(l->to, &l->arrived); /* also after a failure: it is true */
	if (r >= 0 && l->failed)
		r = err_set(err, ERR_FAIL, "%zu files failed to upload: %s", l->failed,
			err_text(&l->first));
	return r;
}

int relay_hashed(
	const char *path, const struct hashed *what, struct remote *to, int jobs, struct err *err)
{
	AUTO(local_release) struct local l = {.root = path, .what = what, .to = to};
	bool needs_listing;
	int r = choose(&l, &needs_listing, err);
	if (r >= 0)
		r = send_pieces(&l, jobs, err);
	return r >= 0 && needs_listing ? relay_listing(&what->tree, &what->oid, to, err) : r;
}

/* ---- listings */

struct one {
	struct fs_put what;
	struct err *err;
};

static int open_one(void *arg, size_t i, struct transfer_put *out, struct err *err)
{
	const struct one *o = arg;
	(void)i, (void)err;
	out->what = o->what;
	return 0;
}

static int one_sent(void *arg, size_t i, struct transfer_put *p, int code, const struct err *why)
{
	const struct one *o = arg;
	(void)i, (void)p;
	return code < 0 ? err_set(o->err, code, "%s", err_text(why)) : 0;
}

int relay_listing(const struct tree *t, const struct oid *o, struct remote *to, struct err *err)
{
	AUTO(buf_release) struct buf json = BUF_INIT;
	AUTO(mem_freep) char *path = remote_object_path(o);
	AUTO(oid_list_release) struct oid_list arrived = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	const struct transfer_opts opts = {.meter = METER_NONE};
	tree_to_json(t, &json);
	struct one one = {.what = {.path = path,
				  .from = {.fd = -1, .bytes = json.ptr, .size_bytes = json.len},
				  .md5 = o->digest,
				  .mode = CACHE_MODE},
		.err = &why};
	const struct transfer_puts how = {open_one, one_sent, &one, NULL};
	int there = transfer_stat(to->fs, path, NULL, NULL, err);
	if (there != 0)
		return MIN(there, 0);
	int r = transfer_put_all(to->fs, 1, &how, &opts, err);
	if (r < 0 && *err_text(&why)) {
		err_release(err);
		return err_move(err, &why);
	}
	if (r < 0)
		return r;
	oid_list_add(&arrived, o);
	remote_known_add(to, &arrived);
	return 0;
}

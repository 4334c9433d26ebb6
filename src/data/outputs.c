/* Saves, checks out, links and removes single outputs. */
#include "data/outputs.h"

#include <fcntl.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "project/gitignore.h"
#include "project/index.h"
#include "project/place.h"
#include "store/checkout.h"
#include "store/link.h"

static bool is_in_repo(const struct data *d, const struct out *o)
{
	return o->abs_path && path_inside(o->abs_path, d->repo->root);
}

/* Data of imports from repositories is never pushed, but Git must not track it either. */
int out_make_ignored(struct data *d, const struct out *o, struct err *err)
{
	if (!is_in_repo(d, o) || !(o->cache || stage_is_repo_import(o->stage)))
		return 0;
	int r = gitignore_add(d->repo, o->abs_path, err);
	return r == ERR_EXISTS ? gitignore_refuse(d->repo, o, err) : r;
}

/* The hash to try first: outputs of DVC 2.x keep theirs until the content changes. */
static enum hash_name hash_for(const struct out *o)
{
	struct oid old = recorded_oid(&o->rec);
	return oid_is_set(&old) ? (enum hash_name)old.hash : HASH_MD5;
}

/* DVC's rule: of the first 512 bytes one is NUL, or more than 30 % are neither printable ASCII nor
 * one of \n \r \t \f \b. */
static bool is_binary(const char *path)
{
	char head[512];
	AUTO(close_fd) int fd = file_open(AT_FDCWD, path, NULL, NULL);
	ssize_t n = fd < 0 ? 0 : file_read_full(fd, head, sizeof(head));
	ssize_t odd = 0;

	for (ssize_t i = 0; i < n; i++) {
		if (head[i] == '\0')
			return true;
		odd += (head[i] < ' ' || head[i] > '~') && !strchr("\n\r\t\f\b", head[i]);
	}
	return odd * 10 > n * 3;
}

/* Hash an output. Content of DVC 2.x that has changed gets an MD5 of DVC 3. Only after the first
 * pass it is known which one applies, so storing needs a second pass then. */
static int hash_out(
	struct data *d, const struct out *o, bool store, struct hashed *out, struct err *err)
{
	enum hash_name hash = hash_for(o);
	int r = data_hash(d, o->abs_path, hash, store && hash == HASH_MD5, out, err);
	if (r < 0 || hash == HASH_MD5)
		return r;
	struct oid old = recorded_oid(&o->rec);
	if (!oid_equal(&old, &out->oid))
		hash = HASH_MD5;
	else if (!store)
		return r;
	hashed_release(out);
	return data_hash(d, o->abs_path, hash, store, out, err);
}

/* Is it a symbolic link, or a file with several names? */
static bool is_linked(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 &&
	       (S_ISLNK(st.st_mode) || (S_ISREG(st.st_mode) && st.st_nlink > 1));
}

/* Could out_relink() have something to do, even if copies are wanted? */
static bool has_links(const char *path, const struct hashed *now)
{
	if (!now->is_dir)
		return is_linked(path);
	for (size_t i = 0; i < now->tree.count; i++) {
		if (now->tree.entries[i].is_link || now->tree.entries[i].shared_inode)
			return true;
	}
	return false;
}

int out_save(struct data *d, struct arena *a, struct out *o, bool commit,
	const struct progress *progress, struct err *err)
{
	AUTO(mem_freep) char *shown = out_display(d->repo, o);
	if (!o->abs_path)
		return err_set(err, ERR_UNSUPPORTED,
			"output '%s' is of a scheme that is not supported here", shown);
	if (o->cache && !is_in_repo(d, o)) {
		(void)err_set(err, ERR_FAIL,
			"Saving cached external output %s is not supported since DVC 3.0. See "
			"<https://dvc.org/doc/user-guide/upgrade> for more info.",
			shown);
		return err_plain(err, ERR_FAIL,
			"the output '%s' lies outside of the project and cannot be cached: give it `cache: false`",
			shown);
	}

	struct stat st;
	if (stat(o->abs_path, &st) < 0)
		return err_set(err, ERR_NOT_FOUND, "output '%s' does not exist", shown);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return err_set(err, ERR_FAIL, "output '%s' is not a file or directory", shown);

	int r = out_make_ignored(d, o, err);
	if (r < 0)
		return r;
	/* as in DVC, this check comes after .gitignore was changed */
	if (o->kind == OUT_METRIC && S_ISREG(st.st_mode) && is_binary(o->abs_path))
		return err_set(
			err, ERR_FAIL, "binary file '%s' cannot be used as metrics.", o->abs_path);

	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	r = hash_out(d, o, commit && o->cache, &now, err);
	if (r < 0)
		return r;

	o->has_links = has_links(o->abs_path, &now);
	if (now.is_dir ? now.files == 0 : now.size_bytes == 0)
		progress_warn(progress, "'%s' is empty.", shown);
	recorded_set(a, &o->rec, &now);
	return 0;
}

int out_commit(struct data *d, struct out *o, bool relink, struct err *err)
{
	struct oid want = recorded_oid(&o->rec);
	if (!o->cache || !oid_is_set(&want))
		return 0;
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	int r = data_hash(d, o->abs_path, want.hash, true, &now, err);
	if (r < 0 || !relink)
		return r;
	o->has_links = has_links(o->abs_path, &now);
	return out_relink(d, o, err);
}

/* The result of a plan that was applied without a failure, as if it had been hashed. */
static void take_facts(struct checkout_plan *plan, struct hashed *out)
{
	out->oid = plan->want;
	out->is_dir = plan->want.is_dir;
	out->files = plan->new_tree.count;
	out->size_bytes = tree_size(&plan->new_tree);
	out->is_exec = !out->is_dir && plan->new_tree.entries[0].mode & S_IXUSR;
}

/* Set damaged objects aside, so that they count as missing. */
static int check_sizes(
	struct data *d, const struct checkout_plan *plan, int64_t size_bytes, struct err *err)
{
	AUTO(oid_list_release) struct oid_list damaged = {0};
	if (size_bytes < 0)
		return 0;
	AUTO(mem_freep) char *shown = repo_display(d->repo, plan->path);
	int r = checkout_plan_check_sizes(plan, &d->cache, (uint64_t)size_bytes, &damaged, err);
	return r < 0 ? r : data_set_aside(d, &damaged, shown, NULL, err);
}

/* Check out an object at a path, replacing what is there. `size_bytes` is the recorded size, -1:
 * not known. *out_now (may be NULL) is filled, except for its tree. */
static int bring(struct data *d, const char *path, const struct oid *want, int64_t size_bytes,
	bool exec, bool relink, struct hashed *out_now, struct err *err)
{
	AUTO(data_filter_release) struct data_filter filter;
	data_filter_init(&filter, d->repo, path);

	struct checkout_opts opts = {.cache = &d->cache,
		.state = d->state,
		.filter = filter.walk,
		.relink = relink,
		.keep_listed =
			relink}; /* as in DVC when it saves; `checkout --relink` is stricter */
	AUTO(checkout_plan_release) struct checkout_plan plan = CHECKOUT_PLAN_INIT;
	AUTO(strlist_release) struct strlist failed = STRLIST_INIT;
	int r = checkout_plan_make(path, want, exec, NULL, &opts, &plan, err);
	if (r >= 0)
		r = check_sizes(d, &plan, size_bytes, err);
	if (r >= 0)
		r = place_apply(d->repo, &plan, &opts, &failed, err);
	/* the object is there, so the link was what failed */
	if (r >= 0 && failed.count && (relink || !want->is_dir) && cache_exists(&d->cache, want)) {
		(void)err_set(err, ERR_UNSUPPORTED,
			"No possible cache link types for '%s'. See <https://dvc.org/doc/user-guide/troubleshooting#cache-types> "
			"for more information.",
			failed.items[0]);
		return err_plain(err, ERR_UNSUPPORTED,
			"'%s' cannot be brought from the cache in any way that cache.type allows; "
			"`dvc config cache.type copy` lets it be copied",
			failed.items[0]);
	}

	if (r >= 0 && failed.count)
		r = err_set(err, ERR_NOT_FOUND, "unable to restore '%s': it is not in the cache",
			failed.items[0]);
	if (r >= 0 && out_now)
		take_facts(&plan, out_now);
	return r;
}

int out_relink(struct data *d, const struct out *o, struct err *err)
{
	struct oid want = recorded_oid(&o->rec);
	/* copies that are to stay copies are the usual case; do not even look at them */
	if (!o->cache || !oid_is_set(&want) || (link_prefers_copy(&d->cache) && !o->has_links))
		return 0;
	return bring(d, o->abs_path, &want, -1, o->rec.isexec, true, NULL, err);
}

int out_relink_part(struct data *d, struct out *o, const char *path, struct err *err)
{
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	struct stat st;
	bool copies = link_prefers_copy(&d->cache),
	     is_file = stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
	if (!o->cache || (copies && is_file && !is_linked(path)))
		return 0;
	if (!is_file && !copies)
		return out_relink(d, o, err);

	int r = data_hash(d, path, HASH_MD5, false, &now, err);
	if (r >= 0 && is_file)
		return bring(d, path, &now.oid, -1, false, true, NULL, err);
	if (r == ERR_NOT_FOUND) { /* the path was removed */
		err_release(err);
		return 0;
	}

	o->has_links = r >= 0 && has_links(path, &now);
	return r < 0 ? r : out_relink(d, o, err);
}

int out_restore(struct data *d, const struct out *o, const struct recorded *rec, struct err *err)
{
	struct oid want = recorded_oid(rec);
	return bring(d, o->abs_path, &want, rec->size, rec->isexec, false, NULL, err);
}

int out_place(struct data *d, struct arena *a, struct out *o, const struct oid *want,
	const struct progress *progress, struct err *err)
{
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	AUTO(mem_freep) char *shown = out_display(d->repo, o);
	int r = bring(d, o->abs_path, want, -1, false, false, &now, err);
	if (r < 0)
		return r;
	if (now.is_dir ? now.files == 0 : now.size_bytes == 0)
		progress_warn(progress, "'%s' is empty.", shown);
	recorded_set(a, &o->rec, &now);
	return 0;
}

int out_remove(struct data *d, const struct out *o, struct err *err)
{
	if (!o->abs_path)
		return 0;
	return place_remove(d->repo, o->abs_path, err);
}

/* Goes down into directories; the order does not matter. */
int path_unprotect(struct data *d, const char *abs_path, struct err *err)
{
	if (!file_is_dir(abs_path))
		return link_unprotect(&d->cache, abs_path, err);
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int r = file_list(abs_path, &names, err);
	for (size_t i = 0; i < names.count && r >= 0; i++) {
		AUTO(mem_freep) char *below = path_join(abs_path, names.items[i]);
		struct stat st;
		if (stat(below, &st) == 0) /* a broken link does not lead into the cache */
			r = path_unprotect(d, below, err);
	}
	return r;
}

int out_unprotect(struct data *d, const struct out *o, struct err *err)
{
	if (!o->cache || !is_in_repo(d, o) || !file_exists(o->abs_path))
		return 0;
	return path_unprotect(d, o->abs_path, err);
}

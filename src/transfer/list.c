/* Lists files: prefix by prefix where the place lists flat, else directory by directory. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "text/url.h"
#include "transfer/transfer_int.h"

/* What is to be listed: a page of a prefix, or of a directory that was found. */
struct unit {
	char *prefix;
	char *token; /* of the next page; NULL: the first */
	struct fs_page page;
	/* Against a listing without end: the pages before this one, those of them in a row that had
	 * no entry, and the first entry of the last page whose number was a power of two. Pages
	 * that come again begin with that one some time (Brent's search for a cycle). */
	unsigned pages, empty;
	char *mark;
};

struct listing {
	struct fs *fs;
	bool flat, versions;
	VEC(struct unit *) todo; /* the last one is taken first */
	transfer_list_fn fn;
	void *arg;
};

static struct unit *add_unit(struct listing *l, const char *prefix, const char *token)
{
	struct unit *u = NEW(struct unit);
	u->prefix = mem_strdup(prefix);
	u->token = token ? mem_strdup(token) : NULL;
	*vec_push(&l->todo) = u;
	return u;
}

static void free_unit(struct unit *u)
{
	fs_page_release(&u->page);
	free(u->prefix);
	free(u->token);
	free(u->mark);
	free(u);
}

static void listing_release(struct listing *l)
{
	VEC_EACH (&l->todo, u)
		free_unit(*u);
	vec_release(&l->todo);
}

static void *take_unit(void *arg)
{
	struct listing *l = arg;
	return l->todo.count ? l->todo.items[--l->todo.count] : NULL;
}

/* Names come from elsewhere, and what reads them counts on their beginning. A path that grows
 * without end is a directory within itself. */
static int check_entry(
	const struct listing *l, const struct unit *u, const struct fs_entry *e, struct err *err)
{
	enum { LONGEST = 4096 };
	size_t len = strlen(u->prefix);
	bool below = str_starts(e->path, u->prefix) && e->path[0];
	if (below && len && !l->flat)
		below = e->path[len] == '/' && e->path[len + 1];
	if (!below)
		return err_set(err, ERR_FAIL, "'%s' is listed, which is not below '%s'", e->path,
			u->prefix);
	if (e->is_dir && strlen(e->path) > LONGEST)
		return err_set(
			err, ERR_FAIL, "the name of the directory '%s' is too long", e->path);
	return 0;
}

/* Note the next page as a unit. */
static int go_on(struct listing *l, const struct unit *u, struct err *err)
{
	/* the smallest pages have 1000 entries, and some places send empty ones while they search
	 */
	enum { MOST_PAGES = 1 << 20, MOST_EMPTY = 1000 };
	if (!u->page.next)
		return 0;
	const char *first = u->page.entries.count ? u->page.entries.items[0].path : NULL;
	unsigned pages = u->pages + 1, empty = first ? 0 : u->empty + 1;
	if ((u->token && str_eq(u->token, u->page.next)) ||
		(first && u->mark && str_eq(first, u->mark)) || empty > MOST_EMPTY ||
		pages > MOST_PAGES)
		return err_set(err, ERR_FAIL, "the listing of '%s' does not end", u->prefix);

	struct unit *next = add_unit(l, u->prefix, u->page.next);
	const char *mark = first && (pages & (pages - 1)) == 0 ? first : u->mark;
	next->pages = pages;
	next->empty = empty;
	next->mark = mark ? mem_strdup(mark) : NULL;
	return 0;
}

static int list_page(void *arg, void *unit, struct err *err)
{
	struct listing *l = arg;
	struct unit *u = unit;
	const struct fs_list what = {u->prefix, l->flat, l->versions, u->token};
	fs_page_release(&u->page); /* of an attempt that failed */
	return l->fs->driver->list(l->fs, &what, &u->page, err);
}

/* Pass the files on, and note the directories and the next page as units. */
static int use_page(void *arg, void *unit, int code, struct err *why, struct err *err)
{
	struct listing *l = arg;
	struct unit *u = unit;
	int r = code < 0 ? err_move(err, why) : go_on(l, u, err);

	for (size_t i = 0; i < u->page.entries.count && r >= 0; i++) {
		const struct fs_entry *e = &u->page.entries.items[i];
		r = check_entry(l, u, e, err);
		if (r >= 0 && e->is_dir)
			add_unit(l, e->path, NULL);
		else if (r >= 0)
			r = l->fn(l->arg, e, err);
	}
	free_unit(u);
	return r;
}

int transfer_list(struct fs *fs, const char *const *prefixes, size_t count,
	const struct transfer_opts *opts, transfer_list_fn fn, void *arg, struct err *err)
{
	AUTO(listing_release) struct listing l = {.fs = fs,
		.flat = fs_can(fs, FS_LIST_FLAT),
		.versions = opts->versions,
		.fn = fn,
		.arg = arg};
	const struct crew_opts crew = transfer_crew(fs, opts);
	const struct crew_task task = {take_unit, list_page, use_page, &l};

	if (fs_can(fs, FS_NO_LIST)) {
		AUTO(buf_release) struct buf shown = BUF_INIT;
		url_add_shown(&shown, fs->url); /* it may have a password */
		return err_set(err, ERR_UNSUPPORTED, "'%s' lists no files", buf_str(&shown));
	}
	for (size_t i = count; i-- > 0;)
		add_unit(&l, prefixes[i], NULL);
	return count ? crew_run(&crew, &task, err) : 0;
}

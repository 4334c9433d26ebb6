/*
 * Reading: files, their attributes, directories. A file costs two round trips, plus what its bytes
 * take: OPEN, then FSTAT together with the first READs. Further READs keep a window of bytes on the
 * way, and their answers are delivered in order.
 */
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "fs/ssh/ssh_int.h"

/* ---- attributes */

/* Ask for the attributes of a path. Returns 0 and the status when there is no such answer. */
static int ask_attrs(struct sftp_talk *t, const char *full, struct sftp_attrs *out,
	uint32_t *out_status, struct err *err)
{
	struct sftp_call call = {0};
	struct sftp_status status;
	sftp_add_path_request(&t->out, SFTP_STAT, sftp_call_start(t, &call), full);
	int r = sftp_flush(t, err);
	if (r == 0)
		r = sftp_wait(t, &call, err);

	*out_status = SFTP_OK;
	if (r == 0 && !sftp_parse_attrs(&call.packet, out)) {
		if (sftp_parse_status(&call.packet, &status) && status.code != SFTP_OK)
			*out_status = status.code;
		else
			r = sftp_fail_malformed(t, err);
	}
	sftp_call_drop(t, &call);
	return r < 0 ? r : *out_status == SFTP_OK;
}

/* OpenSSH says "failure", and no more, of a path below a file. Is it that? */
static bool is_below_file(struct sftp_talk *t, const char *full)
{
	AUTO(mem_freep) char *dir = path_dirname(full);
	while (*dir) {
		struct sftp_attrs attrs;
		uint32_t status;
		int r = ask_attrs(t, dir, &attrs, &status, NULL);
		if (r == 1)
			return attrs.has_mode && !S_ISDIR(attrs.mode);
		if (r < 0 || status != SFTP_FAILURE)
			return false;
		char *above = path_dirname(dir);
		free(dir);
		dir = above;
	}
	return false;
}

/* Does the status say that nothing is at this path? */
static bool is_absent(struct sftp_talk *t, const char *full, uint32_t status)
{
	return status == SFTP_NO_SUCH_FILE || (status == SFTP_FAILURE && is_below_file(t, full));
}

int sftp_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err)
{
	AUTO(sftp_talk_end) struct sftp_talk t = {0};
	AUTO(mem_freep) char *full = sftp_full(fs, path);
	struct sftp_attrs attrs;
	uint32_t status;
	(void)version;

	int r = sftp_talk_to(fs, false, &t, err);
	if (r == 0)
		r = ask_attrs(&t, full, &attrs, &status, err);
	else
		return r;
	if (r == 0 && !is_absent(&t, full, status)) {
		const struct sftp_subject s = {fs->handle, "read", path};
		return sftp_fail(&s, &(struct sftp_status){.code = status, .text = ""}, err);
	}
	if (r == 1 && out)
		*out = sftp_stat_of(&attrs);
	return r;
}

/* ---- the bytes of a file */

struct read {
	struct sftp_call call;
	uint64_t offset;
	uint32_t want;
};

struct get {
	struct sftp_talk talk;
	struct sftp_subject subject;
	const struct byte_sink *to;
	struct sftp_handle handle;
	uint64_t next, end; /* the offset that is asked for next, and where to stop */
	uint64_t flying;    /* bytes that were asked for and are not here */
	uint64_t given;     /* bytes that went to the sink */
	uint32_t block;
	bool at_end;       /* the server says that the file ends */
	struct read *ring; /* on the way: `count` from `first` on */
	unsigned size, first, count;
};

static void get_release(struct get *g)
{
	sftp_talk_end(&g->talk); /* first: it knows the calls */
	for (unsigned i = 0; i < g->size; i++)
		free(g->ring[i].call.bytes);
	free(g->ring);
}

static void start_read(struct get *g, struct read *r, uint64_t offset, uint32_t want)
{
	r->offset = offset;
	r->want = want;
	uint32_t id = sftp_call_start(&g->talk, &r->call);
	sftp_add_read(&g->talk.out, id, &g->handle, offset, want);
}

/* Ask for more while there is room. Sends nothing yet. */
static void start_reads(struct get *g, uint64_t window_bytes)
{
	while (g->count < g->size && g->next < g->end && !g->at_end) {
		uint32_t want = (uint32_t)MIN((uint64_t)g->block, g->end - g->next);
		if (g->count && g->flying + want > window_bytes)
			return;
		start_read(g, &g->ring[(g->first + g->count) % g->size], g->next, want);
		g->next += want;
		g->flying += want;
		g->count++;
	}
}

/* Wait for one READ. Returns the count of its bytes, which may be fewer than asked for; 0: the file
 * ends before. `*out_bytes` is in the call. */
static ssize_t wait_read(
	struct get *g, struct read *r, const unsigned char **out_bytes, struct err *err)
{
	size_t count;
	struct sftp_status status;
	int code = sftp_wait(&g->talk, &r->call, err);
	if (code < 0)
		return code;
	if (sftp_parse_data(&r->call.packet, out_bytes, &count))
		return count && count <= r->want ? (ssize_t)count
						 : sftp_fail_malformed(&g->talk, err);
	if (!sftp_parse_status(&r->call.packet, &status) || status.code == SFTP_OK)
		return sftp_fail_malformed(&g->talk, err);
	return status.code == SFTP_EOF ? 0 : sftp_fail(&g->subject, &status, err);
}

/* Give the bytes of the first READ to the sink. A server may send fewer bytes than asked for; the
 * rest is asked for again, at once. */
static int take_first(struct get *g, struct err *err)
{
	struct read *first = &g->ring[g->first];
	g->flying -= first->want;
	for (;;) {
		const unsigned char *bytes;
		ssize_t n = wait_read(g, first, &bytes, err);
		if (n < 0)
			return (int)n;
		uint64_t left = g->end > first->offset ? g->end - first->offset : 0;
		size_t useful = (size_t)MIN((uint64_t)n, left);
		int r = useful ? g->to->write(g->to->arg, bytes, useful, err) : 0;
		if (r < 0)
			return r;
		g->given += useful;
		g->at_end = g->at_end || n == 0;

		uint64_t offset = first->offset + (uint64_t)n;
		uint32_t want = first->want - (uint32_t)n;
		sftp_call_drop(&g->talk, &first->call);
		if (!want || n == 0 || offset >= g->end)
			break;
		start_read(g, first, offset, want);
		r = sftp_flush(&g->talk, err);
		if (r < 0)
			return r;
	}
	g->first = (g->first + 1) % g->size;
	g->count--;
	return 0;
}

static int open_for_reading(struct get *g, const char *full, struct err *err)
{
	struct sftp_call *call = &g->ring[0].call;
	sftp_add_open(&g->talk.out, sftp_call_start(&g->talk, call), full, SFTP_OPEN_READ);
	int r = sftp_flush(&g->talk, err);
	return r < 0 ? r : sftp_wait_handle(&g->talk, call, &g->subject, &g->handle, err);
}

/* What the open file is; meanwhile its beginning comes. */
static int learn_size(struct get *g, struct sftp_attrs *out, struct err *err)
{
	struct sftp_call *call = &g->ring[g->size - 1].call; /* far from the first ones */
	uint32_t id = sftp_call_start(&g->talk, call);
	sftp_add_handle_request(&g->talk.out, SFTP_FSTAT, id, &g->handle);
	start_reads(g, 2 * (uint64_t)g->block);
	int r = sftp_flush(&g->talk, err);
	if (r == 0)
		r = sftp_wait_attrs(&g->talk, call, &g->subject, out, err);
	if (r < 0)
		return r;

	if (out->has_mode && S_ISDIR(out->mode))
		return err_set(err, ERR_IO, "'%s/%s' is a directory", g->subject.place->target.name,
			g->subject.path);
	if (out->has_size)
		g->end = MIN(g->end, out->size_bytes);
	if (g->end > g->next && g->end - g->next >= SFTP_BULK_BYTES)
		sftp_talk_set_bulk(&g->talk);
	return 0;
}

/* All bytes up to the end, in order. */
static int pass_bytes(struct get *g, struct err *err)
{
	int r = 0;
	do {
		start_reads(g, sftp_window_bytes(&g->talk));
		r = sftp_flush(&g->talk, err);
		if (r == 0 && g->count)
			r = take_first(g, err);
	} while (r == 0 && g->count);
	return r;
}

static void get_prepare(struct get *g, const struct fs_get *what)
{
	enum { MORE = 3 }; /* the attributes' call, and one that is being filled */
	g->block = sftp_read_bytes(&g->talk);
	g->size = (unsigned)((8U << 20) / g->block) + MORE;
	g->ring = mem_zalloc(g->size * sizeof(*g->ring));
	g->next = what->offset;
	if (__builtin_add_overflow(what->offset, what->count, &g->end))
		g->end = UINT64_MAX;
}

int sftp_get(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
	struct fs_stat *out, struct err *err)
{
	AUTO(get_release) struct get g = {.subject = {fs->handle, "read", what->path}, .to = to};
	AUTO(mem_freep) char *full = sftp_full(fs, what->path);
	struct sftp_attrs attrs;
	bool bulk = what->count != FS_REST && what->count >= SFTP_BULK_BYTES;

	int r = sftp_talk_to(fs, bulk, &g.talk, err);
	if (r < 0)
		return r;
	get_prepare(&g, what);
	r = open_for_reading(&g, full, err);
	if (r == ERR_IO && is_below_file(&g.talk, full))
		return sftp_fail(&g.subject, &(struct sftp_status){SFTP_NO_SUCH_FILE, "", 0}, err);
	if (r < 0)
		return r;

	r = learn_size(&g, &attrs, err);
	if (r == 0)
		r = pass_bytes(&g, err);
	uint64_t wanted = g.end > what->offset ? g.end - what->offset : 0;
	if (r == 0 && attrs.has_size && g.given < wanted)
		r = err_set(err, ERR_CORRUPT, "'%s/%s' became shorter while it was read",
			g.subject.place->target.name, what->path);
	if (r == 0 && out) {
		*out = sftp_stat_of(&attrs);
		if (!attrs.has_size)
			out->size_bytes = what->offset + g.given;
	}
	sftp_discard(&g.talk, &g.handle, NULL);
	return r;
}

/* ---- directories */

enum { READDIRS = 4 }; /* at the same time */

struct list {
	struct sftp_talk talk;
	struct sftp_subject subject;
	struct sftp_handle handle;
	struct fs_page *page;
	struct sftp_call calls[READDIRS];
	VEC(size_t) links;       /* the entries that are links */
	struct sftp_call *leads; /* what they lead to */
};

static void list_release(struct list *l)
{
	sftp_talk_end(&l->talk);
	for (size_t i = 0; i < READDIRS; i++)
		free(l->calls[i].bytes);
	for (size_t i = 0; l->leads && i < l->links.count; i++)
		free(l->leads[i].bytes);
	free(l->leads);
	vec_release(&l->links);
}

static void start_readdir(struct list *l, struct sftp_call *call)
{
	uint32_t id = sftp_call_start(&l->talk, call);
	sftp_add_handle_request(&l->talk.out, SFTP_READDIR, id, &l->handle);
}

static bool is_link(const struct sftp_attrs *a)
{
	return a->has_mode && S_ISLNK(a->mode);
}

/* A name must stay in its directory, whatever the server says. */
static bool is_name(const struct sftp_name *n)
{
	return n->len && !memchr(n->name, '\0', n->len) && !memchr(n->name, '/', n->len);
}

static bool is_dots(const struct sftp_name *n)
{
	return (n->len == 1 || n->len == 2) && memcmp(n->name, "..", n->len) == 0;
}

static int add_names(struct list *l, const struct sftp_packet *p, struct err *err)
{
	struct sftp_names names;
	struct sftp_name n;
	int r = sftp_names_begin(p, &names) ? 1 : -1;
	const char *prefix = l->subject.path;
	while (r == 1 && (r = sftp_names_next(&names, &n)) == 1) {
		if (is_dots(&n))
			continue;
		if (!is_name(&n))
			return sftp_fail_malformed(&l->talk, err);
		struct fs_stat st = sftp_stat_of(&n.attrs);
		*vec_push(&l->page->entries) = (struct fs_entry){
			.path = arena_printf(&l->page->arena, "%s%s%.*s", prefix,
				*prefix ? "/" : "", (int)n.len, n.name),
			/* of a link: until it is known what it leads to */
			.size_bytes = is_link(&n.attrs) ? FS_UNKNOWN : st.size_bytes,
			.mtime_s = st.mtime_s,
			.is_dir = st.is_dir,
		};
		if (is_link(&n.attrs))
			*vec_push(&l->links) = l->page->entries.count - 1;
	}
	return r < 0 ? sftp_fail_malformed(&l->talk, err) : 0;
}

/* Returns 1 at the end. */
static int take_readdir(struct list *l, struct sftp_call *call, struct err *err)
{
	struct sftp_status status;
	int r = sftp_wait(&l->talk, call, err);
	if (r < 0)
		return r;
	if (call->packet.type == SFTP_NAME)
		r = add_names(l, &call->packet, err);
	else if (!sftp_parse_status(&call->packet, &status) || status.code == SFTP_OK)
		r = sftp_fail_malformed(&l->talk, err);
	else if (status.code == SFTP_EOF || status.code == SFTP_NO_SUCH_FILE)
		r = 1; /* some servers miss a directory only here */
	else
		r = sftp_fail(&l->subject, &status, err);
	sftp_call_drop(&l->talk, call);
	return r;
}

static int read_names(struct list *l, struct err *err)
{
	int r = 0;
	for (size_t i = 0; i < READDIRS; i++)
		start_readdir(l, &l->calls[i]);
	r = sftp_flush(&l->talk, err);
	for (size_t i = 0; r == 0; i = (i + 1) % READDIRS) {
		r = take_readdir(l, &l->calls[i], err);
		if (r == 0) {
			start_readdir(l, &l->calls[i]);
			r = sftp_flush(&l->talk, err);
		}
	}
	return MIN(r, 0);
}

static void drop_unresolved(struct fs_page *page)
{
	size_t kept = 0;
	for (size_t i = 0; i < page->entries.count; i++)
		if (page->entries.items[i].path)
			page->entries.items[kept++] = page->entries.items[i];
	page->entries.count = kept;
}

/* The path without links, as the server tells it, or NULL. Heap string. */
static int real_path(struct fs *fs, struct list *l, const char *path, char **out, struct err *err)
{
	AUTO(mem_freep) char *full = sftp_full(fs, path);
	struct sftp_call call = {0};
	struct sftp_names names;
	struct sftp_name n;
	uint32_t id = sftp_call_start(&l->talk, &call);
	sftp_add_path_request(&l->talk.out, SFTP_REALPATH, id, full);
	*out = NULL;
	int r = sftp_flush(&l->talk, err);
	if (r == 0)
		r = sftp_wait(&l->talk, &call, err);
	if (r < 0)
		return r;
	if (call.packet.type == SFTP_NAME && sftp_names_begin(&call.packet, &names) &&
		sftp_names_next(&names, &n) == 1)
		*out = mem_strndup(n.name, n.len);
	sftp_call_drop(&l->talk, &call);
	return 0;
}

/* Is `path` the directory `top`, or below it? Both are real paths. */
static bool is_within(const char *path, const char *top)
{
	size_t len = strlen(top);
	return str_eq(top, "/") || (str_starts(path, top) && (!path[len] || path[len] == '/'));
}

/* Does a link in the listed directory lead to one of the directories through which it was reached,
 * or above them? Returns 1 or 0. */
static int leads_up(struct fs *fs, struct list *l, const char *link, struct err *err)
{
	AUTO(mem_freep) char *target = NULL, *dir = mem_strdup(l->subject.path);
	int r = real_path(fs, l, link, &target, err);
	while (r == 0 && target) {
		AUTO(mem_freep) char *above = NULL;
		char *slash = strrchr(dir, '/');
		r = real_path(fs, l, dir, &above, err);
		if (r == 0 && above && is_within(above, target))
			return 1;
		if (!*dir)
			break;
		*(slash ? slash : dir) = '\0';
	}
	return r;
}

/* Links to directories that contain them would be listed without an end. They are left out. */
static int drop_circles(struct fs *fs, struct list *l, struct err *err)
{
	int r = 0;
	for (size_t i = 0; i < l->links.count && r >= 0; i++) {
		struct fs_entry *e = &l->page->entries.items[l->links.items[i]];
		r = e->path && e->is_dir ? leads_up(fs, l, e->path, err) : 0;
		if (r > 0)
			e->path = NULL;
	}
	return MIN(r, 0);
}

/* A listing has the attributes of links themselves, the driver's entries are what they lead to.
 * Dangling links are left out. */
static int follow_links(struct fs *fs, struct list *l, struct err *err)
{
	int r = 0;
	l->leads = mem_zalloc((l->links.count + 1) * sizeof(*l->leads));
	for (size_t i = 0; i < l->links.count; i++) {
		const struct fs_entry *e = &l->page->entries.items[l->links.items[i]];
		AUTO(mem_freep) char *full = sftp_full(fs, e->path);
		uint32_t id = sftp_call_start(&l->talk, &l->leads[i]);
		sftp_add_path_request(&l->talk.out, SFTP_STAT, id, full);
	}
	r = sftp_flush(&l->talk, err);
	for (size_t i = 0; i < l->links.count && r == 0; i++) {
		struct fs_entry *e = &l->page->entries.items[l->links.items[i]];
		struct sftp_attrs attrs;
		r = sftp_wait(&l->talk, &l->leads[i], err);
		if (r < 0)
			break;
		bool known = sftp_parse_attrs(&l->leads[i].packet, &attrs);
		struct fs_stat st = sftp_stat_of(&attrs);
		e->size_bytes = st.size_bytes;
		e->mtime_s = st.mtime_s;
		e->is_dir = st.is_dir;
		e->path = known ? e->path : NULL;
	}
	if (r == 0)
		r = drop_circles(fs, l, err);
	drop_unresolved(l->page);
	return r;
}

int sftp_list(struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err)
{
	AUTO(list_release) struct list l = {
		.subject = {fs->handle, "list", what->prefix}, .page = out};
	AUTO(mem_freep) char *full = sftp_full(fs, what->prefix);
	AUTO(err_release) struct err why = ERR_INIT;

	int r = sftp_talk_to(fs, false, &l.talk, err);
	if (r < 0)
		return r;
	uint32_t id = sftp_call_start(&l.talk, &l.calls[0]);
	sftp_add_path_request(&l.talk.out, SFTP_OPENDIR, id, full);
	r = sftp_flush(&l.talk, &why);
	if (r == 0)
		r = sftp_wait_handle(&l.talk, &l.calls[0], &l.subject, &l.handle, &why);
	/* neither a missing directory nor a file has entries */
	if (r == ERR_NOT_FOUND)
		return 0;
	if (r == ERR_IO) {
		AUTO(mem_freep) char *below = path_join(full, "x");
		if (is_below_file(&l.talk, below))
			return 0;
	}
	if (r < 0)
		return err_move(err, &why);

	r = read_names(&l, err);
	if (r == 0)
		r = follow_links(fs, &l, err);
	sftp_discard(&l.talk, &l.handle, NULL);
	return r;
}

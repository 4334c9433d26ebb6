/*
 * Writes and reads `.dir` objects: [{"md5": "...", "relpath": "..."}, ...], with the bytes of
 * Python's json.dumps. A byte of a file name that is not UTF-8 is written as Python's
 * surrogateescape does (0xff becomes \udcff) and read back as that byte. A reader of its own,
 * because text/json.h would build a value for each of a million entries.
 */
#include "store/tree.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

static void add_escape(struct buf *out, uint32_t unit)
{
	static const char digits[] = "0123456789abcdef";
	char text[6] = {'\\', 'u', digits[unit >> 12 & 15], digits[unit >> 8 & 15],
		digits[unit >> 4 & 15], digits[unit & 15]};
	buf_add(out, text, sizeof(text));
}

/* Write one character that is not printable ASCII, or that needs an escape. Returns the number of
 * bytes of `s` it took. */
static size_t add_special(struct buf *out, const char *s, size_t len)
{
	static const char plain[] = "\"\\\n\r\t\f\b", letters[] = "\"\\nrtfb";
	const char *known = *s ? strchr(plain, *s) : NULL;
	if (known) {
		buf_addc(out, '\\');
		buf_addc(out, letters[known - plain]);
		return 1;
	}

	unsigned char byte = (unsigned char)*s;
	if (byte < 0x80) {
		add_escape(out, byte);
		return 1;
	}

	size_t at = 0;
	uint32_t c = str_next_utf8(s, len, &at);
	/* 0xfffd means invalid UTF-8, unless the text contains this very character */
	if (c == 0xfffd && !(at == 3 && memcmp(s, "\xef\xbf\xbd", 3) == 0)) {
		add_escape(out, 0xdc00u + byte);
		return 1;
	}

	if (c > 0xffff) {
		/* JSON writes characters beyond U+FFFF as two UTF-16 surrogates */
		add_escape(out, 0xd800 + ((c - 0x10000) >> 10));
		add_escape(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
	} else {
		add_escape(out, c);
	}
	return at;
}

static void add_string(struct buf *out, const char *s, size_t len)
{
	buf_addc(out, '"');
	for (size_t at = 0; at < len;) {
		size_t run = at;
		/* runs of plain characters, the usual case, are copied at once */
		while (run < len && s[run] >= ' ' && s[run] <= '~' && s[run] != '"' &&
			s[run] != '\\')
			run++;
		buf_add(out, s + at, run - at);
		at = run;
		if (at < len)
			at += add_special(out, s + at, len - at);
	}
	buf_addc(out, '"');
}

int tree_write_json(const struct tree *t, tree_sink sink, void *ctx, struct err *err)
{
	enum { BLOCK = 64 << 10 };
	AUTO(buf_release) struct buf out = BUF_INIT;
	int r = 0;

	buf_addc(&out, '[');
	for (size_t i = 0; i < t->count && r >= 0; i++) {
		/* the separators are those of Python's json.dumps(), since the bytes are hashed */
		const struct tree_entry *e = &t->entries[i];
		char hex[MD5_HEX + 1];
		md5_to_hex(e->digest, hex);
		buf_adds(&out, i ? ", {\"md5\": \"" : "{\"md5\": \"");
		buf_add(&out, hex, MD5_HEX);
		buf_adds(&out, "\", \"relpath\": ");
		add_string(&out, tree_path(t, e), e->path_len);
		buf_addc(&out, '}');

		if (out.len >= BLOCK) {
			r = sink(ctx, out.ptr, out.len, err);
			buf_clear(&out);
		}
	}
	buf_addc(&out, ']');
	return r < 0 ? r : sink(ctx, out.ptr, out.len, err);
}

static int to_buf(void *ctx, const char *p, size_t len, struct err *err)
{
	(void)err;
	buf_add(ctx, p, len);
	return 0;
}

void tree_to_json(const struct tree *t, struct buf *out)
{
	(void)tree_write_json(t, to_buf, out, NULL);
}

static int to_md5(void *ctx, const char *p, size_t len, struct err *err)
{
	(void)err;
	md5_update(ctx, p, len);
	return 0;
}

struct oid tree_oid(const struct tree *t)
{
	struct oid o = {.hash = (uint8_t)(t->hash ? t->hash : HASH_MD5), .is_dir = true};
	struct md5 m;
	md5_init(&m);
	(void)tree_write_json(t, to_md5, &m, NULL);
	md5_final(&m, o.digest);
	return o;
}

/* ---- reading */

/* Reads from a text in memory, or from a file through a window, which moves on between
 * two entries. */
struct reader {
	const char *p, *start, *end;
	const char *what;
	uint64_t before; /* bytes of the file in front of `start`, for messages */
	int fd;          /* -1: the text is complete */
	char *window;
	size_t room;
	struct err *err;
	struct buf text; /* the string that was read last */
};

static int refuse(struct reader *r, const char *why)
{
	/* a file that goes on behind the end of the window */
	if (r->fd >= 0 && r->p == r->end)
		why = "an entry that is too long";
	return err_set(r->err, ERR_PARSE, "%s: %s at byte %llu", r->what, why,
		(unsigned long long)(r->before + (uint64_t)(r->p - r->start)));
}

static void skip_space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r'))
		r->p++;
}

/* Consume `c` if it is next, after white space. */
static bool take(struct reader *r, char c)
{
	skip_space(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

/* Four hexadecimal digits of a \u escape. */
static int read_unit(struct reader *r, uint32_t *out)
{
	uint32_t unit = 0;
	if (r->end - r->p < 4)
		return refuse(r, "unfinished escape");
	for (int i = 0; i < 4; i++, r->p++) {
		char c = *r->p;
		if (c >= '0' && c <= '9')
			unit = unit << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			unit = unit << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return refuse(r, "invalid escape");
	}
	*out = unit;
	return 0;
}

static int read_unicode_escape(struct reader *r)
{
	uint32_t unit, low;
	int res = read_unit(r, &unit);
	if (res < 0)
		return res;

	if (unit == 0)
		return refuse(r, "NUL in a string");

	if (unit >= 0xdc80 && unit <= 0xdcff) { /* a byte that was not UTF-8, see add_special() */
		buf_addc(&r->text, (char)(unit - 0xdc00));
		return 0;
	}

	if (unit >= 0xd800 && unit <= 0xdbff && r->end - r->p >= 6 && r->p[0] == '\\' &&
		r->p[1] == 'u') {
		r->p += 2;
		res = read_unit(r, &low);
		if (res < 0)
			return res;
		if (low < 0xdc00 || low > 0xdfff)
			return refuse(r, "lone surrogate");
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	} else if (unit >= 0xd800 && unit <= 0xdfff) {
		return refuse(r, "lone surrogate");
	}

	buf_utf8(&r->text, unit);
	return 0;
}

static int read_escape(struct reader *r)
{
	/* the letter after the backslash, and the byte that it stands for */
	static const char letters[] = "\"\\/nrtfb", bytes[] = "\"\\/\n\r\t\f\b";
	if (r->p == r->end)
		return refuse(r, "unfinished string");
	char c = *r->p++;
	if (c == 'u')
		return read_unicode_escape(r);

	const char *known = c ? strchr(letters, c) : NULL;
	if (!known)
		return refuse(r, "invalid escape");
	buf_addc(&r->text, bytes[known - letters]);
	return 0;
}

static int read_string(struct reader *r)
{
	buf_clear(&r->text);
	if (!take(r, '"'))
		return refuse(r, "expected a string");

	const char *run = r->p;
	for (; r->p < r->end && *r->p != '"'; run = r->p) {
		/* a run of plain characters up to the closing quote or an escape */
		while (r->p < r->end && *r->p != '"' && *r->p != '\\' &&
			(unsigned char)*r->p >= ' ')
			r->p++;
		if (r->p < r->end && (unsigned char)*r->p < ' ')
			return refuse(r, "control character in a string");
		if (!str_is_utf8(run, (size_t)(r->p - run)))
			return refuse(r, "invalid UTF-8");
		buf_add(&r->text, run, (size_t)(r->p - run));
		if (r->p < r->end && *r->p == '\\') {
			r->p++;
			int res = read_escape(r);
			if (res < 0)
				return res;
		}
	}

	if (r->p == r->end)
		return refuse(r, "unfinished string");
	r->p++;
	return 0;
}

/* Skip a value that is not needed: a string, number or word. Older versions of DVC wrote a few
 * ("isexec": true). */
static int skip_scalar(struct reader *r)
{
	skip_space(r);
	if (r->p < r->end && *r->p == '"')
		return read_string(r);
	const char *start = r->p;
	while (r->p < r->end &&
		(*r->p == '-' || *r->p == '+' || *r->p == '.' || (*r->p >= '0' && *r->p <= '9') ||
			((*r->p | 0x20) >= 'a' && (*r->p | 0x20) <= 'z')))
		r->p++;
	return r->p == start ? refuse(r, "expected a value") : 0;
}

/* Read one "key": value pair. Values of md5, relpath and size are kept. */
static int read_member(
	struct reader *r, struct oid *oid, struct buf *path, uint64_t *size, bool *has_size)
{
	int res = read_string(r);
	if (res < 0)
		return res;

	bool is_md5 = strcmp(buf_str(&r->text), "md5") == 0,
	     is_path = strcmp(buf_str(&r->text), "relpath") == 0;
	bool is_size = strcmp(buf_str(&r->text), "size") == 0;
	if (!take(r, ':'))
		return refuse(r, "expected ':'");

	skip_space(r);
	const char *start = r->p;
	if (!is_md5 && !is_path) {
		res = skip_scalar(r);
		*has_size = *has_size || (is_size && res == 0 && *start >= '0' && *start <= '9');
		for (const char *p = start;
			is_size && *has_size && p < r->p && *p >= '0' && *p <= '9'; p++)
			*size = *size * 10 + (uint64_t)(*p - '0');
		return res;
	}

	res = read_string(r);
	if (res < 0)
		return res;

	if (is_md5)
		return oid_parse(oid, buf_str(&r->text), HASH_MD5) && !oid->is_dir
			       ? 0
			       : refuse(r, "invalid md5");

	buf_clear(path);
	buf_addbuf(path, &r->text);
	return 0;
}

/* Read one entry and add it to the table. Every path is checked here, since a listing may come from
 * anyone. */
static int read_entry(struct reader *r, struct tree *t, struct buf *path)
{
	struct oid oid = {0};
	uint64_t size = 0;
	bool has_size = false;
	buf_clear(path);

	if (!take(r, '{'))
		return refuse(r, "expected an object");
	do {
		int res = read_member(r, &oid, path, &size, &has_size);
		if (res < 0)
			return res;
	} while (take(r, ','));
	if (!take(r, '}'))
		return refuse(r, "expected '}'");

	if (!oid_is_set(&oid))
		return refuse(r, "entry without md5");

	if (!path->len || !path_is_safe_relative(path->ptr, path->len) ||
		strlen(path->ptr) != path->len)
		return err_set(r->err, ERR_PARSE,
			"%s: refusing the path '%s', which does not stay in the directory", r->what,
			buf_str(path));

	if (path_has_component(path->ptr, path->len, ".git"))
		return err_set(r->err, ERR_PARSE,
			"%s: refusing the path '%s', which Git would take for its own directory",
			r->what, path->ptr);

	struct tree_entry *e = tree_add(t, path->ptr, path->len);
	memcpy(e->digest, oid.digest, MD5_BYTES);
	e->hashed = true;
	e->size_bytes = size;
	e->has_size = has_size;
	return 0;
}

/* Refuse a path that occurs twice or lies below another file: both would create two files in one
 * place. */
static int check_conflicts(const struct tree *t, const char *what, struct err *err)
{
	AUTO(buf_release) struct buf room = BUF_INIT;
	for (size_t i = 1; i < t->count; i++) {
		if (strcmp(tree_path(t, &t->entries[i - 1]), tree_path(t, &t->entries[i])) == 0)
			return err_set(err, ERR_PARSE, "%s: the path '%s' is there twice", what,
				tree_path(t, &t->entries[i]));
	}
	const char *both = tree_conflict(t, &room);
	return both ? err_set(err, ERR_PARSE, "%s: '%s' is both a file and a directory", what, both)
		    : 0;
}

/* Called between two entries: read more of the file when less than half of the window is left. */
static int refill(struct reader *r)
{
	size_t rest = (size_t)(r->end - r->p);
	if (r->fd < 0 || rest > r->room / 2)
		return 0;

	memmove(r->window, r->p, rest);
	r->before += (uint64_t)(r->p - r->start);
	ssize_t n = file_read_full(r->fd, r->window + rest, r->room - rest);
	if (n < 0)
		return err_errno(r->err, "unable to read %s", r->what);
	if ((size_t)n < r->room - rest)
		r->fd = -1; /* end of file */

	r->p = r->start = r->window;
	r->end = r->window + rest + (size_t)n;
	return 0;
}

static int read_entries(struct reader *r, struct tree *t, struct buf *path)
{
	int res = refill(r);
	if (res < 0)
		return res;

	if (!take(r, '['))
		return refuse(r, "expected a list");
	if (!take(r, ']')) {
		do {
			res = refill(r);
			if (res == 0)
				res = read_entry(r, t, path);
		} while (res == 0 && take(r, ','));
		if (res == 0 && !take(r, ']'))
			res = refuse(r, "expected ']'");
	}

	skip_space(r);
	/* only white space may follow, in the rest of the window and of the file */
	if (res == 0 && (r->p != r->end || r->fd >= 0))
		res = refuse(r, "text after the list");
	return res;
}

static int parse(struct reader *r, struct tree *out, enum hash_name hash)
{
	AUTO(tree_release) struct tree t = {.hash = hash};
	AUTO(buf_release) struct buf path = BUF_INIT;
	int res = read_entries(r, &t, &path);
	buf_release(&r->text);
	if (res < 0)
		return res;

	/* another program may have written the listing in another order */
	tree_sort(&t);
	res = check_conflicts(&t, r->what, r->err);
	if (res < 0)
		return res;

	*out = TAKE(t);
	return 0;
}

int tree_parse(struct tree *out, const char *json, size_t len, enum hash_name hash,
	const char *what, struct err *err)
{
	struct reader r = {
		.p = json, .start = json, .end = json + len, .what = what, .fd = -1, .err = err};
	return parse(&r, out, hash);
}

int tree_parse_fd(struct tree *out, int fd, enum hash_name hash, const char *what, struct err *err)
{
	enum { ROOM = 1 << 20 };
	AUTO(mem_freep) char *window = mem_alloc(ROOM);
	struct reader r = {.p = window,
		.start = window,
		.end = window,
		.what = what,
		.fd = fd,
		.window = window,
		.room = ROOM,
		.err = err};
	return parse(&r, out, hash);
}

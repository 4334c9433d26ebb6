#include "base/path.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

bool path_is_absolute(const char *path)
{
	return path[0] == '/';
}

char *path_join(const char *a, const char *b)
{
	if (path_is_absolute(b) || !*a || strcmp(a, ".") == 0)
		return mem_strdup(*b || path_is_absolute(b) ? b : a);
	if (!*b || strcmp(b, ".") == 0)
		return mem_strdup(a);
	size_t n = strlen(a), len = strlen(b); /* no format: a walk calls this for every file */
	char *out = mem_alloc(n + 1 + len + 1);
	memcpy(out, a, n);
	if (out[n - 1] != '/')
		out[n++] = '/';
	memcpy(out + n, b, len);
	out[n + len] = '\0';
	return out;
}

char *path_normalize(const char *path)
{
	struct buf out = BUF_INIT;
	bool absolute = path[0] == '/';
	if (absolute)
		buf_addc(&out, '/');

	size_t root = out.len; /* ".." does not go above it */
	while (*path) {
		while (*path == '/')
			path++;
		size_t n = strcspn(path, "/");
		if (n == 0)
			break;
		/* ".." removes the component before it, but not another ".."; at the root of an
		 * absolute path it is dropped */
		if (n == 2 && path[0] == '.' && path[1] == '.') {
			size_t start = out.len;
			while (start > root && out.ptr[start - 1] != '/')
				start--;
			bool last_is_up = out.len - start == 2 &&
					  memcmp(out.ptr + start, "..", 2) == 0;
			if (out.len > root && !last_is_up) {
				buf_truncate(&out, start > root ? start - 1 : root);
			} else if (!absolute) {
				if (out.len > root)
					buf_addc(&out, '/');
				buf_adds(&out, "..");
			}
		} else if (!(n == 1 && path[0] == '.')) {
			if (out.len > root)
				buf_addc(&out, '/');
			buf_add(&out, path, n);
		}
		path += n;
	}
	if (out.len == 0)
		buf_addc(&out, '.');
	return buf_detach(&out);
}

char *path_cwd(void)
{
	char *cwd = getcwd(NULL, 0);
	return cwd ? cwd : mem_strdup("/"); /* the working directory was removed */
}

char *path_absolute(const char *path)
{
	if (path_is_absolute(path))
		return path_normalize(path);
	AUTO(mem_freep) char *cwd = path_cwd();
	AUTO(mem_freep) char *joined = path_join(cwd, path);
	return path_normalize(joined);
}

char *path_relative(const char *path, const char *base)
{
	if (strcmp(base, "/") == 0)
		base = "";

	size_t common = 0, i = 0;
	/* find the end of the last common component */
	for (;; i++) {
		bool path_end = !path[i] || path[i] == '/', base_end = !base[i] || base[i] == '/';
		if (path_end && base_end)
			common = i;
		if (path[i] != base[i] || !path[i])
			break;
	}

	struct buf out = BUF_INIT;
	for (const char *p = base + common; *p; p++)
		if (*p == '/') /* one step up per component that is left of `base` */
			buf_adds(&out, out.len ? "/.." : "..");

	const char *rest = path + common;
	while (*rest == '/')
		rest++;
	if (*rest) {
		if (out.len)
			buf_addc(&out, '/');
		buf_adds(&out, rest);
	}
	if (!out.len)
		buf_addc(&out, '.');
	return buf_detach(&out);
}

char *path_dirname(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return mem_strdup("");
	return mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

const char *path_basename(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

const char *path_extension(const char *path)
{
	const char *name = path_basename(path);
	const char *dot = strrchr(name, '.');
	return dot && dot != name ? dot : ""; /* ".name" has no extension */
}

bool path_inside(const char *path, const char *dir)
{
	size_t n = strlen(dir);
	if (n && dir[n - 1] == '/')
		n--;
	return strncmp(path, dir, n) == 0 && (!path[n] || path[n] == '/');
}

int path_compare(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}

	/* the end is lowest, then the slash, then all other bytes */
	int x = *a == '/' ? 1 : *a ? (unsigned char)*a + 1 : 0;
	int y = *b == '/' ? 1 : *b ? (unsigned char)*b + 1 : 0;
	return x - y;
}

bool path_is_safe_relative(const char *path, size_t len)
{
	if (len == 0 || path[0] == '/' || memchr(path, '\0', len))
		return false;
	/* each component; "//", "." and ".." are refused, too, as such paths are never written */
	for (size_t at = 0; at <= len;) {
		const char *slash = memchr(path + at, '/', len - at);
		size_t n = slash ? (size_t)(slash - path) - at : len - at;
		if (n == 0 || (n == 1 && path[at] == '.') ||
			(n == 2 && path[at] == '.' && path[at + 1] == '.'))
			return false;
		at += n + 1;
	}
	return true;
}

/* Length of a code point that HFS+ ignores in names, at `s`; 0 if there is none. */
static size_t ignored_by_hfs(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	if (len < 3)
		return 0;
	if (u[0] == 0xef && u[1] == 0xbb && u[2] == 0xbf) /* U+FEFF */
		return 3;
	bool joiner = u[1] == 0x80 && ((u[2] >= 0x8c && u[2] <= 0x8f) ||       /* U+200C..U+200F */
					      (u[2] >= 0xaa && u[2] <= 0xae)); /* U+202A..U+202E */
	bool shaping = u[1] == 0x81 && u[2] >= 0xaa && u[2] <= 0xaf;           /* U+206A..U+206F */
	return u[0] == 0xe2 && (joiner || shaping) ? 3 : 0;
}

/* Does `s` begin with `name`, in either case, perhaps with ignored code points in between? If so,
 * *at is the offset behind it. `name` is lower case. */
static bool takes_name(const char *s, size_t len, const char *name, size_t *at)
{
	size_t i = 0;
	for (;;) {
		size_t skip = ignored_by_hfs(s + i, len - i);
		if (skip) {
			i += skip;
			continue;
		}
		if (!*name)
			break;
		char c = i < len ? s[i] : '\0';
		if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != *name)
			return false;
		i++;
		name++;
	}
	*at = i;
	return true;
}

/* Does the rest consist only of characters that NTFS drops from a name: blanks, dots, or
 * a stream? */
static bool is_dropped_by_ntfs(const char *s, size_t len)
{
	size_t i = 0;
	while (i < len && (s[i] == ' ' || s[i] == '.'))
		i++;
	return i == len || s[i] == ':';
}

static bool component_is(const char *s, size_t len, const char *name)
{
	size_t at;
	if (takes_name(s, len, name, &at) && is_dropped_by_ntfs(s + at, len - at))
		return true;

	/* the short name has no dot */
	return takes_name(s, len, name + 1, &at) && len - at >= 2 && s[at] == '~' &&
	       s[at + 1] == '1' && is_dropped_by_ntfs(s + at + 2, len - at - 2);
}

bool path_has_component(const char *path, size_t len, const char *name)
{
	for (size_t at = 0; at < len;) {
		const char *slash = memchr(path + at, '/', len - at);
		size_t n = slash ? (size_t)(slash - path) - at : len - at;
		if (n >= strlen(name) && component_is(path + at, n, name))
			return true;
		at += n + 1;
	}
	return false;
}

char *path_tuple(const char *path)
{
	struct buf out = BUF_INIT;
	size_t count = 0, len;
	buf_addc(&out, '(');
	for (const char *p = path; *p; p += len) {
		len = strcspn(p, "/");
		if (len)
			buf_addf(&out, "%s'%.*s'", count++ ? ", " : "", (int)len, p);
		len += p[len] == '/';
	}
	buf_adds(&out, count == 1 ? ",)" : ")");
	return buf_detach(&out);
}

/* Parsing and matching of ignore rules. DVC uses the Python library pathspec, which differs from
 * git in details; IGNORE_DVC follows it. */
#include "project/ignore.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"

struct rule {
	struct ignore_rule info;
	const char *dir; /* directory of the ignore file, to which its paths are relative */
	size_t dir_len;
	const char *glob; /* pattern without '!' and without slashes at its ends */
	size_t glob_len;
	size_t tree_len; /* DVC: "x/" + "**" matches x itself, too; then the length of "x", else 0
			  */
	bool dir_only, anchored, literal; /* literal: without wildcards */
};

struct ignore_rules {
	const struct source *source;
	const struct ignore_rules *parent; /* rules of the directory above, which come first */
	bool whole_trees; /* DVC: a rule applies to everything below a directory that it matches */
	const struct rule *rules;
	size_t count;
};

struct ignore {
	enum ignore_kind kind;
	const struct source *source;
	char *git_root;
	struct arena arena;
	struct map dirs; /* path -> struct ignore_rules */
	bool unread;     /* a .dvcignore exists but could not be read */
	struct err why;  /* the reason */
};

/* Match a class like [a-z]; `p` is behind the bracket. Returns the position behind the class, or
 * NULL when it is not closed. */
static const char *match_class(const char *p, const char *end, char c, bool *out_hit)
{
	bool negate = p < end && (*p == '!' || *p == '^');
	if (negate)
		p++;

	bool hit = false, first = true;
	/* a ']' in the first place is a member of the class */
	for (; p < end && (first || *p != ']'); first = false) {
		char low = *p++;
		if (low == '\\' && p < end)
			low = *p++;
		char high = low;
		if (p + 1 < end && p[0] == '-' && p[1] != ']') {
			high = p[1];
			p += 2;
		}
		hit |= (unsigned char)c >= (unsigned char)low &&
		       (unsigned char)c <= (unsigned char)high;
	}

	if (p >= end)
		return NULL;
	/* a class never matches '/' */
	*out_hit = hit != negate && c != '/';
	return p + 1;
}

/* State of one match. `failed` remembers at which places the match has failed already. Without it
 * every further "*" would multiply the time by the length of the path. */
struct glob {
	const char *pattern, *end;
	const char *path, *path_end;
	/* a bit for each pair of places in pattern and path; NULL: not kept */
	unsigned char *failed;
};

/* MEMO_BYTES: up to this size `failed` is on the stack. FEW_STARS: so many need no memory.
 * MOST_STARS: a limit for the recursion. */
enum { MEMO_BYTES = 1024, FEW_STARS = 2, MOST_STARS = 1000 };

/* Has the wildcard at `p` failed from `s` on already? The place is marked now, before the attempt,
 * because a successful attempt ends the whole match. */
static bool glob_failed(struct glob *g, const char *p, const char *s)
{
	if (!g->failed)
		return false;

	size_t bit = (size_t)(p - g->pattern) * (size_t)(g->path_end - g->path + 1) +
		     (size_t)(s - g->path);
	bool known = g->failed[bit / 8] & (1 << bit % 8);

	g->failed[bit / 8] |= (unsigned char)(1 << bit % 8);
	return known;
}

static bool glob_from(struct glob *g, const char *p, const char *s);

/* Match a wildcard at `p` and what follows it. A "*" may reach to the next slash, "**" to any
 * place, and "**" + "/" behind any slash. */
static bool glob_star(struct glob *g, const char *p, const char *s)
{
	const char *after = p;
	while (after < g->end && *after == '*')
		after++;

	size_t stars = (size_t)(after - p);
	bool slash = stars % 2 == 0 && after < g->end && *after == '/';
	bool dirs = stars == 2 &&
		    slash; /* a longer run of stars counts as "**" and an empty match */

	for (const char *t = s; !glob_failed(g, p, t); t++) {
		if (glob_from(g, after + slash, t))
			return true;
		/* go to the next slash; the loop then steps behind it */
		if (dirs)
			t = memchr(t, '/', (size_t)(g->path_end - t));
		if (!t || t == g->path_end || (stars == 1 && *t == '/'))
			break;
	}
	return false;
}

/* Match the pattern from `p` against the path from `s`. */
static bool glob_from(struct glob *g, const char *p, const char *s)
{
	const char *pe = g->end, *se = g->path_end;
	while (p < pe) {
		if (*p == '*')
			return glob_star(g, p, s);

		if (s == se)
			return false;

		if (*p == '[') {
			bool hit;
			const char *after = match_class(p + 1, pe, *s, &hit);
			/* (an unclosed class is an ordinary '[') */
			if (after) {
				if (!hit)
					return false;
				p = after;
				s++;
				continue;
			}
		}

		if (*p == '?') {
			if (*s == '/')
				return false;
			/* skip one character, not one byte */
			size_t at = 0;
			(void)str_next_utf8(s, (size_t)(se - s), &at);
			s += at;
			p++;
			continue;
		}

		if (*p == '\\' && p + 1 < pe)
			p++;
		if (*p++ != *s++)
			return false;
	}
	return s == se;
}

bool ignore_glob(const char *pattern, size_t pattern_len, const char *path, size_t path_len)
{
	struct glob g = {pattern, pattern + pattern_len, path, path + path_len, NULL};
	unsigned char few[MEMO_BYTES];
	AUTO(mem_freep) unsigned char *many = NULL;
	size_t stars = 0;

	for (size_t i = 0; i < pattern_len; i++)
		stars += pattern[i] == '*';
	/* each star costs stack, and nobody writes so many */
	if (stars > MOST_STARS)
		return false;

	if (stars > FEW_STARS) {
		size_t bytes = pattern_len * (path_len + 1) / 8 + 1;
		if (bytes > sizeof(few))
			many = mem_zalloc(bytes);
		g.failed = many ? many : memset(few, 0, bytes);
	}

	return glob_from(&g, pattern, path);
}

/* Does the rule match exactly this path, which is a directory or a file? */
static bool matches_one(const struct rule *r, const char *path, size_t len, bool is_dir)
{
	if (r->dir_only && !is_dir)
		return false;

	/* strip the directory of the ignore file */
	if (r->dir_len) {
		if (len <= r->dir_len || memcmp(path, r->dir, r->dir_len) != 0 ||
			path[r->dir_len] != '/')
			return false;
		path += r->dir_len + 1;
		len -= r->dir_len + 1;
	}

	/* a rule without a slash in it is for names in any directory below */
	if (!r->anchored) {
		const char *slash = memrchr(path, '/', len);
		if (slash) {
			len -= (size_t)(slash + 1 - path);
			path = slash + 1;
		}
	}

	if (r->literal)
		return len == r->glob_len && memcmp(path, r->glob, len) == 0;
	if (r->tree_len && is_dir && ignore_glob(r->glob, r->tree_len, path, len))
		return true;
	return ignore_glob(r->glob, r->glob_len, path, len);
}

/* Does the rule match the path or a directory above it? As in DVC, a rule for directories only says
 * nothing about the files in them. */
static bool matches(const struct rule *r, const char *path, size_t len, bool is_dir)
{
	if (matches_one(r, path, len, is_dir))
		return true;

	if (r->dir_only && !is_dir)
		return false;

	for (size_t n = len; n > 0; n--)
		if (path[n - 1] == '/' && matches_one(r, path, n - 1, true))
			return true;
	return false;
}

/* Search from the last rule to the first, and from the innermost directory outwards. */
static const struct rule *last_match(
	const struct ignore_rules *rules, const char *path, size_t len, bool is_dir)
{
	for (; rules; rules = rules->parent)
		for (size_t i = rules->count; i-- > 0;) {
			const struct rule *r = &rules->rules[i];
			if (rules->whole_trees ? matches(r, path, len, is_dir)
					       : matches_one(r, path, len, is_dir))
				return r;
		}
	return NULL;
}

bool ignore_match(const struct ignore_rules *rules, const char *path, bool is_dir,
	const struct ignore_rule **out_rule)
{
	const struct rule *r = last_match(rules, path, strlen(path), is_dir);
	if (out_rule)
		*out_rule = r ? &r->info : NULL;
	return r && !r->info.negated;
}

/* Does the directory contain a .dvc? */
static bool is_repository(const struct source *source, const char *path, size_t len)
{
	AUTO(mem_freep) char *inner = mem_printf("%.*s/.dvc", (int)len, path);
	return source_type(source, inner) != SOURCE_NONE;
}

bool ignore_skips(const struct ignore_rules *rules, const char *path, bool is_dir)
{
	return ignore_match(rules, path, is_dir, NULL) ||
	       (is_dir && is_repository(rules->source, path, strlen(path)));
}

size_t ignore_nested(const struct source *source, const char *path)
{
	if (strcmp(path, ".") == 0)
		return 0;

	/* one component longer each turn */
	for (size_t len = strcspn(path, "/"); len; len += strcspn(path + len + 1, "/") + 1) {
		if (is_repository(source, path, len))
			return len;
		if (!path[len])
			break;
	}
	return 0;
}

struct builder {
	VEC(struct rule) rules;
};

/* Parse one line of an ignore file. */
static void add_rule(struct ignore *ig, struct builder *b, const char *text, const char *dir,
	const char *source, int line)
{
	struct rule r = {0};
	r.info = (struct ignore_rule){
		arena_strdup(&ig->arena, text), arena_strdup(&ig->arena, source), line, false};
	r.dir = arena_strdup(&ig->arena, dir);
	r.dir_len = strlen(dir);

	const char *p = r.info.pattern;
	/* a leading '!' negates; a backslash in front of '#' or '!' makes it an ordinary
	 * character */
	if (*p == '!') {
		r.info.negated = true;
		p++;
	} else if (*p == '\\' && (p[1] == '#' || p[1] == '!')) {
		p++;
	}

	size_t n = strlen(p);
	if (n && p[n - 1] == '/') {
		r.dir_only = true;
		n--;
	}

	if (n && *p == '/') {
		r.anchored = true;
		p++;
		n--;
	}

	/* a slash in the middle, too, ties the pattern to its directory */
	if (memchr(p, '/', n))
		r.anchored = true;

	/* "**" + "/name" is the same as the name alone */
	if (n >= 3 && strncmp(p, "**/", 3) == 0 && !memchr(p + 3, '/', n - 3)) {
		p += 3;
		n -= 3;
		r.anchored = false;
	}

	if (ig->kind == IGNORE_DVC) {
		/* details of pathspec, found by comparison with DVC */
		if (r.dir_only && !*dir && strspn(p, "*") == n && !(r.anchored && n == 1))
			return; /* pathspec: "*" + "/" and "**" + "/" match nothing */
		if (n > 3 && strncmp(p + n - 3, "/**", 3) == 0) {
			if (r.dir_only)
				n -= 3;
			else
				r.tree_len = n - 3;
		}
	}

	if (n == 0)
		return;
	r.glob = p;
	r.glob_len = n;
	r.literal = strcspn(p, "*?[\\") >= n;
	*vec_push(&b->rules) = r;
}

/* Parse the text of an ignore file. Blanks at the ends of a line do not count, as in DVC. */
static void add_text(struct ignore *ig, struct builder *b, const struct buf *text, const char *dir,
	const char *source)
{
	int line = 0;
	for (const char *p = buf_str(text); *p;) {
		size_t n = strcspn(p, "\n");
		AUTO(mem_freep) char *raw = mem_strndup(p, n);
		AUTO(mem_freep) char *stripped = str_strip(raw);
		line++;

		if (*stripped && *stripped != '#')
			add_rule(ig, b, stripped, dir, source, line);
		p += n + (p[n] == '\n');
	}
}

/* Read a file outside of the repository; nothing happens when it cannot be read. */
static void add_file(struct ignore *ig, struct builder *b, const char *path)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (file_read(path, &text, NULL) == 0)
		add_text(ig, b, &text, "", path);
}

/* Move the collected rules into the arena. */
static struct ignore_rules *keep(
	struct ignore *ig, struct builder *b, const struct ignore_rules *parent)
{
	struct ignore_rules *out = ARENA_NEW(&ig->arena, struct ignore_rules);
	out->source = ig->source;
	out->parent = parent;
	out->whole_trees = ig->kind == IGNORE_DVC;
	out->count = b->rules.count;

	struct rule *rules = ARENA_ARRAY(&ig->arena, struct rule, out->count);
	if (out->count)
		memcpy(rules, b->rules.items, out->count * sizeof(*rules));
	out->rules = rules;

	vec_release(&b->rules);
	return out;
}

/* Add the rules that apply before those of any ignore file. */
static void add_defaults(struct ignore *ig, struct builder *b)
{
	if (ig->kind == IGNORE_DVC) {
		/* DVC's built-in rules */
		static const char *const always[] = {".hg/", ".git/", ".git", ".dvc/"};
		for (size_t i = 0; i < ARRAY_SIZE(always); i++)
			add_rule(ig, b, always[i], "", "", 0);
		return;
	}

	/* where git looks for global excludes when core.excludesFile is not set */
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	AUTO(mem_freep) char *global = xdg && *xdg ? path_join(xdg, "git/ignore")
				       : home      ? path_join(home, ".config/git/ignore")
						   : NULL;

	if (global)
		add_file(ig, b, global);

	AUTO(mem_freep) char *exclude = path_join(ig->git_root, ".git/info/exclude");
	add_file(ig, b, exclude);
}

struct ignore *ignore_new(enum ignore_kind kind, const struct source *source, const char *git_root)
{
	struct ignore *ig = NEW(struct ignore);
	ig->kind = kind;
	ig->source = source;
	ig->git_root = git_root ? mem_strdup(git_root) : NULL;
	return ig;
}

void ignore_free(struct ignore *ig)
{
	if (!ig)
		return;
	map_release(&ig->dirs);
	arena_release(&ig->arena);
	err_release(&ig->why);
	free(ig->git_root);
	free(ig);
}

int ignore_check(const struct ignore *ig, struct err *err)
{
	return ig->unread ? err_set(err, ERR_IGNORE, "%s", err_text(&ig->why)) : 0;
}

/* Read an ignore file. As git does, a .gitignore that cannot be read is passed over; the first such
 * .dvcignore is noted for ignore_check(). */
static void read_rules(struct ignore *ig, struct builder *b, const char *dir, const char *file)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	const struct source *s = ig->source;

	int r = source_read(s, file, &text, &why);
	if (r >= 0)
		add_text(ig, b, &text, dir, file);

	if (r >= 0 || ig->kind == IGNORE_GIT || ig->unread)
		return;

	/* a missing file is normal; a broken link to one is not, as the file is meant to
	 * be there */
	AUTO(mem_freep) char *full = s->rev ? NULL : path_join(s->ctx, file);
	if (full ? !file_exists(full) : r == ERR_NOT_FOUND)
		return;

	if (r == ERR_NOT_FOUND)
		(void)err_set(&ig->why, ERR_IO, "unable to read '%s': it leads nowhere", full);
	else
		(void)err_move(&ig->why, &why);
	ig->unread = true;
}

const struct ignore_rules *ignore_dir(struct ignore *ig, const char *dir)
{
	if (strcmp(dir, ".") == 0)
		dir = "";

	struct ignore_rules *known = map_get(&ig->dirs, dir);
	if (known)
		return known;

	struct builder b = {0};
	const struct ignore_rules *parent = NULL;
	if (*dir) {
		AUTO(mem_freep) char *up = path_dirname(dir);
		parent = ignore_dir(ig, up);
	} else {
		add_defaults(ig, &b);
	}

	const char *name = ig->kind == IGNORE_DVC ? ".dvcignore" : ".gitignore";
	AUTO(mem_freep) char *file = path_join(dir, name);
	/* a .dvcignore that is itself ignored does not count, as in DVC */
	if (ig->kind == IGNORE_GIT || !ignore_match(parent, file, false, NULL))
		read_rules(ig, &b, dir, file);

	struct ignore_rules *rules = keep(ig, &b, parent);
	map_set(&ig->dirs, dir, rules);
	return rules;
}

bool ignore_path(
	struct ignore *ig, const char *path, bool is_dir, const struct ignore_rule **out_rule)
{
	AUTO(mem_freep) char *dir = path_dirname(path);
	/* everything in an ignored directory is ignored, whatever its own rules say */
	if (*dir && ignore_path(ig, dir, true, out_rule))
		return true;
	return ignore_match(ignore_dir(ig, dir), path, is_dir, out_rule);
}

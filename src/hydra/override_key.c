/* The key of an override: its prefix, name and package, in the lexical mode KEY of Hydra's
 * grammar. */
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "hydra/override_int.h"
#include "hydra/token.h"

enum key_kind {
	K_END,
	K_EQUAL,
	K_TILDE,
	K_PLUS,
	K_AT,
	K_COLON,
	K_SLASH,
	K_ID,
	K_SPECIAL,
	K_PATH,
	K_BAD
};

struct key_token {
	enum key_kind kind;
	size_t start, len;
};

struct key_parser {
	struct arena *arena;
	const char *text;
	struct key_token now;
	struct err *err;
};

/* ---- lexer */

/* As an ID, but '$' is allowed. */
static size_t special_len(const char *s)
{
	size_t n = token_is_alpha(*s) || *s == '_' || *s == '$';
	while (n && (token_is_alpha(s[n]) || token_is_digit(s[n]) || (s[n] && strchr("_-$", s[n]))))
		n++;
	return n;
}

/* A component of a path: a name or a number. */
static size_t component_len(const char *s)
{
	return token_is_digit(*s) ? token_int_len(s) : special_len(s);
}

/* Two or more components with dots between them, else 0. */
static size_t path_len(const char *s)
{
	size_t n = component_len(s), next;
	bool dotted = false;
	while (n && s[n] == '.' && (next = component_len(s + n + 1))) {
		n += 1 + next;
		dotted = true;
	}
	return dotted ? n : 0;
}

static struct key_token next_token(const char *text, size_t at)
{
	static const char marks[] = "=~+@:/";
	static const enum key_kind kinds[] = {K_EQUAL, K_TILDE, K_PLUS, K_AT, K_COLON, K_SLASH};
	const char *s = text + at;
	if (!*s)
		return (struct key_token){K_END, at, 0};

	const char *mark = strchr(marks, *s);
	if (mark) {
		size_t blank = *s == '=' ? token_blank_len(s + 1) : 0;
		return (struct key_token){kinds[mark - marks], at, 1 + blank};
	}
	size_t path = path_len(s), special = special_len(s), id = token_id_len(s);
	if (path > special)
		return (struct key_token){K_PATH, at, path};
	if (special)
		return (struct key_token){id == special ? K_ID : K_SPECIAL, at, special};
	return (struct key_token){K_BAD, at, 0};
}

static void advance(struct key_parser *p)
{
	p->now = next_token(p->text, p->now.start + p->now.len);
}

static bool take(struct key_parser *p, enum key_kind kind)
{
	if (p->now.kind != kind)
		return false;
	advance(p);
	return true;
}

/* ---- messages, as ANTLR words them */

int override_fail_lexer(const char *text, size_t at, struct err *err)
{
	static const char prefix[] = "LexerNoViableAltException: ";
	return err_set(err, ERR_VALUE, "%s%s\n%*s" OVERRIDE_SEE, prefix, text,
		(int)(strlen(prefix) + str_utf8_len(text, at) + 1), "^");
}

static int fail_expected(struct key_parser *p, const char *expected, bool equal_or_end)
{
	const struct key_token next = next_token(p->text, p->now.start + p->now.len);
	if (p->now.kind == K_BAD || next.kind == K_BAD)
		return override_fail_lexer(
			p->text, p->now.kind == K_BAD ? p->now.start : next.start, p->err);

	bool end = p->now.kind == K_END;
	const char *shown = end ? "<EOF>"
				: arena_strndup(p->arena, p->text + p->now.start, p->now.len);
	bool wants_equal = equal_or_end || str_eq(expected, "EQUAL");
	/* one token too many, or one that is missing, is not called a mismatch */
	if (!end && wants_equal && (next.kind == K_EQUAL || (equal_or_end && next.kind == K_END)))
		return err_set(p->err, ERR_VALUE,
			"Error parsing override '%s'\nextraneous input '%s' expecting %s" OVERRIDE_SEE,
			p->text, shown, expected);
	if (wants_equal && !equal_or_end && (end || p->now.kind == K_ID || p->now.kind == K_COLON))
		return err_set(p->err, ERR_VALUE,
			"Error parsing override '%s'\nmissing EQUAL at '%s'" OVERRIDE_SEE, p->text,
			shown);
	return err_set(p->err, ERR_VALUE, "mismatched input '%s' expecting %s" OVERRIDE_SEE, shown,
		expected);
}

/* ---- parser */

/* package: nothing, a name, or a path. Returns its length. */
static size_t read_package(struct key_parser *p)
{
	size_t len = p->now.kind == K_ID || p->now.kind == K_SPECIAL || p->now.kind == K_PATH
			     ? p->now.len
			     : 0;
	if (len)
		advance(p);
	return len;
}

/* packageOrGroup: a package, or ID (SLASH ID)+. */
static int read_name(struct key_parser *p, char **out)
{
	size_t start = p->now.start;
	bool id = p->now.kind == K_ID;
	size_t end = start + read_package(p);

	while (id && take(p, K_SLASH)) {
		if (p->now.kind != K_ID)
			return fail_expected(p, "ID", false);
		end = p->now.start + p->now.len;
		advance(p);
	}
	*out = arena_strndup(p->arena, p->text + start, end - start);
	return 0;
}

int override_read_key(
	struct arena *a, const char *text, struct override *out, size_t *value_at, struct err *err)
{
	struct key_parser p = {.arena = a, .text = text, .err = err};
	advance(&p);
	if (take(&p, K_TILDE))
		out->type = OVERRIDE_DELETE;
	else if (take(&p, K_PLUS))
		out->type = take(&p, K_PLUS) ? OVERRIDE_FORCE_ADD : OVERRIDE_ADD;

	int r = read_name(&p, &out->key);
	if (r < 0)
		return r;
	if (take(&p, K_AT)) {
		size_t start = p.now.start;
		out->package = arena_strndup(a, text + start, read_package(&p));
	}

	out->has_value = p.now.kind == K_EQUAL;
	*value_at = p.now.start + p.now.len;
	if (out->has_value || (p.now.kind == K_END && out->type == OVERRIDE_DELETE))
		return 0;
	bool deletes = out->type == OVERRIDE_DELETE;
	return fail_expected(&p, deletes ? "{<EOF>, EQUAL}" : "EQUAL", deletes);
}

/* Matches targets: names in a few lines, other expressions by PCRE2. */
#include "plots/match.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "base/alloc.h"
#include "base/dynamic.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "project/repo.h"

/* Bounds of the search, so that a hostile expression ends. */
enum { MATCH_LIMIT = 1000000, DEPTH_LIMIT = 10000 };

struct library {
	__typeof__(&pcre2_compile_8) compile;
	__typeof__(&pcre2_code_free_8) code_free;
	__typeof__(&pcre2_match_8) match;
	__typeof__(&pcre2_match_data_create_from_pattern_8) match_data_new;
	__typeof__(&pcre2_match_data_free_8) match_data_free;
	__typeof__(&pcre2_match_context_create_8) context_new;
	__typeof__(&pcre2_match_context_free_8) context_free;
	__typeof__(&pcre2_set_match_limit_8) set_match_limit;
	__typeof__(&pcre2_set_depth_limit_8) set_depth_limit;
	__typeof__(&pcre2_get_error_message_8) error_message;
};

struct expression {
	char *text;
	bool plain; /* only '.' is special */
	pcre2_code *code;
};

struct plot_matcher {
	VEC(struct expression) items;
	struct library lib;
	pcre2_match_context *limits;
};

struct plot_matcher *plot_matcher_new(const struct repo *repo, const struct strlist *targets)
{
	struct plot_matcher *m = NEW(struct plot_matcher);
	for (size_t i = 0; targets && i < targets->count; i++) {
		const char *target = targets->items[i];
		char *text = path_is_absolute(target) ? repo_display(repo, target)
						      : mem_strdup(target);
		*vec_push(&m->items) = (struct expression){
			.text = text, .plain = !strpbrk(text, "\\^$*+?{}[]()|")};
	}
	return m;
}

void plot_matcher_free(struct plot_matcher *m)
{
	if (!m)
		return;
	VEC_EACH (&m->items, x) {
		if (x->code)
			m->lib.code_free(x->code);
		free(x->text);
	}
	if (m->limits)
		m->lib.context_free(m->limits);
	vec_release(&m->items);
	free(m); /* the library stays open */
}

static int load(struct plot_matcher *m, struct err *err)
{
	static const char *const names[] = {"libpcre2-8.so.0", "libpcre2-8.dylib", NULL};
	static const struct dynamic_library pcre2 = {names, "libpcre2", "libpcre2-8-0"};
	struct library *l = &m->lib;
	const struct dynamic_symbol symbols[] = {DYNAMIC_SYMBOL(pcre2_compile_8, l->compile),
		DYNAMIC_SYMBOL(pcre2_code_free_8, l->code_free),
		DYNAMIC_SYMBOL(pcre2_match_8, l->match),
		DYNAMIC_SYMBOL(pcre2_match_data_create_from_pattern_8, l->match_data_new),
		DYNAMIC_SYMBOL(pcre2_match_data_free_8, l->match_data_free),
		DYNAMIC_SYMBOL(pcre2_match_context_create_8, l->context_new),
		DYNAMIC_SYMBOL(pcre2_match_context_free_8, l->context_free),
		DYNAMIC_SYMBOL(pcre2_set_match_limit_8, l->set_match_limit),
		DYNAMIC_SYMBOL(pcre2_set_depth_limit_8, l->set_depth_limit),
		DYNAMIC_SYMBOL(pcre2_get_error_message_8, l->error_message)};

	if (m->limits)
		return 0;
	AUTO(mem_freep) char *why = dynamic_open(&pcre2, symbols, ARRAY_SIZE(symbols), NULL);
	if (why)
		return err_set(err, ERR_UNSUPPORTED, "a regular expression as target: %s", why);
	m->limits = l->context_new(NULL);
	l->set_match_limit(m->limits, MATCH_LIMIT);
	l->set_depth_limit(m->limits, DEPTH_LIMIT);
	return 0;
}

/* The position of the last '(' that is not closed, where Python reports a missing one. */
static size_t open_bracket(const char *text)
{
	size_t open[64], depth = 0;
	for (size_t i = 0; text[i]; i++) {
		if (text[i] == '\\' && text[i + 1])
			i++;
		else if (text[i] == '(' && depth < ARRAY_SIZE(open))
			open[depth++] = i;
		else if (text[i] == ')' && depth)
			depth--;
	}
	return depth ? open[depth - 1] : 0;
}

static int compile_error(
	struct plot_matcher *m, const char *text, int code, size_t at, struct err *err)
{
	char message[200] = "";
	switch (code) {
	case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS:
		return err_set(err, ERR_PARSE, "missing ), unterminated subpattern at position %zu",
			open_bracket(text));
	case PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS:
		return err_set(err, ERR_PARSE, "unbalanced parenthesis at position %zu", at);
	case PCRE2_ERROR_MISSING_SQUARE_BRACKET:
		return err_set(err, ERR_PARSE, "unterminated character set at position %zu",
			strcspn(text, "["));
	case PCRE2_ERROR_QUANTIFIER_INVALID:
		return err_set(
			err, ERR_PARSE, "nothing to repeat at position %zu", at ? at - 1 : 0);
	default:
		m->lib.error_message(code, (PCRE2_UCHAR *)message, sizeof(message));
		return err_set(err, ERR_PARSE, "%s at position %zu", message, at);
	}
}

static int compile(struct plot_matcher *m, struct expression *x, struct err *err)
{
	int code = 0;
	size_t at = 0;
	int r = load(m, err);
	if (r < 0)
		return r;
	/* Python's "$" also matches before a line end, as PCRE2's does */
	x->code = m->lib.compile((PCRE2_SPTR)x->text, PCRE2_ZERO_TERMINATED,
		PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED, &code, &at, NULL);
	return x->code ? 0 : compile_error(m, x->text, code, at, err);
}

/* '.' stands for any character but a line end. */
static bool matches_plainly(const char *pattern, const char *text)
{
	size_t p = 0, t = 0, plen = strlen(pattern), tlen = strlen(text);
	while (p < plen) {
		if (t >= tlen)
			return false;
		uint32_t want = str_next_utf8(pattern, plen, &p);
		uint32_t have = str_next_utf8(text, tlen, &t);
		if (want == '.' ? have == '\n' : want != have)
			return false;
	}
	return true;
}

static int match(struct plot_matcher *m, struct expression *x, const char *text, struct err *err)
{
	if (x->plain)
		return matches_plainly(x->text, text);
	int r = x->code ? 0 : compile(m, x, err);
	if (r < 0)
		return r;
	pcre2_match_data *data = m->lib.match_data_new(x->code, NULL);
	int found = m->lib.match(x->code, (PCRE2_SPTR)text, strlen(text), 0, 0, data, m->limits);
	m->lib.match_data_free(data);
	if (found >= 0 || found == PCRE2_ERROR_NOMATCH)
		return found >= 0;
	if (found <= PCRE2_ERROR_UTF8_ERR1 && found >= PCRE2_ERROR_UTF8_ERR21)
		return 0; /* an id that is no text */
	return err_set(err, ERR_VALUE, "the expression '%s' takes too long", x->text);
}

int plot_matches(struct plot_matcher *m, const char *config, const char *id, struct err *err)
{
	AUTO(mem_freep) char *full = *config ? mem_printf("%s::%s", config, id) : mem_strdup(id);
	if (!m->items.count)
		return 1;
	VEC_EACH (&m->items, x) {
		int r = match(m, x, id, err);
		if (r == 0 && *config)
			r = match(m, x, full, err);
		if (r != 0)
			return r;
	}
	return 0;
}

/* Matchers of the tokens that both grammars have. */
#include "hydra/token.h"

#include <string.h>
#include <strings.h>

size_t token_blank_len(const char *s)
{
	return strspn(s, " \t");
}

/* [0-9](_?[0-9])* */
static size_t digits_len(const char *s)
{
	size_t n = 0;
	while (token_is_digit(s[n]) || (n && s[n] == '_' && token_is_digit(s[n + 1])))
		n++;
	return n;
}

/* 0, or digits that do not begin with 0. */
static size_t unsigned_len(const char *s)
{
	return s[0] == '0' ? 1 : digits_len(s);
}

size_t token_int_len(const char *s)
{
	size_t sign = *s == '+' || *s == '-';
	size_t n = unsigned_len(s + sign);
	return n ? sign + n : 0;
}

size_t token_word_len(const char *s, const char *word)
{
	size_t n = strlen(word);
	return strncasecmp(s, word, n) == 0 ? n : 0;
}

size_t token_float_len(const char *s)
{
	size_t sign = *s == '+' || *s == '-', whole = unsigned_len(s + sign), n = 0;
	const char *p = s + sign;

	if (token_word_len(p, "inf") || token_word_len(p, "nan"))
		return sign + 3;
	if (p[whole] == '.') {
		size_t fraction = digits_len(p + whole + 1);
		if (whole || fraction)
			n = whole + 1 + fraction;
	}

	size_t mantissa = n ? n : whole;
	if (mantissa && (p[mantissa] == 'e' || p[mantissa] == 'E')) {
		size_t e = mantissa + 1 + (p[mantissa + 1] == '+' || p[mantissa + 1] == '-');
		size_t digits = digits_len(p + e);
		if (digits)
			n = e + digits;
	}
	return n ? sign + n : 0;
}

size_t token_id_len(const char *s)
{
	size_t n = token_is_alpha(*s) || *s == '_';
	while (n && (token_is_alpha(s[n]) || token_is_digit(s[n]) || s[n] == '_' || s[n] == '-'))
		n++;
	return n;
}

size_t token_escape_len(const char *s)
{
	size_t n = 0;
	while (s[n] == '\\' && s[n + 1] && strchr("\\()[]{}:=, \t", s[n + 1]))
		n += 2;
	return n;
}

#include "ops/gto.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

void gto_tag_release(struct gto_tag *t)
{
	free(t->artifact);
	free(t->version);
	free(t->stage);
	*t = (struct gto_tag){0};
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '/';
}

/* GTO's rule for a name: [a-zA-Z0-9]([a-zA-Z0-9-/_]*[a-zA-Z0-9])? */
static bool is_name(const char *s, size_t len)
{
	if (!len || !isalnum((unsigned char)s[0]) || !isalnum((unsigned char)s[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_name_char(s[i]))
			return false;
	return true;
}

/* A name with an optional directory: (dirname<separator>)?name. The directory may contain dots. */
static bool is_full_name(const char *s, size_t len, char separator)
{
	const char *at = memchr(s, separator, len);
	size_t dir = at ? (size_t)(at - s) : 0;
	if (!at)
		return is_name(s, len);
	for (size_t i = 0; i < dir; i++)
		if (!is_name_char(s[i]) && s[i] != '.')
			return false;
	return dir && is_name(at + 1, len - dir - 1);
}

bool gto_is_artifact(const char *name)
{
	return is_full_name(name, strlen(name), ':');
}

/* The length of the number at `s`. Returns 0 if there is none, or if it has a leading zero, which
 * semantic versioning forbids. */
static size_t number_length(const char *s)
{
	size_t n = strspn(s, "0123456789");
	return n > 1 && s[0] == '0' ? 0 : n;
}

/* The length of dot-separated identifiers at `s`; 0: malformed. With `strict` (for a pre-release)
 * numbers must not have leading zeros. */
static size_t identifiers_length(const char *s, bool strict)
{
	size_t n = 0;
	for (;;) {
		size_t len = 0;
		bool digits = true;
		while (isalnum((unsigned char)s[n + len]) || s[n + len] == '-') {
			digits &= isdigit((unsigned char)s[n + len]) != 0;
			len++;
		}
		if (!len || (strict && digits && len > 1 && s[n] == '0'))
			return 0;
		n += len;
		if (s[n] != '.')
			return n;
		n++;
	}
}

/* The length of a version such as "v1.2.3-rc.1+build" at the start of `s`; 0: it is none. */
static size_t version_length(const char *s)
{
	size_t n = 1;
	if (*s != 'v')
		return 0;

	for (int part = 0; part < 3; part++) {
		size_t len = number_length(s + n);
		if (!len || (part < 2 && s[n + len] != '.'))
			return 0;
		n += len + (part < 2);
	}

	for (const char *lead = "-+"; *lead; lead++) {
		size_t len = s[n] == *lead ? identifiers_length(s + n + 1, *lead == '-') : 0;
		if (s[n] == *lead && !len)
			return 0;
		n += len ? len + 1 : 0;
	}
	return n;
}

/* Read what follows a version or stage: an optional "!", then an optional "#12", then the end. */
static bool read_rest(struct gto_tag *t, const char *s)
{
	t->cancel = *s == '!';
	s += t->cancel;
	if (!*s)
		return true;
	return *s == '#' && s[1] && s[1 + strspn(s + 1, "0123456789")] == '\0';
}

static bool read_tag(struct gto_tag *t, const char *tag)
{
	size_t len = strcspn(tag, "@#");
	const char *rest = tag + len + 1;
	if (!tag[len] || !is_full_name(tag, len, '='))
		return false;

	t->artifact = mem_strndup(tag, len);
	char *separator = strchr(t->artifact, '=');
	if (separator)
		*separator = ':';

	if (tag[len] == '@') {
		size_t n = version_length(rest);
		t->version = mem_strndup(rest, n);
		return n && read_rest(t, rest + n);
	}

	size_t n = strcspn(rest, "!#");
	t->stage = mem_strndup(rest, n);
	return is_name(rest, n) && read_rest(t, rest + n);
}

bool gto_tag_parse(struct gto_tag *out, const char *tag)
{
	AUTO(gto_tag_release) struct gto_tag t = {0};
	if (!read_tag(&t, tag))
		return false;
	*out = TAKE(t);
	return true;
}

/* Compare digit strings by value; they may be longer than any integer type. */
static int compare_numbers(const char *a, size_t a_len, const char *b, size_t b_len)
{
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	return strncmp(a, b, a_len);
}

/* Compare pre-releases by the rules of semantic versioning: identifier by identifier; numbers by
 * value and below text; a longer list above its prefix. Build metadata (after "+") is ignored. */
static int compare_identifiers(const char *a, const char *b)
{
	while (*a && *b) {
		size_t a_len = strcspn(a, ".+"), b_len = strcspn(b, ".+");
		bool a_number = strspn(a, "0123456789") == a_len,
		     b_number = strspn(b, "0123456789") == b_len;
		int c = a_number && b_number   ? compare_numbers(a, a_len, b, b_len)
			: a_number != b_number ? (a_number ? -1 : 1)
					       : strncmp(a, b, MIN(a_len, b_len));

		if (c == 0 && a_len != b_len)
			c = a_len < b_len ? -1 : 1;
		if (c)
			return c;

		a += a_len + (a[a_len] == '.');
		b += b_len + (b[b_len] == '.');
		if (*a == '+' || *b == '+')
			break;
	}

	bool a_more = *a && *a != '+', b_more = *b && *b != '+';
	return a_more == b_more ? 0 : a_more ? 1 : -1;
}

int gto_version_compare(const char *a, const char *b)
{
	a += *a == 'v';
	b += *b == 'v';

	for (int part = 0; part < 3; part++) {
		size_t a_len = strspn(a, "0123456789"), b_len = strspn(b, "0123456789");
		int c = compare_numbers(a, a_len, b, b_len);
		if (c)
			return c;
		a += a_len + (a[a_len] == '.');
		b += b_len + (b[b_len] == '.');
	}

	if (*a != '-' || *b != '-') /* a pre-release is lower than the release */
		return (*a != '-') - (*b != '-');
	return compare_identifiers(a + 1, b + 1);
}

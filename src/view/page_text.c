/* Escapes text for HTML, and JSON for a script within HTML. */
#include "view/page_text.h"

#include "base/str.h"
#include "text/json.h"

void page_add_text(struct buf *out, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&':
			buf_adds(out, "&amp;");
			break;
		case '<':
			buf_adds(out, "&lt;");
			break;
		case '>':
			buf_adds(out, "&gt;");
			break;
		case '"':
			buf_adds(out, "&quot;");
			break;
		case '\'':
			buf_adds(out, "&#39;");
			break;
		default:
			buf_addc(out, *s);
		}
	}
}

/* Append the string that starts at `s` with its first quote; returns what follows it. */
static const char *add_string(struct buf *out, const char *s, const char *end)
{
	const char *from = s++;

	while (s < end && *s != '"') {
		if (*s == '\\' && s + 1 < end && s[1] != '<') {
			s++;
		} else if (*s == '<') {
			buf_add(out, from, (size_t)(s - from));
			buf_adds(out, "\\u003c");
			from = s + 1;
		}
		s++;
	}
	s = MIN(s + 1, end);
	buf_add(out, from, (size_t)(s - from));
	return s;
}

/* The words that Python writes and JSON does not have. */
static const char *add_word(struct buf *out, const char *s)
{
	if (str_starts(s, "NaN")) {
		buf_adds(out, "null");
		return s + strlen("NaN");
	}
	if (str_starts(s, "Infinity")) {
		buf_adds(out, "1e999");
		return s + strlen("Infinity");
	}
	if (*s == '<') /* not JSON, but it must not end the script */
		buf_adds(out, "\\u003c");
	else
		buf_addc(out, *s);
	return s + 1;
}

int page_add_json(struct buf *out, const struct value *v, struct err *err)
{
	static const struct json_opts opts = {.dates_as_text = true};
	AUTO(buf_release) struct buf json = BUF_INIT;
	const char *s, *end;
	int r = json_write(&json, v, &opts, err);

	if (r < 0)
		return r;
	s = buf_str(&json);
	end = s + json.len;
	buf_reserve(out, json.len);
	while (s < end) {
		size_t plain = strcspn(s, "\"NI<");

		buf_add(out, s, plain);
		s += plain;
		if (s < end)
			s = *s == '"' ? add_string(out, s, end) : add_word(out, s);
	}
	return 0;
}

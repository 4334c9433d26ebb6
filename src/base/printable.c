/* The check of each character, and the search for an unfinished sequence at the end of a part. */
#include "base/printable.h"

#include "base/str.h"

static bool turns_direction(uint32_t c)
{
	return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/* The length of a style ("\033[1;31m") at `text`, or 0. */
static size_t style_length(const char *text, size_t len)
{
	size_t at = 2;
	if (len < 3 || text[0] != '\033' || text[1] != '[')
		return 0;
	while (at < len && ((text[at] >= '0' && text[at] <= '9') || text[at] == ';'))
		at++;
	return at < len && text[at] == 'm' ? at + 1 : 0;
}

static bool is_plain(unsigned char c)
{
	return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\t';
}

void printable_add(struct buf *out, const char *text, size_t len, unsigned flags)
{
	for (size_t at = 0; at < len;) {
		size_t start = at;
		while (at < len && is_plain((unsigned char)text[at]))
			at++;
		buf_add(out, text + start, at - start);
		if (at == len)
			break;

		size_t style = flags & PRINTABLE_STYLES ? style_length(text + at, len - at) : 0;
		size_t next = at;
		uint32_t c = str_next_utf8(text, len, &next);
		unsigned char byte = (unsigned char)text[at];
		bool return_kept = byte == '\r' && flags & PRINTABLE_RETURNS;

		if (style)
			next = at + style;

		/* a single byte of C1, invalid as UTF-8, which some terminals obey */
		if (next == at + 1 && byte >= 0x80 && byte < 0xA0)
			buf_addf(out, "\\x%02x", byte);
		else if (!style && !return_kept &&
			 (c < ' ' || (c >= 0x7f && c < 0xA0) || turns_direction(c)))
			buf_addf(out, "\\u%04x", c);
		else
			buf_add(out, text + at, next - at);

		at = next;
	}
}

size_t printable_whole(const char *text, size_t len)
{
	enum { LONGEST = 32 }; /* bytes of a style */
	/* backwards: the last ESC or lead byte decides */
	for (size_t back = 1; back <= MIN(len, (size_t)LONGEST); back++) {
		unsigned char c = (unsigned char)text[len - back];
		size_t bytes = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 1;
		if (c == '\033') /* is the sequence complete? */
			return style_length(text + len - back, back) ? len : len - back;
		if (back < bytes) /* the character needs more bytes */
			return len - back;
		if (c == '\n') /* nothing before a line end matters */
			break;
	}
	return len;
}

/* Formats and parses messages, and quotes the command line that starts the other side. */
#include "exec/ssh/ssh_wire.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

static const char mark[] = "cairn-wire ";

/* ---- fields ---- */

void wire_release(struct wire *w)
{
	VEC_EACH (&w->fields, f) {
		free(f->word);
		free(f->bytes);
	}
	vec_release(&w->fields);
}

void wire_add(struct wire *w, const char *word, const void *bytes, size_t len)
{
	char *copy = mem_alloc(len + 1);

	if (len)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	*vec_push(&w->fields) = (struct wire_field){
		.word = mem_strdup(word), .bytes = copy, .len = len};
}

void wire_adds(struct wire *w, const char *word, const char *text)
{
	wire_add(w, word, text, strlen(text));
}

void wire_addi(struct wire *w, const char *word, int64_t number)
{
	AUTO(mem_freep) char *text = mem_printf("%lld", (long long)number);

	wire_adds(w, word, text);
}

const struct wire_field *wire_find(const struct wire *w, const char *word)
{
	VEC_EACH (&w->fields, f)
		if (str_eq(f->word, word))
			return f;
	return NULL;
}

const char *wire_get(const struct wire *w, const char *word)
{
	const struct wire_field *f = wire_find(w, word);

	return f ? f->bytes : NULL;
}

int64_t wire_int(const struct wire *w, const char *word, int64_t fallback)
{
	const char *text = wire_get(w, word);
	int64_t number;

	return text && str_to_i64(text, &number) ? number : fallback;
}

/* ---- messages ---- */

bool wire_is_too_long(const struct wire *w)
{
	enum { OF_FIELD = 24 }; /* at most, beside the word and the value */
	size_t all = 0;

	VEC_EACH (&w->fields, f)
		all += strlen(f->word) + OF_FIELD + f->len;
	return all > WIRE_MOST_BYTES;
}

void wire_format(const struct wire *w, const char *nonce, struct buf *out)
{
	AUTO(buf_release) struct buf body = BUF_INIT;

	VEC_EACH (&w->fields, f) {
		buf_addf(&body, "%s %zu\n", f->word, f->len);
		buf_add(&body, f->bytes, f->len);
		buf_addc(&body, '\n');
	}
	buf_addf(out, "%s%s %zu\n", mark, nonce, body.len);
	buf_addbuf(out, &body);
}

/* Read "<number>\n" at `*at`. False: it is none, or too large. */
static bool read_count(const char **at, const char *end, size_t *out)
{
	size_t number = 0, digits = 0;
	const char *p = *at;

	for (; p < end && isdigit((unsigned char)*p); p++) {
		number = number * 10 + (size_t)(*p - '0');
		if (++digits > 10)
			return false;
	}
	if (!digits || p == end || *p != '\n' || number > WIRE_MOST_BYTES)
		return false;
	*out = number;
	*at = p + 1;
	return true;
}

/* Letters, digits and '-', as all words are. */
static bool is_word(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)p[i]) && p[i] != '-')
			return false;
	return len > 0;
}

static bool read_fields(const char *at, const char *end, struct wire *out)
{
	while (at < end) {
		const char *space = memchr(at, ' ', (size_t)(end - at));
		size_t len;

		if (!space || !is_word(at, (size_t)(space - at)))
			return false;
		AUTO(mem_freep) char *word = mem_strndup(at, (size_t)(space - at));

		at = space + 1;
		if (!read_count(&at, end, &len) || (size_t)(end - at) < len + 1 || at[len] != '\n')
			return false;
		wire_add(out, word, at, len);
		at += len + 1;
	}
	return true;
}

static void drop(struct buf *in, size_t len, struct buf *noise)
{
	enum { NOISE_MOST = 4096 };

	if (noise && noise->len < NOISE_MOST)
		buf_add(noise, in->ptr, MIN(len, NOISE_MOST - noise->len));
	buf_splice(in, 0, len, "", 0);
}

int wire_take(
	struct buf *in, const char *nonce, struct wire *out, struct buf *noise, struct err *err)
{
	AUTO(mem_freep) char *start = mem_printf("%s%s ", mark, nonce);
	size_t len = strlen(start), body;
	const char *found = in->len ? memmem(in->ptr, in->len, start, len) : NULL;

	if (!found) { /* the end may be the beginning of a head */
		if (in->len > len)
			drop(in, in->len - len, noise);
		return 0;
	}
	drop(in, (size_t)(found - in->ptr), noise);

	const char *at = in->ptr + len, *end = in->ptr + in->len;

	if (!memchr(at, '\n', (size_t)(end - at)) && end - at < 20)
		return 0;
	if (!read_count(&at, end, &body))
		return err_set(err, ERR_PARSE, "a message of the host is malformed");
	if ((size_t)(end - at) < body)
		return 0;

	AUTO(wire_release) struct wire w = WIRE_INIT;

	if (!read_fields(at, at + body, &w))
		return err_set(err, ERR_PARSE, "a message of the host is malformed");
	buf_splice(in, 0, (size_t)(at - in->ptr) + body, "", 0);
	*out = TAKE(w);
	return 1;
}

/* ---- the command line ---- */

void wire_command(struct buf *out, const char *script)
{
	/* no '!', quote or line end within the quotes: csh and fish read those otherwise */
	buf_adds(out, "sh -c 'p=$(printf %b \"$0\"); if command -v bash >/dev/null 2>&1; then "
		      "exec bash -c \"$p\"; fi; exec sh -c \"$p\"' '");
	for (const unsigned char *p = (const unsigned char *)script; *p; p++)
		if (isalnum(*p) || strchr("/.,:=_-", *p))
			buf_addc(out, (char)*p);
		else
			buf_addf(out, "\\0%03o", *p);
	buf_addc(out, '\'');
}

void wire_script(struct buf *out, const char *setup, const char *program, const char *nonce)
{
	AUTO(buf_release) struct buf word = BUF_INIT;
	bool of_home = str_starts(program, "~/");

	if (of_home)
		buf_adds(&word, "\"$HOME\"/");
	str_add_shell_quoted(&word, of_home ? program + 2 : program);
	buf_adds(out, "cd || exit 1\n");
	/* its input is the connection, and must not be read by the setup */
	if (setup && *setup)
		buf_addf(out, "{\n%s\n} </dev/null\n", setup);
	buf_addf(out,
		"if ! command -v %s >/dev/null 2>&1; then printf '%%s' '%s%s 11\nmissing 0\n\n'; exit 127; fi\n",
		buf_str(&word), mark, nonce);
	buf_addf(out, "exec %s executor host %s\n", buf_str(&word), nonce);
}

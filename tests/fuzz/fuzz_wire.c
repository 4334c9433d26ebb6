/*
 * Input: what arrives from a host behind ssh, in one piece and byte by byte. Both ways give the
 * same messages, and a message that was read is written as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "exec/ssh/ssh_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char nonce[] = "n";

/* Append all messages as they are written; after a malformed one nothing follows. */
static void read_all(struct buf *in, struct buf *out)
{
	for (;;) {
		AUTO(wire_release) struct wire w = WIRE_INIT;
		int r = wire_take(in, nonce, &w, NULL, NULL);

		if (r < 0)
			buf_clear(in);
		if (r <= 0)
			return;
		wire_format(&w, nonce, out);
		VEC_EACH (&w.fields, f)
			if (!*f->word || f->bytes[f->len] != '\0' || strchr(f->word, ' '))
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf_release) struct buf whole = BUF_INIT;
	AUTO(buf_release) struct buf first = BUF_INIT;
	AUTO(buf_release) struct buf again = BUF_INIT;
	AUTO(buf_release) struct buf pieces = BUF_INIT;
	AUTO(buf_release) struct buf in = BUF_INIT;
	bool bad = false;

	buf_add(&whole, data, size);
	read_all(&whole, &first);
	/* what was written is read as the same */
	buf_addbuf(&in, &first);
	read_all(&in, &again);
	if (again.len != first.len || (first.len && memcmp(again.ptr, first.ptr, first.len) != 0))
		abort();

	buf_clear(&in);
	for (size_t i = 0; i < size && i < 4096 && !bad; i++) {
		AUTO(wire_release) struct wire w = WIRE_INIT;

		buf_add(&in, data + i, 1);
		int r = wire_take(&in, nonce, &w, NULL, NULL);

		bad = r < 0;
		if (r == 1)
			wire_format(&w, nonce, &pieces);
	}
	if (size <= 4096 && !bad &&
		(pieces.len != first.len ||
			(first.len && memcmp(pieces.ptr, first.ptr, first.len) != 0)))
		abort();
	return 0;
}

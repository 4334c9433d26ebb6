/* Writes and reads the packets of SFTP version 3. */
#include "fs/ssh/packet.h"

#include <string.h>

/* ---- requests */

void sftp_add_u32(struct buf *out, uint32_t number)
{
	const unsigned char bytes[4] = {(unsigned char)(number >> 24),
		(unsigned char)(number >> 16), (unsigned char)(number >> 8), (unsigned char)number};
	buf_add(out, bytes, sizeof(bytes));
}

void sftp_add_u64(struct buf *out, uint64_t number)
{
	sftp_add_u32(out, (uint32_t)(number >> 32));
	sftp_add_u32(out, (uint32_t)number);
}

void sftp_add_string(struct buf *out, const void *bytes, size_t count)
{
	sftp_add_u32(out, (uint32_t)count);
	buf_add(out, bytes, count);
}

void sftp_add_text(struct buf *out, const char *text)
{
	sftp_add_string(out, text, strlen(text));
}

size_t sftp_begin(struct buf *out, enum sftp_type type, uint32_t id)
{
	size_t start = out->len;
	sftp_add_u32(out, 0); /* the length: sftp_end() */
	buf_addc(out, (char)type);
	sftp_add_u32(out, id);
	return start;
}

void sftp_end(struct buf *out, size_t start)
{
	uint32_t length = (uint32_t)(out->len - start - 4);
	for (int i = 0; i < 4; i++)
		out->ptr[start + (size_t)i] = (char)(length >> (24 - 8 * i));
}

static void add_handle(struct buf *out, const struct sftp_handle *handle)
{
	sftp_add_string(out, handle->bytes, handle->count);
}

void sftp_add_path_request(struct buf *out, enum sftp_type type, uint32_t id, const char *path)
{
	size_t start = sftp_begin(out, type, id);
	sftp_add_text(out, path);
	sftp_end(out, start);
}

void sftp_add_handle_request(
	struct buf *out, enum sftp_type type, uint32_t id, const struct sftp_handle *handle)
{
	size_t start = sftp_begin(out, type, id);
	add_handle(out, handle);
	sftp_end(out, start);
}

void sftp_add_open(struct buf *out, uint32_t id, const char *path, unsigned flags)
{
	size_t start = sftp_begin(out, SFTP_OPEN, id);
	sftp_add_text(out, path);
	sftp_add_u32(out, flags);
	sftp_add_u32(out, 0); /* no attributes */
	sftp_end(out, start);
}

void sftp_add_mkdir(struct buf *out, uint32_t id, const char *path)
{
	size_t start = sftp_begin(out, SFTP_MKDIR, id);
	sftp_add_text(out, path);
	sftp_add_u32(out, 0); /* no attributes */
	sftp_end(out, start);
}

void sftp_add_read(struct buf *out, uint32_t id, const struct sftp_handle *handle, uint64_t offset,
	uint32_t count)
{
	size_t start = sftp_begin(out, SFTP_READ, id);
	add_handle(out, handle);
	sftp_add_u64(out, offset);
	sftp_add_u32(out, count);
	sftp_end(out, start);
}

size_t sftp_begin_write(struct buf *out, uint32_t id, const struct sftp_handle *handle,
	uint64_t offset, uint32_t count)
{
	size_t start = sftp_begin(out, SFTP_WRITE, id);
	add_handle(out, handle);
	sftp_add_u64(out, offset);
	sftp_add_u32(out, count);
	return start;
}

void sftp_add_rename(struct buf *out, uint32_t id, const char *from, const char *to, bool posix)
{
	size_t start = sftp_begin(out, posix ? SFTP_EXTENDED : SFTP_RENAME, id);
	if (posix)
		sftp_add_text(out, "posix-rename@openssh.com");
	sftp_add_text(out, from);
	sftp_add_text(out, to);
	sftp_end(out, start);
}

void sftp_add_copy_data(
	struct buf *out, uint32_t id, const struct sftp_handle *from, const struct sftp_handle *to)
{
	size_t start = sftp_begin(out, SFTP_EXTENDED, id);
	sftp_add_text(out, "copy-data");
	add_handle(out, from);
	sftp_add_u64(out, 0); /* from here */
	sftp_add_u64(out, 0); /* so many bytes: up to the end */
	add_handle(out, to);
	sftp_add_u64(out, 0); /* to here */
	sftp_end(out, start);
}

void sftp_add_extended(struct buf *out, uint32_t id, const char *name, const char *text)
{
	size_t start = sftp_begin(out, SFTP_EXTENDED, id);
	sftp_add_text(out, name);
	if (text)
		sftp_add_text(out, text);
	sftp_end(out, start);
}

/* ---- answers */

/* What is left of a packet. Reading beyond its end sets `bad` and gives zeros. */
struct reader {
	const unsigned char *at, *end;
	bool bad;
};

static const unsigned char *take(struct reader *r, size_t count)
{
	if (r->bad || (size_t)(r->end - r->at) < count) {
		r->bad = true;
		return NULL;
	}
	r->at += count;
	return r->at - count;
}

static uint32_t read_u32(struct reader *r)
{
	const unsigned char *p = take(r, 4);
	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

static uint64_t read_u64(struct reader *r)
{
	uint64_t high = read_u32(r);
	return high << 32 | read_u32(r);
}

/* Borrowed from the packet; NULL with a length of 0 when there is none. */
static const unsigned char *read_string(struct reader *r, size_t *out_len)
{
	size_t len = read_u32(r);
	const unsigned char *p = take(r, len);
	*out_len = p ? len : 0;
	return p;
}

static struct reader reader_of(const struct sftp_packet *p)
{
	return (struct reader){.at = p->body, .end = p->body + p->size};
}

ssize_t sftp_parse_packet(const void *bytes, size_t count, struct sftp_packet *out)
{
	enum { LEAST = 1 + 4 }; /* type and id */
	struct reader r = {.at = bytes, .end = (const unsigned char *)bytes + count};
	if (count < 4)
		return 0;

	size_t length = read_u32(&r);
	if (length < LEAST || length > SFTP_PACKET_MOST)
		return -1;
	if (count - 4 < length)
		return 0;
	out->type = *take(&r, 1);
	out->id = read_u32(&r);
	out->body = r.at;
	out->size = length - LEAST;
	return (ssize_t)(4 + length);
}

static bool is_text(const unsigned char *s, size_t len, const char *text)
{
	return s && strlen(text) == len && memcmp(s, text, len) == 0;
}

bool sftp_parse_version(const struct sftp_packet *p, struct sftp_abilities *out)
{
	struct reader r = reader_of(p);
	*out = (struct sftp_abilities){0};
	while (r.at < r.end && !r.bad) {
		size_t len, data_len;
		const unsigned char *name = read_string(&r, &len),
				    *data = read_string(&r, &data_len);
		out->posix_rename = out->posix_rename ||
				    (is_text(name, len, "posix-rename@openssh.com") &&
					    is_text(data, data_len, "1"));
		out->copy_data = out->copy_data || is_text(name, len, "copy-data");
		out->statvfs = out->statvfs || (is_text(name, len, "statvfs@openssh.com") &&
						       is_text(data, data_len, "2"));
		out->limits = out->limits || is_text(name, len, "limits@openssh.com");
	}
	return p->type == SFTP_VERSION && !r.bad;
}

bool sftp_parse_limits(const struct sftp_packet *p, struct sftp_limits *out)
{
	struct reader r = reader_of(p);
	*out = (struct sftp_limits){0};
	out->packet_bytes = read_u64(&r);
	out->read_bytes = read_u64(&r);
	out->write_bytes = read_u64(&r);
	return p->type == SFTP_EXTENDED_REPLY && !r.bad;
}

bool sftp_parse_status(const struct sftp_packet *p, struct sftp_status *out)
{
	struct reader r = reader_of(p);
	*out = (struct sftp_status){.code = read_u32(&r), .text = ""};
	bool bad = r.bad;
	/* servers of older versions send no text */
	const unsigned char *text = read_string(&r, &out->len);
	if (text)
		out->text = (const char *)text;
	return p->type == SFTP_STATUS && !bad;
}

bool sftp_parse_handle(const struct sftp_packet *p, struct sftp_handle *out)
{
	struct reader r = reader_of(p);
	const unsigned char *bytes = read_string(&r, &out->count);
	if (p->type != SFTP_HANDLE || r.bad || out->count > SFTP_HANDLE_MOST)
		return false;
	memcpy(out->bytes, bytes, out->count);
	return true;
}

bool sftp_parse_data(const struct sftp_packet *p, const unsigned char **out, size_t *out_count)
{
	struct reader r = reader_of(p);
	*out = read_string(&r, out_count);
	return p->type == SFTP_DATA && !r.bad;
}

static void read_attrs(struct reader *r, struct sftp_attrs *out)
{
	enum { SIZE = 1 << 0, OWNER = 1 << 1, MODE = 1 << 2, TIMES = 1 << 3 };
	const uint32_t extended = 1U << 31;
	uint32_t flags = read_u32(r);
	*out = (struct sftp_attrs){.has_size = (flags & SIZE) != 0,
		.has_mode = (flags & MODE) != 0,
		.has_times = (flags & TIMES) != 0};

	if (flags & SIZE)
		out->size_bytes = read_u64(r);
	if (flags & OWNER)
		(void)read_u64(r);
	if (flags & MODE)
		out->mode = read_u32(r);
	if (flags & TIMES) {
		(void)read_u32(r);
		out->mtime_s = read_u32(r);
	}
	if (flags & extended) {
		uint32_t pairs = read_u32(r);
		for (uint32_t i = 0; i < pairs && !r->bad; i++) {
			size_t len;
			(void)read_string(r, &len);
			(void)read_string(r, &len);
		}
	}
}

bool sftp_parse_attrs(const struct sftp_packet *p, struct sftp_attrs *out)
{
	struct reader r = reader_of(p);
	read_attrs(&r, out);
	return p->type == SFTP_ATTRS && !r.bad;
}

bool sftp_parse_statvfs(const struct sftp_packet *p, uint64_t *out_free_bytes)
{
	/* f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, and more */
	struct reader r = reader_of(p);
	(void)read_u64(&r);
	uint64_t unit = read_u64(&r);
	(void)read_u64(&r);
	(void)read_u64(&r);
	uint64_t free_units = read_u64(&r);
	if (__builtin_mul_overflow(unit, free_units, out_free_bytes))
		*out_free_bytes = UINT64_MAX;
	return p->type == SFTP_EXTENDED_REPLY && !r.bad;
}

bool sftp_names_begin(const struct sftp_packet *p, struct sftp_names *out)
{
	struct reader r = reader_of(p);
	*out = (struct sftp_names){0};
	out->left = read_u32(&r);
	out->at = r.at;
	out->end = r.end;
	return p->type == SFTP_NAME && !r.bad;
}

int sftp_names_next(struct sftp_names *n, struct sftp_name *out)
{
	struct reader r = {.at = n->at, .end = n->end};
	size_t len, ignored;
	if (!n->left)
		return 0;

	const unsigned char *name = read_string(&r, &len);
	*out = (struct sftp_name){.name = (const char *)name, .len = len};
	(void)read_string(&r, &ignored); /* a line as of `ls -l` */
	read_attrs(&r, &out->attrs);
	n->at = r.at;
	n->left--;
	return r.bad ? -1 : 1;
}

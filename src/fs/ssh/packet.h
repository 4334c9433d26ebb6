/*
 * The packets of SFTP version 3: draft-ietf-secsh-filexfer-02, and the extensions of OpenSSH
 * (PROTOCOL, section 4): posix-rename@openssh.com, statvfs@openssh.com, limits@openssh.com and
 * copy-data (draft-ietf-secsh-filexfer-extensions-00). Numbers are big-endian, strings have a
 * length of four bytes before them.
 *
 * Pure functions on buffers. A request is appended to a buffer; an answer is a view of the bytes
 * that arrived, and every length in it is checked. Threads: nothing is shared.
 */
#ifndef FS_SSH_PACKET_H
#define FS_SSH_PACKET_H

#include <sys/types.h>

#include "base/buf.h"

enum sftp_type {
	SFTP_INIT = 1,
	SFTP_VERSION = 2,
	SFTP_OPEN = 3,
	SFTP_CLOSE = 4,
	SFTP_READ = 5,
	SFTP_WRITE = 6,
	SFTP_FSTAT = 8,
	SFTP_OPENDIR = 11,
	SFTP_READDIR = 12,
	SFTP_REMOVE = 13,
	SFTP_MKDIR = 14,
	SFTP_REALPATH = 16,
	SFTP_STAT = 17,
	SFTP_RENAME = 18,
	SFTP_STATUS = 101,
	SFTP_HANDLE = 102,
	SFTP_DATA = 103,
	SFTP_NAME = 104,
	SFTP_ATTRS = 105,
	SFTP_EXTENDED = 200,
	SFTP_EXTENDED_REPLY = 201,
};

enum sftp_status_code {
	SFTP_OK = 0,
	SFTP_EOF = 1,
	SFTP_NO_SUCH_FILE = 2,
	SFTP_PERMISSION_DENIED = 3,
	SFTP_FAILURE = 4,
	SFTP_BAD_MESSAGE = 5,
	SFTP_NO_CONNECTION = 6,
	SFTP_CONNECTION_LOST = 7,
	SFTP_OP_UNSUPPORTED = 8,
};

enum sftp_open_flags {
	SFTP_OPEN_READ = 1 << 0,
	SFTP_OPEN_WRITE = 1 << 1,
	SFTP_OPEN_CREATE = 1 << 3,
	SFTP_OPEN_EXCLUSIVE = 1 << 5,
};

enum {
	/* bytes of a packet; servers send at most 256 KiB, and a listing may be larger */
	SFTP_PACKET_MOST = 1 << 20,
	SFTP_HANDLE_MOST = 256, /* bytes of a handle: the draft's limit */
	/* bytes of one READ or WRITE that every server takes (the draft, section 3) */
	SFTP_BLOCK_BYTES = 32768,
	/* bytes around the data of a READ's answer or a WRITE */
	SFTP_HEAD_BYTES = 1024,
};

/* ---- requests: begin, add, end */

/* Begin a packet with a number (of INIT: the version). The result is for sftp_end(). */
size_t sftp_begin(struct buf *out, enum sftp_type type, uint32_t id);
void sftp_add_u32(struct buf *out, uint32_t number);
void sftp_add_u64(struct buf *out, uint64_t number);
void sftp_add_string(struct buf *out, const void *bytes, size_t count);
void sftp_add_text(struct buf *out, const char *text);
void sftp_end(struct buf *out, size_t start);

struct sftp_handle {
	unsigned char bytes[SFTP_HANDLE_MOST];
	size_t count;
};

/* A whole request whose only argument is a path, a handle, or the name of an extension. */
void sftp_add_path_request(struct buf *out, enum sftp_type type, uint32_t id, const char *path);
void sftp_add_handle_request(
	struct buf *out, enum sftp_type type, uint32_t id, const struct sftp_handle *handle);
/* `flags`: enum sftp_open_flags. The server decides about the mode of a new file. */
void sftp_add_open(struct buf *out, uint32_t id, const char *path, unsigned flags);
void sftp_add_mkdir(struct buf *out, uint32_t id, const char *path);
void sftp_add_read(struct buf *out, uint32_t id, const struct sftp_handle *handle, uint64_t offset,
	uint32_t count);
/* The beginning of a WRITE; `count` bytes and sftp_end() follow. */
size_t sftp_begin_write(struct buf *out, uint32_t id, const struct sftp_handle *handle,
	uint64_t offset, uint32_t count);
/* posix: rename(2), by the extension; otherwise the draft's, which replaces nothing */
void sftp_add_rename(struct buf *out, uint32_t id, const char *from, const char *to, bool posix);
/* all bytes, from offset 0 to offset 0 */
void sftp_add_copy_data(
	struct buf *out, uint32_t id, const struct sftp_handle *from, const struct sftp_handle *to);
/* an extension with one string, or with none (NULL) */
void sftp_add_extended(struct buf *out, uint32_t id, const char *name, const char *text);

/* ---- answers */

struct sftp_packet {
	uint8_t type;
	uint32_t id;               /* of VERSION: the version */
	const unsigned char *body; /* after these two */
	size_t size;
};
/* The packet at the start of `bytes`. Returns its size with all around it; 0: more bytes are
 * needed; -1: these are no packets. */
ssize_t sftp_parse_packet(const void *bytes, size_t count, struct sftp_packet *out);

/* The functions below return false for a packet of another type or a malformed one. */

struct sftp_abilities {
	bool posix_rename, copy_data, statvfs, limits;
};
bool sftp_parse_version(const struct sftp_packet *p, struct sftp_abilities *out);

struct sftp_limits {
	uint64_t packet_bytes, read_bytes, write_bytes; /* at most; 0: the server does not tell */
};
bool sftp_parse_limits(const struct sftp_packet *p, struct sftp_limits *out);

struct sftp_status {
	uint32_t code;    /* enum sftp_status_code, or anything else */
	const char *text; /* in the packet, not NUL-terminated */
	size_t len;
};
bool sftp_parse_status(const struct sftp_packet *p, struct sftp_status *out);
bool sftp_parse_handle(const struct sftp_packet *p, struct sftp_handle *out);
bool sftp_parse_data(const struct sftp_packet *p, const unsigned char **out, size_t *out_count);

struct sftp_attrs {
	bool has_size, has_mode, has_times;
	uint64_t size_bytes;
	uint32_t mode, mtime_s; /* mode as st_mode */
};
bool sftp_parse_attrs(const struct sftp_packet *p, struct sftp_attrs *out);
/* What statvfs@openssh.com tells: bytes that are free for the user. */
bool sftp_parse_statvfs(const struct sftp_packet *p, uint64_t *out_free_bytes);

/* The entries of a NAME packet: begin, then next until it returns 0. */
struct sftp_names {
	const unsigned char *at, *end;
	uint32_t left;
};
struct sftp_name {
	const char *name; /* in the packet, not NUL-terminated */
	size_t len;
	struct sftp_attrs attrs; /* of a link: its own */
};
bool sftp_names_begin(const struct sftp_packet *p, struct sftp_names *out);
int sftp_names_next(struct sftp_names *n, struct sftp_name *out); /* 1, 0: the end, -1: malformed */

#endif

/* Input: the bytes that a server sends. Every packet is read in every way. */
#include "base/alloc.h"
#include "fs/ssh/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_names(const struct sftp_packet *p)
{
	struct sftp_names names;
	struct sftp_name n;
	if (!sftp_names_begin(p, &names))
		return;
	while (sftp_names_next(&names, &n) == 1)
		free(mem_strndup(n.name, n.len));
}

static void read_packet(const struct sftp_packet *p)
{
	struct sftp_abilities can;
	struct sftp_limits limits;
	struct sftp_status status;
	struct sftp_handle handle;
	struct sftp_attrs attrs;
	const unsigned char *bytes;
	uint64_t free_bytes;
	size_t count;

	(void)sftp_parse_version(p, &can);
	(void)sftp_parse_limits(p, &limits);
	(void)sftp_parse_handle(p, &handle);
	(void)sftp_parse_attrs(p, &attrs);
	(void)sftp_parse_statvfs(p, &free_bytes);
	if (sftp_parse_status(p, &status))
		free(mem_strndup(status.text, status.len));
	if (sftp_parse_data(p, &bytes, &count))
		free(mem_dup(bytes, count));
	read_names(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sftp_packet p;
	ssize_t n;
	for (size_t at = 0; (n = sftp_parse_packet(data + at, size - at, &p)) > 0; at += (size_t)n)
		read_packet(&p);
	return 0;
}

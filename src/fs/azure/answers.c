/* Takes apart what Azure answers: listings of blobs, and the codes of errors. */
#include "fs/azure/answers.h"

#include "base/alloc.h"
#include "base/str.h"
#include "net/xml.h"
#include "text/base64.h"
#include "text/date.h"

void azure_error_release(struct azure_error *e)
{
	free(e->code);
	free(e->message);
	free(e->detail);
	*e = (struct azure_error){0};
}

static void keep_line(char **field, const char *text)
{
	if (!*field)
		*field = mem_strndup(text, strcspn(text, "\r\n"));
}

static int on_error_element(void *arg, const char *path, const char *text, struct err *err)
{
	struct azure_error *e = arg;
	(void)err;
	if (str_eq(path, "Error/Code"))
		keep_line(&e->code, text);
	else if (str_eq(path, "Error/Message"))
		keep_line(&e->message, text);
	else if (str_eq(path, "Error/AuthenticationErrorDetail"))
		keep_line(&e->detail, text);
	return 0;
}

/* Some answers begin with a byte order mark, which libexpat takes. */
void azure_error_parse(const struct buf *text, struct azure_error *out)
{
	const struct xml_reader to = {.element = on_error_element, .arg = out};
	if (text->len)
		(void)xml_read(text->ptr, text->len, &to, NULL);
}

char *azure_etag(const char *etag)
{
	if (!etag)
		return NULL;
	return *etag == '"' ? mem_strdup(etag) : mem_printf("\"%s\"", etag);
}

/* A listing while it is read. */
struct listing {
	struct fs_page *page;
	const char *root;
	struct fs_entry now; /* the <Blob> or <BlobPrefix> that is open; its path is the name */
	bool is_listing, is_folder;
	bool is_old; /* a version that was replaced; its name comes once more */
	const char *next;
};

static int on_list_begin(void *arg, const char *path, struct err *err)
{
	struct listing *l = arg;
	(void)err;
	if (str_eq(path, "EnumerationResults"))
		l->is_listing = true;
	if (str_eq(path, "EnumerationResults/Blobs/Blob") ||
		str_eq(path, "EnumerationResults/Blobs/BlobPrefix")) {
		l->now = (struct fs_entry){.size_bytes = FS_UNKNOWN};
		l->is_folder = l->is_old = false;
	}
	return 0;
}

static void on_blob(struct listing *l, const char *field, const char *text)
{
	struct arena *a = &l->page->arena;
	int64_t size_bytes;
	if (str_eq(field, "Name")) {
		l->now.path = arena_strdup(a, text);
	} else if (str_eq(field, "VersionId")) {
		l->now.version = arena_strdup(a, text);
		l->is_old = true;
	} else if (str_eq(field, "IsCurrentVersion")) {
		l->is_old = !str_eq(text, "true");
	} else if (str_eq(field, "Properties/Content-Length")) {
		if (str_to_i64(text, &size_bytes) && size_bytes >= 0)
			l->now.size_bytes = (uint64_t)size_bytes;
	} else if (str_eq(field, "Properties/Last-Modified")) {
		(void)date_parse_http(text, &l->now.mtime_s);
	} else if (str_eq(field, "Properties/Etag")) {
		AUTO(mem_freep) char *etag = azure_etag(text);
		l->now.etag = arena_strdup(a, etag);
	} else if (str_eq(field, "Properties/ResourceType")) {
		/* an account with a hierarchical namespace lists its directories, too */
		l->is_folder = str_eq(text, "directory");
	}
}

/* Add the entry that has ended, unless it is not below the root, or stands for a directory. */
static void finish_entry(struct listing *l)
{
	struct fs_entry e = l->now;
	if (!e.path || l->is_folder || l->is_old || !str_starts(e.path, l->root))
		return;
	e.path += strlen(l->root);
	if (e.is_dir && str_ends(e.path, "/"))
		e.path = arena_strndup(&l->page->arena, e.path, strlen(e.path) - 1);
	else if (str_ends(e.path, "/"))
		return;
	if (*e.path)
		*vec_push(&l->page->entries) = e;
}

static int on_list_element(void *arg, const char *path, const char *text, struct err *err)
{
	static const char blob[] = "EnumerationResults/Blobs/Blob/";
	struct listing *l = arg;
	(void)err;
	if (str_starts(path, blob)) {
		on_blob(l, path + strlen(blob), text);
	} else if (str_eq(path, "EnumerationResults/Blobs/BlobPrefix/Name")) {
		l->now.path = arena_strdup(&l->page->arena, text);
		l->now.is_dir = true;
	} else if (str_eq(path, "EnumerationResults/Blobs/Blob") ||
		   str_eq(path, "EnumerationResults/Blobs/BlobPrefix")) {
		finish_entry(l);
	} else if (str_eq(path, "EnumerationResults/NextMarker") && *text) {
		l->next = arena_strdup(&l->page->arena, text);
	}
	return 0;
}

int azure_list_parse(const struct buf *text, const char *root, struct fs_page *out, struct err *err)
{
	struct listing l = {.page = out, .root = root};
	const struct xml_reader to = {
		.begin = on_list_begin, .element = on_list_element, .arg = &l};
	int r = xml_read(buf_str(text), text->len, &to, err);
	if (r < 0)
		return err_wrap(err, r, "unable to read the listing of the container");
	if (!l.is_listing)
		return err_set(err, ERR_PARSE,
			"the server does not answer with a listing of Azure Blob Storage");
	out->next = l.next;
	return 0;
}

/* Azure refuses a block whose name is not as long as those that an interrupted upload of the same
 * blob has left there for a week. 46 bytes are as many as in the names of DVC's library. */
char *azure_block_id(const char *upload, unsigned number)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(mem_freep) char *name = mem_printf("%.*s-%013u", AZURE_UPLOAD_HEX, upload, number);
	base64_add(&out, name, strlen(name));
	return buf_detach(&out);
}

/* Blocks while they are read. */
struct block_list {
	const char *upload;
	struct fs_part *out;
	unsigned count;
	char *name; /* of the <Block> that is open */
	int64_t size_bytes;
	bool is_list;
};

/* The number in the name of a block, if it is one of this upload; else 0. */
static unsigned number_of(const struct block_list *l, const char *name)
{
	AUTO(buf_release) struct buf plain = BUF_INIT;
	int64_t number;
	if (!base64_decode(&plain, name, strlen(name)) ||
		plain.len != AZURE_UPLOAD_HEX + strlen("-0000000000000") ||
		strncmp(buf_str(&plain), l->upload, AZURE_UPLOAD_HEX) != 0 ||
		!str_to_i64(plain.ptr + AZURE_UPLOAD_HEX + 1, &number))
		return 0;
	return number >= 1 && number <= l->count ? (unsigned)number : 0;
}

static int on_block_element(void *arg, const char *path, const char *text, struct err *err)
{
	static const char block[] = "BlockList/UncommittedBlocks/Block";
	struct block_list *l = arg;
	(void)err;
	if (str_starts(path, "BlockList"))
		l->is_list = true;
	if (str_eq(path, "BlockList/UncommittedBlocks/Block/Name")) {
		free(l->name);
		l->name = mem_strdup(text);
	} else if (str_eq(path, "BlockList/UncommittedBlocks/Block/Size")) {
		l->size_bytes = str_to_i64(text, &l->size_bytes) ? l->size_bytes : -1;
	} else if (str_eq(path, block) && l->name) {
		unsigned number = number_of(l, l->name);
		if (number && l->size_bytes >= 0 && !l->out[number - 1].tag)
			l->out[number - 1] = (struct fs_part){
				(uint64_t)l->size_bytes, TAKE(l->name)};
	}
	return 0;
}

int azure_blocks_parse(const struct buf *text, const char *upload, struct fs_part *out,
	unsigned count, struct err *err)
{
	struct block_list l = {.upload = upload, .out = out, .count = count};
	const struct xml_reader to = {.element = on_block_element, .arg = &l};
	int r = xml_read(buf_str(text), text->len, &to, err);
	free(l.name);
	if (r < 0)
		return err_wrap(err, ERR_CORRUPT, "unable to read the list of blocks");
	return l.is_list
		       ? 0
		       : err_set(err, ERR_FAIL, "the server does not answer with a list of blocks");
}

void azure_add_block_list(struct buf *out, const struct fs_part *parts, unsigned count)
{
	buf_adds(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
	/* tags are base64, which needs no escapes */
	for (unsigned i = 0; i < count; i++)
		buf_addf(out, "<Uncommitted>%s</Uncommitted>", parts[i].tag);
	buf_adds(out, "</BlockList>");
}

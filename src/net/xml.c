/* Reads XML of servers by libexpat, within limits of depth and size. */
#include "net/xml.h"

#include <expat.h>
#include <limits.h>
#include <pthread.h>

#include "base/buf.h"
#include "base/dynamic.h"

/* X(name without "XML_") for every function of libexpat that net/ calls. */
#define EXPAT_FUNCTIONS(X)                                                                         \
	X(ErrorString)                                                                             \
	X(GetCurrentLineNumber)                                                                    \
	X(GetErrorCode)                                                                            \
	X(Parse)                                                                                   \
	X(ParserCreateNS)                                                                          \
	X(ParserFree)                                                                              \
	X(SetCharacterDataHandler)                                                                 \
	X(SetElementHandler)                                                                       \
	X(SetStartDoctypeDeclHandler)                                                              \
	X(SetUserData)                                                                             \
	X(StopParser)

/* Written once by open_once(), then read-only. */
static struct {
#define X(name) __typeof__(XML_##name) *name;
	EXPAT_FUNCTIONS(X)
#undef X
} lib;
static const char *why_not; /* reason, when libexpat is not usable */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_once(void)
{
	static const char *const names[] = {"libexpat.so.1", NULL};
	static const struct dynamic_library expat = {names, "libexpat", "libexpat1"};
	static const struct dynamic_symbol symbols[] = {
#define X(name) DYNAMIC_SYMBOL(XML_##name, lib.name),
		EXPAT_FUNCTIONS(X)
#undef X
	};
	why_not = dynamic_open(&expat, symbols, ARRAY_SIZE(symbols), NULL);
}

struct reading {
	XML_Parser parser;
	const struct xml_reader *to;
	struct buf path, text;
	/* per element that is open: lengths of `path` and `text` before it */
	struct {
		size_t path, text;
	} open[XML_DEPTH_MAX];
	size_t depth;
	int result; /* negative: why a handler ended the reading */
	struct err *err;
};

static void stop(struct reading *r, int result)
{
	r->result = result;
	(void)lib.StopParser(r->parser, XML_FALSE);
}

static void on_start(void *arg, const char *name, const char **attributes)
{
	struct reading *r = arg;
	const char *local = strrchr(name, '|');
	(void)attributes;

	if (r->depth == XML_DEPTH_MAX || r->path.len + strlen(name) + 1 > XML_PATH_MAX) {
		stop(r, err_set(r->err, ERR_PARSE, "elements are nested too deeply"));
		return;
	}
	r->open[r->depth].path = r->path.len;
	r->open[r->depth++].text = r->text.len;
	if (r->path.len)
		buf_addc(&r->path, '/');
	buf_adds(&r->path, local ? local + 1 : name);

	int result = r->to->begin ? r->to->begin(r->to->arg, buf_str(&r->path), r->err) : 0;
	if (result < 0)
		stop(r, result);
}

static void on_end(void *arg, const char *name)
{
	struct reading *r = arg;
	(void)name;
	if (r->result < 0)
		return; /* expat still ends an empty element whose start has stopped it */

	r->depth--;
	const char *text = buf_str(&r->text) + r->open[r->depth].text;
	int result = r->to->element(r->to->arg, buf_str(&r->path), text, r->err);
	buf_truncate(&r->text, r->open[r->depth].text);
	buf_truncate(&r->path, r->open[r->depth].path);
	if (result < 0)
		stop(r, result);
}

static void on_text(void *arg, const char *text, int len)
{
	struct reading *r = arg;
	buf_add(&r->text, text, (size_t)len);
}

static void on_doctype(void *arg, const char *name, const char *system_id, const char *public_id,
	int has_internal_subset)
{
	struct reading *r = arg;
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal_subset;
	stop(r, err_set(r->err, ERR_PARSE, "a document type is declared"));
}

static int parse(struct reading *r, const char *text, size_t len)
{
	lib.SetUserData(r->parser, r);
	lib.SetElementHandler(r->parser, on_start, on_end);
	lib.SetCharacterDataHandler(r->parser, on_text);
	lib.SetStartDoctypeDeclHandler(r->parser, on_doctype);
	if (lib.Parse(r->parser, text, (int)len, 1) == XML_STATUS_OK)
		return 0;
	if (r->result < 0)
		return r->result;
	return err_set(r->err, ERR_PARSE, "%s in line %lu",
		lib.ErrorString(lib.GetErrorCode(r->parser)),
		(unsigned long)lib.GetCurrentLineNumber(r->parser));
}

int xml_read(const char *text, size_t len, const struct xml_reader *to, struct err *err)
{
	(void)pthread_once(&once, open_once);
	if (why_not)
		return err_set(err, ERR_UNSUPPORTED, "unable to read XML: %s", why_not);
	if (len > INT_MAX)
		return err_set(err, ERR_PARSE, "the document is too long");

	struct reading r = {.to = to, .err = err};
	r.parser = lib.ParserCreateNS(NULL, '|');
	if (!r.parser)
		return err_set(err, ERR_PARSE, "libexpat cannot start");
	int result = parse(&r, text, len);
	lib.ParserFree(r.parser);
	buf_release(&r.path);
	buf_release(&r.text);
	return result;
}

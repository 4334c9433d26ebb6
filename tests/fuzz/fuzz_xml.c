/* Input: any bytes. Begins and ends of elements match, and paths stay short. */
#include <stdlib.h>
#include <string.h>

#include "net/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_begin(void *arg, const char *path, struct err *err)
{
	(void)err;
	++*(int *)arg;
	if (strlen(path) > XML_PATH_MAX)
		abort();
	return 0;
}

static int on_element(void *arg, const char *path, const char *text, struct err *err)
{
	(void)path;
	(void)text;
	(void)err;
	--*(int *)arg;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int open = 0;
	const struct xml_reader to = {.begin = on_begin, .element = on_element, .arg = &open};
	int r = xml_read((const char *)data, size, &to, NULL);
	if (open < 0 || (r == 0 && open != 0))
		abort();
	return 0;
}

/* Inflates the scripts that tools/bundle joined and tools/embed compressed. */
#include "view/vega.h"

#include <assert.h>

#include <zlib.h>

extern const unsigned char vega_script[];
extern const size_t vega_script_len, vega_script_text_len;

bool vega_is_built_in(void)
{
	return vega_script_text_len != 0;
}

void vega_add_script(struct buf *out)
{
	uLongf len = vega_script_text_len;
	int r;

	buf_reserve(out, len);
	r = uncompress((Bytef *)out->ptr + out->len, &len, vega_script, vega_script_len);
	assert(r == Z_OK); /* the build made these bytes */
	(void)r;
	out->len += len;
	out->ptr[out->len] = '\0';
}

/* Input: any text. A date that was read is written, and read back as the same second. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(mem_freep) char *text = mem_strndup((const char *)data, size);
	char http[DATE_HTTP], iso[DATE_ISO];
	int64_t first_s, second_s;

	if (date_parse_http(text, &first_s) &&
		(!date_parse_http(date_format_http(first_s, http), &second_s) ||
			first_s != second_s))
		abort();
	if (date_parse_iso(text, &first_s)) {
		/* an offset may lead to the year 0 or 10000, which are not written */
		static const int64_t year_1_s = -62135596800, year_9999_s = 253370764800;
		if (first_s >= year_1_s && first_s < year_9999_s &&
			(!date_parse_iso(date_format_iso(first_s, iso), &second_s) ||
				first_s != second_s))
			abort();
	}
	return 0;
}

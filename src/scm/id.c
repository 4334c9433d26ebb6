/* Object ids as text. */
#include <ctype.h>
#include <string.h>

#include "scm/scm.h"

bool scm_id_equal(const struct scm_id *a, const struct scm_id *b)
{
	return strcmp(a->hex, b->hex) == 0;
}

bool scm_is_full_id(const char *text)
{
	size_t n = 0;

	while (isxdigit((unsigned char)text[n]))
		n++;
	return n == 40 && text[n] == '\0';
}

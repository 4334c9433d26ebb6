/* Input: any bytes. The result is a value that can be printed, or an error. */
#include "base/buf.h"
#include "exp/pickle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v = NULL;

	if (pickle_load(&a, (const char *)data, size, &v, &err) == 0 && value_get(v, "kwargs"))
		(void)value_get_str(value_get(v, "kwargs"), "targets");
	return 0;
}

#include "net/curl.h"

#include <pthread.h>

#include "net/dynamic.h"

/* Written once by open_once(), then read-only. */
static struct curl_lib table;
static const char *why_not; /* reason, when libcurl is not usable */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_once(void)
{
	static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", NULL};
	static const struct dynamic_symbol symbols[] = {
#define X(name) {"curl_" #name, (void **)&table.name},
		CURL_LIB_FUNCTIONS(X)
#undef X
	};
	why_not = dynamic_open(names, "libcurl", "libcurl4", symbols, ARRAY_SIZE(symbols));
	if (!why_not && table.global_init(CURL_GLOBAL_DEFAULT) != 0)
		why_not = "libcurl cannot be started";
}

const struct curl_lib *curl_lib(struct err *err)
{
	(void)pthread_once(&once, open_once);
	if (!why_not)
		return &table;
	err_set(err, ERR_UNSUPPORTED, "unable to use the network: %s", why_not);
	return NULL;
}

/* Opens libcurl when it is first used, and keeps its handles for the requests that follow. */
#include "net/curl.h"

#include <dirent.h>
#include <pthread.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/dynamic.h"

/* Written once by open_once(), then read-only. */
static struct curl_lib table;
static const char *why_not;          /* reason, when libcurl is not usable */
static char *trust_dir, *trust_file; /* see curl_trust_dir() */
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Are there names like "4bfab552.0"? A few of a user's own do not make it the system's. */
static bool has_hashed_names(const char *path)
{
	enum { ENOUGH = 20 };
	int found = 0;
	DIR *dir = opendir(path);
	if (!dir)
		return false;
	for (const struct dirent *d; found < ENOUGH && (d = readdir(dir));)
		found += strlen(d->d_name) == 10 && str_ends(d->d_name, ".0");
	closedir(dir);
	return found == ENOUGH;
}

static void find_trust(void)
{
	const curl_version_info_data *v = table.version_info(CURLVERSION_NOW);
	if (v->age < CURLVERSION_SEVENTH || !v->capath || !v->ssl_version ||
		!str_starts(v->ssl_version, "OpenSSL/") || !has_hashed_names(v->capath))
		return;
	trust_dir = mem_strdup(v->capath);
	trust_file = mem_strdup(v->cainfo ? v->cainfo : "");
}

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
	if (!why_not)
		find_trust();
}

const char *curl_trust_dir(const char *file)
{
	return !file || str_eq(file, trust_file) ? trust_dir : NULL;
}

const struct curl_lib *curl_lib(struct err *err)
{
	(void)pthread_once(&once, open_once);
	if (!why_not)
		return &table;
	err_set(err, ERR_UNSUPPORTED, "unable to use the network: %s", why_not);
	return NULL;
}

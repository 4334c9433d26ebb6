/* Opens libcurl when it is first used, and keeps its handles for the requests that follow. */
#include "net/curl.h"

#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/dynamic.h"

/* Written once by open_once(), then read-only. */
static struct curl_lib table;
static const char *why_not;          /* reason, when libcurl is not usable */
static char *trust_dir, *trust_file; /* see curl_trust_dir() */
static const char *found_file;       /* see curl_trust_file() */
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

/* Where distributions keep the certificates that they trust. */
static const char *const files_of_certificates[] = {
	"/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Arch, Gentoo */
	"/etc/pki/tls/certs/ca-bundle.crt",                  /* Fedora, RHEL */
	"/etc/ssl/ca-bundle.pem",                            /* SUSE */
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* RHEL 7 and later */
	"/etc/ssl/cert.pem",                                 /* Alpine */
	NULL,
};
static const char *const dirs_of_certificates[] = {"/etc/ssl/certs", "/etc/pki/tls/certs", NULL};

static bool is_readable_file(const char *path)
{
	return access(path, R_OK) == 0;
}

static const char *first_that(bool (*suits)(const char *path), const char *const *paths)
{
	while (*paths && !suits(*paths))
		paths++;
	return *paths;
}

static void find_trust(void)
{
	const curl_version_info_data *v = table.version_info(CURLVERSION_NOW);
	if (v->age < CURLVERSION_SEVENTH)
		return;

	const char *dir = v->capath && has_hashed_names(v->capath) ? v->capath : NULL;
	const char *file = v->cainfo;
	if (!v->capath && !v->cainfo) { /* the static program's, which has to run anywhere */
		dir = first_that(has_hashed_names, dirs_of_certificates);
		file = found_file = first_that(is_readable_file, files_of_certificates);
	}
	if (!dir || !v->ssl_version || !str_starts(v->ssl_version, "OpenSSL/"))
		return;
	trust_dir = mem_strdup(dir);
	trust_file = mem_strdup(file ? file : "");
}

static void open_once(void)
{
	static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", NULL};
	static const struct dynamic_library lib = {names, "libcurl", "libcurl4"};
	static const struct dynamic_symbol symbols[] = {
#define X(name) DYNAMIC_SYMBOL(curl_##name, table.name),
		CURL_LIB_FUNCTIONS(X)
#undef X
	};
	why_not = dynamic_open(&lib, symbols, ARRAY_SIZE(symbols), NULL);
	if (!why_not && table.global_init(CURL_GLOBAL_DEFAULT) != 0)
		why_not = "libcurl cannot be started";
	if (!why_not)
		find_trust();
}

const char *curl_trust_dir(const char *file)
{
	return !file || str_eq(file, trust_file) ? trust_dir : NULL;
}

const char *curl_trust_file(void)
{
	return found_file;
}

const struct curl_lib *curl_lib(struct err *err)
{
	(void)pthread_once(&once, open_once);
	if (!why_not)
		return &table;
	err_set(err, ERR_UNSUPPORTED, "unable to use the network: %s", why_not);
	return NULL;
}

/*
 * libcurl, loaded on first use, so that commands without a network do not pay for it and the
 * program runs without it. curl/curl.h provides the types, this table the functions. Internal to
 * net/.
 *
 * Threads: any.
 */
#ifndef NET_CURL_H
#define NET_CURL_H

#define CURL_DISABLE_TYPECHECK /* its macros hide the names of the table */
#include <curl/curl.h>

#include "base/err.h"

/* X(name without "curl_") for every function of libcurl that net/ calls. */
#define CURL_LIB_FUNCTIONS(X)                                                                      \
	X(easy_cleanup)                                                                            \
	X(easy_getinfo)                                                                            \
	X(easy_init)                                                                               \
	X(easy_perform)                                                                            \
	X(easy_reset)                                                                              \
	X(easy_setopt)                                                                             \
	X(easy_strerror)                                                                           \
	X(global_init)                                                                             \
	X(share_cleanup)                                                                           \
	X(share_init)                                                                              \
	X(share_setopt)                                                                            \
	X(slist_append)                                                                            \
	X(slist_free_all)                                                                          \
	X(version_info)

#undef curl_easy_getinfo
#undef curl_easy_setopt
#undef curl_share_setopt

struct curl_lib {
#define X(name) __typeof__(curl_##name) *name;
	CURL_LIB_FUNCTIONS(X)
#undef X
};

/* The functions, or NULL with ERR_UNSUPPORTED when libcurl is not installed or too old. */
const struct curl_lib *curl_lib(struct err *err);

/*
 * The directory with the system's trusted certificates under the hashes of their names, from which
 * OpenSSL reads the one that it needs. libcurl reads the file with all of them for every
 * connection, which takes 50 ms. NULL: there is none, libcurl has another library for TLS, or
 * `file` (NULL: none is named) is not the system's. Only after curl_lib().
 */
const char *curl_trust_dir(const char *file);

/*
 * The file with the system's trusted certificates, for a libcurl that knows none: that of the
 * static program, which finds it where the machine's distribution keeps it. NULL: libcurl has one,
 * or the machine has none. Only after curl_lib().
 */
const char *curl_trust_file(void);

#endif

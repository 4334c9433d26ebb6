/* What the files of the HTTP client share. Internal to net/. */
#ifndef NET_HTTP_INT_H
#define NET_HTTP_INT_H

#include "base/base.h"

struct ctx;

int64_t http_now_ms(void); /* of a clock that never goes back */
bool http_is_dir(const char *path);
/* Have both URLs the same scheme, host and port? */
bool http_same_origin(const char *a, const char *b);
/* A debug line without secrets. `status` 0: no answer. */
void http_log(const struct ctx *ctx, const char *method, const char *url, int status,
	int64_t duration_ms);

#endif

#include "cmd/external_opts.h"

#include "base/alloc.h"
#include "base/str.h"
#include "cmd/exit.h"

int external_args_read(const struct app *app, const struct external_args *o, struct arena *a,
	struct external_opts *out, struct err *err)
{
	struct value *map;
	int r = external_remote_config(a, &o->remote_config, &map, err);
	out->ctx = app->ctx;
	out->config_file = o->config;
	out->remote = o->remote;
	out->remote_config = map;
	return r;
}

/* The message of a failed clone names the repository, so the prefix does not repeat it. */
int external_failure(
	struct err *err, const char *verb, const char *path, const char *url, const char *end)
{
	bool clone = str_starts(err_text(err), "SCM error");
	AUTO(mem_freep) char *prefix = clone ? mem_printf("failed to %s '%s'", verb, path)
					     : mem_printf("failed to %s '%s' from '%s'%s", verb,
						       path, url, end);
	return exit_caught(err, prefix);
}

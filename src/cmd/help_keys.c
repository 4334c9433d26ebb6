/* Lists the configuration keys for the help and the manual of `config` and `remote modify`. */
#include "base/alloc.h"
#include "base/str.h"
#include "cmd/help.h"
#include "fs/fs.h"
#include "project/config_keys.h"

static bool is_reached(const char *scheme)
{
	AUTO(mem_freep) char *url = mem_printf("%s://", scheme);
	return fs_driver_for(url) != NULL;
}

/* Append a heading such as "remote.<name>, for s3://", with "which only DVC reaches" where we have
 * no driver. */
static void remote_heading(struct buf *out, const char *scheme)
{
	buf_adds(out, "remote.<name>, for ");
	if (str_eq(scheme, "*"))
		buf_adds(out, "all remotes");
	else if (!*scheme)
		buf_adds(out, "directories");
	else
		buf_addf(out, "%s://%s", scheme,
			is_reached(scheme) ? "" : ", which only DVC reaches");
}

/* Keys of remotes get a heading for each scheme; other keys have one heading in common. */
void help_keys_each(const struct cmd *c, help_key_fn fn, void *ctx)
{
	const char *before = NULL;
	for (const struct config_key *k = config_keys; c->keys && k->section; k++) {
		AUTO(buf_release) struct buf heading = BUF_INIT, label = BUF_INIT, help = BUF_INIT;
		const char *scheme = str_starts(k->section, "remote:") ? strchr(k->section, ':') + 1
								       : NULL;
		if (!str_starts(k->section, c->keys))
			continue;

		if (scheme && !str_eq(before, k->section))
			remote_heading(&heading, scheme);
		else if (!before)
			buf_adds(&heading, "keys");
		if (!scheme)
			buf_addf(&label, "%.*s%s.", (int)strcspn(k->section, ":"), k->section,
				strchr(k->section, ':') ? ".<name>" : "");
		buf_adds(&label, k->name);
		buf_adds(&help, k->deprecated ? "obsolete, without effect" : k->help);
		if (k->dvc_only)
			buf_adds(&help, " (DVC only)");
		fn(ctx, heading.len ? buf_str(&heading) : NULL, buf_str(&label), buf_str(&help));
		before = k->section;
	}
}

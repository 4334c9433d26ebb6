/* Starts the command that opens pages. */
#include "cmd/browser.h"

#include <stdlib.h>
#include <string.h>

#include "base/proc.h"

/* Run a command with the URL in place of "%s", or as its last word. */
static bool run(const char *command, const char *url)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT, argv = STRLIST_INIT;
	AUTO(err_release) struct err ignored = ERR_INIT;
	struct proc_opts opts = {.quiet = true};
	bool placed = false;
	if (!proc_split(command, &words) || !words.count)
		return false;
	for (size_t i = 0; i < words.count; i++) {
		const char *at = strstr(words.items[i], "%s");
		if (at)
			strlist_addf(&argv, "%.*s%s%s", (int)(at - words.items[i]), words.items[i],
				url, at + 2);
		else
			strlist_add(&argv, words.items[i]);
		placed |= at != NULL;
	}
	if (!placed)
		strlist_add(&argv, url);
	return proc_run(strlist_argv(&argv), &opts, &ignored) == 0;
}

bool browser_open(const char *url)
{
	static const char *const usual[] = {"xdg-open", "gio open", "open", "sensible-browser"};
	AUTO(strlist_release) struct strlist chosen = STRLIST_INIT;
	const char *own = getenv("BROWSER");
	if (own && *own)
		strlist_split(&chosen, own, ':');
	for (size_t i = 0; i < chosen.count; i++)
		if (run(chosen.items[i], url))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (run(usual[i], url))
			return true;
	return false;
}

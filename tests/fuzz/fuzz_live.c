/*
 * Input: lines for `cairn live`. A line that is refused changes nothing, one that is taken leaves a
 * logger that can write; nothing is ever written outside the directory.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/path.h"
#include "ops/live.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One directory for all inputs, with a log and a dvc.yaml; it is removed at the end. */
static char place[] = "/tmp/fuzz-live-XXXXXX";

static void remove_place(void)
{
	(void)file_remove(place, NULL);
}

static void prepare_place(void)
{
	static bool is_made;
	if (is_made)
		return;
	if (!mkdtemp(place) || atexit(remove_place) != 0)
		abort();
	is_made = true;
}

static void take_lines(struct live *live, const char *text, size_t size)
{
	while (size) {
		AUTO(err_release) struct err why = ERR_INIT;
		const char *end = memchr(text, '\n', size);
		size_t len = end ? (size_t)(end - text) : size;
		bool was_pending = live_is_pending(live);
		int64_t step = live_last_step(live);
		int r = live_take(live, text, len, &why);
		if (r < 0 && (live_is_pending(live) != was_pending ||
				     live_last_step(live) != step || !*err_text(&why)))
			abort();
		text += end ? len + 1 : len;
		size -= end ? len + 1 : len;
	}
}

static void run(const char *text, size_t size, bool resume)
{
	struct live *live;
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(mem_freep) char *dir = path_join(place, "log");
	AUTO(mem_freep) char *dvc_yaml = path_join(place, "dvc.yaml");
	const struct live_opts opts = {.dir = dir, .dvc_yaml = dvc_yaml, .resume = resume};
	if (live_open(&live, &opts, &why) < 0)
		abort(); /* it is empty, or has what this program has written */
	take_lines(live, text, size);
	(void)live_flush(live, NULL); /* a name may be too long for the file system */
	live_free(live);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	prepare_place();
	AUTO(mem_freep) char *dvc_yaml = path_join(place, "dvc.yaml");
	(void)file_remove(dvc_yaml, NULL);
	/* the second run takes over what the first has written */
	run((const char *)data, size, false);
	run((const char *)data, size, true);
	if (file_list(place, &names, NULL) < 0 || names.count > 2)
		abort();
	return 0;
}

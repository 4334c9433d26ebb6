/* What all batch systems share. */
#include "exec/batch/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

const char *batch_state_text(enum batch_state state)
{
	static const char *const texts[] = {
		[BATCH_UNASKED] = "not asked yet",
		[BATCH_UNKNOWN] = "not known to the scheduler",
		[BATCH_WAITS] = "waits",
		[BATCH_STUCK] = "cannot start",
		[BATCH_RUNS] = "runs",
		[BATCH_ENDED] = "ended",
		[BATCH_TIMEOUT] = "time limit",
		[BATCH_OUT_OF_MEMORY] = "out of memory",
		[BATCH_CANCELLED] = "cancelled",
		[BATCH_PREEMPTED] = "preempted",
		[BATCH_NODE_FAILED] = "node failed",
	};
	return texts[state];
}

void batch_hints_release(struct batch_hints *h)
{
	VEC_EACH (h, it) {
		free(it->id);
		free(it->reason);
		free(it->node);
		free(it->comment);
	}
	vec_release(h);
}

/* What a program has said, in one line without its own prefix. */
static void add_said(struct buf *out, const char *program, const char *text)
{
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	AUTO(mem_freep) char *prefix = mem_printf("%s: ", program);
	strlist_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		AUTO(mem_freep) char *stripped = str_strip(lines.items[i]);
		const char *line = stripped;
		const char *const prefixes[] = {prefix, "error: ", "fatal: "};
		for (size_t j = 0; j < ARRAY_SIZE(prefixes); j++)
			if (str_starts(line, prefixes[j]))
				line += strlen(prefixes[j]);
		if (*line)
			buf_addf(out, "%s%s", out->len ? "; " : "", line);
	}
}

void batch_why(struct err *why, const char *program, const struct batch_answer *a)
{
	AUTO(buf_release) struct buf said = BUF_INIT;
	add_said(&said, program, a->err);
	if (a->timed_out)
		err_set(why, ERR_BUSY, "%s has not answered in time%s%s", program,
			said.len ? ": " : "", buf_str(&said));
	else if (said.len)
		err_set(why, ERR_FAIL, "%s", buf_str(&said));
	else
		err_set(why, ERR_FAIL, "%s ended with status %d and said nothing", program,
			a->status);
}

/* A batch system that a profile describes by lines of shell: fills them in, and reads what they
 * print. */
#include "exec/batch/command.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/strlist.h"
#include "exec/batch/batch.h"
#include "exec/template.h"

/* ---- lines of a profile ---- */

/* The words that a line may have in braces. */
static const struct {
	const char *key;
	struct template_word words[11];
} allowed[] = {
	{"submit", {{"script", ""}, {"name", ""}, {"comment", ""}, {"count", ""}, {"cpus", ""},
			   {"gpus", ""}, {"mem_mib", ""}, {"time_s", ""}, {"dir", ""},
			   {"options", ""}}},
	{"poll", {{"ids", ""}}},
	{"cancel", {{"ids", ""}, {"signal", ""}}},
	{"find", {{"name", ""}}},
};

static int unknown_word(
	const char *key, const char *unknown, const struct template_word *words, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	struct str_nearest nearest = {.wanted = unknown};
	for (; words->name; words++) {
		strlist_addf(&names, "{%s}", words->name);
		str_nearest_try(&nearest, words->name);
	}
	AUTO(mem_freep) char *all = strlist_join(&names, ", ");
	err_set(err, ERR_CONFIG, "'%s' has {%s}, which is not known; it may have %s", key, unknown,
		all);
	if (nearest.found)
		err_hint(err, "Did you mean {%s}? Write {{%s}} for braces that stay.",
			nearest.found, unknown);
	else
		err_hint(err, "Write {{%s}} for braces that stay.", unknown);
	return ERR_CONFIG;
}

int command_check(const char *key, const char *line, struct err *err)
{
	const struct template_word *words = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		if (strcmp(allowed[i].key, key) == 0)
			words = allowed[i].words;

	AUTO(mem_freep) char *unknown = template_unknown(line, words);
	if (unknown)
		return unknown_word(key, unknown, words, err);
	const char *needed = strcmp(key, "submit") == 0 ? "script"
			     : strcmp(key, "find") == 0 ? "name"
							: NULL;
	if (needed && !template_has(line, needed))
		return err_set(err, ERR_CONFIG, "'%s' has no {%s}", key, needed);
	return 0;
}

/* ---- calls ---- */

static void shell_call(const struct profile *p, const char *line, const struct template_word *words,
	struct batch_call *out)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	*out = (struct batch_call){0};
	if (p->root) {
		buf_adds(&text, "cd ");
		str_add_shell_quoted(&text, p->root);
		buf_adds(&text, " || exit\n");
	}
	template_fill(&text, line, words);
	strlist_add(&out->argv, "sh");
	strlist_add(&out->argv, "-c");
	strlist_add(&out->argv, buf_str(&text));
}

static char *quoted(const char *text)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	str_add_shell_quoted(&out, text);
	return buf_detach(&out);
}

static void add_quoted(struct buf *out, const struct strlist *words)
{
	for (size_t i = 0; i < words->count; i++) {
		buf_adds(out, out->len ? " " : "");
		str_add_shell_quoted(out, words->items[i]);
	}
}

static void command_submit(
	const struct profile *p, const struct batch_submission *s, struct batch_call *out)
{
	enum { MIB = 1024 * 1024 };
	const struct request *r = s->request;
	AUTO(mem_freep) char *script = quoted(s->script);
	AUTO(mem_freep) char *name = quoted(s->job_name);
	AUTO(mem_freep) char *comment = quoted(s->comment);
	AUTO(mem_freep) char *dir = quoted(s->dir);
	AUTO(mem_freep) char *count = mem_printf("%zu", s->count);
	AUTO(mem_freep) char *cpus = mem_printf("%d", MAX(r->cpus, 1));
	AUTO(mem_freep) char *gpus = mem_printf("%d", r->gpus);
	AUTO(mem_freep)
	char *mem = mem_printf("%jd", (intmax_t)(r->mem_bytes / MIB + !!(r->mem_bytes % MIB)));
	AUTO(mem_freep) char *time = mem_printf("%jd", (intmax_t)r->time_s);
	AUTO(buf_release) struct buf options = BUF_INIT;
	VEC_EACH (&r->named, n)
		add_quoted(&options, &n->words);
	const struct template_word words[] = {{"script", script}, {"name", name},
		{"comment", comment}, {"count", count}, {"cpus", cpus}, {"gpus", gpus},
		{"mem_mib", mem}, {"time_s", time}, {"dir", dir}, {"options", buf_str(&options)},
		{NULL, NULL}};
	shell_call(p, p->submit, words, out);
}

/* A call about these jobs. */
static void call_with_ids(const struct profile *p, const char *line, const struct strlist *ids,
	const char *signal, struct batch_call *out)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	add_quoted(&text, ids);
	const struct template_word words[] = {
		{"ids", buf_str(&text)}, {"signal", signal}, {NULL, NULL}};
	shell_call(p, line, words, out);
	for (size_t i = 0; !template_has(line, "ids") && i < ids->count; i++)
		buf_addf(&out->input, "%s\n", ids->items[i]);
}

static bool command_ask(const struct profile *p, const char *job_name, const struct strlist *ids,
	struct batch_call *out)
{
	(void)job_name;
	if (p->poll)
		call_with_ids(p, p->poll, ids, "", out);
	return p->poll != NULL;
}

static bool command_find(const struct profile *p, const char *job_name, struct batch_call *out)
{
	if (!p->find)
		return false;
	AUTO(mem_freep) char *name = quoted(job_name);
	const struct template_word words[] = {{"name", name}, {NULL, NULL}};
	shell_call(p, p->find, words, out);
	return true;
}

/* Without a line for it, jobs end because the watcher revokes them and writes the signal into their
 * directories (attempt.h); those that wait begin and find that out. */
static void command_cancel(
	const struct profile *p, const struct strlist *ids, int number, struct batch_call *out)
{
	*out = (struct batch_call){0};
	if (p->cancel)
		call_with_ids(p, p->cancel, ids, number == SIGKILL ? "KILL" : "TERM", out);
}

static char *command_element_id(const char *id, size_t index, size_t count)
{
	(void)index;
	(void)count;
	return mem_strdup(id);
}

/* ---- answers ---- */

/* The last line that is not empty, without white space at its ends. Heap string; NULL: none. */
static char *last_line(const char *text)
{
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	strlist_split(&lines, text, '\n');
	for (size_t i = lines.count; i > 0; i--) {
		char *line = str_strip(lines.items[i - 1]);
		if (*line)
			return line;
		free(line);
	}
	return NULL;
}

static bool is_id(const char *text)
{
	enum { MOST = 255 };
	size_t len = strlen(text);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
			return false;
	return len && len <= MOST && text[0] != '-';
}

static enum batch_said command_submitted(
	const struct batch_answer *a, char **out_id, struct err *why)
{
	enum { TEMPFAIL = 75, BY_SIGNAL = 128 };
	if (a->timed_out || a->status > BY_SIGNAL) {
		batch_why(why, "'submit'", a);
		return BATCH_DOUBT;
	}
	if (a->status != 0) {
		batch_why(why, "'submit'", a);
		return a->status == TEMPFAIL ? BATCH_BUSY : BATCH_REFUSED;
	}

	AUTO(mem_freep) char *line = last_line(a->out);
	if (line && is_id(line)) {
		*out_id = TAKE(line);
		return BATCH_OK;
	}
	/* Not in doubt, but a mistake in the profile: submitting again would not mend it. */
	err_set(why, ERR_CONFIG, "'submit' is to print the job's id alone on its last line%s%s%s",
		line ? ", not '" : "", line ? line : "", line ? "'" : "");
	return BATCH_REFUSED;
}

static const struct {
	const char *words; /* separated by blanks, lower-cased */
	enum batch_state state;
} states[] = {
	/* PBS: Q T W M; LSF: pend wait; Grid Engine: qw hqw t; HTCondor: i; AWS; Flux */
	{"waits wait waiting pending pend queued idle q w t m qw hqw i submitted runnable starting "
	 "configuring containercreating podinitializing requeued depend priority sched",
		BATCH_WAITS},
	/* LSF: psusp; Grid Engine: Eqw; Kubernetes */
	{"stuck held hold h psusp eqw imagepullbackoff errimagepull invalidimagename "
	 "createcontainerconfigerror createcontainererror requeue_hold special_exit",
		BATCH_STUCK},
	/* PBS: R E S U B; LSF: ususp ssusp */
	{"runs run running r rr e s u b suspended ususp ssusp terminating completing exiting cleanup "
	 "stopped resizing",
		BATCH_RUNS},
	/* PBS: F X, Torque: C; LSF: done exit zombi */
	{"ended end done complete completed succeeded success finished exit exited failed fail error "
	 "f x c zombi crashloopbackoff inactive",
		BATCH_ENDED},
	{"timeout time-limit deadline deadlineexceeded", BATCH_TIMEOUT},
	{"oom oomkilled out-of-memory out_of_memory outofmemory", BATCH_OUT_OF_MEMORY},
	{"cancelled canceled deleted removed", BATCH_CANCELLED},
	{"preempted preempting evicted", BATCH_PREEMPTED},
	{"node-failed node_fail node-fail nodelost boot_fail nodeshutdown", BATCH_NODE_FAILED},
	{"unknown unkwn revoked", BATCH_UNKNOWN},
};

/* False: the word is no state. */
static bool find_state(const char *word, enum batch_state *out)
{
	AUTO(mem_freep) char *low = str_lower(word);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		AUTO(strlist_release) struct strlist words = STRLIST_INIT;
		strlist_split(&words, states[i].words, ' ');
		if (strlist_has(&words, low)) {
			*out = states[i].state;
			return true;
		}
	}
	return false;
}

/* Take the next word and move `*at` to what follows it. Heap string; "" at the end. */
static char *take_word(const char **at)
{
	static const char blanks[] = " \t";
	const char *start = *at + strspn(*at, blanks);
	size_t len = strcspn(start, blanks);
	*at = start + len + strspn(start + len, blanks);
	return mem_strndup(start, len);
}

/* Read "ID STATE [REASON...] [COMMENT]". */
static enum batch_said read_line(const char *line, struct batch_hints *out, struct err *why)
{
	static const char comment_begins[] = "cairn/1 ";
	AUTO(mem_freep) char *id = take_word(&line);
	AUTO(mem_freep) char *word = take_word(&line);
	enum batch_state state;
	if (!*id)
		return BATCH_OK;
	if (!find_state(word, &state)) {
		err_set(why, ERR_CONFIG,
			"'poll' and 'find' are to print \"ID STATE [REASON]\" on each line; of '%s' they "
			"say '%s', which is no state",
			id, word);
		return BATCH_BUSY;
	}

	const char *comment = strstr(line, comment_begins);
	AUTO(mem_freep)
	char *before = mem_strndup(line, comment ? (size_t)(comment - line) : strlen(line));
	char *reason = str_strip(before);
	if (!*reason) {
		free(reason);
		reason = NULL;
	}
	*vec_push(out) = (struct batch_hint){.id = TAKE(id),
		.state = state,
		.reason = reason,
		.comment = comment ? mem_strdup(comment) : NULL};
	return BATCH_OK;
}

/* A word that is no state makes the whole answer one to ask for again: what it means for the job is
 * not known, and to take it for lost would run it twice. */
static enum batch_said command_answered(
	const struct batch_answer *a, struct batch_hints *out, struct err *why)
{
	if (a->status != 0 || a->timed_out) {
		batch_why(why, "'poll'", a);
		return BATCH_BUSY;
	}

	AUTO(batch_hints_release) struct batch_hints fresh = {0};
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	strlist_split(&lines, a->out, '\n');
	for (size_t i = 0; i < lines.count; i++) {
		AUTO(mem_freep) char *line = str_strip(lines.items[i]);
		enum batch_said said = read_line(line, &fresh, why);
		if (said != BATCH_OK)
			return said;
	}
	VEC_EACH (&fresh, h)
		*vec_push(out) = TAKE(*h);
	return BATCH_OK;
}

const struct batch_system batch_command = {
	.type = "command",
	.submit = command_submit,
	.submitted = command_submitted,
	.element_id = command_element_id,
	.ask = command_ask,
	.answered = command_answered,
	.find = command_find,
	.cancel = command_cancel,
};

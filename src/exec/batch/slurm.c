/*
 * Calls of sbatch, squeue, sacct and scancel, and their answers. Words and texts are those of Slurm
 * 20.11 to 26.05: slurm_errno.c, job_state_string() and job_reason_string() in its sources.
 */
#include "exec/batch/slurm.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/proc.h"
#include "base/str.h"
#include "exec/batch/batch.h"
#include "exec/template.h"

/* ---- options of the user's ---- */

bool slurm_option_is_ours(const char *word)
{
	static const char *const long_names[] = {"--array", "--chdir", "--comment", "--error",
		"--export", "--export-file", "--get-user-env", "--help", "--input", "--job-name",
		"--kill-on-invalid-dep", "--no-requeue", "--open-mode", "--output", "--parsable",
		"--quiet", "--requeue", "--signal", "--test-only", "--usage", "--verbose",
		"--version", "--wait", "--wrap"};
	static const char short_names[] = "aDehiJoQvVW";
	if (word[0] == '-' && word[1] != '-')
		return word[1] && strchr(short_names, word[1]);

	size_t len = strcspn(word, "=");
	for (size_t i = 0; i < ARRAY_SIZE(long_names); i++)
		if (strlen(long_names[i]) == len && memcmp(long_names[i], word, len) == 0)
			return true;
	return false;
}

/* The value of -M or --clusters among the options, so that questions go to the same cluster; NULL:
 * there is none. Borrowed. */
static const char *cluster_of(const struct profile *p)
{
	const char *found = NULL;
	for (size_t i = 0; i < p->options.count; i++) {
		const char *word = p->options.items[i];
		const char *next = i + 1 < p->options.count ? p->options.items[i + 1] : NULL;
		if (strcmp(word, "-M") == 0 || strcmp(word, "--clusters") == 0 ||
			strcmp(word, "--cluster") == 0)
			found = next;
		else if (str_starts(word, "--clusters=") || str_starts(word, "--cluster="))
			found = strchr(word, '=') + 1;
		else if (str_starts(word, "-M"))
			found = word + 2;
	}
	return found;
}

/* ---- the environment of calls ---- */

/*
 * sbatch gives its environment to the job (--export=ALL), so it gets only what a job needs to begin
 * with; the commands' own environment is in the attempt's files. --export=NONE or a list would do
 * that, too, but then slurmd runs `su - user -c env` for each job, which is slow, and a job whose
 * start-up files fail is held for ever ("user env retrieval failed requeued held").
 *
 * Variables of squeue and scancel filter and format; those of a surrounding job (SLURM_...) would
 * become options of the new one. SBATCH_... are defaults that a site or a user has set; only those
 * are kept that choose where and for whose account a job runs.
 */
static bool is_kept(const char *name, size_t len)
{
	static const char *const names[] = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG",
		"LANGUAGE", "TZ", "LD_LIBRARY_PATH", "KRB5CCNAME", "SLURM_CONF",
		"SLURM_CONF_SERVER", "SLURM_JWT", "SLURM_CLUSTERS", "SBATCH_ACCOUNT",
		"SBATCH_CLUSTERS", "SBATCH_CONSTRAINT", "SBATCH_PARTITION", "SBATCH_QOS",
		"SBATCH_RESERVATION", "SBATCH_TIMELIMIT", "SBATCH_WCKEY"};
	/* `module load` in a profile's setup needs these */
	static const char *const prefixes[] = {"LC_", "MODULE", "LMOD_", "BASH_FUNC_", "BASH_ENV",
		"LOADEDMODULES", "_LMFILES_", "__LMOD", "_ModuleTable"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_starts(name, prefixes[i]))
			return true;
	return false;
}

static void start_call(const struct profile *p, const char *program, struct batch_call *out)
{
	const char *cluster = cluster_of(p);
	*out = (struct batch_call){0};
	for (char **e = environ; e && *e; e++) {
		size_t len = strcspn(*e, "=");
		if (!is_kept(*e, len))
			strlist_addn(&out->env, *e, len);
	}
	strlist_add(&out->argv, program);
	/* sbatch gets it with the other options */
	if (cluster && strcmp(program, "sbatch") != 0)
		strlist_addf(&out->argv, "--clusters=%s", cluster);
}

/* ---- submitting ---- */

/*
 * The warning comes `grace` before the limit, or up to a minute earlier, as Slurm looks once a
 * minute. Of a short limit at most half is spent on it, so that a job is not warned at its start.
 * 0: no warning; Slurm sends SIGTERM at the limit in any case.
 */
static int64_t warning_s(const struct profile *p, const struct request *r)
{
	enum { MINUTE = 60 };
	if (!r->time_s)
		return p->grace_s;
	int64_t most = (r->time_s - MINUTE) / 2;
	return MAX(MIN(p->grace_s, most), 0);
}

static void add_option(struct strlist *argv, const char *name, const char *value)
{
	if (value)
		strlist_addf(argv, "%s=%s", name, value);
}

static void add_words(struct strlist *argv, const struct strlist *words)
{
	for (size_t i = 0; i < words->count; i++)
		strlist_add(argv, words->items[i]);
}

static void add_request(const struct profile *p, const struct request *r, struct strlist *argv)
{
	enum { MINUTE = 60, HOUR = 3600, MIB = 1024 * 1024 };
	if (r->cpus)
		strlist_addf(argv, "--cpus-per-task=%d", r->cpus);
	if (r->mem_bytes) /* rounded up: 0 would be all memory of the node */
		strlist_addf(argv, "--mem=%jdM",
			(intmax_t)(r->mem_bytes / MIB + !!(r->mem_bytes % MIB)));
	if (r->gpus) {
		AUTO(buf_release) struct buf line = BUF_INIT;
		AUTO(mem_freep) char *n = mem_printf("%d", r->gpus);
		const struct template_word words[] = {{"n", n}, {NULL, NULL}};
		template_fill(&line, p->gpu_option, words);
		(void)proc_split(buf_str(&line), argv); /* was checked with the profile */
	}
	if (r->time_s)
		strlist_addf(argv, "--time=%jd:%02d:%02d", (intmax_t)(r->time_s / HOUR),
			(int)(r->time_s % HOUR / MINUTE), (int)(r->time_s % MINUTE));
	VEC_EACH (&r->named, n)
		add_words(argv, &n->words);
}

/*
 * The file for what is said outside of our program. Slurm puts the directory before a relative name
 * and then replaces "%a", also in the directory: a job whose file cannot be made ends without a
 * word (JobLaunchFailure). So the name is absolute, with "%%" for each '%'. A '\\' is removed and
 * cannot be quoted; there the file is done without.
 */
static void add_output(struct strlist *argv, const char *dir, bool is_array)
{
	AUTO(buf_release) struct buf name = BUF_INIT;
	for (const char *c = dir; *c; c++)
		buf_addn(&name, *c, *c == '%' ? 2 : 1);
	if (strchr(dir, '\\'))
		strlist_add(argv, "--output=/dev/null");
	else
		strlist_addf(argv, "--output=%s/%s", buf_str(&name),
			is_array ? "slurm-%a.out" : "slurm.out");
}

static void slurm_submit(
	const struct profile *p, const struct batch_submission *s, struct batch_call *out)
{
	start_call(p, "sbatch", out);
	struct strlist *argv = &out->argv;
	strlist_add(argv, "--parsable");
	add_option(argv, "--job-name", s->job_name);
	add_option(argv, "--comment", s->comment);
	add_option(argv, "--chdir", s->dir);
	add_output(argv, s->dir, s->count > 1);
	strlist_add(argv, "--open-mode=append"); /* a second life must not empty it */
	strlist_add(argv, "--export=ALL");
	strlist_add(argv, s->requeue ? "--requeue" : "--no-requeue");
	/* for a --dependency among the user's options: else the job would wait for ever */
	strlist_add(argv, "--kill-on-invalid-dep=yes");
	if (s->count > 1) {
		AUTO(buf_release) struct buf at_once = BUF_INIT;
		if (s->at_once && s->at_once < s->count)
			buf_addf(&at_once, "%%%zu", s->at_once);
		strlist_addf(argv, "--array=0-%zu%s", s->count - 1, buf_str(&at_once));
	}
	int64_t warning = warning_s(p, s->request);
	if (warning)
		strlist_addf(argv, "--signal=B:TERM@%jd", (intmax_t)warning);
	if (s->not_on && s->not_on->count) {
		AUTO(mem_freep) char *nodes = strlist_join(s->not_on, ",");
		add_option(argv, "--exclude", nodes);
	}
	add_option(argv, "--partition", p->partition);
	add_option(argv, "--account", p->account);
	add_option(argv, "--qos", p->qos);
	add_option(argv, "--constraint", p->constraint);
	add_request(p, s->request, argv);
	add_words(argv, &p->options); /* last, so that the user's count */
	strlist_add(argv, s->script);
}

/* The id on the last line that has one: "123" or "123;cluster". Heap string; NULL: there is none.
 */
static char *id_of(const char *out)
{
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	strlist_split(&lines, out, '\n');
	for (size_t i = lines.count; i > 0; i--) {
		AUTO(mem_freep) char *line = str_strip(lines.items[i - 1]);
		size_t digits = strspn(line, "0123456789");
		if (digits && (line[digits] == '\0' || line[digits] == ';'))
			return mem_strndup(line, digits);
	}
	return NULL;
}

/* Texts of sbatch, and what they mean for a submission; the first that occurs counts. */
static const struct {
	const char *text;
	enum batch_said said;
} texts[] = {
	/* the request may have arrived */
	{"Socket timed out", BATCH_DOUBT},
	{"Zero Bytes were transmitted", BATCH_DOUBT},
	{"(send failure)", BATCH_DOUBT},
	{"(receive failure)", BATCH_DOUBT},
	{"(shutdown failure)", BATCH_DOUBT},
	{"Message send failure", BATCH_DOUBT},
	{"Message receive failure", BATCH_DOUBT},
	{"Communication shutdown failure", BATCH_DOUBT},
	{"Unexpected message received", BATCH_DOUBT},
	{"Insane message length", BATCH_DOUBT},
	{"Header lengths are longer", BATCH_DOUBT},
	{"Connection timed out reading", BATCH_DOUBT},
	{"Connection timed out writing", BATCH_DOUBT},
	{"Connection reset", BATCH_DOUBT},
	{"Broken pipe", BATCH_DOUBT},

	/* it has not, or was refused for now */
	{"Unable to contact slurm controller", BATCH_BUSY},
	{"Communication connection failure", BATCH_BUSY},
	{"Connection refused", BATCH_BUSY},
	{"Connection timed out", BATCH_BUSY},
	{"No route to host", BATCH_BUSY},
	{"in standby mode", BATCH_BUSY},
	{"Rate limit exceeded", BATCH_BUSY},
	{"MaxJobCount limit reached", BATCH_BUSY},
	{"Slurm job queue full", BATCH_BUSY},
	{"temporarily unable to accept job", BATCH_BUSY},
	{"temporarily disabled", BATCH_BUSY},
	{"Resource temporarily unavailable", BATCH_BUSY},
	{"System submissions disabled", BATCH_BUSY},
	{"Requested partition configuration not available now", BATCH_BUSY},
	{"Required partition not available", BATCH_BUSY},
	{"Partition in DOWN state", BATCH_BUSY},
	{"Requested nodes are busy", BATCH_BUSY},
	{"Required ports are in use", BATCH_BUSY},
	{"Requested reservation is in use", BATCH_BUSY},
	{"Requested reservation not usable now", BATCH_BUSY},
	{"Job creation temporarily", BATCH_BUSY},
	{"I/O error writing script", BATCH_BUSY}, /* the controller's disk is full */
	{"Plugin initialization failed", BATCH_BUSY},
	{"authentication error", BATCH_BUSY}, /* munged is being started, or clocks differ */
	{"authentication credential", BATCH_BUSY},
	{"Munge encode failed", BATCH_BUSY},
	{"Munge decode failed", BATCH_BUSY},
	{"Invalid job array specification", BATCH_BUSY}, /* more elements than MaxArraySize */
	/* limits of jobs that are submitted at a time: those that end make room */
	{"MaxSubmitJob", BATCH_BUSY},
	{"GrpSubmitJob", BATCH_BUSY},
};

/*
 * "Job violates accounting/QOS policy" is said for limits of the number of jobs, which pass, and
 * for limits of a single job, which do not. Slurm names the limit in a line before
 * ("QOSMaxCpuPerJobLimit") unless it is old: then it is taken for one that passes, and the user
 * sees the words.
 */
static enum batch_said policy(const char *err)
{
	static const char *const of_one_job[] = {
		"PerJob", "PerNode", "TimeLimit", "QOSMin", "NotAllowed", "WallDuration"};
	for (size_t i = 0; i < ARRAY_SIZE(of_one_job); i++)
		if (strstr(err, of_one_job[i]))
			return BATCH_REFUSED;
	return BATCH_BUSY;
}

static enum batch_said slurm_submitted(const struct batch_answer *a, char **out_id, struct err *why)
{
	/* 255 is its own word for a wrong option */
	enum { BY_SIGNAL = 128, MOST_SIGNALS = 64 };
	bool killed = a->status > BY_SIGNAL && a->status <= BY_SIGNAL + MOST_SIGNALS;
	char *id = id_of(a->out);
	/* it prints the id when the job was accepted, whatever becomes of sbatch then */
	if (id && (a->status == 0 || a->timed_out || killed)) {
		*out_id = id;
		return BATCH_OK;
	}
	free(id);

	batch_why(why, "sbatch", a);
	if (a->status == 0)
		err_set(why, ERR_FAIL, "sbatch has printed no job id");
	/* sbatch itself tries again for two minutes while the controller is busy */
	if (a->timed_out || killed || a->status == 0)
		return BATCH_DOUBT;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (strstr(a->err, texts[i].text))
			return texts[i].said;
	return strstr(a->err, "violates accounting/QOS policy") ? policy(a->err) : BATCH_REFUSED;
}

static char *slurm_element_id(const char *id, size_t index, size_t count)
{
	return count > 1 ? mem_printf("%s_%zu", id, index) : mem_strdup(id);
}

/* ---- states ---- */

static const struct {
	const char *word;
	enum batch_state state;
} states[] = {
	{"PENDING", BATCH_WAITS}, {"CONFIGURING", BATCH_WAITS}, /* the node is being booted */
	{"REQUEUED", BATCH_WAITS}, {"REQUEUE_FED", BATCH_WAITS}, {"REQUEUE_HOLD", BATCH_STUCK},
	{"RESV_DEL_HOLD", BATCH_STUCK}, {"SPECIAL_EXIT", BATCH_STUCK}, {"RUNNING", BATCH_RUNS},
	{"COMPLETING", BATCH_RUNS}, /* processes may be there still */
	{"EXPEDITING", BATCH_RUNS}, {"RESIZING", BATCH_RUNS}, {"SIGNALING", BATCH_RUNS},
	{"STAGE_OUT", BATCH_RUNS}, {"STOPPED", BATCH_RUNS}, {"SUSPENDED", BATCH_RUNS},
	{"COMPLETED", BATCH_ENDED}, {"FAILED", BATCH_ENDED}, {"CANCELLED", BATCH_CANCELLED},
	{"TIMEOUT", BATCH_TIMEOUT}, {"DEADLINE", BATCH_TIMEOUT},
	{"OUT_OF_MEMORY", BATCH_OUT_OF_MEMORY}, {"PREEMPTED", BATCH_PREEMPTED},
	{"NODE_FAIL", BATCH_NODE_FAILED}, {"BOOT_FAIL", BATCH_NODE_FAILED},
	{"LAUNCH_FAILED", BATCH_NODE_FAILED}, {"RECONFIG_FAIL", BATCH_NODE_FAILED},
	{"REVOKED", BATCH_UNKNOWN}, /* another cluster of the federation has it */
};

/*
 * Reasons that a waiting job cannot get rid of by itself: held, a limit that it exceeds alone, or
 * something that does not exist (any more). Everything else passes, even if it may take long: other
 * jobs, limits of groups, licences, nodes that are down.
 */
static bool is_stuck(const char *reason)
{
	static const char *const parts[] = {"Held", "held", "DependencyNeverSatisfied",
		"PartitionTimeLimit", "PartitionNodeLimit", "PartitionConfig", "BadConstraints",
		"NotAllowed", "InvalidAccount", "InvalidQOS", "ReservationDeleted",
		"ReservationInvalid", "JobHoldMaxRequeue", "MaxMemPerLimit", "AssociationTimeLimit",
		"QOSTimeLimit", "PerJob", "PerNode", "QOSMin"};
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (strstr(reason, parts[i]))
			return true;
	return false;
}

/* `word` is of squeue, or of sacct: "CANCELLED by 1000". */
static enum batch_state state_of(const char *word, const char *reason)
{
	/* the launch itself, for which the job is not to blame */
	if (str_starts(word, "FAILED") && strstr(reason, "JobLaunchFailure"))
		return BATCH_NODE_FAILED;
	/* and which is held then, until somebody releases it */
	if (strcmp(word, "PENDING") == 0 && strcmp(reason, "launch failed requeued held") == 0)
		return BATCH_NODE_FAILED;
	if (strcmp(word, "PENDING") == 0 && is_stuck(reason))
		return BATCH_STUCK;

	size_t len = strcspn(word, " +");
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (strlen(states[i].word) == len && memcmp(states[i].word, word, len) == 0)
			return states[i].state;
	return BATCH_UNKNOWN;
}

/* ---- answers ---- */

enum { MOST_ELEMENTS = 1000000 }; /* of one answer; Slurm allows four millions in an array */

static char *text_or_null(const char *text)
{
	return *text && strcmp(text, "(null)") != 0 && strcmp(text, "None") != 0 &&
			       strcmp(text, "None assigned") != 0 && strcmp(text, "Unknown") != 0
		       ? mem_strdup(text)
		       : NULL;
}

static void add_hint(struct batch_hints *out, char *id, const struct batch_hint *like)
{
	if (out->count >= MOST_ELEMENTS) {
		free(id);
		return;
	}
	*vec_push(out) = (struct batch_hint){.id = id,
		.state = like->state,
		.reason = like->reason ? mem_strdup(like->reason) : NULL,
		.node = like->node ? mem_strdup(like->node) : NULL,
		.comment = like->comment ? mem_strdup(like->comment) : NULL};
}

/* Read a number of a list of elements and move `*at` behind it. False: there is none. */
static bool take_number(const char **at, int64_t *out)
{
	size_t digits = strspn(*at, "0123456789");
	enum { MOST_DIGITS = 9 };
	if (digits == 0 || digits > MOST_DIGITS)
		return false;
	*out = 0;
	for (size_t i = 0; i < digits; i++)
		*out = *out * 10 + ((*at)[i] - '0');
	*at += digits;
	return true;
}

/* Add the elements of "4-7,9,20-40:5%2]", behind "123_[". Slurm shortens long lists to "1,3,...";
 * the rest is then not known. */
static void add_elements(
	struct batch_hints *out, const char *base, const char *at, const struct batch_hint *like)
{
	int64_t from, to, step;
	while (take_number(&at, &from)) {
		to = from;
		step = 1;
		if (*at == '-') {
			at++;
			if (!take_number(&at, &to))
				return;
		}
		if (*at == ':') {
			at++;
			if (!take_number(&at, &step) || step == 0)
				return;
		}
		for (int64_t i = from; i <= to && out->count < MOST_ELEMENTS; i += step)
			add_hint(out, mem_printf("%s_%jd", base, (intmax_t)i), like);
		if (*at != ',')
			return;
		at++;
	}
}

/* Add what a line says about the job or the elements `id`. */
static void add_hints(struct batch_hints *out, const char *id, const struct batch_hint *like)
{
	size_t digits = strspn(id, "0123456789");
	AUTO(mem_freep) char *base = mem_strndup(id, digits);
	const char *rest = id + digits;
	if (digits == 0)
		return;
	if (str_starts(rest, "_["))
		add_elements(out, base, rest + 2, like);
	else if (*rest == '\0' ||
		 (rest[0] == '_' && rest[1] && strspn(rest + 1, "0123456789") == strlen(rest + 1)))
		add_hint(out, mem_strdup(id), like);
}

/* Cut the line at '|' into exactly `count` fields, the last with all that is left. False: there are
 * not that many. The fields point into `line`. */
static bool cut_fields(char *line, char **fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fields[i] = line;
		if (i + 1 == count)
			return true;
		line = strchr(line, '|');
		if (!line)
			return false;
		*line++ = '\0';
	}
	return true;
}

/* The reason last, as it is the only field that may have any character. */
#define SQUEUE_FORMAT "%i|%T|%N|%k|%r"
enum { SQUEUE_FIELDS = 5 };
#define SACCT_FORMAT "JobID,State,NodeList"
enum { SACCT_FIELDS = 3 };

static void read_squeue(char *line, struct batch_hints *out)
{
	char *f[SQUEUE_FIELDS];
	if (!cut_fields(line, f, SQUEUE_FIELDS))
		return; /* "CLUSTER: name" */
	struct batch_hint h = {.state = state_of(f[1], f[4]),
		.node = text_or_null(f[2]),
		.comment = text_or_null(f[3]),
		.reason = text_or_null(f[4])};
	add_hints(out, f[0], &h);
	free(h.node);
	free(h.comment);
	free(h.reason);
}

static void read_sacct(char *line, struct batch_hints *out)
{
	char *f[SACCT_FIELDS];
	if (!cut_fields(line, f, SACCT_FIELDS))
		return;
	struct batch_hint h = {.state = state_of(f[1], ""), .node = text_or_null(f[2])};
	add_hints(out, f[0], &h);
	free(h.node);
}

static void read_lines(const char *text, void (*read)(char *line, struct batch_hints *out),
	struct batch_hints *out)
{
	for (const char *p = text, *eol; *p; p = *eol ? eol + 1 : eol) {
		eol = strchrnul(p, '\n');
		AUTO(mem_freep) char *line = mem_strndup(p, (size_t)(eol - p));
		AUTO(mem_freep) char *stripped = str_strip(line);
		read(stripped, out);
	}
}

/* Any failure is one of reaching Slurm: the words of the call are always the same. */
static enum batch_said slurm_answered(
	const struct batch_answer *a, struct batch_hints *out, struct err *why)
{
	if (a->status != 0 || a->timed_out) {
		batch_why(why, "squeue", a);
		return BATCH_BUSY;
	}
	read_lines(a->out, read_squeue, out);
	return BATCH_OK;
}

static enum batch_said slurm_history(
	const struct batch_answer *a, struct batch_hints *out, struct err *why)
{
	if (strstr(a->err, "accounting storage is disabled"))
		return BATCH_OK; /* there is no history */
	if (a->status != 0 || a->timed_out) {
		batch_why(why, "sacct", a);
		return BATCH_BUSY;
	}
	read_lines(a->out, read_sacct, out);
	return BATCH_OK;
}

/* ---- questions ---- */

/* All jobs of that name, of this user (so that the controller sends no others), also those that
 * have ended and are not forgotten, also in hidden partitions. */
static bool ask_by_name(const struct profile *p, const char *job_name, struct batch_call *out)
{
	start_call(p, "squeue", out);
	strlist_add(&out->argv, "--noheader");
	strlist_add(&out->argv, "--array");
	strlist_add(&out->argv, "--all");
	strlist_add(&out->argv, "--states=all");
	strlist_addf(&out->argv, "--user=%ju", (uintmax_t)geteuid());
	add_option(&out->argv, "--name", job_name);
	add_option(&out->argv, "--format", SQUEUE_FORMAT);
	return true;
}

static bool slurm_ask(const struct profile *p, const char *job_name, const struct strlist *ids,
	struct batch_call *out)
{
	(void)ids;
	return ask_by_name(p, job_name, out);
}

/* An id, split if it is that of an element, "123_4". */
struct element {
	const char *id;
	size_t base_len; /* 0: it is none */
	int64_t index;
};

static struct element split_element(const char *id)
{
	const char *line = strchr(id, '_'), *at = line ? line + 1 : NULL;
	int64_t index;
	bool is_element = line && take_number(&at, &index) && *at == '\0';
	return (struct element){id, is_element ? (size_t)(line - id) : 0, is_element ? index : 0};
}

static bool same_array(const struct element *a, const struct element *b)
{
	return a->base_len && a->base_len == b->base_len && memcmp(a->id, b->id, a->base_len) == 0;
}

static int by_index(const void *a, const void *b)
{
	const struct element *x = a, *y = b;
	if (!same_array(x, y))
		return strcmp(x->id, y->id);
	return (x->index > y->index) - (x->index < y->index);
}

/* Write runs of elements that follow each other as "123_[4-7]": to cancel a thousand jobs one by
 * one takes Slurm seconds. */
static void compress(const struct strlist *ids, struct strlist *out)
{
	VEC(struct element) all = {0};
	for (size_t i = 0; i < ids->count; i++)
		*vec_push(&all) = split_element(ids->items[i]);
	vec_sort(&all, by_index);

	for (size_t i = 0, j; i < all.count; i = j) {
		const struct element *first = &all.items[i], *last = first;
		for (j = i + 1; j < all.count && same_array(first, &all.items[j]) &&
				all.items[j].index <= last->index + 1;
			j++)
			last = &all.items[j];
		if (!first->base_len || last->index == first->index)
			strlist_add(out, first->id);
		else
			strlist_addf(out, "%.*s_[%jd-%jd]", (int)first->base_len, first->id,
				(intmax_t)first->index, (intmax_t)last->index);
	}
	vec_release(&all);
}

static bool slurm_ask_history(
	const struct profile *p, const struct strlist *ids, struct batch_call *out)
{
	AUTO(mem_freep) char *all = strlist_join(ids, ",");
	start_call(p, "sacct", out);
	strlist_add(&out->argv, "--noheader");
	strlist_add(&out->argv, "--parsable2");
	strlist_add(&out->argv, "--allocations");
	strlist_add(&out->argv, "--format=" SACCT_FORMAT);
	add_option(&out->argv, "--jobs", all);
	return true;
}

/*
 * Without a signal, scancel sends SIGTERM to all processes and SIGKILL after KillWait. Any other
 * goes to the batch shell alone, which is our own program (it is executed in its place) and hands
 * it on.
 * --state, --full and other filters are not used: with one, scancel takes an element that waits for
 * all of the array that wait.
 */
static void slurm_cancel(
	const struct profile *p, const struct strlist *ids, int number, struct batch_call *out)
{
	start_call(p, "scancel", out);
	strlist_add(&out->argv, "--quiet"); /* jobs that have ended meanwhile are no error */
	if (number && number != SIGKILL) {
		strlist_add(&out->argv, "--batch");
		strlist_addf(&out->argv, "--signal=%d", number);
	}
	compress(ids, &out->argv);
}

const struct batch_system batch_slurm = {
	.type = "slurm",
	.has_arrays = true,
	.submit = slurm_submit,
	.submitted = slurm_submitted,
	.element_id = slurm_element_id,
	.ask = slurm_ask,
	.answered = slurm_answered,
	.ask_history = slurm_ask_history,
	.history = slurm_history,
	.find = ask_by_name,
	.cancel = slurm_cancel,
};

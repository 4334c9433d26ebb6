/*
 * An executor without processes and a host without a clock, for tests of what is run when.
 *
 * A command is "TICKS STATUS [FILE...]": it ends after so many looks at the clock with that exit
 * status; with 0 it writes its files then. The clock goes one tick further each time that somebody
 * waits. What happens is noted: "start a", "end a", "signal 15 a", "collect a".
 */
#ifndef TESTS_UNIT_FAKE_EXECUTOR_H
#define TESTS_UNIT_FAKE_EXECUTOR_H

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "exec/executor.h"

static struct {
	struct buf events;
	int now;
	int interrupt_at[2], end_at; /* ticks at which the user asks to stop; 0: never */
	const char *breaks;          /* "prepare a", "start a", "poll a", "collect a": fails */
	int open_jobs;
} fake;

struct executor_job {
	char *name, *dir;
	int ends_at;
	bool killed;
	struct strlist words;
};

static inline void fake_note(const char *what, const char *name)
{
	buf_addf(&fake.events, "%s%s %s", fake.events.len ? ", " : "", what, name);
}

static inline int fake_number(const char *word)
{
	int64_t n;
	if (!str_to_i64(word, &n))
		abort();
	return (int)n;
}

static inline int fake_break(const char *what, const char *name, struct err *err)
{
	AUTO(mem_freep) char *text = mem_printf("%s %s", what, name);
	if (!fake.breaks || strcmp(fake.breaks, text) != 0)
		return 0;
	return err_set(err, ERR_IO, "%s is broken", text);
}

static inline int fake_prepare(struct executor *e, const struct executor_spec *spec,
	struct executor_job **out, struct err *err)
{
	(void)e;
	int r = fake_break("prepare", spec->name, err);
	if (r < 0)
		return r;
	*out = NEW(struct executor_job);
	(*out)->name = mem_strdup(spec->name);
	(*out)->dir = mem_strdup(spec->dir);
	fake.open_jobs++;
	return 0;
}

static inline int fake_start(struct executor_job *job, const struct process_command *command,
	size_t count, struct err *err)
{
	if (count != 1)
		abort();
	fake_note("start", job->name);
	strlist_clear(&job->words);
	strlist_split(&job->words, command->line, ' ');
	job->ends_at = fake.now + fake_number(job->words.items[0]);
	return fake_break("start", job->name, err);
}

static inline int fake_poll(struct executor_job *job, struct process_result *out, struct err *err)
{
	int r = fake_break("poll", job->name, err);
	if (r < 0 || (fake.now < job->ends_at && !job->killed))
		return r;
	fake_note("end", job->name);
	*out = (struct process_result){
		.status = job->killed ? -SIGKILL : fake_number(job->words.items[1])};
	for (size_t i = 2; i < job->words.count && out->status == 0; i++) {
		AUTO(mem_freep) char *path = mem_printf("%s/%s", job->dir, job->words.items[i]);
		if (file_write(path, job->name, strlen(job->name), 0, NULL) < 0)
			abort();
	}
	return 1;
}

static inline void fake_signal(struct executor_job *job, int number)
{
	AUTO(mem_freep) char *what = mem_printf("signal %d", number);
	fake_note(what, job->name);
	job->killed = true;
}

static inline int fake_collect(struct executor_job *job, struct err *err)
{
	fake_note("collect", job->name);
	return fake_break("collect", job->name, err);
}

static inline void fake_free(struct executor_job *job)
{
	fake.open_jobs--;
	free(job->name);
	free(job->dir);
	strlist_release(&job->words);
	free(job);
}

static const struct executor_ops fake_ops = {
	.type = "fake",
	.prepare = fake_prepare,
	.start = fake_start,
	.poll = fake_poll,
	.signal = fake_signal,
	.collect = fake_collect,
	.free = fake_free,
};

static struct executor fake_executor = {.ops = &fake_ops, .name = "fake", .ask_every_ms = 20};

static inline int fake_wait(void *arg, struct pollfd *fds, size_t count, int timeout_ms)
{
	(void)arg, (void)fds, (void)count;
	fake.now += timeout_ms != 0; /* a look takes no time */
	return 0;
}

static inline int fake_interrupts(void *arg)
{
	int count = 0;
	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(fake.interrupt_at); i++)
		count += fake.interrupt_at[i] && fake.now >= fake.interrupt_at[i];
	return count;
}

static inline int fake_end_asked(void *arg)
{
	(void)arg;
	return fake.end_at && fake.now >= fake.end_at ? SIGTERM : 0;
}

static const struct ctx fake_host = {
	.cancel = {.poll = fake_wait, .interrupts = fake_interrupts, .end_asked = fake_end_asked},
	.out_fd = -1,
	.err_fd = -1,
};

static inline void fake_reset(void)
{
	buf_release(&fake.events);
	memset(&fake, 0, sizeof(fake));
	fake.events = BUF_INIT;
}

#endif

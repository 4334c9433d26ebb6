/* Locks: `screen` guards the terminal and the state. It is recursive, since functions that write
 * call each other. */
#include "ui/ticker.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "ui/progress_line.h"

/* Hysteresis: a pause between two targets does not wipe the line, and a moment of work does not
 * draw it. */
enum { IDLE_TICKS = 2, BUSY_TICKS = 2 };

static struct {
	pthread_t thread;
	pthread_cond_t wake;
	struct meters *meters;
	int depth;           /* of ticker_begin() */
	atomic_bool started; /* the thread */
	bool ending;
	bool draws;      /* redraws a line on a terminal; else writes lines */
	int idle, busy;  /* consecutive ticks without and with work */
	int64_t line_ms; /* see progress_line_is_due() */
	struct progress_pace pace;
	struct buf shown; /* the text on the terminal */
} ticker;

/* Guards the terminal and the fields of `ticker`. */
static pthread_mutex_t screen; /* recursive, by lock_screen() */
static pthread_once_t screen_once = PTHREAD_ONCE_INIT;
static atomic_bool drawn; /* atomic, because a signal handler reads it without the lock */
static atomic_bool over;  /* a signal is ending the process: draw no more */

/* (POSIX has no static initializer for a recursive mutex) */
static void make_screen(void)
{
	pthread_mutexattr_t attr;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&screen, &attr);
	pthread_mutexattr_destroy(&attr);
}

static void lock_screen(void)
{
	(void)pthread_once(&screen_once, make_screen);
	pthread_mutex_lock(&screen);
}

/* The cursor stays in the first line: go to its first column, delete to the end of the line, and
 * what is below it. */
static const char wipe[] = "\r\033[K", wipe_below[] = "\033[J";
static atomic_bool has_below; /* lines of files are drawn */

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static size_t terminal_width(void)
{
	struct winsize size;
	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static void clear(void)
{
	if (atomic_exchange(&drawn, false))
		(void)file_write_all(STDERR_FILENO, wipe, sizeof(wipe) - 1);
	if (atomic_exchange(&has_below, false))
		(void)file_write_all(STDERR_FILENO, wipe_below, sizeof(wipe_below) - 1);
	buf_clear(&ticker.shown);
}

/* A job in the background of the shell must not write over the prompt. */
static bool is_in_background(void)
{
	pid_t group = tcgetpgrp(STDERR_FILENO);
	return group > 0 && group != getpgrp();
}

/* A line for each of the biggest files, below the one of the total, which tells of a single file by
 * itself. */
static void add_files(struct buf *out, const struct meter_view *v)
{
	for (size_t i = 0; i < v->files_shown && v->files_total > 1; i++) {
		buf_addc(out, '\n');
		progress_add_file(out, &v->files[i], terminal_width() - 1);
		buf_adds(out, "\033[K");
	}
}

/* Draw the text over the old one with one write, so that nothing flickers. */
static void draw(struct buf *line, const struct meter_view *v)
{
	AUTO(buf_release) struct buf files = BUF_INIT;
	/* a full line would make some terminals wrap */
	buf_truncate(line, MIN(line->len, terminal_width() - 1));
	add_files(&files, v);
	if (is_in_background())
		return;
	AUTO(buf_release) struct buf out = BUF_INIT;
	buf_addf(&out, "\r%s\033[K%s", buf_str(line), buf_str(&files));
	if (files.len)
		buf_addf(&out, "\033[J\033[%zuA", v->files_shown);
	else if (atomic_load(&has_below))
		buf_adds(&out, "\033[J");
	if (atomic_load(&drawn) && strcmp(buf_str(&out), buf_str(&ticker.shown)) == 0)
		return;
	atomic_store(&has_below, files.len > 0);

	/* before the write: a signal in between wipes once too often, not once too little */
	atomic_store(&drawn, true);
	(void)file_write_all(STDERR_FILENO, out.ptr, out.len);

	buf_clear(&ticker.shown);
	buf_addbuf(&ticker.shown, &out);
}

/* One step of the thread, every 100 ms. Called with the lock. */
static void tick(void)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	struct meter_view view;
	int64_t now = now_ms();

	if (atomic_load(&over))
		return;
	if (!meters_look(ticker.meters, &view)) {
		if (++ticker.idle < IDLE_TICKS)
			return;
		clear();
		ticker.busy = 0;
		ticker.line_ms = now; /* lines count from the start of the next work */
		return;
	}

	ticker.idle = 0;
	ticker.busy++;
	progress_pace_note(&ticker.pace, &view, now);

	if (ticker.draws ? ticker.busy < BUSY_TICKS : !progress_line_is_due(&ticker.line_ms, now))
		return;
	progress_add_line(&line, &view, &ticker.pace);

	if (ticker.draws) {
		draw(&line, &view);
		return;
	}

	buf_addc(&line, '\n');
	(void)file_write_all(STDERR_FILENO, line.ptr, line.len);
}

static void *run(void *arg)
{
	enum { TICK_NS = 100 * 1000 * 1000, SECOND_NS = 1000 * 1000 * 1000 };
	(void)arg;
	lock_screen();
	while (!ticker.ending) {
		struct timespec until;
		tick();

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += TICK_NS;
		until.tv_sec += until.tv_nsec / SECOND_NS;
		until.tv_nsec %= SECOND_NS;
		/* releases the lock while waiting */
		(void)pthread_cond_timedwait(&ticker.wake, &screen, &until);
	}
	pthread_mutex_unlock(&screen);
	return NULL;
}

/* Start the thread. It blocks all signals, so that other threads handle them. If it cannot start,
 * nothing is displayed. */
static void start(void *arg)
{
	(void)arg;
	pthread_condattr_t attr;
	sigset_t all, before;
	sigfillset(&all);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);

	lock_screen();
	pthread_cond_init(&ticker.wake, &attr);
	ticker.line_ms = now_ms();
	ticker.busy = BUSY_TICKS - 1; /* the work has taken long enough: draw at once */

	pthread_sigmask(SIG_BLOCK, &all, &before);
	atomic_store(&ticker.started, pthread_create(&ticker.thread, NULL, run, NULL) == 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_mutex_unlock(&screen);
	pthread_condattr_destroy(&attr);
}

/* Taking the lock wipes the line. */
static void clear_now(void *arg)
{
	(void)arg;
	ticker_hold();
	ticker_release();
}

struct meters *ticker_begin(enum ticker_form form)
{
	static const struct meter_watcher watcher = {.start = start, .clear = clear_now};
	if (ticker.depth++)
		return ticker.meters;
	ticker.draws = form == TICKER_DRAWN;
	ticker.ending = false;
	ticker.idle = ticker.busy = 0;
	ticker.pace = (struct progress_pace){0};

	ticker.meters = form == TICKER_NONE ? NULL : meters_new(&watcher);
	return ticker.meters;
}

static void release_meters(void)
{
	meters_free(ticker.meters);
	ticker.meters = NULL;
}

void ticker_reset_in_child(void)
{
	ticker.depth = 0;
	ticker.meters = NULL;
}

void ticker_end(void)
{
	if (--ticker.depth)
		return;
	if (!atomic_load(&ticker.started)) {
		release_meters();
		return;
	}

	lock_screen();
	ticker.ending = true;
	pthread_cond_signal(&ticker.wake);
	clear();
	pthread_mutex_unlock(&screen);
	pthread_join(ticker.thread, NULL);
	atomic_store(&ticker.started, false);
	buf_release(&ticker.shown);
	pthread_cond_destroy(&ticker.wake);
	release_meters();
}

void ticker_hold(void)
{
	lock_screen();
	if (atomic_load(&drawn))
		clear();
}

void ticker_release(void)
{
	pthread_mutex_unlock(&screen);
}

/* Takes no lock: the thread that was interrupted may hold it. */
void ticker_wipe_at_exit(void)
{
	atomic_store(&over, true);
	if (atomic_load(&drawn)) {
		ssize_t ignored = write(STDERR_FILENO, wipe, sizeof(wipe) - 1);
		if (atomic_load(&has_below))
			ignored = write(STDERR_FILENO, wipe_below, sizeof(wipe_below) - 1);
		(void)ignored;
	}
}

/* Reads the pipes of stages that run at the same time, splits them into lines, and holds back the
 * output of a stage that is shown as one block. */
#include "run/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/printable.h"
#include "base/path.h"
#include "exec/process.h"

enum {
	CHUNK = 1 << 16,
	LONGEST_LINE = 1 << 16, /* bytes; longer lines are shown in parts */
	SHOW_BAR_EVERY_S = 10,  /* how often a progress bar (a line with \r) is shown */
	MOST_ROUNDS = 16,       /* reads of output_end() */
};

struct stream {
	/* The ends of the pipe, -1 when closed; and the host's descriptor, -1 for nowhere. */
	int read_fd, write_fd, to;
	struct buf line;  /* the last line, which is not complete yet */
	double shown_s;   /* process_clock_s() when something was last shown */
	int held_fd;      /* OUTPUT_GROUP: file with the output so far; -1: none */
	off_t held_bytes; /* bytes of it that count; a failed write may leave more */
};

struct output {
	struct output_style style;
	struct buf prefix;
	struct stream streams[2];
	size_t count; /* of streams in use; 1: standard error shares the pipe of the output */
	bool ended;   /* output_end() was called: nothing is held back any more */
};

/* Do both descriptors lead to the same file, pipe or terminal? */
static bool same_place(int a, int b)
{
	struct stat x, y;
	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino && x.st_rdev == y.st_rdev;
}

static void set_prefix(struct output *o, const char *name, size_t number)
{
	static const char *const colors[] = {"36", "33", "32", "35", "34", "96", "93", "92"};
	AUTO(buf_release) struct buf shown = BUF_INIT;
	/* a name may contain escape sequences, which must not reach a terminal */
	if (isatty(ctx_out_fd(o->style.ctx)))
		printable_add(&shown, name, strlen(name), 0);
	else
		buf_adds(&shown, name);
	size_t len = shown.len;

	if (o->style.color)
		buf_addf(&o->prefix, "\033[%sm", colors[number % ARRAY_SIZE(colors)]);
	buf_adds(&o->prefix, buf_str(&shown));
	if (len < o->style.width)
		buf_addn(&o->prefix, ' ', o->style.width - len);
	buf_adds(&o->prefix, o->style.color ? " |\033[0m " : " | ");
}

int output_open(const struct output_style *style, const char *name, size_t number,
	struct output **out, struct err *err)
{
	struct output *o = NEW(struct output);
	o->style = *style;
	o->count = same_place(ctx_out_fd(style->ctx), ctx_err_fd(style->ctx)) ? 1 : 2;
	set_prefix(o, name, number);
	for (size_t i = 0; i < ARRAY_SIZE(o->streams); i++)
		o->streams[i] = (struct stream){.read_fd = -1,
			.write_fd = -1,
			.held_fd = -1,
			.to = i == 0 ? ctx_out_fd(style->ctx) : ctx_err_fd(style->ctx),
			.shown_s = process_clock_s()};

	for (size_t i = 0; i < o->count; i++) {
		int ends[2];
		if (pipe2(ends, O_CLOEXEC) < 0) {
			output_free(o);
			return err_errno(err, "unable to take the output of stage '%s'", name);
		}
		o->streams[i].read_fd = ends[0];
		o->streams[i].write_fd = ends[1];
		(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	}

	*out = o;
	return 0;
}

int output_out_fd(const struct output *o)
{
	return o->streams[0].write_fd;
}

int output_err_fd(const struct output *o)
{
	return o->streams[o->count - 1].write_fd;
}

/*
 * Write to the host's descriptor. When its reader has gone (EPIPE) the pipe of the command is
 * closed as well: the command then gets SIGPIPE, as it would if it wrote there directly.
 */
static void show(struct stream *s, const struct buf *text)
{
	if (!text->len || s->to < 0)
		return;
	fflush(NULL); /* buffered lines of the host come first */
	if (file_write_all(s->to, text->ptr, text->len) < 0 && errno == EPIPE)
		close_fd(&s->read_fd);
	s->shown_s = process_clock_s();
}

static void add_line(const struct output *o, struct buf *ready, const char *text, size_t len)
{
	buf_addbuf(ready, &o->prefix);
	buf_add(ready, text, len);
	buf_addc(ready, '\n');
}

/* Reduce a line with carriage returns (a progress bar) to the last state, as a terminal shows it.
 */
static void last_state(const char **text, size_t *len)
{
	while (*len && (*text)[*len - 1] == '\r')
		--*len;
	const char *at = memrchr(*text, '\r', *len);
	if (at) {
		*len -= (size_t)(at + 1 - *text);
		*text = at + 1;
	}
}

/* Show all complete lines. The rest stays in `line`, unless it is too long, or is a progress bar
 * of which nothing was shown for a while. */
static void feed_lines(struct output *o, struct stream *s, const char *text, size_t len)
{
	AUTO(buf_release) struct buf ready = BUF_INIT;
	buf_add(&s->line, text, len);

	size_t from = 0;
	const char *end;

	while ((end = memchr(buf_str(&s->line) + from, '\n', s->line.len - from))) {
		const char *line = s->line.ptr + from;
		size_t n = (size_t)(end - line);
		from += n + 1;
		last_state(&line, &n);
		add_line(o, &ready, line, n);
	}

	buf_splice(&s->line, 0, from, NULL, 0);
	const char *rest = buf_str(&s->line);
	size_t n = s->line.len;

	last_state(&rest, &n);
	if (n > LONGEST_LINE ||
		(rest != s->line.ptr && n && process_clock_s() - s->shown_s > SHOW_BAR_EVERY_S)) {
		add_line(o, &ready, rest, n);
		buf_clear(&s->line);
	} else if (s->line.len > LONGEST_LINE) { /* drop the past states of a progress bar */
		buf_splice(&s->line, 0, (size_t)(rest - s->line.ptr), NULL, 0);
	}

	show(s, &ready);
}

/* A file without a name, so that a crash leaves nothing behind. Not all file systems have
 * O_TMPFILE. */
static int open_held(const struct output *o)
{
	int fd = open(o->style.dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	AUTO(mem_freep) char *path = path_join(o->style.dir, "output-XXXXXX");
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		(void)unlink(path);
	return fd;
}

static void show_held(struct stream *s)
{
	AUTO(buf_release) struct buf part = BUF_INIT;
	ssize_t n;
	if (s->held_fd < 0)
		return;
	buf_reserve(&part, CHUNK);
	for (off_t at = 0; at < s->held_bytes; at += n) {
		n = pread(s->held_fd, part.ptr, (size_t)MIN(s->held_bytes - at, (off_t)CHUNK), at);
		if (n <= 0)
			break;
		part.len = (size_t)n;
		show(s, &part);
	}
	close_fd(&s->held_fd);
}

/* Keep output for the end of the stage. If that fails (a full disk, say), show what was kept, and
 * from now on each line at once: no output is lost. */
static void hold(struct output *o, struct stream *s, const char *text, size_t len)
{
	if (s->held_fd < 0)
		s->held_fd = open_held(o);
	if (s->held_fd >= 0 && file_write_all(s->held_fd, text, len) >= 0) {
		s->held_bytes += (off_t)len;
		return;
	}
	show_held(s);
	o->style.mode = OUTPUT_LINE;
	feed_lines(o, s, text, len);
}

static void feed(struct output *o, struct stream *s, const char *text, size_t len)
{
	if (o->style.mode == OUTPUT_GROUP && !o->ended)
		hold(o, s, text, len);
	else
		feed_lines(o, s, text, len);
}

void output_command(struct output *o, const char *command)
{
	AUTO(mem_freep) char *line = mem_printf("> %s\n", command);
	if (!o->style.quiet)
		feed(o, &o->streams[0], line, strlen(line));
}

size_t output_poll_fds(const struct output *o, struct pollfd *fds)
{
	size_t n = 0;
	for (size_t i = 0; i < o->count; i++)
		if (o->streams[i].read_fd >= 0)
			fds[n++] = (struct pollfd){.fd = o->streams[i].read_fd, .events = POLLIN};
	return n;
}

/* Read each stream once. The limit keeps a stage that writes without end from starving the others.
 */
bool output_read(struct output *o)
{
	static char chunk[CHUNK];
	bool open = false;

	for (size_t i = 0; i < o->count; i++) {
		struct stream *s = &o->streams[i];
		ssize_t n = s->read_fd < 0 ? 0 : read(s->read_fd, chunk, sizeof(chunk));
		if (n > 0)
			feed(o, s, chunk, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			close_fd(&s->read_fd);
		open |= s->read_fd >= 0;
	}
	return open;
}

static bool is_waiting(const struct output *o)
{
	struct pollfd fds[2];
	size_t n = output_poll_fds(o, fds);
	return n && poll(fds, n, 0) > 0;
}

void output_end(struct output *o)
{
	for (size_t i = 0; i < o->count; i++)
		close_fd(&o->streams[i].write_fd);
	/* The command has ended, so that its output is in the pipe, and a pipe holds less than
	 * MOST_ROUNDS chunks. The limit matters when a background process goes on writing. */
	for (int round = 0; round < MOST_ROUNDS && is_waiting(o); round++)
		(void)output_read(o);
	o->ended = true;
	for (size_t i = 0; i < o->count; i++) {
		struct stream *s = &o->streams[i];
		show_held(s);
		if (s->line.len)
			feed_lines(o, s, "\n", 1);
	}
}

void output_free(struct output *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(o->streams); i++) {
		close_fd(&o->streams[i].read_fd);
		close_fd(&o->streams[i].write_fd);
		close_fd(&o->streams[i].held_fd);
		buf_release(&o->streams[i].line);
	}
	buf_release(&o->prefix);
	free(o);
}

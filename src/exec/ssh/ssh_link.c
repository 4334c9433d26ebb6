/* Starts ssh, reads and writes its pipes without blocking, and starts it again when it ends. */
#include "exec/ssh/ssh_link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "exec/profile.h"
#include "exec/ssh/ssh_host.h"
#include "fs/ssh/command.h"

enum {
	FIRST_WAIT_MS = 500,
	MOST_WAIT_MS = 30000,
	HELLO_MS = 120000, /* a login, and the lines of `setup` */
	NOISE_MOST = 4096,
	MOST_GREETINGS = 3, /* for one question */
};

struct ssh_link {
	const struct ctx *ctx;
	const struct profile *profile;
	const char *host, *repository;
	void (*keep)(void *arg, struct strlist *out); /* NULL: nothing is removed there */
	void *keep_arg;

	enum ssh_link_state state;
	struct proc_child child; /* pid 0: none */
	char *nonce;             /* of this connection */
	struct buf in, out, noise, err_text;
	size_t sent; /* bytes of `out` */
	int64_t started_ms, next_ms, wait_ms;
	bool ever_ready, asking, has_answer;
	bool is_refused; /* the program there has answered, but not as it should */
	unsigned losses;
	size_t skip; /* answers to drop: of questions that were given up */
	struct wire answer;
	struct err trouble; /* why the last attempt failed */

	char *root, *remark;
	bool remark_given, own_master, master_known;
	char *control_dir; /* of the socket; NULL: none */
	int control_note;
};

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct ssh_link *ssh_link_new(const struct ctx *ctx, const struct profile *profile,
	const char *host, const char *repository)
{
	struct ssh_link *l = NEW(struct ssh_link);

	l->ctx = ctx;
	l->profile = profile;
	l->host = host;
	l->repository = repository;
	return l;
}

void ssh_link_keep(struct ssh_link *l, void (*jobs)(void *arg, struct strlist *out), void *arg)
{
	l->keep = jobs;
	l->keep_arg = arg;
}

/* ---- the end of a connection ---- */

/* Reap ssh; `status` as of proc_run(). ssh ends by itself when its pipes are closed, or is ended.
 */
static int reap(struct ssh_link *l)
{
	enum { PATIENCE_MS = 2000, LOOK_MS = 5 };
	int status = 0;

	close_fd(&l->child.in);
	close_fd(&l->child.out);
	close_fd(&l->child.err);
	for (int waited = 0; l->child.pid > 0; waited += LOOK_MS) {
		pid_t ended = waitpid(l->child.pid, &status, WNOHANG);

		if (ended == l->child.pid || (ended < 0 && errno != EINTR))
			break;
		if (waited == PATIENCE_MS)
			(void)kill(l->child.pid, SIGKILL);
		(void)poll(NULL, 0, LOOK_MS);
	}
	l->child.pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void set_down(struct ssh_link *l)
{
	if (l->child.pid > 0)
		(void)reap(l);
	l->state = SSH_LINK_DOWN;
	l->asking = l->has_answer = false;
	l->skip = 0;
	wire_release(&l->answer);
	buf_clear(&l->in);
	buf_clear(&l->out);
	l->sent = 0;
	l->wait_ms = MIN(MAX(l->wait_ms * 2, (int64_t)FIRST_WAIT_MS), (int64_t)MOST_WAIT_MS);
	l->next_ms = now_ms() + l->wait_ms;
}

/* The host was reached, and what it ran there has ended by itself: `setup`, or the program. */
static void explain_script(struct ssh_link *l, const struct buf *text, int status)
{
	AUTO(mem_freep) char *said = str_strip(buf_str(text));
	const char *line = strrchr(said, '\n');

	(void)err_set(&l->trouble, ERR_UNSUPPORTED, "cairn cannot be started on host '%s': %s",
		l->host, *said ? (line ? line + 1 : said) : "no reason is given");
	err_hint(&l->trouble,
		"It ended with status %d. Before cairn, the lines `setup` of executor '%s' run there.",
		status, l->profile->name);
}

/* What ssh and the shell there have printed, as the reason of a failure. */
static void explain(struct ssh_link *l, int status)
{
	struct sftp_target target = {
		.host = (char *)(uintptr_t)l->host, .name = (char *)(uintptr_t)l->host};
	AUTO(buf_release) struct buf text = BUF_INIT;

	buf_addbuf(&text, &l->noise);
	buf_addbuf(&text, &l->in);
	buf_addc(&text, '\n');
	buf_addbuf(&text, &l->err_text);
	err_release(&l->trouble);
	l->trouble = ERR_INIT;
	l->is_refused = false;
	enum { OF_SSH = 255, OF_SIGNAL = 128 };

	if (l->state == SSH_LINK_READY)
		(void)err_set(&l->trouble, ERR_BROKEN, "the connection to '%s' was lost", l->host);
	else if (status != OF_SSH && status < OF_SIGNAL)
		explain_script(l, &text, status);
	else
		(void)sftp_explain(&target, buf_str(&text), status, &l->trouble);
	log_debug(l->ctx, "executor '%s': %s", l->profile->name, err_text(&l->trouble));
}

static void lost(struct ssh_link *l)
{
	int status = reap(l);

	l->losses += l->state == SSH_LINK_READY;
	explain(l, status);
	set_down(l);
}

void ssh_link_free(struct ssh_link *l)
{
	if (!l)
		return;
	if (l->child.pid > 0)
		(void)reap(l);
	if (l->control_dir)
		(void)file_remove(l->control_dir, NULL); /* best effort */
	cleanup_forget(l->control_note);
	wire_release(&l->answer);
	buf_release(&l->in);
	buf_release(&l->out);
	buf_release(&l->noise);
	buf_release(&l->err_text);
	err_release(&l->trouble);
	free(l->nonce);
	free(l->root);
	free(l->remark);
	free(l->control_dir);
	free(l);
}

/* ---- its beginning ---- */

/* Has the user's configuration a socket of its own for this host? Then all connections share that
 * one, and a login by two factors is not asked for again. */
static bool user_has_master(const struct ssh_link *l)
{
	char *argv[] = {
		(char *)"ssh", (char *)"-G", (char *)"--", (char *)(uintptr_t)l->host, NULL};
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf ignored = BUF_INIT;
	enum { PATIENCE_MS = 10000 };
	int r = proc_run(argv,
		&(struct proc_opts){.out = &text, .err_out = &ignored, .timeout_ms = PATIENCE_MS},
		NULL);
	const char *line = r == 0 ? strstr(buf_str(&text), "\ncontrolpath ") : NULL;

	return line && !str_starts(line, "\ncontrolpath none\n");
}

/* A directory for the socket. Its path is short: a socket's has at most 107 bytes, and ssh adds 17
 * while it makes one. Without one each git logs in by itself. */
static void open_master(struct ssh_link *l)
{
	if (l->master_known)
		return;
	l->master_known = true;
	l->own_master = !user_has_master(l);
	if (!l->own_master)
		return;
	char *dir = mem_strdup("/tmp/cairn-ssh-XXXXXX");

	if (!mkdtemp(dir)) {
		free(dir);
		return;
	}
	l->control_dir = dir;
	l->control_note = cleanup_note_dir(dir);
}

static void add_hello(struct ssh_link *l)
{
	AUTO(wire_release) struct wire hello = WIRE_INIT;
	AUTO(strlist_release) struct strlist keep = STRLIST_INIT;

	wire_adds(&hello, "do", "hello");
	wire_addi(&hello, "protocol", SSH_HOST_PROTOCOL);
	wire_adds(&hello, "dir", l->profile->dir ? l->profile->dir : "cairn");
	wire_adds(&hello, "repository", l->repository);
	if (l->keep) {
		l->keep(l->keep_arg, &keep);
		wire_adds(&hello, "sweep", "yes");
	}
	for (size_t i = 0; i < keep.count; i++)
		wire_adds(&hello, "keep", keep.items[i]);
	wire_format(&hello, l->nonce, &l->out);
}

static int start(struct ssh_link *l, struct err *err)
{
	static const char *const options[] = {"BatchMode=yes", "ConnectTimeout=20",
		"ServerAliveInterval=5", "ServerAliveCountMax=3", "ClearAllForwardings=yes",
		"LogLevel=ERROR"};
	AUTO(strlist_release) struct strlist argv = STRLIST_INIT;
	AUTO(buf_release) struct buf script = BUF_INIT;
	AUTO(buf_release) struct buf line = BUF_INIT;
	const char *program = l->profile->program ? l->profile->program : "cairn";

	open_master(l);
	free(l->nonce);
	l->nonce = str_random(32);
	wire_script(&script, l->profile->setup, program, l->nonce);
	wire_command(&line, buf_str(&script));
	strlist_add(&argv, "ssh");
	strlist_add(&argv, "-T");
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		strlist_addf(&argv, "-o%s", options[i]);
	if (l->control_dir) {
		AUTO(mem_freep) char *socket = path_join(l->control_dir, "s");

		(void)unlink(socket); /* of an earlier connection */
		strlist_add(&argv, "-oControlMaster=yes");
		strlist_add(&argv, "-oControlPersist=no");
		strlist_addf(&argv, "-oControlPath=%s", socket);
	}
	strlist_add(&argv, "--");
	strlist_add(&argv, l->host);
	strlist_add(&argv, buf_str(&line));

	const struct proc_opts opts = {.belongs_to_thread = true};
	int r = proc_start(&l->child, strlist_argv(&argv), &opts, err);

	if (r == ERR_NOT_FOUND)
		return err_set(err, ERR_UNSUPPORTED, "'ssh' is not installed");
	if (r < 0)
		return r;
	(void)fcntl(l->child.in, F_SETFL, O_NONBLOCK);
	(void)fcntl(l->child.out, F_SETFL, O_NONBLOCK);
	(void)fcntl(l->child.err, F_SETFL, O_NONBLOCK);
	return 0;
}

static void begin(struct ssh_link *l)
{
	AUTO(err_release) struct err why = ERR_INIT;

	buf_clear(&l->noise);
	buf_clear(&l->err_text);
	int r = start(l, &why);

	if (r < 0) {
		(void)err_move(&l->trouble, &why);
		l->child.pid = 0;
		set_down(l);
		return;
	}
	l->state = SSH_LINK_STARTING;
	l->started_ms = now_ms();
	add_hello(l);
}

/* ---- moving bytes ---- */

static void write_out(struct ssh_link *l)
{
	while (l->sent < l->out.len && l->child.in >= 0) {
		ssize_t n = write(l->child.in, l->out.ptr + l->sent, l->out.len - l->sent);

		if (n > 0)
			l->sent += (size_t)n;
		else if (n < 0 && errno == EINTR)
			continue;
		else
			return; /* full, or closed: reading sees the end */
	}
	buf_clear(&l->out);
	l->sent = 0;
}

/* False: the end. */
static bool read_in(int fd, struct buf *into)
{
	enum { ONCE = 1 << 16 };

	for (;;) {
		buf_reserve(into, ONCE);
		ssize_t n = read(fd, into->ptr + into->len, into->cap - into->len - 1);

		if (n > 0) {
			into->len += (size_t)n;
			into->ptr[into->len] = '\0';
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else {
			return n < 0 && errno == EAGAIN;
		}
	}
}

/* A host that is no cairn of ours may name any number. */
static int code_of(const struct wire *w)
{
	int64_t code = wire_int(w, "code", ERR_FAIL);

	return code < 0 && code >= ERR_OPTIONS ? (int)code : ERR_FAIL;
}

static int fail_hello(struct ssh_link *l, const struct wire *w, struct err *err)
{
	if (wire_find(w, "missing")) {
		(void)err_set(err, ERR_UNSUPPORTED, "there is no '%s' on host '%s'",
			l->profile->program ? l->profile->program : "cairn", l->host);
		err_hint(err,
			"Install cairn there (the static program is one file), or say where it is: `program` of executor '%s'; `setup` has lines to run before.",
			l->profile->name);
		return ERR_UNSUPPORTED;
	}
	if (wire_get(w, "error"))
		return err_set(err, code_of(w), "host '%s': %s", l->host, wire_get(w, "error"));
	if (!wire_get(w, "root") || *wire_get(w, "root") != '/' ||
		wire_int(w, "protocol", 0) != SSH_HOST_PROTOCOL)
		return err_set(err, ERR_UNSUPPORTED,
			"cairn %s on host '%s' does not work with %s here: install the same version",
			wire_get(w, "version") ? wire_get(w, "version") : "(unknown)", l->host,
			ssh_host_version());
	return 0;
}

static void take_hello(struct ssh_link *l, const struct wire *w)
{
	AUTO(err_release) struct err why = ERR_INIT;

	if (fail_hello(l, w, &why) < 0) {
		(void)err_move(&l->trouble, &why);
		l->is_refused = true;
		set_down(l);
		return;
	}
	free(l->root);
	l->root = mem_strdup(wire_get(w, "root"));
	if (!l->remark && !str_eq(wire_get(w, "version"), ssh_host_version()))
		l->remark = mem_printf("cairn is %s on host '%s' and %s here",
			wire_get(w, "version"), l->host, ssh_host_version());
	l->state = SSH_LINK_READY;
	l->ever_ready = true;
	l->wait_ms = 0;
}

static void take_messages(struct ssh_link *l)
{
	for (;;) {
		AUTO(wire_release) struct wire w = WIRE_INIT;
		int r = wire_take(&l->in, l->nonce, &w, &l->noise, NULL);

		if (r < 0) {
			lost(l);
			return;
		}
		if (r == 0)
			return;
		if (l->state == SSH_LINK_STARTING) {
			take_hello(l, &w);
			if (l->state != SSH_LINK_READY)
				return;
		} else if (l->skip) {
			l->skip--;
		} else if (l->asking) {
			wire_release(&l->answer);
			l->answer = TAKE(w);
			l->asking = false;
			l->has_answer = true;
		}
	}
}

void ssh_link_pump(struct ssh_link *l)
{
	if (l->state == SSH_LINK_DOWN && now_ms() >= l->next_ms)
		begin(l);
	if (l->state == SSH_LINK_DOWN)
		return;
	write_out(l);
	if (l->err_text.len > NOISE_MOST)
		buf_splice(&l->err_text, 0, l->err_text.len - NOISE_MOST, "", 0);
	(void)read_in(l->child.err, &l->err_text);
	bool open = read_in(l->child.out, &l->in);

	take_messages(l);
	if (l->state != SSH_LINK_DOWN && !open) {
		(void)read_in(l->child.err, &l->err_text); /* its last words */
		lost(l);
	} else if (l->state == SSH_LINK_STARTING && now_ms() > l->started_ms + HELLO_MS) {
		(void)kill(l->child.pid, SIGTERM);
		buf_adds(&l->err_text, "the host did not answer in time\n");
		lost(l);
	}
}

/* ---- questions ---- */

enum ssh_link_state ssh_link_state(const struct ssh_link *l)
{
	return l->state;
}

unsigned ssh_link_losses(const struct ssh_link *l)
{
	return l->losses;
}

const char *ssh_link_trouble(const struct ssh_link *l)
{
	return l->state == SSH_LINK_READY || !err_text(&l->trouble)[0] ? NULL
								       : err_text(&l->trouble);
}

int ssh_link_fd(const struct ssh_link *l)
{
	return l->state == SSH_LINK_DOWN ? -1 : l->child.out;
}

bool ssh_link_is_asking(const struct ssh_link *l)
{
	return l->asking;
}

void ssh_link_send(struct ssh_link *l, const struct wire *message)
{
	l->skip += l->asking;
	l->has_answer = false;
	wire_release(&l->answer);
	l->asking = true;
	wire_format(message, l->nonce, &l->out);
	write_out(l);
}

bool ssh_link_take(struct ssh_link *l, struct wire *out)
{
	if (!l->has_answer)
		return false;
	*out = TAKE(l->answer);
	l->has_answer = false;
	return true;
}

/* Until bytes can be moved, at most for a while. */
static void wait_a_moment(struct ssh_link *l)
{
	enum { LOOK_MS = 100 };
	struct pollfd fds[2] = {
		{.fd = l->child.out, .events = POLLIN}, {.fd = l->child.in, .events = POLLOUT}};
	size_t count = l->state == SSH_LINK_DOWN ? 0 : l->out.len ? 2 : 1;

	(void)cancel_poll(l->ctx, fds, count, LOOK_MS);
}

static bool is_final(const struct ssh_link *l)
{
	int code = l->trouble.code;

	return !l->ever_ready &&
	       (l->is_refused || code == ERR_AUTH || code == ERR_CONFIG || code == ERR_NO_PLACE ||
		       code == ERR_UNSUPPORTED || code == ERR_IO || code == ERR_DENIED);
}

static int fail_trouble(const struct ssh_link *l, struct err *err)
{
	(void)err_set(err, l->trouble.code, "%s", err_text(&l->trouble));
	if (l->trouble.hint)
		err_hint(err, "%s", l->trouble.hint);
	return l->trouble.code;
}

static bool is_stopped(const struct ssh_link *l)
{
	return cancel_interrupts(l->ctx) || cancel_end_asked(l->ctx) || ctx_is_stopped(l->ctx);
}

/* Fails: as the answer says. */
static int read_answer(const struct ssh_link *l, const struct wire *answer, struct err *err)
{
	const char *text = wire_get(answer, "error");

	return text ? err_set(err, code_of(answer), "host '%s': %s", l->host, text) : 0;
}

/*
 * Has a connection that is newer than this one prepared the job? Then its head has ended since, as
 * the job is ours now (its record is held), and this connection gets a new number by another hello.
 */
static bool is_overtaken(const struct wire *answer)
{
	return wire_find(answer, "error") && code_of(answer) == ERR_BROKEN;
}

static void greet_again(struct ssh_link *l)
{
	l->state = SSH_LINK_STARTING;
	l->started_ms = now_ms();
	add_hello(l);
	write_out(l);
}

int ssh_link_call(struct ssh_link *l, const struct wire *message, const struct ssh_listener *who,
	struct wire *out, struct err *err)
{
	bool sent = false, told = false;
	int greetings = 0;
	int64_t end_ms = who->patience_ms ? now_ms() + who->patience_ms : INT64_MAX;

	if (wire_is_too_long(message))
		return err_set(err, ERR_UNSUPPORTED,
			"a question to host '%s' is longer than 256 MiB, as with millions of files",
			l->host);
	for (;;) {
		enum ssh_link_state before = l->state;

		ssh_link_pump(l);
		if (l->state != SSH_LINK_READY || before != SSH_LINK_READY)
			sent = false;
		if (ssh_link_take(l, out) && sent) {
			if (!is_overtaken(out) || greetings++ == MOST_GREETINGS)
				return read_answer(l, out, err);
			greet_again(l);
			sent = false;
		}
		wire_release(out);
		if (l->state == SSH_LINK_READY && !sent) {
			ssh_link_send(l, message);
			sent = true;
		}
		bool is_over = !who->waits && is_final(l);

		if (l->state == SSH_LINK_DOWN && (is_over || now_ms() > end_ms))
			return fail_trouble(l, err);
		if (l->state == SSH_LINK_DOWN && !told) {
			AUTO(mem_freep)
			char *line = mem_printf("%s; waiting for it", err_text(&l->trouble));

			if (who->tell)
				who->tell(who->arg, line);
			told = true;
		}
		if (is_stopped(l))
			return err_set(err, ERR_CANCELLED,
				"interrupted while waiting for host '%s'", l->host);
		wait_a_moment(l);
	}
}

int ssh_link_call_now(
	struct ssh_link *l, const struct wire *message, struct wire *out, struct err *err)
{
	ssh_link_pump(l);
	for (int greetings = 0;; greetings++) {
		if (l->state == SSH_LINK_READY)
			ssh_link_send(l, message);
		while (l->state == SSH_LINK_READY && !ssh_link_take(l, out)) {
			wait_a_moment(l);
			ssh_link_pump(l);
		}
		if (l->state != SSH_LINK_READY)
			return err_set(err, ERR_BROKEN, "host '%s' is not connected", l->host);
		if (!is_overtaken(out) || greetings == MOST_GREETINGS)
			return read_answer(l, out, err);
		wire_release(out);
		greet_again(l);
		while (l->state == SSH_LINK_STARTING) {
			wait_a_moment(l);
			ssh_link_pump(l);
		}
	}
}

const char *ssh_link_root(const struct ssh_link *l)
{
	return l->root;
}

const char *ssh_link_remark(struct ssh_link *l)
{
	bool given = l->remark_given;

	l->remark_given = l->remark != NULL;
	return given ? NULL : l->remark;
}

char *ssh_link_git(const struct ssh_link *l)
{
	static const char batch[] = "ssh -oBatchMode=yes";

	return l->control_dir ? mem_printf("%s -oControlMaster=no -oControlPath=%s/s", batch,
					l->control_dir)
			      : mem_strdup(batch);
}

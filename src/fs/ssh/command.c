/* Makes the command line of ssh from URL and options, and explains what ssh has written when it
 * failed. */
#include "fs/ssh/command.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "text/value.h"

enum {
	CONNECTIONS = 4,
	SECRET_MOST = 4096, /* bytes: a pipe takes them at once */
	ALIVE_S = 15,       /* a silent server is asked after so many seconds, */
	ALIVE_TIMES = 4,    /* and given up after so many questions */
};

/* ---- the URL and the options */

/* Values of a configuration file are texts; a program that embeds cairn may give numbers. */
static bool option_int(const struct value *options, const char *key, int64_t *out)
{
	const struct value *v = value_get(options, key);
	if (value_is(v, VALUE_INT) && !v->integer.big) {
		*out = v->integer.number;
		return true;
	}
	return value_str(v) && str_to_i64(value_str(v), out);
}

static bool option_bool(const struct value *options, const char *key)
{
	AUTO(mem_freep) char *text = str_lower(
		value_get_str(options, key) ? value_get_str(options, key) : "");
	return value_get_bool(options, key) || str_eq(text, "true");
}

static char *option_copy(const struct value *options, const char *key)
{
	const char *text = value_get_str(options, key);
	return text && *text ? mem_strdup(text) : NULL;
}

static void read_options(struct sftp_target *t, const struct value *options)
{
	int64_t number;
	if (value_get_str(options, "user")) {
		free(t->user);
		t->user = option_copy(options, "user");
	}
	if (option_int(options, "port", &number) && number > 0 && number < 65536) {
		free(t->port);
		t->port = mem_printf("%d", (int)number);
	}
	if (value_get_str(options, "password")) {
		free(t->password);
		t->password = mem_strdup(value_get_str(options, "password"));
	}
	t->passphrase = option_copy(options, "passphrase");
	t->keyfile = option_copy(options, "keyfile");
	t->ask_password = option_bool(options, "ask_password");
	t->ask_passphrase = option_bool(options, "ask_passphrase");
	t->gss_auth = option_bool(options, "gss_auth");
	if (option_int(options, "timeout", &number) && number > 0)
		t->timeout_s = (unsigned)MIN(number, INT32_MAX);
	t->connections_most = CONNECTIONS;
	if (option_int(options, "max_sessions", &number) && number > 0)
		t->connections_most = (unsigned)MIN(number, CONNECTIONS);
}

static void make_name(struct sftp_target *t)
{
	bool v6 = strchr(t->host, ':') != NULL;
	t->name = mem_printf("ssh://%s%s%s%s%s%s%s%s", t->user ? t->user : "", t->user ? "@" : "",
		v6 ? "[" : "", t->host, v6 ? "]" : "", t->port ? ":" : "", t->port ? t->port : "",
		str_eq(t->root, "/") ? "" : t->root);
}

/* "user:password" before '@'. */
static void read_login(struct sftp_target *t, const char *login, size_t len)
{
	const char *colon = memchr(login, ':', len);
	size_t user_len = colon ? (size_t)(colon - login) : len;
	if (user_len)
		t->user = mem_strndup(login, user_len);
	if (colon)
		t->password = mem_strndup(colon + 1, len - user_len - 1);
}

/* "host", "host:port", "[::1]:port". False: malformed. */
static bool read_place(struct sftp_target *t, const char *place, size_t len)
{
	AUTO(mem_freep) char *text = mem_strndup(place, len);
	const char *host = text;
	char *end = *text == '[' ? strchr(text, ']') : text + strcspn(text, ":");
	if (!end)
		return false;
	char *rest = *end == ']' ? end + 1 : end;
	const char *port = *rest == ':' ? rest + 1 : NULL;
	int64_t number = 0;
	if (*rest && !port)
		return false;
	if (port && *port && (!str_to_i64(port, &number) || number <= 0 || number > 65535))
		return false;
	if (number)
		t->port = mem_printf("%d", (int)number);
	*end = '\0';
	t->host = mem_strdup(*host == '[' ? host + 1 : host);
	return *t->host != '\0';
}

int sftp_target_read(
	struct sftp_target *out, const char *url, const struct value *options, struct err *err)
{
	AUTO(sftp_target_release) struct sftp_target t = {0};
	const char *scheme_end = strstr(url, "://");
	const char *place = scheme_end ? scheme_end + 3 : url, *end = place + strcspn(place, "/");
	const char *at = memrchr(place, '@', (size_t)(end - place));

	if (at)
		read_login(&t, place, (size_t)(at - place));
	place = at ? at + 1 : place;
	/* the URL may contain a password, so only its place is shown */
	if (!read_place(&t, place, (size_t)(end - place)))
		return err_set(err, ERR_CONFIG, "'%.*s' of the remote's URL is no host",
			(int)(end - place), place);
	t.root = path_normalize(*end ? end : "/");
	read_options(&t, options);
	make_name(&t);
	*out = TAKE(t);
	return 0;
}

void sftp_target_release(struct sftp_target *t)
{
	free(t->host);
	free(t->user);
	free(t->port);
	free(t->root);
	free(t->name);
	free(t->keyfile);
	free(t->password);
	free(t->passphrase);
	*t = (struct sftp_target){0};
}

/* DVC's words. */
static int ask(const struct sftp_target *t, const struct ctx *ctx, const char *what, char **out,
	struct err *err)
{
	AUTO(mem_freep) char *prompt = mem_printf("Enter a %s for %s%s%s%s%s:\n", what,
		t->user ? t->user : "", t->user ? "@" : "", t->host, t->port ? ":" : "",
		t->port ? t->port : "");
	*out = ctx_ask_secret(ctx, prompt);
	return *out ? 0 : err_set(err, ERR_AUTH, "no %s was given for '%s'", what, t->name);
}

int sftp_target_ask(struct sftp_target *t, const struct ctx *ctx, struct err *err)
{
	int r = 0;
	if (t->ask_password && !t->password)
		r = ask(t, ctx, "password", &t->password, err);
	if (r == 0 && t->ask_passphrase && !t->passphrase)
		r = ask(t, ctx, "passphrase", &t->passphrase, err);
	return r;
}

/* ---- secrets */

/* A pipe that holds a secret and gives it once. Returns its reading end. */
static int secret_pipe(const char *secret, const char *what, struct err *err)
{
	int ends[2];
	size_t len = strlen(secret);
	if (len > SECRET_MOST || strchr(secret, '\n'))
		return err_set(
			err, ERR_CONFIG, "the remote's %s has a line break or is too long", what);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(err, "unable to make a pipe");
	int r = file_write_all(ends[1], secret, len);
	if (r < 0)
		r = err_errno(err, "unable to write into a pipe");
	(void)close(ends[1]);
	if (r < 0)
		(void)close(ends[0]);
	return r < 0 ? r : ends[0];
}

int sftp_secrets_open(struct sftp_secrets *out, const struct sftp_target *t, struct err *err)
{
	AUTO(sftp_secrets_close) struct sftp_secrets s = {0};
	int r = 0;
	if (t->password)
		r = secret_pipe(t->password, "password", err);
	if (r < 0)
		return r;
	s.password_fd_plus_one = t->password ? r + 1 : 0;

	if (t->passphrase)
		r = secret_pipe(t->passphrase, "passphrase", err);
	if (r < 0)
		return r;
	s.passphrase_fd_plus_one = t->passphrase ? r + 1 : 0;
	*out = TAKE(s);
	return 0;
}

void sftp_secrets_close(struct sftp_secrets *s)
{
	if (s->password_fd_plus_one)
		(void)close(s->password_fd_plus_one - 1);
	if (s->passphrase_fd_plus_one)
		(void)close(s->passphrase_fd_plus_one - 1);
	*s = (struct sftp_secrets){0};
}

static bool has_secrets(const struct sftp_secrets *s)
{
	return s->password_fd_plus_one || s->passphrase_fd_plus_one;
}

/* ---- ssh's command line */

static void add_option(struct strlist *out, const char *option)
{
	strlist_add(out, "-o");
	strlist_add(out, option);
}

/* As in DVC, a key or passphrase stands for public keys alone, a password for passwords alone.
 * Otherwise ssh tries what its configuration says. */
static void add_methods(struct strlist *out, const struct sftp_target *t)
{
	bool keys = t->keyfile || t->passphrase;
	if (keys || t->password)
		strlist_addf(out, "-oPreferredAuthentications=%s%s%s",
			t->gss_auth ? "gssapi-with-mic," : "", keys ? "publickey" : "",
			!t->password ? ""
			: keys       ? ",keyboard-interactive,password"
				     : "keyboard-interactive,password");
	if (t->gss_auth)
		add_option(out, "GSSAPIAuthentication=yes");
	if (t->keyfile) {
		strlist_add(out, "-i");
		strlist_add(out, t->keyfile);
		add_option(out, "IdentitiesOnly=yes");
	}
}

void sftp_command(struct strlist *out, const struct sftp_target *t, const struct sftp_secrets *s,
	bool may_ask)
{
	static const char *const always[] = {"ForwardAgent=no", "ForwardX11=no",
		"ClearAllForwardings=yes", "PermitLocalCommand=no", "RemoteCommand=none"};
	strlist_add(out, "ssh");
	strlist_add(out, "-T");
	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		add_option(out, always[i]);
	strlist_addf(out, "-oServerAliveInterval=%d", ALIVE_S);
	strlist_addf(out, "-oServerAliveCountMax=%d", ALIVE_TIMES);
	if (t->timeout_s)
		strlist_addf(out, "-oConnectTimeout=%u", t->timeout_s);

	/* in batch mode ssh would not start our program for the secrets either */
	if (has_secrets(s))
		add_option(out, "NumberOfPasswordPrompts=1");
	else if (!may_ask)
		add_option(out, "BatchMode=yes");
	add_methods(out, t);

	if (t->port) {
		strlist_add(out, "-p");
		strlist_add(out, t->port);
	}
	if (t->user) {
		strlist_add(out, "-l");
		strlist_add(out, t->user);
	}
	strlist_add(out, "-s");
	strlist_add(out, "--"); /* a host may begin with '-' */
	strlist_add(out, t->host);
	strlist_add(out, "sftp");
}

void sftp_environment(
	struct strlist *out, const struct ctx *ctx, const struct sftp_secrets *s, bool may_ask)
{
	const char *program = ctx_own_program(ctx);
	if (!has_secrets(s))
		return;
	/* /proc/self would be ssh */
	if (str_eq(program, "/proc/self/exe"))
		strlist_addf(out, "SSH_ASKPASS=/proc/%d/exe", (int)getpid());
	else
		strlist_addf(out, "SSH_ASKPASS=%s", program);
	strlist_add(out, "SSH_ASKPASS_REQUIRE=force");
	strlist_addf(out, SFTP_ASKPASS_ENV "=%d:%d:%d:%d", (int)getpid(),
		s->password_fd_plus_one - 1, s->passphrase_fd_plus_one - 1, may_ask);
}

/* ---- the answer to ssh's question */

bool sftp_question_read(const char *value, struct sftp_question *out)
{
	int may_ask = 0, used = 0;
	*out = (struct sftp_question){0};
	if (!value ||
		sscanf(value, "%d:%d:%d:%d%n", &out->owner_pid, &out->password_fd,
			&out->passphrase_fd, &may_ask, &used) != 4 ||
		value[used])
		return false;
	out->may_ask = may_ask == 1;
	return out->owner_pid > 0;
}

static char *secret_from(int pid, int fd)
{
	if (fd < 0)
		return NULL;
	char text[SECRET_MOST + 1];
	AUTO(mem_freep) char *path = mem_printf("/proc/%d/fd/%d", pid, fd);
	/* it was used up already when it is empty */
	AUTO(close_fd) int pipe_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = pipe_fd < 0 ? -1 : file_read_full(pipe_fd, text, SECRET_MOST);
	return n > 0 ? mem_strndup(text, (size_t)n) : NULL;
}

char *sftp_question_answer(const struct sftp_question *q, int asker_parent_pid, const char *prompt)
{
	AUTO(mem_freep) char *words = str_lower(prompt);
	if (asker_parent_pid != q->owner_pid)
		return NULL;
	if (strstr(words, "yes/no")) /* an unknown host */
		return NULL;
	if (strstr(words, "passphrase"))
		return secret_from(q->owner_pid, q->passphrase_fd);
	return strstr(words, "password") ? secret_from(q->owner_pid, q->password_fd) : NULL;
}

/* ---- ssh's words */

struct meaning {
	const char *words; /* in ssh's standard error */
	int code;
	const char *hint; /* NULL: none */
};

/* The first that is found counts. The words are those of OpenSSH 7.6 to 10. */
static const struct meaning meanings[] = {
	{"REMOTE HOST IDENTIFICATION HAS CHANGED", ERR_AUTH,
		"If the host has a new key on purpose, remove the old one with `ssh-keygen -R`."},
	{"Host key verification failed", ERR_AUTH,
		"Connect once with `ssh`, or add its key to ~/.ssh/known_hosts with `ssh-keyscan`."},
	{"Permission denied", ERR_AUTH, NULL},
	{"Too many authentication failures", ERR_AUTH,
		"`keyfile` of the remote, or IdentitiesOnly in ~/.ssh/config, chooses one key."},
	{"No more authentication methods", ERR_AUTH, NULL},
	{"no matching", ERR_UNSUPPORTED, NULL}, /* host key type, cipher, key exchange */
	{"Temporary failure in name resolution", ERR_BROKEN, NULL},
	{"Could not resolve hostname", ERR_NO_PLACE, NULL},
	{"subsystem request failed", ERR_UNSUPPORTED, "Is SFTP enabled on the server?"},
	{"ad configuration option", ERR_CONFIG, NULL}, /* "Bad", "bad" */
	{"Bad owner or permissions", ERR_CONFIG, NULL},
};

/* The line of `text` that contains `words`, without ssh's name or "user@host" before it. Heap
 * string. */
static char *line_with(const char *text, const char *words)
{
	const char *found = strstr(text, words), *start = found;
	while (start > text && start[-1] != '\n')
		start--;
	AUTO(mem_freep) char *before = mem_strndup(start, (size_t)(found - start));
	if (strchr(before, '@') && str_ends(before, ": "))
		start = found;
	AUTO(mem_freep) char *line = mem_strndup(start, strcspn(start, "\r\n"));
	return str_strip(str_starts(line, "ssh: ") ? line + 5 : line);
}

/* The last line that is not empty. Heap string; NULL: there is none. */
static char *last_line(const char *text)
{
	AUTO(mem_freep) char *whole = str_strip(text);
	const char *start = strrchr(whole, '\n');
	start = start ? start + 1 : whole;
	if (!*start)
		return NULL;
	return str_strip(str_starts(start, "ssh: ") ? start + 5 : start);
}

/* As messages begin, and without a full stop at the end. */
static void to_reason(char *line)
{
	size_t len = strlen(line);
	if (len && line[len - 1] == '.')
		line[len - 1] = '\0';
	if (isupper((unsigned char)line[0]) && islower((unsigned char)line[1]))
		line[0] = (char)tolower((unsigned char)line[0]);
}

static int fail_connect(const struct sftp_target *t, int code, char *reason, struct err *err)
{
	to_reason(reason);
	return err_set(err, code, "unable to connect to '%s': %s", t->name, reason);
}

int sftp_explain(const struct sftp_target *t, const char *text, int status, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		const struct meaning *m = &meanings[i];
		if (!strstr(text, m->words))
			continue;
		AUTO(mem_freep) char *line = i == 0 ? mem_strdup("its host key has changed")
						    : line_with(text, m->words);
		int code = fail_connect(t, m->code, line, err);
		if (m->hint)
			err_hint(err, "%s", m->hint);
		else if (code == ERR_AUTH && t->passphrase) /* of a wrong one ssh says nothing */
			err_hint(err, "Is `passphrase` the one of the key?");
		return code;
	}
	/* refused, unreachable, timed out, closed; or the words of a proxy command */
	AUTO(mem_freep) char *line = last_line(text);
	if (!line)
		line = mem_printf("ssh ended with status %d", status);
	return fail_connect(t, ERR_BROKEN, line, err);
}

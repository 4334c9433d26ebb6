/* Asks the user for a secret on the terminal, without showing what is typed. */
#include "ui/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/printable.h"

/* The state of the terminal before a hidden question; -1: there is none. */
static struct termios before;
static atomic_int hidden_fd = -1;

static int open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

bool ask_has_terminal(void)
{
	AUTO(close_fd) int fd = open_terminal();
	return fd >= 0;
}

static void hide(int fd)
{
	if (tcgetattr(fd, &before) < 0)
		return;
	struct termios quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	atomic_store(&hidden_fd, fd);
	/* what was typed before the question is no answer to it */
	(void)tcsetattr(fd, TCSAFLUSH, &quiet);
}

void ask_restore_at_exit(void)
{
	int fd = atomic_exchange(&hidden_fd, -1);
	if (fd >= 0)
		(void)tcsetattr(fd, TCSANOW, &before);
}

/* False at the end of the input. */
static bool read_line(int fd, struct buf *out)
{
	enum { MOST = 4096 };
	char c;
	for (;;) {
		ssize_t n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != 1)
			return false;
		if (c == '\n')
			return true;
		if (out->len < MOST)
			buf_addc(out, c);
	}
}

char *ask_line(const char *prompt, bool hidden)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf answer = BUF_INIT;
	AUTO(close_fd) int fd = open_terminal();
	if (fd < 0)
		return NULL;

	printable_add(&text, prompt, strlen(prompt), 0);
	(void)file_write_all(fd, buf_str(&text), text.len);
	if (hidden)
		hide(fd);
	bool whole = read_line(fd, &answer);
	if (hidden) {
		ask_restore_at_exit();
		(void)file_write_all(fd, "\n", 1);
	}
	return whole ? buf_detach(&answer) : NULL;
}

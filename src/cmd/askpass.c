/* `askpass`, which ssh calls instead of asking on the terminal: it passes on the secret that its
 * grandparent, cairn, has for it. */
#include "cmd/askpass.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/procid.h"
#include "fs/ssh/command.h"
#include "ui/ask.h"

bool askpass_is_meant(int argc)
{
	struct sftp_question q;
	return argc == 2 && sftp_question_read(getenv(SFTP_ASKPASS_ENV), &q);
}

/* What the pipes do not answer: an unknown host, a code, the password of a jump host. */
static char *ask_user(const char *prompt)
{
	bool shown = strstr(prompt, "yes/no") != NULL;
	return ask_line(prompt, !shown);
}

int askpass_main(char **argv)
{
	struct sftp_question q;
	if (!sftp_question_read(getenv(SFTP_ASKPASS_ENV), &q))
		return 1;
	AUTO(mem_freep) char *answer = sftp_question_answer(&q, procid_parent(getppid()), argv[1]);
	if (!answer && q.may_ask)
		answer = ask_user(argv[1]);
	return answer && puts(answer) != EOF && fflush(stdout) == 0 ? 0 : 1;
}

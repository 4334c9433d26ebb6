/*
 * The address of a Git repository, in the forms that git-clone(1) takes:
 *
 *     path/to/repo, /path/to/repo.git            a directory of this machine
 *     file:///path/to/repo.git                   the same as a URL
 *     ssh://[user@]host[:port]/path, [user@]host:path
 *     http[s]://[user[:password]@]host[:port]/path, git://host[:port]/path
 *     name::address                              a remote helper
 *
 * Only what we must know of it: whether the repository is at hand, and what may be shown of it.
 */
#ifndef SCM_GITURL_H
#define SCM_GITURL_H

#include "base/buf.h"
#include "base/err.h"

enum giturl_kind {
	GITURL_PATH,   /* a plain path */
	GITURL_FILE,   /* file:// of this machine */
	GITURL_SSH,    /* ssh:// and the short form */
	GITURL_OTHER,  /* any other scheme: http, https, git, ... */
	GITURL_HELPER, /* name::address */
};

struct giturl {
	enum giturl_kind kind;
	char *scheme; /* lower case: "https"; "" for a path; the helper's name */
	char *user;   /* NULL when there is none */
	char *host; /* as written, an IPv6 address with its brackets; NULL for paths and helpers */
	char *port; /* digits, or NULL */
	char *path; /* of a path and of file:// what is to be opened (percent-decoded) */
	bool has_password;
};

void giturl_release(struct giturl *u);

/*
 * Read an address into the empty `*out`. Fails: ERR_PARSE for what must not reach git's command
 * line or a terminal: empty, beginning with '-', control characters, a host that begins with '-',
 * a port that is no number.
 */
int giturl_parse(struct giturl *out, const char *text, struct err *err);

/* Append the address as messages may show it: without a password. */
void giturl_add_shown(struct buf *out, const struct giturl *u);

#endif

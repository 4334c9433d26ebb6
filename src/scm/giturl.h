/*
 * The address of a Git repository, in the forms of git-clone(1):
 *
 *     path/to/repo, /path/to/repo.git            a local directory
 *     file:///path/to/repo.git                   the same as a URL
 *     ssh://[user@]host[:port]/path, [user@]host:path
 *     http[s]://[user[:password]@]host[:port]/path, git://host[:port]/path
 *     name::address                              a remote helper
 *
 * Parsed only as far as needed: whether the repository is local, and what messages may show of the
 * address.
 */
#ifndef SCM_GITURL_H
#define SCM_GITURL_H

#include "base/buf.h"
#include "base/err.h"

enum giturl_kind {
	GITURL_PATH,   /* a path */
	GITURL_FILE,   /* file:// on this machine */
	GITURL_SSH,    /* ssh:// and the short form host:path */
	GITURL_OTHER,  /* any other scheme: http, https, git, ... */
	GITURL_HELPER, /* name::address */
};

struct giturl {
	enum giturl_kind kind;
	char *scheme; /* lower case, e.g. "https"; "" for a path; for a helper its name */
	char *user;   /* NULL: none */
	/* as written, an IPv6 address with its brackets; NULL for paths, file:// and helpers */
	char *host;
	char *port; /* digits, or NULL */
	/* for a path and for file:// the path to open, percent-decoded */
	char *path;
	bool has_password;
};

void giturl_release(struct giturl *u);

/*
 * Parse an address into the empty `*out`. Fails with ERR_PARSE for text that must not reach git's
 * command line or a terminal: an empty address or a host or address that begins with '-', control
 * characters, a port that is not a number.
 */
int giturl_parse(struct giturl *out, const char *text, struct err *err);

/* Append the address as messages may show it, without the password. */
void giturl_add_shown(struct buf *out, const struct giturl *u);
/* Append text of git, with the password of each address in it ("https://user:secret@host")
 * replaced by "***". */
void giturl_add_masked(struct buf *out, const char *text);

#endif

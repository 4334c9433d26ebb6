#include "scm/clone.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/strlist.h"
#include "scm/git.h"
#include "scm/giturl.h"
#include "scm/ref.h"

void clone_release(struct clone *c)
{
	if (c->dir)
		/* best effort: it is in a place for temporary files */
		(void)file_remove(c->dir, NULL);
	cleanup_forget(c->note);
	free(c->dir);
	*c = (struct clone){0};
}

/* Make the directory, and note it before anything else so that an interrupt removes it. */
static int make_dir(struct clone *c, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	AUTO(mem_freep) char *dir = path_join(tmp && *tmp ? tmp : "/tmp", "cairn-clone-XXXXXX");

	if (!mkdtemp(dir))
		return err_errno(err, "unable to make the temporary directory '%s'", dir);
	c->note = cleanup_note_dir(dir);
	c->dir = TAKE(dir);
	return 0;
}

/* Run git clone into the directory of `c`, which exists and is empty. Returns 0, or git's exit
 * status; `said` gets its error output. */
static int run_clone(
	const struct clone *c, const char *url, bool shallow, const char *branch, struct buf *said)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	struct proc_opts opts = {
		.env_extra = git_env_far(), .err_out = said, .quiet = true, .ends_with_us = true};

	git_command(&args);
	strlist_add(&args, "clone");
	strlist_add(&args, "--quiet");
	/* nothing is checked out: content filters and hooks of the clone must not run */
	strlist_add(&args, "--no-checkout");

	if (shallow)
		strlist_add(&args, "--depth=1");
	if (branch)
		strlist_addf(&args, "--branch=%s", branch);

	strlist_add(&args, "--");
	strlist_add(&args, url);
	strlist_add(&args, c->dir);
	return proc_run(strlist_argv(&args), &opts, NULL);
}

/* Empty the directory for a second attempt. When git clone fails it removes what it made, which may
 * include the directory. */
static int empty_dir(const struct clone *c, struct err *err)
{
	AUTO(mem_freep) char *git = path_join(c->dir, ".git");
	int r = file_remove(git, err);

	return r < 0 ? r : file_mkdirs(c->dir, err);
}

/* May this be the name of a branch, a tag or an experiment? An abbreviated commit id, an expression
 * such as HEAD~1, or a full ref name is not passed to --branch. */
static bool may_be_a_name(const char *rev)
{
	bool hex = strspn(rev, "0123456789abcdefABCDEF") == strlen(rev) && strlen(rev) >= 4;

	return !hex && *rev != '-' && !strpbrk(rev, "~^:@ ") && !str_starts(rev, "refs/") &&
	       strcmp(rev, "HEAD") != 0;
}

/* DVC's message. It shows git's error text only if that cannot contain a password. */
static int failed(const struct clone *c, const char *url, const struct buf *said, struct err *err)
{
	AUTO(giturl_release) struct giturl parsed = {0};
	AUTO(buf_release) struct buf shown = BUF_INIT;
	AUTO(mem_freep) char *text = str_strip(buf_str(said));

	if (giturl_parse(&parsed, url, NULL) == 0)
		giturl_add_shown(&shown, &parsed);
	if (parsed.has_password) /* git's text may repeat the address */
		text[0] = '\0';

	(void)err_set(err, ERR_NOT_FOUND, "SCM error: Failed to clone repo '%s' to '%s'%s%s",
		buf_str(&shown), c->dir, *text ? ": " : "", text);
	(void)err_kind(err, KIND_CLONE_FAILED, ERR_NOT_FOUND);
	if (parsed.kind == GITURL_PATH && !file_exists(parsed.path))
		return err_plain(err, ERR_NOT_FOUND, "there is no repository '%s'", parsed.path);
	if (parsed.kind == GITURL_PATH && !file_is_dir(parsed.path))
		return err_plain(
			err, ERR_NOT_FOUND, "'%s' is a file, not a repository", parsed.path);
	return ERR_NOT_FOUND;
}

/* Fetch the refs of experiments; git clone fetches only branches and tags. */
static void fetch_experiments(const struct clone *c)
{
	static const char *const words[] = {
		"fetch", "--quiet", "--no-tags", "origin", "+refs/exps/*:refs/exps/*"};
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	const struct proc_opts opts = {
		.cwd = c->dir, .env_extra = git_env_far(), .quiet = true, .ends_with_us = true};

	git_command(&args);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strlist_add(&args, words[i]);
	/* if this fails the revision is unknown, and the user is told that */
	(void)proc_run(strlist_argv(&args), &opts, NULL);
}

/* First try a shallow clone, where that may suffice; then a full one. */
static int fill(const struct clone *c, const char *url, const char *rev, enum clone_extent extent,
	struct err *err)
{
	AUTO(buf_release) struct buf said = BUF_INIT;

	if (extent == CLONE_REV && (!rev || may_be_a_name(rev))) {
		if (run_clone(c, url, true, rev, &said) == 0)
			return 0;
		int r = empty_dir(c, err);

		if (r < 0)
			return r;
		buf_clear(&said);
	}

	int status = run_clone(c, url, false, NULL, &said);

	if (status != 0)
		return failed(c, url, &said, err);

	if (extent == CLONE_EXPERIMENTS || (rev && may_be_a_name(rev)))
		fetch_experiments(c);
	return 0;
}

int clone_make(struct clone *out, const char *url, const char *rev, enum clone_extent extent,
	struct err *err)
{
	AUTO(clone_release) struct clone c = {0};
	AUTO(giturl_release) struct giturl parsed = {0};
	/* the URL is checked before a directory is created or git is started */
	int r = git_check_address(url, &parsed, err);

	if (r >= 0)
		r = make_dir(&c, err);
	if (r >= 0)
		r = fill(&c, url, rev, extent, err);
	if (r < 0)
		return r;
	*out = TAKE(c);
	return 0;
}

int clone_default(struct scm *scm, struct scm_id *out, struct err *err)
{
	if (scm_resolve(scm, "refs/remotes/origin/HEAD", out, NULL) == 0)
		return 0;
	return scm_head(scm, out, NULL, err);
}

/* Find "<id>\t<name>" in the output of git ls-remote. */
static bool read_answer(const char *text, const char *name, struct scm_id *out)
{
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n"), id_len = sizeof(out->hex) - 1;
		size_t name_len = strlen(name);

		if (len == id_len + 1 + name_len && line[id_len] == '\t' &&
			strncmp(line + id_len + 1, name, name_len) == 0) {
			memcpy(out->hex, line, id_len);
			out->hex[id_len] = '\0';
			return scm_is_full_id(out->hex);
		}

		line += len + (line[len] == '\n');
	}
	return false;
}

int clone_ask(const char *url, const char *rev, struct scm_id *out)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT, names = STRLIST_INIT;
	AUTO(giturl_release) struct giturl parsed = {0};
	AUTO(buf_release) struct buf text = BUF_INIT;
	const struct proc_opts opts = {
		.env_extra = git_env_far(), .out = &text, .quiet = true, .ends_with_us = true};

	if (git_check_address(url, &parsed, NULL) < 0 || (rev && !may_be_a_name(rev)))
		return 0;
	if (!rev)
		strlist_add(&names, "HEAD");
	else /* "^{}" asks for the commit of an annotated tag; a tag has precedence over a branch */
		strlist_addf(&names, "refs/tags/%s^{}", rev);
	if (rev) {
		strlist_addf(&names, "refs/tags/%s", rev);
		strlist_addf(&names, "refs/heads/%s", rev);
	}

	git_command(&args);
	strlist_add(&args, "ls-remote");
	strlist_add(&args, "--");
	strlist_add(&args, url);
	for (size_t i = 0; i < names.count; i++)
		strlist_add(&args, names.items[i]);

	if (proc_run(strlist_argv(&args), &opts, NULL) != 0)
		return 0;

	/* names[] is in order of precedence */
	for (size_t i = 0; i < names.count; i++)
		if (read_answer(buf_str(&text), names.items[i], out))
			return 1;
	return 0;
}

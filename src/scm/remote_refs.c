/* Runs git ls-remote, git fetch and git push, and reads what they print. */
#include "scm/remote_refs.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/map.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "scm/git.h"
#include "scm/giturl.h"
#include "scm/ref.h"

enum { REFS_PER_PROCESS = 4000 }; /* about 700 kB of arguments; Linux takes 2 MB */

void remote_git_release(struct remote_git *r)
{
	free(r->root);
	free(r->address);
	free(r->shown);
	free(r->ssh_command);
	*r = (struct remote_git){0};
}

void remote_refs_release(struct remote_refs *refs)
{
	VEC_EACH (refs, ref)
		free(ref->name);
	vec_release(refs);
}

void ref_updates_release(struct ref_updates *updates)
{
	VEC_EACH (updates, u) {
		free(u->name);
		free(u->reason);
	}
	vec_release(updates);
}

/* Does Git's configuration have a remote of that name? Then it is one of the user's own: whatever
 * transport it names is theirs to choose. */
static bool is_configured(struct scm *scm, const char *word)
{
	AUTO(mem_freep) char *url = mem_printf("remote.%s.url", word);
	AUTO(mem_freep) char *push_url = mem_printf("remote.%s.pushurl", word);
	AUTO(mem_freep) char *address = scm_config(scm, url);
	AUTO(mem_freep) char *push_address = address ? NULL : scm_config(scm, push_url);

	return address || push_address;
}

static bool is_local_remote(struct scm *scm, const char *word)
{
	AUTO(giturl_release) struct giturl u = {0};
	AUTO(mem_freep) char *key = mem_printf("remote.%s.url", word);
	AUTO(mem_freep) char *url = scm_config(scm, key);

	return url && giturl_parse(&u, url, NULL) == 0 &&
	       (u.kind == GITURL_PATH || u.kind == GITURL_FILE);
}

static int open_address(struct remote_git *r, const char *cwd, const char *word, struct err *err)
{
	AUTO(giturl_release) struct giturl u = {0};
	AUTO(buf_release) struct buf shown = BUF_INIT;
	int code = git_check_address(word, &u, err);

	if (code < 0)
		return code;
	giturl_add_shown(&shown, &u);
	r->shown = buf_detach(&shown);
	r->is_local = u.kind == GITURL_PATH || u.kind == GITURL_FILE;
	r->address = u.kind == GITURL_PATH ? path_join(cwd, u.path) : mem_strdup(word);

	/* without git: a misspelled name of a remote is the most frequent mistake */
	if (u.kind == GITURL_PATH && !file_exists(r->address))
		return err_set(
			err, ERR_NOT_FOUND, "'%s' is not a valid Git remote or URL", r->shown);
	return 0;
}

int remote_git_open(
	struct remote_git *out, struct scm *scm, const char *cwd, const char *word, struct err *err)
{
	AUTO(remote_git_release) struct remote_git r = {.root = mem_strdup(scm_root(scm))};
	int code = 0;

	/* a leading '-' would be an option, here and in remote.<name>.url */
	if (*word && *word != '-' && is_configured(scm, word)) {
		r.is_named = true;
		r.is_local = is_local_remote(scm, word);
		r.address = mem_strdup(word);
		r.shown = mem_strdup(word);
	} else {
		code = open_address(&r, cwd, word, err);
	}
	if (code < 0)
		return code;
	*out = TAKE(r);
	return 0;
}

/* ---- running git ---- */

/* What one run of git has printed. */
struct said {
	struct buf out, err;
	int status;
};

static void said_release(struct said *s)
{
	buf_release(&s->out);
	buf_release(&s->err);
}

/* Begin the arguments. A remote may be configured as a mirror: git push would then refuse the list
 * of refs, since a mirror deletes all others. */
static void begin(const struct remote_git *r, struct strlist *args)
{
	git_command(args);
	/* commits are named by their ids: whether a ref is called so, too, is of no interest */
	strlist_add(args, "-c");
	strlist_add(args, "core.warnAmbiguousRefs=false");
	if (r->is_named) {
		strlist_add(args, "-c");
		strlist_addf(args, "remote.%s.mirror=false", r->address);
	}
	strlist_add(args, "-C");
	strlist_add(args, r->root);
}

/* Run git. Its messages are read below, so they must be English. */
static int run(const struct remote_git *r, struct strlist *args, const struct buf *input,
	struct said *out, struct err *err)
{
	AUTO(strlist_release) struct strlist env = STRLIST_INIT;
	struct proc_opts opts = {.input = input ? buf_str(input) : NULL,
		.input_len = input ? input->len : 0,
		.out = &out->out,
		.err_out = &out->err,
		.ends_with_us = true};

	for (char *const *e = r->is_named ? git_env() : git_env_far(); *e; e++)
		strlist_add(&env, *e);
	strlist_add(&env, "LC_ALL=C");
	if (r->ssh_command)
		strlist_addf(&env, "GIT_SSH_COMMAND=%s", r->ssh_command);
	opts.env_extra = strlist_argv(&env);
	out->status = proc_run(strlist_argv(args), &opts, err);
	return out->status < 0 ? err_wrap(err, out->status, "unable to run git") : 0;
}

static bool says(const struct said *s, const char *const *texts)
{
	for (; *texts; texts++)
		if (strstr(buf_str(&s->err), *texts))
			return true;
	return false;
}

/* Turn git's failure into a message, DVC's where it has one. */
static int failed(
	const struct remote_git *r, const char *doing, const struct said *s, struct err *err)
{
	static const char *const none[] = {"does not appear to be a git repository",
		"not a git repository", "' not found", "epository not found", NULL};
	static const char *const denied[] = {"Authentication failed", "could not read Username",
		"could not read Password", "Permission denied (", "Host key verification failed",
		NULL};
	AUTO(buf_release) struct buf text = BUF_INIT;

	giturl_add_masked(&text, buf_str(&s->err));
	buf_rtrim(&text);
	if (says(s, denied)) {
		int code = err_set(err, ERR_FAIL,
			"Authentication failed for: '%s'\nSee https://dvc.org/doc/user-guide/troubleshooting#git-auth",
			r->shown);

		(void)err_plain(err, code, "Authentication failed for: '%s'", r->shown);
		err_hint(err, "Git says: %s", buf_str(&text));
		return code;
	}
	if (says(s, none)) {
		int code = err_set(
			err, ERR_NOT_FOUND, "'%s' is not a valid Git remote or URL", r->shown);

		err_hint(err, "Git says: %s", buf_str(&text));
		return code;
	}
	return err_set(err, ERR_FAIL, "Git failed to %s '%s': %s", doing, r->shown,
		text.len ? buf_str(&text) : "unknown reason");
}

/* ---- git ls-remote ---- */

/* Read "<id>\t<name>". A line in another form is left out: a server may send anything. */
static bool read_line(
	const char *line, size_t len, const char *const *prefixes, struct remote_ref *out)
{
	struct remote_ref ref = {0};
	size_t digits = sizeof(ref.id.hex) - 1;
	bool wanted = false;

	if (len <= digits + 1 || line[digits] != '\t')
		return false;
	memcpy(ref.id.hex, line, digits);
	ref.name = mem_strndup(line + digits + 1, len - digits - 1);
	for (; *prefixes && !wanted; prefixes++)
		wanted = str_starts(ref.name, *prefixes);
	if (!wanted || !scm_is_full_id(ref.id.hex) || !str_is_utf8(ref.name, strlen(ref.name)) ||
		!scm_ref_is_valid_name(ref.name, NULL)) {
		free(ref.name);
		return false;
	}
	*out = ref;
	return true;
}

static int compare_refs(const void *a, const void *b)
{
	return strcmp(((const struct remote_ref *)a)->name, ((const struct remote_ref *)b)->name);
}

int remote_git_list(const struct remote_git *r, const char *const *prefixes,
	struct remote_refs *out, struct err *err)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	AUTO(said_release) struct said said = {0};
	struct remote_ref ref;
	int code;

	begin(r, &args);
	strlist_add(&args, "ls-remote");
	strlist_add(&args, "--refs");
	strlist_add(&args, "--");
	strlist_add(&args, r->address);
	for (const char *const *p = prefixes; *p; p++)
		strlist_addf(&args, "%s*", *p);
	code = run(r, &args, NULL, &said, err);
	if (code < 0)
		return code;
	if (said.status != 0)
		return failed(r, "list the refs of", &said, err);

	for (const char *line = buf_str(&said.out); *line;) {
		size_t len = strcspn(line, "\n");

		if (read_line(line, len, prefixes, &ref))
			*vec_push(out) = ref;
		line += len + (line[len] == '\n');
	}
	vec_sort(out, compare_refs);
	return 0;
}

/* ---- git fetch ---- */

int remote_git_fetch(const struct remote_git *r, const struct strlist *names, struct err *err)
{
	/* --refmap=: no remote-tracking ref is updated on the way */
	static const char *const options[] = {"fetch", "--quiet", "--no-tags", "--no-prune",
		"--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-gc", "--refmap="};
	int code = 0;

	for (size_t at = 0; at < names->count && code >= 0; at += REFS_PER_PROCESS) {
		AUTO(strlist_release) struct strlist args = STRLIST_INIT;
		AUTO(said_release) struct said said = {0};
		size_t end = MIN(names->count, at + REFS_PER_PROCESS);

		begin(r, &args);
		for (size_t i = 0; i < ARRAY_SIZE(options); i++)
			strlist_add(&args, options[i]);
		strlist_add(&args, "--");
		strlist_add(&args, r->address);
		for (size_t i = at; i < end; i++)
			strlist_add(&args, names->items[i]);
		code = run(r, &args, NULL, &said, err);
		if (code == 0 && said.status != 0)
			code = failed(r, "fetch ref from", &said, err);
	}
	return code;
}

/* ---- git push ---- */

static void note(struct ref_update *u, enum ref_outcome outcome, const char *reason, size_t len)
{
	if (outcome <= u->outcome)
		return;
	u->outcome = outcome;
	free(u->reason);
	u->reason = outcome == REF_REFUSED ? mem_strndup(reason, len) : NULL;
}

/* Read "<flag>\t<from>:<to>\t<summary> (<reason>)", as --porcelain prints it. */
static void read_outcome(const char *line, size_t len, const struct map *by_name)
{
	const char *end = line + len, *from = line + 2;
	const char *tab = len > 2 && line[1] == '\t' ? memchr(from, '\t', (size_t)(end - from))
						     : NULL;
	const char *colon = tab ? memchr(from, ':', (size_t)(tab - from)) : NULL;
	struct ref_update *u = colon ? map_getn(by_name, colon + 1, (size_t)(tab - colon - 1))
				     : NULL;

	if (!u)
		return;
	if (*line == '=')
		note(u, REF_UP_TO_DATE, NULL, 0);
	else if (*line != '!')
		note(u, REF_SENT, NULL, 0);
	else if (str_starts(tab + 1, "[rejected]"))
		note(u, REF_DIVERGED, NULL, 0);
	else { /* "[remote rejected] (reason)" */
		const char *open = memchr(tab, '(', (size_t)(end - tab));
		const char *why = open ? open + 1 : tab + 1;

		note(u, REF_REFUSED, why, (size_t)(end - why) - (open && end[-1] == ')'));
	}
}

static void read_outcomes(const struct buf *text, const struct map *by_name)
{
	for (const char *line = buf_str(text); *line;) {
		size_t len = strcspn(line, "\n");

		read_outcome(line, len, by_name);
		line += len + (line[len] == '\n');
	}
}

static void add_push_options(struct strlist *args, unsigned flags)
{
	/* --no-verify: the pre-push hook that `dvc install` writes pushes data, and this caller
	 * holds the lock that it needs */
	static const char *const options[] = {"push", "--porcelain", "--no-verify",
		"--no-follow-tags", "--recurse-submodules=no"};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		strlist_add(args, options[i]);
	if (flags & GIT_PUSH_DRY)
		strlist_add(args, "--dry-run");
	if (flags & GIT_PUSH_ATOMIC)
		strlist_add(args, "--atomic");
}

/* Push some of the refs with one git. */
static int push_part(const struct remote_git *r, struct ref_update *updates, size_t count,
	unsigned flags, struct err *err)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	AUTO(map_release) struct map by_name = MAP_INIT;
	AUTO(said_release) struct said said = {0};
	bool any = false;
	int code;

	begin(r, &args);
	add_push_options(&args, flags);
	for (size_t i = 0; i < count; i++)
		if (scm_id_is_set(&updates[i].old))
			strlist_addf(&args, "--force-with-lease=%s:%s", updates[i].name,
				updates[i].old.hex);
	strlist_add(&args, "--");
	strlist_add(&args, r->address);
	for (size_t i = 0; i < count; i++) {
		struct ref_update *u = &updates[i];

		/* by its id: what is sent is what the caller has looked at */
		strlist_addf(&args, "%s%s:%s", u->force ? "+" : "", u->id.hex, u->name);
		u->outcome = REF_UNTRIED;
		free(u->reason);
		u->reason = NULL;
		map_set(&by_name, u->name, u);
	}
	code = run(r, &args, NULL, &said, err);
	if (code < 0)
		return code;

	read_outcomes(&said.out, &by_name);
	for (size_t i = 0; i < count; i++)
		any = any || updates[i].outcome != REF_UNTRIED;
	return said.status == 0 || any ? 0 : failed(r, "push to", &said, err);
}

int remote_git_push(
	const struct remote_git *r, struct ref_updates *updates, unsigned flags, struct err *err)
{
	int code = 0;

	for (size_t at = 0; at < updates->count && code >= 0; at += REFS_PER_PROCESS)
		code = push_part(r, updates->items + at,
			MIN(updates->count - at, (size_t)REFS_PER_PROCESS), flags, err);
	return code;
}

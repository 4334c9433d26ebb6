/* The order of the sources, and the keys in use. */
#include "fs/s3/credentials.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "fs/s3/credentials_int.h"
#include "net/http.h"

enum {
	/* Keys that expire within this time are renewed; when that fails they are used up to the
	 * end. As botocore. */
	RENEW_S = 15 * 60,
	EXPIRED_S = 60, /* no request takes longer to reach the server */
};

struct aws_credentials {
	struct aws_search search;
	char *profile;
	bool given;           /* the configuration has the keys: there are no others */
	bool use_env;         /* false: the configuration names a profile, which goes first */
	pthread_mutex_t lock; /* of all below, and of the search */
	bool searched;        /* `keys` are valid */
	struct aws_keys keys;
};

const char *aws_profile_name(const char *option)
{
	const char *name = option && *option ? option : aws_env("AWS_DEFAULT_PROFILE");
	name = name ? name : aws_env("AWS_PROFILE");
	return name ? name : "default";
}

/* Go through the sources. Returns 1, or 0 when none is set up. */
static int search(struct aws_credentials *c, struct aws_keys *out, struct err *err)
{
	struct aws_search *s = &c->search;
	int r = c->use_env ? aws_from_environment(out, err) : 0;
	if (r == 0)
		r = aws_from_role(s, c->profile, out, err);
	if (r == 0)
		r = aws_from_profile(s, c->profile, out, err);
	if (r == 0)
		r = aws_from_container(s, out, err);
	if (r == 0)
		r = aws_from_instance(s, out, err);
	return r;
}

static int check_profile(const struct aws_credentials *c, struct err *err)
{
	const struct aws_files *files = c->search.files;
	if (str_eq(c->profile, "default") || aws_config_profile(files, c->profile) ||
		aws_credentials_profile(files, c->profile))
		return 0;
	(void)err_set(err, ERR_AUTH, "The config profile (%s) could not be found", c->profile);
	return err_plain(err, ERR_AUTH,
		"profile '%s' is neither in the configuration nor in the credentials file of AWS",
		c->profile);
}

int aws_credentials_new(
	struct aws_credentials **out, const struct aws_credentials_opts *opts, struct err *err)
{
	struct aws_credentials *c = NEW(struct aws_credentials);
	c->search = (struct aws_search){.ctx = opts->ctx, .files = opts->files};
	c->search.region = mem_strdup(opts->region);
	c->profile = mem_strdup(aws_profile_name(opts->profile));
	c->use_env = !opts->profile;
	pthread_mutex_init(&c->lock, NULL);

	int r = check_profile(c, err);
	if (r == 0)
		r = aws_take_pair(opts->access_key, opts->secret_key, opts->token, "explicit",
			aws_key_names, &c->keys, err);
	if (r < 0) {
		aws_credentials_free(c);
		return r;
	}
	c->given = c->searched = r == 1;
	*out = c;
	return 0;
}

void aws_credentials_free(struct aws_credentials *c)
{
	if (!c)
		return;
	aws_keys_release(&c->keys);
	http_free(c->search.http);
	free((char *)c->search.region);
	free(c->profile);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static int no_credentials(struct err *err)
{
	(void)err_set(err, ERR_AUTH, "Unable to locate credentials");
	(void)err_plain(err, ERR_AUTH, "there are no credentials for S3");
	err_hint(err,
		"Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile, or keep keys with the remote:\n"
		"    dvc remote modify --local <remote name> access_key_id <key>\n"
		"    dvc remote modify --local <remote name> secret_access_key <key>");
	return ERR_AUTH;
}

/* Get the first keys, or new ones when these expire soon. The lock is held, so that one thread asks
 * for all. */
static int renew(struct aws_credentials *c, struct err *err)
{
	AUTO(aws_keys_release) struct aws_keys fresh = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	int64_t now_s = time(NULL);
	if (c->searched && (!c->keys.expires_s || c->keys.expires_s - now_s > RENEW_S))
		return 0;

	int r = search(c, &fresh, &why);
	if (r == 1) {
		aws_keys_release(&c->keys);
		c->keys = TAKE(fresh);
		c->searched = true;
		return 0;
	}
	if (c->searched && c->keys.expires_s - now_s > EXPIRED_S)
		return 0; /* still valid; the next call tries again */
	return r < 0 ? err_move(err, &why) : no_credentials(err);
}

int aws_credentials_get(struct aws_credentials *c, struct aws_keys *out, struct err *err)
{
	pthread_mutex_lock(&c->lock);
	int r = renew(c, err);
	if (r == 0)
		*out = aws_keys_copy(&c->keys);
	pthread_mutex_unlock(&c->lock);
	return r;
}

bool aws_credentials_refused(struct aws_credentials *c, const struct aws_keys *keys)
{
	pthread_mutex_lock(&c->lock);
	bool renewable = !c->given && c->keys.expires_s;
	/* another thread may have renewed them already */
	if (renewable && str_eq(c->keys.access_key, keys->access_key))
		c->searched = false;
	pthread_mutex_unlock(&c->lock);
	return renewable;
}

/* Keys of a profile, which may be those of a role that another profile's keys ask for. */
#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "fs/s3/credentials_int.h"

enum { CHAIN_MAX = 8 }; /* profiles that refer to one another */

int aws_from_profile(
	struct aws_search *s, const char *profile, struct aws_keys *out, struct err *err)
{
	int r = aws_from_web_identity(s, profile, out, err);
	if (r == 0)
		r = aws_from_sso(s, profile, out, err);
	if (r == 0)
		r = aws_from_section(aws_credentials_profile(s->files, profile),
			"shared-credentials-file", out, err);
	if (r == 0)
		r = aws_from_process(s, profile, out, err);
	if (r == 0)
		r = aws_from_section(
			aws_config_profile(s->files, profile), "config-file", out, err);
	return r;
}

/* The keys that ask for the role: those of credential_source. */
static int from_source(struct aws_search *s, const char *profile, const char *source,
	struct aws_keys *out, struct err *err)
{
	int r = str_eq(source, "Environment")    ? aws_from_environment(out, err)
		: str_eq(source, "EcsContainer") ? aws_from_container(s, out, err)
		: str_eq(source, "Ec2InstanceMetadata")
			? aws_from_instance(s, out, err)
			: err_set(err, ERR_CONFIG,
				  "credential_source '%s' of profile '%s' is unknown", source,
				  profile);
	if (r == 0)
		return err_set(err, ERR_AUTH, "credential_source '%s' of profile '%s' has no keys",
			source, profile);
	return r;
}

static int assume(struct aws_search *s, const char *profile, const struct aws_keys *keys,
	struct aws_keys *out, struct err *err)
{
	AUTO(buf_release) struct buf form = BUF_INIT;
	const char *role = aws_profile_get(s->files, profile, "role_arn");
	const char *device = aws_profile_get(s->files, profile, "mfa_serial");
	AUTO(mem_freep) char *code = NULL;
	if (device) {
		AUTO(mem_freep) char *prompt = mem_printf("Enter MFA code for %s: ", device);
		code = ctx_ask_secret(s->ctx, prompt);
		if (!code)
			return err_set(
				err, ERR_AUTH, "the role '%s' needs a code of '%s'", role, device);
	}
	AUTO(mem_freep) char *session = sts_session_name(
		aws_profile_get(s->files, profile, "role_session_name"));
	sts_add_field(&form, "Action", "AssumeRole");
	sts_add_field(&form, "Version", "2011-06-15");
	sts_add_field(&form, "RoleArn", role);
	sts_add_field(&form, "RoleSessionName", session);
	sts_add_field(&form, "ExternalId", aws_profile_get(s->files, profile, "external_id"));
	sts_add_field(
		&form, "DurationSeconds", aws_profile_get(s->files, profile, "duration_seconds"));
	sts_add_field(&form, "SerialNumber", device);
	sts_add_field(&form, "TokenCode", code);
	return sts_ask(s, &form, keys, role, out, err);
}

/* `depth`: how many profiles have led here. */
static int from_role(
	struct aws_search *s, const char *profile, int depth, struct aws_keys *out, struct err *err)
{
	AUTO(aws_keys_release) struct aws_keys keys = {0};
	const char *next = aws_profile_get(s->files, profile, "source_profile");
	const char *source = aws_profile_get(s->files, profile, "credential_source");
	if (!aws_profile_get(s->files, profile, "role_arn") || (!next && !source) ||
		aws_profile_get(s->files, profile, "web_identity_token_file"))
		return 0;
	if (depth == CHAIN_MAX)
		return err_set(err, ERR_CONFIG, "source_profile leads in a circle at profile '%s'",
			profile);

	int r = 0;
	/* a profile may name itself, when it has keys, too */
	if (next && !str_eq(next, profile))
		r = from_role(s, next, depth + 1, &keys, err);
	if (r == 0)
		r = next ? aws_from_profile(s, next, &keys, err)
			 : from_source(s, profile, source, &keys, err);
	if (r == 0)
		r = err_set(err, ERR_AUTH, "source_profile '%s' of profile '%s' has no keys", next,
			profile);
	return r < 0 ? r : assume(s, profile, &keys, out, err);
}

int aws_from_role(struct aws_search *s, const char *profile, struct aws_keys *out, struct err *err)
{
	return from_role(s, profile, 0, out, err);
}

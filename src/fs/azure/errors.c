/* The errors of Azure Blob Storage: their codes, DVC's words for them, and plain ones. */
#include <time.h>

#include "base/alloc.h"
#include "base/str.h"
#include "fs/azure/answers.h"
#include "fs/azure/azure_int.h"
#include "fs/azure/settings.h"
#include "text/date.h"

/* https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes and
 * https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes */
static const struct meaning {
	const char *code; /* of the service */
	int ours;
	const char *plain; /* what it means; NULL: the server's own words */
	const char *hint;
} meanings[] = {
	{"ContainerNotFound", ERR_NO_PLACE, "the container does not exist",
		"Is its name right? Create it with:\n    az storage container create --name <container> --account-name <account>"},
	{"ContainerBeingDeleted", ERR_NO_PLACE, "the container is being deleted"},
	{"InvalidResourceName", ERR_FAIL, "that cannot be the name of a container or a blob"},
	{"BlobNotFound", ERR_NOT_FOUND, "the blob does not exist"},
	{"AuthenticationFailed", ERR_AUTH, "the account refuses the login"},
	{"InvalidAuthenticationInfo", ERR_AUTH, "the account refuses the login"},
	{"NoAuthenticationInformation", ERR_AUTH, "the container is not public"},
	{"PublicAccessNotPermitted", ERR_AUTH, "the account allows no public access"},
	{"KeyBasedAuthenticationNotPermitted", ERR_AUTH, "the account allows no keys",
		"Log in with `az login`, and unset 'account_key' and 'connection_string'."},
	{"AuthorizationPermissionMismatch", ERR_DENIED, "these credentials may not do that",
		"Uploads need the role 'Storage Blob Data Contributor', or a SAS token with the permissions 'rwdlc'."},
	{"InsufficientAccountPermissions", ERR_DENIED, "these credentials may not do that"},
	{"AccountIsDisabled", ERR_DENIED, "the account is disabled"},
	{"BlobImmutableDueToPolicy", ERR_DENIED, "the blob may not be changed"},
	{"BlobArchived", ERR_FAIL, "the blob is in the archive",
		"Bring it back with:\n    az storage blob set-tier --tier Hot --container-name <container> --name <blob> --account-name <account>"},
	{"BlobBeingRehydrated", ERR_FAIL,
		"the blob is on its way out of the archive; that takes hours"},
	{"ServerBusy", ERR_BUSY, "too many requests"},
	{"AccountBeingCreated", ERR_BUSY, "the account is not ready yet"},
	{"OperationTimedOut", ERR_BROKEN, "the server took too long"},
	{"InternalError", ERR_BROKEN, "the server failed"},
	{"Md5Mismatch", ERR_CORRUPT, "the bytes that arrived are not those that were sent"},
	{"FeatureVersionMismatch", ERR_UNSUPPORTED},
};

static const struct meaning *meaning_of(const char *code)
{
	for (size_t i = 0; code && i < ARRAY_SIZE(meanings); i++) {
		if (str_eq(meanings[i].code, code))
			return &meanings[i];
	}
	return NULL;
}

/* The lifetime of a signature has ended, or the clock is wrong: both are told by comparing times,
 * also where the answer has no body. Appends the reason. */
static bool add_time_reason(
	const struct azure *a, const struct http_response *answer, struct buf *out)
{
	enum { MOST_S = 15 * 60 }; /* that the service allows */
	const char *date = http_header(answer, "Date");
	int64_t there_s, now_s = time(NULL), expiry_s;
	char text[DATE_ISO];
	if (!date || !date_parse_http(date, &there_s))
		there_s = now_s;
	if (a->sas && azure_sas_expiry(a->sas, &expiry_s) && expiry_s <= there_s) {
		buf_addf(out, "the SAS token expired at %s", date_format_iso(expiry_s, text));
		return true;
	}
	int64_t off_s = now_s - there_s;
	if (a->sas || (off_s <= MOST_S && off_s >= -MOST_S))
		return false;
	buf_addf(out, "the clock of this machine is wrong: it is %lld minutes %s",
		(long long)(off_s < 0 ? -off_s : off_s) / 60, off_s < 0 ? "slow" : "fast");
	return true;
}

/* Why a login is refused. Appends it and sets a hint that fits. */
static void explain_login(const struct azure *a, const struct http_response *answer,
	const char *plain, struct buf *why, const char **out_hint)
{
	if (add_time_reason(a, answer, why)) {
		*out_hint =
			a->sas ? "Make a new SAS token, and set it with:\n    dvc remote modify --local <remote name> sas_token <token>"
			       : "Set it, for example with `timedatectl set-ntp true`.";
	} else if (a->key.len) {
		buf_addf(why, "the key does not fit to the account '%s'", a->account);
		*out_hint =
			"Is 'account_key' complete and not replaced? See:\n    az storage account keys list --account-name <account>";
	} else if (a->sas) {
		buf_adds(why, "the SAS token is not valid here");
		*out_hint = "Was it made for this account and container, and is it complete?";
	} else if (a->uses_token) {
		buf_adds(why, plain);
		*out_hint =
			"Does the login belong to the tenant of the account? See `az account show`.";
	} else {
		buf_addf(why, "%s, and there are no credentials", plain);
		*out_hint = "Log in with `az login`, or keep a key with the remote:\n"
			    "    dvc remote modify --local <remote name> account_key <key>";
	}
}

/* azurite has AuthorizationFailure for a wrong key and for an expired signature; the service has it
 * for addresses that the account does not let in, and others for these. */
static int code_of(const struct azure *a, const struct meaning *m, const char *error_code,
	const struct http_response *answer)
{
	AUTO(buf_release) struct buf why = BUF_INIT;
	if (m)
		return m->ours;
	if (error_code && str_eq(error_code, "AuthorizationFailure") &&
		(a->key.len || add_time_reason(a, answer, &why)))
		return ERR_AUTH;
	return http_code(answer->status);
}

static void add_place(const struct azure *a, const struct azure_call *c, struct buf *out)
{
	buf_addf(out, "azure://%s", a->container);
	if (c->path)
		buf_addf(out, "/%s%s", a->root, c->path);
}

static void set_dvc_words(const struct azure *a, const struct http_response *answer,
	const char *error_code, const char *message, int code, struct err *err)
{
	AUTO(mem_freep) char *words =
		str_eq(error_code, "ContainerNotFound")
			? mem_printf("[Errno 2] No such container: '%s'", a->container)
			: mem_printf("Operation returned an invalid status '%s'\nErrorCode:%s",
				  message, error_code);
	if (code == ERR_BUSY)
		(void)err_busy(err, http_retry_after_ms(answer), "%s", words);
	else
		(void)err_set(err, code, "%s", words);
}

int azure_fail(const struct azure *a, const struct azure_call *c,
	const struct http_response *answer, struct err *err)
{
	AUTO(azure_error_release) struct azure_error e = {0};
	AUTO(buf_release) struct buf why = BUF_INIT, place = BUF_INIT;
	azure_error_parse(&answer->body, &e);
	/* an answer to HEAD has its code in a header */
	const char *header = http_header(answer, "x-ms-error-code");
	const char *error_code = e.code ? e.code : header;
	const char *status = http_status_text(answer->status);
	/* who may not see a container is told that it is missing */
	bool is_hidden = error_code && str_eq(error_code, "ResourceNotFound") && !a->key.len &&
			 !a->sas && !a->uses_token;
	const struct meaning *m = meaning_of(
		is_hidden ? "NoAuthenticationInformation" : error_code);
	int code = code_of(a, m, error_code, answer);
	const char *message = e.message ? e.message : *status ? status + strlen("404 ") : "Unknown";
	const char *hint = m ? m->hint : NULL;

	set_dvc_words(a, answer, error_code ? error_code : "None", message, code, err);
	const char *plain = m && m->plain        ? m->plain
			    : code == ERR_DENIED ? "these credentials may not do that"
						 : message;
	if (code == ERR_AUTH && !hint)
		explain_login(a, answer, plain, &why, &hint);
	else
		buf_adds(&why, plain);
	add_place(a, c, &place);
	AUTO(mem_freep) char *number = mem_printf("%d", answer->status);
	(void)err_plain(err, code, "%s: %s (%s)", buf_str(&place), buf_str(&why),
		error_code ? error_code
		: *status  ? status
			   : number);
	if (hint)
		err_hint(err, "%s", hint);
	return code;
}

/* The errors of S3: their codes, DVC's words for them, and plain ones. */
#include "base/alloc.h"
#include "base/str.h"
#include "fs/s3/answers.h"
#include "fs/s3/s3_int.h"
#include "text/date.h"

/* https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
static const struct meaning {
	const char *code; /* of S3 */
	int ours;
	const char *plain; /* what it means; NULL: the server's own words */
	const char *hint;
} meanings[] = {
	{"NoSuchBucket", ERR_NO_PLACE, "the bucket does not exist",
		"Is its name right, and does it belong to this endpoint?"},
	{"NoSuchKey", ERR_NOT_FOUND, "the object does not exist"},
	{"NoSuchVersion", ERR_NOT_FOUND, "the version does not exist"},
	{"NoSuchUpload", ERR_NOT_FOUND, "the upload does not exist any more"},
	{"AccessDenied", ERR_DENIED, "these credentials may not do that"},
	{"AllAccessDisabled", ERR_DENIED},
	{"AccountProblem", ERR_DENIED},
	{"InvalidAccessKeyId", ERR_AUTH, "the access key is not known there",
		"Do the access key and the endpoint belong together?"},
	{"SignatureDoesNotMatch", ERR_AUTH, "the secret key does not fit to the access key",
		"Is 'secret_access_key' complete?"},
	{"ExpiredToken", ERR_AUTH, "the session of these credentials has expired",
		"Log in again, or renew AWS_SESSION_TOKEN and the keys that belong to it."},
	{"InvalidToken", ERR_AUTH, "the session token is not valid",
		"Does AWS_SESSION_TOKEN belong to these keys?"},
	{"RequestTimeTooSkewed", ERR_AUTH, "the clock of this machine is wrong",
		"Set it, for example with `timedatectl set-ntp true`."},
	{"AuthorizationHeaderMalformed", ERR_CONFIG, "the region is wrong",
		"Set 'region' to that of the bucket."},
	{"PermanentRedirect", ERR_CONFIG, "the bucket is in another region",
		"Set 'region' to that of the bucket."},
	{"SlowDown", ERR_BUSY, "too many requests"},
	{"Throttling", ERR_BUSY, "too many requests"},
	{"ThrottlingException", ERR_BUSY, "too many requests"},
	{"RequestLimitExceeded", ERR_BUSY, "too many requests"},
	{"RequestThrottled", ERR_BUSY, "too many requests"},
	{"TooManyRequests", ERR_BUSY, "too many requests"},
	{"ServiceUnavailable", ERR_BUSY, "the service is busy"},
	{"RequestTimeout", ERR_BROKEN, "the connection was too slow"},
	{"InternalError", ERR_BROKEN, "the server failed"},
	{"OperationAborted", ERR_BROKEN},
	{"IncompleteBody", ERR_BROKEN},
	{"BadDigest", ERR_CORRUPT, "the bytes that arrived are not those that were sent"},
	{"InvalidDigest", ERR_CORRUPT},
	{"XAmzContentSHA256Mismatch", ERR_CORRUPT,
		"the bytes that arrived are not those that were sent"},
	{"NotImplemented", ERR_UNSUPPORTED},
};

static const struct meaning *meaning_of(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		if (str_eq(meanings[i].code, code))
			return &meanings[i];
	}
	return NULL;
}

static int code_of(const struct meaning *m, int status)
{
	if (m)
		return m->ours;
	if (status == 501)
		return ERR_UNSUPPORTED;
	/* an answer that has begun with 200 and ended as an error of the server */
	return status < 300 ? ERR_BROKEN : http_code(status);
}

/* How far the clock is off: the server's time is in its answer. */
static void add_skew(const struct http_response *answer, struct buf *out)
{
	const char *date = http_header(answer, "Date");
	int64_t there_s;
	if (!date || !date_parse_http(date, &there_s))
		return;
	int64_t minutes = (time(NULL) - there_s) / 60;
	if (minutes)
		buf_addf(out, ": it is %lld minutes %s",
			(long long)(minutes < 0 ? -minutes : minutes),
			minutes < 0 ? "slow" : "fast");
}

/* What an error is about: the object, or the bucket. */
static void add_place(
	const struct s3 *s, const struct s3_call *c, const struct s3_error *e, struct buf *out)
{
	buf_addf(out, "s3://%s", s->bucket);
	if (c->path)
		buf_addf(out, "/%s%s", s->root, c->path);
	else if (e->key)
		buf_addf(out, "/%s", e->key);
}

/* The words of DVC's libraries. An answer to HEAD has no body for them: its status stands for the
 * code, and the text of the status for the message. Errors of the server have a number of errno in
 * front, and say that they were tried again. */
static char *dvcs_words(
	const struct s3_call *c, int status, const struct s3_error *e, const char *reason)
{
	bool has_body = e->code && !str_eq(c->method, "HEAD");
	AUTO(mem_freep) char *number = mem_printf("%d", status);
	const char *message = has_body && e->message ? e->message : reason;
	bool failed = status >= 500 && status != 501;
	return mem_printf("%s%s: An error occurred (%s) when calling the %s operation%s: %s",
		!failed         ? ""
		: status == 503 ? "[Errno 16] "
				: "[Errno 121] ",
		message, has_body ? e->code : number, c->operation,
		failed ? " (reached max retries: 4)" : "", message);
}

int s3_fail(
	struct s3 *s, const struct s3_call *c, const struct http_response *answer, struct err *err)
{
	AUTO(s3_error_release) struct s3_error e = {0};
	AUTO(buf_release) struct buf why = BUF_INIT, place = BUF_INIT;
	s3_error_parse(&answer->body, &e);
	const struct meaning *m = meaning_of(e.code);
	int code = code_of(m, answer->status);
	const char *status = http_status_text(answer->status);
	const char *reason = *status ? status + strlen("404 ") : "Unknown";
	AUTO(mem_freep) char *number = mem_printf("%d", answer->status);
	AUTO(mem_freep) char *words = dvcs_words(c, answer->status, &e, reason);
	if (code == ERR_BUSY)
		(void)err_busy(err, http_retry_after_ms(answer), "%s", words);
	else
		(void)err_set(err, code, "%s", words);

	buf_adds(&why, m && m->plain        ? m->plain
		       : code == ERR_DENIED ? "these credentials may not do that"
		       : e.message          ? e.message
					    : reason);
	if (m && str_eq(m->code, "RequestTimeTooSkewed"))
		add_skew(answer, &why);
	add_place(s, c, &e, &place);
	(void)err_plain(err, code, "%s: %s (%s: %s)", buf_str(&place), buf_str(&why), c->operation,
		e.code    ? e.code
		: *status ? status
			  : number);
	if (m && m->hint)
		err_hint(err, "%s", m->hint);
	return code;
}

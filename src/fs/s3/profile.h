/*
 * The shared files of AWS: ~/.aws/config and ~/.aws/credentials.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 *
 * Not text/ini.h: names of sections keep their case here, values have neither quotes nor lists nor
 * comments behind them, and indented lines make a block inside of a section.
 */
#ifndef FS_S3_PROFILE_H
#define FS_S3_PROFILE_H

#include "base/err.h"
#include "text/value.h"

/* Zero is empty. Sections are maps from lower-cased keys to strings, or to maps of them (blocks).
 */
struct aws_files {
	struct arena arena;
	struct value *config, *credentials;
};
void aws_files_release(struct aws_files *f);

/*
 * Read both files into the empty `*f`; one that is missing is empty. The paths: the environment
 * (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE), else those given (may be NULL), else the usual
 * ones. Fails: ERR_CONFIG (malformed), ERR_IO.
 */
int aws_files_load(struct aws_files *f, const char *config_path, const char *credentials_path,
	struct err *err);

/* Parse one file; `name` is for messages. Fails: ERR_CONFIG. */
int aws_profile_parse(struct arena *a, const char *name, const char *text, size_t len,
	struct value **out, struct err *err);

/* A profile's section in each file; NULL: there is none. */
const struct value *aws_config_profile(const struct aws_files *f, const char *name);
const struct value *aws_credentials_profile(const struct aws_files *f, const char *name);
/* "[sso-session NAME]" or "[services NAME]" of the configuration; NULL: there is none. */
const struct value *aws_config_section(
	const struct aws_files *f, const char *kind, const char *name);
/* A key of a profile: from the credentials file, else from the configuration; NULL: unset. */
const char *aws_profile_get(const struct aws_files *f, const char *name, const char *key);

#endif

/*
 * What is said about an account outside of the remote's options: by the environment, by the file of
 * the Azure CLI, and inside of a connection string.
 */
#ifndef FS_AZURE_SETTINGS_H
#define FS_AZURE_SETTINGS_H

#include "base/err.h"
#include "text/value.h"

/* A variable of the environment that is not empty, or NULL. */
const char *azure_env(const char *name);

/* The file of the Azure CLI, ~/.azure/config ($AZURE_CONFIG_DIR). Zero is empty. */
struct azure_file {
	struct arena arena;
	struct value *sections;
};
void azure_file_release(struct azure_file *f);
/* A file that is missing is empty. Fails: ERR_CONFIG (malformed), ERR_IO. */
int azure_file_load(struct azure_file *f, struct err *err);

/* A key of the section [storage], or NULL: AZURE_STORAGE_<KEY> goes first, as in the library of the
 * CLI. Borrowed. */
const char *azure_storage_setting(const struct azure_file *f, const char *key);

/*
 * Take a connection string ("Name=value;Name=value") apart into a map from lower-cased names to
 * strings. Fails: ERR_CONFIG with the words of DVC's library; the message does not quote the text.
 * https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
 */
int azure_connection_parse(struct arena *a, const char *text, struct value **out, struct err *err);

/* When a shared access signature ends, if it says so. */
bool azure_sas_expiry(const char *sas, int64_t *out_s);

#endif

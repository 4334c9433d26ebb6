/*
 * JSON written item by item, for answers of a million paths: only the text is in memory. The form
 * is that of json_write() without options; commas are put where they belong.
 */
#ifndef CMD_JSON_OUT_H
#define CMD_JSON_OUT_H

#include "base/buf.h"

struct json_out {
	struct buf text;
	bool follows; /* an item stands before the next one */
};

void json_out_release(struct json_out *o);

void json_out_open(struct json_out *o, char bracket); /* '{' or '[' */
void json_out_close(struct json_out *o, char bracket);
void json_out_key(struct json_out *o, const char *key);
void json_out_string(struct json_out *o, const char *s); /* NULL: null */
/* A path, with a slash at the end of a directory. */
void json_out_path(struct json_out *o, const char *path, bool is_dir);
/* Print the document as a line. */
void json_out_say(struct json_out *o);

#endif

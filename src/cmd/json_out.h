/* Writes JSON item by item, for answers with millions of paths: only the text is kept in memory.
 * The form is that of json_write() without options; commas are added automatically. */
#ifndef CMD_JSON_OUT_H
#define CMD_JSON_OUT_H

#include "base/buf.h"

struct json_out {
	struct buf text;
	bool follows; /* the next item needs a comma before it */
};

void json_out_release(struct json_out *o);

void json_out_open(struct json_out *o, char bracket); /* '{' or '[' */
void json_out_close(struct json_out *o, char bracket);
void json_out_key(struct json_out *o, const char *key);
void json_out_string(struct json_out *o, const char *s); /* NULL: null */
/* Append a path as a string; a directory gets a slash at the end. */
void json_out_path(struct json_out *o, const char *path, bool is_dir);
/* Print the document and a newline. */
void json_out_say(struct json_out *o);

#endif

/* JSON documents that are written item by item, so that a long list is never held as values. */
#include "cmd/json_out.h"

#include "base/alloc.h"
#include "text/json.h"
#include "ui/say.h"

void json_out_release(struct json_out *o)
{
	buf_release(&o->text);
}

static void before_item(struct json_out *o)
{
	if (o->follows)
		buf_adds(&o->text, ", ");
	o->follows = true;
}

void json_out_open(struct json_out *o, char bracket)
{
	before_item(o);
	buf_addc(&o->text, bracket);
	o->follows = false;
}

void json_out_close(struct json_out *o, char bracket)
{
	buf_addc(&o->text, bracket);
	o->follows = true;
}

void json_out_key(struct json_out *o, const char *key)
{
	json_out_string(o, key);
	buf_adds(&o->text, ": ");
	o->follows = false;
}

void json_out_string(struct json_out *o, const char *s)
{
	before_item(o);
	if (s)
		json_write_string(&o->text, s, strlen(s));
	else
		buf_adds(&o->text, "null");
}

void json_out_path(struct json_out *o, const char *path, bool is_dir)
{
	if (!is_dir) {
		json_out_string(o, path);
		return;
	}
	AUTO(mem_freep) char *shown = mem_printf("%s/", path);
	json_out_string(o, shown);
}

void json_out_say(struct json_out *o)
{
	buf_addc(&o->text, '\n');
	say_raw(o->text.ptr, o->text.len);
}

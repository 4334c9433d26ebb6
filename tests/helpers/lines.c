#include "lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int lines_run(int argc, char **argv, line_fn fn)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while (argc == 2 && (n = getline(&line, &cap, stdin)) > 0) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(buf_release) struct buf out = BUF_INIT, text = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		struct value *v;
		int ret = json_parse(&a, line, (size_t)n, &v, &err);
		if (ret == 0)
			ret = fn(argv[1], &a, v, &out, &err);
		const char *s = ret < 0 ? err.msg : buf_str(&out);
		json_write_string(&text, s, strlen(s));
		printf(ret < 0 ? "{\"error\": %s}\n" : "%s\n", buf_str(&text));
	}
	free(line);
	return argc == 2 ? 0 : 2;
}

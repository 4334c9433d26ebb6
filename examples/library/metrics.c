/*
 * Prints the metrics of a repository, of its work tree or of revisions:
 *
 *     cc $(pkg-config --cflags cairn) metrics.c -o metrics $(pkg-config --libs cairn)
 *     ./metrics . v1 v2
 */
#include <cairn.h>
#include <stdio.h>
#include <string.h>

/* {"revs": ["v1", "v2"]}; names of revisions need no escapes. */
static int arguments_of(char **revs, int count, char *out, size_t room)
{
	size_t used = (size_t)snprintf(out, room, "{\"revs\": [");
	int i;

	for (i = 0; i < count; i++) {
		if (strpbrk(revs[i], "\"\\") || used + strlen(revs[i]) + 8 > room)
			return -1;
		used += (size_t)snprintf(out + used, room - used, "%s\"%s\"", i ? ", " : "", revs[i]);
	}
	(void)snprintf(out + used, room - used, "]}");
	return 0;
}

int main(int argc, char **argv)
{
	cairn_error error = CAIRN_ERROR_INIT;
	cairn_repo *repo = NULL;
	char arguments[1024], *json = NULL;
	int r;

	if (argc < 2 || arguments_of(argv + 2, argc - 2, arguments, sizeof(arguments)) < 0) {
		fprintf(stderr, "usage: metrics DIRECTORY-OR-URL [REVISION...]\n");
		return 2;
	}

	r = cairn_repo_open(argv[1], NULL, &repo, &error);
	if (r >= 0)
		r = cairn_query(repo, "metrics", arguments, &json, &error);
	if (r >= 0)
		printf("%s\n", json);
	else
		fprintf(stderr, "%s: %s\n", error.kind, error.message);

	cairn_free(json);
	cairn_repo_close(repo);
	cairn_error_clear(&error);
	return r < 0 ? 1 : 0;
}

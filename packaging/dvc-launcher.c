/* The program `dvc` of the wheel of that name: runs the `cairn` beside it, as `dvc`. A wheel has no
 * links, and a copy of the program would double its size. Static, so that it costs a fraction of a
 * millisecond. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static const char program[] = "cairn";
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof(program));
	if (n <= 0) {
		perror("dvc: unable to find its own directory");
		return 127;
	}
	path[n] = '\0';
	memcpy(strrchr(path, '/') + 1, program, sizeof(program));

	if (argc > 0)
		argv[0] = (char *)"dvc";
	execv(path, argv);
	fprintf(stderr, "dvc: unable to run '%s': ", path);
	perror(NULL);
	fputs("It comes with the package cairn-dvc: pip install --force-reinstall cairn-dvc\n",
		stderr);
	return 127;
}

#include "base/spread.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/path.h"

bool spread_pays(const char *dir)
{
	struct statfs fs;
	struct stat st;
	char link[64], target[512];
	if (statfs(dir, &fs) < 0 || fs.f_type != EXT4_SUPER_MAGIC || stat(dir, &st) < 0)
		return false;

	snprintf(link, sizeof(link), "/sys/dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';

	AUTO(mem_freep) char *task = mem_printf(
		"/sys/fs/ext4/%s/journal_task", path_basename(target));
	AUTO(buf_release) struct buf text = BUF_INIT;
	/* no journal task: no journal */
	return file_read(task, &text, NULL) >= 0 && strncmp(buf_str(&text), "<none>", 6) == 0;
}

void spread_below(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), flags = 0;
	if (fd < 0)
		return;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && !(flags & FS_TOPDIR_FL)) {
		flags |= FS_TOPDIR_FL;
		/* not permitted: then it is only slower */
		(void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
	close(fd);
}

void spread_begin(struct spread *s, const char *dir)
{
	if (!spread_pays(dir))
		return;

	AUTO(mem_freep) char *scratch = mem_printf("%s/.%d.cairn-tmp", dir, (int)getpid());
	/* noted before it exists, so that no interrupt in between leaves it behind */
	s->note = cleanup_note_dir(scratch);

	if (mkdir(scratch, 0700) < 0) {
		cleanup_forget(s->note);
		s->note = 0;
		return;
	}
	spread_below(scratch);
	s->scratch = TAKE(scratch);
}

int spread_mkdir(struct spread *s, const char *path)
{
	if (!s->scratch)
		return mkdir(path, 0777);
	/* the kernel chooses the group by a hash of the name, so every name is different */
	AUTO(mem_freep) char *made = mem_printf("%s/%d-%u", s->scratch, (int)getpid(), s->count++);

	if (mkdir(made, 0777) < 0)
		/* the scratch directory is gone or full: create it in place */
		return mkdir(path, 0777);

	if (rename(made, path) == 0)
		return 0;
	int why = errno;
	(void)rmdir(made);
	/* rename() replaces an empty directory, and reports an existing file or full directory
	 * differently from mkdir() */
	errno = why == ENOTEMPTY || why == ENOTDIR ? EEXIST : why;
	return -1;
}

void spread_end(struct spread *s)
{
	if (s->scratch)
		(void)rmdir(s->scratch);
	cleanup_forget(s->note);
	free(s->scratch);
	*s = (struct spread){0};
}

/* The sections FILES and ENVIRONMENT of the manual's pages. */
#include "base/str.h"
#include "base/strlist.h"
#include "cmd/manual.h"

struct place {
	const char *name;
	const char *help;
	const char *of; /* commands whose pages show it, as "a,b,"; cairn(1) shows all */
};

static const struct place files[] = {
	{"dvc.yaml", "stages, metrics, plots, artifacts and datasets",
		"stage,repro,exp,queue,freeze,unfreeze,dag,why,metrics,artifacts,dataset,schema,remove,"},
	{"dvc.lock", "what each stage was when it ran last",
		"repro,exp,commit,status,why,install,schema,"},
	{"*.dvc", "tracked files and directories, and imports",
		"add,import,import-url,update,move,remove,freeze,unfreeze,schema,commit,"},
	{"params.yaml", "parameters, unless a stage names other files", "params,exp,stage,"},
	{".dvcignore", "patterns of paths to leave alone", "check-ignore,add,status,data,"},
	{".dvc/config", "configuration of the project, for all its clones", "config,remote,cache,"},
	{".dvc/config.local", "configuration of this clone", "config,remote,cache,"},
	{"~/.config/dvc/config", "configuration of the user", "config,remote,cache,"},
	{".dvc/cairn.config, .dvc/cairn.config.local, ~/.config/cairn/config",
		"executors: of the project, of this clone, of the user; see the guide on clusters",
		"executor,repro,exp,queue,"},
	{"/etc/xdg/dvc/config", "configuration of the machine", "config,remote,cache,"},
	{".dvc/cache", "the cache, unless cache.dir names another directory",
		"cache,gc,fsck,du,checkout,fetch,push,destroy,"},
	{".dvc/tmp/jobs", "what was submitted to executors, and what the jobs report", "executor,"},
	{".dvc/tmp", "locks, logs, and experiments that run beside the workspace",
		"exp,queue,destroy,"},
	{"/var/tmp/dvc",
		"hashes of files and past runs of stages, for all projects; see core.site_cache_dir",
		"log,"},
};

static const struct place environment[] = {
	{"DVC_SITE_CACHE_DIR", "the directory in the place of /var/tmp/dvc and core.site_cache_dir",
		"log,config,"},
	{"DVC_GLOBAL_CONFIG_DIR",
		"directory of the user's configuration file; else $XDG_CONFIG_HOME/dvc",
		"config,remote,cache,"},
	{"CAIRN_CONFIG", "a configuration file that takes precedence over all others",
		"config,remote,cache,"},
	{"DVC_SYSTEM_CONFIG_DIR",
		"directory of the machine's configuration file; else the first of $XDG_CONFIG_DIRS, with /dvc",
		"config,remote,cache,"},
	{"DVC_PAGER, PAGER", "pager of long output on a terminal; default: less", "exp,dag,"},
	{"COLUMNS", "width of tables; default: that of the terminal, or 80", "exp,why,repro,"},
	{"NO_COLOR, CLICOLOR_FORCE",
		"no colours at all, or colours also where no terminal is, unless --color is given",
		""},
	{"TERM", "with 'dumb' neither colours nor a line of progress", ""},
	{"BROWSER", "the commands that open the page of plots, separated by ':'", "plots,"},
	{"VIRTUAL_ENV",
		"the Python environment whose vl-convert writes plots as files; else that of PATH",
		"plots,"},
	{"TERM, COLORTERM", "which colours drawings have", "plots,"},
	{"TERM, TERM_PROGRAM, LC_TERMINAL, KITTY_WINDOW_ID, KONSOLE_VERSION, WEZTERM_PANE, TMUX",
		"whether and how the terminal shows images", "plots,"},
	{"LC_ALL, LC_CTYPE, LANG",
		"drawings are in ASCII if the first that is set names another encoding than UTF-8",
		"metrics,exp,plots,"},
	{"SHELL", "the shell that runs commands of stages; default: /bin/sh", "repro,exp,stage,"},
	{"GIT_SSH_COMMAND, GIT_SSH",
		"how git reaches the hosts of executors of type ssh; default: as cairn does",
		"executor,"},
	{"DVC_ROOT, DVC_STAGE", "set for commands of stages: the project, and the stage's name",
		"repro,exp,"},
	{"DVC_EXP_NAME, DVC_EXP_BASELINE_REV",
		"set for commands of stages in an experiment: its name, and the commit it starts from",
		"exp,queue,"},
	{"DVC_EXP_AUTO_PUSH, DVC_EXP_GIT_REMOTE",
		"take the place of exp.auto_push and exp.git_remote", "exp,"},
	{"PYTHONPATH", "where the package of hydra.config_module is looked for", "exp,"},
	{"CUDA_VISIBLE_DEVICES", "the GPUs that stages get; default: all that there are",
		"repro,exp,"},
	{"CAIRN_JOB",
		"set for commands that run on an executor, to the job's name: cairn in them uses no executor",
		"executor,repro,exp,"},
	{"SLURM_CONF, SBATCH_ACCOUNT, SBATCH_PARTITION, SBATCH_QOS, SBATCH_TIMELIMIT, ...",
		"handed on to the commands of Slurm; others of SLURM_* and SBATCH_* are not",
		"executor,repro,exp,"},
	{"SLURMD_NODENAME", "how the scheduler calls a node", "executor,"},
	{"TMPDIR", "where other repositories are cloned; default: /tmp",
		"get,import,update,list,du,artifacts,"},
	{"CAIRN_BWLIMIT",
		"bytes per second of all transfers, unless --bwlimit is given: 500K, 1.5M",
		"push,pull,fetch,get,import,update,list,get-url,import-url,"},
	{"SSL_CERT_FILE", "certificates to trust; default: those of the system",
		"push,pull,fetch,remote,get-url,import-url,"},
	{"NETRC", "passwords of web servers; default: ~/.netrc", "push,pull,fetch,remote,"},
	{"AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE",
		"certificates to trust for S3, in place of SSL_CERT_FILE",
		"push,pull,fetch,remote,"},
	{"AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE, ...",
		"credentials of S3, as the tools of AWS read them", "push,pull,fetch,remote,"},
	{"http_proxy, HTTPS_PROXY, NO_PROXY", "proxies", "push,pull,fetch,remote,"},
	{"GIT_ALLOW_PROTOCOL",
		"protocols to clone by, as in git(1); default: file:git:http:https:ssh:ftp:ftps",
		"get,import,update,list,du,artifacts,"},
	{"GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL",
		"who makes the commits of experiments; default: user.name and user.email of Git",
		"exp,"},
};

static bool belongs(const struct place *p, const struct cmd *const *chain, int depth)
{
	AUTO(strlist_release) struct strlist of = STRLIST_INIT;
	strlist_split(&of, p->of, ',');
	return !depth || strlist_has(&of, chain[0]->name);
}

static void add_section(struct buf *out, const struct manual_format *f, const char *title,
	const struct place *places, size_t n, const struct cmd *const *chain, int depth)
{
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		if (!belongs(&places[i], chain, depth))
			continue;
		if (!any)
			f->section(out, title);
		any = true;
		f->entry(out, places[i].name, places[i].help);
	}

	if (any && depth)
		f->others(out);
}

void manual_add_places(
	struct buf *out, const struct manual_format *f, const struct cmd *const *chain, int depth)
{
	add_section(out, f, "FILES", files, ARRAY_SIZE(files), chain, depth);
	add_section(out, f, "ENVIRONMENT", environment, ARRAY_SIZE(environment), chain, depth);
}

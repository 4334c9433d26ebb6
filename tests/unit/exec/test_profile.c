#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../sandbox.h"
#include "base/str.h"
#include "exec/profile.h"

#define GPU "[executor \"gpu\"]\n"

static void open_without_user(struct sandbox *s)
{
	sandbox_open(s);
	assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
}

/* "key=text (file:line)" of all values, one a line; those that have their default only with
 * `defaults`. */
static void describe(struct repo *repo, const char *name, bool defaults, struct buf *out)
{
	AUTO(profile_values_release) struct profile_values values = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	if (profile_describe(repo, name, &values, &err) < 0)
		buf_addf(out, "!%s", err_text(&err));
	VEC_EACH (&values, v)
		if (v->file)
			buf_addf(out, "%s=%s (%s:%d)\n", v->key, v->text, v->file, v->line);
		else if (defaults)
			buf_addf(out, "%s=%s\n", v->key, v->text);
}

static void profiles_are_read(void **state)
{
	struct sandbox s;
	struct profile *p;
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	open_without_user(&s);
	sandbox_write(&s, ".dvc/cairn.config",
		"[core]\n    executor = GPU\n"
		"['executor \"GPU\"']\n"
		"    type = slurm   # the big one\n"
		"    partition = a100,v100\n"
		"    cpu = 1.5\n    mem = 16GB\n    gpu = 2\n    time = 1h30m\n"
		"    options = --exclusive --mail-type=END,FAIL --comment2='a b'\n"
		"    map.License = --licenses=x:{n}\n"
		"    setup = \"\"\"module load cuda\n"
		"source venv/bin/activate\"\"\"\n"
		"    env = CUDA_HOME, WANDB_MODE\n"
		"    requeue = No\n    grace = 0\n"
		"[executor \"lab\"]\n"
		"    type = ssh\n"
		"    host = node1:2, me@node2, '[::1]:4', ::2\n"
		"[executor \"one\"]\n"
		"    type = command\n    submit = qsub {script}\n");

	if (profile_load(&s.repo, "gpu", &p, &err) < 0)
		fail_msg("%s", err_text(&err));
	AUTO(mem_freep) char *options = strlist_join(&p->options, "|");
	AUTO(mem_freep) char *env = strlist_join(&p->env, "|");
	assert_string_equal(p->name, "gpu");
	assert_int_equal(p->type, PROFILE_SLURM);
	assert_string_equal(p->partition, "a100,v100");
	assert_true(p->cpu == 1.5 && p->gpu == 2.0);
	assert_int_equal(p->mem_bytes, 16000000000);
	assert_int_equal(p->time_s, 5400);
	assert_string_equal(options, "--exclusive|--mail-type=END,FAIL|--comment2=a b");
	assert_int_equal(p->maps.count, 1);
	assert_string_equal(p->maps.items[0].name, "License");
	assert_string_equal(p->maps.items[0].option, "--licenses=x:{n}");
	assert_string_equal(p->setup, "module load cuda\nsource venv/bin/activate");
	assert_string_equal(env, "CUDA_HOME|WANDB_MODE");
	assert_false(p->requeue);
	assert_int_equal(p->grace_s, 0);
	/* defaults */
	assert_string_equal(p->gpu_option, "--gres=gpu:{n}");
	assert_null(p->account);
	assert_null(p->program);
	assert_int_equal(p->max_submitted, 1000);
	assert_int_equal(p->group, 1);
	assert_int_equal(p->group_until_s, 60);
	assert_int_equal(p->retries, 2);
	assert_int_equal(p->poll_s, 15);
	assert_int_equal(p->beat_s, 30);
	profile_free(p);

	assert_int_equal(profile_load(&s.repo, "LAB", &p, NULL), 0);
	assert_int_equal(p->hosts.count, 4);
	AUTO(buf_release) struct buf hosts = BUF_INIT;
	VEC_EACH (&p->hosts, h)
		buf_addf(&hosts, "%s*%d ", h->name, h->slots);
	assert_string_equal(buf_str(&hosts), "node1*2 me@node2*1 ::1*4 ::2*1 ");
	assert_string_equal(p->dir, "cairn");
	profile_free(p);

	assert_int_equal(profile_load(&s.repo, "local", &p, NULL), 0);
	assert_int_equal(p->type, PROFILE_LOCAL);
	profile_free(p);

	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(mem_freep) char *chosen = NULL;
	assert_int_equal(profile_names(&s.repo, &names, NULL), 0);
	AUTO(mem_freep) char *all = strlist_join(&names, " ");
	assert_string_equal(all, "gpu lab one");
	assert_int_equal(profile_default(&s.repo, &chosen, NULL), 0);
	assert_string_equal(chosen, "GPU");
	sandbox_release(&s);
}

static void later_files_count_key_by_key(void **state)
{
	struct sandbox s;
	AUTO(buf_release) struct buf got = BUF_INIT;
	(void)state;
	open_without_user(&s);
	/* the scratch directory is the home directory and the root of the repository */
	sandbox_write(&s, ".config/cairn/config",
		GPU "type = slurm\naccount = mine\npartition = mine\nqos = mine\n");
	sandbox_write(&s, ".dvc/cairn.config", GPU "partition = ours\ntime = 2h\nqos = ours\n");
	sandbox_write(&s, ".dvc/cairn.config.local", "\n" GPU "time = 10m\nqos =\nrequeue =\n");
	describe(&s.repo, "gpu", false, &got);
	assert_string_equal(buf_str(&got), "type=slurm (.config/cairn/config:2)\n"
					   "partition=ours (.dvc/cairn.config:2)\n"
					   "account=mine (.config/cairn/config:3)\n"
					   "time=10m (.dvc/cairn.config.local:3)\n");

	/* a file elsewhere is named in full */
	struct tmpdir other = tmpdir_make();
	tmpdir_write(&other, "cairn/config", GPU "type = slurm\nqos = other\npartition = x\n");
	assert_int_equal(setenv("XDG_CONFIG_HOME", other.path, 1), 0);
	assert_int_equal(unlink(".dvc/cairn.config.local"), 0);
	assert_int_equal(unlink(".dvc/cairn.config"), 0);
	buf_clear(&got);
	describe(&s.repo, "gpu", false, &got);
	AUTO(mem_freep)
	char *expected = mem_printf("type=slurm (%s/cairn/config:2)\n"
				    "partition=x (%s/cairn/config:4)\n"
				    "qos=other (%s/cairn/config:3)\n",
		other.path, other.path, other.path);
	assert_string_equal(buf_str(&got), expected);
	assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
	tmpdir_release(&other);
	sandbox_release(&s);
}

static void defaults_are_described(void **state)
{
	struct sandbox s;
	AUTO(buf_release) struct buf got = BUF_INIT;
	(void)state;
	open_without_user(&s);
	sandbox_write(
		&s, ".dvc/cairn.config", GPU "type = slurm\nmap.License = --licenses=x:{n}\n");
	describe(&s.repo, "gpu", true, &got);
	assert_string_equal(buf_str(&got),
		"type=slurm (.dvc/cairn.config:2)\n"
		"gpu-option=--gres=gpu:{n}\nmax-submitted=1000\ngroup=1\ngroup-until=60s\n"
		"grace=60s\nretries=2\ninterval=15s\nbeat=30s\nrequeue=yes\n"
		"map.License=--licenses=x:{n} (.dvc/cairn.config:3)\n");
	buf_clear(&got);
	describe(&s.repo, "local", true, &got);
	assert_string_equal(buf_str(&got), "type=local\n");
	sandbox_release(&s);
}

/* Each text is .dvc/cairn.config, and the profile is "gpu". */
static void errors_name_the_place(void **state)
{
#define AT "!.dvc/cairn.config:"
#define SLURM_HAS                                                                                     \
	"account, beat, constraint, cpu, env, gpu, gpu-option, grace, group, group-until, interval, " \
	"map.NAME, max-submitted, mem, options, partition, program, qos, requeue, retries, setup, time, type"
#define HOSTS "hosts for ssh with the number of jobs at a time, such as 'node1:2, user@node2'"
	static const struct {
		const char *shows, *text, *expected;
	} cases[] = {
		{"no file", NULL, "!there is no executor 'gpu'; there are: local"},
		{"another name", "[executor \"cpu\"]\ntype = slurm\n",
			"!there is no executor 'gpu'; there are: cpu, local"},
		{"other names", "[executor \"big\"]\ntype = slurm\n[executor \"a\"]\n",
			"!there is no executor 'gpu'; there are: a, big, local"},
		{"a key that is nearly one", GPU "type = slurm\n\npartion = x\n",
			AT
			"4: unknown key 'partion' in [executor \"gpu\"]; did you mean 'partition'?"},
		{"a key like no other", GPU "type = slurm\ncolour = x\n",
			AT
			"3: unknown key 'colour' in [executor \"gpu\"]; an executor of type slurm has: " SLURM_HAS},
		{"a key of another type", GPU "type = ssh\nhost = a\npartition = x\n",
			AT
			"4: an executor of type ssh has no 'partition' ([executor \"gpu\"]); it has: "
			"beat, dir, env, grace, host, interval, program, retries, setup, type"},
		{"a map for ssh", GPU "type = ssh\nhost = a\nmap.x = --x={n}\n",
			AT
			"4: an executor of type ssh has no 'map.x' ([executor \"gpu\"]); it has: "
			"beat, dir, env, grace, host, interval, program, retries, setup, type"},
		{"this machine has no keys", GPU "type = local\ncpu = 3\n",
			AT
			"3: an executor of type local has no 'cpu' ([executor \"gpu\"]); it has: type"},
		{"no type", "\n" GPU "cpu = 3\n",
			AT
			"2: [executor \"gpu\"] has no 'type', which is local, slurm, ssh or command"},
		{"nothing at all", GPU,
			AT
			"1: [executor \"gpu\"] has no 'type', which is local, slurm, ssh or command"},
		{"a type that is nearly one", GPU "type = slrm\n",
			AT "2: unknown type 'slrm' in [executor \"gpu\"]; did you mean 'slurm'?"},
		{"an unknown type", GPU "type = cloud\n",
			AT "2: 'type' is to be local, slurm, ssh or command, not 'cloud'"},
		{"the name of this machine", "[executor \"local\"]\ntype = slurm\n",
			AT
			"1: 'local' cannot be the name of an executor: it is this machine, always"},
		{"a name with a slash", "[executor \"../x\"]\ntype = slurm\n",
			AT
			"1: '../x' cannot be a name: it is to have letters, digits, '.', '_' and '-', "
			"at most 64, and to begin with a letter or a digit"},
		{"a name that is a directory", "[executor \"..\"]\ntype = slurm\n",
			AT
			"1: '..' cannot be a name: it is to have letters, digits, '.', '_' and '-', "
			"at most 64, and to begin with a letter or a digit"},
		{"no name", "[executor \"\"]\ntype = slurm\n",
			AT
			"1: '' cannot be a name: it is to have letters, digits, '.', '_' and '-', "
			"at most 64, and to begin with a letter or a digit"},
		{"a section without a name", "[executor]\ntype = slurm\n",
			AT "1: unknown section [executor]"},
		{"a section with another name", "[executer \"gpu\"]\ntype = slurm\n",
			AT "1: unknown section [executer \"gpu\"]"},
		{"a section of DVC", "[remote \"x\"]\nurl = y\n",
			AT "1: unknown section [remote \"x\"]"},
		{"a key before all sections", "type = slurm\n" GPU,
			AT "1: 'type' stands before any section"},
		{"a key of core that is nearly one", "[core]\nexecuter = x\n",
			AT "2: unknown key 'executer' in [core]; did you mean 'executor'?"},
		{"a key of DVC's core", "[core]\nremote = x\n",
			AT "2: unknown key 'remote' in [core], which has: executor"},
		{"no INI file", "[executor",
			"!.dvc/cairn.config: Invalid line ('[executor') (matched as "
			"neither section nor keyword) at line 1."},
		{"a key twice", GPU "type = slurm\ntype = ssh\n",
			"!.dvc/cairn.config: Duplicate keyword name at line 3."},
		{"a negative number", GPU "type = slurm\ncpu = -1\n",
			AT "3: 'cpu' is to be a number, not '-1'"},
		{"no number", GPU "type = slurm\ncpu = nan\n",
			AT "3: 'cpu' is to be a number, not 'nan'"},
		{"a list of numbers", GPU "type = slurm\ncpu = 1, 2\n",
			AT "3: 'cpu' is to be a number, not '1, 2'"},
		{"a huge number", GPU "type = slurm\ncpu = 1e9\n",
			AT "3: 'cpu' is at most 1000000, not '1e9'"},
		{"half a device", GPU "type = slurm\ngpu = 0.5\n",
			AT "3: 'gpu' is to be a whole number, not '0.5'"},
		{"huge memory", GPU "type = slurm\nmem = 1e300TB\n",
			AT
			"3: 'mem' is to be a number of bytes, or one with a unit such as 16GB, not '1e300TB'"},
		{"an unknown unit", GPU "type = slurm\nmem = 3 stone\n",
			AT
			"3: 'mem' is to be a number of bytes, or one with a unit such as 16GB, not '3 stone'"},
		{"a time as Slurm has it", GPU "type = slurm\ntime = 2:00:00\n",
			AT "3: 'time' is to be a time such as 90s, 30m or 2h, not '2:00:00'"},
		{"no time between questions", GPU "type = slurm\ninterval = 0\n",
			AT "3: 'interval' is to be a time such as 90s, 30m or 2h, not '0'"},
		{"a beat of a day", GPU "type = slurm\nbeat = 1d\n",
			AT "3: 'beat' is at most 3600 seconds, not '1d'"},
		{"too many jobs", GPU "type = slurm\nmax-submitted = 99999999999999999999\n",
			AT "3: 'max-submitted' is to be a whole number from 1 to 1000000, not "
			   "'99999999999999999999'"},
		{"groups of none", GPU "type = slurm\ngroup = 0\n",
			AT "3: 'group' is to be a whole number from 1 to 1000000, not '0'"},
		{"perhaps", GPU "type = slurm\nrequeue = perhaps\n",
			AT "3: 'requeue' is to be yes or no, not 'perhaps'"},
		{"control characters", GPU "type = slurm\npartition = a\x1b[2J\n",
			AT
			"3: 'partition' is to be one line without control characters, not 'a\x1b[2J'"},
		{"several lines", GPU "type = slurm\naccount = \"\"\"a\nb\"\"\"\n",
			AT "3: 'account' is to be one line without control characters, not 'a\nb'"},
		{"the line after a value of several",
			GPU "type = slurm\nsetup = \"\"\"a\nb\"\"\"\ncpu = x\n",
			AT "5: 'cpu' is to be a number, not 'x'"},
		{"an option of cairn's own", GPU "type = slurm\noptions = --exclusive --array=3\n",
			AT
			"3: 'options' cannot have '--array=3': cairn itself decides that option"},
		{"a short one", GPU "type = slurm\noptions = -Jname\n",
			AT "3: 'options' cannot have '-Jname': cairn itself decides that option"},
		{"a quote without its other", GPU "type = slurm\noptions = --comment='a\n",
			AT
			"3: 'options' is to be options of sbatch, with quotes in pairs, not '--comment='a'"},
		{"devices without a number", GPU "type = slurm\ngpu-option = --gres=gpu\n",
			AT "3: 'gpu-option' is to be an option with {n} for the amount, such as "
			   "--gres=gpu:{n}, not '--gres=gpu'"},
		{"another word in braces", GPU "type = slurm\nmap.x = --x={count}\n",
			AT "3: 'map.x' has {count}, which is not known; {n} is the amount"},
		{"a map of nothing", GPU "type = slurm\nmap. = --x={n}\n",
			AT "3: 'map.' is to name a resource, as in map.license"},
		{"a map of what is known", GPU "type = slurm\nmap.mem = --mem={n}\n",
			AT "3: 'map.mem' is not needed: cairn requests 'mem' itself"},
		{"a variable with a value", GPU "type = slurm\nenv = A=b\n",
			AT
			"3: 'env' is to be names of variables such as 'CUDA_HOME, WANDB_MODE', or *, not 'A=b'"},
		{"no host", GPU "type = ssh\n",
			AT "1: [executor \"gpu\"] has no 'host', which type ssh needs"},
		{"a host that is an option", GPU "type = ssh\nhost = -oProxyCommand=x\n",
			AT "3: 'host' is to be " HOSTS ", not '-oProxyCommand=x'"},
		{"an option behind a user", GPU "type = ssh\nhost = me@-oProxyCommand=x\n",
			AT "3: 'host' is to be " HOSTS ", not 'me@-oProxyCommand=x'"},
		{"a host for a shell", GPU "type = ssh\nhost = a;b\n",
			AT "3: 'host' is to be " HOSTS ", not 'a;b'"},
		{"a host with a blank", GPU "type = ssh\nhost = a b\n",
			AT "3: 'host' is to be " HOSTS ", not 'a b'"},
		{"no slots", GPU "type = ssh\nhost = a:0\n",
			AT "3: 'host' is to be " HOSTS ", not 'a:0'"},
		{"slots that are none", GPU "type = ssh\nhost = 'b', 'a:x'\n",
			AT "3: 'host' is to be " HOSTS ", not ''b', 'a:x''"},
		{"an empty host", GPU "type = ssh\nhost = a,,b\n",
			AT "3: 'host' is to be " HOSTS ", not 'a,,b'"},
		{"a bracket", GPU "type = ssh\nhost = [::1\n",
			AT "3: 'host' is to be " HOSTS ", not '[::1'"},
		{"a directory that is an option", GPU "type = ssh\nhost = a\ndir = -x\n",
			AT "4: 'dir' is to be a path that does not begin with '-', not '-x'"},
		{"no way to submit", GPU "type = command\n",
			AT "1: [executor \"gpu\"] has no 'submit', which type command needs"},
		{"an unknown word in a line", GPU "type = command\nsubmit = x {scrpt}\n",
			AT
			"3: 'submit' has {scrpt}, which is not known; it may have {script}, {name}, "
			"{comment}, {count}, {cpus}, {gpus}, {mem_mib}, {time_s}, {dir}, {options}"},
		{"a word of another line",
			GPU "type = command\nsubmit = x {script}\nfind = y {ids}\n",
			AT "4: 'find' has {ids}, which is not known; it may have {name}"},
		{"a line that does nothing", GPU "type = command\nsubmit = qsub\n",
			AT "3: 'submit' has no {script}"},
		{"a map without a place",
			GPU "type = command\nsubmit = x {script}\nmap.l = -l {n}\n",
			AT
			"1: [executor \"gpu\"] has map.l, but no {options} in 'submit' where they could go"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sandbox s;
		AUTO(buf_release) struct buf got = BUF_INIT;
		open_without_user(&s);
		if (cases[i].text)
			sandbox_write(&s, ".dvc/cairn.config", cases[i].text);
		describe(&s.repo, "gpu", false, &got);
		sandbox_release(&s);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s:\n%s\nnot\n%s", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void an_empty_value_takes_back(void **state)
{
	struct sandbox s;
	struct profile *p;
	AUTO(mem_freep) char *chosen = NULL;
	(void)state;
	open_without_user(&s);
	sandbox_write(
		&s, ".dvc/cairn.config", "[core]\nexecutor = gpu\n" GPU "type = slurm\nhost =\n");
	sandbox_write(&s, ".dvc/cairn.config.local", "[core]\nexecutor =\n");
	assert_int_equal(profile_default(&s.repo, &chosen, NULL), 0);
	assert_null(chosen);
	/* also of a key that the type does not have */
	assert_int_equal(profile_load(&s.repo, "gpu", &p, NULL), 0);
	profile_free(p);
	sandbox_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profiles_are_read),
		cmocka_unit_test(later_files_count_key_by_key),
		cmocka_unit_test(defaults_are_described),
		cmocka_unit_test(errors_name_the_place),
		cmocka_unit_test(an_empty_value_takes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The completion scripts. A script only passes the command line to `complete` (cmd/complete.c) and
 * takes its answer. So it contains no command names, and stays right when the program is
 * updated. */
#include "cmd/manual.h"

static const char bash_script[] =
	"# bash completion for ~; load it with: eval \"$(~ completion -s bash)\"\n"
	"_~()\n"
	"{\n"
	"\tlocal mode\n"
	"\tmapfile -t COMPREPLY < <(command ~ complete \"--line=${COMP_LINE:0:COMP_POINT}\" 2>/dev/null)\n"
	"\tmode=${COMPREPLY[0]}\n"
	"\tCOMPREPLY=(\"${COMPREPLY[@]:1}\")\n"
	"\tcase $mode in\n"
	"\tpart) compopt -o nospace 2>/dev/null ;;\n"
	"\tfiles) COMPREPLY=() && compopt -o default 2>/dev/null ;;\n"
	"\tdirs) COMPREPLY=() && compopt -o dirnames 2>/dev/null ;;\n"
	"\tesac\n"
	"}\n"
	"complete -F _~ ~\n";

static const char zsh_script[] =
	"#compdef ~\n"
	"# zsh completion for ~; load it with: eval \"$(~ completion -s zsh)\"\n"
	"_~()\n"
	"{\n"
	"\tlocal -a lines values shown\n"
	"\tlocal line\n"
	"\tlines=(\"${(@f)$(command ~ complete -- \"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" 2>/dev/null)}\")\n"
	"\tfor line in \"${(@)lines[2,-1]}\"; do\n"
	"\t\tvalues+=(\"${line%%$'\\t'*}\")\n"
	"\t\tshown+=(\"${line//$'\\t'/  -- }\")\n"
	"\tdone\n"
	"\tshown=(\"${(@)shown%  -- }\")\n"
	"\tcase $lines[1] in\n"
	"\twords) compadd -l -d shown -a values ;;\n"
	"\tpart) compadd -S '' -l -d shown -a values ;;\n"
	"\tfiles) [[ $PREFIX == -*=* ]] && compset -P '*='; _files ;;\n"
	"\tdirs) [[ $PREFIX == -*=* ]] && compset -P '*='; _files -/ ;;\n"
	"\tesac\n"
	"}\n"
	"if [[ $funcstack[1] == _~ ]]; then _~ \"$@\"; else compdef _~ ~; fi\n";

static const char fish_script[] =
	"# fish completion for ~; load it with: ~ completion -s fish | source\n"
	"function __~_complete\n"
	"\tset -l words (commandline -opc)\n"
	"\tset -l word (commandline -ct)\n"
	"\tset -l plain (string unescape -- $word; or string trim -l -c '\"\\'' -- $word; or echo)\n"
	"\tset -l lines (command ~ complete -- $words[2..-1] \"$plain\" 2>/dev/null)\n"
	"\tswitch \"$lines[1]\"\n"
	"\tcase files\n"
	"\t\t__fish_complete_path (string replace -r -- '^-.*?=' '' \"$plain\")\n"
	"\tcase dirs\n"
	"\t\t__fish_complete_directories (string replace -r -- '^-.*?=' '' \"$plain\")\n"
	"\tcase '*'\n"
	"\t\tprintf '%s\\n' $lines[2..-1]\n"
	"\tend\n"
	"end\n"
	"complete -c ~ -f -a '(__~_complete)'\n";

/* Append a script; "~" in it stands for the program's name. */
static void add_script(struct buf *out, const char *script, const char *program)
{
	for (const char *p = script; *p; p++) {
		if (*p == '~')
			buf_adds(out, program);
		else
			buf_addc(out, *p);
	}
}

void completion_bash(struct buf *out, const char *program)
{
	add_script(out, bash_script, program);
}

void completion_zsh(struct buf *out, const char *program)
{
	add_script(out, zsh_script, program);
}

void completion_fish(struct buf *out, const char *program)
{
	add_script(out, fish_script, program);
}

/*
 * Input: the exit status, then what a batch system's command has printed, on both streams. Ids of
 * Slurm's jobs are numbers, with or without an index; what is accepted has an id, what is not has
 * words.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "exec/batch/batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_hints(const struct batch_hints *hints, bool of_slurm)
{
	VEC_EACH (hints, h) {
		size_t digits = strspn(h->id, "0123456789");
		const char *index = h->id[digits] == '_' ? h->id + digits + 1 : "0";
		if (!*h->id || h->state == BATCH_UNASKED || (h->reason && !*h->reason) ||
			(h->comment && !*h->comment))
			abort();
		if (of_slurm &&
			(digits == 0 || !*index || strspn(index, "0123456789") != strlen(index)))
			abort();
	}
}

static void check_system(const struct batch_system *s, const struct batch_answer *a)
{
	AUTO(batch_hints_release) struct batch_hints hints = {0};
	AUTO(batch_hints_release) struct batch_hints past = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(mem_freep) char *id = NULL;
	bool of_slurm = s == &batch_slurm;

	enum batch_said said = s->submitted(a, &id, &why);
	if ((said == BATCH_OK) != (id != NULL) || (said != BATCH_OK && !*err_text(&why)))
		abort();
	if (id && (!*id || *id == '-' || strpbrk(id, " \n")))
		abort();

	said = s->answered(a, &hints, &why);
	if (said != BATCH_OK && (hints.count || !*err_text(&why)))
		abort();
	check_hints(&hints, of_slurm);
	if (s->history && s->history(a, &past, &why) == BATCH_OK)
		check_hints(&past, of_slurm);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { MOST_DIGITS = 4 }; /* ranges of elements are written out, so long ones take time */
	if (size == 0)
		return 0;
	AUTO(mem_freep) char *text = mem_strndup((const char *)data + 1, size - 1);
	for (const char *c = text; *c; c++)
		if (strspn(c, "0123456789") > MOST_DIGITS)
			return 0;
	struct batch_answer a = {.status = data[0] & 0x7f ? data[0] : 0,
		.timed_out = data[0] == 0x80,
		.out = text,
		.err = text};
	check_system(&batch_slurm, &a);
	check_system(&batch_command, &a);
	return 0;
}

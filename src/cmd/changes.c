#include "cmd/changes.h"

#include "ui/say.h"

static void show(char letter, const struct strlist *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		say("%c       %s", letter, paths->items[i]);
}

void changes_show(const struct checkout_report *r)
{
	show('M', &r->modified);
	show('A', &r->added);
	show('D', &r->deleted);
}

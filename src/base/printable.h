/*
 * Text that a terminal takes as text. Names, values and messages come from repositories and servers
 * of others; a control sequence in one of them could clear the screen, write to the clipboard, or
 * make a line look like another. So each control character but the line end and the tabulator is
 * shown as a JSON string has it ("\u001b"): ESC and the rest of C0, DEL, C1 (U+0080 to U+009F, also
 * as single bytes, "\x9b"), and what turns the direction of writing around (U+202A to U+202E,
 * U+2066 to U+2069).
 */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include "base/buf.h"

enum printable_flags {
	PRINTABLE_STYLES = 1 << 0,  /* leave colours and the like ("\033[1;31m") */
	PRINTABLE_RETURNS = 1 << 1, /* leave "\r": progress bars */
};

void printable_add(struct buf *out, const char *text, size_t len, unsigned flags);
/* How much of the text can be shown before more of it is known: an unfinished character or sequence
 * at its end is left out. */
size_t printable_whole(const char *text, size_t len);

#endif

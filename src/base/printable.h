/*
 * Text that is safe for a terminal. Names, values and messages come from repositories and servers
 * of other people. A control sequence in them could clear the screen, write to the clipboard, or
 * forge a line. Every control character except line feed and tab is therefore written as in a JSON
 * string ("\u001b"): ESC and the rest of C0, DEL, C1 (U+0080 to U+009F; as single bytes, "\x9b"),
 * and the characters that change the direction of writing (U+202A to U+202E, U+2066 to U+2069).
 */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include "base/buf.h"

enum printable_flags {
	PRINTABLE_STYLES = 1 << 0,  /* leave colours and other styles ("\033[1;31m") */
	PRINTABLE_RETURNS = 1 << 1, /* leave "\r", for progress bars */
};

void printable_add(struct buf *out, const char *text, size_t len, unsigned flags);
/* How many bytes can be shown before more of the text is known: an unfinished character or sequence
 * at the end is left out. */
size_t printable_whole(const char *text, size_t len);

#endif

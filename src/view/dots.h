/* Drawing in dots: each cell of a canvas has 2 x 4 of them (braille), or in ASCII one. */
#ifndef VIEW_DOTS_H
#define VIEW_DOTS_H

#include "view/canvas.h"

enum { DOTS_X = 2, DOTS_Y = 4 }; /* per cell */

struct dots {
	int width, height; /* in cells */
	uint8_t *bits;     /* of each cell, as in the code points of braille */
	struct ink *inks;  /* of the last dot in each cell */
	char *ascii;       /* the character of each cell in ASCII */
};

void dots_init(struct dots *d, int width, int height);
void dots_release(struct dots *d);

/* How dots look; the cell takes the colour of the last one. */
struct pen {
	struct ink ink;
	char ascii;
};
/* Coordinates are in dots, (0, 0) is the left top one. Places outside are left out. */
void dots_set(struct dots *d, int x, int y, const struct pen *pen);
void dots_line(struct dots *d, int x0, int y0, int x1, int y1, const struct pen *pen);
/* Put them on the canvas, with the left top cell at (x, y). Cells without dots are left alone. */
void dots_blit(const struct dots *d, struct canvas *c, int x, int y);

#endif

/* Writes the images of plots into a directory, for the editor and for pages. */
#ifndef PLOTS_IMAGES_H
#define PLOTS_IMAGES_H

#include "plots/plots.h"

/*
 * Write all images to `dir` (created if there is any image) and set their `src` to the absolute
 * path. The name is DVC's, "<rev>_<path>" with '_' for '/'; where two images would have the same
 * one, a number is added. Fails: ERR_IO.
 */
int plot_images_write(struct plots *p, const char *dir, struct err *err);

#endif

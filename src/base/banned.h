/* Functions that cairn does not use, because a safer or locale-independent one exists (errno_text()
 * for strerror(), sort_array() for qsort()). Their use is a compile error that names the function.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

/* The system headers that declare these functions must come first: after the pragma, even their
 * declarations would be errors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef sprintf /* with clang, fortified glibc defines it as a macro */
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol atoll
#pragma GCC poison qsort qsort_r strerror strerror_r strerrordesc_np
#pragma GCC poison gmtime localtime ctime asctime system tmpnam tempnam mktemp gets

#endif

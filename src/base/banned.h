/*
 * Functions that have a safer or locale-free twin: using one is a compile error that names it.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

/* The system headers that declare them come first, or their own declarations would trip the poison.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef sprintf /* with clang, glibc's fortified one is a macro */
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok atoi atol atoll
#pragma GCC poison gmtime localtime ctime asctime system tmpnam tempnam mktemp gets

#endif

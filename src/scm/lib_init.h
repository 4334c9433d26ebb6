/*
 * The start of libgit2 without its preparations for the network.
 *
 * Debian's libgit2 decodes every certificate of the machine and sets up SSH when it is initialized,
 * which takes longer than everything else in most commands. cairn never uses libgit2's network (git
 * does that, with the user's configuration). Internal to scm/.
 */
#ifndef SCM_LIB_INIT_H
#define SCM_LIB_INIT_H

/*
 * Call `init` (git_libgit2_init) of the library that dlopen() returned as `handle`. During the call
 * the library's own references to mbedtls_x509_crt_parse_file() and libssh2_init() lead to
 * functions that do nothing. No other library is affected. Where this is not possible (another
 * machine, a libgit2 that is built differently, or one that is linked) the call is an ordinary one
 * and only costs time.
 */
int scm_lib_init(void *handle, int (*init)(void));

#endif

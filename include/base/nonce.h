#ifndef BASE_NONCE_H
#define BASE_NONCE_H

#include "base/err.h"

/* 128 bits as hexadecimal digits, and a NUL. */
enum { NONCE_SIZE = 33 };

/* Fills it with digits that nobody can guess. ERR_INTERNAL: there is no randomness. */
int nonce_make(char out[NONCE_SIZE], struct err *e);

#endif

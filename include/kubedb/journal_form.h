#ifndef KUBEDB_JOURNAL_FORM_H
#define KUBEDB_JOURNAL_FORM_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

/*
 * What a run leaves on its Lease, read from text that anybody may have written who may
 * edit Leases. Only the form is judged here: which fields there are, of which type, how
 * long, how large. What they say are wishes; whether they are true is asked elsewhere.
 */

/* The newest format: 1: no direction, 2: no way but the roll, 3: no new set, 4: no
 * channels. A journal without those is of the format before it. */
enum { JOURNAL_VERSION = 5, JOURNAL_WITHOUT_CHANNELS = 4 };

/* An annotation can be no longer: all of an object's may have 256 KiB together. */
enum { JOURNAL_TEXT_MAX = 256 * 1024 };

/* Reads a journal (len bytes, no NUL needed behind them) of any format up to the newest.
 * Every field is one that the program itself writes, each once, within its bounds; those
 * that every format has are there. ERR_REFUSED names the field that is wrong and writes
 * nothing to *out; a newer format is refused before its fields are looked at. *out is a
 * new reference. */
int journal_form_read(const char *text, size_t len, json_t **out, struct err *e);

/* The same of what is asked of a run on its Lease: {"verb", "by", "at"}. */
int journal_form_read_request(const char *text, size_t len, json_t **out, struct err *e);

/* The format that a text claims, 0 where it is none; for telling of a newer program. */
long long journal_form_version(const char *text, size_t len);

#endif

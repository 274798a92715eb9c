/*
 * encoding: which character encodings a commit may say that it is written in. What is judged are the bytes of a commit,
 * while git shows them converted from the encoding that its header names: where a byte below 0x80 can be another
 * character than ASCII's, people would read another message ("Bug 123+ADQ-" in UTF-7 is "Bug 1234").
 *
 * Pure, and it allocates nothing. It stands on text.h alone, for it is in the commit hook's client, too.
 */
#ifndef POLICY_ENCODING_H
#define POLICY_ENCODING_H

#include "policy/text.h"

/* Is this the name of an encoding, as iconv knows it, in which every byte below 0x80 is ASCII wherever it stands, and
 * none above is a digit, or a mark that reorders what is shown? What is not on the short list is not. */
bool encoding_is_ascii(struct text name);

/* False: a line "encoding NAME" of this header names no such encoding, or one in which a byte of the message is shown
 * as a character that is not seen. header: the lines of a commit object before its empty line. */
bool encoding_shows(struct text header, struct text message);

/* Do two headers name the same encoding, or none, so that the same bytes are shown alike? */
bool encoding_is_same(struct text header, struct text other);

#endif

/*
 * html: a writer that cannot be made to write markup by its input. Tags and attributes are names from a list in
 * html.c, written by this program; everything else is text, escaped here and nowhere else. Links are made from parts,
 * each percent-encoded, and stay on this server. A wrong name, an unclosed or misnested tag is a fault of the caller
 * and asserts.
 *
 * Control bytes, ill-formed UTF-8 and characters that reorder text become U+FFFD. One thread at a time.
 */
#ifndef AGENT_WEB_HTML_H
#define AGENT_WEB_HTML_H

#include <stdbool.h>

#include "policy/text.h"

#define HTML_DEPTH_MAX 256 /* a tree of requirements is at most 64 deep, two tags each */

struct html;
struct html *html_new(struct text base); /* base: path in front of every link, "" or "/gate"; borrowed */
void html_free(struct html *h);          /* takes NULL */

void h_open(struct html *h, const char *tag);                            /* void tags need no h_close */
void h_attr(struct html *h, const char *name, struct text value);        /* directly after h_open; never a link */
void h_link(struct html *h, const char *name, const struct text *parts); /* href: "/" part "/" part ..., to an empty */
void h_anchor(struct html *h, const char *id);                           /* href to an id of this page */
void h_text(struct html *h, struct text t);
void h_close(struct html *h, const char *tag); /* must be the innermost open one */

/* <tag class="class">text</tag>; class NULL: none. */
void h_element(struct html *h, const char *tag, const char *class, struct text t);

struct text html_text(const struct html *h); /* the whole document: nothing may be open; borrowed until html_free */

#endif

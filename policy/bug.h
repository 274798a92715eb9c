/*
 * bug: what a tracker says of one bug, as far as policies ask: derived facts, never a summary, a comment or the name
 * of a person. Values only; borrowed from one arena. Everything here is secret: nothing the public sees may hang on it
 * but the final allow or deny.
 *
 * Unknown is marked, never guessed: BUG_UNREAD, BUG_HIDDEN and TRI_UNKNOWN make what needs them wait. A bug that was
 * secure once stays secure while it cannot be seen.
 */
#ifndef POLICY_BUG_H
#define POLICY_BUG_H

#include "policy/event.h"

enum bug_state {
	BUG_UNREAD = 0, /* not asked, or no answer that can be believed */
	BUG_READ,
	BUG_HIDDEN, /* the tracker does not show it to us: it is secure, and nothing else is known */
	BUG_MISSING /* the tracker has no such bug */
};

/* Lists of a bug that was read which were not: what asks for one of them waits. Of attachments some may be listed all
 * the same: what is granted there is, and of what is not there nobody knows. */
enum bug_part {
	BUG_KEYWORDS = 1 << 0,
	BUG_GROUPS = 1 << 1,
	BUG_FLAGS = 1 << 2,
	BUG_ATTACHMENTS = 1 << 3,
	BUG_DUPLICATES = 1 << 4 /* or what it is a duplicate of */
};

/* How a flag stands; as a tracker and a policy write it: "?", "+", "-". Not set: it is not in the list. */
enum bug_flag_status { BUG_FLAG_ASKED = '?', BUG_FLAG_GRANTED = '+', BUG_FLAG_DENIED = '-' };

struct bug_flag {
	struct text name;
	enum bug_flag_status status;
	int64_t setter;            /* the tracker's number of the account; 0: not known */
	bool setter_groups_known;  /* of the groups that policies name: */
	const struct text *groups; /* those that the setter is in */
	size_t n_groups;
};

struct bug_attachment {
	int64_t id;
	bool obsolete, patch;
	struct text revision; /* what it is the patch of: "D123", "owner/name#12"; empty: nothing that it names */
	const struct bug_flag *flags;
	size_t n_flags;
};

struct bug {
	struct text tracker; /* its name in the configuration */
	int64_t id;
	enum bug_state state;
	unsigned unread;        /* enum bug_part bits */
	enum tri secure;        /* whether the public cannot see it */
	enum tri open;          /* whether it has no resolution */
	struct text resolution; /* "FIXED"; empty: open, or not known */
	const struct text *keywords;
	size_t n_keywords;
	const struct text *groups; /* it is shown to these alone */
	size_t n_groups;
	const struct bug_flag *flags; /* of the bug itself */
	size_t n_flags;
	const struct bug_attachment *attachments;
	size_t n_attachments;
	int64_t dupe_of;           /* 0: it is none */
	const int64_t *duplicates; /* bugs that are duplicates of this one */
	size_t n_duplicates;
	int64_t as_of;   /* when the reading that told this began; of the table: when it was last seen */
	bool from_table; /* not read now: known from the table, and the configuration lets that count */
};

#endif

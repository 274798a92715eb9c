/*
 * event: one delivery, normalised. Values only, borrowed from whoever decoded it (an arena or a body buffer).
 *
 * An event is a hint about the world that can lower a permission at once and never raise one. Every field is
 * optional: an id of 0, an empty text or oid, WHEN_UNKNOWN and TRI_UNKNOWN mean "the payload did not say".
 * Which fields a kind must have is the normaliser's table (webhooks/github.c); a delivery that lacks one is
 * quarantined there and never becomes an event that is applied.
 */
#ifndef POLICY_EVENT_H
#define POLICY_EVENT_H

#include "policy/oid.h"
#include "policy/text.h"
#include "policy/when.h"

enum tri { TRI_UNKNOWN = 0, TRI_NO, TRI_YES };

enum event_kind {
	EVENT_IGNORED = 0, /* an event or action that headgate does not use */
	EVENT_PING,
	EVENT_PUSH,
	EVENT_CHANGE,  /* pull_request */
	EVENT_REVIEW,  /* pull_request_review */
	EVENT_COMMENT, /* issue_comment on a change */
	EVENT_STATUS,
	EVENT_CHECK_RUN,
	EVENT_CHECK_SUITE,
	EVENT_MERGE_GROUP,
	EVENT_INSTALLATION, /* installation, installation_repositories, installation_target */
	EVENT_REPOSITORY,
	EVENT_MEMBER,     /* a collaborator of one repository */
	EVENT_MEMBERSHIP, /* a member of a team */
	EVENT_TEAM,
	EVENT_ORGANIZATION,
	EVENT_PROTECTION, /* branch_protection_rule */
	EVENT_WORKFLOW_RUN,
	EVENT_THREAD, /* pull_request_review_thread, and pull_request_review_comment where it opens or ends a thread */
	EVENT_BUG,    /* of a tracker: a bug may have changed */
	EVENT_KINDS
};

/* What of a bug a tracker's event says was touched, and can thereby have weakened a permission: a sum of these. */
enum bug_touched {
	BUG_TOUCHED_FLAGS = 1,      /* of the bug or of an attachment */
	BUG_TOUCHED_ATTACHMENT = 2, /* obsolete, or hidden */
	BUG_TOUCHED_KEYWORDS = 4,
	BUG_TOUCHED_GROUPS = 8,      /* who may see it */
	BUG_TOUCHED_RESOLUTION = 16, /* or the status */
	BUG_TOUCHED_DUPLICATES = 32,
	BUG_TOUCHED_EXISTENCE = 64, /* it is new */
	BUG_TOUCHED_FIELDS =
		128,          /* custom ones, of which a policy may ask as of flags: seldom, so it takes nothing back */
	BUG_TOUCHED_ALL = 255 /* the event does not say: any of them may be */
};

/* What a tracker's own connector told of a bug, who may say so: from then on. */
enum bug_said { BUG_SAID_NOTHING = 0, BUG_SAID_INSECURE, BUG_SAID_SECURE, BUG_SAID_APPROVED };

enum change_action {
	CHANGE_OTHER = 0, /* takes nothing back; of these a label is worth a judgement, an assignee is not */
	CHANGE_OPENED,
	CHANGE_REOPENED,
	CHANGE_SYNCHRONIZE,
	CHANGE_CLOSED,
	CHANGE_EDITED,
	CHANGE_DRAFT, /* converted_to_draft */
	CHANGE_READY  /* ready_for_review */
};

enum review_action { REVIEW_OTHER = 0, REVIEW_SUBMITTED, REVIEW_EDITED, REVIEW_DISMISSED };
enum review_state {
	REVIEW_STATE_UNKNOWN = 0,
	REVIEW_COMMENTED,
	REVIEW_APPROVED,
	REVIEW_CHANGES_REQUESTED,
	REVIEW_STATE_DISMISSED,
	REVIEW_PENDING
};

enum person_type { PERSON_UNKNOWN = 0, PERSON_USER, PERSON_BOT, PERSON_OTHER };

struct person {
	int64_t id;        /* the forge's numeric id: the identity. 0 = unknown */
	struct text login; /* for display only */
	enum person_type type;
};

struct event_change {
	int64_t number; /* 0: this event concerns no change */
	struct oid head, base_sha;
	struct text head_ref, base_ref; /* branch names without refs/heads/ */
	int64_t head_repo;              /* 0: unknown or deleted */
	enum tri open, draft, merged;
	struct person author;
	int64_t updated_at;
};

#define EVENT_BODY_MAX 512

struct event {
	enum event_kind kind;
	struct text name, action; /* as sent: "pull_request", "synchronize" */
	int64_t installation, repo;
	struct text repo_name; /* "owner/name" */
	struct person sender;

	enum change_action change_action;
	struct event_change change;
	struct oid before, after; /* synchronize, push; all zeros is sent for "none" and becomes unknown */
	enum tri base_changed;    /* edited: the base branch was changed */

	enum review_action review_action;
	struct {
		int64_t id;
		enum review_state state;
		struct oid commit_id;
		int64_t submitted_at;
		struct person user;
		struct text association; /* author_association, as sent */
	} review;

	struct {
		int64_t id;
		struct text body;        /* the first EVENT_BODY_MAX bytes, up to 3 fewer where a character is cut */
		struct text association; /* author_association, as sent */
		struct person user;      /* who wrote it; the sender may be who edited or deleted it */
		int64_t created_at;
	} comment;

	struct {
		int64_t id;
		struct oid sha;
		struct text context, state; /* as sent */
		struct person creator;
		int64_t created_at;
	} status; /* check_run and check_suite use sha, context (name) and state (conclusion); creator of a check_run is
		     its app; workflow_run: context is its path; merge_group and a change's "dequeued": state (the
		     reason); thread: context is its node id */

	struct text ref; /* push: "refs/heads/main"; merge_group: head_ref */
	enum tri created, deleted, forced;
	int64_t pushed_at;          /* push: the repository's pushed_at */
	struct person subject_user; /* member, membership, organization: whom it is about */
	struct text team;           /* slug */

	struct {
		struct text tracker; /* its name in the configuration */
		int64_t id;
		int64_t attachment; /* 0: of the bug itself, or not said */
		int64_t touched;    /* enum bug_touched; 0: nothing that can weaken a permission */
		int64_t at;         /* the tracker's clock, milliseconds; 0: not said */
		int64_t said;       /* enum bug_said; something: at is when that was so, and never later than it came */
	} bug;
};

const char *event_kind_name(enum event_kind kind);

#endif

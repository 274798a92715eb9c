/*
 * A tracker: whether it answers, takes our key, shows us what makes bugs secure, and tells us of changes; and how old
 * our table of it is. Where the table is all there is, what that cannot do.
 */
#include "agent/cli/doctor.h"

#include <inttypes.h>

#include "agent/work/bugs_worker.h"

#define SKEW_MS   60000
#define MINUTE_MS 60000

/* ---- a table alone ---- */

static const struct {
	const char *check, *lost, *remedy;
} lost[] = {
	{"reading", "`source: table` reads no bug again: what changed since the last import, pull or PUT is not seen",
	 "import, pull or PUT often; table_max_age says from when on nothing counts"},
	{"conditions",
	 "`source: table` knows no resolutions, patches and setters, no keywords of a secure bug, and of others no "
	 "keywords and groups but the tracker's: rules that ask for them wait",
	 "ask in policies for the tracker's `keywords` and `groups` and its one approval flag"},
	{"duplicates", "`source: table` knows of no duplicates: a bug counts without those that are one with it",
	 "list the duplicates of secure bugs as secure, too"},
};

/* Of several flags the table cannot tell which it was. */
static void say_lost(struct doctor *d, const struct config_tracker *config)
{
	if (config->approval_flags.n == 1)
		doctor_say(d, DOCTOR_WARN, "approval",
			   arena_printf(d->arena, "`source: table` tells of an approval only that %.*s is +",
					TEXT_ARG(config->approval_flags.at[0])),
			   "ask in policies for that flag and +, and for no setter and no patch");
	else
		doctor_say(d, DOCTOR_WARN, "approval",
			   TEXT_LIT("`source: table` without one name in `approval_flags`: no fix of a secure bug is "
				    "allowed"),
			   "name the one flag that approves");
	for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
		doctor_say(d, DOCTOR_WARN, lost[i].check, text_of(lost[i].lost), lost[i].remedy);
}

/* ---- who we are there ---- */

static void say_key(struct doctor *d, const struct tracker_self *self)
{
	struct text as = self->account > 0 ? arena_printf(d->arena, "accepted, as account %" PRId64, self->account)
					   : TEXT_LIT("accepted");

	if (self->accepted == TRI_YES)
		doctor_say(d, DOCTOR_OK, "key", as, NULL);
	else if (self->accepted == TRI_UNKNOWN)
		doctor_say(d, DOCTOR_UNKNOWN, "key", TEXT_LIT("the tracker does not tell whether it is good"),
			   "watch headgate_tracker_healthy");
	else
		doctor_say(d, DOCTOR_FAIL, "key", TEXT_LIT("it is not accepted"),
			   "make a new one at the tracker, put it into key_file, restart the server");
}

static void say_groups(struct doctor *d, const struct config_tracker *config, const struct tracker_self *self)
{
	if (config->kind == CONFIG_TRACKER_GITHUB)
		return; /* labels have no groups */
	if (config->groups.n == 0)
		doctor_say(d, DOCTOR_UNKNOWN, "groups", TEXT_LIT("no `groups` are named: what we see cannot be told"),
			   "name the groups that secure bugs are in");
	else if (self->in_groups == TRI_YES)
		doctor_say(d, DOCTOR_OK, "groups", TEXT_LIT("the account is in each of `groups`"), NULL);
	else if (self->in_groups == TRI_NO)
		doctor_say(d, DOCTOR_FAIL, "groups",
			   TEXT_LIT("the account is not in each of `groups`: a secure bug that it cannot see is never "
				    "cleared"),
			   "have it added to the groups");
	else
		doctor_say(d, DOCTOR_UNKNOWN, "groups", TEXT_LIT("the tracker does not tell our groups"),
			   "look at the account there");
}

static void say_webhook(struct doctor *d, const struct config_tracker *config, const struct tracker_self *self)
{
	static const char make[] =
		"make one for this account that sends `webhook_header` with that secret; until then changes are "
		"found by asking, every `bugs.poll`";

	if (config->webhook_secret_file.len == 0)
		doctor_say(d, DOCTOR_WARN, "webhook",
			   TEXT_LIT("without `webhook_secret_file` its deliveries are refused"), make);
	else if (self->pushes == TRI_NO)
		doctor_say(d, DOCTOR_WARN, "webhook", TEXT_LIT("the account has none that is enabled"), make);
	else if (self->pushes == TRI_UNKNOWN)
		doctor_say(d, DOCTOR_UNKNOWN, "webhook", TEXT_LIT("the tracker does not tell whether one is enabled"),
			   "change a bug, and look for its delivery in the log");
	else if (self->backlog > 0)
		doctor_say(d, DOCTOR_WARN, "webhook",
			   arena_printf(d->arena, "enabled, and %" PRId64 " deliveries failed since one succeeded",
					self->backlog),
			   "look at the log for what was refused; the tracker gives a webhook up after some");
	else
		doctor_say(d, DOCTOR_OK, "webhook", TEXT_LIT("enabled"), NULL);
}

/* False: there is no use in asking more. */
static bool look_at_account(struct doctor *d, const struct doctor_tracker *in, const struct tracker_call *call)
{
	struct tracker_self self = {.backlog = -1};
	struct err err = ERR_NONE;
	enum err_code code = in->port->whoami(in->port->self, call, &self, &err);

	if (code != ERR_OK && code != ERR_DENIED) {
		doctor_say(d, DOCTOR_FAIL, "reachable", text_of(err.text),
			   "look at `url` and `flavour`, and whether it is up");
		return false;
	}
	doctor_say(d, DOCTOR_OK, "reachable", TEXT_LIT("it answers"), NULL);
	if (code == ERR_DENIED)
		self.accepted = TRI_NO;
	say_key(d, &self);
	if (self.accepted == TRI_NO)
		return false;
	say_groups(d, in->config, &self);
	say_webhook(d, in->config, &self);
	return true;
}

static void look_at_clock(struct doctor *d, const struct doctor_tracker *in, const struct tracker_call *call)
{
	struct err err = ERR_NONE;
	int64_t at, off;

	if (in->port->db_time(in->port->self, call, &at, &err) != ERR_OK) {
		doctor_say(d, DOCTOR_UNKNOWN, "clock", text_of(err.text), "ask again");
		return;
	}
	off = at > d->now_ms ? at - d->now_ms : d->now_ms - at;
	if (off <= SKEW_MS)
		doctor_say(d, DOCTOR_OK, "clock", TEXT_LIT("the tracker's and ours agree within a minute"), NULL);
	else
		doctor_say(d, DOCTOR_WARN, "clock",
			   arena_printf(d->arena, "the tracker's and ours differ by %" PRId64 " s", off / 1000),
			   "set this host's by NTP");
}

static void say_duplicates(struct doctor *d, const struct config_tracker *config)
{
	if (config->kind == CONFIG_TRACKER_BUGZILLA && config->flavour == CONFIG_TRACKER_UPSTREAM)
		doctor_say(d, DOCTOR_WARN, "duplicates",
			   TEXT_LIT("this tracker lists no duplicates: a rule that asks about its bugs waits"),
			   "write `duplicates: false` in rules about its bugs");
}

static void look_there(struct doctor *d, const struct doctor_tracker *in)
{
	struct tracker_call call = {d->arena, in->deadline_ms};

	say_duplicates(d, in->config);
	if (in->config->key_file.len == 0)
		doctor_say(d, DOCTOR_FAIL, "key",
			   TEXT_LIT("without `key_file` no bug is read: the table is all there is"),
			   "name the key of an account that is in the groups of secure bugs, or say `source: table`");
	else if (!in->port)
		doctor_say(d, DOCTOR_FAIL, "key", text_of(in->unasked->text), "mend the file or the configuration");
	else if (look_at_account(d, in, &call))
		look_at_clock(d, in, &call);
}

/* ---- our table ---- */

static void say_none(struct doctor *d, const struct doctor_tracker *in, bool alone)
{
	if (in->unread->code != ERR_GONE)
		doctor_say(d, DOCTOR_FAIL, "table", text_of(in->unread->text),
			   alone ? "import or pull it anew" : "nothing: it is written anew when all bugs were read");
	else if (alone)
		doctor_say(d, DOCTOR_FAIL, "table", TEXT_LIT("there is none: every bug is unknown"),
			   "`headgate bugs import` or `headgate bugs pull`");
	else
		doctor_say(d, DOCTOR_WARN, "table", TEXT_LIT("there is none yet"),
			   "start the server: it writes one when it has read the secure bugs");
}

/* Of a table that the server keeps by polling. */
static bool is_late(const struct doctor_tracker *in, int64_t age)
{
	return in->config->source == CONFIG_TRACKER_REST && in->config->key_file.len > 0 &&
	       age > bugs_late_ms(in->poll_ms);
}

static void look_at_table(struct doctor *d, const struct doctor_tracker *in)
{
	bool alone = in->config->source == CONFIG_TRACKER_TABLE;
	int64_t dated = in->table ? bug_table_dated(in->table) : 0, age = d->now_ms - dated;

	if (!in->table)
		say_none(d, in, alone);
	else if (dated == 0)
		doctor_say(d, alone ? DOCTOR_FAIL : DOCTOR_WARN, "table", TEXT_LIT("never written completely: stale"),
			   alone ? "`headgate bugs import --complete` or `headgate bugs pull`"
				 : "let the server read all secure bugs");
	else if (age > in->config->table_max_age_ms)
		doctor_say(d, alone ? DOCTOR_FAIL : DOCTOR_WARN, "table",
			   arena_printf(d->arena, "%" PRId64 " min old: stale, it knows of nothing any more",
					age / MINUTE_MS),
			   alone ? "`headgate bugs import` or `headgate bugs pull`" : "start the server");
	else if (is_late(in, age))
		doctor_say(d, DOCTOR_WARN, "table",
			   arena_printf(d->arena,
					"%" PRId64 " min old: no poll of the tracker has come to its end since",
					age / MINUTE_MS),
			   "start the server, or look at its log for why the tracker is not read");
	else if (age < -SKEW_MS)
		doctor_say(d, DOCTOR_WARN, "table", TEXT_LIT("it is dated in the future"),
			   "set this host's clock by NTP");
	else
		doctor_say(d, DOCTOR_OK, "table", arena_printf(d->arena, "%" PRId64 " min old", age / MINUTE_MS), NULL);
}

void doctor_tracker(struct doctor *doctor, const struct doctor_tracker *in)
{
	doctor->about = arena_printf(doctor->arena, "tracker %.*s", TEXT_ARG(in->config->name));
	if (in->config->source == CONFIG_TRACKER_TABLE)
		say_lost(doctor, in->config);
	else
		look_there(doctor, in);
	look_at_table(doctor, in);
}

/*
 * headgate-hook: may this push land? For git's pre-receive and update hooks and Mercurial's pretxnchangegroup and
 * pretxnclose. It asks the server's Unix socket and, where nobody answers there and it was told to, a table of bugs. It
 * ends with 0 (let it through), 1 (refuse it) or 2 (wrong use, which refuses it, too).
 */
#include "agent/hook/client/ask.h"
#include "agent/hook/client/child.h"
#include "agent/hook/client/pushed.h"
#include "agent/hook/client/table.h"

enum { LET_THROUGH = 0, REFUSED = 1, WRONG_USE = 2 };

struct options {
	const char *repository, *socket;
	bool allow_on_failure, warn, table_only;
	int64_t wait_ms;
	struct table_place table;
};

struct verb {
	const char *name;
	enum pushed (*collect)(const struct push *push, const char **ret_why);
	const char *help;
};
static const struct verb verbs[] = {
	{"pre-receive", pushed_pre_receive, "git: every branch that a push updates"},
	{"update", pushed_update, "git: one branch; the hook's own arguments follow"},
	{"pretxnchangegroup", pushed_mercurial, "Mercurial: the changesets of a push"},
	{"pretxnclose", pushed_mercurial,
	 "Mercurial: the same, later; a push of phases or bookmarks alone is not asked about"},
};

static bool take_failure(const char *value, struct options *ret)
{
	ret->allow_on_failure = strcmp(value, "allow") == 0;
	return ret->allow_on_failure || strcmp(value, "deny") == 0;
}

/* Decimal digits alone; more than `most` is not counted on. */
static bool take_number(const char *value, int64_t least, int64_t most, int64_t *ret)
{
	*ret = 0;
	for (const char *at = value; *at >= '0' && *at <= '9' && *ret <= most; at++)
		*ret = *ret * 10 + (*at - '0');
	return *ret >= least && *ret <= most && strspn(value, "0123456789") == strlen(value);
}

static bool take_wait(const char *value, struct options *ret)
{
	return take_number(value, 10, 60000, &ret->wait_ms);
}

static bool take_table(const char *value, struct options *ret)
{
	ret->table.path = value;
	return value[0] == '/';
}

static bool take_table_key(const char *value, struct options *ret)
{
	ret->table.key = value;
	return value[0] == '/';
}

static bool take_table_age(const char *value, struct options *ret)
{
	return take_number(value, 1, 31536000, &ret->table.max_age_s);
}

static bool take_repository(const char *value, struct options *ret)
{
	ret->repository = value;
	return value[0] != '\0' && strlen(value) <= HOOK_NAME_MAX;
}

static bool take_socket(const char *value, struct options *ret)
{
	ret->socket = value;
	return value[0] == '/';
}

static const struct {
	const char *name;
	bool (*take)(const char *value, struct options *ret);
	const char *help;
} flags[] = {
	{"--repository", take_repository, "NAME, as the server's configuration has it; needed"},
	{"--socket", take_socket, "PATH of the server's socket; /run/headgate/hook.sock"},
	{"--on-failure", take_failure, "allow or deny: what happens when there is no answer; deny"},
	{"--wait-ms", take_wait, "10 to 60000: how long an answer is waited for; 2000"},
	{"--table", take_table, "PATH of a table of bugs, which answers where the server does not"},
	{"--table-key", take_table_key, "PATH of its key; else bugs.key beside it"},
	{"--max-table-age", take_table_age, "SECONDS after which the table is stale; 86400"},
};

static void help(FILE *to)
{
	fputs("usage: headgate-hook VERB --repository NAME [flags] [--warn] [--] [the hook's arguments]\n\n", to);
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		fprintf(to, "  %-18s %s\n", verbs[i].name, verbs[i].help);
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		fprintf(to, "  %-18s %s\n", flags[i].name, flags[i].help);
	fputs("  --table-only       asks no server at all\n"
	      "  --warn             refuses nothing; of what it would refuse it says one line, always the same\n\n"
	      "PATHs are absolute. exit: 0 let it through, 1 refuse it, 2 usage (a hook refuses then, too)\n",
	      to);
}

static int usage(const char *about, const char *wrong)
{
	fprintf(stderr, "headgate-hook: %s%s%s\n\n", about, about[0] ? ": " : "", wrong);
	help(stderr);
	return WRONG_USE;
}

/* One flag and its value. Returns how many words it took; 0: it is none, or its value is wrong. */
static int take_flag(char **word, struct options *ret)
{
	if (strcmp(word[0], "--warn") == 0 || strcmp(word[0], "--table-only") == 0) {
		ret->warn = ret->warn || word[0][2] == 'w';
		ret->table_only = ret->table_only || word[0][2] == 't';
		return 1;
	}
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (strcmp(word[0], flags[i].name) == 0)
			return word[1] && flags[i].take(word[1], ret) ? 2 : 0;
	return 0;
}

static const struct verb *verb_of(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(name, verbs[i].name) == 0)
			return &verbs[i];
	return NULL;
}

/* Texts for whoever pushes: a line each, no control byte of anybody's on his terminal. */
static void print_lines(struct text lines)
{
	for (size_t n = 0; n < HOOK_LINES && lines.len > 0; n++) {
		const char *end = memchr(lines.at, '\n', lines.len);
		size_t len = end ? (size_t)(end - lines.at) : lines.len;

		fputs("headgate: ", stderr);
		for (size_t i = 0; i < len && i < HOOK_LINE_MAX; i++)
			fputc((unsigned char)lines.at[i] < ' ' || lines.at[i] == 0x7f ? '?' : lines.at[i], stderr);
		fputc('\n', stderr);
		lines = end ? (struct text){end + 1, lines.len - len - 1} : TEXT_EMPTY;
	}
}

static int refuse(const struct options *options)
{
	if (!options->warn)
		return REFUSED;
	fputs("headgate: " HOOK_WARNS_ALONE "\n", stderr);
	return LET_THROUGH;
}

/* Nobody has looked at the push. That is always said; it is no word about a bug. */
static const char *unseen(const struct options *options)
{
	return options->warn ? "not checked" : "refused";
}

/* In warn mode nothing is said of why it would be refused. */
static int follow(const struct options *options, const struct asked *asked)
{
	bool answered = asked->word != HOOK_NO_ANSWER;

	if (asked->word == HOOK_ALLOW || (answered && !options->warn))
		print_lines(asked->lines);
	if (answered)
		return asked->word == HOOK_ALLOW ? LET_THROUGH : refuse(options);
	if (asked->refused || !options->allow_on_failure) {
		fprintf(stderr, "headgate: %s: %s; try again, or ask whoever runs this server\n", unseen(options),
			asked->why);
		if (!options->warn)
			print_lines(asked->lines);
		return refuse(options);
	}
	fprintf(stderr, "headgate: let through without a check: %s\n", asked->why);
	return LET_THROUGH;
}

/* Where it was not the server that answered, that is always said. */
static int follow_table(const struct options *options, struct text question, const char *why_no_server)
{
	struct table_said said;
	bool lands;

	table_ask(&options->table, question, &said);
	lands = said.word == HOOK_ALLOW || (said.word == HOOK_NO_ANSWER && options->allow_on_failure);
	if (said.word == HOOK_NO_ANSWER)
		fprintf(stderr, "headgate: %s: %s%s%s%s%s; try again, or ask whoever runs this server\n",
			lands ? "let through without a check" : unseen(options), why_no_server,
			why_no_server[0] ? ", and " : "", said.why, said.of[0] ? ", of " : "", said.of);
	else
		fprintf(stderr, "headgate: %s%sanswered from %s%s%s\n", why_no_server, why_no_server[0] ? ": " : "",
			said.stale ? "a stale table" : "the table", said.of[0] ? " of " : "", said.of);
	if (said.word == HOOK_CLEARANCE && !options->warn)
		fputs("headgate: Needs maintainer clearance\n", stderr);
	if (said.word == HOOK_DENY && !options->warn)
		fputs("headgate: " HOOK_TOO_MANY "\n", stderr);
	return lands ? LET_THROUGH : refuse(options);
}

static int ask_and_follow(const struct options *options, struct text question)
{
	static struct asked asked;

	if (options->table_only)
		return follow_table(options, question, "");
	ask(options->socket, question, now_ms() + options->wait_ms, &asked);
	if (asked.word == HOOK_NO_ANSWER && !asked.refused && options->table.path)
		return follow_table(options, question, asked.why);
	return follow(options, &asked);
}

static int cannot_look(const struct options *options, const char *why)
{
	fprintf(stderr, "headgate: %s: the push cannot be looked at: %s\n", unseen(options), why);
	return refuse(options);
}

static int run(const struct verb *verb, const struct options *options, const char *const *args)
{
	struct hook_out out = {.n = 0};
	struct push push = {{options->repository, strlen(options->repository)}, args, &out};
	const char *why = "";
	enum pushed pushed = verb->collect(&push, &why);
	int code = LET_THROUGH;

	if (pushed == PUSHED_COMMITS)
		code = ask_and_follow(options, (struct text){out.at, out.n});
	else if (pushed == PUSHED_BROKEN)
		code = cannot_look(options, why);
	hook_out_free(&out);
	return code;
}

int main(int argc, char **argv)
{
	struct options options = {.socket = "/run/headgate/hook.sock", .wait_ms = 2000, .table = {.max_age_s = 86400}};
	const struct verb *verb = argc > 1 ? verb_of(argv[1]) : NULL;
	int i = 2, n;

	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		help(stdout);
		return LET_THROUGH;
	}
	if (!verb)
		return usage(argc > 1 ? argv[1] : "", argc > 1 ? "no such verb" : "no verb");
	for (; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--") != 0; i += n) {
		n = take_flag(&argv[i], &options);
		if (n == 0)
			return usage(argv[i], "no such flag, or not a value that it takes");
	}
	if (!options.repository)
		return usage("--repository", "is missing");
	if (options.table_only && !options.table.path)
		return usage("--table-only", "needs --table");
	return run(verb, &options, (const char *const *)&argv[i < argc && strcmp(argv[i], "--") == 0 ? i + 1 : i]);
}

#include "tests/sim/truth.h"

#include <string.h>

static const struct truth_person cast[TRUTH_PEOPLE] = {
	{ROLE_WRITE, false, true}, {ROLE_WRITE, false, true},  {ROLE_MAINTAIN, false, false},
	{ROLE_ADMIN, false, true}, {ROLE_TRIAGE, false, true}, {ROLE_READ, false, false},
	{ROLE_NONE, false, false}, {ROLE_WRITE, true, false},  {ROLE_WRITE, false, false},
};

const char *truth_login(int person)
{
	static const char *const logins[TRUTH_PEOPLE] = {"ann",  "bob",  "mia",   "ada", "tess",
							 "rita", "noah", "robot", "ally"};

	return logins[person];
}

const char *truth_branch_name(int branch)
{
	static const char *const names[TRUTH_BRANCHES] = {"main", "release", "next"};

	return names[branch];
}

const char *truth_file_path(enum truth_file file)
{
	static const char *const paths[FILE_DOCS + 1] = {[FILE_SOURCE] = "src/engine.c",
							 [FILE_WORKFLOW] = ".github/workflows/ci.yml",
							 [FILE_POLICY] = ".headgate.yml",
							 [FILE_DOCS] = "docs/guide.md"};

	return paths[file];
}

static uint64_t bit(int commit)
{
	return (uint64_t)1 << (commit & (TRUTH_COMMITS - 1)); /* an index is below TRUTH_COMMITS anyway */
}

void truth_begin(struct truth *truth, int policy, int64_t now)
{
	(void)now; /* the first commit is older than everything */
	memset(truth, 0, sizeof *truth);
	memcpy(truth->people, cast, sizeof cast);
	truth->commits[0] = (struct truth_commit){.reach = 1,
						  .parent = NOBODY,
						  .parent2 = NOBODY,
						  .author = 3,
						  .committer = 3,
						  .co_author = NOBODY,
						  .files = FILE_SOURCE,
						  .policy = policy};
	truth->n_commits = 1;
	for (int i = 0; i < TRUTH_BUGS; i++)
		truth->bugs[i].dupe_of = NOBODY;
}

/* ---- commits ---- */

uint64_t truth_range(const struct truth *truth, int head, int tip)
{
	return truth->commits[head].reach & ~truth->commits[tip].reach;
}

/* The common ancestors that no other common ancestor has among its own. */
static uint64_t merge_bases(const struct truth *truth, int a, int b)
{
	uint64_t common = truth->commits[a].reach & truth->commits[b].reach, best = common;

	for (int i = 0; i < truth->n_commits; i++)
		if (common & bit(i))
			best &= ~(truth->commits[i].reach & ~bit(i));
	return best;
}

/* The policy file is compared, since it can be put back; every other touch of a file leaves it different. */
static unsigned differ(const struct truth *truth, int from, int to)
{
	unsigned files = 0;

	for (int i = 0; i < truth->n_commits; i++)
		if (truth_range(truth, to, from) & bit(i))
			files |= truth->commits[i].files;
	files &= ~(unsigned)FILE_POLICY;
	return truth->commits[from].policy == truth->commits[to].policy ? files : files | FILE_POLICY;
}

unsigned truth_paths(const struct truth *truth, int head, int tip)
{
	uint64_t bases = merge_bases(truth, head, tip);
	unsigned files = 0;

	for (int i = 0; i < truth->n_commits; i++)
		if (bases & bit(i))
			files |= differ(truth, i, head);
	return files;
}

/* What a merge without conflict leaves: the side that changed the file, the first one where both did. */
static int merged_policy(const struct truth *truth, int parent, int parent2)
{
	uint64_t bases = merge_bases(truth, parent, parent2);
	int ours = truth->commits[parent].policy, theirs = truth->commits[parent2].policy;

	for (int i = truth->n_commits - 1; i >= 0; i--)
		if (bases & bit(i))
			return truth->commits[i].policy == ours ? theirs : ours;
	return ours;
}

static uint64_t reach_on(const struct truth *truth, int parent, int parent2)
{
	uint64_t reach = bit(truth->n_commits) | truth->commits[parent].reach;

	return parent2 == NOBODY ? reach : reach | truth->commits[parent2].reach;
}

struct truth_commit truth_commit_on(const struct truth *truth, int parent, int parent2)
{
	struct truth_commit made = {0, parent, parent2, NOBODY, NOBODY, NOBODY, 0, NOBODY, 0};

	if (truth->n_commits >= TRUTH_COMMITS)
		return made;
	made.reach = reach_on(truth, parent, parent2);
	made.policy = parent2 == NOBODY ? truth->commits[parent].policy : merged_policy(truth, parent, parent2);
	return made;
}

int64_t truth_arrival(const struct truth_change *change, int commit)
{
	for (int i = change->n_moves - 1; i >= 0; i--)
		if (change->moves[i].to == commit)
			return change->moves[i].at;
	return -1;
}

/* ---- bugs ---- */

unsigned truth_bugs_named(const struct truth *truth, const struct truth_change *change)
{
	uint64_t range = truth_range(truth, change->head, truth->branches[change->base].tip);
	unsigned bugs = change->bugs;

	for (int i = 0; i < truth->n_commits; i++)
		if (range & bit(i))
			bugs |= truth->commits[i].bugs;
	return bugs;
}

unsigned truth_bugs_alike(const struct truth *truth, int bug)
{
	unsigned alike = 1u << bug, before = 0;

	while (alike != before) {
		before = alike;
		for (int i = 0; i < TRUTH_BUGS; i++) {
			int of = truth->bugs[i].dupe_of;

			if (of != NOBODY && ((alike >> i & 1) || (alike >> of & 1)))
				alike |= 1u << i | 1u << of;
		}
	}
	return alike;
}

bool truth_at_tracker(enum deed_done kind)
{
	return kind >= DEED_BUG_RATED && kind < DEED_KINDS;
}

/*
 * Pushes that try to show headgate-hook less than what lands, or something else: under the real git and Mercurial.
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/pushing.h"
#include "tests/support/suite.h"

/* ---- Mercurial ---- */

#define PYTHON "$(sed -n '1s/^#! *//p' \"$(command -v hg)\")" /* which has Mercurial's modules */
#define EMPTY  "0000000000000000000000000000000000000000"

/* Commits what the file m holds, which the command line and editors would refuse. */
static void commit_raw(const struct stage *stage, const char *message)
{
	ck_assert_msg(stage_run(stage,
				"cd c && printf '%s' > ../m && echo $$ > f && cat > ../commit.py <<'END'\n"
				"import sys\n"
				"from mercurial import hg, ui\n"
				"repo = hg.repository(ui.ui.load(), b'.')\n"
				"repo.commit(text=open('../m', 'rb').read(), user=b'a')\n"
				"END\n" PYTHON " ../commit.py",
				message) == 0,
		      "%s", stage_said(stage));
}

static const char *const torn[] = {
	"Bug 30001 - x\\0000" EMPTY "\\000default",
	"\\000Bug 30001 - x",
	"No bug\\000" EMPTY "\\000Bug 30001 - x\\000No bug",
	"No bug\\n" EMPTY " 64656661756c74 00\\nBug 30001 - x",
};

/* A message cannot end its own field: each changeset is told once, with every byte. */
START_TEST(a_description_with_any_byte_is_told_whole)
{
	struct stage stage;

	stage_begin_hg(&stage, ANSWER("deny\n"), "pretxnchangegroup");
	commit_raw(&stage, torn[_i]);
	ck_assert_int_eq(stage_run(&stage, "hg -R c push h"), 255);
	ck_assert_uint_eq(stage_told(&stage, "default", "Bug 30001 - x"), 1);
	ck_assert_uint_eq(stage_told(&stage, "default", ""), 3);
	stage_end(&stage);
}
END_TEST

START_TEST(a_branch_may_have_any_name_and_is_told_as_it_is)
{
	struct stage stage;

	stage_begin_hg(&stage, ANSWER("deny\n"), "pretxnchangegroup");
	ck_assert_msg(stage_run(&stage, "cd c && export HGENCODING=UTF-8 && hg branch -q 'a b\"\303\244' && echo z > f "
					"&& hg commit -u a -m 'Bug 30001'") == 0,
		      "%s", stage_said(&stage));
	ck_assert_int_eq(stage_run(&stage, "hg -R c push --new-branch h"), 255);
	ck_assert_uint_eq(stage_told(&stage, "a b\"\303\244", "Bug 30001"), 1);
	ck_assert_uint_eq(stage_told(&stage, "default", ""), 2);
	stage_end(&stage);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(a_description_with_any_byte_is_told_whole, torn),
	SUITE_TEST(a_branch_may_have_any_name_and_is_told_as_it_is),
	SUITE_END,
};
SUITE_MAIN(tests)

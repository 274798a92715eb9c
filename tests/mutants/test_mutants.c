/* The machinery of the mutants: what weaving does to a source, what it refuses, and what the catalogue must hold. */
#include "tests/mutants/mutant.h"
#include "tests/mutants/weave.h"
#include "tests/support/suite.h"

#define FILE_NAME TEXT_LIT("a/b.c")

/* ---- weaving: two mutants, "one" and "two", numbers 0 and 1 ---- */

struct told {
	const char *was, *with; /* NULL: the mutant edits another file */
};

static bool weave_two(const char *source, const struct told *told, struct text *ret, struct arena *arena,
		      struct err *err)
{
	static const char *const names[] = {"one", "two"};
	struct weave_source in = {FILE_NAME, text_of(source)};
	struct weave_mutant two[2];

	for (size_t i = 0; i < 2; i++)
		two[i] = (struct weave_mutant){.name = text_of(names[i]),
					       .n_edits = 1,
					       .edits = {{told[i].was ? FILE_NAME : TEXT_LIT("c.c"),
							  text_of(told[i].was), text_of(told[i].with)}}};
	return weave_file(&(struct weave_mutants){two, 2}, &in, ret, arena, err);
}

static const struct {
	const char *source;
	struct told told[2];
	const char *woven;
} woven[] = {
	/* a condition is put around what stands there */
	{"x = a == b;\n",
	 {{"x = a == b;\n", "x = mutant_on(\"one\") || a == b;\n"}, {NULL, NULL}},
	 "x = mutant_is(0 /* one */) || a == b;\n"},
	/* a text is replaced */
	{"x = a;\n",
	 {{NULL, NULL}, {"x = a;\n", "x = mutant_on(\"two\") ? 7 : 8;\n"}},
	 "x = mutant_is(1 /* two */) ? 7 : 8;\n"},
	/* a word that begins or goes on like another is not cut, and a name is no place where the text still stands */
	{"return many;\n",
	 {{"return many;\n", "return mutant_on(\"one\") ? more : many;\n"}, {NULL, NULL}},
	 "return mutant_is(0 /* one */) ? more : many;\n"},
	{"f(one);\n",
	 {{"f(one);\n", "f(mutant_on(\"one\") ? 1 : 2);\n"}, {NULL, NULL}},
	 "f(mutant_is(0 /* one */) ? 1 : 2);\n"},
	/* two in one function */
	{"f();\ng();\n",
	 {{"f();\n", "if (!mutant_on(\"one\"))\n\tf();\n"}, {"g();\n", "if (!mutant_on(\"two\"))\n\tg();\n"}},
	 "if (!mutant_is(0 /* one */))\n\tf();\nif (!mutant_is(1 /* two */))\n\tg();\n"},
	/* two in one line, each told with the whole line as it is written */
	{"x = a && b;\n",
	 {{"x = a && b;\n", "x = (a || mutant_on(\"one\")) && b;\n"},
	  {"x = a && b;\n", "x = a && (b || mutant_on(\"two\"));\n"}},
	 "x = (a || mutant_is(0 /* one */)) && (b || mutant_is(1 /* two */));\n"},
	/* two around the same text */
	{"if (f())\n",
	 {{"if (f())\n", "if ((mutant_on(\"one\") || f()))\n"}, {"if (f())\n", "if ((mutant_on(\"two\") || f()))\n"}},
	 "if ((mutant_is(0 /* one */) || (mutant_is(1 /* two */) || f())))\n"},
	/* one inside what the other is put around, whatever their names */
	{"if (a || b || c)\n",
	 {{"if (a || b || c)\n", "if (a || (b && !mutant_on(\"one\")) || c)\n"},
	  {"if (a || b || c)\n", "if (!mutant_on(\"two\") && (a || b || c))\n"}},
	 "if (!mutant_is(1 /* two */) && (a || (b && !mutant_is(0 /* one */)) || c))\n"},
	/* two statements in one place: by name */
	{"f();\n",
	 {{"f();\n", "f();\nif (mutant_on(\"one\"))\n\tg();\n"}, {"f();\n", "f();\nif (mutant_on(\"two\"))\n\tg();\n"}},
	 "f();\nif (mutant_is(0 /* one */))\n\tg();\nif (mutant_is(1 /* two */))\n\tg();\n"},
	/* an edit of another file changes nothing here */
	{"f();\n", {{NULL, NULL}, {NULL, NULL}}, "f();\n"},
};

START_TEST(mutants_meet_in_one_source_and_each_keeps_its_own_switch)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct text got;
	struct text want = arena_printf(&arena, "#include \"tests/mutants/mutant.h\"\n%s", woven[_i].woven);

	ck_assert_msg(weave_two(woven[_i].source, woven[_i].told, &got, &arena, &err), "%s", err.text);
	ck_assert_msg(text_eq(got, want), "%.*s", TEXT_ARG(got));
}
END_TEST

static const struct {
	const char *source;
	struct told told[2];
	const char *says;
} misfits[] = {
	{"g();\n",
	 {{"f();\n", "mutant_on(\"one\")"}, {NULL, NULL}},
	 "mutant one no longer fits a/b.c: this is not found: f();"},
	{"f();\nf();\n",
	 {{NULL, NULL}, {"f();\n", "mutant_on(\"two\")"}},
	 "mutant two no longer fits a/b.c: this is found more than once: f();"},
	{"x = a;\n",
	 {{"x = a;\n", "x = mutant_on(\"one\") ? 1 : 2;\n"}, {"x = a;\n", "x = mutant_on(\"two\") ? 3 : 4;\n"}},
	 "mutants one and two change the same text of a/b.c: a"},
	{"f(a, b, c);\n",
	 {{"f(a, b,", "f((mutant_on(\"one\"), a, b),"}, {" b, c);", " (mutant_on(\"two\"), b, c));"}},
	 "mutants one and two change the same text of a/b.c: b, c"},
};

START_TEST(a_mutant_that_no_longer_fits_is_named_with_the_text)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct text got;

	ck_assert(!weave_two(misfits[_i].source, misfits[_i].told, &got, &arena, &err));
	ck_assert_str_eq(err.text, misfits[_i].says);
}
END_TEST

/* ---- the catalogue's files ---- */

#define HEAD "removes: r\nrows: 6\nstory: s\n"

static const struct {
	const char *bytes, *says;
} refused[] = {
	{HEAD "edit: a.c\n--- was\nx\n--- with\ny\n--- end\n",
	 "line 9: an edit that does not ask mutant_on() with this mutant's name"},
	{HEAD "edit: a.c\n--- was\nx\n--- with\nmutant_on(\"m\") mutant_on(\"mm\")\n--- end\n",
	 "line 9: an edit asks for another mutant"},
	{HEAD "edit: a.c\n--- was\nx\n--- with\ny\n", "line 8: the file ends inside an edit"},
	{HEAD "edit: a.c\n--- was\n--- with\n", "line 6: an empty text"},
	{HEAD "edit: a.c\nx\n", "line 5: --- was is expected after edit:"},
	{HEAD, "line 3: no edit"},
	{HEAD "rows: 7\n", "line 4: a key that was given already"},
	{HEAD "why: x\n", "line 4: an unknown key"},
	{HEAD "x\n", "line 4: no \"key: value\""},
	{HEAD "by: chance\nedit: a.c\n--- was\nx\n--- with\nmutant_on(\"m\")\n--- end\n",
	 "line 10: by can only be units, and then red must name them"},
	{HEAD "by: units\nedit: a.c\n--- was\nx\n--- with\nmutant_on(\"m\")\n--- end\n",
	 "line 10: by can only be units, and then red must name them"},
	{HEAD "red: t.x\nby: units\nswarm: lag=1\nedit: a.c\n--- was\nx\n--- with\nmutant_on(\"m\")\n--- end\n",
	 "line 12: a swarm is for what the simulator catches"},
	{"removes: r\nrows: 6\nedit: a.c\n--- was\nx\n--- with\nmutant_on(\"m\")\n--- end\n",
	 "line 8: removes, rows and story must be given"},
};

START_TEST(a_file_of_the_catalogue_that_says_too_little_is_refused_with_its_line)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct weave_mutant got;
	struct text want = arena_printf(&arena, "mutant m, %s", refused[_i].says);

	ck_assert(!weave_parse(TEXT_LIT("m"), text_of(refused[_i].bytes), &got, &arena, &err));
	ck_assert_str_eq(err.text, want.at);
}
END_TEST

START_TEST(a_value_goes_on_in_lines_that_begin_with_a_blank)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct err err = ERR_NONE;
	struct weave_mutant got;
	const char *bytes = "removes: r\nrows: 2, 5\nstory: one\n\ttwo\n three\nred: t.x\nedit: a.c\n--- was\n\tx\n"
			    "--- with\n\tmutant_on(\"m\")\n--- end\n";

	ck_assert_msg(weave_parse(TEXT_LIT("m"), text_of(bytes), &got, &arena, &err), "%s", err.text);
	ck_assert(text_is(got.story, "one two three"));
	ck_assert(text_is(got.rows, "2, 5"));
	ck_assert(text_is(got.red, "t.x"));
	ck_assert(text_is(got.by, "simulator"));
	ck_assert_uint_eq(got.n_edits, 1);
	ck_assert(text_is(got.edits[0].file, "a.c"));
	ck_assert(text_is(got.edits[0].was, "\tx"));
}
END_TEST

START_TEST(the_list_is_source_text_whatever_a_story_says)
{
	auto_arena struct arena arena = ARENA_EMPTY;
	struct weave_mutant one = {.name = TEXT_LIT("one"), .story = TEXT_LIT("a \"b\" \\ c")};
	struct text list = weave_list(&(struct weave_mutants){&one, 1}, &arena);

	ck_assert(text_find(list, TEXT_LIT("\"a \\\"b\\\" \\\\ c\"")) != SIZE_MAX);
}
END_TEST

/* ---- choosing ---- */

START_TEST(at_most_one_mutant_is_on)
{
	struct err err = ERR_NONE;

	ck_assert_ptr_null(mutant_selected());
	for (size_t i = 0; i < mutant_count; i++) {
		ck_assert(mutant_select(mutant_list[i].name, &err));
		ck_assert_ptr_eq(mutant_selected(), &mutant_list[i]);
		for (size_t k = 0; k < mutant_count; k++) {
			ck_assert(mutant_is(k) == (k == i));
			ck_assert(mutant_on(mutant_list[k].name) == (k == i));
		}
	}
	ck_assert(mutant_select("", &err));
	ck_assert_ptr_null(mutant_selected());
	ck_assert(mutant_select(NULL, &err));
	ck_assert_ptr_null(mutant_selected());
}
END_TEST

START_TEST(an_unknown_mutant_is_an_error_that_names_the_nearest)
{
	struct err err = ERR_NONE;

	ck_assert(!mutant_select("no-superseed", &err));
	ck_assert_str_eq(err.text, "there is no mutant no-superseed; did you mean no-supersede?");
	err = ERR_NONE;
	ck_assert(!mutant_select("nothing-like-it-at-all", &err));
	ck_assert_str_eq(err.text, "there is no mutant nothing-like-it-at-all");
	ck_assert_ptr_null(mutant_selected());
}
END_TEST

/* ---- what the catalogue must hold ---- */

#define ROWS        20
#define AT_LEAST    36 /* for the simulator */
#define STORY_LEAST 60 /* bytes: a story, not a word */

static bool names_row(const char *rows, int row)
{
	while (*rows) {
		char *end;

		if (strtol(rows, &end, 10) == row)
			return true;
		rows = end == rows ? rows + 1 : end;
	}
	return false;
}

START_TEST(every_counterexample_of_the_protocol_has_a_mutant)
{
	for (int row = 1; row <= ROWS; row++) {
		size_t n = 0;

		for (size_t i = 0; i < mutant_count; i++)
			n += names_row(mutant_list[i].rows, row);
		ck_assert_msg(n > 0, "row %d has no mutant", row);
	}
}
END_TEST

START_TEST(every_mutant_tells_the_story_that_exposes_it)
{
	size_t simulated = 0;

	for (size_t i = 0; i < mutant_count; i++) {
		simulated += strcmp(mutant_list[i].by, "simulator") == 0;
		ck_assert_msg(strlen(mutant_list[i].story) >= STORY_LEAST, "%s", mutant_list[i].name);
		if (i > 0)
			ck_assert_str_lt(mutant_list[i - 1].name, mutant_list[i].name);
	}
	ck_assert_uint_ge(simulated, AT_LEAST);
}
END_TEST

static const struct suite_test tests[] = {
	SUITE_ROWS(mutants_meet_in_one_source_and_each_keeps_its_own_switch, woven),
	SUITE_ROWS(a_mutant_that_no_longer_fits_is_named_with_the_text, misfits),
	SUITE_ROWS(a_file_of_the_catalogue_that_says_too_little_is_refused_with_its_line, refused),
	SUITE_TEST(a_value_goes_on_in_lines_that_begin_with_a_blank),
	SUITE_TEST(the_list_is_source_text_whatever_a_story_says),
	SUITE_TEST(at_most_one_mutant_is_on),
	SUITE_TEST(an_unknown_mutant_is_an_error_that_names_the_nearest),
	SUITE_TEST(every_counterexample_of_the_protocol_has_a_mutant),
	SUITE_TEST(every_mutant_tells_the_story_that_exposes_it),
	SUITE_END,
};
SUITE_MAIN(tests)

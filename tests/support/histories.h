/*
 * histories: repositories as scripts (tests/support/repo.h), with what every body of the mirror port tells of them.
 */
#ifndef TESTS_SUPPORT_HISTORIES_H
#define TESTS_SUPPORT_HISTORIES_H

#include "policy/err.h"

/* A commit on t without git's own tidying. */
#define BY_HAND(who, message)                                                                                          \
	"git checkout -q -b t\ngit reset -q --hard $({ printf 'tree %s\\nparent %s\\n' $(git rev-parse 'HEAD^{tree}' " \
	"HEAD)\nprintf 'author " who " 1 +0000\\ncommitter C <c@d> 2 +0000\\n\\n" message                              \
	"\\n'\n} | git hash-object -t commit -w --stdin --literally)\n"
#define START "new\nput a 1\nput dir/b 1\nput guarded 1\nsave root\n"

static const struct {
	const char *name, *script, *base, *head, *subjects, *paths;
} ranges[] = {
	{"linear", START "git checkout -q -b t\nput a 2\nsave one\nput c 1\nsave two\n", "main", "t", "two one",
	 "M a 100644>100644, A c 0>100644"},
	{"nothing to land", START "put a 2\nsave one\n", "main", "main~1", "", ""},
	{"merge of a side branch",
	 START "git checkout -q -b side\nput s 1\nsave side\ngit checkout -q -b t main\nput c 1\nsave one\n"
	       "git merge -q --no-ff -m merge side\n",
	 "main", "t", NULL, "A c 0>100644, A s 0>100644"},
	{"octopus",
	 START "for n in x y z; do git checkout -q -b $n main; put $n 1; save $n; done\n"
	       "git checkout -q -b t main\ngit merge -q --no-ff -m octopus x y z\n",
	 "main", "t", NULL, "A x 0>100644, A y 0>100644, A z 0>100644"},
	{"merge of base changes nothing of base",
	 START "git checkout -q -b t\nput c 1\nsave one\ngit checkout -q main\nput a 2\nsave base\n"
	       "git checkout -q t\ngit merge -q --no-ff -m update main\n",
	 "main", "t", "update one", "A c 0>100644"},
	{"evil merge",
	 START "git checkout -q -b t\nput c 1\nsave one\ngit checkout -q main\nput a 2\nsave base\n"
	       "git checkout -q t\ngit merge -q --no-ff --no-commit main\nput guarded evil\ngit commit -q -m evil\n",
	 "main", "t", "evil one", "A c 0>100644, M guarded 100644>100644"},
	{"rename", START "git checkout -q -b t\ngit mv guarded free\nsave one\n", "main", "t", "one",
	 "A free 0>100644, D guarded 100644>0"},
	{"mode", START "git checkout -q -b t\nchmod +x a\ngit add a\nsave one\n", "main", "t", "one",
	 "M a 100644>100755"},
	{"symlink", START "git checkout -q -b t\nrm a\nln -s guarded a\ngit add a\nsave one\n", "main", "t", "one",
	 "M a 100644>120000"},
	{"file becomes directory", START "git checkout -q -b t\ngit rm -q a\nput a/x 1\nput a-b 1\nsave one\n", "main",
	 "t", "one", "D a 100644>0, A a-b 0>100644, A a/x 0>100644"},
	{"directory becomes file", START "git checkout -q -b t\ngit rm -q -r dir\nput dir 1\nsave one\n", "main", "t",
	 "one", "A dir 0>100644, D dir/b 100644>0"},
	{"submodule",
	 START "git checkout -q -b t\ngit update-index --add --cacheinfo 160000,$(git rev-parse main),sub\n"
	       "git commit -q -m one\n",
	 "main", "t", "one", "A sub 0>160000"},
	{"a list of submodules, whose blob is checked by no fetch",
	 START "printf '[submodule \"s\"]\\n\\tpath = s\\n\\turl = https://127.0.0.1/s\\n' >.gitmodules\n"
	       "git add .gitmodules\nsave m\ngit checkout -q -b t\nput c 1\nsave one\n",
	 "main", "t", "one", "A c 0>100644"},
	{"unrelated", START "git checkout -q --orphan t\ngit rm -q -r -f .\nput u 1\nsave other\n", "main", "t",
	 "other", "A u 0>100644"},
	{"criss-cross: against every merge base",
	 START "git checkout -q -b t\nput t 1\nsave t1\ngit checkout -q main\nput m 1\nsave m1\ngit branch old\n"
	       "git merge -q --no-ff -m m2 t\ngit checkout -q t\ngit merge -q --no-ff -m t2 old\n"
	       "put n 1\nsave t3\n",
	 "main", "t", "t3 t2", "A m 0>100644, A n 0>100644, A t 0>100644"},
	{"a clock that runs backwards",
	 START "git checkout -q -b t\nput c 1\nGIT_COMMITTER_DATE='@1000 +0000' git commit -q -m early\n"
	       "put d 1\nGIT_COMMITTER_DATE='@1900000000 +0000' git commit -q -m late\n"
	       "put e 1\nGIT_COMMITTER_DATE='@5000 +0000' git commit -q -m end\n",
	 "main", "t", "end late early", "A c 0>100644, A d 0>100644, A e 0>100644"},
	{"names as bytes", START "git checkout -q -b t\nput \"$(printf 'caf\\351')\" 1\nput 'sp ace' 1\nsave one\n",
	 "main", "t", "one", "A caf\xe9 0>100644, A sp ace 0>100644"},
	{"three merge bases",
	 START "for n in x y z; do git checkout -q -b $n main; put $n 1; save $n; done\n"
	       "git branch o $(git commit-tree -p x -p y -p z -m base 'main^{tree}')\n"
	       "git branch t $(git commit-tree -p z -p y -p x -m one 'main^{tree}')\n",
	 "o", "t", "one", "D x 100644>0, D y 100644>0, D z 100644>0"},
	{"names in UTF-8", START "git checkout -q -b t\nput 'caf\303\251/\342\202\254' 1\nsave one\n", "main", "t",
	 "one", "A caf\303\251/\342\202\254 0>100644"},
	{"base merged twice on the way",
	 START "git checkout -q -b t\nput c 1\nsave one\ngit checkout -q main\nput a 2\nsave m1\ngit checkout -q t\n"
	       "git merge -q --no-ff -m up1 main\ngit checkout -q main\nput a 3\nsave m2\ngit checkout -q t\n"
	       "git merge -q --no-ff -m up2 main\nput d 1\nsave two\ngit checkout -q main\nput b 1\nsave m3\n",
	 "main", "t", "two up2 up1 one", "A c 0>100644, A d 0>100644"},
	{"base is head", START, "main", "main", "", ""},
	{"empty commits", START "git checkout -q -b t\nsave one\nsave two\n", "main", "t", "two one", ""},
	{"everything removed", START "git checkout -q -b t\ngit rm -q -r .\nsave one\n", "main", "t", "one",
	 "D a 100644>0, D dir/b 100644>0, D guarded 100644>0"},
	{"a foreign root merged in",
	 START "git checkout -q --orphan o\ngit rm -q -r -f .\nput u 1\nsave root2\nput u 2\nsave more\n"
	       "git checkout -q -b t main\ngit merge -q --allow-unrelated-histories --no-ff -m join o\n",
	 "main", "t", "join more root2", "A u 0>100644"},
	{"base has a root of its own",
	 START "git checkout -q -b t\nput c 1\nsave one\ngit checkout -q --orphan o main\nsave other\n"
	       "git checkout -q main\ngit merge -q --allow-unrelated-histories --no-ff -m join o\n",
	 "main", "t", "one", "A c 0>100644"},
	{"zones",
	 START "git checkout -q -b t\nput c 1\nGIT_AUTHOR_DATE='1700000000 +0530' git commit -q -m one\nput c 2\n"
	       "GIT_AUTHOR_DATE='1700000000 -0330' GIT_COMMITTER_DATE='1700000001 +1245' git commit -q -m two\n",
	 "main", "t", "two one", "A c 0>100644"},
	{"messages, and how they end",
	 START "git checkout -q -b t\nm() { printf \"$1\" | git commit -q --allow-empty --cleanup=verbatim -F -; }\n"
	       "m 'none'\nm 'two\\n\\n'\nm 'body\\n\\n  lines \\n\\n\\ttab\\n'\n"
	       "m 's\\n\\nCo-authored-by: B <8+b@users.noreply.github.com>\\nco-authored-by: C\\n'\n",
	 "main", "t", "s body two none", ""},
	{"signed commits",
	 START
	 "git checkout -q -b t\nsigned() {\n{ printf 'tree %s\\nparent %s\\n' $(git rev-parse 'HEAD^{tree}' HEAD)\n"
	 "printf 'author A <a@b> 1 +0545\\ncommitter C <c@d> 2 -1100\\n'\n"
	 "printf 'gpgsig -----BEGIN SIGNATURE-----\\n \\n abc\\n -----END SIGNATURE-----\\n%b\\n%s\\n' \"$1\" \"$2\"\n"
	 "} | git hash-object -t commit -w --stdin; }\n"
	 "git reset -q --hard $(signed '' one)\ngit reset -q --hard $(signed ' \\n' two)\n",
	 "main", "t", "two one", ""},
	{"a signed commit in UTF-7",
	 START "git checkout -q -b t\ngit reset -q --hard $({ printf 'tree %s\\nparent %s\\n' $(git rev-parse "
	       "'HEAD^{tree}' HEAD)\nprintf 'author A <a@b> 1 +0000\\ncommitter C <c@d> 2 +0000\\nencoding UTF-7\\n'\n"
	       "printf 'gpgsig -----BEGIN SIGNATURE-----\\n \\n abc\\n -----END SIGNATURE-----\\n\\none +ADQ-\\n'\n"
	       "} | git hash-object -t commit -w --stdin)\n",
	 "main", "t", "one +ADQ-", ""},
	{"a commit with an encoding",
	 START "git checkout -q -b t\nput c 1\ngit -c i18n.commitEncoding=ISO-8859-1 commit -q -m one\n", "main", "t",
	 "one", "A c 0>100644"},
	{"a message that is no UTF-8", START BY_HAND("A <a@b>", "caf\\351"), "main", "t", "caf\xe9", ""},
	{"a name that is no UTF-8", START BY_HAND("J\\351r <a@b>", "one"), "main", "t", "one", ""},
	{"a message with a NUL in it", START BY_HAND("A <a@b>", "one\\nmore\\0hidden"), "main", "t", "one", ""},
	{"a name with more blanks than git writes", START BY_HAND("A  b <a@b >", "one"), "main", "t", "one", ""},
	{"a tag merged with its signature",
	 START "git checkout -q -b t\ngit reset -q --hard $({ printf 'tree %s\\nparent %s\\n' $(git rev-parse "
	       "'HEAD^{tree}' HEAD)\nprintf 'author A <a@b> 1 +0000\\ncommitter C <c@d> 2 +0000\\n'\n"
	       "printf 'mergetag object %s\\n type commit\\n tag v\\n\\none\\n' $(git rev-parse HEAD)\n"
	       "} | git hash-object -t commit -w --stdin)\n",
	 "main", "t", "one", ""},
	{"a zone where nobody lives",
	 START "git checkout -q -b t\nGIT_AUTHOR_DATE='1700000000 +0017' git commit -q --allow-empty -m one\n", "main",
	 "t", "one", ""},
};

static const struct {
	const char *script, *path, *bytes; /* bytes NULL: absent */
	size_t max;
	enum err_code code;
} files[] = {
	{START "put .headgate.yml 'a: 1'\nsave policy\n", ".headgate.yml", "a: 1\n", 100, ERR_OK},
	{START, ".headgate.yml", NULL, 100, ERR_OK},
	{START, "dir/b", "1\n", 100, ERR_OK},
	{START, "dir/c", NULL, 100, ERR_OK},
	{START, "a/b", NULL, 100, ERR_OK},
	{START, "dir/b", "1\n", 2, ERR_OK},
	{START, "dir/b", NULL, 1, ERR_LIMIT},
	{START, "dir", NULL, 100, ERR_INVALID},
	{START "ln -s a link\ngit add link\nsave link\n", "link", NULL, 100, ERR_INVALID},
	{START "git update-index --add --cacheinfo 160000,$(git rev-parse main),sub\ngit commit -q -m s\n", "sub", NULL,
	 100, ERR_INVALID},
	{START "chmod +x a\ngit add a\nsave x\n", "a", "1\n", 100, ERR_OK},
	{START ": >e\ngit add e\nsave e\n", "e", "", 100, ERR_OK},
	{START, "", NULL, 100, ERR_INVALID},
	{START, "/a", NULL, 100, ERR_INVALID},
	{START, "dir/", NULL, 100, ERR_INVALID},
	{START, "dir//b", NULL, 100, ERR_INVALID},
	{START, "../a", NULL, 100, ERR_OK},
};

#endif

#!/bin/sh
# What the documents say is true: paths, commands, options, keys, metrics, endpoints and tests that they name exist, the
# policy in README is valid, and its transcript is what the program prints.
#   sh tests/docs.sh SOURCE HEADGATE
# shellcheck disable=SC2013,SC2016,SC2086
set -eu
cd "$1"
headgate=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
say() { echo "$1"; bad=1; }

guides="README.md CONTRIBUTING.md SECURITY.md CHANGELOG.md"
readmes="agent/PROTOCOL.md policy/README.md git/README.md webhooks/README.md agent/README.md tests/README.md examples/README.md
  tests/world/README.md tests/contract/README.md tests/model/README.md $(for part in agent/*/; do echo "${part}README.md"; done)"
for file in $guides $readmes; do
  [ -s "$file" ] || say "$file is missing"
done
[ "$(wc -l <README.md)" -lt 300 ] || say "README.md is too long"
cat $guides $readmes >"$work/all"

# Paths from the root; a capital NAME stands for many, policy/merge-allowed and policy/try-allowed are statuses.
for path in $(grep -oE '(^|[^A-Za-z0-9_/.-])(policy|git|webhooks|agent|tests|examples)/[A-Za-z0-9_./*-]*' "$work/all" |
  sed -E 's/^[^a-z]//; s/\.$//' | grep -v -e NAME -e '^policy/merge-allowed' -e '^policy/try-allowed' | sort -u); do
  set -- $path
  [ -e "$1" ] || say "no such path: $path"
done
for file in $(grep -ohE '\b[A-Z]+\.md\b' $guides | sort -u); do
  [ -e "$file" ] || say "no such file: $file"
done

# A document that a comment refers to stands here, too: from the root, or beside the file. A quoted name is no reference.
grep -rE '\.md\b' --include='*.[ch]' --include='*.sh' --include='*.mutant' --include=CMakeLists.txt \
  CMakeLists.txt policy git webhooks agent tests examples | grep -v '"' |
  sed -nE 's,^([^:]*):.*[^A-Za-z0-9_/.-]([A-Za-z0-9_/.-]+\.md)\b.*,\1 \2,p' | grep -v ' build/' | sort -u >"$work/referred"
while read -r file document; do
  [ -e "$document" ] || [ -e "$(dirname "$file")/$document" ] || say "$file refers to $document, which is not there"
done <"$work/referred"
[ -s "$work/referred" ] || say "no file refers to a document"

# Commands and options, both ways.
"$headgate" --help >"$work/help"
sed -nE 's/^  ([a-z]+( [a-z-]+)?)  .*/\1/p' "$work/help" >"$work/commands"
[ -s "$work/commands" ] || say "headgate --help lists no commands"
while read -r command; do
  "$headgate" $command --help >>"$work/help"
  grep -q "^|[^|]*headgate $command[\` ]" README.md || say "README does not list: headgate $command"
done <"$work/commands"
grep -oE '(`|^\$ )headgate ((policy|message|bugs) [a-z-]+|[a-z]+)' "$work/all" | sed -E 's/^.*headgate //' | sort -u >"$work/named"
while read -r command; do
  grep -qx "$command" "$work/commands" || say "no such command: headgate $command"
done <"$work/named"
for option in $(grep -ohE '(`|^\$ )(headgate |--)[^`]*' $guides | grep -oE -e '--[a-z-]+' | sort -u); do
  grep -q -e "$option" "$work/help" || say "no such option: $option"
done

# Keys, metrics, endpoints, tests.
for key in $(grep -ohE '`(limits|forge|mirror|log|workers)\.[a-z_]+`' $guides | tr -d '`' | sort -u); do
  grep -q "{\"$key\"," agent/base/config_keys.c || say "no such key: $key"
done
for metric in $(grep -ohE '\bheadgate_[a-z_]+' $guides | sort -u); do
  grep -q "\"$metric\"" agent/base/metrics_rows.c || say "no such metric: $metric"
done
for endpoint in $(grep -ohE '`(GET |POST )?/[A-Za-z][^` ]*`' $guides | grep -oE '/[^`]*' | sort -u); do
  grep -rqF "\"$endpoint\"" --include='*.[ch]' agent webhooks || say "no such endpoint: $endpoint"
done
for test in $(grep -ohE '\btest_[a-z_]+(\.[a-z_]+)?' $guides | grep -v '\.[ch]$' | sort -u); do
  file=tests/unit/${test%%.*}.c
  [ -e "$file" ] || { say "no such test: $test"; continue; }
  case $test in *.*) grep -q "(${test#*.})" "$file" || say "no such test: $test" ;; esac
done

# The cases that policy/README.md shows hold.
awk '/^```yaml$/ {on = 1; next} /^```$/ {if (on) exit} on' policy/README.md >"$work/shown.test.yml"
[ -s "$work/shown.test.yml" ] || say "policy/README.md shows no cases"
"$headgate" policy test --cover "$work/shown.test.yml" >"$work/printed" 2>&1 && ! grep -q warning "$work/printed" ||
  { cat "$work/printed"; say "policy/README.md shows cases that do not hold"; }

# The policy, and the transcript below it: each "$ " line is run again.
awk '/^```yaml$/ {on = 1; next} /^```$/ {if (on) exit} on' README.md >"$work/.headgate.yml"
[ "$(wc -l <"$work/.headgate.yml")" -eq 6 ] || say "README's policy has not six lines"
awk '/^```/ {if (on) exit; fence = !fence; next} fence && /^\$ headgate/ {on = 1} on' README.md >"$work/shown"
[ -s "$work/shown" ] || say "README shows no transcript"
mkdir "$work/bin"
ln -s "$headgate" "$work/bin/headgate"
ln -s "$PWD/tests" "$work/tests"
first=1
while IFS= read -r line; do
  [ "$first" ] || echo
  first=
  echo "$line"
  (cd "$work" && PATH=$work/bin:$PATH sh -c "${line#\$ }" </dev/null 2>&1) || true
done >"$work/printed" <<EOF
$(grep '^\$ ' "$work/shown")
EOF
diff "$work/shown" "$work/printed" || say "README's transcript (<) is not what the program prints (>)"
exit $bad

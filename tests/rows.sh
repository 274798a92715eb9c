#!/bin/sh
# tests/rows.md against the tests: every row, hole and threat stands there once with something to show, and each test
# that it names is written and in its program's table; and so is each that agent/tracker/README.md names, where the ideas
# stand in their order.
#   sh tests/rows.sh SOURCE
set -eu
cd "$1"
table=tests/rows.md
bad=0
say() { echo "$1"; bad=1; }

threats=$(echo $(seq 25 34) 48 49 $(seq 54 58) | sed 's/[0-9][0-9]*/T&/g')
for id in $(seq 1 50) $(seq 1 33 | sed 's/^/H/') $threats; do
  lines=$(grep -c "^| $id | [^|]* | [^| ][^|]* |\$" "$table" || true)
  [ "$lines" -eq 1 ] || say "$table: $lines lines of $id"
done
strange=$(grep '^| [HT]\{0,1\}[0-9]' "$table" | awk '{print $2}' | grep -vxE '[HT]?[0-9]+' || true)
[ -z "$strange" ] || say "$table: $strange"
[ "$(grep -c '^| [HT]\{0,1\}[0-9]' "$table")" -eq 100 ] || say "$table: not 50 rows, 33 holes and 17 threats"

ideas=agent/tracker/README.md
[ "$(grep -oE '^\| I[0-9]+ \| [^|]+ \| [^|]+ \| test_' "$ideas" | grep -oE 'I[0-9]+' | tr '\n' ' ')" = \
  "$(seq 1 17 | sed 's/^/I/' | tr '\n' ' ')" ] || say "$ideas: not the 17 ideas in their order, each with a test"
names=$(cat "$table" "$ideas" | grep -oE 'test_[a-z0-9_]+\.[a-z0-9_]+' | sort -u)
[ -n "$names" ] || say "$table names no test"
for name in $names; do
  program=${name%%.*} test=${name#*.}
  file=$(find tests/unit tests/e2e tests/sim -name "$program.c")
  if [ -z "$file" ]; then
    say "no such program: $program"
  elif ! grep -q "START_TEST($test)" "$file" || ! grep -qE "SUITE_(TEST|ROWS|SLOW|GIVEN)\($test[,)]|\.name = \"$test\"" "$file"; then
    say "no such test: $name"
  fi
done

# A test that is named for a row stands in that row.
for test in $(grep -ohE 'START_TEST\(row_[0-9]+_[a-z0-9_]+' tests/e2e/*.c | sed 's/START_TEST(//' | sort -u); do
  row=$(echo "$test" | sed -E 's/^row_0*([0-9]+)_.*/\1/')
  grep "^| $row | " "$table" | grep -qE "\.$test( |;|\$)" || say "$table: row $row does not name $test"
done
exit $bad

#!/bin/sh
# Checks the protocol's model with Spin: the design must hold in every scenario, and each weakened design must be
# refuted, by the claim that is written beside it. README.md says what that means. About a minute.
#
#   sh tests/model/run.sh                  the bounds of every day
#   sh tests/model/run.sh full             the larger ones, about a quarter of an hour
#   sh tests/model/run.sh NAME...          only these scenarios
#   sh tests/model/run.sh trail NO_NAME    a short counterexample against a weakened design, as a story
#   sh tests/model/run.sh trail SCENARIO   the same for the design, should it fail
#
# A search that was cut short (depth, memory, time) has verified nothing and counts as a difference.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
depth=${MODEL_DEPTH:-20000} memory=2000
for tool in spin cc; do
  command -v $tool >/dev/null 2>&1 || {
    echo "model: $tool is missing: install the package $([ $tool = spin ] && echo spin || echo gcc)" >&2
    exit 1
  }
done

rows() { sed -e '/^#/d' -e '/^ *$/d' "$1"; }

# $1: scenario, $2: mode. Its -D options, the later ones winning.
bounds() {
  rows "$here/scenarios" | awk -v name="$1" -v mode="$2" '
    $1 == name {
      for (i = 2; i <= NF && (mode == "full" || $i != "|"); i++)
        if (split($i, part, "=") == 2) value[part[1]] = part[2]
      for (key in value) print "-D" key "=" value[key]
    }'
}

number() { sed -nE "s/^#define $1 +\(off == ([0-9]+)\).*/\1/p" "$here/switches.pml"; }

# In the folder of a scenario. $1: scenario, $2: mode, the rest: for the compiler.
make_pan() {
  scenario=$1 mode=$2
  shift 2
  # shellcheck disable=SC2046 # one word each
  spin -a $(bounds "$scenario" "$mode") "$here/gate.pml" >spin.log 2>&1 || { cat spin.log; return 1; }
  cc -O1 -w -DSAFETY -DNOREDUCE -DNOFAIR -DMEMLIM=$memory "$@" -o pan pan.c || return 1
}

# $1: scenario, $2: switch or "design", $3: expected. One line: name scenario expected result states depth seconds
search() {
  rm -f gate.pml.trail
  if [ "$2" = design ]; then
    ./pan -m"$depth" >out 2>&1 || true
  else
    OFF=$(number "$2") CLAIM=$3 ./pan -m"$depth" >out 2>&1 || true
  fi
  awk -v name="$2" -v scenario="$1" -v expected="$3" '
    /assertion violated/ && !claim {
      claim = $0
      sub(/.*\|\|/, "", claim)
      sub(/[^A-Z0-9_].*/, "", claim)
    }
    /^pan:1:/ && !/assertion violated/ && !claim { claim = "stuck" }
    /states, stored/ { states = $1 }
    /depth reached/ { sub(/.*depth reached /, ""); depth = $0 + 0; errors = $NF }
    /elapsed time/ { seconds = $4 }
    /max search depth too small|out of memory|Search not completed/ { short = 1 }
    /^unreached in proctype Rest/ { rest = 1; next }
    /^unreached/ { rest = 0 }
    rest && /-end-/ { restless = 1 } # the claims on what has come to rest were never looked at
    END {
      result = errors == "" ? "broken" : claim ? claim : short ? "cut-short" : restless ? "restless" : "holds"
      print name, scenario, expected, result, states + 0, depth + 0, seconds + 0
    }' out
}

# $1: scenario, $2: mode, $3: folder. Everything in one scenario, one line each.
one() {
  mkdir "$3/$1"
  cd "$3/$1"
  if make_pan "$1" "$2" -DCOLLAPSE >make.log 2>&1; then
    search "$1" design holds
    rows "$here/weakened" | while read -r switch scenario claim; do
      [ "$scenario" != "$1" ] || search "$1" "$switch" "$claim"
    done
  else
    tail -n 5 make.log >&2
    echo "design $1 holds not-built 0 0 0"
  fi >"$3/$1.result"
  rm -f pan pan.* out
}

trail() {
  scenario=$(rows "$here/weakened" | awk -v name="$1" '$1 == name {print $2}')
  claim=$(rows "$here/weakened" | awk -v name="$1" '$1 == name {print $3}')
  if [ -n "$claim" ]; then
    OFF=$(number "$1") CLAIM=$claim
    export OFF CLAIM
  fi
  [ -n "$scenario" ] || scenario=$1
  [ -n "$(bounds "$scenario" "")" ] || { echo "model: no such scenario or switch: $1" >&2; exit 2; }
  cd "$work"
  make_pan "$scenario" "" -DREACH
  timeout "${MODEL_SECONDS:-60}" ./pan -i -m"$depth" >out 2>&1 || true # the best so far stands in the trail
  [ -f gate.pml.trail ] || { echo "$1: no counterexample"; return 0; }
  echo "$1 in scenario $scenario:"
  ./pan -S -r gate.pml.trail 2>&1 |
    grep -E '^(people|net|apply|judge|poster|forge|sweep|clock|rest)\b|assertion violated' |
    sed -E 's/^pan:1: assertion violated .*\|\|([A-Z0-9_]+)\).*/  -> claim \1 is broken/; t; s/^/  /'
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mode=${1:-}
case $mode in
one) one "$2" "$3" "$4" && exit 0 ;;
trail) trail "${2:?a name}" && exit 0 ;;
full) shift && only=$* ;;
*) only=$* ;;
esac

began=$(date +%s)
names=$(rows "$here/scenarios" | awk -v only=" $only " 'only ~ /^ *$/ || index(only, " " $1 " ") {print $1}')
[ -n "$names" ] || { echo "model: no such scenario: $only" >&2; exit 2; }
# shellcheck disable=SC2086
printf '%s\n' $names | xargs -P 2 -I NAME sh "$here/run.sh" one NAME "$mode" "$work"

# Every switch is in the table of weakened designs, and the other way round.
code=0
sed -nE 's/^#define (NO_[A-Z0-9_]+).*/\1/p' "$here/switches.pml" | sort >"$work/switches"
rows "$here/weakened" | awk '{print $1}' | sort -u | diff "$work/switches" - ||
  { echo "model: switches.pml (<) and weakened (>) name different switches" && code=1; }

for name in $names; do
  cat "$work/$name.result" 2>/dev/null || echo "design $name holds no-result 0 0 0"
done | awk '
  BEGIN { format = "%-24s %-10s %-11s %-11s %10s %6s %7s  %s\n"
          printf format, "design, or what it lacks", "scenario", "expected", "result", "states", "depth", "seconds", "" }
  { ok = $3 == $4; good += ok; bad += !ok
    printf format, $1, $2, $3, $4, $5, $6, $7, ok ? "" : "<-- not as expected" }
  END { printf "%d as expected, %d not", good, bad; exit bad > 0 }' || code=1
echo " ($(($(date +%s) - began)) s)"
exit $code

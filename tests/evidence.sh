#!/bin/sh
# The whole campaign behind what README says of headgate's promises; tests/run.sh has a sample of each part.
#
#   sh tests/evidence.sh              every part: some hours on two cores
#   sh tests/evidence.sh PART...      only these: broad trackers deep images mutants model kills errors oom sanitized messages policy-mutants
#                                     secrecy timing
#   HEADGATE_SEED=N                   the first seed of broad, trackers, deep, images and secrecy (1), of the dice of timing
#
# Each part leaves build/evidence/PART.txt (its output) and one row; build/evidence/table.md puts the rows together, with
# the commit that each was run on. A part that fails is a row that says so, and the exit code is 1.
set -eu
cd "$(dirname "$0")/.."
out=$PWD/build/evidence
seed=${HEADGATE_SEED:-1}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
mkdir -p "$out"
bin=build/release/bin
failed=0

built() {
  cmake --preset "$1" >"$out/$1-configure.log" 2>&1
  shift
  cmake --build "build/$preset" -j "$jobs" "$@" >"$out/$preset-build.log" 2>&1
}
optimised() { preset=release && built release --target optimised; }
sanitized() { preset=asan && built asan "$@"; }

broad() { optimised && $bin/headgate-sim --stage broad --from "$seed" --seeds 1000000 --jobs "$jobs" --least 100 --keep-going; }
# Of ten million nine are brief (tests/sim/README.md): two to three hours on two cores.
trackers() { optimised && $bin/headgate-sim --stage broad --from "$seed" --seeds 10000000 --jobs "$jobs" --least 100 --keep-going --set trackers=1 --set brief=900; }
deep() { optimised && $bin/headgate-sim --stage deep --from "$seed" --seeds 20000 --jobs "$jobs" --least 1 --keep-going; }
images() { optimised && $bin/headgate-images --images 10000 --seed "$seed"; }
mutants() { optimised && $bin/headgate-sim-mutants --check tests/sim/seeds.txt; }
model() { sh tests/model/run.sh full; }
kills() { optimised && CK_TIMEOUT_MULTIPLIER=20 HEADGATE_KILL_POINTS=1200 $bin/test_kill_points; }
errors() { optimised && CK_TIMEOUT_MULTIPLIER=20 HEADGATE_DISK_ERRORS=700 $bin/test_disk_errors; }
# Without a sanitizer: ten times as many points in the same time.
oom() { preset=dev && built dev && cmake --build build/dev --target oom_all; }
sanitized_sim() { sanitized --target headgate-sim && build/asan/bin/headgate-sim --seeds 5000 --jobs "$jobs"; }

messages() { preset=release && built release --target test_message_equal && CK_TIMEOUT_MULTIPLIER=60 HEADGATE_MESSAGES=10000000 $bin/test_message_equal; }

# Pairs of worlds that differ in secrets alone; and whether GETs tell by their time.
secrecy() { preset=release && built release --target test_secrecy && CK_TIMEOUT_MULTIPLIER=20 HEADGATE_SEED=$seed HEADGATE_SECRET_PAIRS=100000 $bin/test_secrecy; }
timing() { preset=release && built release --target bench_timing && CK_FORK=no HEADGATE_SEED=$seed $bin/bench_timing; }

policy_mutants() { sh tests/mutants/policy.sh --fresh; }

# What one part came to, in its own words.
sum_of() {
  case $1 in
  broad | trackers | deep | sanitized) grep -E '^(broad|deep): |^violations' "$out/$1.txt" | tr '\n' ' ' ;;
  images) grep '^images: ' "$out/$1.txt" | tail -n 1 ;;
  policy-mutants) grep "^mutants: " "$out/$1.txt" | tail -n 1 ;;
  mutants) tail -n 1 "$out/$1.txt" ;;
  model) tail -n 1 "$out/$1.txt" ;;
  messages) sed -n 's/^messages: \(.*\) equal in.*/\1 equal/p' "$out/$1.txt" | tr '\n' ' ' ;;
  secrecy | timing) sed -n "s/^$1: //p" "$out/$1.txt" | tr '\n' ' ' ;;
  oom) grep '^oom: ' "$out/$1.txt" | tail -n 1 ;;
  *) grep -E 'kills|errors|Checks' "$out/$1.txt" | tail -n 2 | tr '\n' ' ' ;;
  esac
}

part() {
  name=$1 began=$(date +%s) result=ok
  run=$name
  [ "$name" != sanitized ] || run=sanitized_sim
  [ "$name" != policy-mutants ] || run=policy_mutants
  echo "== $name"
  if ! (set -e && $run) >"$out/$name.txt" 2>&1; then
    result=FAILED
    failed=1
  fi
  printf '| %s | %s | %s | %s s | %s |\n' "$name" "$(git rev-parse --short HEAD)" "$result" "$(($(date +%s) - began))" \
    "$(sum_of "$name" | tr '|' '/')" >"$out/$name.row"
  cat "$out/$name.row"
}

all='broad trackers deep images mutants model kills errors sanitized oom messages policy-mutants secrecy timing'
for name in ${*:-$all}; do
  case " $all " in
  *" $name "*) part "$name" ;;
  *) echo "evidence: no part \"$name\"; there are: $all" >&2 && exit 2 ;;
  esac
done
{
  echo '| part | commit | result | time | what it came to |'
  echo '|---|---|---|---|---|'
  for name in $all; do [ ! -f "$out/$name.row" ] || cat "$out/$name.row"; done
} >"$out/table.md"
echo
cat "$out/table.md"
exit $failed

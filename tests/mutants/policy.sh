#!/bin/sh
# What the tests of the policy language are worth: each mutant of its sources (mutate.c says which there are) is compiled
# alone, linked with the rest, and the unit tests of the language run over it until one fails.
#
#   sh tests/mutants/policy.sh [--only FILE]... [--sample N [--seed S]] [--jobs N] [--fresh] [--quick|--brief]
#   sh tests/mutants/policy.sh --select        the files that have mutants by default
#
# A mutant that no test sees survives. Those that nobody could see stand in policy-survivors.txt, each with a reason; one
# that is not there, and one that is there and is seen after all or cannot be found, fail: exit 1. What an optimising
# compiler makes the same code of is the same program, and is only counted.
#
# What was seen is kept in build/mutants-policy until the mutated file changes; survivors are asked again each time.
# --fresh forgets everything. The sanitizers are asked about what survives; --brief asks them about nothing that is
# listed, --quick about nothing at all.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD work=$PWD/build/mutants-policy bin=$PWD/build/dev/bin survivors=tests/mutants/policy-survivors.txt
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) sample=0 seed=1 only='' brief=0 presets='dev asan'
# Of the parser and the evaluator: not what reads messages, YAML, TOML and cases, which have comparisons of their own.
files='actors actors_said attribution bug_flags bug_predicates bugs_named bugs_wanted candidates contributors
  distinct facts keys lint methods orders owners owners_github owners_glob owners_json owners_key owners_rule
  people policy_combine policy_contexts policy_default policy_disapproval policy_eval policy_explain
  policy_group policy_options policy_parse policy_push policy_pushes policy_rule policy_show predicate
  predicate_bugs predicate_change predicate_combine predicate_files predicate_landing predicate_lines
  predicate_message predicate_outcomes predicate_people predicate_signatures predicate_time predicate_tree
  remote reviews standing_orders tree verdict wants'
# The quick ones first: most mutants die in them. The last ones ask nothing but the files of owners.
programs='policy_eval policy_predicates policy_people policy_fresh policy_parse policy_rows policy_words policy_next
  policy_said policy_needs policy_typing policy_remarks policy_hands policy_group policy_wrong policy_actors policy_bot
  policy_compose policy_join policy_methods policy_doubt policy_owners policy_probes policy_bugs policy_bug_flags
  policy_bug_bounds policy_bug_attacks policy_push policy_pushes policy_standing policy_orders policy_tree policy_attribution
  policy_contexts policy_values policy_limits policy_remote orders cases facts_json pushers policy_tools distinct
  bad_policy policy_files policy_owners_file policy_schema policy_time'
owners_programs='owners_lines owners_json owners'

usage() {
  sed -n '5,6s/^# *//p' "$0" >&2
  exit 2
}
while [ $# -gt 0 ]; do
  case $1 in
  --only) only="$only ${2:?}" && shift ;;
  --sample) sample=${2:?} && shift ;;
  --seed) seed=${2:?} && shift ;;
  --jobs) jobs=${2:?} && shift ;;
  --fresh) rm -rf "$work" ;;
  --quick) presets=dev ;;
  --brief) brief=1 ;;
  --select) for file in $files; do echo "policy/$file.c"; done && exit 0 ;;
  *) usage ;;
  esac
  shift
done
[ -n "$only" ] || only=$(for file in $files; do echo "policy/$file.c"; done)

# ---- the programs, over a shared library of the policy ----

# $1: preset. As they are always built; a sanitizer tells what else is wrong and does no harm by chance.
built() {
  targets=
  for program in $programs $owners_programs; do targets="$targets test_$program"; done
  # shellcheck disable=SC2086
  { cmake --preset "$1" && cmake --build "build/$1" -j "$jobs" --target mutate headgate_policy $targets; } \
    >"$work/$1-build.log" 2>&1 || { tail -n 30 "$work/$1-build.log" && exit 2; }
}
# $1: preset. How the files of policy/ are compiled there: without a file's name, warnings, and what is for debugging.
compiler() {
  sed -n "s|^ *\"command\": \"\(.*\) -o [^ ]* -c $root/policy/err.c\".*|\1|p" "build/$1/compile_commands.json" |
    tr ' ' '\n' | grep -v -e '^-W' -e '^-g$' | tr '\n' ' '
}
# $1: preset. In $work/$1 each program, with the policy in a library of its own: what stands in front of it is taken
# instead (LD_PRELOAD), function by function, so that a mutant is one object file.
linked() {
  mkdir -p "$work/$1/objects"
  rm -f "$work/$1"/objects/*
  (cd "$work/$1/objects" && ar x "$root/build/$1/libheadgate_policy.a")
  sanitizer=
  [ "$1" = dev ] || sanitizer=-fsanitize=address,undefined
  # shellcheck disable=SC2046,SC2086
  cc -shared $sanitizer -o "$work/$1/libpolicy.so" "$work/$1"/objects/*.o $(pkg-config --libs libfyaml libpcre2-8)
  cp "$work/$1/libpolicy.so" "$work/$1/again.so"
  for program in $programs $owners_programs; do
    rm -f "$work/$1/test_$program"
    link=$(sed -e "s|-o [^ ]*|-o $work/$1/test_$program|" -e "s|-Wl,-Map=[^ ]*||" \
      -e "s|[^ ]*libheadgate_policy.a|-L$work/$1 -Wl,-rpath,$work/$1 -lpolicy|" \
      "build/$1/tests/CMakeFiles/test_$program.dir/link.txt")
    (cd "build/$1/tests" && sh -c "$link")
  done
}

# ---- one mutant ----

# $1: preset, $2: a library. What LD_PRELOAD must be to have it in front.
in_front() {
  [ "$1" = dev ] || printf '%s ' "$libasan"
  printf '%s\n' "$2"
}
# $1: preset, $2: what stands in front, the rest: programs. Prints the first that fails: "NAME", "NAME timeout".
killer() {
  preset=$1 preload=$2 seconds=8
  [ "$preset" = dev ] || seconds=30
  shift 2
  for program in "$@"; do
    code=0
    # A process of its own for each test would cost most of the time; what never ends is a difference, too. All need far
    # less of a processor; the clock is for what sleeps, and long, since a busy machine is slow. That the mutant's tables
    # are there twice is no error of its own.
    # shellcheck disable=SC3045
    (cd "$work/room" && ulimit -t "$seconds" && timeout 600 env LD_PRELOAD="$preload" \
      ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=0 CK_FORK=no CK_VERBOSITY=silent \
      "$work/$preset/test_$program") >/dev/null 2>&1 || code=$?
    case $code in
    0) ;;
    124 | 137 | 152) echo "$program timeout" && return ;;
    *) echo "$program" && return ;;
    esac
  done
}
# $1: directory, $2: name. The mutant's and the original's code are the same where a compiler tries.
same_code() {
  [ -f "$1/$2.original" ] || $compile_dev -O2 -w -c "policy/$2" -o "$1/$2.original"
  $compile_dev -O2 -w -c "$1/$2" -o "$1/optimised.o"
  cmp -s "$1/optimised.o" "$1/$2.original"
}
# $1: preset, $2: directory, $3: name. False: it does not compile.
compiled() {
  compile=$compile_dev
  [ "$1" = dev ] || compile=$compile_asan
  $compile -w -c "$2/$3" -o "$2/mutant.o" && $compile -w -shared "$2/mutant.o" -o "$2/mutant.so"
}
# $1: file. The programs that are asked about it, in $asked.
asked_about() {
  asked=$programs
  case $1 in */owners*) asked="$owners_programs $programs" ;; esac
}
# $1: program. What saw one mutant of a file sees the next, more often than not.
ask_first() {
  for program in $asked; do [ "$program" = "$1" ] || set -- "$@" "$program"; done
  asked=$*
}
# $1: directory of the worker, $2: file, $3: number. Leaves the answer in $answer.
judged() {
  name=$(basename "$2")
  "$bin/mutate" "$2" "$3" >"$1/$name"
  compiled "$stage" "$1" "$name" || { answer=broken && return; }
  # shellcheck disable=SC2086
  seen=$(killer "$stage" "$(in_front "$stage" "$1/mutant.so")" $asked)
  case $seen in
  '') answer=survived && { [ "$stage" = asan ] || ! same_code "$1" "$name" || answer=same; } ;;
  *timeout) answer="timeout ${seen%% *}" ;;
  *) answer="killed $seen" ;;
  esac
  [ -z "$seen" ] || ask_first "${seen%% *}"
}
# $1: number of the worker. Reads lines of file, number, ...; writes file, number, answer.
worker() {
  mkdir -p "$work/$1"
  rm -f "$work/$1"/*.original
  last=
  while IFS="$tab" read -r file number rest; do
    [ "$file" = "$last" ] || asked_about "$file"
    last=$file
    judged "$work/$1" "$file" "$number"
    printf '%s\t%s\t%s\n' "$file" "$number" "$answer" >>"$work/$(basename "$file").answers"
  done
}
# All that $work/todo names, as many at a time as there are workers.
work_off() {
  job=0 pids=
  while [ "$job" -lt "$jobs" ]; do
    awk -v n="$jobs" -v i="$job" 'NR % n == i' "$work/todo" >"$work/todo.$job"
    worker "$job" <"$work/todo.$job" 2>"$work/$job.log" &
    pids="$pids $!"
    job=$((job + 1))
  done
  for pid in $pids; do wait "$pid"; done
}

# ---- all of them ----

# The mutants of the chosen files: file, number, line, function, before, after. A third of the same in one function is
# told from the first by its number.
listed() {
  for file in $only; do
    [ -f "$file" ] || { echo "no such file: $file" >&2 && exit 2; }
    "$bin/mutate" "$file" | awk -F '\t' -v OFS='\t' -v file="$file" \
      '{key = $3 FS $4 FS $5; n = ++seen[key]; print file, $1, $2, $3, $4, $5 (n > 1 ? " #" n : "")}'
  done
}
chosen() {
  if [ "$sample" -gt 0 ]; then
    awk -v seed="$seed" 'BEGIN {srand(seed)} {print rand() "\t" $0}' "$work/all" | sort -g | head -n "$sample" |
      cut -f 2- | sort -t "$tab" -k 1,1 -k 2,2n
  else
    cat "$work/all"
  fi
}
# Answers about an earlier text of a file say nothing.
forget_changed() {
  for file in $only; do
    kept=$work/$(basename "$file")
    sum=$(sha256sum <"$file")
    [ "$(cat "$kept.sum" 2>/dev/null)" = "$sum" ] || : >"$kept.answers"
    echo "$sum" >"$kept.sum"
    grep -v "${tab}survived$" "$kept.answers" >"$kept.new" || true
    mv "$kept.new" "$kept.answers"
  done
}
# Those chosen ones that no test saw so far.
survived() {
  cat "$work"/*.answers >"$work/known"
  awk -F "$tab" '!chosen {known[$1, $2] = $3; next} known[$1, $2] == "survived"' "$work/known" chosen=1 "$work/chosen"
}
# Of mutants as lines those that are not listed.
unlisted() {
  reasons >"$work/reasons"
  awk -F "$tab" '!mutants {listed[$1, $2, $3, $4]; next} !(($1, $4, $5, $6) in listed)' "$work/reasons" mutants=1 -
}
# The listed ones, as lines of file, function, before, after.
reasons() {
  awk -v OFS='\t' '/^policy\// {file = $1; fn = $2} /^  - / {before = substr($0, 5)} /^  \+ / {after = substr($0, 5)}
    /^  why: ./ {print file, fn, before, after}' "$survivors"
}

mkdir -p "$work/room"
tab=$(printf '\t') libasan=$(cc -print-file-name=libasan.so)
for preset in $presets; do
  built "$preset"
  linked "$preset"
  # The policy in front of itself: that something stands there is not to be seen.
  # shellcheck disable=SC2086
  seen=$(killer "$preset" "$(in_front "$preset" "$work/$preset/again.so")" $programs $owners_programs)
  [ -z "$seen" ] || { echo "$seen fails without any mutant" && exit 2; }
done
compile_dev=$(compiler dev) compile_asan=
[ "$presets" = dev ] || compile_asan=$(compiler asan)
[ -n "$compile_dev" ] || { echo "no command for policy/err.c in build/dev/compile_commands.json" && exit 2; }
listed >"$work/all"
forget_changed
chosen >"$work/chosen"
cat "$work"/*.answers >"$work/known"
awk -F '\t' '!todo {known[$1, $2]; next} !(($1, $2) in known)' "$work/known" todo=1 "$work/chosen" >"$work/todo"
echo "$(wc -l <"$work/chosen") mutants of $(wc -l <"$work/all"), $(wc -l <"$work/todo") to be asked"
for stage in $presets; do
  case $stage$brief in
  asan0) survived >"$work/todo" ;;
  asan1) survived | unlisted >"$work/todo" ;;
  esac
  work_off
done

cat "$work"/*.answers >"$work/known"
reasons >"$work/reasons"
awk -F '\t' -f tests/mutants/policy-table.awk part=1 "$work/known" part=2 "$work/reasons" part=3 "$work/all" \
  part=4 "$work/chosen"

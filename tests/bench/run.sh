#!/bin/sh
# Figures, by hand: prints ratios of interleaved runs on this machine (README.md says what each means).
#
#   sh tests/bench/run.sh [PART...]     parts: see the table below; none: all
#   REPEATS=5 EACH=2                    repetitions of a pair, and seconds of each
#
# A timing that misses its goal is printed as missed and fails nothing; so is one that is void or inconclusive. What is
# counted and not timed (requests, lost deliveries, answers other than 2xx) fails: exit 1.
set -eu
cd "$(dirname "$0")/../.."
repeats=${REPEATS:-5} each=${EACH:-2}
bin=$PWD/build/release/bin deliveries=$PWD/tests/data/deliveries
bad=0 run=0 server=

parts() {
  cat <<'TABLE'
accept    a mixed corpus is stored before its 202 at >= 50 % of the rate of the same server without the store
facts     the facts of a payload are taken out in <= 1/20 of the time that jansson takes to parse it
messages  commit messages are read in <= 1/3 of the time that PCRE2's JIT takes to find the same in them
judge     a change is judged by the built-in policy >= 100,000 times a second, for <= 1/20 of the instructions of parsing the event
peer      deliveries are accepted >= 4 times as fast as by Probot 14, which stores nothing
apply     what comes in at 5,000 deliveries a second for four seconds is applied as it comes
pending   from a push to `pending` accepted by the forge: p50 < 50 ms among 100 events a second
burst     400 pushes to one change: none lost, at most 5 judgements
table     a bug is looked up in <= 1/100 of the time of a prepared SQLite statement; 2,000,000 bugs are <= 2 MB and read in <= 300 ms
hook      a hook's process starts in <= 1.2 times of an empty static program; a push of 10 commits takes <= 25 % more with it, and <= 1.1 times of one with a hook that only runs git rev-list
bugs      a bug's event takes a success back, accepted by the forge, in p99 < 1 s; among 100,000 open changes it judges the three that name it, and takes as long as among 1,000
requests  a judgement in the steady state: at most 4 reads that count against the rate, and the POST
TABLE
}

say_part() { parts | sed -n "s/^$1  */== $1: /p"; }

# ---- servers and load ----

finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$dir"
}
# $1: file that the server writes "port N" to
port_of() {
  for _ in $(seq 200); do
    port=$(sed -n 's/^port //p' "$1")
    [ -z "$port" ] || { echo "$port" && return; }
    sleep 0.1
  done
  echo "no server: $(cat "$1")" >&2
  exit 2
}
value() { sed -n "s/.*\<$1=\([^ ]*\).*/\1/p" "$2" | tail -n 1; }

# $1: name of this run, $2: path, the rest: more for the load. The server is up; its output is in $1/out.
load() {
  name=$1 path=$2
  shift 2
  run=$((run + 1))
  "$bin/bench_load" --port "$(port_of "$dir/$name/out")" --path "$path" --corpus "$deliveries" \
    --secret-file "$dir/secret" --run $run --acks "$dir/$name/acks" --seconds "$each" "$@" >"$dir/$name/load" ||
    { echo "answers other than 2xx, or none: $(cat "$dir/$name/load")" && bad=1; }
  kill "$server"
  wait "$server" || true
  server=
  echo "$(value cpu "$dir/$name/load")" >>"$dir/generator"
}

# $1: mode of bench_serve, the rest: more for the load. Leaves load and out of the run in $dir/MODE.
ours() {
  mode=$1
  shift
  rm -rf "${dir:?}/$mode" && mkdir -p "$dir/$mode"
  "$bin/bench_serve" serve "$mode" "$dir/$mode" "$dir/secret" >"$dir/$mode/out" &
  server=$!
  load "$mode" /webhooks/github "$@"
  case $mode in
  store | apply)
    "$bin/bench_serve" check "$dir/$mode" "$dir/$mode/acks" $run >"$dir/checked" ||
      { echo "the journal is not what was acknowledged: $(cat "$dir/checked")" && bad=1; }
    ;;
  esac
}
rate() { value rate "$dir/$1/load"; }
cpu_each() { awk -v c="$(value cpu_us "$dir/$1/out")" -v n="$(value sent "$dir/$1/load")" 'BEGIN {printf "%.1f", c / n}'; }

# ---- figures ----

# $1: file, a number a line: "median [least-most]"
spread() { sort -g "$1" | awk '{a[NR] = $1} END {m = NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2; printf "%.2f [%.2f-%.2f] n=%d", m, a[1], a[NR], NR}'; }
median() { spread "$1" | sed 's/ .*//'; }
# How many times the least is in the most.
width() { sort -g "$1" | awk 'NR == 1 {least = $1} {most = $1} END {printf "%.1f", (least > 0 ? most / least : 99)}'; }
over() { awk -v a="$1" -v b="$2" 'BEGIN {exit !(a > b)}'; }

# $1: median, $2: ">=" or "<", $3: goal, $4: file with the yardstick's own figures (or empty)
judge() {
  if over "$(sort -g "$dir/generator" | tail -n 1)" 0.90; then
    echo "void: the generator was busy for more than 90 % of the time"
  elif [ -n "${void:-}" ]; then
    echo "void: $void"
  elif [ -n "$4" ] && over "$(width "$4")" 2; then
    echo "inconclusive: what it is compared with differs by $(width "$4") times from run to run ($1, goal $2 $3)"
  elif awk -v a="$1" -v b="$3" "BEGIN {exit !(a $2 b)}"; then
    echo "met ($1 $2 $3)"
  else
    echo "MISSED ($1, goal $2 $3)"
  fi
}

begin() {
  void=
  : >"$dir/generator"
  for file in ratio yardstick strict cpu_a cpu_b late lag rates; do : >"$dir/$file"; done
}
divide() { awk -v a="$1" -v b="$2" 'BEGIN {print a / b}'; }

# ---- parts ----

part_accept() {
  begin
  disk=$("$bin/bench_serve" probe "$dir" | sed 's/.*=//')
  [ "$disk" -le 500 ] || void="one small fdatasync takes $disk us here (500 at most)"
  for _ in $(seq "$repeats"); do
    ours sink && ours store && ours verify
    divide "$(rate store)" "$(rate sink)" >>"$dir/ratio"
    divide "$(rate store)" "$(rate verify)" >>"$dir/strict"
    divide "$(cpu_each store)" "$(cpu_each sink)" >>"$dir/cpu_a"
    cpu_each store >>"$dir/cpu_b" && echo >>"$dir/cpu_b"
    rate sink >>"$dir/yardstick"
    echo "   sink $(rate sink)/s, store $(rate store)/s, verify only $(rate verify)/s; $(cat "$dir/checked")"
  done
  echo "store / sink: $(spread "$dir/ratio"); store / verify only: $(spread "$dir/strict")"
  echo "CPU of the server: store / sink $(spread "$dir/cpu_a"), store $(sed '/^$/d' "$dir/cpu_b" >"$dir/cpu" && spread "$dir/cpu") us a delivery; fdatasync $disk us"
  judge "$(median "$dir/ratio")" ">=" 0.50 "$dir/yardstick"
}

part_facts() {
  begin
  corpus=$(sh tests/npm/fetch.sh build/npm 2>"$dir/npm") || { corpus= && echo "recorded payloads: $(tail -n 1 "$dir/npm")"; }
  # shellcheck disable=SC2086
  "$bin/bench_scan" "$deliveries" $corpus >"$dir/scan"
  cat "$dir/scan"
  echo 0 >"$dir/generator"
  judge "$(sed -n '/^own/,/^rec/s/^ *scan.*jansson takes \([0-9.]*\) .*/\1/p' "$dir/scan")" ">=" 20 ""
}

part_messages() {
  begin
  git log -z --format=tformat:%B >"$dir/history" 2>"$dir/git" || { echo "skipped: no history: $(cat "$dir/git")" && return 0; }
  "$bin/bench_messages" <"$dir/history" >"$dir/messages" || { cat "$dir/messages" && bad=1 && return 0; }
  cat "$dir/messages"
  echo 0 >"$dir/generator"
  judge "$(sed -n 's/^history *strict .*share \([0-9.]*\) .*/\1/p' "$dir/messages")" "<=" 0.333 ""
}

# $1: way of bench_judge. Instructions that each one takes.
instructions() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=counted \
    "$bin/bench_judge" "$deliveries" "$1" 100 2>&1 | sed -n 's/.*Collected : \([0-9]*\)..$/\1/p'
}
part_judge() {
  begin
  "$bin/bench_judge" "$deliveries" >"$dir/judge"
  cat "$dir/judge"
  echo 0 >"$dir/generator"
  judge "$(sed -n 's/^judge .*rate=\([0-9]*\) .*/\1/p' "$dir/judge")" ">=" 100000 ""
  command -v valgrind >/dev/null 2>&1 || { echo "instructions skipped: no valgrind" && return 0; }
  ours=$(instructions judge) theirs=$(instructions jansson)
  echo "instructions: $ours a judgement, $theirs for parsing the event"
  judge "$(divide "$theirs" "$ours")" ">=" 20 ""
}

peer_installed() {
  hash=$(cat tests/bench/probot/* | sha256sum | cut -c1-16)
  peer=$PWD/build/peer/$hash
  [ ! -d "$peer/node_modules" ] || return 0
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || { echo "skipped: no Node.js with npm" && return 1; }
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 18) ? 0 : 1)' ||
    { echo "skipped: Node.js $(node --version) is older than 20.18" && return 1; }
  rm -rf "$peer.new" && mkdir -p "$peer.new" && cp tests/bench/probot/* "$peer.new/"
  (cd "$peer.new" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >"$dir/npm" 2>&1) ||
    { echo "skipped: npm could not install it: $(tail -n 1 "$dir/npm")" && return 1; }
  mv "$peer.new" "$peer"
}

theirs() {
  rm -rf "$dir/peer" && mkdir -p "$dir/peer"
  NODE_ENV=production node "$peer/server.js" "$dir/secret" >"$dir/peer/out" 2>&1 &
  server=$!
  load peer /api/github/webhooks
}

part_peer() {
  begin
  peer_installed || return 0
  for _ in $(seq "$repeats"); do
    theirs && ours store
    divide "$(rate store)" "$(rate peer)" >>"$dir/ratio"
    rate peer >>"$dir/yardstick"
    echo "   Probot $(rate peer)/s, store $(rate store)/s"
  done
  echo "store / Probot: $(spread "$dir/ratio")"
  judge "$(median "$dir/ratio")" ">=" 4 "$dir/yardstick"
}

part_apply() {
  begin
  for _ in $(seq "$repeats"); do
    ours apply --rate 5000 --seconds 4 --connections 64
    value most_lag_ms "$dir/apply/out" >>"$dir/lag"
    rate apply >>"$dir/rates"
    came="$(rate apply)/s came in; at most $(value most_waiting "$dir/apply/out") rows and $(value most_lag_ms "$dir/apply/out") ms behind, $(value drained_ms "$dir/apply/out") ms after the last"
    ours store && "$bin/bench_serve" drain "$dir/store" >"$dir/drained"
    value rate "$dir/drained" >>"$dir/ratio"
    echo "   $came; alone it applies $(value rate "$dir/drained")/s"
  done
  over "$(median "$dir/rates")" 4900 || void="only $(median "$dir/rates") deliveries a second could be accepted beside it"
  echo "lag at most, ms: $(spread "$dir/lag"); alone, rows/s: $(spread "$dir/ratio")"
  judge "$(median "$dir/ratio")" ">=" 5000 ""
}

part_pending() {
  begin
  for _ in $(seq "$repeats"); do
    "$bin/bench_pending" >"$dir/pending" || { cat "$dir/pending" && bad=1 && return 0; }
    sed 's/^/   /' "$dir/pending"
    value p50_ms "$dir/pending" >>"$dir/late"
    value cpu "$dir/pending" >>"$dir/generator"
  done
  echo "push to pending, p50 in ms: $(spread "$dir/late")"
  judge "$(median "$dir/late")" "<" 50 ""
}

# $1: test of tests/e2e/test_cost.c
counted() {
  if HEADGATE_BIN=$bin CK_RUN_CASE=$1 "$bin/test_cost" >"$dir/counted" 2>&1; then
    sed '/^Running\|^100%/d' "$dir/counted" && echo holds
  else
    cat "$dir/counted" && echo BROKEN && bad=1
  fi
}
part_burst() {
  begin
  echo 0 >"$dir/generator"
  for _ in $(seq "$repeats"); do
    counted four_hundred_pushes_are_a_few_judgements_and_none_is_lost
    sed -n 's/.*lost; \([0-9]*\) judgements.*/\1/p' "$dir/counted" >>"$dir/ratio"
  done
  echo "judgements of 400 pushes: $(spread "$dir/ratio")"
  judge "$(median "$dir/ratio")" "<=" 5 ""
}
part_requests() {
  counted a_steady_judgement_costs_four_reads_that_count_and_one_post
  counted a_judgement_that_finds_nothing_new_costs_nothing
}

part_table() {
  begin
  mkdir -p "$dir/table"
  "$bin/bench_table" "$dir/table" >"$dir/looked" || { cat "$dir/looked" && bad=1 && return 0; }
  sed 's/^/   /' "$dir/looked"
  echo 0 >"$dir/generator"
  judge "$(sed -n 's/^ratio median=\([0-9.]*\) .*/\1/p' "$dir/looked")" ">=" 100 ""
  judge "$(sed -n 's/^start_ms median=\([0-9.]*\) .*/\1/p' "$dir/looked")" "<=" 300 ""
  judge "$(value memory_bytes "$dir/looked")" "<=" 2000000 ""
  judge "$(value disk_bytes "$dir/looked")" "<=" 2000000 ""
}

part_bugs() {
  begin
  echo 0 >"$dir/generator"
  "$bin/bench_bugs" revoke 30 >"$dir/revoked" || { cat "$dir/revoked" && bad=1 && return 0; }
  sed 's/^/   /' "$dir/revoked"
  judge "$(value p99_ms "$dir/revoked")" "<" 1000 ""
  for _ in $(seq "$repeats"); do
    for n in 1000 100000; do
      "$bin/bench_bugs" crowd $n 50 >"$dir/crowd$n" || { cat "$dir/crowd$n" && bad=1 && return 0; }
      sed 's/^/   /' "$dir/crowd$n"
    done
    divide "$(value us "$dir/crowd100000")" "$(value us "$dir/crowd1000")" >>"$dir/ratio"
  done
  echo "among 100,000 / among 1,000: $(spread "$dir/ratio")"
  judge "$(median "$dir/ratio")" "<=" 1.5 ""
}

# In $dir/hook: a daemon that knows each bug from its table, and three repositories behind git's own daemon: without a
# hook, with one that only runs git rev-list, and with headgate-hook.
hook_daemon() {
  printf 'token\n' >token && chmod 600 token && mkdir -m 700 state
  printf '%s\n' 'policy: {approval: [land]}' 'approval_rules:' \
    '  - {name: land, visibility: restricted, requires: {conditions: {bugs: {every: {private: false}}}}}' >hook.yml
  printf '%s\n' 'listen: 127.0.0.1:0' 'ops_listen: 127.0.0.1:0' "state_dir: $PWD/state" \
    "forge: {api_url: 'http://127.0.0.1:1', token_file: $PWD/token, webhook_secrets: [{file: $dir/secret}]}" \
    'trackers: [{name: bmo, source: table}]' 'hook:' "  socket: $PWD/s" '  per_minute: 100000' '  repositories:' \
    "    - {name: r, policy: $PWD/hook.yml, tracker: bmo}" >h.yml
  echo '[99999999]' >bugs.json
  "$bin/headgate" bugs import -c h.yml --complete 4000000 bugs.json >imported 2>&1 || { cat imported && return 1; }
  "$bin/headgate" serve -c h.yml >agent.log 2>&1 &
  server=$!
  for _ in $(seq 200); do [ -S s ] && return 0 || sleep 0.05; done
  cat agent.log && return 1
}
hook_repositories() {
  export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.test GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.test
  git init -q -b main w && (cd w && seq 2000 >f && git add f && git commit -q -m start)
  for name in none revlist ours; do git clone -q --bare w "$name.git" && touch "$name.git/git-daemon-export-ok"; done
  printf '%s\n' '#!/bin/sh' 'while read -r old new ref; do git rev-list --format=%B "$old..$new" >/dev/null; done' \
    >revlist.git/hooks/pre-receive
  printf '%s\n' '#!/bin/sh' "exec $bin/headgate-hook pre-receive --repository r --socket $PWD/s" >ours.git/hooks/pre-receive
  chmod +x revlist.git/hooks/pre-receive ours.git/hooks/pre-receive
  base=$(git -C w rev-parse HEAD)
  for i in $(seq 10); do
    (cd w && echo "$i" >"f$i" && git add . && git commit -q -m "Bug $((100000 + i)) - part $i")
  done
  git_port=$(($$ % 20000 + 20000))
  git daemon --base-path="$PWD" --enable=receive-pack --listen=127.0.0.1 --port="$git_port" --reuseaddr \
    --pid-file="$PWD/git.pid" "$PWD" >git.log 2>&1 &
  for _ in $(seq 100); do [ -s git.pid ] && return 0 || sleep 0.05; done
  cat git.log && return 1
}
# $1: name of the repository. What is timed, and what undoes it.
hook_push() { echo "git -C w push -q git://127.0.0.1:$git_port/$1.git HEAD:main"; }
hook_reset() { echo "git --git-dir=$1.git update-ref refs/heads/main $base"; }
hook_measure() {
  cd "$1" && hook_daemon && hook_repositories && sleep 0.5 &&
    "$bin/bench_hook" 41 1 "$(hook_push none)" "$(hook_reset none)" "$(hook_push revlist)" "$(hook_reset revlist)" \
      "$(hook_push ours)" "$(hook_reset ours)" >"$dir/pushed" || bad=1
  [ ! -s git.pid ] || kill "$(cat git.pid)"
  [ -z "$server" ] || { kill "$server" && wait "$server" || true; }
  server=
}
part_hook() {
  begin
  echo 0 >"$dir/generator"
  "$bin/bench_hook" 41 50 "exec:$bin/bench_empty" "" "exec:$bin/headgate-hook pre-receive --repository r" "" >"$dir/started"
  sed 's/^/   start /' "$dir/started"
  judge "$(value ratio "$dir/started")" "<=" 1.2 ""
  mkdir -p "$dir/hook" && top=$PWD
  hook_measure "$dir/hook"
  cd "$top"
  [ -s "$dir/pushed" ] || return 0
  sed 's/^/   push /' "$dir/pushed"
  ours=$(value ratio "$dir/pushed")
  judge "$ours" "<=" 1.25 ""
  judge "$(divide "$ours" "$(sed -n 's/^work1 .*ratio=\([0-9.]*\) .*/\1/p' "$dir/pushed")")" "<=" 1.1 ""
}

# ---- main ----

[ $# -gt 0 ] || set -- $(parts | sed 's/ .*//')
for part in "$@"; do
  [ -n "$(say_part "$part")" ] || { echo "no such part: $part; there are:" && parts && exit 2; }
done
mkdir -p build/logs
{ cmake --preset release && cmake --build build/release -j "$(getconf _NPROCESSORS_ONLN)" --target bench; } \
  >build/logs/bench.log 2>&1 || { tail -n 30 build/logs/bench.log && exit 2; }
dir=$(mktemp -d "$PWD/build/bench.XXXXXX")
trap finish EXIT
trap 'exit 130' INT TERM
(umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$dir/secret")
echo "$(date -u +%Y-%m-%dT%H:%MZ), $(getconf _NPROCESSORS_ONLN) cores, load average $(cut -d' ' -f1-3 /proc/loadavg)"
over "$(cut -d' ' -f1 /proc/loadavg)" "$(getconf _NPROCESSORS_ONLN)" && echo "TAKEN UNDER LOAD: other work competes for the cores"
for part in "$@"; do
  say_part "$part"
  "part_$part"
done
exit $bad

#!/bin/sh
# The arrows of the architecture, held against the code.
#
#   sh tests/layers.sh includes SOURCE     which folder, and which library, each file may include
#   sh tests/layers.sh symbols ARCHIVE     what the pure library may call: names, never prefixes
#
# policy <- git, webhooks <- agent; git and webhooks never each other; nobody tests; tests/world none of them.
set -eu
bad=0
say() { echo "$1"; bad=1; }

# $1: folder, $2: expression of what it must not include
forbid() {
  found=$(grep -rnE "^#[[:space:]]*include[[:space:]]*[\"<]($2)" --include='*.c' --include='*.h' "$1" || true)
  [ -z "$found" ] || say "$1 may not include this:
$found"
}
# $1: header of a library, the rest: the only files that may include it
only() {
  header=$1
  shift
  for file in $(grep -rlE "^#[[:space:]]*include[[:space:]]*<$header" --include='*.c' --include='*.h' policy git webhooks agent || true); do
    ok=
    for allowed in "$@"; do
      case $file in $allowed) ok=1 ;; esac
    done
    [ -n "$ok" ] || say "$file may not include <$header>: only $*"
  done
}

includes() {
  cd "$1"
  forbid policy 'agent/|git/|webhooks/|tests/'
  forbid git 'agent/|webhooks/|tests/'
  forbid webhooks 'agent/|git/|tests/'
  forbid agent 'tests/'
  forbid tests/world 'agent/|git/|webhooks/|policy/'
  for file in tests/sim/truth* tests/sim/oracle* tests/sim/policies*; do
    forbid "$file" 'agent/|git/|webhooks/|policy/|tests/support/'
  done
  forbid policy 'unistd\.h|fcntl\.h|sys/|pthread|locale\.h|signal\.h|errno\.h|netdb|arpa|netinet'
  for file in agent/tracker/table_file.[ch] agent/tracker/table_hash.[ch]; do # the commit hook's
    forbid "$file" 'policy/|git/|webhooks/|agent/(base|store|forge|work|web|cli)/'
  done
  forbid agent/hook/client 'policy/(policy|facts|rules|yaml|regex)|git/|webhooks/|agent/(base|store|forge|work|web|cli)/|pthread'
  only 'libfyaml' policy/yaml.c
  only 'pcre2' policy/regex.c
  only 'git2' 'git/*'
  only 'microhttpd' webhooks/listener.c
  only 'openssl' webhooks/crypto.c webhooks/ed25519.c webhooks/rsa.c
  only 'jansson' webhooks/jread.c
  only 'curl/' agent/base/http_curl.c
  only 'sqlite3' agent/store/rows_sqlite.c agent/store/sqlite_log.c
  only 'lz4' agent/store/pack.c
  only 'pthread' agent/base/signals.c agent/base/wake_threads.c agent/base/log.c agent/base/metrics.c agent/forge/access.c agent/forge/etags.c agent/forge/pace.c agent/hook/serve.c agent/store/exec_committer.c agent/tracker/ask.c agent/tracker/table.c agent/tracker/table_inner.h agent/work/crew.c \
    webhooks/listener.c webhooks/watchdog.c 'webhooks/*.h'
  # banned.h is force-included and names time.h only to poison its functions.
}

symbols() {
  allowed='memcpy memmove memcmp memset memchr strlen strnlen strcmp strncmp strchr strrchr strspn strcspn snprintf vsnprintf malloc
    calloc realloc free abort bsearch qsort fputs stderr __assert_fail __stack_chk_fail __memcpy_chk __memmove_chk
    __memset_chk __snprintf_chk __vsnprintf_chk __fprintf_chk fwrite _GLOBAL_OFFSET_TABLE_
    fy_diag_cfg_default fy_diag_create fy_diag_destroy fy_diag_errors_iterate fy_diag_got_error
    fy_diag_set_collect_errors
    fy_event_start_mark fy_parser_create fy_parser_destroy fy_parser_event_free fy_parser_parse fy_parser_set_string
    fy_token_end_mark fy_token_iter_chunk_next fy_token_iter_create fy_token_iter_destroy fy_token_scalar_style
    fy_token_start_mark
    pcre2_compile_8 pcre2_compile_context_create_8 pcre2_general_context_create_8 pcre2_get_error_message_8
    pcre2_get_ovector_pointer_8 pcre2_pattern_info_8
    pcre2_match_8 pcre2_match_context_create_8 pcre2_match_context_free_8 pcre2_match_data_create_8
    pcre2_match_data_free_8 pcre2_set_depth_limit_8 pcre2_set_heap_limit_8 pcre2_set_match_limit_8
    pcre2_set_parens_nest_limit_8'
  defined=$(nm --defined-only "$1" | awk 'NF >= 3 {print $3}' | sort -u)
  undefined=$(nm -u "$1" | awk '$1 == "U" {print $2}' | sort -u)
  for name in $undefined; do
    case " $(echo $allowed) " in *" $name "*) continue ;; esac
    echo "$defined" | grep -qx "$name" && continue
    say "policy/ calls $name, which is not on the list of what a pure library may call"
  done
  [ -n "$undefined" ] || say "no undefined symbols in $1: is it the archive?"
}

"$@"
exit $bad

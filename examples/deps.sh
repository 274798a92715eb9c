#!/bin/sh
# Installs what is missing to build headgate (and, with "tests", to test it) on Debian 12+ and Ubuntu 22.04+. Touches
# nothing else, works twice, and needs no network when everything is there. Sourced or run:
#   sh examples/deps.sh [tests]
set -eu

build="gcc libc6-dev make cmake pkg-config git ca-certificates libmicrohttpd-dev libcurl4-openssl-dev libjansson-dev
  libssl-dev libgit2-dev libsqlite3-dev libfyaml-dev libpcre2-dev liblz4-dev check"
tests="binutils faketime mercurial perl spin"

wanted=$build
[ "${1:-}" = tests ] && wanted="$build $tests"

missing=
for package in $wanted; do
  # A package may be there under another name (pkgconf provides pkg-config): ask for what is installed or provided.
  case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
  "install ok installed") continue ;;
  esac
  case $package in
  pkg-config) command -v pkg-config >/dev/null 2>&1 && continue ;;
  libcurl4-openssl-dev) command -v pkg-config >/dev/null 2>&1 && pkg-config --exists libcurl && continue ;;
  gcc) command -v cc >/dev/null 2>&1 && continue ;;
  esac
  missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "deps: this system has no apt-get; install by hand:$missing" >&2
  exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "deps: run as root, or install sudo; missing:$missing" >&2
    exit 1
  fi
  as_root="sudo"
fi

run() {
  echo "+ $*"
  $as_root env DEBIAN_FRONTEND=noninteractive "$@"
}
# Another apt may hold the lock: wait for it instead of failing. The package lists are refreshed only if they are needed.
# shellcheck disable=SC2086
if ! run apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing; then
  run apt-get -o DPkg::Lock::Timeout=300 update
  # shellcheck disable=SC2086
  run apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing
fi

#!/bin/sh
# The two commands on a machine that has nothing: a new Debian root below DIR (kept, so a second run is quick), a clone
# of this tree as it is committed, git from apt, then examples/quickstart.sh and tests/run.sh inside. Needs root and
# debootstrap; takes mirror, proxy and name server from this machine. A command of its own, never part of a run.
#   sh tests/fresh-root.sh DIR [SUITE]
set -eu
[ $# -ge 1 ] || { echo "usage: fresh-root.sh DIR [SUITE]" >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || { echo "fresh-root: needs root" >&2; exit 2; }
tree=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
suite=${2:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
mkdir -p "$1"
root=$(CDPATH='' cd -- "$1" && pwd)

# "deb URI SUITE COMPONENT", once per source of this machine that serves the distribution itself.
sources() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
    awk -v suite="$suite" 'index($2, suite) == 1 && ($4 == "Debian" || $4 == "Ubuntu") {print "deb", $1, $2, $3}' | sort -u
}
mirror=$(sources | awk -v suite="$suite" '$3 == suite {print $2; exit}')
[ -n "$mirror" ] || { echo "fresh-root: apt has no source for $suite here (apt-get update?)" >&2; exit 1; }

if [ ! -e "$root/etc/debian_version" ]; then
  debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$root.log" 2>&1 || { tail "$root.log"; exit 1; }
fi
sources >"$root/etc/apt/sources.list"
apt-config dump Acquire::http::Proxy Acquire::https::Proxy >"$root/etc/apt/apt.conf.d/90proxy" 2>/dev/null || true
cp /etc/resolv.conf "$root/etc/resolv.conf"
rm -rf "$root/root/headgate"
git clone -q "$tree" "$root/root/headgate"

leave() {
  umount "$root/dev" 2>/dev/null || true
  umount "$root/proc" 2>/dev/null || true
}
trap leave EXIT
trap 'exit 130' INT TERM
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"

bad=0
# $1: what, the rest: a command inside. Its time and result are printed last.
inside() {
  what=$1
  shift
  began=$(date +%s)
  code=0
  chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    sh -c "cd /root/headgate 2>/dev/null; $*" </dev/null >"$root.$what.log" 2>&1 || code=$?
  tail -n 15 "$root.$what.log"
  echo "$what: exit $code, $(($(date +%s) - began)) s (log: $root.$what.log)"
  [ "$code" -eq 0 ] || bad=1
}
inside git "apt-get update -q && apt-get install -q -y git"
inside quickstart "sh examples/quickstart.sh"
inside tests "sh tests/run.sh"
exit "$bad"

#!/bin/sh
# examples/bmo/Headgate.pm, with stand-ins for Bugzilla. 77: there is no perl with its core modules.
#   sh tests/bmo/run.sh SOURCE
set -eu
perl -MHTTP::Tiny -MTest::More -MFile::Temp -MIO::Socket::INET -MTime::HiRes -e 1 2>/dev/null ||
  { echo "skipped: there is no perl with its core modules"; exit 77; }
env -u http_proxy -u https_proxy -u all_proxy perl "$1/tests/bmo/connector.pl" "$1/examples/bmo/Headgate.pm"

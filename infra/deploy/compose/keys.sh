#!/bin/sh
# keys.sh ALL EACH: makes a site's keys in ALL if there are none, and deals each folder of EACH, which is named for a
# service, what that service may hold. Run at every start: nothing that is there is ever overwritten.
set -eu

[ -e "$1/fingerprint.key" ] || cordon keys init "$1"
for place in "$2"/*/; do
    cordon keys deal "$1" "$(basename "$place")" "${place%/}"
done

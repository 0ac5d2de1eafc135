#!/usr/bin/env bash
# Follows docs/operations.md on an empty machine: scripts/operations.sh [PACKAGE.deb]
#
# The machine is a fresh Debian (or Ubuntu, as this one is) in a folder, booted with its own systemd by systemd-nspawn:
# what the manual says is typed there, line by line, and what it promises is looked at. Root; the packages debootstrap
# and systemd-container are installed when they are missing. Needs python3, some 700 MB in the temporary folder, and the
# mirror of packages. Ports 9090 and 9100 have to be free.
set -euo pipefail
cd "$(dirname "$0")/.."
fail() { echo "FAILED: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail 'only root can boot a machine'

missing=()
command -v debootstrap > /dev/null || missing+=(debootstrap)
command -v systemd-nspawn > /dev/null || missing+=(systemd-container)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
package=${1:-}
if [ -z "$package" ]; then
  command -v cargo-deb > /dev/null || cargo install --locked --quiet cargo-deb --version 3.8.0
  package=$work/svg-ai.deb
  cargo deb --locked --quiet --output "$package"
fi
echo '== an empty machine'
# Of the kind that this one is: the package was built here.
# shellcheck source=/dev/null
. /etc/os-release
case $ID in
  ubuntu) mirror=http://archive.ubuntu.com/ubuntu components=main,universe ;;
  *) mirror=http://deb.debian.org/debian components=main ;;
esac
debootstrap --variant=minbase --components="$components" \
  --include=systemd,systemd-sysv,dbus,ca-certificates,cron,procps,sudo \
  "$VERSION_CODENAME" "$work/machine" "$mirror" > "$work/debootstrap.log" 2>&1 \
  || { tail -n 20 "$work/debootstrap.log"; fail 'debootstrap'; }
python3 scripts/operations.py "$work/machine" "$package"

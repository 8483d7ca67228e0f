#!/usr/bin/env bash
# Make sure that PostgreSQL 15 or newer is here for the tests; on Debian install it: scripts/postgres.sh
# The tests start a server of their own from it. Without it they are skipped, and in CI they fail.
set -euo pipefail

oldest=15

# The newest version whose programs are here, or nothing.
found() {
  local each
  for each in "$(command -v initdb || true)" $(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -Vr); do
    [ -x "$each" ] && [ -x "$(dirname "$(readlink -f "$each")")/postgres" ] || continue
    "$each" --version | sed -nE 's/.* ([0-9]+).*/\1/p' && return
  done
}

enough() {
  local version
  version=$(found)
  [ -n "$version" ] && [ "$version" -ge "$oldest" ]
}

give_up() {
  printf 'callpolicy: %s\n' "$1" >&2
  [ -z "${CI:-}" ] || exit 1
  exit 0
}

if enough; then
  exit 0
fi
hint="PostgreSQL $oldest or newer is not here; the tests that need it are skipped (Debian: apt-get install postgresql)"
command -v apt-get >/dev/null || give_up "$hint"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; } || give_up "$hint"
  as_root=(sudo)
fi
echo "callpolicy: installing postgresql for the tests" >&2
# WHY: the package would start a server of its own, which nobody asked for.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  "${as_root[@]}" mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
# WHY: a stale list knows no package, and one unreachable source must not hide the others.
"${as_root[@]}" apt-get update -qq >&2 || true
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  -o Dpkg::Options::=--force-confold postgresql >&2 || give_up "apt-get could not install it; $hint"
enough || give_up "the distribution's is too old; $hint"

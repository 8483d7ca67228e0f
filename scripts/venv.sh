#!/usr/bin/env bash
# Make a virtual environment, and on Debian install what Python lacks for it: scripts/venv.sh DIR
set -euo pipefail

dir=${1:?usage: scripts/venv.sh DIR}
python=${PYTHON:-python3}

fail() {
  printf 'callpolicy: %s\n' "$@" >&2
  exit 1
}

command -v "$python" >/dev/null || fail "no \`$python\` here; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "\`$python\` is $("$python" -V); callpolicy needs Python 3.11 or newer, name one: make PYTHON=/path/to/python3"

# What is missing, as names of Debian packages.
missing() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'
  # WHY: durable_rules is compiled on the spot; from Python 3.13 on it is left out (see pyproject.toml).
  if "$python" -c 'import sys; sys.exit(sys.version_info >= (3, 13))'; then
    "$python" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' ||
      "$python" -c 'import sys; print("python%d.%d-dev" % sys.version_info[:2])'
    command -v cc >/dev/null || command -v gcc >/dev/null || echo gcc
    echo '#include <stdio.h>' | "$(command -v cc || command -v gcc || echo false)" -E - >/dev/null 2>&1 || echo libc6-dev
  fi
}

mapfile -t packages < <(missing | sort -u)
if [ "${#packages[@]}" -gt 0 ]; then
  hint="install these first: ${packages[*]} (Debian: apt-get install ${packages[*]})"
  command -v apt-get >/dev/null || fail "$hint"
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; } || fail "$hint"
    as_root=(sudo)
  fi
  echo "callpolicy: installing ${packages[*]}" >&2
  # WHY: a stale list knows no package, and one unreachable source must not hide the others.
  "${as_root[@]}" apt-get update -qq >&2 || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2 ||
    fail "apt-get could not install them; $hint"
  mapfile -t packages < <(missing | sort -u)
  [ "${#packages[@]}" -eq 0 ] || fail "still missing after installation: ${packages[*]}"
fi

rm -rf "$dir"
"$python" -m venv "$dir"

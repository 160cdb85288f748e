#!/usr/bin/env bash
# Sees to it that commands are there: tools/need.sh COMMAND… with node, npm and chromium known. As root on Debian or the like
# it installs them; elsewhere it says what to install.
set -euo pipefail
missing=()
for command in "$@"; do
    case $command in
        node) packages=nodejs ;;
        npm) packages=npm ;;
        # Letters of every language of the page.
        chromium) packages="chromium fonts-noto-core" ;;
        *) packages=$command ;;
    esac
    command -v "$command" >/dev/null 2>&1 && continue
    [ "$command" != chromium ] || [ -z "${SELGE_CHROMIUM:-}" ] || continue
    missing+=($packages)
done
# What builds the page and drives the browser needs Node.js 18, which Debian 12 has; older systems have an older one.
if [[ " $* " == *" node "* || " $* " == *" chromium "* ]] && command -v node >/dev/null 2>&1; then
    version=$(node --version)
    major=${version#v}
    [ "${major%%.*}" -ge 18 ] || { echo "Node.js $version is here and version 18 or later is needed: install it from https://nodejs.org and try again" >&2; exit 1; }
fi
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}"
else
    echo "missing here: ${missing[*]}: run 'sudo apt-get install ${missing[*]}' (or your system's equivalent) and try again" >&2
    exit 1
fi

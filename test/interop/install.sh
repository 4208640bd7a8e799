#!/usr/bin/env bash
# Installs the programs that `npm run test:interop` runs the product beside, on Debian. What is there
# already is left alone, and no service is started. Needs root, or sudo.
set -euo pipefail

declare -A packages=(
  [/usr/sbin/nginx]=nginx
  [/usr/sbin/haproxy]=haproxy
  [/usr/bin/caddy]=caddy
  [/usr/sbin/apache2]=apache2
  [/usr/lib/python3/dist-packages/websockets]=python3-websockets
  [/usr/bin/libwebsockets-test-server]=libwebsockets-test-server
  [/usr/bin/tshark]=tshark
  [/usr/bin/openssl]=openssl
  [/usr/bin/prometheus-alertmanager]=prometheus-alertmanager
)

missing=()
for path in "${!packages[@]}"; do
  [[ -e $path ]] || missing+=("${packages[$path]}")
done
if [[ ${#missing[@]} -eq 0 ]]; then
  echo "All programs for the interoperability tests are there."
  exit 0
fi
echo "Installing ${missing[*]} …"

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo > /dev/null || { echo "Needs root to install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi

# Packages start their services unless this file says no; the tests start the programs themselves.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" > /dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi

log=$(mktemp)
apt() {
  # One moment of a slow mirror should not fail a build.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get --quiet --option Acquire::Retries=3 "$@" >> "$log" 2>&1 || {
    tail --lines 40 "$log" >&2
    echo "apt-get $1 failed; its last lines are above." >&2
    exit 1
  }
}
apt update
apt install --yes --no-install-recommends "${missing[@]}"
rm "$log"

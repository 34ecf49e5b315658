#!/usr/bin/env bash
# Installs what building and testing need and this machine lacks: a C linker, a JDK 17, and tmux, in which the stack
# machine's stepper is tested.
set -euo pipefail
missing=()
command -v cc >/dev/null || missing+=(gcc libc6-dev)
command -v tmux >/dev/null || missing+=(tmux)
found=
for home in "${JAVA_HOME:-}" /usr/lib/jvm/java-17-openjdk-* /usr/lib/jvm/*17*; do
  if [ -n "$home" ] && [ -f "$home/lib/modules" ] && [ -x "$home/bin/javac" ]; then found=$home; break; fi
done
[ -n "$found" ] || missing+=(openjdk-17-jdk-headless)
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "please install as root: ${missing[*]}" >&2; exit 1; }
  as_root=sudo
fi
echo "installing: ${missing[*]}"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null

#!/bin/bash
# jetty-load.sh JDK [SECONDS [RATE]]: jetty under load on loopback for 600 seconds, four connections at 25 requests a
# second each (see JettyLoad.java). ROOT is where the packages are unpacked, BASE_JDK the reference JDK (its javac is
# used), VM_OPTIONS goes to the VM.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jdk=$1
J=${ROOT:-$here/../../target/conformance/corpus/root}/usr/share/java
cp=$J/servlet-api.jar:$J/slf4j-api.jar:$J/slf4j-nop.jar
for p in server http io util; do cp=$cp:$J/jetty9-$p.jar; done
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
"${BASE_JDK:-$jdk}/bin/javac" -nowarn -cp "$cp" -d "$out" "$here/JettyLoad.java"
"$jdk/bin/java" -Xmx128m ${VM_OPTIONS:-} -cp "$cp:$out" JettyLoad "${2:-600}" "${3:-25}"

#!/bin/sh
# Runs the JNI tests on a VM: run.sh [-u] LIBJVM_DIR
#   LIBJVM_DIR  the directory with libjvm.so, e.g. target/release or $JAVA_HOME/lib/server
#   -u          writes what it prints to expected/ (on the reference JDK) instead of comparing with that
# JAVA_HOME names the JDK whose launcher, javac and headers are used.
set -eu
update=no
if [ "$1" = -u ]; then update=yes; shift; fi
vm=$(cd "$1" && pwd)
cd "$(dirname "$0")"
JAVA_HOME=${JAVA_HOME:-/usr/lib/jvm/java-17-openjdk-amd64}
out=${TMPDIR:-/tmp}/caturra-native.$$
mkdir -p "$out"
trap 'rm -rf "$out"' EXIT
include="-I$JAVA_HOME/include -I$JAVA_HOME/include/linux"
"$JAVA_HOME/bin/javac" -encoding UTF-8 -d "$out" JniTest.java Invoked.java Recreated.java
gcc -Wall -O1 -fPIC -shared $include libjnitest.c -o "$out/libjnitest.so" -lpthread
gcc -Wall -O1 $include invoke.c -o "$out/invoke" -ldl -lpthread
gcc -Wall -O1 $include recreate.c -o "$out/recreate" -ldl -lpthread
status=0
LC_ALL=C.UTF-8 timeout 120 "$JAVA_HOME/bin/java" -XXaltjvm="$vm" -Djava.library.path="$out" -Dfile.encoding=UTF-8 -cp "$out" JniTest \
    >"$out/jnitest.out" 2>"$out/jnitest.err" || { echo "JniTest: exit $?"; status=1; }
LD_LIBRARY_PATH="$JAVA_HOME/lib" LC_ALL=C.UTF-8 timeout 120 "$out/invoke" "$vm/libjvm.so" "$out" \
    >"$out/invoke.out" 2>"$out/invoke.err" || { echo "invoke: exit $?"; status=1; }
# The reference VM can be made once in a process only. One heap of the C library: each thread that takes another leaves
# free memory in it, which hides what the VM itself leaves behind.
if [ $update = no ] && [ "$vm" != "$JAVA_HOME/lib/server" ]; then
    LD_LIBRARY_PATH="$JAVA_HOME/lib" MALLOC_ARENA_MAX=1 timeout 300 "$out/recreate" "$vm/libjvm.so" 20 "$out" || { echo "recreate: exit $?"; status=1; }
fi
for name in jnitest.out jnitest.err invoke.out invoke.err; do
    if [ $update = yes ]; then
        cp "$out/$name" expected/
    else
        diff -u "expected/$name" "$out/$name" || status=1
    fi
done
[ $status = 0 ] && echo ok
exit $status

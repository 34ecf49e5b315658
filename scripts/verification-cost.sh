#!/bin/bash
# What verification costs: processor time of javac (as an application) with -Xverify:all less that with -Xverify:none, on
# the reference JDK and on the JDK under test, interpreted, medians of alternating runs, and their ratio.
#
#   scripts/verification-cost.sh JDK [ROUNDS]
set -eu
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
jdk=$1 rounds=${2:-9}
base=/usr/lib/jvm/java-17-openjdk-amd64
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT='%U %S'
for ((round = 0; round < rounds; round++)); do
    for verify in all none; do
        for home in "$base" "$jdk"; do
            name=$([ "$home" = "$base" ] && echo theirs || echo ours)
            { time "$home/bin/java" -Xint -Xshare:off -XX:+UseSerialGC -Xverify:$verify -m jdk.compiler/com.sun.tools.javac.Main \
                -d "$work" tests/java/basic/Hello.java > "$work/said" 2>&1; } 2>> "$work/$name-$verify"
        done
    done
done
median() { awk '{ print $1 + $2 }' "$work/$1" | sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
awk -v oa="$(median ours-all)" -v on="$(median ours-none)" -v ta="$(median theirs-all)" -v tn="$(median theirs-none)" 'BEGIN {
    printf "ours:   all %.3f s, none %.3f s, verification %.3f s\n", oa, on, oa - on
    printf "theirs: all %.3f s, none %.3f s, verification %.3f s\n", ta, tn, ta - tn
    printf "ratio %.2f\n", (oa - on) / (ta - tn)
}'

#!/bin/bash
# Programs that run out of memory at every point: `-XX:OutOfMemoryAtNth=N` fails one allocation, and N goes through the
# allocations of each program. The VM may end with any exception or with an error of its start, but never by a signal
# or an internal error, and never hangs.
#
#   scripts/out-of-memory.sh JDK [RUNS [PROGRAM...]]
#
# JDK is the directory under test. RUNS (40) runs of each PROGRAM of tests/java (area/Name), N spread over all of its
# allocations.
set -u
cd "$(dirname "$0")/.."
[ $# -ge 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
jdk=$1 runs=${2:-40}
shift; shift || true
programs=("$@")
[ $# -gt 0 ] || programs=(basic/Hello indy/Lambdas exceptions/Finally classes/InitErrors handles/Combinators threads/Basics text/Formats)
base=/usr/lib/jvm/java-17-openjdk-amd64
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0 total=0 errors=0
for program in "${programs[@]}"; do
    rm -rf "$work/classes"
    "$base/bin/javac" -nowarn -Xlint:none -d "$work/classes" "tests/java/$program.java" 2> "$work/said" || { cat "$work/said"; exit 2; }
    run() { (cd "$work" && timeout 60 "$OLDPWD/$jdk/bin/java" -Xmx64m "$@" -cp classes "${program##*/}" > out 2> err < /dev/null); }
    # The number of allocations: the first power of two that fails none, roughly.
    last=1024
    while run "-XX:OutOfMemoryAtNth=$last" ; cp "$work/err" "$work/first"; grep -q OutOfMemoryError "$work/err" || [ $last -lt 30000 ]; do
        last=$((last * 2)); [ $last -gt 2000000 ] && break
    done
    for ((i = 1; i <= runs; i++)); do
        n=$((last * i / runs - (i * 7919) % (last / runs)))
        run "-XX:OutOfMemoryAtNth=$n"
        status=$?
        total=$((total + 1))
        grep -q OutOfMemoryError "$work/out" "$work/err" && errors=$((errors + 1))
        if [ $status -ge 124 ] || grep -q "A fatal error has been detected\|panicked at" "$work/out" "$work/err"; then
            bad=$((bad + 1))
            echo "$program -XX:OutOfMemoryAtNth=$n: exit $status"
            head -5 "$work/err"
        fi
    done
done
echo "$total runs, $errors of them with an OutOfMemoryError to be seen, $bad bad"
[ $bad -eq 0 ]

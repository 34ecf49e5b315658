#!/bin/bash
# cgroup.sh JDK [REFERENCE_JDK]: what both JDKs make of limits of a control group: processors, and the heap chosen from
# the memory. Prints a line a case and exits with 1 where they differ. Needs the right to make control groups (root) in
# hierarchies of version 1 (cpu and memory) or of version 2; the group it makes is removed again.
set -u
jdk=$1 base=${2:-${BASE_JDK:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}}
work=$(mktemp -d) name=caturra-limits-$$ bad=0
root=/sys/fs/cgroup
if [ -d $root/memory ]; then
    memory=$root/memory/$name cpu=$root/cpu/$name
    mkdir "$memory" "$cpu" || exit 2
else
    memory=$root/$name cpu=$root/$name
    mkdir "$memory" || exit 2
fi
trap 'rmdir "$memory" "$cpu" 2>/dev/null; rm -rf "$work"' EXIT

limit() { # bytes, quota of 100000 microseconds
    if [ "$memory" != "$cpu" ]; then
        echo "$1" > "$memory/memory.limit_in_bytes" && echo "$2" > "$cpu/cpu.cfs_quota_us"
    else
        echo "$1" > "$memory/memory.max" && echo "$2 100000" > "$cpu/cpu.max"
    fi || exit 2
}
inside() { (echo $BASHPID > "$memory/cgroup.procs" && echo $BASHPID > "$cpu/cgroup.procs" && exec "$@"); }

cat > "$work/Limits.java" <<'JAVA'
public class Limits {
    public static void main(String[] args) {
        Runtime r = Runtime.getRuntime();
        System.out.println("processors " + r.availableProcessors() + ", maximum " + (r.maxMemory() >> 20) + " MiB");
    }
}
JAVA
"$base/bin/javac" -d "$work" "$work/Limits.java" || exit 2
# Of the reference's collectors G1 counts the whole heap; it is not the default in small groups.
see() { inside timeout 120 "$1/bin/java" -XX:+UseG1GC "${@:2}" -cp "$work" Limits 2>&1; }
for megabytes in 200 512 1024 3072; do
    for quota in 50000 100000 150000 400000; do
        limit $((megabytes << 20)) $quota
        for options in "" "-XX:MaxRAMPercentage=60" "-XX:-UseContainerSupport"; do
            expected=$(see "$base" $options) got=$(see "$jdk" $options)
            verdict=same
            [ "$expected" = "$got" ] || { verdict="DIFFERS: $got" bad=1; }
            echo "$megabytes MiB, quota $quota${options:+, $options}: $expected: $verdict"
        done
    done
done
exit $bad

#!/bin/bash
# What the packaged programs cost on a JDK, as ratios to the reference JDK with the same -Xmx: wall time, processor time,
# peak memory of the VM. Prints a table in Markdown; run it on an idle machine.
#
#   scripts/cost.sh [-w] [-b REFERENCE_JDK] [-c CORPUS] [-v OPTIONS] [-n RUNS] JDK [PROGRAM...]
#
# CORPUS is what `scripts/conformance.sh JDK fetch` has made. The best of RUNS (3) counts. With -w the table also takes
# the place of the one in docs/conformance.md.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
base=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}
corpus=$here/target/conformance/corpus options= runs=3 write=no
while getopts wb:c:v:n: option; do
    case $option in
    w) write=yes;; b) base=$OPTARG;; c) corpus=$OPTARG;; v) options=$OPTARG;; n) runs=$OPTARG;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2;;
    esac
done
shift $((OPTIND - 1))
[ $# -ge 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
jdk=$(cd "$1" && pwd) || exit 2
shift
[ -d "$corpus/root" ] || { echo "no packages in $corpus (scripts/conformance.sh JDK fetch)" >&2; exit 2; }
programs=$here/tests/conformance/programs.sh
export ROOT=$corpus/root BASE_JDK=$base
[ $# -gt 0 ] || mapfile -t list < <("$programs" list)
[ $# -eq 0 ] || list=("$@")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Runs a command and appends its wall seconds, processor seconds and peak KiB to a file.
cat > "$work/measure" <<'PYTHON'
import os, sys, time
start = time.monotonic()
child = os.fork()
if child == 0:
    os.execv(sys.argv[2], sys.argv[2:])
_, status, used = os.wait4(child, 0)
with open(sys.argv[1], "a") as f:
    f.write(f"{time.monotonic() - start} {used.ru_utime + used.ru_stime} {used.ru_maxrss}\n")
sys.exit(os.waitstatus_to_exitcode(status) & 255)
PYTHON

# Wall and processor seconds and peak KiB of a program's VMs (sums, and the largest), each the best of all runs.
measure() {
    for _ in $(seq "$runs"); do
        rm -rf "$work/run" "$work/used"
        mkdir "$work/run"
        (cd "$work/run" && MEASURE="python3 $work/measure $work/used" JAVA_HOME=$1 VM_OPTIONS=$2 "$programs" "$3") > /dev/null 2>&1
        awk '{ w += $1; c += $2; if ($3 > m) m = $3 } END { print w + 0, c + 0, m + 0 }' "$work/used"
    done | awk '{ for (i = 1; i <= 3; i++) if (NR == 1 || $i < best[i]) best[i] = $i } END { print best[1], best[2], best[3] }'
}

{
    echo "| program | wall, s | ratio | CPU, s | ratio | peak, MiB | ratio |"
    echo "|---|---|---|---|---|---|---|"
    for p in "${list[@]}"; do
        echo "$p $(measure "$jdk" "$options" "$p") $(measure "$base" "" "$p")"
    done | tee "$work/rows" |
        awk '$5 * $6 * $7 { printf "| %s | %.2f | %.2f | %.2f | %.2f | %.0f | %.2f |\n", $1, $2, $2/$5, $3, $3/$6, $4/1024, $4/$7; fflush(); next }
            { printf "| %s | not run | | | | | |\n", $1; fflush() }'
    median() { awk "\$5 * \$6 * \$7 { print $1 }" "$work/rows" | sort -n | awk '{ a[NR] = $1 } END { if (NR) printf "%.2f", (a[int((NR + 1) / 2)] + a[int(NR / 2) + 1]) / 2 }'; }
    echo "| median | | $(median '$2/$5') | | $(median '$3/$6') | | $(median '$4/$7') |"
} | tee "$work/table"
if [ $write = yes ]; then
    page=$here/docs/conformance.md
    awk -v table="$work/table" -v made="Made with \`scripts/cost.sh -n $runs${options:+ -v \"$options\"} JDK\` on $(nproc) processors, with \`-Xmx768m\` on both sides." '
        /^<!-- end of the table of cost.sh -->$/ { skip = 0 }
        !skip { print }
        /^<!-- table of cost.sh -->$/ { skip = 1; print made "\n"; while ((getline line < table) > 0) print line }' "$page" > "$work/page" &&
        cat "$work/page" > "$page"
fi

#!/bin/bash
# What the packaged programs cost on a JDK, as ratios to the reference JDK with the same -Xmx: wall time, processor time,
# peak memory of the largest process. Prints a table in Markdown; run it on an idle machine.
#
#   scripts/cost.sh [-b REFERENCE_JDK] [-c CORPUS] [-v OPTIONS] [-n RUNS] JDK [PROGRAM...]
#
# CORPUS is what `scripts/conformance.sh JDK fetch` has made. The best of RUNS (3) counts.
set -u
here=$(cd "$(dirname "$0")/.." && pwd)
base=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}
corpus=$here/target/conformance/corpus options= runs=3
while getopts b:c:v:n: option; do
    case $option in
    b) base=$OPTARG;; c) corpus=$OPTARG;; v) options=$OPTARG;; n) runs=$OPTARG;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2;;
    esac
done
shift $((OPTIND - 1))
[ $# -ge 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
jdk=$(cd "$1" && pwd) || exit 2
shift
programs=$here/tests/conformance/programs.sh
export ROOT=$corpus/root BASE_JDK=$base
[ $# -gt 0 ] || mapfile -t list < <("$programs" list | grep -v -x jetty)
[ $# -eq 0 ] || list=("$@")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Wall and processor seconds and peak KiB of a run, best of all.
measure() {
    JAVA_HOME=$1 VM_OPTIONS=$2 python3 - "$programs" "$3" "$runs" "$work" <<'PYTHON'
import os, resource, shutil, subprocess, sys, time
programs, name, runs, work = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
best = None
for _ in range(runs):
    directory = os.path.join(work, "run")
    shutil.rmtree(directory, ignore_errors=True)
    os.mkdir(directory)
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.chdir(directory)
        done = subprocess.run([programs, name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(os.path.join(work, "used"), "w") as f:
            f.write(f"{done.returncode} {used.ru_utime + used.ru_stime} {used.ru_maxrss}")
        os._exit(0)
    os.waitpid(child, 0)
    wall = time.monotonic() - start
    status, cpu, peak = open(os.path.join(work, "used")).read().split()
    row = (wall, float(cpu), int(peak))
    best = row if best is None else tuple(map(min, best, row))
print(*best)
PYTHON
}

echo "| program | wall, s | ratio | CPU, s | ratio | peak, MiB | ratio |"
echo "|---|---|---|---|---|---|---|"
for p in "${list[@]}"; do
    reference=$(measure "$base" "" "$p") tested=$(measure "$jdk" "$options" "$p")
    echo "$p $tested $reference" | awk '{ printf "| %s | %.2f | %.2f | %.2f | %.2f | %.0f | %.2f |\n", $1, $2, $2/$5, $3, $3/$6, $4/1024, $4/$7 }'
done | tee "$work/rows"
awk -F'|' '{ w[NR]=$4; c[NR]=$6; m[NR]=$8 }
    function median(a,  i, n, t, s) { n = NR; for (i = 1; i <= n; i++) { s = a[i] + 0; for (t = i - 1; t > 0 && b[t] > s; t--) b[t + 1] = b[t]; b[t + 1] = s } return n % 2 ? b[(n + 1) / 2] : (b[n / 2] + b[n / 2 + 1]) / 2 }
    END { if (NR) printf "| median | | %.2f | | %.2f | | %.2f |\n", median(w), median(c), median(m) }' "$work/rows"

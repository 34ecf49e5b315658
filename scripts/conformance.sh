#!/bin/bash
# Runs what this project did not write: OpenJDK's own tests, real programs, embedders; each against the reference JDK.
#
#   scripts/conformance.sh [options] JDK [PART...]
#
# JDK is the directory under test (`caturra jdk DIR`). PARTs are fetch, openjdk, programs, own, native, python; all of
# them without any. Everything comes from Debian's packages by name (and PyPI for python), through this machine's own
# sources; nothing is installed.
#   -b JDK    reference JDK, a stock OpenJDK 17 (default: $JAVA_HOME, else that of the `java` on the path)
#   -c DIR    packages and tests (default target/conformance/corpus)
#   -o DIR    results (default target/conformance/results); results.tsv there is continued, remove it to begin anew
#   -m MODE   othervm or agentvm (default othervm)
#   -v OPTS   options of the VM under test, e.g. "-Xint"
#   -l FILE   list of tests, paths below OpenJDK's test/ (default tests/conformance/openjdk-tests.txt)
#   -f REGEX  only tests and programs whose name matches
#   -j N      tests at a time (default 1)
#   -t N      factor on time-outs (default 4)
#   -r        runs again what failed
set -u
shopt -s nullglob
here=$(cd "$(dirname "$0")/.." && pwd)
fail() { echo "$*" >&2; exit 2; }

base=${JAVA_HOME:-} corpus=$here/target/conformance/corpus out=$here/target/conformance/results mode=othervm options=
list=$here/tests/conformance/openjdk-tests.txt filter=. jobs=1 factor=4 again=no chunk=16
while getopts b:c:o:m:v:l:f:j:t:r option; do
    case $option in
    b) base=$OPTARG;; c) corpus=$OPTARG;; o) out=$OPTARG;; m) mode=$OPTARG;; v) options=$OPTARG;; l) list=$OPTARG;;
    f) filter=$OPTARG;; j) jobs=$OPTARG;; t) factor=$OPTARG;; r) again=yes;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2;;
    esac
done
shift $((OPTIND - 1))
[ $# -ge 1 ] || fail "which JDK? (see the head of $0)"
jdk=$(cd "$1" && pwd) || exit 2
shift
parts=("$@")
[ $# -gt 0 ] || parts=(fetch openjdk programs own native python)
[ -n "$base" ] || base=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
[ -x "$base/bin/javac" ] || fail "no reference JDK (-b)"
[ $mode = agentvm ] && chunk=48 # keeps its VMs for longer
mkdir -p "$corpus" "$out"
corpus=$(cd "$corpus" && pwd) out=$(cd "$out" && pwd)
results=$out/results.tsv
touch "$results"
setting="$mode${options:+ $options}"
export BASE_JDK=$base ROOT=$corpus/root

# A line of results.tsv: setting, name, result, seconds. The last line of a name counts.
record() { printf '%s\t%s\t%s\t%s\n' "$setting" "$1" "$2" "$3" >> "$results"; echo "$(date +%T) $2 $1"; }
known() { # names with a result that are not to run again
    awk -F'\t' -v s="$setting" -v again=$again '$1 == s { r[$2] = $3 } END { for (n in r) if (again == "no" || r[n] == "passed") print n }' "$results"
}
pending() { grep -E -- "$filter" | grep -v -x -F -f <(known; echo "#"); }

fetch() {
    local apt=$corpus/apt
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/sources" "$corpus/root" "$corpus/debs" "$corpus/jdksrc"
    if [ ! -e "$apt/conf" ]; then
        for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
            [ -e "$f" ] && sed -n 's/^deb \(.*\)/deb \1\ndeb-src \1/p' "$f"
        done > "$apt/sources/copy.list"
        for f in /etc/apt/sources.list.d/*.sources; do sed 's/^Types:.*/Types: deb deb-src/' "$f" > "$apt/sources/$(basename "$f")"; done
        cat > "$apt/conf.new" <<EOF
Dir::State::lists "$apt/lists";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$apt/sources";
Debug::NoLocking "1";
APT::Sandbox::User "root";
EOF
        APT_CONFIG=$apt/conf.new apt-get -q update || fail "apt-get update failed"
        mv "$apt/conf.new" "$apt/conf"
    fi
    export APT_CONFIG=$apt/conf
    local wanted
    # shellcheck disable=SC2046
    wanted=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \
        --no-pre-depends $("$here/tests/conformance/programs.sh" packages) 2>/dev/null | grep -E '^[a-z0-9]' | sort -u |
        grep -E 'java|jackson|groovy|jansi|jline|antlr|clojure|^ecj$|^ant$|jflex|^cup$|rhino|^bsh$|sat4j|jtreg|testng|junit|asmtools|jcommander|^maven$' |
        grep -v -E 'javascript|java-common|java-wrappers|default-|openjdk|doc$')
    for p in $wanted openjdk-17-source; do
        [ -e "$corpus/debs/.$p" ] && continue
        (cd "$corpus/debs" && apt-get -q download "$p" > /dev/null 2>&1 && for d in *.deb; do dpkg -x "$d" "$ROOT" && rm "$d"; done)
        touch "$corpus/debs/.$p"
    done
    if ! tests > /dev/null; then
        # The newest version may be listed and no longer be in the archive's pool: then the one before it.
        local version have=no
        for version in $(apt-cache showsrc openjdk-17 | sed -n 's/^Version: //p' | sort -rV -u); do
            (cd "$corpus/jdksrc" && apt-get -q source --download-only "openjdk-17=$version") && have=yes && break
        done
        [ $have = yes ] || fail "no source package openjdk-17 (deb-src)"
        for t in "$corpus"/jdksrc/openjdk-17_*.orig.tar.*; do tar -C "$corpus/jdksrc" -xf "$t"; done
    fi
    local top
    top=$(tests) || fail "the source package has no tests"
    cp "$here/tests/conformance/FixedProperties.java" "$top/"
    local suite up
    for suite in jdk:.. hotspot/jtreg:../..; do
        up=${suite#*:} suite=${suite%%:*}
        awk -v to="requires.extraPropDefns = $up/FixedProperties.java" '
            skip { skip = /\\$/; next }
            /^requires\.extraPropDefns/ { skip = /\\$/; if (!done++) print to; next }
            { print }' "$top/$suite/TEST.ROOT" > "$top/TEST.ROOT.new" && mv "$top/TEST.ROOT.new" "$top/$suite/TEST.ROOT"
    done
}

tests() { local t; for t in "$corpus"/jdksrc/*/test; do [ -d "$t/jdk" ] && echo "$t" && return; done; return 1; }

# Runs a chunk of one suite's tests and records what jtreg says of each.
run_chunk() {
    local suite=$1 top work log started name
    shift
    top=$(tests) work=$out/work/$suite log=$out/last.log started=$SECONDS
    mkdir -p "$work" "$corpus/natives"
    local compile=(-compilejdk:"$base")
    [ "$suite" = langtools ] && compile=() # the compiler itself is the load
    local given=(-vmoption:-Xmx768m) o
    for o in $options; do given+=(-vmoption:"$o"); done
    (cd "$top" && JTREG_HOME=$ROOT/usr/share/jtreg JTREG_JAVA=$base/bin/java "$ROOT/usr/share/jtreg/bin/jtreg" -jdk:"$jdk" "${compile[@]}" -"$mode" -a \
        -ignore:quiet -concurrency:"$jobs" -timeoutFactor:"$factor" "${given[@]}" -nativepath:"$corpus/natives" \
        -w:"$work" -noreport -v:summary "$@") > "$log" 2>&1
    cat "$log" >> "$out/$suite.log"
    for name in "$@"; do
        local inner=${name#*/} verdict
        inner=${inner#jtreg/}
        verdict=$(awk -v t="$inner" '$2 == t || index($2, t "#") == 1 || index($2, t "-") == 1 { if ($1 != "Passed:") bad = $1; any = 1 } END { if (any) print bad ? tolower(bad) : "passed" }' "$log")
        record "$name" "${verdict:-not run}" $((SECONDS - started))
    done
}

openjdk() {
    tests > /dev/null || fail "no tests: run the part fetch first"
    local suite names total
    total=$(grep -c -E -- "$filter" "$list")
    for suite in langtools hotspot jdk; do
        mapfile -t names < <(grep "^$suite/" "$list" | pending)
        while [ ${#names[@]} -gt 0 ]; do
            run_chunk "$suite" "${names[@]:0:$chunk}"
            names=("${names[@]:$chunk}")
            echo "-- $(known | grep -c -E '^(jdk|hotspot|langtools)/') of $total have passed or are done"
        done
    done
}

# Runs a program on both JDKs, each in an empty directory, and compares what it prints.
programs() {
    local p started
    for p in $("$here/tests/conformance/programs.sh" list | sed 's,^,program/,' | pending); do
        p=${p#program/} started=$SECONDS
        rm -rf "$out/run"
        mkdir -p "$out/run/reference" "$out/run/tested"
        (cd "$out/run/reference" && JAVA_HOME=$base timeout 600 "$here/tests/conformance/programs.sh" "$p") > "$out/run/expected" 2> "$out/run/reference.err"
        (cd "$out/run/tested" && JAVA_HOME=$jdk VM_OPTIONS=$options timeout $((300 * factor)) "$here/tests/conformance/programs.sh" "$p") > "$out/run/printed" 2> "$out/run/tested.err"
        if [ ! -s "$out/run/expected" ]; then record "program/$p" "not run" $((SECONDS - started))
        elif cmp -s "$out/run/expected" "$out/run/printed"; then record "program/$p" passed $((SECONDS - started))
        else
            rm -rf "$out/differs-$p" && mv "$out/run" "$out/differs-$p"
            record "program/$p" failed $((SECONDS - started))
        fi
    done
}

# Our own programs in tests/java/conformance.
own() {
    local line
    (cd "$here" && cargo run --release -q -p caturra-difftest -- --jdk "$jdk" --jobs "$jobs" ${options:+--vm-options "$options"} -f conformance/) | while IFS= read -r line; do
        echo "$line"
        case $line in
        *passed,*failed*) [[ $line == *", 0 failed"* ]] && r=passed || r=failed; record own/conformance $r 0;;
        esac
    done
}

native() {
    local started=$SECONDS
    JAVA_HOME=$base "$here/tests/native/run.sh" "$jdk/lib/server" && r=passed || r=failed
    record native/run.sh $r $((SECONDS - started))
}

python() {
    local started=$SECONDS t
    if [ ! -x "$corpus/venv/bin/python" ]; then
        python3 -m venv "$corpus/venv" && "$corpus/venv/bin/pip" install -q JPype1 pyjnius || return
    fi
    for t in "$here"/tests/conformance/embed_*.py; do
        "$base/bin/java" -version > /dev/null 2>&1
        JAVA_HOME=$base "$corpus/venv/bin/python" "$t" "$base/lib/server/libjvm.so" > "$out/expected" 2> "$out/expected.err"
        echo "exit code $?" >> "$out/expected"
        JAVA_HOME=$jdk timeout 300 "$corpus/venv/bin/python" "$t" "$jdk/lib/server/libjvm.so" > "$out/printed" 2> "$out/printed.err"
        echo "exit code $?" >> "$out/printed"
        cmp "$out/expected" "$out/printed" && grep -q "^exit code 0" "$out/expected" && r=passed || r=failed
        record "python/$(basename "$t")" $r $((SECONDS - started))
    done
}

for part in "${parts[@]}"; do
    case $part in
    fetch | openjdk | programs | own | native | python) $part;;
    *) fail "unknown part $part";;
    esac
done
echo
awk -F'\t' -v s="$setting" '$1 == s { r[$2] = $3 }
    END {
        for (n in r) { split(n, p, "/"); g = p[1] "/" p[2] (p[1] == "jdk" ? "/" p[3] "/" p[4] : p[1] == "hotspot" ? "/" p[3] : ""); if (p[1] == "program") g = "programs"; all[g]++; if (r[n] == "passed") ok[g]++; else print r[n] "\t" n | "sort" }
        close("sort"); print ""
        for (g in all) { printf "%-28s %4d of %4d\n", g, ok[g], all[g] | "sort"; t += all[g]; k += ok[g] }
        close("sort"); printf "%-28s %4d of %4d\n", "together", k, t
    }' "$results"

#!/bin/bash
# Fuzzes the readers and the verifier with cargo-fuzz (needs a nightly toolchain and `cargo install cargo-fuzz`).
#
#   scripts/fuzz.sh [-t SECONDS] [TARGET...]
#
# Makes the seeds of the JDK's classes where they are not there yet, then runs each target for SECONDS (600), one after
# the other. Inputs that break a target are in fuzz/artifacts; the log of each run is fuzz/artifacts/TARGET.log.
set -eu
seconds=600
while getopts t: option; do
    case $option in
    t) seconds=$OPTARG;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2;;
    esac
done
shift $((OPTIND - 1))
cd "$(dirname "$0")/.."
targets=("$@")
[ $# -gt 0 ] || mapfile -t targets < <(basename -s .rs fuzz/fuzz_targets/*.rs)
mkdir -p fuzz/artifacts
[ -d fuzz/corpus/class_file ] || cargo run -q --release -p caturra-fuzzing --bin fuzz-seeds fuzz/corpus
status=0
for target in "${targets[@]}"; do
    mkdir -p "fuzz/corpus/$target"
    log=fuzz/artifacts/$target.log
    (cd fuzz && cargo +nightly fuzz run -s address "$target" -- -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
        -max_len=16384 -print_final_stats=1) > "$log" 2>&1 || { echo "$target: a finding, see $log"; status=1; }
    echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, $(grep -o 'cov: [0-9]*' "$log" | tail -1)"
done
exit $status

# Caturra: everything from a fresh clone. `make run` shows it at work, `make test` runs all tests.

JDK     := target/jdk
PROFILE := release

.PHONY: run test setup build jdk lint unit native diff stack-programs clean mutate fuzz random-programs

## Installs what is missing, builds, and runs an example program on Caturra.
run: jdk
	@scripts/run-example.sh $(JDK)

## All tests: format and lints, crate tests, and every Java program against the reference JDK.
test: setup lint unit native diff

setup:
	@scripts/setup.sh

build: setup
	cargo build --release --bins -p caturra-libjvm -p caturra -p caturra-difftest -p caturra-mutate

## A JDK directory whose VM is Caturra: use it as JAVA_HOME.
jdk: build
	@target/release/caturra jdk $(JDK)

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

unit:
	cargo test --workspace

## JNI from C: the function table, the invocation API, a VM made and destroyed twenty times.
native: jdk
	tests/native/run.sh $(JDK)/lib/server

## Java programs on the reference JDK and on Caturra: output, errors and exit codes must be equal.
diff: jdk
	target/release/difftest --jdk $(JDK)
	target/release/difftest --jdk $(JDK) --vm-options -XX:+CheckedInterpreter --timeout-scale 4 -f basic/ -f bytecode/ -f linkage/
	target/release/difftest --jdk $(JDK) --timeout-scale 4 --mode "tier1=-XX:TieredStopAtLevel=1 -Xcomp" \
	    --mode "tier2=-XX:-TieredCompilation -Xcomp" --mode "stress=-XX:CompileThresholdScaling=0.03 -XX:+DeoptimizeALot" \
	    -f basic/ -f bytecode/ -f linkage/ -f exceptions/ -f indy/ -f deoptimisation/
	target/release/mutate --jdk $(JDK) --count 5000

## 100,000 changed class files on both; another SEED makes others.
SEED := 1
mutate: jdk
	target/release/mutate --jdk $(JDK) --count 100000 --seed $(SEED)

## Random programs on the reference JDK and in five modes of Caturra, from FIRST on. Stopped, it goes on where it was.
FIRST := 1
COUNT := 20000
random-programs: jdk
	cargo build --release -p caturra-javagen
	target/release/javagen run --jdk $(JDK) --start $(FIRST) -n $(COUNT) --batch 200 --steps 60000 \
	    --record target/javagen/record --mode "int=-Xint" \
	    --mode "tier1=-XX:TieredStopAtLevel=1 -Xcomp -XX:CompileCommand=compileonly,P*::*" \
	    --mode "tier2=-XX:-TieredCompilation -Xcomp -XX:CompileCommand=compileonly,P*::*" \
	    --mode "hot=-XX:CompileThresholdScaling=0.02 -Xbatch" \
	    --mode "stress=-XX:CompileThresholdScaling=0.02 -XX:+DeoptimizeALot -XX:+StressInlining -XX:GCStressInterval=5000 -XX:ReservedCodeCacheSize=1m"

## Ten minutes of fuzzing for each reader and the verifier (needs a nightly toolchain and cargo-fuzz).
fuzz:
	scripts/fuzz.sh

## The stack machine: 10,000 random programs on the interpreter, the compilers, the reference JDK and in register form.
stack-programs: setup
	CATURRA_STACK_PROGRAMS=10000 cargo test -p caturra-stack --test engine_interpreter --test engine_compiled \
	    --test reference_jdk --test register_form --test properties

clean:
	rm -rf target

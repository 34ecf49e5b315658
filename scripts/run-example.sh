#!/usr/bin/env bash
# Compiles and runs the example program on the JDK directory given, and shows what happened.
set -euo pipefail
jdk=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
out=target/example
mkdir -p "$out"
echo "--- javac on Caturra compiles examples/java/Tour.java"
"$jdk/bin/javac" -d "$out" examples/java/Tour.java
echo "--- java on Caturra runs it"
"$jdk/bin/java" -cp "$out" Tour
echo "--- the same JDK's version banner"
"$jdk/bin/java" -version

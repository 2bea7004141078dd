#!/bin/sh
# Pins every dependency anew: names, versions and hashes only, one set for Python 3.11 to 3.13. Needs uv.
# Pass --upgrade to take newer versions; otherwise only what pyproject.toml demands changes.
set -eu
cd "$(dirname "$0")/.."

lock() {
    output=$1
    shift
    echo "$output"
    uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file "$output" "$@" >/dev/null
}

lock locks/build.txt --group build "$@"
lock locks/run.txt pyproject.toml "$@"
lock locks/test.txt --extra test --constraints locks/run.txt pyproject.toml "$@"

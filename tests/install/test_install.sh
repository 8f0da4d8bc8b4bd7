#!/usr/bin/env bash
# What is installed can be used: by pkg-config, by find_package, and the program from its new place.
set -uo pipefail
source_folder=$SEINE_SOURCE/tests/install
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
number=0
failed=0

# expect NAME WANTED COMMAND…: one case; the command's output must contain WANTED.
expect() {
    local name=$1 wanted=$2 output
    shift 2
    number=$((number + 1))
    if output=$("$@" 2>&1) && [[ $output == *"$wanted"* ]]; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        while IFS= read -r line; do echo "# $line"; done <<<"$output"
        failed=1
    fi
}

by_pkg_config() {
    local pc flags
    pc=$(find "$prefix" -name seine.pc) || return 1
    flags=$(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --cflags --libs seine) || return 1
    # shellcheck disable=SC2086 # the flags are words
    cc -std=c11 -Wall -Werror -o "$work/consumer" "$source_folder/consumer.c" $flags || return 1
    LD_LIBRARY_PATH=$(dirname "$(find "$prefix" -name libseine.so)") "$work/consumer"
}

by_find_package() {
    cmake -S "$source_folder" -B "$work/consumer_build" -DCMAKE_PREFIX_PATH="$prefix" || return 1
    cmake --build "$work/consumer_build" || return 1
    "$work/consumer_build/consumer"
}

loads_its_ports() {
    "$prefix/bin/seine" init "$work/lake" || return 1
    "$prefix/bin/seine" ref load --lake "$work/lake" ports
}

exports_only_seine() { nm -D --defined-only "$(find "$prefix" -name libseine.so)" | awk '$3 !~ /^seine_/' | wc -l; }

expect "installs into a folder of its own" "seine/status.h" cmake --install "$SEINE_BUILD" --prefix "$prefix"
expect "pkg-config finds the library" "not found" by_pkg_config
expect "find_package finds the library" "not found" by_find_package
expect "the library exports names of seine only" "0" exports_only_seine
expect "the installed program runs" "0.1.0" "$prefix/bin/seine" version
expect "the installed program knows its ports" "ref.ports: 3386 rows in force" loads_its_ports
echo "1..$number"
exit "$failed"

#!/usr/bin/env bash
# tools/setup stamps only what works, and a plain build wants the program alone.
set -uo pipefail
cd "$SEINE_SOURCE" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
failed=0

# holds NAME COMMAND…: one case; the command must end well.
holds() {
    local name=$1 output
    shift
    number=$((number + 1))
    if output=$("$@" 2>&1); then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        while IFS= read -r line; do echo "# $line"; done <<<"$output"
        failed=1
    fi
}

# set_up COMMAND: runs COMMAND among the functions of tools/setup, over a folder of its own. `thing` can be installed; it
# works if $work/works is there.
set_up() {
    SEINE_DEPS=$work/deps bash -c '
        source tools/setup
        install_thing() { touch "$deps/thing"; echo installed; }
        check_thing() { [[ -e $0/works ]] || { echo "no native part"; return 1; }; }
        '"$1" "$work"
}

broken_is_not_stamped() {
    local output
    rm -f "$work/works"
    output=$(set_up 'item thing 1 thing' 2>&1) && return 1
    [[ $output == *"no native part"*"thing 1 does not work"* && ! -e $work/deps/stamps/thing ]]
}

heals_when_repeated() {
    touch "$work/works"
    set_up 'item thing 1 thing' | grep -q '^installed$' && [[ $(<"$work/deps/stamps/thing") == "1 checked" ]] &&
        [[ -z $(set_up 'item thing 1 thing') ]]
}

older_stamps_are_not_trusted() {
    echo 1 >"$work/deps/stamps/thing"
    [[ -z $(set_up 'item thing 1 thing') && $(<"$work/deps/stamps/thing") == "1 checked" ]] || return 1
    echo 1 >"$work/deps/stamps/thing"
    rm -f "$work/works"
    [[ $(set_up 'item thing 1 thing' 2>&1) == *"no native part"* ]] && touch "$work/works" &&
        set_up 'item thing 1 thing' | grep -q '^installed$'
}

repair_starts_over() {
    # Only the items: the packages of this machine are not the matter.
    set_up 'install_packages() { :; }; install_items() { item thing 1 thing; }; main --repair' | grep -q '^installed$'
}

every_item_is_checked() {
    local name count=0
    # shellcheck disable=SC2013 # names are words
    for name in $(sed -n 's/.*\bitem \([a-z0-9]*\) ["$].*/\1/p' tools/setup); do
        count=$((count + 1))
        set_up "declare -F install_$name check_$name" || return 1
    done
    echo "$count items"
    ((count >= 10))
}

build_level_wants_no_test_package() {
    local wanted
    wanted=$(set_up 'find_platform; wanted_packages')
    [[ $wanted == *libzip-dev* ]] && ! grep -Ex 'libcmocka-dev|npm|build-essential|clang|postgresql' <<<"$wanted"
}

servers_are_a_level_of_their_own() {
    local wanted tests
    wanted=$(set_up 'parse_options --stack; find_platform; wanted_packages')
    tests=$(set_up 'parse_options --tests; find_platform; wanted_packages')
    grep -qx postgresql <<<"$wanted" && ! grep -qx libcmocka-dev <<<"$wanted" && grep -qx postgresql <<<"$tests"
}

# Without cmocka, and the target of `make build` has neither tests nor fuzz programs nor the bench in it.
program_alone() {
    mkdir -p "$work/pc"
    printf 'Name: cmocka\nDescription: hidden\nVersion: 0\nRequires: nothing_of_that_name\n' >"$work/pc/cmocka.pc"
    PKG_CONFIG_PATH=$work/pc cmake --preset program -B "$work/build" -DSEINE_DEPS="$SEINE_DEPS" || return 1
    ninja -C "$work/build" -t commands program >"$work/plan" || return 1
    grep -q -e "-o bin/seine " "$work/plan" && ! grep -E "bin/(test_|fuzz_|bench_)" "$work/plan"
}

warnings_stop_developers_only() {
    ! grep -q -e -Werror "$work/build/build.ninja" &&
        cmake --preset release -B "$work/werror" -DSEINE_DEPS="$SEINE_DEPS" -DSEINE_TESTS=OFF &&
        grep -q -e -Werror "$work/werror/build.ninja"
}

holds "what does not work is named and not stamped" broken_is_not_stamped
holds "set-up repeated heals it, and then has nothing to do" heals_when_repeated
holds "a stamp of an older set-up, made without a check, is not trusted" older_stamps_are_not_trusted
holds "--repair starts over" repair_starts_over
holds "every item has a check" every_item_is_checked
holds "the level of a build wants no package of the tests" build_level_wants_no_test_package
holds "the servers of make stack are wanted by their level and by that of the tests" servers_are_a_level_of_their_own
holds "make build wants program, library and page alone, and no cmocka" program_alone
holds "warnings are errors for developers only" warnings_stop_developers_only
echo "1..$number"
exit "$failed"

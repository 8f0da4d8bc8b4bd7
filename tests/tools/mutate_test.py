"""tools/mutate in a tree made for it: what it changes, what its tests notice, what survives, and that it continues."""
import json
import re
import shutil
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import ROOT
from harness.tap import main, own_folder, skip_all

CMAKE = """cmake_minimum_required(VERSION 3.22)
project(tiny LANGUAGES C)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
if(SEINE_COVERAGE)
    add_compile_options(--coverage -O0)
    add_link_options(--coverage)
endif()
enable_testing()
add_library(tiny_core STATIC src/core/limit.c)
add_executable(test_limit tests/unit/test_limit.c)
add_executable(seine src/cli/main.c)
foreach(program test_limit seine)
    target_include_directories(${program} PRIVATE src)
    target_link_libraries(${program} PRIVATE tiny_core)
endforeach()
add_test(NAME test_limit COMMAND test_limit)
add_test(NAME tiny_test COMMAND python3 "${CMAKE_SOURCE_DIR}/tests/cli/tiny_test.py")
set_tests_properties(tiny_test PROPERTIES ENVIRONMENT "SEINE_BIN=${CMAKE_BINARY_DIR}/bin/seine")
"""
# The unit test knows limit() and not its border; the whole program knows half(); nobody knows lost().
LIMIT = """/* if (a < b) "a < b" */
#define LESS(a, b) ((a) < (b))
const int table[] = {1, 2, 3};

int limit(int value) {
    if (value > 100) return 1;
    return value < 0;
}

int same(int value) {
    return value > 0 ? value : 0;
}

int half(int value) {
    return value - value / 2;
}

int lost(int value) {
    return value + 1;
}
"""
FILES = {
    "CMakeLists.txt": CMAKE,
    "src/core/limit.c": LIMIT,
    "src/cli/main.c": "int half(int value);\nint main(void) {\n    return half(8) == 4 ? 0 : 1;\n}\n",
    "tests/unit/test_limit.c": "int limit(int value);\n"
                               "int main(void) {\n    return limit(500) == 1 && limit(-7) == 1 ? 0 : 1;\n}\n",
    "tests/cli/tiny_test.py": "import os, subprocess, sys\nsys.exit(subprocess.call([os.environ['SEINE_BIN']]))\n",
}
FIRST_SEED = 0
SURVIVOR = re.compile(r"survived: src/core/limit\.c:(\d+): (.*)")


def mutate(tree, *options):
    words = [sys.executable, ROOT / "tools" / "mutate", "--root", tree, "--folder", "core", *options]
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300)


def outcomes(tree):
    rows = [json.loads(line) for line in (tree / "build" / "mutate" / "results.jsonl").read_text().splitlines()]
    return {int(re.match(r"[^:]*:(\d+)", row["place"])[1]): row for row in rows}


def make_tree(tree):
    for name, text in FILES.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)


def seeds_for(tree, wanted):
    """@return a seed with which the sample holds an edit of each kind wanted; with Python 3.11 it is the first."""
    for seed in range(FIRST_SEED, FIRST_SEED + 200):
        listed = mutate(tree, "--list", "--seed", seed).stdout
        if all(text in listed for text in wanted):
            return seed
    return None


def cases(tree):
    listed = mutate(tree, "--list").stdout
    places = sorted(int(line.split(":")[1]) for line in listed.splitlines())
    yield ("each line of a function gives one mutant, comments, macros and tables none",
           places == [6, 7, 11, 15, 19], listed)
    yield "the same seed gives the same sample", mutate(tree, "--list").stdout == listed, listed

    seed = seeds_for(tree, [":6: comparison: > → >=", ":7: return: return value < 0 → return 0",
                            ":11: comparison: > → >=", ":15: sum: - → +"])
    yield "another seed gives other mutants", seed is not None, ""
    before = {path: path.read_bytes() for path in tree.rglob("*.[ch]")}
    first = mutate(tree, "--seed", seed, "--more", 1)
    yield ("--more 1 judges one mutant and ends", first.returncode == 0 and len(outcomes(tree)) == 1,
           first.stdout + first.stderr)
    done = mutate(tree, "--seed", seed)
    rows = outcomes(tree)
    yield "the next run goes on where it ended", done.returncode == 0 and len(rows) == 5, done.stdout + done.stderr
    yield "what the unit test knows is noticed by it", rows[7]["outcome"] == "units", str(rows)
    yield "what the whole program knows is noticed by it", (
        rows[15]["outcome"] == "programs" and rows[15]["test"] == "plain/tiny_test"), str(rows)
    yield "what compiles to the same object code is dropped", rows[11]["outcome"] == "same object code", str(rows)
    survivors = SURVIVOR.findall(done.stdout)
    yield "a border without a test survives, with its place and what was changed", (
        ("6", "comparison: > → >=") in survivors), done.stdout
    yield "a line where no test comes survives, and says so", any(
        line == "19" and text.endswith("(no test comes here)") for line, text in survivors), done.stdout
    line = re.search(r"^core +4 +1 \(25 %\) +2 \(50 %\)$", done.stdout, re.M)
    yield "the report counts per folder", line is not None, done.stdout
    yield "the sources are as they were", all(path.read_bytes() == text for path, text in before.items()), ""

    equal = tree / "tools/mutate.equal"
    equal.parent.mkdir()
    equal.write_text("# Reasons.\n\nlimit\n    if (value > 100) return 1;\n    comparison: > → >=\nIt is not, in truth.\n")
    known = mutate(tree, "--seed", seed, "--report").stdout
    yield ("what is known to mean the same does not count", re.search(r"^core +3 ", known, re.M) is not None and
           ":6:" not in known, known)
    equal.unlink()

    test = tree / "tests/unit/test_limit.c"
    test.write_text(test.read_text().replace("limit(-7) == 1", "limit(-7) == 1 && limit(100) == 0 && lost(1) == 2")
                    .replace("int main", "int lost(int value);\nint main"))
    (tree / "src/core/limit.c").rename(tree / "src/core/border.c")
    (tree / "CMakeLists.txt").write_text(CMAKE.replace("core/limit.c", "core/border.c"))
    again = mutate(tree, "--seed", seed, "--again", "--jobs", 2)
    rows = outcomes(tree)
    yield "after tests were written the survivors are noticed, although their file was moved", (
        rows[6]["outcome"] == rows[19]["outcome"] == "units"), again.stdout + again.stderr


def told(tree):
    """The cases as main takes them: what was found is found already."""
    for name, good, said in cases(tree):
        def case(good=good, said=said):
            assert good, str(said)
        yield name, case


if __name__ == "__main__":
    if not all(shutil.which(tool) for tool in ("cmake", "ninja", "gcov")):
        skip_all("needs cmake, ninja and gcov")
    with own_folder() as folder:
        make_tree(folder)
        main(told(folder))

"""tools/check finds each kind of offence in a tree made for it, and nothing in a clean one."""
import functools
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import ROOT
from harness.tap import main, own_folder

CLEAN = "int seine_one(int a) {\n    return a ? 1 : 2;\n}\n"
LONG = "int f(void) {\n" + "    ;\n" * 69 + "}\n"
BRANCHES = "int f(int a) {\n" + "    if (a) a++;\n" * 15 + "    return a;\n}\n"

# name, file, text, part of the message (None: nothing is wrong)
CASES = [
    ("a clean file passes", "src/core/a.c", CLEAN, None),
    ("a function of 71 lines", "src/core/a.c", LONG, "has 71 lines"),
    ("a function of 70 lines passes", "src/core/a.c", LONG.replace("    ;\n", "", 1), None),
    ("complexity 16", "src/core/a.c", BRANCHES, "complexity 16"),
    ("complexity 15 passes", "src/core/a.c", BRANCHES.replace("    if (a) a++;\n", "", 1), None),
    ("branches in comments and texts do not count", "src/core/a.c",
     "int f(void) {\n" + "    /* if while && */\n    g(\"? case if\");\n" * 20 + "}\n", None),
    ("a long macro", "src/core/a.c", "#define M(a) \\\n" + "    a; \\\n" * 70 + "    a\n", "macro M has 72 lines"),
    ("a file of 1,001 lines", "src/core/a.c", "\n" * 1001, "file has 1001 lines"),
    ("a line of 121 columns", "src/core/a.h", "/*" + " " * 117 + "*/\n", "121 columns"),
    ("an include against the edges", "src/core/a.c", '#include "io/x.h"\n', "src/core may not include src/io"),
    ("an include along the edges passes", "src/io/a.c", '#include "base/x.h"\n', None),
    ("a public header that includes an inner one", "include/seine/a.h", '#include "base/x.h"\n', "public header"),
    ("a header that is not there", "src/core/a.c", '#include "base/none.h"\n', "no such header"),
    ("a third-party header in a folder not its own", "src/table/a.c", "#include <duckdb.h>\n", "belongs to engine"),
    ("a third-party header in its own folder passes", "src/engine/a.c", "#include <duckdb.h>\n", None),
    ("a third-party header without owner", "src/io/a.c", "#include <foo/bar.h>\n", "dependency with an owner"),
    ("a folder that is not in the table", "src/misc/a.c", CLEAN, "not in the table"),
    ("exit outside of the program", "src/core/a.c", "void f(void) {\n    exit(1);\n}\n", "only src/cli may end"),
    ("exit in the program passes", "src/cli/a.c", "void f(void) {\n    exit(1);\n}\n", None),
    ("a wait by the clock on the wall", "src/io/a.c", "int f(void) {\n    return pthread_cond_timedwait(c, m, &t);\n}\n",
     "asks for the time"),
    ("the time in its place passes", "src/io/clock.c", "int f(void) {\n    return clock_gettime(0, &t);\n}\n", None),
    ("a comment that names a file which is gone", "src/core/a.c", "/* see gone.c */\n", "names gone.c, which is not there"),
    ("a comment that names files which are there passes", "src/core/a.c", "/* see a.c, io/x.h */\n", None),
    ("a path of one machine", "docs/a.md", "see /" + "root/x\n", "path of one machine"),
]
LIBRARY_CASES = [
    ("a pure folder that calls the system", "core", "int open(const char *, int);\nint f(void) {\n"
     "    return open(\"x\", 0);\n}\n", "calls open"),
    ("a variable that can change", "core", "int f(void) {\n    static int n;\n    return n++;\n}\n", "can change"),
    ("a table of constant pointers passes", "core",
     "const char *f(int i) {\n    static const char *const names[] = {\"a\", \"b\"};\n    return names[i];\n}\n", None),
    ("a call against the edges", "columns", "int seine_io_open(void);\nint f(void) {\n    return seine_io_open();\n}\n",
     "against the include edges"),
]


# name, what a.c, b.c and c.c call, part of the message
CIRCLE_CASES = [
    ("files in a line pass", {"a": "bc", "b": "c", "c": ""}, None),
    ("a circle of two files", {"a": "b", "b": "a", "c": "a"}, "a circle of 2 files: src/core/a.c → src/core/b.c"),
    ("a circle by way of a third", {"a": "b", "b": "c", "c": "a"}, "a circle of 3 files"),
]
PREFIX_CASES = [
    ("a prefix of three nouns passes", ("gap", "gap_state", "gap_windows"), None),
    ("a prefix of four nouns", ("gap", "gap_state", "gap_windows", "gap_events"), "make gap/ of them"),
]


def check(tree, *options):
    words = [sys.executable, str(ROOT / "tools" / "check"), "--root", str(tree), *options]
    return subprocess.run(words, capture_output=True, text=True)


def tree_with(tree, file, text):
    for name, content in (("src/base/x.h", ""), ("src/io/x.h", ""), (file, text)):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(content)
    return tree


def check_tree(tree, file, text):
    return check(tree_with(tree, file, text))


def build_library(tree, folder, source):
    name = tree / f"{folder}.o"
    subprocess.run(["cc", "-O1", "-fPIC", "-c", "-x", "c", "-o", name, source], check=True)
    subprocess.run(["ar", "rc", tree / f"libseine_{folder}.a", name], check=True)


def check_library(tree, file, text):
    tree_with(tree, f"src/{file}/a.c", text)
    (tree / "tools").mkdir()
    (tree / "tools" / "purity.txt").write_text((ROOT / "tools" / "purity.txt").read_text())
    (tree / "io.c").write_text("int seine_io_open(void) { return 1; }\n")
    build_library(tree, "io", tree / "io.c")
    build_library(tree, file, tree / f"src/{file}/a.c")
    return check(tree, "--build", str(tree))


def check_circle(tree, calls):
    tree_with(tree, "src/core/a.c", "")
    (tree / "tools").mkdir()
    (tree / "tools" / "purity.txt").write_text("core: seine_*\n")
    objects = tree / "CMakeFiles" / "x.dir" / "src" / "core"
    objects.mkdir(parents=True)
    for name, called in calls.items():
        source = tree / "src" / "core" / f"{name}.c"
        source.write_text("".join(f"int seine_{other}(void);\n" for other in called) + f"int seine_{name}(void) {{\n"
                          + f"    return 1{''.join(f' + seine_{other}()' for other in called)};\n}}\n")
        subprocess.run(["cc", "-c", "-o", objects / f"{name}.c.o", source], check=True)
    subprocess.run(["ar", "rc", tree / "libseine_core.a", *sorted(objects.iterdir())], check=True)
    return check(tree, "--build", str(tree))


def check_prefix(tree, names):
    for name in names:
        tree_with(tree, f"src/core/{name}.c", CLEAN)
    return check(tree)


def found(look, given, wanted):
    with own_folder() as folder:
        result = look(folder, *given)
    good = result.returncode == 0 if wanted is None else result.returncode == 1 and wanted in result.stdout
    assert good, result.stdout + result.stderr


if __name__ == "__main__":
    main([(name, functools.partial(found, look, given, wanted))
          for look, cases in ((check_tree, CASES), (check_library, LIBRARY_CASES), (check_circle, CIRCLE_CASES),
                              (check_prefix, PREFIX_CASES))
          for name, *given, wanted in cases])

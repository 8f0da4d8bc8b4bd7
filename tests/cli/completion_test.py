#!/usr/bin/env python3
"""Completions and the manual page have every command and every option that the help has, and shells accept them.

Environment: SEINE_BIN, the program (default build/release/bin/seine).
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness import program
from harness.tap import Skip, main


def seine(*words):
    return program.seine(None, *words)


def options_by_command():
    """{"table ls": ["--help", "--lake", …]} from the page of the help, both forms of flags."""
    commands, name = {}, None
    for line in seine("help", "--markdown").splitlines():
        if line.startswith("### seine "):
            name = line[len("### seine "):]
            commands[name] = []
        elif line.startswith("| `") and name:
            usage = line[3:line.index("` |")]
            commands[name] += re.findall(r"(?:^|\s)(-\w)\b", usage)
            for no, option in re.findall(r"--(\[no-\])?([a-z][a-z0-9-]*)", usage):
                commands[name] += [f"--{option}"] + ([f"--no-{option}"] if no else [])
    assert len(commands) > 25, "the help lists too few commands"
    return commands


COMMANDS = options_by_command()


def bash_offers(line, folder=None):
    """@return what bash offers when Tab is pressed at the end of @p line."""
    script = """
        source <(printf '%s' "$1")
        read -ra COMP_WORDS <<<"$2"
        [[ $2 == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _seine
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(["bash", "-c", script, "bash", seine("completion", "bash"), line], cwd=folder,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True, timeout=program.PATIENCE_S)
    assert done.stderr == "", done.stderr
    return sorted(done.stdout.split())


def bash_offers_every_command_and_its_sub_commands():
    assert set(name.split()[0] for name in COMMANDS) <= set(bash_offers("seine ")), bash_offers("seine ")
    for name in COMMANDS:
        if " " in name:
            assert name.split()[1] in bash_offers(f"seine {name.split()[0]} "), name
    assert bash_offers("seine re") == ["ref", "refresh", "relocate", "report"]


def bash_offers_every_option():
    script = seine("completion", "bash")
    calls = "\n".join(f"_seine_options '{name}'; echo" for name in COMMANDS)
    lines = subprocess.run(["bash", "-c", script + "\n" + calls], stdout=subprocess.PIPE, text=True, check=True).stdout
    for (name, wanted), line in zip(COMMANDS.items(), lines.split("\n\n")):
        assert set(wanted) == set(line.split()), (name, set(wanted) ^ set(line.split()))
    assert bash_offers("seine ingest --re") == ["--replace"]
    assert "--older-than" in bash_offers("seine table expire --")


def bash_offers_files_where_files_go():
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "day.csv").touch()
        (Path(folder) / "lake").mkdir()
        assert bash_offers("seine ingest ", folder) == ["day.csv", "lake"]
        assert bash_offers("seine sql --lake ", folder) == ["lake"]
        assert bash_offers("seine refresh --threads ", folder) == []


def zsh_has_every_option():
    text = seine("completion", "zsh")
    for name, wanted in COMMANDS.items():
        part = text[text.index(f"    '{name}')\n"):]
        part = part[:part.index("        ;;")]
        found = re.findall(r"'\*(--?[a-z][a-z0-9-]*)\[", part)
        assert set(found) == set(wanted), (name, set(found) ^ set(wanted))


def fish_has_every_option():
    text = seine("completion", "fish")
    for name, wanted in COMMANDS.items():
        lines = [line for line in text.splitlines() if f"'__seine_is {name}'" in line]
        found = ["--" + option for line in lines for option in re.findall(r" -l ([a-z][a-z0-9-]*)", line)]
        found += ["-" + letter for line in lines for letter in re.findall(r"' -s (\w)", line)]
        assert set(found) == set(wanted), (name, set(found) ^ set(wanted))


def the_manual_page_has_every_option():
    text = seine("help", "--man").replace("\\-", "-")
    common = text[text.index(".SH COMMON OPTIONS"):]
    for name, wanted in COMMANDS.items():
        part = text[text.index(f".SS seine {name} [OPTION"):]
        part = part[:re.search(r"\n\.S[SH] ", part[1:]).start() + 1]
        for option in wanted:
            plain = re.compile(re.sub("^--(no-)?", r"--(\\[no-\\])?", option) + r"\b")
            assert plain.search(part) or plain.search(common), f"{name}: {option}"


def parses(shell, *words):
    if not shutil.which(shell):
        raise Skip(f"{shell} is not installed")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(seine(*(words or ("completion", shell))))
        file.flush()
        flags = {"mandoc": ["-T", "lint", "-W", "error"], "man": ["--warnings", "-l"]}.get(shell, ["-n"])
        done = subprocess.run([shell, *flags, file.name], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "200"}, timeout=program.PATIENCE_S)
        said = [line for line in done.stderr.splitlines() if "cannot adjust line" not in line and "can't break line" not in line]
        assert done.returncode == 0 and not said, done.stderr


def bash_parses_its_completion():
    parses("bash")


def zsh_parses_its_completion():
    parses("zsh")


def zsh_asks_for_what_fits():
    """With stand-ins for the functions of zsh's own completion, which tell what they were asked."""
    if not shutil.which("zsh"):
        raise Skip("zsh is not installed")
    stand_ins = """
        compdef() { : }
        _describe() { print -l "$1" ${(P)2} }
        _arguments() { print -l $words[1] $CURRENT "$@" }
    """
    for line, wanted in ((("seine", ""), "ref:"), (("seine", "table", ""), "expire:"),
                         (("seine", "table", "expire", "--"), "*--older-than["), (("seine", "runs", "--l"), "*--limit["),
                         (("seine", "ingest", "x"), "*:[FILE")):
        words = " ".join(f"'{word}'" for word in line)
        script = stand_ins + seine("completion", "zsh") + f"\nwords=({words}); CURRENT={len(line)}; _seine"
        done = subprocess.run(["zsh", "-f", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=True, timeout=program.PATIENCE_S)
        assert any(offer.startswith(wanted) for offer in done.stdout.splitlines()), (line, done.stdout)


def fish_parses_its_completion():
    parses("fish")


def fish_offers_what_fits():
    if not shutil.which("fish"):
        raise Skip("fish is not installed")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "seine.fish").write_text(seine("completion", "fish"), encoding="utf-8")
        for line, wanted in (("seine re", {"ref", "refresh", "relocate", "report"}), ("seine ref l", {"load", "ls"}),
                             ("seine ingest --re", {"--replace"}), ("seine table expire --old", {"--older-than"})):
            done = subprocess.run(["fish", "--no-config", "-c", f"source seine.fish; complete -C '{line}'"], cwd=folder,
                                  stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "HOME": folder}, timeout=program.PATIENCE_S)
            found = {offer.split("\t")[0] for offer in done.stdout.splitlines()}
            assert found == wanted, (line, found)


def man_has_nothing_to_warn_of():
    parses("man", "help", "--man")


def mandoc_finds_no_error():
    parses("mandoc", "help", "--man")


CASES = [bash_offers_every_command_and_its_sub_commands, bash_offers_every_option, bash_offers_files_where_files_go,
         zsh_has_every_option, fish_has_every_option, the_manual_page_has_every_option, bash_parses_its_completion,
         zsh_parses_its_completion, zsh_asks_for_what_fits, fish_parses_its_completion, fish_offers_what_fits, man_has_nothing_to_warn_of, mandoc_finds_no_error]


if __name__ == "__main__":
    main(CASES)

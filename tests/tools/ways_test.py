"""The two ways that docs/architecture.md draws can be walked: every file is there, and none calls one further up."""
import os
import re
import subprocess
from pathlib import Path

SOURCE = Path(os.environ.get("SEINE_SOURCE", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ["SEINE_BUILD"])
FILES_MOST = 12
WAYS = ("From `seine ingest FILE` to the commit", "From `seine refresh` to an event")


def files_of(text, title):
    """Files of the numbered list below a heading, in its order."""
    section = text.split(f"### {title}\n", 1)[1].split("\n#", 1)[0]
    return re.findall(r"^\d+\. `(\S+)`", section, re.MULTILINE)


def symbols(file):
    """What the object of a C file defines for others, and what it uses of others."""
    found = list(BUILD.glob(f"CMakeFiles/*.dir/{file}.o"))
    defined, used = set(), set()
    for line in subprocess.check_output(["nm", str(found[0])], text=True).splitlines() if found else []:
        kind, name = line.split()[-2:]
        if kind == "U":
            used.add(name)
        elif kind in "TDBRVW":
            defined.add(name)
    return defined, used


def faults(files):
    """Why a way cannot be walked."""
    if not 1 <= len(files) <= FILES_MOST:
        yield f"{len(files)} files, not 1 to {FILES_MOST}"
    yield from (f"{file} is not there" for file in files if not (SOURCE / file).is_file())
    known = {file: symbols(file) for file in files}
    yield from (f"{file} was not built" for file in files if not known[file][0])
    for place, file in enumerate(files):
        for above in files[:place]:
            for symbol in sorted(known[file][1] & known[above][0]):
                yield f"{file} calls {symbol} in {above}, which stands above it"


def main():
    text = (SOURCE / "docs" / "architecture.md").read_text(encoding="utf-8")
    print(f"1..{len(WAYS) + 1}")
    walks = [files_of(text, title) for title in WAYS]
    for number, (title, files) in enumerate(zip(WAYS, walks), 1):
        found = list(faults(files))
        print(f"{'not ok' if found else 'ok'} {number} - {title}: {len(files)} files, downwards only")
        for fault in found:
            print(f"# {fault}")
    upwards = [file for file in walks[0] if "/cli/" not in file][::-1]
    notices = any("stands above it" in fault for fault in faults(upwards))
    print(f"{'ok' if notices else 'not ok'} {len(WAYS) + 1} - a way that climbs is noticed")


if __name__ == "__main__":
    main()

"""A model of a disk that loses its power, fed by the journal of shim.c.

Each file has its bytes and those of its last fsync, each folder its names and those of its last fsync. When the power
fails, the disk is only bound to what was synced. What else survives is chance; three outcomes stand for all:

    NOTHING   nothing that was not synced: neither bytes nor names
    NAMES     every name, of bytes only the synced ones: a new file is there and empty
    ZEROS     every name and size, of bytes only the synced ones: zeros where others should be

What is written through a memory map is not seen: of SQLite that is the index of its log (`-shm`), which it makes anew.
"""
from pathlib import Path

from crash_points import points

NOTHING, NAMES, ZEROS = "nothing", "names", "zeros"
OUTCOMES = (NOTHING, NAMES, ZEROS)


class _File:
    def __init__(self, data=b""):
        self.data, self.safe, self.is_final = bytearray(data), bytes(data), False

    def sync(self):
        self.safe = bytes(self.data)

    def write(self, offset, data):
        if offset > len(self.data):
            self.data.extend(bytes(offset - len(self.data)))
        self.data[offset:offset + len(data)] = data

    def resize(self, size):
        self.data = self.data[:size].ljust(size, b"\0")

    def left(self, outcome):
        return self.safe[:len(self.data)].ljust(len(self.data), b"\0") if outcome == ZEROS else self.safe


class _Folder:
    def __init__(self):
        self.names, self.safe = {}, {}

    def sync(self):
        self.safe = dict(self.names)


def _is_final(path):
    """@return whether readers look for it: no temporary name, nothing of SQLite's, which has rules of its own."""
    return path.parts[0] != "tmp" and not path.name.startswith((".tmp-", "catalog.db"))


class Disk:
    """What lies below one folder: all of it durable in the beginning.

    `faults` are the breaches of io/file.c's first rule: under a final name there are always complete, durable bytes.
    """

    def __init__(self, root):
        self.root, self.by_inode, self.logs, self.faults = Path(root), {}, set(), []
        self.top = self._take(self.root)

    def _take(self, path):
        node = _Folder() if path.is_dir() else _File(path.read_bytes())
        self.by_inode[path.stat().st_ino] = node
        if path.name.endswith("-wal"):
            self.logs.add(path.stat().st_ino)
        if isinstance(node, _Folder):
            node.names = {below.name: self._take(below) for below in path.iterdir()}
            node.sync()
        else:
            node.is_final = _is_final(path.relative_to(self.root))
        return node

    def _place(self, path):
        """The names that hold a path, and its last part."""
        *folders, name = Path(path).relative_to(self.root).parts
        node = self.top
        for folder in folders:
            node = node.names[folder]
        return node.names, name

    def _change_bytes(self, kind, inode, place, data):
        node = self.by_inode.get(inode)
        if node is None:
            return  # without a name since before
        if kind == "S":
            node.sync()
        elif kind == "W":
            node.write(place, data)
        else:
            node.resize(place)
        if kind != "S" and node.is_final:
            self.faults.append("bytes of a finished file were changed")

    def _give_name(self, path, node):
        names, name = self._place(path)
        names[name] = node
        relative = Path(path).relative_to(self.root)
        if isinstance(node, _File) and _is_final(relative):
            node.is_final = True
            if node.data != node.safe or not node.data:  # none: it is written under that name
                self.faults.append(f"{relative} got its name before its bytes were durable")

    def apply(self, change):
        kind, inode, place, one, two = change
        if kind in "WTS":
            self._change_bytes(kind, inode, place, one)
            return
        path = one.decode()
        if kind in "CM":
            self.by_inode[inode] = _File() if kind == "C" else _Folder()
            self._give_name(path, self.by_inode[inode])
            return
        names, name = self._place(path)
        node = names[name] if kind == "L" else names.pop(name)
        if kind in "LR":
            self._give_name(two.decode(), node)

    def forget(self, path):
        """Makes a name not durable that was there before: as a command leaves it that was killed before its fsync."""
        names, name = self._place(path)
        next(node for node in self.by_inode.values() if getattr(node, "names", None) is names).safe.pop(name)

    def _walk(self, names_of, path=Path(), folder=None):
        for name, node in names_of(folder or self.top).items():
            yield path / name, node
            if isinstance(node, _Folder):
                yield from self._walk(names_of, path / name, node)

    def left(self, outcome=None):
        """@return bytes by path, None for a folder; without an outcome what is there while the power holds."""
        found = {}
        for path, node in self._walk(lambda folder: folder.safe if outcome == NOTHING else folder.names):
            if isinstance(node, _Folder):
                found[path] = None
            elif not path.name.endswith("-shm"):
                found[path] = bytes(node.data) if outcome is None else node.left(outcome)
        return found

    def unsafe(self):
        """@return the final names that a loss of power may take away now."""
        safe = dict(self._walk(lambda folder: folder.safe))
        return [path for path, node in self._walk(lambda folder: folder.names)
                if isinstance(node, _File) and _is_final(path) and safe.get(path) is not node]


def read_journal(path):
    """@return the changes in their order: (kind, inode, place, bytes, bytes)."""
    changes = []
    with open(path, "rb") as file:
        while head := file.readline().split():
            kind, inode, place, one, two = head[0].decode(), *map(int, head[1:])
            changes.append((kind, inode, place, file.read(one), file.read(two)))
    return changes


def _spread(moments, most):
    """@return some of them, evenly, each from the middle of its share."""
    count = len(points(len(moments), most))
    return [moments[(2 * number + 1) * len(moments) // (2 * count)] for number in range(count)]


def replay(disk, changes, most):
    """Applies @p changes to @p disk. After every sync of SQLite's log, and of the folder where a catalog appeared,
    something was just promised: all files that have their names must be durable then, as in the end; what is not is
    added to disk.faults.

    @return what may be left when the power fails: a list of (moment, outcome, Disk.left()). Half of @p most are moments
    after such a promise with nothing left that was not synced, half are moments before any sync where names survive;
    then the end, whose moment is None, with each outcome that differs.
    """
    syncs = [at for at, change in enumerate(changes) if change[0] == "S"]
    logs = disk.logs | {inode for kind, inode, _, path, _ in changes if kind == "C" and path.endswith(b"-wal")}
    lakes = {path[:-len(b"/catalog.db")]: at for at, (*_, path) in enumerate(changes) if path.endswith(b"/catalog.db")}
    made = {inode: lakes[path] for kind, inode, _, path, _ in changes if kind == "M" and path in lakes}
    promises = [at for at in syncs if changes[at][1] in logs or at > made.get(changes[at][1], len(changes))]
    wanted, found = {}, []
    # The first and the last promise are lease and checkpoint: before and after all.
    for moments, shift, outcomes in ((promises[1:-1] or promises, 1, (NOTHING,)), (syncs, 0, (NAMES, ZEROS))):
        for number, at in enumerate(_spread(moments, most // 2)):
            wanted.setdefault(at + shift, []).append(outcomes[number % len(outcomes)])
    for at, change in enumerate(changes):
        found += [(at, outcome, disk.left(outcome)) for outcome in wanted.get(at, ())]
        disk.apply(change)
        if at in promises or at == len(changes) - 1:
            disk.faults += [f"{path} has a name that is not durable at change {at}" for path in disk.unsafe()]
    for outcome in OUTCOMES:
        left = disk.left(outcome)
        if all(left != other for moment, _, other in found if moment is None):
            found.append((None, outcome, left))
    return found


def put(root, left):
    """Makes @p root hold exactly what was left."""
    for path, data in left.items():  # folders come before what they hold
        if data is None:
            (root / path).mkdir()
        else:
            (root / path).write_bytes(data)


def seen(root):
    """@return what Disk.left() says of a folder while the power holds."""
    return {path.relative_to(root): None if path.is_dir() else path.read_bytes()
            for path in sorted(root.rglob("*")) if not path.name.endswith("-shm")}

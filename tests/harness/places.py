"""Where the lakes of a test lie. A test program says `lake`, a folder of its own; with SEINE_TEST_PLACE it runs as it is
with its lakes elsewhere, and in every place its cases find the same:

    bucket     in a bucket of a server of this process. A key is the path that the file would have, so that what a case
               does in a lake's folder is done to the objects; the catalog is a file, there as well.
    postgres   in folders, with their catalogs in PostgreSQL
    both       in that bucket, with their catalogs in PostgreSQL

SEINE_TEST_CATALOG: the server with its password in PGPASSWORD, for several programs; else one is started (stack.py).
"""
import itertools
import os
import re
from pathlib import Path

from harness.bucket import BUCKET, Bucket, Files, access
from harness.stack import stack
from harness.tap import program_folder

WITH_VALUE = {"--buckets", "--catalog"}  # words of init

def address(path):
    """@return that of the object which is a file."""
    return f"s3://{BUCKET}{path}"


class Place:
    """The program's words, its environment and what it says, between what a test means and what is so."""

    def __init__(self, name, begin=None):
        """begin: how the paths of all lakes begin; by default as those of the folders of tap.py."""
        assert name in ("bucket", "postgres", "both"), name
        self.has_bucket, self.has_postgres, self.numbers = name != "postgres", name != "bucket", itertools.count(1)
        self.env = {}
        if self.has_bucket:
            folder = program_folder()
            files = Files(begin or str(folder)[:str(folder).rindex("-") + 1])
            self.env |= access(Bucket(objects=files).endpoint) | {"XDG_CACHE_HOME": str(folder)}
        if self.has_postgres:
            given = os.environ if "SEINE_TEST_CATALOG" in os.environ else stack.env("postgres")
            self.server = given.get("SEINE_TEST_CATALOG") or given["SEINE_CATALOG"]
            self.env["PGPASSWORD"] = given["PGPASSWORD"]

    def lake(self, folder, word):
        """@return the address of what a test calls a lake, and its folder."""
        path = os.path.realpath(Path(folder or ".", word))
        return (address(path) if self.has_bucket else word), path

    def catalog(self, path):
        """@return where the catalog of a lake is to be: of one that is there, where it is."""
        if not self.has_postgres:
            return f"{path}/catalog.db"
        known = Path(path, "catalog.url")
        if known.is_file():
            return known.read_text(encoding="utf-8").strip()
        return f"{self.server}?catalog_name=lake_{os.getpid()}_{next(self.numbers)}"

    def words(self, folder, words):
        """@return the words as they have to be here, and the lakes among them: address → what the test calls it."""
        words, lakes = [str(word) for word in words], {}
        at = [number + 1 for number, word in enumerate(words[:-1]) if word == "--lake"]
        if words[:1] == ["init"]:
            at += [number for number, word in enumerate(words) if number and not word.startswith("-")
                   and words[number - 1] not in WITH_VALUE][:1]
        for number in at:
            if re.match("[a-z0-9]+:", words[number], re.I):
                continue
            given = words[number]
            words[number], path = self.lake(folder, given)
            lakes[words[number]] = given
            if words[0] == "init" and "--catalog" not in words:
                words += ["--catalog", self.catalog(path)]
        return words, lakes

    def environment(self, folder, env):
        """@return the variables of a command, those of the test first."""
        lake = env.get("SEINE_LAKE")
        named = {"SEINE_LAKE": self.lake(folder, lake)[0]} if lake and ":" not in lake else {}
        return self.env | env | named

    def told(self, text, lakes):
        """@return what the program said, with a lake's address as the test calls it, where that stands alone."""
        if not self.has_bucket or not isinstance(text, str):
            return text
        for lake, given in lakes.items():
            text = re.sub(re.escape(lake) + "(?![/\\w])", lambda _, given=given: given, text)
        return text

"""A case and an engine in one hand: what the tests of the kernel drive."""

import os
import stat
from collections import Counter
from pathlib import Path

from kernel.conftest import new_case
from vigie.kernel import conservation, intake
from vigie.kernel.case import Case
from vigie.kernel.engine import Engine, Needs
from vigie.kernel.evaluate import Progress, Watch, do, order
from vigie.kernel.intake import Taken
from vigie.kernel.run import Run
from vigie.rows.artefacts import File
from vigie.rows.evidence import Item
from vigie.rows.problems import Problem

MEDIA = ("originals", "verifications", "files", "prints", "dense")
"""The reading stages of evidence."""


def silent(_: Progress) -> None:
    """Watch nothing."""


class Rig:
    """One case, driven through the same calls as the command line."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder = folder
        self.engine = engine
        self.case = Case.open(folder if (folder / "case.toml").exists() else new_case(folder))
        self.secrets: tuple[bytes, ...] = ()

    @property
    def needs(self) -> Needs:
        return Needs(
            tmp=self.folder / "tmp",
            items=self.case.read(Item).rows(),
            secrets=self.secrets,
            vault=self.case.custody.vault_key(),
        )

    def add(self, path: Path | bytes, name: str | None = None) -> Taken:
        """Take one path in."""
        item = intake.register(self.case, os.fsencode(path), name=name)
        (taken,) = intake.take_in(self.case, [item], self.engine, self.needs, silent)
        return taken

    def run(self, only: tuple[str, ...] = (), watch: Watch = silent) -> list[Run]:
        """Do every stage, or some of them."""
        runs = []
        for stage in order():
            if not only or stage.name in only:
                runs.extend(do(self.case, stage, self.engine, self.needs, watch))
        return runs

    def reopen(self) -> None:
        """Open the case anew, as the next command would."""
        self.case = Case.open(self.folder)

    def problems(self, stage: str = "") -> Counter[tuple[str, str, str]]:
        """Return (stage, what, code) of every Problem and how often it stands."""
        rows = self.case.read(Problem).rows()
        return Counter((p.stage, p.subject.partition("!")[2], p.code) for p in rows if stage in ("", p.stage))

    def files(self) -> dict[str, File]:
        """Return the files by what stands behind the item in their locators."""
        return {one.locator.partition("!")[2]: one for one in self.case.read(File)}

    def holds(self) -> bool:
        """Say whether nothing was lost, as far as the case was run; tells what was, where something is."""
        found = conservation.check(self.case)
        assert found.state != "broken", str(found)
        return True

    def all_holds(self) -> bool:
        """Say whether every stage was run and nothing was lost."""
        found = conservation.check(self.case)
        assert found.state == "holds", str(found)
        return True


def snapshot(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return all that a file system tells of everything below a folder, times included."""
    out: dict[str, tuple[object, ...]] = {}
    waiting = [os.fsencode(folder)]
    while waiting:
        path = waiting.pop()
        status = os.lstat(path)
        what = (status.st_mode, status.st_ino, status.st_nlink, status.st_uid, status.st_size, status.st_mtime_ns)
        out[os.fsdecode(path)] = (*what, status.st_ctime_ns, status.st_atime_ns)
        if stat.S_ISDIR(status.st_mode):
            fd = os.open(path, os.O_RDONLY | os.O_NOATIME)  # reading a folder, or through a link, leaves a time
            try:
                waiting.extend(path + b"/" + os.fsencode(name) for name in os.listdir(fd))  # noqa: PTH208 - a descriptor has no path
            finally:
                os.close(fd)
    return out

"""A case is a folder: settings, evidence manifests, immutable tables, run records, and the log that commits them.

The custody log is the truth about which runs count; ``current.json`` repeats it for people. A run exists once its
entry stands in the log. Nothing is ever updated in place.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import re
import typing as t
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vigie.kernel import begun, durable, scratch, settings
from vigie.kernel.custody import Custody
from vigie.kernel.database import Room
from vigie.kernel.errors import IntegrityError, UsageError
from vigie.kernel.lock import held
from vigie.kernel.run import Run
from vigie.kernel.signing import Ask
from vigie.kernel.table import Table
from vigie.rows.base import Row

R = t.TypeVar("R", bound=Row)
_MADE = re.compile(r"[0-9a-f]{32}\.((?:[0-9a-f]{32}-[0-9]+\.)?parquet|json)(\.tmp-.*)?")
"""Names of what a run writes before its entry stands in the log."""
LOCK = "tmp/lock"
FOLDERS = ("evidence", "tables", "runs", "work", "index", "tmp")


class Case:
    """A case folder, opened by a named person."""

    def __init__(self, folder: Path, custody: Custody) -> None:
        self.folder = folder
        self.custody = custody
        self.settings = settings.load(folder)
        self.room = Room(folder=folder, memory_bytes=self.settings.machine.memory_mb << 20)
        self.current: dict[str, str] = {}
        """Label of what was run -> id of the run that counts."""
        self._records: dict[str, str] = {}
        self._runs: dict[str, Run] = {}
        self._begun: set[str] = set()
        self._checked: set[tuple[int, int, int]] = set()
        for entry in custody.entries():
            if entry.act == "run":
                self._remember(entry.about)

    @classmethod
    def create(
        cls, folder: Path, about: settings.About, *, key_file: Path | None = None, passphrase: bytes | None = None
    ) -> Case:
        """Make a new case folder. ``key_file`` may hold a key already, locked with ``passphrase`` or not at all."""
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} exists and is not empty. Give a new folder for the case.")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FOLDERS:
            (folder / name).mkdir(mode=0o700)
        digest = durable.write(folder / settings.FILE, settings.draft(about).encode())
        custody = Custody.create(
            folder, who=about.examiner, key_file=key_file, passphrase=passphrase, about={"settings": digest}
        )
        return cls(folder, custody)

    @classmethod
    def open(cls, folder: Path, *, who: str | None = None, ask: Ask | None = None, read_only: bool = False) -> Case:
        """Open a case: its log is verified before anything in it is believed.

        ``ask`` gives the passphrase of the signing key, where it has one. ``read_only``: to look at it only.
        """
        about = settings.load(folder).case
        if not read_only:
            for name in FOLDERS:
                (folder / name).mkdir(mode=0o700, exist_ok=True)
        return cls(folder, Custody.open(folder, who=who or about.examiner, ask=ask, read_only=read_only))

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Work on the case while no other process does; first removes what a killed one left without a log entry.

        Files of a run that this case's key has not noted as begun stay: somebody planted them, and ``vigie verify``
        names them. Errors: NotAllowed, naming the other process.
        """
        path = self.folder / LOCK
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with held(fd, path, 0):
                for folder in ("evidence", "runs", "tables", "tmp"):
                    for place in (self.folder / folder, *(self.folder / folder).glob("*/")):
                        durable.sweep(place)  # what a writer that was killed had half written
                scratch.sweep(self.folder / "tmp")
                self._sweep()
                yield
                self._sweep()  # a run that came to the same as before has left its note
        finally:
            os.close(fd)

    def _sweep(self) -> None:
        tmp = self.folder / "tmp"
        noted = begun.noted(tmp)
        mine = [one for one in noted if begun.holds(tmp, self.custody.seal_key(), one)]
        left = set(mine) - set(self._records)
        if left:  # another process may have made them count since this one read the log
            with self.custody.batch():
                left -= {str(entry.about["run"]) for entry in self.custody.entries() if entry.act == "run"}
        for file in (*(self.folder / "tables").glob("*/*"), *(self.folder / "runs").iterdir()):
            if _MADE.fullmatch(file.name) and file.name.partition(".")[0] in left:
                file.unlink()
        for one in mine:
            begun.forget(tmp, one)
        self._begun.clear()

    def commit(self, label: str, run: Run) -> None:
        """Make a run count: record, log entry, and the list of what counts, in this order."""
        body = msgspec.json.format(msgspec.json.encode(run, order="deterministic"), indent=1)
        digest = durable.write(self.folder / "runs" / f"{run.id}.json", body)
        self.custody.append("run", {"label": label, "run": run.id, "record": digest})
        self._remember({"label": label, "run": run.id, "record": digest})
        begun.forget(self.folder / "tmp", run.id)
        self.publish()

    def choose(self, label: str, run: Run) -> None:
        """Make an earlier run count again."""
        self.custody.append("run", {"label": label, "run": run.id, "record": self._records[run.id]})
        self._remember({"label": label, "run": run.id, "record": self._records[run.id]})
        self.publish()

    def publish(self) -> None:
        """Write ``current.json``, for people: the log says the same."""
        durable.write(self.folder / "current.json", current_json(self.current))

    def note_settings(self) -> None:
        """Write a change of ``case.toml`` into the log, so that an unlogged one can be told from it."""
        digest = durable.sha256_of(self.folder / settings.FILE)
        entries = [e for e in self.custody.entries() if e.act in ("created", "parameters")]
        known = [e.about["settings"] for e in entries if "settings" in e.about]
        if known[-1] != digest:
            self.custody.append("parameters", {"settings": digest})

    def run(self, run_id: str) -> Run | None:
        """Return the record of a run that was committed, or None; the record is checked against the log."""
        if run_id not in self._records:
            return None
        if run_id not in self._runs:
            file = self.folder / "runs" / f"{run_id}.json"
            try:
                body = file.read_bytes()
            except FileNotFoundError:
                raise IntegrityError(f"{file} is missing, though the custody log names it") from None
            if hashlib.sha256(body).hexdigest() != self._records[run_id]:
                raise IntegrityError(f"{file} is not what the custody log says. Find out more with: vigie verify")
            self._runs[run_id] = msgspec.json.decode(body, type=Run)
        return self._runs[run_id]

    def all_runs(self) -> t.Iterator[Run]:
        """Go through all runs that were ever committed, oldest first."""
        for run_id in self._records:
            found = self.run(run_id)
            if found:
                yield found

    def counting(self) -> dict[str, Run]:
        """Return the runs that count, by label."""
        return {label: t.cast("Run", self.run(run_id)) for label, run_id in self.current.items()}

    def read(self, row: type[R]) -> Table[R]:
        """Return all rows of one type that count, as a table over files that were checked against the log."""
        name = row.table()
        files = [self.checked(run, file) for run in self.counting().values() for file in run.files(name)]
        return Table(row, files=sorted(files), room=self.room)

    def digests(self, row: type[Row]) -> list[str]:
        """Return the SHA-256 of the files that ``read`` would read: the identity of the table."""
        name = row.table()
        return sorted(run.outputs[file] for run in self.counting().values() for file in run.files(name))

    def checked(self, run: Run, name: str) -> Path:
        """Return the path of a run's file after comparing it with its record, once for each state of the file."""
        path = self.folder / name
        try:
            stat = path.stat()
        except FileNotFoundError:
            raise IntegrityError(f"{path} is missing, though run {run.id} made it") from None
        state = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if state not in self._checked:
            if durable.sha256_of(path) != run.outputs[name]:
                raise IntegrityError(f"{path} is not what run {run.id} wrote. Find out more with: vigie verify")
            self._checked.add(state)
        return path

    def place(self, row: type[Row], run_id: str, part: str = "") -> Path:
        """Return the path at which a run writes its rows of one type; what it writes is noted as begun first.

        ``part``: which of several files, ``<unit>-<number>``.
        """
        if run_id not in self._begun:
            begun.note(self.folder / "tmp", self.custody.seal_key(), run_id)
            self._begun.add(run_id)
        folder = self.folder / "tables" / row.table()
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / (f"{run_id}.{part}.parquet" if part else f"{run_id}.parquet")

    def _remember(self, about: dict[str, t.Any]) -> None:
        self._records[about["run"]] = about["record"]
        self.current[about["label"]] = about["run"]


def current_json(current: dict[str, str]) -> bytes:
    """Return the text of ``current.json``."""
    return msgspec.json.format(msgspec.json.encode(current, order="deterministic"), indent=1) + b"\n"


def now() -> dt.datetime:
    """Return the time, in UTC."""
    return dt.datetime.now(dt.UTC)

"""Does everything still hold? Re-reads the whole case, and the evidence, and says exactly what differs.

It believes nothing but the signed custody log, needs no private key for it, and changes nothing: what does not fit in
memory goes to the system's folder for temporary files (``TMPDIR``). Order: the log
itself, also against what was kept of it elsewhere; what the log commits (settings, run records - also superseded ones
-, tables, manifests, reports); paths that nobody knows; the evidence as it lies outside.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import tempfile
import typing as t
from pathlib import Path

import msgspec

from vigie.kernel import custody_check, custody_entry, custody_files, durable, note, seal, seen, settings, signing
from vigie.kernel.blob import digest_of, open_original
from vigie.kernel.case import current_json
from vigie.kernel.chain import used as chain_used
from vigie.kernel.chain.growth import LOCK as STORE_LOCK
from vigie.kernel.chain.layout import MANIFEST, sizes
from vigie.kernel.chain.opening import damage, manifest_of
from vigie.kernel.chain.scope import HEADS, NOTES
from vigie.kernel.custody_check import Difference, Kept
from vigie.kernel.database import Room
from vigie.kernel.errors import IntegrityError, NotAllowed, UsageError
from vigie.kernel.run import Run
from vigie.kernel.schema import schema
from vigie.kernel.strays import Known, Stray, strays
from vigie.kernel.table import BATCH_ROWS, Table, look, of, passing, stream
from vigie.kernel.walk import walk
from vigie.rows import locator
from vigie.rows.base import Row
from vigie.rows.evidence import Found, Item, Original
from vigie.rows.matches import ListFile

if t.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vigie.kernel.custody_entry import Entry

R = t.TypeVar("R", bound=Row)
CUSTODY = (
    custody_files.LOG,
    custody_files.CHECKPOINTS,
    custody_files.CHECKPOINT,
    custody_files.PUB,
    custody_files.KEY,
)
CURRENT = "current.json"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How far a verification is."""

    part: str
    done: int
    of: int
    bytes_done: int = 0
    bytes_of: int = 0


class Report(msgspec.Struct, kw_only=True):
    """What was checked and what was found."""

    differences: list[Difference] = []
    """Bytes that are not those that were recorded."""
    strays: list[Stray] = []
    """What nobody recorded and nothing uses."""
    remarks: list[str] = []
    """What could not be judged, and why: no difference, and no proof either."""
    checked: dict[str, int] = {}
    """How many of each kind were held against their record."""
    custody_sound: bool = True


def verify(folder: Path, watch: Callable[[Step], None], *, evidence: bool = True, kept: Sequence[Kept] = ()) -> Report:
    """Check a case folder, and the evidence it points to. Errors: UsageError where there is no case at all.

    ``kept``: states of the log that somebody kept outside; what this machine has seen of it is added to them.
    """
    if not any((folder / name).exists() for name in (settings.FILE, custody_files.LOG)):
        raise UsageError(f"{folder} is no vigie case: it has neither {settings.FILE} nor {custody_files.LOG}.")
    with tempfile.TemporaryDirectory(prefix="vigie-verify-") as tmp:
        check = _Check(Room(folder=folder, tmp=Path(tmp)), watch)
        check.custody(kept)
        check.settings()
        check.runs()
        check.manifests()
        check.current()
        check.chain()
        check.unknown()
        if evidence:
            check.evidence()
            check.lists()
        return check.report


class _Check:
    """One verification."""

    def __init__(self, room: Room, watch: Callable[[Step], None]) -> None:
        self.room = room
        self.folder = room.folder
        self.watch = watch
        self.report = Report()
        self.entries: list[Entry] = []
        self.known: set[str] = {settings.FILE, CURRENT, *CUSTODY}
        self.records: list[Run] = []
        self.damaged: set[str] = set()
        """Ids of runs whose record cannot be believed: nothing is said of their tables."""
        self.good: set[str] = set()
        self.kept: list[Kept] = []
        self.seal: bytes | None = None
        """The key that seals unfinished work, once the signing key was found right."""

    def differs(self, file: str, expected: str, found: str) -> None:
        """Note a difference."""
        self.report.differences.append(Difference(file=file, line=0, expected=expected, found=found))

    def count(self, what: str) -> None:
        """Count what was checked."""
        self.report.checked[what] = self.report.checked.get(what, 0) + 1

    def custody(self, kept: Sequence[Kept]) -> None:
        """Check the log: chain, tree, signatures, what was kept of it - and the private key, where it is at hand."""
        found = [*self._seen(), *custody_check.check(self.folder, kept=[*kept, *self.kept])]
        self.report.differences += found
        self.report.custody_sound = not found
        path = self.folder / custody_files.LOG
        if path.is_file():
            with path.open("rb") as stream:
                for line in iter(lambda: custody_entry.read_line(stream), b""):
                    try:
                        self.entries.append(custody_entry.decode(line.removesuffix(b"\n")))
                    except ValueError:
                        continue  # the check above has named the line
                    self.count("log entries")
        self._key()

    def _seen(self) -> list[Difference]:
        """Add what this machine has seen of the log to what was kept of it."""
        try:
            (pinned,) = custody_files.read_keys(self.folder)
            if one := seen.recall(pinned.name):
                name = f"what this machine has seen ({one.path})"
                self.kept.append(Kept(name=name, size=one.checkpoint.size, root=one.checkpoint.root.hex()))
                note.verify(one.signed, [pinned])
        except IntegrityError as error:
            if self.kept:  # else the public key is damaged: the check of the log says so
                expected = f"the key that signed {self.kept[0].name}"
                return [Difference(file=custody_files.PUB, line=0, expected=expected, found=str(error))]
        return []

    def _key(self) -> None:
        path = self.folder / custody_files.KEY
        if not path.is_file():
            self.report.remarks.append(f"{path.name} is not there: nothing can be signed on this machine.")
            return
        try:
            place = custody_files.key_path(self.folder)
            (pinned,) = custody_files.read_keys(self.folder)
            if b"ENCRYPTED" in place.read_bytes():
                self.report.remarks.append(f"{place} is locked with a passphrase and was not opened.")
                return
            key = signing.load(place)
        except FileNotFoundError:
            self.report.remarks.append(f"{path.name} points to {place}, which is not there.")
            return
        except NotAllowed as error:
            self.differs(path.name, "the private key of this case", str(error))
            return
        except IntegrityError:
            return  # the public key is damaged: the check of the log has said so
        if note.verifier_of(pinned.name, key) != pinned:
            self.differs(path.name, f"the private key of {custody_files.PUB}", "another key")
        elif place == path and signing.pem(key) != path.read_bytes():
            self.differs(path.name, "the private key in its one form", "bytes were changed around it")
        else:
            self.seal = seal.key_of(key, pinned.name)

    def settings(self) -> None:
        """``case.toml`` is what was logged last."""
        logged = [
            str(e.about["settings"])
            for e in self.entries
            if e.act in ("created", "parameters") and "settings" in e.about
        ]
        if logged:
            self.holds(settings.FILE, logged[-1], "settings", hint=" (a change counts once `vigie run` has logged it)")

    def holds(self, file: str, sha256: str, what: str, *, hint: str = "") -> bool:
        """Hold one file of the case against a digest."""
        path = self.folder / file
        self.count(what)
        if path.is_symlink() or not path.is_file():
            self.differs(file, f"SHA-256 {sha256}", "a link" if path.is_symlink() else "no such file")
            return False
        found = durable.sha256_of(path)
        if found != sha256:
            self.differs(file, f"SHA-256 {sha256}", f"SHA-256 {found}{hint}")
        return found == sha256

    def runs(self) -> None:
        """Every record that was ever committed, and every table it made."""
        records = {str(e.about["run"]): str(e.about["record"]) for e in self.entries if e.act == "run"}
        for run_id, digest in records.items():
            name = f"runs/{run_id}.json"
            self.known.add(name)
            if self.holds(name, digest, "run records"):
                self.records.append(msgspec.json.decode((self.folder / name).read_bytes(), type=Run))
            else:
                self.damaged.add(run_id)
        files = {file: digest for run in self.records for file, digest in run.outputs.items()}
        for done, (file, digest) in enumerate(files.items(), 1):
            self.known.add(file)
            if self.holds(file, digest, "tables"):
                self.good.add(file)
            self.watch(Step(part="tables", done=done, of=len(files)))

    def manifests(self) -> None:
        """Check what was taken in, reported and exported against what was logged last."""
        last: dict[str, tuple[str, str]] = {}
        for entry in self.entries:
            if entry.act == "taken_in":
                last[str(entry.about["manifest"])] = (str(entry.about["sha256"]), "manifests")
            elif entry.act in ("reported", "exported") and entry.about.get("inside"):
                last[str(entry.about["inside"])] = (str(entry.about["sha256"]), "reports and exports")
        for file, (digest, what) in last.items():
            self.known.add(file)
            self.holds(file, digest, what)

    def current(self) -> None:
        """``current.json`` says what the log says."""
        if not any(e.act == "run" for e in self.entries):
            return
        self.count("lists of what counts")
        labels = {str(e.about["label"]): str(e.about["run"]) for e in self.entries if e.act == "run"}
        path = self.folder / CURRENT
        expected = current_json(labels)
        found = path.read_bytes() if path.is_file() else b""
        if found != expected:
            digests = [hashlib.sha256(one).hexdigest() for one in (expected, found)]
            what = f"SHA-256 {digests[1]}" if path.is_file() else "no such file"
            self.differs(CURRENT, f"what the log says (SHA-256 {digests[0]})", what)

    def chain(self) -> None:
        """Read the store of the chain that the case uses against its digests, and its manifest against the log."""
        self.known |= {f"{chain_used.FOLDER}/{name}" for name in (NOTES, HEADS)}  # of a fetch, ended or not
        used = [entry for entry in self.entries if entry.act == "chain_used"]
        if not used:
            return
        about = used[-1].about
        inside = about["path"] == chain_used.FOLDER
        store = self.folder / os.fsdecode(locator.read(str(about["path"])))
        try:
            manifest = manifest_of(store)
            if manifest.identity != about["identity"]:
                text = f"identity {about['identity']}", f"identity {manifest.identity}"
                if inside:
                    self.differs(str(about["path"]), *text)
                else:
                    self.report.remarks.append(
                        f"the chain in {about['path']} is in another state than the one that was named."
                    )
            elif inside and (found := durable.sha256_of(store / MANIFEST)) != about["manifest"]:
                self.differs(f"{about['path']}/{MANIFEST}", f"SHA-256 {about['manifest']}", f"SHA-256 {found}")
            for error in damage(store, lambda done, of: self.watch(Step(part="chain", done=done, of=of))):
                self.differs(str(about["path"]), "what its manifest says", str(error))
        except UsageError as error:
            self.report.remarks.append(str(error))
        except IntegrityError as error:
            self.differs(str(about["path"]), "a store of the chain", str(error))
        else:
            self.count("chains")
            if inside:
                self.known |= {f"{chain_used.FOLDER}/{name}" for name in (*sizes(manifest), MANIFEST, STORE_LOCK)}

    def unknown(self) -> None:
        """Paths that no entry of the log accounts for."""
        known = Known(
            files=frozenset(self.known),
            damaged=frozenset(self.damaged),
            items=frozenset(one.key.hex() for one in self._table(Item)),
            key=self.seal,
        )
        for found in strays(self.folder, known):
            if isinstance(found, str):
                self.report.remarks.append(found)
            elif isinstance(found, Stray):
                self.report.strays.append(found)
            else:
                self.report.differences.append(found)

    def evidence(self) -> None:
        """Each original as it lies outside, and whether files have come or gone.

        A case may hold ten million of them: they come from a query one by one, in the order of their paths.
        """
        items: dict[bytes, Item] = {one.key: one for one in self._table(Item)}
        originals = self._table(Original)
        (total,) = look("select count(*) as n, coalesce(sum(size_bytes), 0)::bigint as size from o", o=originals)
        there = dict[bytes, bool]()
        for key, item in items.items():
            there[key] = os.path.lexists(locator.read(item.path))
            if there[key]:
                self._fresh(item)
            else:
                self.differs(item.path, f"the evidence of item {item.name}", "no such file or folder: attach it again")
        done = read = 0
        for one in stream("select item, path, sha256, size_bytes from o order by item, path", o=originals):
            if there.get(one["item"]):
                self._original(items[one["item"]], one["path"], one["sha256"])
                done, read = done + 1, read + one["size_bytes"]
                self.watch(Step(part="evidence", done=done, of=total["n"], bytes_done=read, bytes_of=total["size"]))

    def _fresh(self, item: Item) -> None:
        """Name what lies in an item now and was not listed when it was taken in."""
        met = (one for one in walk(item) if isinstance(one, Found))
        walked = t.cast("Path", self.room.tmp) / "walked.parquet"
        with passing(walked, schema(Found)) as writer:
            while some := list(itertools.islice(met, BATCH_ROWS)):
                writer.write_table(of(Found, some).arrow)
        sql = (
            "select path from walked anti join"
            f" (select path from f where item = unhex('{item.key.hex()}')) listed using (path) order by path"
        )
        for one in stream(sql, walked=walked, f=self._table(Found)):
            self.differs(_outside(item, one["path"]), "no such file", "a file that came after it was taken in")

    def _original(self, item: Item, path: str, sha256: bytes) -> None:
        shown = _outside(item, path)
        self.count("originals")
        try:
            fd = open_original(_real(item, path))
        except OSError as error:
            self.differs(shown, f"SHA-256 {sha256.hex()}", error.strerror or "it cannot be opened")
            return
        with open(fd, "rb"):  # noqa: PTH123 - a descriptor, not a path
            try:
                found = digest_of(fd)
            except OSError as error:
                self.differs(shown, f"SHA-256 {sha256.hex()}", error.strerror or "it cannot be read")
                return
        if found != sha256:
            self.differs(shown, f"SHA-256 {sha256.hex()}", f"SHA-256 {found.hex()}")

    def lists(self) -> None:
        """Hash lists where they still lie: a newer edition in their place is no difference."""
        for one in self._table(ListFile):
            try:
                fd = open_original(locator.read(one.path))
            except OSError:
                self.report.remarks.append(f"the hash list {one.path} is no longer there; its entries are in the case.")
                continue
            with open(fd, "rb"):  # noqa: PTH123 - a descriptor, not a path
                if digest_of(fd) != one.sha256:
                    self.report.remarks.append(
                        f"the hash list {one.path} is another edition than the one that was read."
                    )
                else:
                    self.count("hash lists")

    def _table(self, row: type[R]) -> Table[R]:
        """Return the rows of the runs that count, as a table over files that were found right."""
        labels = {str(e.about["label"]): str(e.about["run"]) for e in self.entries if e.act == "run"}
        counts = set(labels.values())
        files = [
            self.folder / name
            for run in self.records
            if run.id in counts
            for name in run.files(row.table())
            if name in self.good
        ]
        return Table(row, files=sorted(files), room=self.room)


def _real(item: Item, path: str) -> bytes:
    root = locator.read(item.path)
    if not path:
        return root
    folder = root if item.kind == "folder" else os.path.dirname(root)  # noqa: PTH120 - names in evidence are bytes
    return os.path.join(folder, locator.read(path))  # noqa: PTH118 - as above


def _outside(item: Item, path: str) -> str:
    return locator.show(_real(item, path))

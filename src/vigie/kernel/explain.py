"""Why a row is there: the chain from any row back to the seized item, as a tree.

Every step names the rule that made the row - stage, code, settings, versions, isolation, run - and the rows it rests
on, found through the links that the row types declare. It ends at the item, the custody entry that took it in and
the signed checkpoint over that entry. Fan-out is bounded, and what is left out is counted.
"""

from __future__ import annotations

import typing as t

import msgspec

from vigie.kernel import checkpoints
from vigie.kernel.custody_files import CHECKPOINTS
from vigie.kernel.errors import UsageError
from vigie.kernel.table import Table, look, plain
from vigie.rows.artefacts import Bundle, BundleFile, File, Media, Relation
from vigie.rows.base import ROWS, Row, links
from vigie.rows.clusters import Change, Cluster, ClusterMember, SignalRate, Withheld
from vigie.rows.copies import COPY, Copy, Extent, Layer, Remnant
from vigie.rows.countries import Address, Attribution, IpBase, IpFile, Jurisdiction, Located, Signal
from vigie.rows.derived import Derived
from vigie.rows.evidence import Item, Original, Verification
from vigie.rows.fingerprints import DensePrint, Fingerprint
from vigie.rows.given import Given
from vigie.rows.groups import Compared, Group, Link, Member, Tie
from vigie.rows.leads import Lead, Reason
from vigie.rows.ledgers import Ledger
from vigie.rows.matches import ListFile, Match, Standing
from vigie.rows.paths import Enquiry, Exchange, Flow, Hop, Proof
from vigie.rows.payments import Receipt, Settlement, Watched
from vigie.rows.people import (
    READ,
    Account,
    Event,
    Mention,
    Message,
    Moderation,
    Payment,
    Platform,
    Post,
    Profile,
    Secret,
)
from vigie.rows.persons import Alias, Bond, Identifier, Parameter, Person, Resemblance, Shared, Weighing
from vigie.rows.roles import Activity, Factor, Ranked, Role
from vigie.rows.sightings import Sighting
from vigie.rows.tags import PackFile, TagConflict, Tagged
from vigie.rows.truth import Truth
from vigie.rows.uploads import Uploader
from vigie.rows.wallets import WalletAddress

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case
    from vigie.kernel.custody import Entry
    from vigie.kernel.run import Run

MOST_BRANCHES = 4
"""Rows shown for one link."""
MOST_NODES = 400
MOST_PREFIXES = 6
LEAST_PREFIX = 4
KEY_DIGITS = 32
SHA256_DIGITS = 64
_HEX = frozenset("0123456789abcdef")
_READ = frozenset((*READ.values(), Mention, Secret))
"""Rows that say which row of a table of a dump they were made of."""

_CHAINED: t.Final[tuple[tuple[type[Row], str, str], ...]] = (
    (Proof, "network txid", "network txid"),
    (Ledger, "network", "network"),
)
"""What stands in the chain: the branch to its block's header, and which chain that is."""

RESTS: dict[type[Row], tuple[tuple[type[Row], str, str], ...]] = {
    Lead: ((Reason, "lead", "key"),),
    Group: ((Member, "group", "key"), (Tie, "group", "key"), (Uploader, "group", "key")),
    Member: (
        *((Standing, "content", "content"), (Link, "a", "content"), (Link, "b", "content")),
        *((Compared, "a", "content"), (Compared, "b", "content")),
    ),
    Standing: ((Match, "content", "content"),),
    Match: ((Fingerprint, "content", "content"), (DensePrint, "content", "content")),
    File: ((Media, "content", "sha256"),),
    Original: ((Verification, "original", "key"),),
    Person: ((Alias, "person", "key"),),
    Ranked: ((Factor, "ranked", "key"),),
    Activity: ((Role, "activity", "key"),),
    IpFile: ((IpBase, "file", "key"),),
    Located: ((Address, "ip", "ip"),),
    Resemblance: (
        (Weighing, "resemblance", "key"),
        (Account, "platform id", "platform_a account_a"),
        (Account, "platform id", "platform_b account_b"),
    ),
    Parameter: (
        *((Weighing, "comparison level", "comparison level"), (Weighing, "comparison", "comparison")),
        (Resemblance, "by", "name"),
    ),
    Shared: ((Identifier, "kind value", "kind value"), (Bond, "kind value", "kind value")),
    Identifier: (
        *((one, "platform relation number", "platform relation number")
          for one in (Account, Profile, Post, Message, Payment, Event)),
        (Mention, "platform relation number kind", "platform relation number kind"),
    ),
    Jurisdiction: ((Attribution, "standing_as country", "standing_as country"),),
    Attribution: ((Signal, "platform account standing_as country", "platform account standing_as country"),),
    Signal: (
        (Address, "platform account ip", "platform account value"),
        (Identifier, "platform account kind", "platform account kind"),
        (Account, "platform id language", "platform account value"),
        (Account, "platform id time_zone", "platform account value"),
        (Payment, "platform account processor", "platform account value"),
        (Payment, "platform account currency", "platform account value"),
        *((Exchange, one, "value") for one in ("legal_name", "label")),
    ),
    Address: (
        *((Account, f"platform id {one}", "platform account ip") for one in ("registration_ip", "last_ip")),
        *((one, "platform account ip", "platform account ip") for one in (Post, Message, Event, Moderation)),
    ),
    Platform: ((Copy, "counts_as", "key"), (Bundle, "content", "content")),
    Bundle: ((BundleFile, "content", "content"),),
    Relation: ((BundleFile, "content name", "content beside"),),
    Layer: (
        (Extent, "platform relation into", "platform relation into"),
        (Remnant, "platform into", "platform into"),
    ),
    Remnant: tuple((one, "key", "row_key") for one in READ.values()),
    Exchange: ((Enquiry, "exchange", "key"),),
    Flow: ((Hop, "flow", "key"),),
    Hop: ((Receipt, "txid vout", "txid vout"), (Proof, "txid", "txid")),
    Receipt: ((Settlement, "receipt", "key"), *_CHAINED),
    Proof: ((Ledger, "network", "network"),),
    Watched: (
        (Derived, "network script", "network script"),
        (WalletAddress, "script", "script"),
        (ClusterMember, "network script", "network script"),
        (Tagged, "network script", "network script"),
        (Payment, "address", "address"),
        (Sighting, "value", "address"),
        (Mention, "value", "address"),
        (Given, "value", "address"),
    ),
    Cluster: ((ClusterMember, "cluster", "key"),),
    ClusterMember: ((Proof, "network txid", "network via"), (Ledger, "network", "network")),
    Withheld: _CHAINED,
    Change: _CHAINED,
    SignalRate: ((Ledger, "network", "network"),),
    TagConflict: ((Tagged, "network script", "network script"),),
}  # fmt: skip
"""Rows that a row also rests on and that point at it: row type, its columns, our columns."""

BACK: frozenset[tuple[str, str]] = frozenset(
    {
        ("member", "group"),
        ("reason", "lead"),
        ("tie", "group"),
        ("uploader", "group"),
        ("alias", "person"),
        ("factor", "ranked"),
        ("role", "activity"),
        ("ipbase", "file"),
        ("weighing", "resemblance"),
        ("file", "item"),
        ("standing", "best"),
        ("match", "list"),
        ("copy", "counts_as"),
        ("bundlefile", "content"),
        ("bundlefile", "sha256"),
        ("enquiry", "exchange"),
        ("hop", "flow"),
        ("settlement", "receipt"),
        ("clustermember", "cluster"),
    }
)
"""Links that lead up the tree again, or say what another link of the same row says."""
FROM_BELOW: frozenset[tuple[str, str, str]] = frozenset(
    {("parameter", "weighing", "resemblance"), ("enquiry", "settlement", "receipt"), ("", "settlement", "receipt"),
     ("", "hop", "flow"), ("", "clustermember", "cluster")}
)  # fmt: skip
"""Of these, where one comes from another side, or begins, and they lead on: table above, table, column."""
TOLD: frozenset[tuple[str, str]] = frozenset(
    {("media", "content"), ("fingerprint", "content"), ("denseprint", "content"), ("decided", "content"),
     ("verification", "original"), ("group", "first"), ("alias", "platform"),
     ("bond", "platform_a"), ("bond", "platform_b"),
     ("group", "representative")}
)  # fmt: skip
"""Links that lead to what stands above already, unless the explanation begins here."""


TAKEN: t.Final[dict[type[Row], tuple[str, str]]] = {
    Item: ("taken_in", "item"),
    ListFile: ("list_added", "list"),
    IpFile: ("geo_added", "ipfile"),
    PackFile: ("tags_added", "packfile"),
    Ledger: ("chain_used", "ledger"),
    Given: ("given", "given"),
}
"""What people hand over, where every explanation ends: the act of the log, and by which name it says the row."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How a row came to be."""

    stage: str
    run: str
    started: str
    code: str
    """SHA-256 of the code of the stage; ``""`` for what intake does itself."""
    version: str
    params: dict[str, t.Any]
    tools: dict[str, str]
    cell: str
    """Digest of the code that read foreign bytes; ``""`` where none were read."""
    isolation: str
    custody_entry: int
    """Number of the log entry that commits the run."""


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One row in the tree."""

    table: str
    key: str
    link: str
    """How the row above leads here; ``""`` for the first."""
    row: dict[str, t.Any]
    rule: Rule
    rests_on: list[Node]
    more: dict[str, int]
    """Link -> how many rows were left out."""
    again: bool = False
    """Its own reasons stand elsewhere in the tree."""
    custody: dict[str, t.Any] | None = None
    """For what a person handed over (``TAKEN``): the entry that says so, and the checkpoint that signs it."""


class _Walk:
    """One explanation being put together."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.seen: set[tuple[str, bytes]] = set()
        self.found: dict[tuple[t.Any, ...], tuple[list[tuple[dict[str, t.Any], Run]], int]] = {}
        self.runs = case.counting()
        self.entries: list[Entry] = list(case.custody.entries())
        self.committed = {e.about["run"]: e.seq for e in reversed(self.entries) if e.act == "run"}

    def find(
        self, row: type[Row], names: str, values: tuple[t.Any, ...], limit: int
    ) -> tuple[list[tuple[dict[str, t.Any], Run]], int]:
        """Return rows that have these values in these columns, the run that made each, and how many there are."""
        asked = (row, names, values, limit)
        if asked not in self.found:
            out: list[tuple[dict[str, t.Any], Run]] = []
            total = 0
            for run, table in self.tables(row):
                same = (f'"{name}" = {_literal(value)}' for name, value in zip(names.split(), values, strict=True))
                sql = f"select *, count(*) over () as n from x where {' and '.join(same)}"
                rows = look(f"{sql} order by key limit {limit}", x=table)
                total += rows[0].pop("n") if rows else 0
                for one in rows[: limit - len(out)]:
                    one.pop("n", None)
                    out.append((one, run))
            self.found[asked] = (out, total)
        return self.found[asked]

    def tables(self, row: type[Row]) -> t.Iterator[tuple[Run, Table[t.Any]]]:
        """Go through the runs that hold rows of a type."""
        for run in self.runs.values():
            if files := run.files(row.table()):
                yield run, Table(row, files=[self.case.checked(run, name) for name in files], room=self.case.room)

    def node(self, row: type[Row], found: dict[str, t.Any], run: Run, link: str, above: str = "") -> Node:
        """Explain one row; ``above`` is the table that led here."""
        name = (row.table(), found["key"])
        again = name in self.seen or len(self.seen) >= MOST_NODES
        self.seen.add(name)
        below: list[Node] = []
        more: dict[str, int] = {}
        if not again:
            for column, other, values in self._rests_on(row, found, above):
                rows, total = self.find(*other, values, MOST_BRANCHES)
                below += [self.node(other[0], one, its, column, row.table()) for one, its in rows]
                if total > len(rows):
                    more[column] = total - len(rows)
        return Node(
            table=row.table(),
            key=found["key"].hex(),
            link=link,
            row={column: plain(value) for column, value in found.items() if column != "key"},
            rule=self._rule(run),
            rests_on=below,
            more=more,
            again=again,
            custody=self._taken_in(row, found["key"]) if row in TAKEN else None,
        )

    def _rests_on(
        self, row: type[Row], found: dict[str, t.Any], above: str
    ) -> t.Iterator[tuple[str, tuple[type[Row], str], tuple[t.Any, ...]]]:
        """Yield the name of each link, where it leads and the values that are looked for there."""
        here = self._read_from(found) if row is Identifier else found
        for other, names, own in RESTS.get(row, ()):
            yield f"{other.table()} by {names.replace(' ', ', ')}", (other, names), tuple(here[n] for n in own.split())
        if row in _READ and (lies := self._lies_in(found["platform"], found["relation"])):
            yield "lies in", (BundleFile, "content name"), lies
        for column, of in links(row).items():
            name = (row.table(), column)
            up = name in BACK and (above, *name) not in FROM_BELOW
            if found[column] not in (None, "") and not up and (not above or name not in TOLD):
                yield column, (ROWS[of.row], of.by), (found[column],)

    def _lies_in(self, platform: bytes, relation: str) -> tuple[bytes, str] | None:
        """Return in which file of which dump the rows of a table lie; None where a dump is one file."""
        for one, _ in self.find(Platform, "key", (platform,), 1)[0]:
            for table, _ in self.find(Relation, "content name", (one["content"], relation), 1)[0]:
                return (table["content"], table["beside"]) if table["beside"] else None
        return None

    def _read_from(self, found: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return where a row that counts for the latest copy of a platform was read: in the dump of an older one."""
        relation, copied, digits = found["relation"].rpartition(COPY)
        older = [one for _, table in self.tables(Platform) for one in table if one.key.hex().startswith(digits)]
        return {**found, "relation": relation, "platform": older[0].key} if copied and older else found

    def _rule(self, run: Run) -> Rule:
        return Rule(
            stage=run.recipe.stage,
            run=run.id,
            started=run.started.isoformat(),
            code=run.recipe.code,
            version=run.version,
            params=run.recipe.params,
            tools=run.recipe.tools,
            cell=run.recipe.cell,
            isolation=run.level,
            custody_entry=self.committed[run.id],
        )

    def _taken_in(self, row: type[Row], key: bytes) -> dict[str, t.Any]:
        act, name = TAKEN[row]
        entries = [e for e in self.entries if e.act == act and e.about[name] == key.hex()]
        if not entries:
            return {"act": act, "entry": None, "checkpoint": None}
        entry = entries[-1]
        said: dict[str, t.Any] = {
            name: entry.about[name] for name in ("manifest", "sha256", "identity") if name in entry.about
        }
        return {
            "act": act,
            "entry": entry.seq,
            "at": entry.at.isoformat(),
            "who": entry.who,
            **said,
            "checkpoint": covering(self.case, entry.seq),
        }


def covering(case: Case, seq: int) -> dict[str, t.Any] | None:
    """Return number, size and root of the first signed checkpoint over an entry."""
    origin = case.custody.verifier_key.split("+")[0]
    with (case.folder / CHECKPOINTS).open("rb") as history:
        for line in history:
            signed = checkpoints.read_line(line.rstrip(b"\n"), origin)
            if signed.checkpoint.size > seq:
                return {
                    "number": signed.number,
                    "entries": signed.checkpoint.size,
                    "root": signed.checkpoint.root.hex(),
                }
    return None


def explain(case: Case, asked: str) -> list[Node]:
    """Explain the row with this key or prefix, or all files with this digest or locator.

    Errors: UsageError where nothing, or more than one row, fits.
    """
    walk = _Walk(case)
    found = _by_locator(walk, asked) or _by_digits(walk, asked.lower())
    if not found:
        raise UsageError(
            f"nothing in the case has the key, digest or locator {asked!r}. `vigie show CASE files --json` prints them."
            " Of an account by its name: `vigie show CASE accounts --why NAME`."
        )
    return [walk.node(row, one, run, "") for row, one, run in found]


_Hit: t.TypeAlias = "tuple[type[Row], dict[str, t.Any], Run]"


def _by_locator(walk: _Walk, asked: str) -> list[_Hit]:
    found, _ = walk.find(File, "locator", (asked,), 1)
    return [(File, one, run) for one, run in found]


def _by_digits(walk: _Walk, asked: str) -> list[_Hit]:
    if not asked or not set(asked) <= _HEX or len(asked) > SHA256_DIGITS:
        return []
    if len(asked) < LEAST_PREFIX:
        raise UsageError(f"{asked!r} is too short: give at least {LEAST_PREFIX} hex digits of a key or digest.")
    keys = _keys(walk, asked) if len(asked) <= KEY_DIGITS else []
    contents = _contents(walk, asked)
    if len(keys) + len(contents) > 1:
        names = [f"{row.table()} {one['key'].hex()}" for row, one, _ in keys] + [f"content {c.hex()}" for c in contents]
        raise UsageError(f"{asked!r} fits several: {', '.join(names[:MOST_PREFIXES])} ... Give more digits.")
    if keys:
        return keys
    if not contents:
        return []
    standing, _ = walk.find(Standing, "content", (contents[0],), 1)
    if standing:
        return [(Standing, one, run) for one, run in standing]
    files, _ = walk.find(File, "sha256", (contents[0],), MOST_BRANCHES)
    return [(File, one, run) for one, run in files]


def _keys(walk: _Walk, asked: str) -> list[_Hit]:
    low, high = (bytes.fromhex(asked.ljust(KEY_DIGITS, fill)) for fill in "0f")
    sql = f"select key from x where key between {_literal(low)} and {_literal(high)} limit {MOST_PREFIXES}"
    found = [(row, one["key"]) for row in ROWS.values() if row is not Truth for one in look(sql, x=walk.case.read(row))]
    return [
        (row, one, run) for row, key in sorted(found, key=_by_key) for one, run in walk.find(row, "key", (key,), 1)[0]
    ]


def _by_key(hit: tuple[type[Row], bytes]) -> tuple[bytes, str]:
    row, key = hit
    return key, row.table()


def _contents(walk: _Walk, asked: str) -> list[bytes]:
    low, high = (bytes.fromhex(asked.ljust(SHA256_DIGITS, fill)) for fill in "0f")
    sql = f"select distinct sha256 from x where sha256 between {_literal(low)} and {_literal(high)}"
    found: set[bytes] = set()
    for _, table in walk.tables(File):
        found |= {one["sha256"] for one in look(f"{sql} limit {MOST_PREFIXES}", x=table)}
    return sorted(found)


def _literal(value: t.Any) -> str:
    if isinstance(value, bytes):
        return f"unhex('{value.hex()}')"
    return "'" + str(value).replace("'", "''") + "'"

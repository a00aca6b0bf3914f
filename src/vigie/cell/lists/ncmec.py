"""NCMEC Hash Sharing v2: XML, streamed by expat. Document types and entities are refused, so nothing expands.

A deletion names an entry and carries no hash: it comes as an entry without hashes that is ``withdrawn``, and
withdraws what was listed under that name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from xml.parsers import expat

from vigie.cell.job import Refused
from vigie.cell.lists.reading.entries import Unusable, bad_entry, entries
from vigie.cell.lists.reading.format import Example, ListFormat, Replies, Source
from vigie.cell.lists.reading.text import cleaned
from vigie.rows.wire import Entry, ListHead, Trouble

NAMESPACE = "https://hashsharing.ncmec.org/hashsharing/v2"
SCHEME = "ncmec"
CHUNK_BYTES = 1 << 16
MOST_SILENT_BYTES = 1 << 22
"""Bytes without one whole tag or text: expat gathers a token before it tells."""
MOST_DEPTH = 32
MOST_FIELD = 4096
_RECORDS = {"image", "video", "deletedImage", "deletedVideo"}
_FIELDS = {"id", "classification", "md5", "sha1", "sha256", "pdq", "pdna"}
_UNUSABLE = {"pdna": "PhotoDNA"}


@dataclasses.dataclass
class _Document:
    """What expat has told so far; ``done`` is emptied after every chunk."""

    depth: int = 0
    record: dict[str, str] | None = None
    record_depth: int = 0
    field: str = ""
    done: list[dict[str, str]] = dataclasses.field(default_factory=list)
    events: int = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take an opening tag."""
        self.events += 1
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise Refused("bad_list", f"elements lie more than {MOST_DEPTH} deep")
        name = tag.rpartition(" ")[2]
        if self.record is None:
            if name in _RECORDS:
                self.record, self.record_depth = {"kind": name}, self.depth
        elif name == "member":
            self.record["member"] = attributes.get("id", "")[:MOST_FIELD]
        elif name in _FIELDS:
            self.field = name
            self.record.setdefault(name, "")

    def end(self, _: str) -> None:
        """Take a closing tag."""
        self.events += 1
        self.field = ""
        if self.record is not None and self.depth == self.record_depth:
            self.done.append(self.record)
            self.record = None
        self.depth -= 1

    def text(self, data: str) -> None:
        """Take text between tags."""
        self.events += 1
        if self.record is not None and self.field and len(self.record[self.field]) < MOST_FIELD:
            self.record[self.field] += data


def _refuse(*_: object) -> None:
    raise Refused("bad_list", "XML with a document type or entities is not read: it may unfold without end")


def _read(source: Source) -> Replies:
    document, unusable = _Document(), Unusable()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = document.start
    parser.EndElementHandler = document.end
    parser.CharacterDataHandler = document.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
    source.raw.seek(0)
    yield ListHead(name="NCMEC Hash Sharing", version="2", scheme=SCHEME)
    number, silent = 0, 0
    while True:
        chunk = source.raw.read(CHUNK_BYTES)
        broken, before = "", document.events
        try:
            parser.Parse(chunk, not chunk)
        except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two: an encoding nobody knows
            broken = cleaned(str(error), 200)
        for record in document.done:
            number += 1
            yield from _entries(number, record, unusable)
        document.done.clear()
        silent = silent + len(chunk) if document.events == before else 0
        if silent > MOST_SILENT_BYTES:
            broken = f"one token is longer than {MOST_SILENT_BYTES} bytes"
        if broken:
            detail = f"the XML breaks after record {number}: {broken}; all before it loaded"
            yield Trouble(number=number + 1, code="truncated", detail=detail)
        if broken or not chunk:
            break
    yield from unusable.remarks()


def _entries(number: int, record: dict[str, str], unusable: Unusable) -> Iterator[Entry | Trouble]:
    name = ":".join(part for part in (record.get("member", ""), record.get("id", "").strip()) if part)
    if record["kind"].startswith("deleted"):
        if name:
            yield Entry(number=number, entry=cleaned(name), withdrawn=True)
        else:
            yield bad_entry(number, f"record {number}: a deletion that names no entry")
        return
    hashes = {key: record[key].strip() for key in ("md5", "sha1", "sha256", "pdq") if record.get(key, "").strip()}
    for key, kind in _UNUSABLE.items():
        if record.get(key, "").strip():
            unusable.count(kind, number, alone=not hashes)
            if not hashes:
                return
    yield from entries(number, f"record {number}", hashes, entry=name, category=record.get("classification", ""))


def _detect(head: bytes) -> bool:
    return head.lstrip().startswith(b"<") and NAMESPACE.encode() in head


def _example() -> Example:
    return Example(
        content=f"""<queryResult xmlns="{NAMESPACE}">
 <images count="2" maxTimestamp="2026-01-02T00:00:00Z">
  <image>
   <member id="42">Example Member</member><timestamp>2026-01-01T00:00:00Z</timestamp><id>image1</id>
   <classification>A1</classification>
   <fingerprints>
    <md5>5d41402abc4b2a76b9719d911017c592</md5><sha1>aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d</sha1>
   </fingerprints>
  </image>
  <deletedImage>
   <member id="42">Example Member</member><timestamp>2026-01-02T00:00:00Z</timestamp><id>image0</id>
  </deletedImage>
 </images>
</queryResult>
""".encode()
    )


FORMAT = ListFormat(
    name="ncmec",
    reference="NCMEC Hash Sharing Web Service v2, queryResult; as read by facebook/ThreatExchange; evidence.md 3.2",
    detect=_detect,
    read=_read,
    example=_example,
)

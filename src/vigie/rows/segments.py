"""Names of split images: which file continues which. Names only; nothing is read here.

EnCase: ``.E01 .E02 ... .E99 .EAA ...`` (and Ex, s, L); raw: ``.001 .002 ...``; VMDK: ``x.vmdk`` with
``x-s001.vmdk``, ``x-f001.vmdk`` or ``x-flat.vmdk``.
"""

import re
import typing as t

_EWF = re.compile(rb"^(?P<stem>.+\.)(?P<kind>ex|[esl])(?P<number>\d\d|[a-z][a-z])$", re.IGNORECASE)
_RAW = re.compile(rb"^(?P<stem>.+\.)(?P<number>\d{3})$")
_VMDK = re.compile(rb"^(?P<stem>.+)-(?:[sf]\d{3}|flat)\.vmdk$", re.IGNORECASE)


def first_of(name: bytes) -> bytes | None:
    """Return the name of the first segment that ``name`` continues, lower-cased; None where it continues none."""
    if found := _EWF.match(name):
        first = found["stem"] + found["kind"] + b"01"
        return None if found["number"] == b"01" else first.lower()
    if found := _RAW.match(name):
        return None if found["number"] in (b"000", b"001") else (found["stem"] + b"001").lower()
    if found := _VMDK.match(name):
        return (found["stem"] + b".vmdk").lower()
    return None


def following(first: bytes, names: t.Iterable[bytes]) -> list[bytes]:
    """Return those of the names that continue ``first``, in order."""
    return sorted((name for name in names if first_of(name) == first.lower()), key=_order)


def _order(name: bytes) -> tuple[bool, bytes]:
    last = name.rsplit(b".", 1)[-1].lower()
    return (not last[-2:].isdigit(), last if last != b"vmdk" else name.lower())


CONTINUES: t.Final = (
    r"(?i)(\.(e|ex|s|l)(0[02-9]|[1-9]\d|[a-z]{2})|\.(00[2-9]|0[1-9]\d|[1-9]\d\d)|-([sf]\d{3}|flat)\.vmdk)$"
)
"""Regular expression (RE2) of shown paths that may continue another file."""


def below(path: str, others: t.Iterable[str]) -> list[str]:
    """Return those of the other shown paths that continue ``path``: same folder, following name, in order."""
    folder, _, name = path.rpartition("/")
    beside = [other.rpartition("/")[2].encode() for other in others if other.rpartition("/")[0] == folder]
    return [f"{folder}/{one.decode()}" if folder else one.decode() for one in following(name.encode(), beside)]

"""E-mail addresses: in the open, and hidden from robots."""

from __future__ import annotations

import functools
import re
import typing as t
import unicodedata
from pathlib import Path

from vigie.cell.identifiers.place import Hit, Place
from vigie.numeric.lines_round import MOST

TLDS: t.Final = frozenset(
    line for line in (Path(__file__).parent / "tlds.txt").read_text().split("\n") if line and not line.startswith("#")
) | {"onion", "i2p", "bit", "example"}
"""Of the root zone, three that are not in it and that mail goes to, and the one that is for examples."""
_LABEL: t.Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
_LOCAL: t.Final = re.compile(r"[a-z0-9_](?:[a-z0-9._%+~-]{0,62}[a-z0-9_%+~-])?\Z")
_LOGIN: t.Final = re.compile(rb"://[^\s/]*\Z")
_MESSAGES: t.Final = (b"message-id:", b"references:", b"in-reply-to:")
"""Headers of mail whose ``<...@...>`` names a message, and nobody."""
_JABBER: t.Final = re.compile(r"(?:jabber|xmpp|\bjid|жаб+а|джаб+ер)\W*(?:id\W*)?\Z", re.IGNORECASE)  # noqa: RUF001 - Russian
_PAYPAL: t.Final = re.compile(r"paypal\W*(?:is\W*|to\W*)?\Z", re.IGNORECASE)
_LONGEST: t.Final = 64
_MORE: t.Final = re.compile(rb"[A-Za-z0-9._%+~-]\Z")
_HEX: t.Final = re.compile(r"[0-9A-Fa-f]{2}[A-Za-z0-9_]")
_PLAIN: t.Final = re.compile(r"[A-Za-z0-9.-]*")
_WHOLE: t.Final = re.compile(r"([a-z0-9_](?:[a-z0-9._%+~-]{0,61}[a-z0-9_%+~-])?)@([a-z0-9.-]*[a-z0-9])\Z")
_HINTS: t.Final = (b"jabber", b"xmpp", b"jid", b"paypal", "ж".encode(), "Ж".encode())
_AT: t.Final = rb"(?:\s*[\[({<]\s*(?:at|@|a)\s*[\])}>]\s*|\s+(?:at|@|arroba|arobase|\xc3\xa4t)\s+|&#0*64;|&#x0*40;|%40)"
_DOT: t.Final = rb"(?:\s*[\[({<]\s*(?:dot|\.|punkt|punto|point)\s*[\])}>]\s*|\s+(?:dot|punkt|punto|point)\s+|\.)"
_HIDDEN: t.Final = re.compile(
    rb"(?<![a-z0-9._+~-])(?P<local>[a-z0-9_](?:[a-z0-9_+~-]|\.(?!\.)){0,63}+)"
    + _AT + rb"(?P<domain>[a-z0-9-]{1,63}+(?:" + _DOT + rb"[a-z0-9-]{2,63}+){1,4})",
    re.IGNORECASE,
)  # fmt: skip
_SPLIT: t.Final = re.compile(_DOT, re.IGNORECASE)
_SPELT: t.Final = re.compile(rb"[\[({<]|\s(?:dot|punkt|punto|point)\s|arroba|arobase|&#|%40|\s@\s", re.IGNORECASE)
"""What makes an ``at`` more than a word of the sentence."""
_ROUND: t.Final = 90


def address(text: str) -> str | None:
    """Return an address in the form in which two are compared; None where it is none.

    Unicode form NFKC, lower case, domain as IDNA (RFC 3490, as Python has it), a top-level domain that there is
    (RFC 5321, 4.1.2, without quoted local parts and addresses of hosts).
    """
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    local, at, rest = plain.lower().rpartition("@")
    name = domain(rest) if at else None
    return f"{local}@{name}" if name and _LOCAL.match(local) and ".." not in local else None


@functools.lru_cache(maxsize=8192)
def domain(text: str) -> str | None:
    """Return a domain in lower case as ASCII; None where a label is none, or the last one no top-level domain."""
    try:
        name = text if text.isascii() else text.encode("idna").decode()
    except UnicodeError:  # what IDNA forbids, or too long
        return None
    labels = name.split(".")
    fine = len(labels) > 1 and len(name) <= 253 and labels[-1] in TLDS and all(map(_LABEL.match, labels))
    return name if fine else None


def alone(text: str) -> str | None:
    """Return the address that a text is and nothing else, in plain letters that need no context; else None."""
    low = text.lower() if len(text) <= MOST and text.isascii() else ""
    found = _WHOLE.match(low)
    return low if found and ".." not in found[1] and domain(found[2]) == found[2] else None


def read(place: Place) -> t.Iterator[Hit]:
    """Give the address of a candidate: its domain may go on into the sentence."""
    text = place.text()
    if place.start == place.low and (whole := alone(text)):
        yield Hit(place.start, place.end, "email", whole, checked=True)
        return
    before = place.before(120)
    if (before[-1:] in (b":", b"/") and _LOGIN.search(before)) or (before[-1:] == b"<" and _message(before)):
        return
    local, _, host = text.partition("@")
    if len(local) == _LONGEST and _MORE.search(before):
        return  # the end of something longer
    start = place.start
    if before[-1:] == b"%" and _HEX.match(local):  # in a URL: %20name@...
        start, local = start + 2, local[2:]
    for some in _ends(host):
        value = address(f"{local}@{some}")
        if value is not None:
            yield from _kinds(place, start, start + len(local) + 1 + len(some.encode()), value, checked=True)
            return


def _message(before: bytes) -> bool:
    line = before[before.rfind(b"\n") + 1 :].lower()
    return any(one in line for one in _MESSAGES)


def _ends(host: str) -> t.Iterator[str]:
    """Give what may be the domain, the likelier first: without what another script or a sentence adds."""
    found = _PLAIN.match(host)
    plain = found[0].rstrip(".-") if found else host
    for one in (plain, host) if plain != host else (host,):
        yield one
        yield one.rpartition(".")[0]


def hidden(place: Place) -> t.Iterator[Hit]:
    """Give the address round an ``[at]``, a ``dot`` or an ``@`` written as an entity; never one that is checked."""
    low = max(place.low, place.start - _ROUND)
    window = bytes(place.data[low : min(place.high, place.end + _ROUND)])
    for found in _HIDDEN.finditer(window):
        if low + found.start() > place.start:
            return
        if low + found.end() <= place.start or not _SPELT.search(found[0]):
            continue
        labels = b".".join(one for one in _SPLIT.split(found["domain"]))
        value = address(f"{found['local'].decode()}@{labels.decode()}")
        if value is not None:
            yield from _kinds(place, low + found.start(), low + found.end(), value, checked=False)
            return


def _kinds(place: Place, start: int, end: int, value: str, *, checked: bool) -> t.Iterator[Hit]:
    raw = bytes(place.data[max(place.low, start - 32) : start])
    low = raw.lower()
    if not any(one in low for one in _HINTS):
        yield Hit(start, end, "email", value, checked)
        return
    before = str(raw, "utf-8", "replace")
    if _JABBER.search(before):
        yield Hit(start, end, "jabber", value, checked)
        return
    yield Hit(start, end, "email", value, checked)
    if _PAYPAL.search(before):
        yield Hit(start, end, "paypal", value, checked)

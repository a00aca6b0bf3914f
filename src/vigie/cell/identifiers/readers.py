"""Which rule checks which candidate."""

from __future__ import annotations

import collections.abc
import functools
import re
import typing as t

from vigie.cell.identifiers import (
    armor,
    coins,
    ethereum,
    handles,
    iban,
    mail,
    monero,
    onion,
    pgp,
    phones,
    raw,
    seeds,
    tox,
    urls,
)
from vigie.cell.identifiers.place import Hidden, Hit, Place
from vigie.numeric import identifiers_scan as scan
from vigie.numeric.coins import descriptors
from vigie.numeric.identifiers_anchors import WORDS

Reader = collections.abc.Callable[[Place], t.Iterable[Hit | Hidden | int]]


@functools.cache
def readers(region: str | None) -> dict[int, Reader]:
    """Return the rule for each kind of candidate of ``numeric.identifiers_scan``; ``region``: as ``find`` has it.

    A rule gives what a candidate is; a number: nothing before that place is to be looked at any more.
    """
    numbers = functools.partial(phones.read, region=region)
    return {**_READERS, scan.ARMOR: _block, scan.PHONE: numbers, scan.NATIONAL: numbers}


def _block(place: Place) -> t.Iterator[Hit | Hidden | int]:
    held = armor.block(place)
    if held is None:
        return
    if "PRIVATE KEY" in held.label:
        yield Hidden(held.start, held.end, "private_key")
    elif held.label == "PGP PUBLIC KEY BLOCK":
        yield from pgp.keys(held)
    if held.label != "PGP SIGNED MESSAGE":
        yield held.end


def _run(place: Place) -> t.Iterator[Hit | Hidden]:
    """Give what a run of letters and digits is: by its length, as ``identifiers_look`` lets them through."""
    text = place.text()
    low = text[:4].lower()
    if len(text) in _HEXADECIMAL and not text.lower().strip("0123456789abcdef"):  # it may begin as an address does
        yield from _RUNS[len(text)](place, text)
    elif low[:2] == "ln":
        yield from _paid(place, "bolt11", coins.invoice(text))
    elif low[:3] == "sp1" or low == "tsp1":
        yield from _paid(place, "silent", coins.silent(text))
    elif len(text) <= _SHORT or low[:3] in ("bc1", "ltc", "tb1") or low == "bcrt":
        kind, value = coins.address(text) or ("", None)
        yield from _paid(place, kind, value)
    else:
        yield from _RUNS[len(text)](place, text)


def _paid(place: Place, kind: str, value: str | None) -> t.Iterator[Hit]:
    """Give an address or an invoice, and the URI that it stands in (BIP 21) where that says more."""
    if value is None:
        return
    yield place.hit(kind, value, checked=True)
    found = _QUERY.match(place.after(_MOST_QUERY)) if place.before(len(_SCHEME)).lower() == _SCHEME else None
    if found and kind in ("btc", "btctest"):
        query = found[0].decode()
        yield place.hit("bip21", f"bitcoin:{value}{query}", checked=True, start=place.start - len(_SCHEME),
                        end=place.end + len(query))  # fmt: skip


def _descriptor(place: Place) -> t.Iterator[Hit]:
    """Give an output descriptor with a checksum that holds, in normal form; one that has a private key is none."""
    try:
        yield place.hit("descriptor", descriptors.read(place.text()).text, checked=True)
    except descriptors.Unusable as error:
        if error.state in ("hardened", "uncheckable"):
            yield place.hit("descriptor", place.text(), checked=True)


def _monero(place: Place, text: str) -> t.Iterator[Hit]:
    value = monero.address(text)
    if value is not None:
        yield place.hit("xmr", value, checked=True)


def _extended(place: Place, text: str) -> t.Iterator[Hit | Hidden]:
    value = coins.extended_public(text)
    if value is None:
        yield from _private(place, text)
    else:
        yield place.hit("xpub", value, checked=True)


def _private(place: Place, text: str) -> t.Iterator[Hidden]:
    if coins.private(text):
        yield Hidden(place.start, place.end, "private_key")


def _ethereum(place: Place, text: str) -> t.Iterator[Hit]:
    held = ethereum.address(text)
    if held is not None:
        yield place.hit("eth", held[0], checked=held[1])


def _session(place: Place, text: str) -> t.Iterator[Hit]:
    yield place.hit("session", text.lower(), checked=False)


def _tox(place: Place, text: str) -> t.Iterator[Hit]:
    key = tox.identifier(text)
    if key is not None:
        yield place.hit("tox", key, checked=True)


def _prefixed(place: Place, text: str) -> t.Iterator[Hit | Hidden]:
    """Give an id of Session (``05``), or a private key behind ``0x``: of another chain a hash looks the same."""
    if text[1] in "xX":
        if raw.secret(place):
            yield Hidden(place.start, place.end, "private_key")
        return
    yield from _session(place, text)


def _digits(place: Place, text: str) -> t.Iterator[Hit | Hidden]:
    found = list(pgp.written(place))
    yield from found
    if len(text) != 64 or found:
        return
    if raw.secret(place):
        yield Hidden(place.start, place.end, "private_key")
        return
    value = coins.transaction(text)
    if value is not None:
        yield place.hit("txid", value, checked=False)


_SCHEME: t.Final = b"bitcoin:"
_MOST_QUERY: t.Final = 900
_QUERY: t.Final = re.compile(rb"\?(?:[A-Za-z0-9._~!$'()*+,;:@/?=-]|&(?!quot;|lt;|gt;)|%[0-9A-Fa-f]{2})+")
"""Until what never stands in a query (RFC 3986)."""
_SHORT: t.Final = 36
"""Digits of an address in base 58, at most."""
_HEXADECIMAL: t.Final = (40, 64, 76)
_RUNS: t.Final[dict[int, collections.abc.Callable[[Place, str], t.Iterator[Hit | Hidden]]]] = {
    40: _digits, 42: _ethereum, 51: _private, 52: _private, 58: _private, 64: _digits, 66: _prefixed, 76: _tox,
    95: _monero, 106: _monero, 111: _extended, 112: _extended,
}  # fmt: skip


def _onion(place: Place) -> t.Iterator[Hit]:
    value = onion.address(place.text())
    if value is not None:
        yield place.hit("onion", value, checked=True)


def _readers() -> dict[int, Reader]:
    of: dict[int, Reader] = {
        scan.MAIL: mail.read,
        scan.HIDDEN: mail.hidden,
        scan.HANDLE: handles.at,
        scan.URL: urls.read,
        scan.RUN: _run,
        scan.IBAN: iban.read,
        scan.GROUPS: pgp.written,
        scan.KEY_ID: pgp.key_id,
        scan.ONION: _onion,
        scan.LINK: handles.link,
        scan.PHRASE: seeds.read,
        scan.DESCRIPTOR: _descriptor,
    }
    for number, word in enumerate(WORDS):
        kind = handles.KINDS.get(word)
        one = handles.live if word == "live:" else pgp.announced
        of[scan.WORD + number] = one if kind is None else functools.partial(handles.announced, kind=kind)
    return of


_READERS: t.Final[dict[int, Reader]] = _readers()

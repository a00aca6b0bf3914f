"""Output descriptors (BIP 380-386, 389): checksum, the keys in them, and one that derives without a secret.

Bitcoin Core keeps a descriptor with the *master* key and hardened steps behind it, from which nothing follows in
public; beside it lies, in clear, the account's key (``walletdescriptorlhcache``). ``public`` puts the two together.
"""

from __future__ import annotations

import re
import typing as t

from vigie.cell.wallets import encoded

if t.TYPE_CHECKING:
    from collections.abc import Callable

_CHARSET: t.Final = (
    "0123456789()[],'/*abcdefgh@:$%{}"
    "IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~"
    'ijklmnopqrstuvwxyzABCDEFGH`#"\\ '
)  # fmt: skip
_DIGITS: t.Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: t.Final = (0xF5DEE51989, 0xA9FDCA3312, 0x1BAB10E32D, 0x3706B1677A, 0x644D626FFD)
_KEY: t.Final = re.compile(
    r"(?:\[(?P<fingerprint>[0-9a-fA-F]{8})(?P<origin>(?:/\d{1,10}[h'H]?)*)\])?"
    r"(?P<key>[a-zA-Z]pub[1-9A-HJ-NP-Za-km-z]{100,112}|[xt]prv[1-9A-HJ-NP-Za-km-z]{100,112}"
    r"|0[23][0-9a-fA-F]{64}|04[0-9a-fA-F]{128}|(?<=[(,])[0-9a-fA-F]{64}(?=[),])"
    r"|(?<=[(,\]])[5KL9c][1-9A-HJ-NP-Za-km-z]{50,51}(?=[),]))"
    r"(?P<steps>(?:/(?:\d{1,10}[h'H]?|<[\d;h'H]{3,200}>|\*[h'H]?))*)"
)
MOST_KEYS: t.Final = 1000
_TYPES: t.Final = (
    ("sh(wpkh(", "p2sh"), ("sh(", "p2sh"), ("wsh(", "p2wsh"), ("wpkh(", "p2wpkh"), ("pkh(", "p2pkh"), ("tr(", "p2tr"),
    ("pk(", "p2pk"), ("multi(", "multisig"), ("sortedmulti(", "multisig"),
)  # fmt: skip


class Key(t.NamedTuple):
    """A key in a descriptor."""

    start: int
    end: int
    fingerprint: str
    """Of its origin; ``""``: none is named."""
    origin: str
    """Steps from the master key to it: ``84h/0h``."""
    text: str
    steps: tuple[str, ...]
    """Behind it: ``0h``, ``1``, ``*``, ``<0;1>``."""


class Public(t.NamedTuple):
    """What a descriptor says in public."""

    descriptor: str
    """``""``: nothing follows from it without a secret."""
    xpub: str
    fingerprint: str
    path: str
    branch: int


def checksum(text: str) -> str:
    """Return the checksum of a descriptor (BIP 380); ``""`` where a character is none of its own."""
    state, group, many = 1, 0, 0
    for one in text:
        value = _CHARSET.find(one)
        if value < 0:
            return ""
        state = _step(state, value & 31)
        group, many = group * 3 + (value >> 5), many + 1
        if many == 3:
            state, group, many = _step(state, group), 0, 0
    if many:
        state = _step(state, group)
    for _ in range(8):
        state = _step(state, 0)
    state ^= 1
    return "".join(_DIGITS[state >> 5 * (7 - place) & 31] for place in range(8))


def _step(state: int, value: int) -> int:
    top = state >> 35
    state = (state & 0x7FFFFFFFF) << 5 ^ value
    for bit, term in enumerate(_GENERATOR):
        if top >> bit & 1:
            state ^= term
    return state


def without_checksum(text: str) -> str | None:
    """Return a descriptor without its checksum; None where that does not hold."""
    body, mark, said = text.partition("#")
    return body if not mark or checksum(body) == said else None


def script_type(body: str) -> str:
    """Return the kind of script that it makes; ``""``: several, or it is not known."""
    return next((name for start, name in _TYPES if body.startswith(start)), "")


def keys(body: str) -> list[Key]:
    """Return the keys in a descriptor, in their order: by which Core numbers them too."""
    out = []
    for met in _KEY.finditer(body):
        steps = tuple(_hardened(one) for one in met["steps"].split("/")[1:])
        origin = "/".join(_hardened(one) for one in (met["origin"] or "").split("/")[1:])
        fingerprint = (met["fingerprint"] or "").lower()
        out.append(Key(met.start(), met.end(), fingerprint, origin, met["key"], steps))
        if len(out) > MOST_KEYS:
            break
    return out


def private(body: str) -> bool:
    """Tell whether a private key stands in it."""
    return any(one.text[1:4] == "prv" or (one.text[0] in "5KL9c" and len(one.text) in (51, 52)) for one in keys(body))


def public(body: str, account: Callable[[int], str]) -> Public:
    """Return what follows in public; ``account`` gives the extended key behind the hardened steps of the nth key."""
    found = keys(body)
    if not found or len(found) > MOST_KEYS or private(body):
        return Public("", "", "", "", -1)
    out, done, derivable, plain = list[str](), 0, True, list[tuple[str, str, str, tuple[str, ...]]]()
    for number, one in enumerate(found):
        hard = max((at for at, step in enumerate(one.steps) if step.endswith("h")), default=-1)
        fingerprint, origin, text, steps = one.fingerprint, one.origin, one.text, one.steps
        if hard >= 0:
            derivable &= steps[hard] != "*h"
            fingerprint = fingerprint or _fingerprint(text)
            origin = "/".join((*([origin] if origin else []), *steps[: hard + 1]))
            text, steps = account(number), steps[hard + 1 :]
            derivable &= bool(text)
        elif not fingerprint and text[1:4] == "pub":
            depth = encoded.extended(text)
            fingerprint = _fingerprint(text) if depth and not depth.depth else ""
        named = f"[{fingerprint}{'/' + origin if origin else ''}]" if fingerprint else ""
        out += [body[done : one.start], named, text, *(f"/{step}" for step in steps)]
        done = one.end
        plain.append((text, fingerprint, origin, steps))
    whole = "".join([*out, body[done:]]) if derivable else ""
    text, fingerprint, origin, steps = plain[0]
    branches = {one[3][-2] for one in plain if len(one[3]) > 1 and one[3][-1] == "*"}
    branch = int(next(iter(branches))) if branches in ({"0"}, {"1"}) else -1
    alone = len(plain) == 1
    known = alone and text[1:4] == "pub"
    return Public(whole, text if known else "", fingerprint if alone else "", origin if alone else "", branch)


def _hardened(step: str) -> str:
    return f"{step[:-1]}h" if step[-1:] in ("'", "H") else step


def _fingerprint(text: str) -> str:
    held = encoded.extended(text)
    return encoded.hash160(held.payload[-33:])[:4].hex() if held and not held.private else ""

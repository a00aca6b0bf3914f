"""Output descriptors as text (BIP 380 to 386, 389): parsed into a tree of keys, or told why not; and their checksum."""

from __future__ import annotations

import re
import typing as t

from vigie.numeric.coins import base58, curve, extended, scripts
from vigie.numeric.coins.hashing import hash160

MOST: t.Final = 8192
"""Characters of a descriptor that are looked at."""
_MOST_TREE: t.Final = 128
"""Levels of a tree of scripts (BIP 341)."""
_CHARS: t.Final = "0123456789()[],'/*abcdefgh@:$%{}IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~ijklmnopqrstuvwxyzABCDEFGH`#\"\\ "
_DIGITS: t.Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: t.Final = (0xF5DEE51989, 0xA9FDCA3312, 0x1BAB10E32D, 0x3706B1677A, 0x644D626FFD)
_ORIGIN: t.Final = re.compile(r"\[([0-9a-fA-F]{8})((?:/\d{1,10}['hH]?)*)\]")
_STEP: t.Final = re.compile(r"(\d{1,10})(['hH]?)")
_CALL: t.Final = re.compile(r"([a-z_]{2,12})\((.*)\)", re.DOTALL)
_HEX: t.Final = re.compile(r"[0-9a-fA-F]+")
_WIF: t.Final = (0x80, 0xEF)

ELECTRUM: t.Final = "electrum"
"""Of no BIP: ``electrum(128 digits)``, the addresses of both branches of a master public key of Electrum 1."""
_TOP: t.Final = frozenset(
    {"pk", "pkh", "wpkh", "combo", "sh", "wsh", "multi", "sortedmulti", "tr", "addr", "raw", "rawtr", ELECTRUM}
)
_WITHIN: t.Final[dict[str, frozenset[str]]] = {
    "": _TOP,
    "sh": frozenset({"pk", "pkh", "wpkh", "wsh", "multi", "sortedmulti"}),
    "wsh": frozenset({"pk", "pkh", "multi", "sortedmulti"}),
    "tr": frozenset({"pk", "multi_a", "sortedmulti_a"}),
}
"""What may stand in what. Anything else in ``wsh`` and in a tree is miniscript, which is not computed."""
_MOST_KEYS: t.Final = {"": 3, "sh": 15, "wsh": 20, "tr": 999}


class Unusable(ValueError):  # noqa: N818 - a verdict about a text, not an error of ours
    """A text from which no script follows; ``state`` is one of ``rows.derived.STATES``."""

    def __init__(self, state: str, text: str) -> None:
        super().__init__(state, text)
        self.state, self.text = state, text


class Key(t.NamedTuple):
    """A public key of a descriptor."""

    text: str
    """In normal form."""
    point: bytes
    """33 or 65 bytes, of a key of taproot 33 that begin with 2; of an extended key those it starts from."""
    chain: bytes
    """Chain code, 32 bytes; empty: it is a single key."""
    steps: tuple[tuple[int, ...], ...]
    """Each step as its alternatives: one, or several where it says ``<0;1>``."""
    ranged: bool
    """Does it end in ``/*``?"""
    network: str
    """``main``, ``test``; ``""``: the key does not say."""
    master: str
    """Fingerprint of the master key it comes from, where its origin says so; 8 hex digits."""

    @property
    def branches(self) -> int:
        """How many alternatives it has."""
        return max((len(one) for one in self.steps), default=1)

    @property
    def fingerprint(self) -> str:
        """Its own (BIP 32), 8 hex digits: of the key that ``steps`` start from."""
        return hash160(self.point)[:4].hex()


class Node(t.NamedTuple):
    """An expression of a descriptor."""

    name: str
    """``wpkh`` ...; ``{}`` for two branches of a tree of scripts."""
    keys: tuple[Key, ...] = ()
    needed: int = 0
    """Of ``multi``: how many have to sign."""
    inner: tuple[Node, ...] = ()
    held: bytes = b""
    """Of ``addr`` and ``raw``: the script."""


class Descriptor(t.NamedTuple):
    """A descriptor that can be derived from."""

    node: Node
    text: str
    """In normal form, with its checksum."""
    network: str
    """``main``, ``test``, ``regtest``; ``""``: nothing in it says."""
    branches: int
    ranged: bool
    keys: tuple[Key, ...]
    """All of them, in order."""


def read(text: str) -> Descriptor:
    """Parse a descriptor. Raises ``Unusable`` where no script follows from it; nothing of a private key is in that."""
    text = text.strip()
    if len(text) > MOST:
        raise Unusable("bad", f"more than {MOST:,} characters")
    body, mark, check = text.partition("#")
    if mark and checksum(body) != check:
        raise Unusable("bad", "its checksum does not hold")
    network: list[str] = []
    node = _expression(body, "", network)
    keys = tuple(_keys(node))
    network += [one.network for one in keys if one.network]
    if len(set(network)) > 1:
        raise Unusable("bad", "keys of two networks")
    several = {one.branches for one in keys} - {1}
    if len(several) > 1:
        raise Unusable("bad", "keys with different numbers of branches")
    plain = _written(node, scripts_text=body)
    return Descriptor(
        node=node,
        text=f"{plain}#{checksum(plain)}",
        network=network[0] if network else "",
        branches=several.pop() if several else 1,
        ranged=any(one.ranged for one in keys),
        keys=keys,
    )


def checksum(text: str) -> str | None:
    """Return the eight characters that belong behind ``#`` (BIP 380); None where a character is not of its alphabet."""
    state, classes, many = 1, 0, 0
    for one in text:
        value = _CHARS.find(one)
        if value < 0:
            return None
        state = _mixed(state, value & 31)
        classes = classes * 3 + (value >> 5)
        many += 1
        if many == 3:
            state, classes, many = _mixed(state, classes), 0, 0
    if many:
        state = _mixed(state, classes)
    for _ in range(8):
        state = _mixed(state, 0)
    state ^= 1
    return "".join(_DIGITS[state >> (5 * (7 - place)) & 31] for place in range(8))


def _mixed(state: int, value: int) -> int:
    top = state >> 35
    state = (state & 0x7FFFFFFFF) << 5 ^ value
    for bit, term in enumerate(_GENERATOR):
        if top >> bit & 1:
            state ^= term
    return state


def _expression(text: str, within: str, network: list[str]) -> Node:
    found = _CALL.fullmatch(text)
    if found is None:
        raise Unusable("bad", "no expression of a descriptor")
    name, rest = found.groups()
    if name not in _WITHIN[within]:
        state = "uncheckable" if within in ("wsh", "tr") else "bad"
        raise Unusable(state, f"{name} in {within or 'a descriptor'} is not computed")
    if name in ("multi", "sortedmulti", "multi_a", "sortedmulti_a"):
        return _multi(name, rest, within)
    if name in ("sh", "wsh"):
        return Node(name, inner=(_expression(rest, name, network),))
    if name == "tr":
        key, *tree = _parts(rest, most=2)
        return Node(name, (_key(key, "tr"),), inner=tuple(_tree(one, 0) for one in tree))
    if name in ("addr", "raw", ELECTRUM):
        return _held(name, rest, network)
    form = "tr" if name == "rawtr" or within == "tr" else "small" if name == "wpkh" or within == "wsh" else ""
    return Node(name, (_key(rest, form),))


def _held(name: str, rest: str, network: list[str]) -> Node:
    """Return an expression that holds no key as others have it."""
    if name == "addr":
        said = scripts.read(rest)
        if said is None:
            raise Unusable("bad", "the address is none")
        network.append(said.network)
        return Node(name, held=said.script)
    if name == "raw":
        if not _HEX.fullmatch(rest) or len(rest) % 2:
            raise Unusable("bad", "the script is not hexadecimal")
        return Node(name, held=bytes.fromhex(rest))
    if not _HEX.fullmatch(rest) or len(rest) != 128 or not curve.is_point(bytes.fromhex("04" + rest)):
        raise Unusable("bad", "no master public key of Electrum 1")
    return Node(name, (Key(rest.lower(), bytes.fromhex("04" + rest), b"", ((0, 1),), True, "", ""),))


def _multi(name: str, text: str, within: str) -> Node:
    first, *rest = _parts(text, most=1000)
    if not first.isdecimal() or len(first) > 3 or not 1 <= int(first) <= len(rest) <= _MOST_KEYS[within]:
        raise Unusable("bad", f"{first[:10]} of {len(rest)} keys")
    form = {"tr": "tr", "wsh": "small"}.get(within, "")
    return Node(name, tuple(_key(one, form) for one in rest), needed=int(first))


def _tree(text: str, depth: int) -> Node:
    if depth > _MOST_TREE:
        raise Unusable("bad", f"a tree of more than {_MOST_TREE} levels")
    if text.startswith("{") and text.endswith("}"):
        left, *right = _parts(text[1:-1], most=2)
        if len(right) != 1:
            raise Unusable("bad", "a branch of a tree has two sides")
        return Node("{}", inner=(_tree(left, depth + 1), _tree(right[0], depth + 1)))
    return _expression(text, "tr", [])


def _parts(text: str, most: int) -> list[str]:
    """Cut at the commas that stand in no brackets."""
    out, depth, start = [], 0, 0
    for at, one in enumerate(text):
        if one in "({":
            depth += 1
        elif one in ")}":
            depth -= 1
        elif one == "," and not depth:
            out.append(text[start:at])
            start = at + 1
    out.append(text[start:])
    if depth or len(out) > most + 1:
        raise Unusable("bad", "brackets or commas that do not fit")
    return out


def _key(text: str, form: str) -> Key:
    """Parse a key. ``form``: ``tr``: of 32 bytes too; ``small``: not of 65; ``""``: of 33 or 65."""
    origin, rest, master = "", text, ""
    if text.startswith("["):
        found = _ORIGIN.match(text)
        if found is None:
            raise Unusable("bad", "the origin of a key is none")
        master, rest = found[1].lower(), text[found.end() :]
        origin = f"[{master}{found[2].replace(chr(39), 'h').replace('H', 'h')}]"
    if rest.startswith("musig("):
        raise Unusable("uncheckable", "MuSig is not computed")
    head, *path = rest.split("/")
    if _HEX.fullmatch(head):
        return _single(origin, master, head.lower(), form, path)
    steps, ranged = _steps(path)
    held = extended.read(head)
    if held is None:
        _refuse(head)
    point, chain = held.key, held.chain
    shown = "/".join([held.text, *map(_shown, steps), *(["*"] if ranged else [])])
    return Key(origin + shown, point, chain, steps, ranged, held.network, master)


def _refuse(head: str) -> t.NoReturn:
    body = base58.checked(head)
    if extended.is_private(head) or (body and len(body) in (33, 34) and body[0] in _WIF):
        raise Unusable("private", "it holds a private key")
    raise Unusable("bad", "a key is none, or its checksum does not hold")


def _single(origin: str, master: str, head: str, form: str, path: list[str]) -> Key:
    if path:
        raise Unusable("bad", "a single key has no path")
    wide = {"tr": (64, 66), "small": (66,)}.get(form, (66, 130))
    point = bytes.fromhex("02" + head if len(head) == 64 else head) if len(head) in wide else b""
    if form == "tr":
        point = b"\2" + point[1:]
    if not curve.is_point(point):
        raise Unusable("bad", "a key is no point of the curve, or not of this length here")
    return Key(origin + head, point, b"", (), False, "", master)


def _steps(path: list[str]) -> tuple[tuple[tuple[int, ...], ...], bool]:
    ranged = bool(path) and path[-1][:1] == "*"
    if ranged and path[-1] in ("*'", "*h", "*H"):
        raise Unusable("hardened", "its range is hardened, which needs the private key")
    if ranged and path[-1] != "*":
        raise Unusable("bad", "no step of a path")
    out = []
    for one in path[:-1] if ranged else path:
        several = one[1:-1].split(";") if one.startswith("<") and one.endswith(">") else [one]
        found = [_STEP.fullmatch(each) for each in several]
        if len(several) == 1 and one.startswith("<"):
            raise Unusable("bad", "a choice of one step")
        steps = tuple(int(each[1]) for each in found if each)
        if len(steps) < len(several) or len(set(steps)) < len(steps) or max(steps) >= curve.HARDENED:
            raise Unusable("bad", "no step of a path")
        if any(each and each[2] for each in found):
            raise Unusable("hardened", "a step is hardened, which needs the private key")
        out.append(steps)
    if sum(len(one) > 1 for one in out) > 1 or len(out) > 255:
        raise Unusable("bad", "a path with two choices, or too long")
    return tuple(out), ranged


def _keys(node: Node) -> t.Iterator[Key]:
    yield from node.keys
    for one in node.inner:
        yield from _keys(one)


def _shown(step: tuple[int, ...]) -> str:
    return str(step[0]) if len(step) == 1 else f"<{';'.join(map(str, step))}>"


def _written(node: Node, scripts_text: str) -> str:
    """Return the expression in normal form; ``scripts_text``: that of ``addr``, as it was."""
    if node.name == "{}":
        return "{" + ",".join(_written(one, scripts_text) for one in node.inner) + "}"
    if node.name in ("addr", "raw"):
        return scripts_text if node.name == "addr" else f"raw({node.held.hex()})"
    inside = [str(node.needed)] if node.needed else []
    inside += [one.text for one in node.keys]
    inside += [_written(one, scripts_text) for one in node.inner]
    return f"{node.name}({','.join(inside)})"

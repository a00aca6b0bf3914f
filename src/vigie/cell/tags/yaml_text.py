"""YAML as text alone: maps, lists and words. Nothing is made of a word, so ``01``, ``no`` and dates stay what they are.

GraphSense reads packs by YAML 1.1, where an unquoted ``no`` is false and ``01`` is one; here a word is its letters, and
an empty one, ``~`` and ``null`` are None. No object is ever built: a ``!!tag`` says nothing. rapidyaml
parses; its tree is taken over as JSON where that is the same, otherwise node by node.
"""

from __future__ import annotations

import typing as t

import msgspec
import ryml

from vigie.cell.job import Refused
from vigie.cell.tags import unsaid

Plain: t.TypeAlias = "str | list[Plain] | dict[str, Plain] | None"
MOST_DEPTH: t.Final = 32
MOST_MERGED: t.Final = 100_000
"""Entries that ``<<`` may add to maps, all together: each line may add a map as large as the file."""
_TURNED: t.Final = ('".', '"-.')
"""What rapidyaml's JSON has for ``nan`` and ``inf`` begins so."""
NOTHING: t.Final = frozenset({"~", "null", "Null", "NULL", ""})
"""Words that are nothing where they stand alone and unquoted, and are taken as nothing quoted, too."""


def load(data: bytes) -> Plain:
    """Return what one YAML document holds. Errors: Refused ``bad_pack``, ``bomb``, ``too_deep``."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise Refused("bad_pack", f"not UTF-8 at byte {error.start}: save it as UTF-8") from None
    if b"\0" in data:
        raise Refused("bad_pack", f"a zero byte at {data.index(bytes(1))}: this is no text")
    held = bytearray(data)  # the tree points into it
    try:
        tree = ryml.parse_in_place(held)
    except ryml.ExceptionBasic as error:
        raise Refused("bad_pack", f"no YAML: {_where(error)}{error.msg}") from None
    root = tree.root_id()
    if tree.is_stream(root):
        if tree.num_children(root) != 1:
            raise Refused("bad_pack", f"{tree.num_children(root)} YAML documents in one file: split it")
        root = tree.first_child(root)
    quick = _quick(tree, data)
    return _Walk(tree).value(root, 0) if quick is None else quick[0]


def _where(error: ryml.ExceptionBasic) -> str:
    place = getattr(error, "errdata_parse", None)
    return f"line {place.ymlloc.line}: " if place else ""


def _quick(tree: ryml.Tree, data: bytes) -> tuple[Plain] | None:
    """Return the document by way of JSON, three times as fast; None where that may differ from the tree.

    It differs for anchors, for numbers that JSON writes in another way, and for maps with a key twice: of those fewer
    nodes come back than there are.
    """
    if b"*" in data or b"<<" in data:
        return None
    try:
        text = ryml.emit_json(tree)
        found = None if text is None or any(one in text for one in _TURNED) else msgspec.json.decode(text)
    except (ryml.ExceptionBasic, msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None  # the slow way says what is wrong
    if tree.is_stream(tree.root_id()) and isinstance(found, list):
        found = {"": found[0]}
        made = _worded(found)
        return (found[""],) if made == tree.size() - 1 else None
    if not isinstance(found, list | dict):
        return None
    return (found,) if _worded(found) == tree.size() - 1 else None


def _worded(held: t.Any) -> int:
    """Make words of whole numbers and truths, in place; return how many values lie in it, below 0 for any others."""
    count = len(held)
    for key, value in held.items() if type(held) is dict else enumerate(held):
        kind = type(value)
        if kind is str:
            if value in NOTHING:
                held[key] = None
        elif value is None:
            continue
        elif kind is dict or kind is list:
            count += _worded(value)
        elif kind is bool:
            held[key] = "true" if value else "false"
        elif kind is int and value > 0:
            held[key] = str(value)
        else:
            return -(1 << 62)  # a fraction, or -0: JSON may write them in another way than the file
    return count


def _word(view: memoryview | None) -> str:
    """Return a word; one without letters is no view."""
    return bytes(view or b"").decode(errors="replace")


class _Walk:
    """Takes a tree over node by node. An alias gives the same object again: nothing is copied, nothing unfolds."""

    def __init__(self, tree: ryml.Tree) -> None:
        self.tree = tree
        self.anchors: dict[bytes, Plain] = {}
        self.merged = 0

    def value(self, node: int, depth: int) -> Plain:
        """Return what a node holds."""
        tree = self.tree
        if depth > MOST_DEPTH:
            raise Refused("too_deep", f"lists and maps in each other, more than {MOST_DEPTH}")
        if tree.has_val(node) and tree.is_val_ref(node):
            name = bytes(tree.val_ref(node))
            if name not in self.anchors:
                said = unsaid.cut(name.decode(errors="replace"), 60)
                raise Refused("bad_pack", f"*{said} is used before it is anchored")
            return self.anchors[name]
        made: Plain
        if tree.is_map(node):
            made = self._map(node, depth)
        elif tree.is_seq(node):
            made = [self.value(one, depth + 1) for one in self._children(node)]
        else:
            word = _word(tree.val(node)) if tree.has_val(node) else ""
            made = None if word in NOTHING else word
        if tree.has_val_anchor(node):
            self.anchors[bytes(tree.val_anchor(node))] = made
        return made

    def _children(self, node: int) -> t.Iterator[int]:
        one = self.tree.first_child(node)
        while one != ryml.NONE:
            yield one
            one = self.tree.next_sibling(one)

    def _map(self, node: int, depth: int) -> dict[str, Plain]:
        made: dict[str, Plain] = {}
        merged: list[Plain] = []
        for one in self._children(node):
            if self.tree.is_key_ref(one) and _word(self.tree.key(one)) != "<<":
                raise Refused("bad_pack", "an alias as the name of a field")
            key = _word(self.tree.key(one))
            value = self.value(one, depth + 1)
            if key == "<<":
                merged += value if isinstance(value, list) else [value]
            elif key in made:
                raise Refused("bad_pack", f"the field {unsaid.cut(key, 100)!r} stands twice in one entry")
            else:
                made[key] = value
        for other in merged:
            if not isinstance(other, dict):
                raise Refused("bad_pack", "<< with something that is no map")
            self.merged += len(other)
            if self.merged > MOST_MERGED:
                raise Refused("bomb", f"<< adds more than {MOST_MERGED} fields")
            made = {**other, **made}
        return made

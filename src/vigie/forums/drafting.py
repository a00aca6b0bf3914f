"""A proposal as the text of a mapping, with every reason beside what it speaks for."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from vigie.forums.suggesting import Draft, Proposal

MOST_TABLES: t.Final = 200
MOST_LOOKED: t.Final = 20
"""Columns of a table of which it is said what was looked at."""


def written(proposals: list[Proposal], software: str) -> str:
    """Return proposals as the text of a mapping, with every reason beside what it speaks for."""
    found = [one for one in proposals if one.rules][:MOST_TABLES]
    out = [_HEAD, f"software = {quoted(software)}"]
    for one in found:
        out.append(f"\n# {_said(one.table)}, {one.rows} rows: {one.confidence}, since {_said(one.why)}.")
        out += [f"# Nothing is made of: {_said(', '.join(one.left))}"] if one.left else []
        out += [_rule(one.table, draft) for draft in one.rules]
    for one in proposals:
        if not one.rules:
            out += _unsure(one)
    return "\n".join(out) + "\n"


_HEAD: t.Final = """\
# A proposal, from names, types and values: a guess that you mend and decide on. docs/mapping.md says what may be here.
# Then: vigie map check FILE; vigie map use CASE FILE; vigie run CASE"""


def _unsure(one: Proposal) -> t.Iterator[str]:
    """Give what was looked at, and a weak proposal as comments: nothing is read by it before somebody says so."""
    if one.weak:
        yield f"\n# {_said(one.table)}, {one.rows} rows: weak, for {_said(one.why)}."
        yield "# If it is so, take the # from the lines of its rule. Looked at:"
    else:
        yield f"\n# Nothing was found for {_said(one.table)}, {one.rows} rows: {_said(', '.join(one.left))}"
        yield f"# Why: {_said(one.why)}. Looked at:"
    yield from (f"#   {_said(line)}" for line in one.looked[:MOST_LOOKED])
    if len(one.looked) > MOST_LOOKED:
        yield f"#   and {len(one.looked) - MOST_LOOKED} columns more"
    yield from ("\n".join(f"# {line}" for line in _rule(one.table, draft).split("\n")) for draft in one.weak)


def _rule(table: str, draft: Draft) -> str:
    head = {"name": draft.name[:200], "table": table, "into": draft.into, "where": draft.where}
    lines = [f"{name} = {quoted(said)}" for name, said in head.items() if said]
    fields = [
        f"{name} = {quoted(said)}" + (f"  # {_said(why)}" if why else "") for name, (said, why) in draft.fields.items()
    ]
    return "\n".join(["[[rule]]", *lines, "[rule.fields]", *fields])


def _said(text: str) -> str:
    """Return text that stands in a comment: one line, no control characters."""
    return "".join(char if char.isprintable() else _written(ord(char)) for char in text)


def _written(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def quoted(text: str) -> str:
    """Return a TOML basic string (TOML 1.0, section String)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in escaped) + '"'

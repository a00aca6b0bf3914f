"""What may be told of a statement that is passed over: how it begins, and no value that it holds.

Problems reach reports that more people read than the dump; the value of a statement may be the hash of a password.
"""

from __future__ import annotations

import re
import typing as t

MOST: t.Final = 200
"""Bytes that are told."""
UNTOLD: t.Final = "(it begins as no statement does, and is not shown)"
_NAME: t.Final = rb'(?:`[^`]*+`|"[^"]*+"|[\w$\x80-\xff]++)'
_S: t.Final = rb"(?:\s|--[^\n]*+\n|/\*!\d*|\*/|/\*(?!!)(?:[^*]|\*(?!/))*+\*/)*+"
_INSERT: t.Final = re.compile(
    rb"(?:/\*M?!\d*\s*)?(INSERT|REPLACE)\b" + _S + rb"(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE)\b" + _S + rb")*+"
    rb"(?:INTO\b" + _S + rb")?(" + _NAME + rb"(?:\s*+\.\s*+" + _NAME + rb"){0,2}+)?",
    re.IGNORECASE,
)
_COPY: t.Final = re.compile(rb"COPY\b.*?\bSTDIN\b", re.IGNORECASE | re.DOTALL)
_BEGINS: t.Final = re.compile(
    rb"(?:/\*M?!\d*\s*)?(?:ALTER|ANALYZE|BEGIN|CALL|CHECKPOINT|CLUSTER|COMMENT|COMMIT|COPY|CREATE|DEALLOCATE|DECLARE|"
    rb"DELETE|DISCARD|DO|DROP|END|EXECUTE|EXPLAIN|FETCH|FLUSH|GRANT|IMPORT|INSTALL|KILL|LISTEN|LOAD|LOCK|MERGE|MOVE|"
    rb"NOTIFY|PREPARE|REASSIGN|REFRESH|REINDEX|RENAME|RESET|REVOKE|ROLLBACK|SAVEPOINT|SECURITY|SELECT|SET|SHOW|"
    rb"SHUTDOWN|SOURCE|START|SYSTEM|TABLE|TRUNCATE|UNLISTEN|UNLOCK|UPDATE|USE|VACUUM|WITH)\b",
    re.IGNORECASE,
)
"""A text that lost its quotes may go on within a value: what begins as no statement does may be one."""
_QUOTE: t.Final = re.compile(rb"""['"]|\$\w*\$|\b0[xb]|\b(?:password|identified)\b""", re.IGNORECASE)
_VALUE: t.Final = re.compile(rb"(?<![\w$`.!\x80-\xff])\d|\bVALUES?\b", re.IGNORECASE)
"""A number, but that of a version (``/*!50003``) or in a name."""

_WHO: t.Final = rb"""(?:`[^`]*+`|"[^"]*+"|'[^']*+'|[\w$.%-]++)"""
_DEFINER: t.Final = re.compile(rb"\bDEFINER\s*+=\s*+" + _WHO + rb"(?:@" + _WHO + rb")?+", re.IGNORECASE)
"""Whose routine it is stands before what it is, and in quotes."""


def statement(text: bytes) -> str:
    """Return how a statement begins, up to its first value; of an ``INSERT`` the name of its table alone."""
    text = text.lstrip()
    if insert := _INSERT.match(text):
        name = plain((insert[2] or b"").strip())
        return f"{insert[1].decode().upper()} INTO {name}".rstrip()
    if copy := _COPY.match(text):  # one without its semicolon goes on in the rows
        return command(copy[0])
    if not _BEGINS.match(text):
        return UNTOLD
    return command(_VALUE.split(_DEFINER.sub(b"", text[:4096]), maxsplit=1)[0])


def command(text: bytes) -> str:
    """Return a command of the client, or the options of a statement, up to its first quote or word for a password."""
    return plain(_QUOTE.split(text, maxsplit=1)[0])


def plain(text: bytes) -> str:
    """Return the start of a text on one line, whatever it holds."""
    return " ".join(text[:MOST].decode("utf-8", "replace").split())

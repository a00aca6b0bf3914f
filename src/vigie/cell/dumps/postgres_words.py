"""What a statement of a PostgreSQL dump is, told by its first words."""

from __future__ import annotations

import re
import typing as t

# Quantifiers that take all and give nothing back (possessive): else a few bytes could be matched in 2^n ways.
_NAME: t.Final = rb'(?:"(?:[^"]|"")*+"|[\w$\x80-\xff]++)'
_TABLE: t.Final = _NAME + rb"(?:\s*+\.\s*+" + _NAME + rb"){0,2}+"
_S: t.Final = rb"(?:\s|--[^\n]*+\n|/\*(?:[^*/]|\*(?!/)|/(?!\*))*+\*/)*+"
"""Room between words: also comments, but for one that lies in another."""
_LISTED: t.Final = rb"(?:\(((?:\s*+" + _NAME + rb"\s*+,?)*+)\s*+\)" + _S + rb")?"

GAP: t.Final = re.compile(rb"(?:\s|;|/\*(?:[^*/]|\*(?!/)|/(?!\*))*+\*/)++")
COPY: t.Final = re.compile(
    rb"COPY\b" + _S + rb"(" + _TABLE + rb")" + _S + _LISTED
    + rb"FROM\b" + _S + rb"STDIN\b((?:'(?:[^']|'')*+'|[^;'])*+);",
    re.IGNORECASE,
)  # fmt: skip
"""Table, its columns, and how the rows are written where that is not the usual way."""
INSERT: t.Final = re.compile(
    rb"INSERT\b" + _S + rb"INTO\b" + _S + rb"(" + _TABLE + rb")" + _S + _LISTED
    + rb"(?:OVERRIDING\b" + _S + rb"(?:SYSTEM|USER)\b" + _S + rb"VALUE\b" + _S + rb")?VALUES\b" + _S + rb"(?=\()",
    re.IGNORECASE,
)  # fmt: skip
CREATES: t.Final = re.compile(
    rb"CREATE\s+(?:(?:UNLOGGED|FOREIGN|TEMP|TEMPORARY|GLOBAL|LOCAL)\s+)*+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?("
    + _TABLE
    + rb")",
    re.IGNORECASE,
)
INHERITS: t.Final = re.compile(rb"\)\s*INHERITS\s*\(((?:\s*+" + _TABLE + rb"\s*+,?)++)\)", re.IGNORECASE)
TABLE: t.Final = re.compile(_TABLE)
UNESCAPED: t.Final = re.compile(rb"\\(.)", re.DOTALL)
INSERTS: t.Final = re.compile(rb"INSERT\b", re.IGNORECASE)
COPIES: t.Final = re.compile(rb"COPY\b", re.IGNORECASE)
FROM_STDIN: t.Final = re.compile(rb"\bFROM\b" + _S + rb"STDIN\b", re.IGNORECASE)
LARGE: t.Final = re.compile(rb"SELECT\s+(?:pg_catalog\s*\.\s*)?lo_open\s*\(", re.IGNORECASE)
ROUTINE: t.Final = re.compile(rb"CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b", re.IGNORECASE)
QUOTED: t.Final = re.compile(rb"'(?:[^']|'')*+'|\"(?:[^\"]|\"\")*+\"")
SET: t.Final = re.compile(
    rb"SET\s+(?:SESSION\s+|LOCAL\s+)?(?P<name>client_encoding|standard_conforming_strings|search_path|NAMES)\s*"
    rb"(?:=|\bTO\b|(?<=\s))\s*(?P<value>[^;]{0,4096})|"
    rb"SELECT\s+(?:pg_catalog\s*\.\s*)?set_config\s*\(\s*'(?P<config>\w+)'\s*,\s*'(?P<to>[^']{0,4096})'",
    re.IGNORECASE,
)
"""Three settings decide how the rows are to be read, and in which schema a table lies that names none."""
PLAIN: t.Final = re.compile(
    rb"(?:SET|RESET|BEGIN|START\s+TRANSACTION|COMMIT|END|ANALYZE|VACUUM|TRUNCATE|LOCK|CLUSTER|COMMENT\s+ON|GRANT|REVOKE|"
    rb"SECURITY\s+LABEL|REFRESH\s+MATERIALIZED\s+VIEW|"
    rb"SELECT\s+(?:pg_catalog\s*\.\s*)?(?:set_config|setval|lo_create|lo_open|lo_close|lowrite)\s*"
    rb"\((?:'(?:[^']|'')*+'|[^'();])*+\)\s*+(?:;|\Z)|"
    rb"DROP\s+(?:TABLE|SEQUENCE|INDEX|VIEW|MATERIALIZED\s+VIEW|TYPE|DOMAIN|SCHEMA|DATABASE|CONSTRAINT|FUNCTION|"
    rb"TRIGGER|EXTENSION|RULE|ROLE|POLICY|AGGREGATE|OPERATOR|PROCEDURE|COLLATION)|"
    rb"ALTER\s+(?:TABLE|SEQUENCE|INDEX|VIEW|MATERIALIZED\s+VIEW|TYPE|DOMAIN|SCHEMA|DATABASE|FUNCTION|PROCEDURE|"
    rb"AGGREGATE|OPERATOR|COLLATION|TEXT\s+SEARCH|STATISTICS|LARGE\s+OBJECT|DEFAULT\s+PRIVILEGES|EXTENSION|POLICY|"
    rb"PUBLICATION|FOREIGN\s+TABLE|EVENT\s+TRIGGER|LANGUAGE)|"
    rb"CREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:UNLOGGED|TEMP|TEMPORARY|GLOBAL|LOCAL|UNIQUE|RECURSIVE|FOREIGN)\s+)*"
    rb"(?:TABLE|SEQUENCE|INDEX|VIEW|MATERIALIZED\s+VIEW|TYPE|DOMAIN|SCHEMA|DATABASE|COLLATION|STATISTICS|POLICY|"
    rb"TEXT\s+SEARCH|TABLESPACE|PUBLICATION))(?:\b|(?<=;)|\Z)",
    re.IGNORECASE,
)
"""What lays down tables and their rights. All else would do something, whatever it is: it is named."""
DATABASE: t.Final = re.compile(
    rb'c(?:onnect)?[ \t]+(?:(?P<word>[\w.$-]+)|"(?P<name>(?:[^"\\=:]|"")+)"|'
    rb"-reuse-previous=on[ \t]+\"dbname='(?P<dbname>(?:[^'\"\\]|\\.|\"\")+)'\")[ \t\r]*\Z"
)
"""As pg_dumpall writes it, with simple names and with others; what says more than a name is none of these."""
ENCODING: t.Final = re.compile(rb"encoding[ \t]+(\w+)[ \t\r]*\Z")
"""What pg_dumpall writes before it connects to a database of such a name."""
KEY: t.Final = re.compile(rb"(?:un)?restrict[ \t]+[0-9A-Za-z]+[ \t\r]*\Z")
"""What pg_dump writes since 15.14 round all of a dump, against client commands in the names of its tables."""
SAID: t.Final = re.compile(
    rb"\s*(PostgreSQL database (?:cluster )?dump(?: complete)?\s*\Z|Dumped (?:from|by) .*|(?:Started|Completed) on .*)"
)

CHARSETS: t.Final[dict[str, str]] = {"latin1": "latin-1", "sjis": "cp932"}
"""What PostgreSQL calls otherwise than MySQL does: its LATIN1 is no Windows-1252, its SJIS is."""
SHIFT_JIS: t.Final = bytes([*range(0x81, 0xA0), *range(0xE0, 0xFD)])
LEADS: t.Final[dict[str, bytes]] = {
    **dict.fromkeys(("cp932", "shift_jis_2004"), SHIFT_JIS),
    **dict.fromkeys(("big5", "gbk", "gb18030", "uhc", "johab"), bytes(range(0x81, 0xFF))),
}
"""Character sets in which a backslash may be the second byte of a character, and what the first may be."""


_ROOM: t.Final = re.compile(rb"(?:\s|--[^\n]*+)++")
_MARK: t.Final = re.compile(rb"/\*|\*/")


def bare(head: bytes) -> bytes:
    """Return a statement without the comments before it, which may lie in each other."""
    at = depth = 0
    while True:
        if depth:
            if not (mark := _MARK.search(head, at)):
                return b""
            depth += 1 if mark[0] == b"/*" else -1
            at = mark.end()
        elif room := _ROOM.match(head, at):
            at = room.end()
        elif head.startswith(b"/*", at):
            depth, at = 1, at + 2
        else:
            return head[at:]

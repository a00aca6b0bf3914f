"""SQL from what a column holds to what vigie means by it. Total: what does not fit is NULL or ``''``, never an error.

Each takes SQL and gives SQL in which what it took stands once (``once``), so that nested ones do not grow out of hand.
"""

from __future__ import annotations

import hashlib
import typing as t

FIRST_S: t.Final = 631_152_000
BEYOND_S: t.Final = 4_102_444_800
"""Times of platforms lie from 1990 to 2100; a zero date, or a number that means something else, does not."""
BLANKS: t.Final = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"
TRUE: t.Final = ("1", "t", "true", "y", "yes", "on")
FALSE: t.Final = ("0", "f", "false", "n", "no", "off")
NAMED: t.Final = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&", "nbsp": "\xa0"}


def text(value: str) -> str:
    """Return text as SQL writes it; DuckDB has no escapes in it but the doubled quote."""
    return "'" + value.replace("'", "''") + "'"


def once(sql: str, body: t.Callable[[str], str]) -> str:
    """Give a value a name in SQL: ``body`` may say it as often as it likes, and it is worked out once."""
    if sql.isidentifier():
        return body(sql)
    name = f"v{hashlib.sha256(sql.encode()).hexdigest()[:12]}"  # of equal names, one in the other, the values are equal
    return f"list_transform([{sql}], lambda {name}: {body(name)})[1]"


def integer(sql: str) -> str:
    """Return a whole number; one with a fraction of zeros is whole too."""

    def body(x: str) -> str:
        plain = f"try_cast({x} as bigint)"  # takes 1.5 and 1e3 too: so it is held against the text, which is quick
        digits = f"try_cast(string_split(trim({x}, {BLANKS}), '.')[1] as bigint)"
        slow = rf"case when regexp_full_match({x}, '\s*[-+]?[0-9]{{1,19}}(?:\.0*)?\s*') then {digits} end"
        return f"case when {plain}::varchar = {x} then {plain} else {slow} end"

    return once(sql, body)


def flag(sql: str) -> str:
    """Return true or false as databases and programs write it; a BIT column gives one byte."""
    true, false = (", ".join(map(text, words)) for words in (TRUE, FALSE))
    return once(
        f"lower(trim({sql}))",
        lambda x: f"case when {x} in ({true}, chr(1)) then true when {x} in ({false}, chr(0)) then false end",
    )


def unix(number: str, per_second: int) -> str:
    """Return the time from a count of seconds, or parts of seconds, since 1970."""
    first, last = FIRST_S * per_second, BEYOND_S * per_second - 1

    def body(x: str) -> str:
        micros = f"greatest(least({x}, {last}), {first}) * {1_000_000 // per_second}"
        return f"case when {x} between {first} and {last} then make_timestamp({micros})::timestamptz end"

    return once(number, body)


def datetime(sql: str) -> str:
    """Return the time from ISO 8601, as MySQL and PostgreSQL write it; one without a zone is taken as UTC."""
    clock = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?: ?(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?))?"
    form = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(?:[ T]{clock})?"
    zoned = r"regexp_replace({x}, '([+-][0-9]{{2}})([0-9]{{2}})$', '\1:\2')"
    found = once(
        f"trim({sql})",
        lambda x: f"case when regexp_full_match({x}, '{form}') then try_cast({zoned.format(x=x)} as timestamptz) end",
    )
    return once(
        found, lambda x: f"case when epoch_us({x}) between {FIRST_S}000000 and {BEYOND_S - 1}999999 then {x} end"
    )


def html(sql: str) -> str:
    """Return text whose entities are written out: the five of XML, ``nbsp``, and numbers; others stay as they are."""
    digits = r"regexp_extract(e, '^&#[xX]?([0-9a-fA-F]+);$', 1)"
    base = "case when substr(e, 3, 1) in ('x', 'X') then '0x' else '' end"
    code = f"try_cast({base} || {digits} as bigint)"
    char = once(
        code, lambda x: f"case when {x} between 1 and 55295 or {x} between 57344 and 1114111 then chr({x}::integer) end"
    )
    names = " ".join(f"when '&{name};' then {text(char)}" for name, char in NAMED.items())
    each = f"case e {names} else coalesce(case when starts_with(e, '&#') then {char} end, e) end"
    tokens = "'&[a-z]{2,4};|&#[0-9]{1,7};|&#[xX][0-9a-fA-F]{1,6};|[^&]+|&'"

    def body(x: str) -> str:
        written = f"array_to_string(list_transform(regexp_extract_all({x}, {tokens}), lambda e: {each}), '')"
        return f"case when contains({x}, '&') and contains({x}, ';') then {written} else {x} end"

    return once(sql, body)

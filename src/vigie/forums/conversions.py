r"""SQL that turns what a column holds into what vigie means by it. Total: what does not fit is NULL or ``''``, never an error.

Each takes SQL and gives SQL in which what it took stands once (``once``), so that nested ones do not grow out of hand.
"""

from __future__ import annotations

import hashlib
import typing as t

FIRST: t.Final = "1990-01-01"
BEYOND: t.Final = "2100-01-01"
"""Times of platforms lie from here to there; a zero date, or a number of another meaning, does not."""
_V4 = r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_GROUPS = "[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6}"


def text(value: str) -> str:
    """Return text as SQL writes it; DuckDB has no escapes in it but the doubled quote."""
    return "'" + value.replace("'", "''") + "'"


def once(sql: str, body: t.Callable[[str], str]) -> str:
    """Give a value a name in SQL: ``body`` may say it as often as it likes, and it is worked out once."""
    name = f"v{hashlib.sha256(sql.encode()).hexdigest()[:12]}"  # of equal names, one in the other, the values are equal
    return f"list_transform([{sql}], lambda {name}: {body(name)})[1]"


def integer(sql: str) -> str:
    """Whole number; one with a fraction of zeros is whole too."""
    return once(sql, lambda x: f"case when regexp_full_match({x}, '\\s*[-+]?[0-9]{{1,19}}(?:\\.0*)?\\s*')"
                f" then try_cast(trim(string_split({x}, '.')[1], {_BLANKS}) as bigint) end")  # fmt: skip


_BLANKS = "' ' || chr(9) || chr(10) || chr(12) || chr(13)"


def flag(sql: str) -> str:
    """True or false as databases and programs write it; a BIT column gives one byte."""
    return (
        f"case lower(trim({sql})) when '1' then true when 't' then true when 'true' then true when 'yes' then true"
        " when 'y' then true when 'on' then true when chr(1) then true when '0' then false when 'f' then false"
        " when 'false' then false when 'no' then false when 'n' then false when 'off' then false"
        " when chr(0) then false end"
    )


def within(sql: str) -> str:
    """Keep a time (TIMESTAMP WITH TIME ZONE) within bounds."""
    return once(sql, lambda x: f"case when {x} >= timestamptz '{FIRST} 00:00:00+00' and {x} < timestamptz"
                f" '{BEYOND} 00:00:00+00' then {x} end")  # fmt: skip


def unix(number: str, per_second: int) -> str:
    """Time from a count of seconds, or parts of seconds, since 1970."""
    micros = 1_000_000 // per_second
    bounds = f"between {631_152_000 * per_second} and {4_102_444_800 * per_second - 1}"
    return once(number, lambda x: f"case when {x} {bounds} then make_timestamp({x} * {micros})::timestamptz end")


def datetime(sql: str) -> str:
    """Time from ISO 8601, as MySQL and PostgreSQL write it; one without a zone is taken as UTC."""
    form = r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?: ?(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?))?)?\s*"
    zone = once(f"trim({sql})", lambda x: f"case when regexp_full_match({x}, {text(form)}) then try_cast("
                f"regexp_replace({x}, '([+-][0-9]{{2}})([0-9]{{2}})$', '\\1:\\2') as timestamptz) end")  # fmt: skip
    return within(zone)


def dotted(number: str) -> str:
    """IPv4 address from its number."""
    parts = ", ".join(f"({{x}} >> {shift}) & 255" for shift in (24, 16, 8, 0))
    return once(number, lambda x: f"concat_ws('.', {parts.format(x=x)})")


def ip_int(number: str) -> str:
    """IPv4 address from a number, signed or not; 0 says nothing."""
    return once(number, lambda x: f"case when {x} between 1 and 4294967295 then {dotted(x)}"
                f" when {x} between -2147483648 and -1 then {dotted(f'({x} + 4294967296)')} else '' end")  # fmt: skip


def ip(raw: str) -> str:
    """Address in its shortest form (RFC 5952) from text, or from 4 or 16 bytes; one that says nothing is ``''``.

    16 bytes that read as an address are text; 4 bytes never are (``::12`` would be the only way).
    """
    textual = r"\[?([0-9a-f:.]{2,45})\]?(?:%[^/]{0,40})?(?:/[0-9]{1,3})?"
    return once(
        raw,
        lambda b: (
            f"""case
        when {b} is null or octet_length({b}) = 0 then ''
        when octet_length({b}) = 4 then {_from_hex4(f"hex({b})")}
        when octet_length({b}) = 16 and not regexp_full_match({b}::varchar, '[0-9a-fA-F:.]*:[0-9a-fA-F:.]*')
            then {_from_hex16(f"lower(hex({b}))")}
        when octet_length({b}) <= 100
            then {_from_text(f"regexp_extract(lower(trim({b}::varchar)), {text(f'^{textual}$')}, 1)")}
        else '' end"""
        ),
    )


def _from_hex4(digits: str) -> str:
    return once(digits, lambda x: _known(f"concat_ws('.', {', '.join(_byte(x, i) for i in (1, 3, 5, 7))})"))


def _byte(digits: str, at: int) -> str:
    return f"cast('0x' || substr({digits}, {at}, 2) as integer)"


def _known(address: str) -> str:
    return f"coalesce(nullif({address}, '0.0.0.0'), '')"


def _from_hex16(digits: str) -> str:
    """32 hex digits of an IPv6 address; one that holds an IPv4 address (RFC 4291, 2.5.5.2) is that."""
    groups = (
        "list_transform(range(8), lambda i: regexp_replace(substr({x}, cast(4 * i + 1 as bigint), 4), '^0{{1,3}}', ''))"
    )
    return once(
        digits,
        lambda x: (
            f"""case
        when {x} = repeat('0', 32) then ''
        when starts_with({x}, '00000000000000000000ffff') then {_from_hex4(f"substr({x}, 25, 8)")}
        else {_shortest(f"array_to_string({groups.format(x=x)}, ':')")} end"""
        ),
    )


def _shortest(address: str) -> str:
    """Leave out the first of the longest runs of two zero groups or more (RFC 5952, 4.2)."""
    runs = "".join(
        f" when regexp_matches({{x}}, '{run}') then regexp_replace({{x}}, '{run}', '::')"
        for run in (f"(^|:)0(:0){{{{{n}}}}}(:|$)" for n in range(6, 0, -1))
    )
    return once(address, lambda x: f"case {runs.format(x=x)} else {x} end")


def _from_text(address: str) -> str:
    full = "(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}"
    short = f"(?:{_GROUPS})?::(?:{_GROUPS})?"
    listed = "list_filter(string_split({half}, ':'), lambda g: g <> '')"
    padded = "array_to_string(list_transform({half}, lambda g: lpad(g, 4, '0')), '')"

    def spread(x: str) -> str:
        left = once(listed.format(half=f"string_split({x}, '::')[1]"), lambda left: once(
            listed.format(half=f"coalesce(string_split({x}, '::')[2], '')"),
            lambda right: f"case when len({left}) + len({right}) <= 7 then {padded.format(half=left)}"
            f" || repeat('0000', 8 - len({left}) - len({right})) || {padded.format(half=right)} end"))  # fmt: skip
        return f"""case
            when regexp_full_match({x}, '{full}') then {padded.format(half=f"string_split({x}, ':')")}
            when regexp_full_match({x}, '{short}') then {left} end"""

    return once(
        address,
        lambda x: (
            f"""case
        when {x} = '' then ''
        when not contains({x}, ':') then case when regexp_full_match({x}, '{_V4}') then {_known(x)} else '' end
        else coalesce({_from_hex16(once(_without_dots(x), spread))}, '') end"""
        ),
    )


def _without_dots(address: str) -> str:
    """Write the IPv4 address at the end of an IPv6 one as two groups."""
    byte = "cast(string_split(regexp_extract({x}, '[^:]*$'), '.')[{i}] as integer)"
    high, low = (f"{byte.format(x='{x}', i=i)} * 256 + {byte.format(x='{x}', i=i + 1)}" for i in (1, 3))
    return once(
        address,
        lambda x: (
            f"""case when regexp_full_match({x}, '[^.]*:{_V4}')
        then regexp_extract({x}, '^.*:') || format('{{:x}}:{{:x}}', {high.format(x=x)}, {low.format(x=x)})
        else {x} end"""
        ),
    )


def html(sql: str) -> str:
    """Text whose entities are written out: the five of XML, ``nbsp``, and numbers; any other stays as it is."""
    named = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&", "nbsp": "\xa0"}
    whens = " ".join(f"when '&{name};' then {text(char)}" for name, char in named.items())
    code = once(
        "try_cast(replace(replace(replace(e, '&#', ''), ';', ''), upper('x'), 'x') as varchar)",
        lambda x: (
            f"case when starts_with({x}, 'x') then try_cast('0' || {x} as bigint) else try_cast({x} as bigint) end"
        ),
    )
    written = once(code, lambda x: f"case when {x} between 1 and 55295 or {x} between 57344 and 1114111 then"
                   f" chr(cast({x} as integer)) else e end")  # fmt: skip
    each = f"case e {whens} else case when starts_with(e, '&#') then {written} else e end end"
    tokens = "'&[a-z]{2,4};|&#[0-9]{1,7};|&#[xX][0-9a-fA-F]{1,6};|[^&]+|&'"
    return once(sql, lambda x: f"case when contains({x}, '&') and contains({x}, ';') then array_to_string(list_transform("
                f"regexp_extract_all({x}, {tokens}), lambda e: {each}), '') else {x} end")  # fmt: skip

"""SQL from what a column holds to an IP address in its shortest form (RFC 5952); one that says nothing is ``''``."""

from __future__ import annotations

from vigie.forums.conversions import once

_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_V4 = rf"(?:{_BYTE}\.){{3}}{_BYTE}"
_GROUP = "[0-9a-f]{1,4}"
_FULL = f"(?:{_GROUP}:){{7}}{_GROUP}"
_SHORT = f"(?:{_GROUP}(?::{_GROUP}){{0,6}})?::(?:{_GROUP}(?::{_GROUP}){{0,6}})?"
_WRITTEN = r"^\[?([0-9a-f:.]{2,45})\]?(?:%[^/]{0,40})?(?:/[0-9]{1,3})?$"
"""With brackets, zone or width, which are left out: ``[fe80::1%eth0]``, ``192.0.2.7/32``."""
MOST_BYTES = 100


def ip(raw: str) -> str:
    """Return the address that stands in a column as text, or as 4 or 16 bytes. One mapped into IPv6 is IPv4.

    4 bytes are never text (``::12`` would be the only way); 16 are where they read as an address.
    """

    def body(b: str) -> str:
        words = f"{b}::varchar"
        digits = f"""case
            when octet_length({b}) = 4 then repeat('0', 20) || 'ffff' || lower(hex({b}))
            when octet_length({b}) = 16 and not regexp_full_match({words}, '[0-9a-fA-F:.]*:[0-9a-fA-F:.]*')
                then lower(hex({b}))
            else {once(f"regexp_extract(lower(trim({words})), '{_WRITTEN}', 1)", _written)} end"""
        return f"""case
            when {b} is null or octet_length({b}) not between 2 and {MOST_BYTES} then ''
            when regexp_full_match({words}, '{_V4}') then {_known(words)}
            else {once(digits, _sixteen)} end"""

    return once(raw, body)


def ip_int(number: str) -> str:
    """Return the IPv4 address of a number, signed or not; 0 says nothing."""

    def body(x: str) -> str:
        whole = f"case when {x} < 0 then {x} + 4294967296 else {x} end"
        return f"case when {x} between -2147483648 and 4294967295 then {once(whole, _dotted)} else '' end"

    return once(number, body)


def _dotted(number: str) -> str:
    return _known(f"concat_ws('.', {', '.join(f'({number} >> {shift}) & 255' for shift in (24, 16, 8, 0))})")


def _known(address: str) -> str:
    return f"coalesce(nullif({address}, '0.0.0.0'), '')"


def _sixteen(digits: str) -> str:
    """Return the address of 32 hex digits, ``''`` of none; one that holds an IPv4 one (RFC 4291, 2.5.5.2) is that."""
    group = f"regexp_replace(substr({digits}, 4 * i + 1, 4), '^0{{1,3}}', '')"
    groups = f"array_to_string(list_transform([0, 1, 2, 3, 4, 5, 6, 7], lambda i: {group}), ':')"
    number = f"try_cast('0x' || substr({digits}, 25) as bigint)"
    return f"""case
        when {digits} is null or {digits} = repeat('0', 32) then ''
        when starts_with({digits}, repeat('0', 20) || 'ffff') then {once(number, _dotted)}
        else {once(groups, _shortest)} end"""


def _shortest(address: str) -> str:
    """Leave out the first of the longest runs of two zero groups or more (RFC 5952, 4.2)."""
    runs = [f"(^|:)0(:0){{{n}}}(:|$)" for n in range(6, 0, -1)]
    whens = [f"when regexp_matches({address}, '{run}') then regexp_replace({address}, '{run}', '::')" for run in runs]
    return f"case {' '.join(whens)} else {address} end"


def _written(words: str) -> str:
    """Return the hex digits of an address that is written with blanks, a zone or a width, or in IPv6; else NULL."""
    octets = f"list_transform(string_split({words}, '.'), lambda o: format('{{:02x}}', try_cast(o as integer)))"
    return f"""case
        when regexp_full_match({words}, '{_V4}') then repeat('0', 20) || 'ffff' || array_to_string({octets}, '')
        when contains({words}, ':') then {once(_without_dots(words), _digits)} end"""


def _without_dots(address: str) -> str:
    """Write the IPv4 address at the end of an IPv6 one as two groups."""

    def body(x: str) -> str:
        octets = f"list_transform(string_split(regexp_extract({x}, '[^:]*$'), '.'), lambda o: try_cast(o as integer))"
        groups = once(octets, lambda o: f"format('{{:x}}:{{:x}}', {o}[1] * 256 + {o}[2], {o}[3] * 256 + {o}[4])")
        return (
            f"case when regexp_full_match({x}, '[^.]*:{_V4}') then regexp_extract({x}, '^.*:') || {groups} else {x} end"
        )

    return once(address, body)


def _digits(address: str) -> str:
    """Return the 32 hex digits of an IPv6 address in groups, or NULL where it is none."""

    def short(halves: str) -> str:
        left, right = f"{halves}[1]", f"{halves}[2]"
        zeros = f"repeat('0000', 8 - len({left}) - len({right}))"
        return f"case when len({left}) + len({right}) <= 7 then {_padded(left)} || {zeros} || {_padded(right)} end"

    groups = "list_filter(string_split(h, ':'), lambda g: g <> '')"
    halves = f"list_transform(string_split({address}, '::'), lambda h: {groups})"
    return f"""case
        when regexp_full_match({address}, '{_FULL}') then {_padded(f"string_split({address}, ':')")}
        when regexp_full_match({address}, '{_SHORT}') then {once(halves, short)} end"""


def _padded(groups: str) -> str:
    return f"array_to_string(list_transform({groups}, lambda g: lpad(g, 4, '0')), '')"

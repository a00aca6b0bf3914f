"""SQL from a number to the IP address that it is; what is written or packed: ``numeric.addresses_shown``."""

from __future__ import annotations

from vigie.forums.conversions import once


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

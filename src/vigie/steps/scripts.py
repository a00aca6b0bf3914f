"""What steps of the money strand share about scripts and labels."""

from __future__ import annotations

import re
import typing as t

_ANCHOR: t.Final = bytes.fromhex("51024e73")
_FORMS: t.Final = tuple(
    (re.compile(form, re.DOTALL), name)
    for form, name in (
        (rb"\x76\xa9\x14.{20}\x88\xac", "p2pkh"),
        (rb"\xa9\x14.{20}\x87", "p2sh"),
        (rb"\x00\x14.{20}", "p2wpkh"),
        (rb"\x00\x20.{32}", "p2wsh"),
        (rb"\x51\x20.{32}", "p2tr"),
        (rb"\x21[\x02\x03].{32}\xac|\x41\x04.{64}\xac", "p2pk"),
        (rb"[\x51-\x60](?:\x21.{33}|\x41.{65}){1,20}[\x51-\x60]\xae", "multisig"),
        *((b"[\x51-\x60]" + re.escape(bytes([many])) + b".{%d}" % many, "witness") for many in range(2, 41)),
    )
)
_NAMED: t.Final = re.compile(
    r"(?:\b(?:order|invoice|bestellung|rechnung|commande|facture|pedido|factura|zam[oó]wienie|заказ|счет|oid|id|nr|no)\b"
    r"[\s.:#_/-]*|#)([A-Za-z0-9][A-Za-z0-9_-]{0,63})",
    re.IGNORECASE,
)
_ALONE: t.Final = re.compile(r"[A-Za-z]{0,6}[-_#]?\d{1,18}")


def type_of(script: bytes) -> str:
    """Return the kind of a script that has an address or one key, one of ``rows.money.SCRIPT_TYPES``.

    Empty: ``unknown``. Others: ``nonstandard``, also those that hold data.
    """
    if not script:
        return "unknown"
    if script == _ANCHOR:
        return "anchor"
    return next((name for form, name in _FORMS if form.fullmatch(script)), "nonstandard")


def order_of(label: str) -> str:
    """Return the number of an order that a label names, or is; ``""``: none. It has a digit."""
    text = label.strip()
    if _ALONE.fullmatch(text):
        return text.lstrip("#")
    for met in _NAMED.finditer(text):
        if any(one.isdigit() for one in met[1]):
            return met[1]
    return ""

"""Taking in what an examiner gives by hand: told apart, checked, committed, logged. Nothing private is kept."""

from __future__ import annotations

import re
import typing as t

from vigie.kernel.case import now
from vigie.kernel.custody_entry import MOST_TEXT
from vigie.kernel.errors import UsageError
from vigie.kernel.handed_over import commit
from vigie.numeric.coins import base58, descriptors, extended, scripts
from vigie.rows.given import Given

if t.TYPE_CHECKING:
    from collections.abc import Sequence

    from vigie.kernel.case import Case

STAGE: t.Final = "given"
ACT: t.Final = "given"
MOST: t.Final = 100_000
_TRANSACTION: t.Final = re.compile(r"[0-9a-fA-F]{64}(:[0-9]{1,9})?")
_KEY: t.Final = re.compile(r"0[23][0-9a-fA-F]{64}|04[0-9a-fA-F]{128}")
_WIF: t.Final = (0x80, 0xEF)


def told(text: str) -> tuple[str, str]:
    """Return kind and value of what was given, in normal form.

    Errors: UsageError. It repeats nothing of the text: that may be a secret.
    """
    if _TRANSACTION.fullmatch(text):
        return "transaction", text.lower()
    if found := scripts.read(text):
        return "address", found.text
    if extended.read(text):
        return "key", text
    if _KEY.fullmatch(text):
        return "key", text.lower()
    body = base58.checked(text) if len(text) < 60 else None
    if extended.is_private(text) or (body is not None and len(body) in (33, 34) and body[0] in _WIF):
        raise UsageError("it is a private key, and was not kept. Give the public key, or the address.")
    try:
        return "descriptor", descriptors.read(text).text
    except descriptors.Unusable as error:
        raise UsageError(
            "it is no address whose checksum holds, no txid or txid:vout, no public key, and as a descriptor"
            f" {error.state}: {'it holds a private key' if error.state == 'private' else error.text}"
        ) from None


def register(case: Case, texts: Sequence[str], note: str = "") -> tuple[list[Given], int]:
    """Commit what is given, and log each; return it all, and how many of it are new.

    Errors: UsageError for the first that is none: then nothing is taken.
    """
    if len(texts) > MOST:
        raise UsageError(f"{len(texts):,} were given; at most {MOST:,} at once.")
    _loggable("The note", note)
    known = {one.key: one for one in case.read(Given)}
    found: dict[bytes, Given] = {}
    for number, text in enumerate(texts, 1):
        try:
            kind, value = told(text.strip())
            _loggable("it", value)
        except UsageError as error:
            raise UsageError(f"Number {number} of what was given cannot be used: {error}") from None
        one = Given.make(
            kind=kind, value=value, note=note, examiner=case.custody.who,
            given_at=now().isoformat(timespec="microseconds"),
        )  # fmt: skip
        found[one.key] = known.get(one.key, one)
    new = [one for one in found.values() if one.key not in known]
    if new:
        commit(case, STAGE, Given, new, given=",".join(one.key.hex() for one in new))
    # whoever was stopped between the two left rows of which the log says nothing: they are logged now
    logged = {entry.about["given"] for entry in case.custody.entries() if entry.act == ACT}
    with case.custody.batch():
        for one in found.values():
            if one.key.hex() not in logged:
                about = {"given": one.key.hex(), "kind": one.kind, "value": one.value, "note": one.note}
                case.custody.append(ACT, about)
    return list(found.values()), len(new)


def _loggable(what: str, text: str) -> None:
    if len(text) > MOST_TEXT or not text.isprintable():
        raise UsageError(
            f"{what} cannot stand in the log: at most {MOST_TEXT:,} characters, none of them a control character."
        )

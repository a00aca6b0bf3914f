"""By what resemblances were scored, and from which probability on they are said: shown wherever they are."""

from __future__ import annotations

import typing as t

from vigie.kernel.table import look
from vigie.rows.persons import Parameter

if t.TYPE_CHECKING:
    from vigie.kernel.case import Case


def scored_by(case: Case) -> str | None:
    """Return it as a clause; None as long as none are scored."""
    known = {
        (one["comparison"], one["level"]): one
        for one in look("select * from p where comparison in ('scorer', 'threshold')", p=case.read(Parameter))
    }
    if not known:
        return None
    possible, likely = (known["threshold", level]["m"] for level in (0, 1))
    return (
        f"scored by {known['scorer', 0]['name']}: likely from {likely:g} (shared addresses and hours are not enough for"
        f" it), else possible, from {possible:g}"
    )

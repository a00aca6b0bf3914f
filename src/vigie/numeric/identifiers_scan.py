"""What may begin at a place of a text, and what a candidate may be: numbers that the loops and the rules share."""

from __future__ import annotations

import typing as t

(
    P_AT, P_SCHEME, P_PLUS, P_ZEROS, P_ARMOR, P_ENTITY, P_PREFIX, P_BRACKET, P_DOT, P_ARROBA, P_IBAN, P_ONION, P_LINK,
    P_NATIONAL, P_DESCRIPTOR, P_WORD,
) = range(1, 17)  # fmt: skip
"""What may be at a place (``identifiers_anchors``); ``P_WORD + n``: the n-th of its ``WORDS``."""
P_RUN, P_GROUPS = 62, 63
"""Runs of 25 letters and digits or more, of 49 hexadecimal digits and spaces or more (``native/identifiers.c`` too)."""
(
    MAIL, HANDLE, HIDDEN, URL, ARMOR, RUN, PHONE, IBAN, GROUPS, KEY_ID, ONION, LINK, PHRASE, NATIONAL, DESCRIPTOR,
    GLUED, WORD,
) = range(17)  # fmt: skip
"""What a candidate may be. ``HIDDEN``: an ``@`` written otherwise, and only that of it; ``WORD + n``: ``WORDS[n]``.
``GLUED``: a run too long or too short for what it begins as, in which an address may stand."""
MOST: t.Final = 20_000
"""Candidates of one row: so many at places, in runs and in groups."""
LEAST_RUN: t.Final = 25
"""Letters and digits of a run."""

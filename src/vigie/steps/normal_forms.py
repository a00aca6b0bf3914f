"""Normal forms of identifiers, as SQL: two are the same when their forms are equal, and ``null`` is no identifier.

Stated for people in ``docs/persons.md``. ``people_identifiers`` makes them, whatever field or text one stood in.
"""

import typing as t
import unicodedata

NOTHING: t.Final = (
    "none", "n/a", "na", "no", "not", "null", "nil", "nope", "unknown", "private", "secret", "hidden", "ask", "pm",
    "pm me", "ask me", "test", "later", "soon", "nothing", "undefined", "anonymous", "guest", "deleted",
    "[deleted]", "removed",
)  # fmt: skip
"""What people write where they are asked for something and give nothing."""
NOBODY: t.Final = (
    "abuse", "admin", "administrator", "anonymous", "billing", "contact", "help", "hostmaster", "info", "mail",
    "mailer-daemon", "me", "moderator", "no-reply", "nobody", "none", "noreply", "null", "office", "postmaster",
    "root", "sales", "support", "team", "test", "user", "webmaster",
)  # fmt: skip
"""Local parts of addresses, and names, that belong to a post and not to a person."""
MESSENGERS: t.Final = (
    "jabber", "telegram", "session", "tox", "wickr", "threema", "signal", "icq", "skype", "discord", "kik", "snapchat",
    "instagram",
)  # fmt: skip
"""Names of fields that tell whose messenger it is (``rows.people.IDENTIFIERS``)."""
WALLETS: t.Final = {
    "eth": "0x[0-9a-fA-F]{40}",
    "btc": "(bc1[02-9ac-hj-np-z]{11,71}|BC1[02-9AC-HJ-NP-Z]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34})",
    "ltc": "(ltc1[02-9ac-hj-np-z]{11,71}|[LM][1-9A-HJ-NP-Za-km-z]{26,33})",
    "trx": "T[1-9A-HJ-NP-Za-km-z]{33}",
    "doge": "[D9A][1-9A-HJ-NP-Za-km-z]{25,34}",
    "xmr": "[48][1-9A-HJ-NP-Za-km-z]{94,105}",
}
"""Shapes of addresses of wallets. Only those of a field that says it holds one are told by shape alone."""
TOX_KEY: t.Final = 64
"""Hex digits of a Tox ID that are the public key; what follows is changed at will (tox-spec, Tox ID)."""


def folded(text: str) -> str:
    """Return a name as names are compared: NFKC, caseless (Unicode 3.13, D146), white space as one space.

    Leetspeak is not folded: ``n0rth`` is another name than ``north``.
    """
    once = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", once).split())


def plain(text: str) -> str:
    """Return SQL of ``folded`` for text of printable ASCII."""
    return f"if(contains({text}, '  '), trim(regexp_replace(lower({text}), ' +', ' ', 'g')), trim(lower({text})))"


def form(kind: str, value: str) -> str:
    """Return SQL of the normal form of a value of a kind, both SQL; ``''`` where it is no such thing.

    What it gives is to be kept before it is asked about: DuckDB would work it out anew for each question.
    """
    low = f"lower(trim({value}))"
    bare = f"regexp_replace(trim({value}), '[\\s-]', '', 'g')"
    digits = f"regexp_replace(regexp_replace(trim({value}), '^00', '+'), '[^0-9+]', '', 'g')"
    forms = {
        "('email', 'paypal')": _mailbox(low),
        "('phone')": f"regexp_extract({digits}, '^\\+?[0-9]{{7,15}}$')",
        "('icq')": f"regexp_extract({bare}, '^[0-9]{{5,10}}$')",
        "('pgp')": f"regexp_extract(upper({bare}), '^(?:0X)?([0-9A-F]{{16,64}})$', 1)",
        "('tox')": f"regexp_extract(upper({bare}), '^([0-9A-F]{{{TOX_KEY}}})(?:[0-9A-F]{{12}})?$', 1)",
        "('session')": f"regexp_extract(lower({bare}), '^05[0-9a-f]{{64}}$')",
        "('threema', 'iban')": f"upper({bare})",
        "('eth')": f"lower({bare})",
        "('btc', 'ltc', 'xmr', 'doge', 'trx', 'wallet')": f"case when regexp_matches({bare}, '^(?i:bc1|ltc1)') then "
        f"lower({bare}) else {bare} end",
        "('jabber')": f"regexp_extract({low}, '^(?:xmpp:)?([^@\\s/]+@[^@\\s/]+)', 1)",
        "('website')": f"regexp_extract({low}, '^(?:[a-z]+://)?(?:www\\.)?([^/:?#\\s]+\\.[^/:?#\\s]+)', 1)",
        "('device')": f"trim({value})",
    }
    cases = " ".join(f"when {kind} in {kinds} then {sql}" for kinds, sql in forms.items())
    named = f"regexp_extract({low}, '^(?:@|https?://t\\.me/|t\\.me/|live:)?([^\\s@/].*)$', 1)"
    return f"case {cases} else {named} end"


def _mailbox(low: str) -> str:
    """At Gmail dots do not count and what follows a plus is a note (support.google.com/mail/answer/7436150)."""
    box = f"replace(regexp_extract({low}, '^([^@+]+)', 1), '.', '')"
    return f"""case when not regexp_full_match({low}, '[^@\\s<>"]+@([^@\\s.<>"]+\\.)+[^@\\s.<>"]+') then ''
        when (ends_with({low}, '@gmail.com') or ends_with({low}, '@googlemail.com')) and {box} <> ''
            then {box} || '@gmail.com' else {low} end"""


def says_something(kind: str, value: str) -> str:
    """Return SQL that asks whether a value in its normal form is more than a place-holder."""
    local, host = f"split_part({value}, '@', 1)", f"split_part(split_part({value}, '@', 2), '.', 1)"
    return f"""(length({value}) > 2 and lower({value}) not in {NOTHING!r}
        and length(replace({value}, left({value}, 1), '')) > 0
        and ({kind} not in ('email', 'jabber', 'paypal')
            or {local} not in {NOBODY!r} and not ({local} = {host} and length({local}) < 5)))"""

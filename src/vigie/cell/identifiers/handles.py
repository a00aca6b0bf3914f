"""Names on messengers and the like: behind a word that says which, behind an ``@``, and in links. Never checked."""

from __future__ import annotations

import re
import typing as t

from vigie.cell.identifiers.place import Hit, Place

_I: t.Final = re.IGNORECASE
_GAP: t.Final = (
    rb"(?:\[/?[a-z*]{1,8}(?:=[^\]\[]{0,80})?\]|</?[a-z0-9]{1,10}(?: [^<>]{0,80})?/?>|&nbsp;|&quot;|&lrm;|[\s\"'(*`]|"
    rb"\xc2\xa0|\xe2\x80[\x8b-\x8f\x9c\x9d])*"
)
_SAYS: t.Final = (
    rb"(?P<says>(?:[\s_.-]{0,3}(?:ids?|names?|user ?names?|user|handle|nick(?:name)?|acc(?:oun)?t?|contact|number|"
    rb"no|uin|me|messenger|app|pseudo|usuario|is|bei|unter|auf|chez|en|\xd0\xbd\xd0\xb8\xd0\xba)\b){0,4})"
)
_LEAD: t.Final = re.compile(
    _SAYS
    + _GAP
    + rb"(?P<mark>[:=|]|\xef\xbc\x9a|\xc2\xbb|[-=]{1,2}(?:>|&gt;)|-|>|\xe2\x80[\x93\x94])?"
    + _GAP
    + rb"(?P<at>@)?",
    _I,
)
_STRONG: t.Final = frozenset(
    (b":", b"=", b"|", b"\xef\xbc\x9a", b"\xc2\xbb", b"->", b"=>", b"-->", b"->", b"-&gt;", b"=&gt;")
)
_ENDS: t.Final = re.compile(rb"[\s\"')*]*(?:\Z|[\r\n,;|/<\[(&]|[.!?](?:\s|\Z))")
_NO_NAMES: t.Final = frozenset(
    b"http https www the none no yes ask pm dm null true false and or channel group download bot chat join here link "
    b"support user username name id app messenger account contact com org net me on off only via for with not "
    b"available".split()
)
_FORMS: t.Final = {
    "telegram": re.compile(rb"[a-z][a-z0-9_]{4,31}(?![a-z0-9_])", _I),
    "wickr": re.compile(rb"[a-z0-9][a-z0-9_.-]{2,30}[a-z0-9](?![a-z0-9])", _I),
    "kik": re.compile(rb"[a-z0-9_][a-z0-9_.]{1,28}[a-z0-9_](?![a-z0-9_])", _I),
    "snapchat": re.compile(rb"[a-z][a-z0-9_.-]{1,13}[a-z0-9_](?![a-z0-9_])", _I),
    "instagram": re.compile(rb"[a-z0-9_][a-z0-9_.]{1,28}[a-z0-9_](?![a-z0-9_])", _I),
    "threema": re.compile(rb"[A-Z0-9*][A-Z0-9]{7}(?![A-Za-z0-9])"),
    "signal": re.compile(rb"[a-z_][a-z0-9_]{2,31}\.[0-9]{2,10}(?![a-z0-9_])", _I),
    "discord": re.compile(
        rb"[^\s#@:<>\[\]]{2,32}#[0-9]{4}(?![0-9a-z])|[a-z0-9_][a-z0-9_.]{0,30}[a-z0-9_](?![a-z0-9_#])", _I
    ),
    "skype": re.compile(
        rb"live:(?:\.cid\.[0-9a-f]{16}|[a-z0-9_.-]{3,31}[a-z0-9])|[a-z][a-z0-9_.,-]{4,30}[a-z0-9](?![a-z0-9_])", _I
    ),
    "icq": re.compile(rb"[1-9][0-9]{4,8}(?![0-9])|[1-9][0-9]{0,2}(?:-[0-9]{3}){1,2}(?![0-9-])"),
}
"""As each of them allows, most without regard to case."""
_LINKS: t.Final = {
    "telegram": re.compile(
        rb"(?:telegram\.(?:me|dog)/(?:s/)?|t\.me/(?:s/)?|tg://resolve\?domain=)@?([a-z][a-z0-9_]{4,31})(?![a-z0-9_])",
        _I,
    ),
    "instagram": re.compile(rb"instagram\.com/([a-z0-9_][a-z0-9_.]{0,28}[a-z0-9_])(?![a-z0-9_])", _I),
    "snapchat": re.compile(rb"snapchat\.com/add/([a-z][a-z0-9_.-]{1,13}[a-z0-9_])(?![a-z0-9_])", _I),
    "kik": re.compile(rb"kik\.me/([a-z0-9_][a-z0-9_.]{1,29})(?![a-z0-9_])", _I),
    "threema": re.compile(rb"threema\.id/([A-Z0-9*][A-Z0-9]{7})(?![A-Za-z0-9])"),
    "paypal": re.compile(rb"paypal\.(?:me|com/paypalme)/@?([a-z0-9][a-z0-9.-]{1,38}[a-z0-9])", _I),
    "skype": re.compile(rb"skype:([a-z][a-z0-9_.,:-]{4,40})\?(?:call|chat|add|userinfo)", _I),
    "discord": re.compile(rb"discord(?:app)?\.com/users/([0-9]{17,20})(?![0-9])", _I),
    "icq": re.compile(rb"icq\.(?:im|com/people)/([a-z0-9_]{4,32})(?![a-z0-9_])", _I),
}
_NO_PEOPLE: t.Final = frozenset(
    b"joinchat addstickers addemoji addtheme share proxy socks setlanguage login confirmphone contact invoice giftcode "
    b"boost p reel reels explore stories accounts tv about developer direct web static legal".split()
)
"""What stands in such a link where a name would, and is none."""
_WORDS: t.Final = re.compile(
    r"(?=[tтتwвksсдdiи电電纸テ텔])(?:(?P<telegram>telegram+|\btele\b|\btg\b|телег(?:рам+|а)?|\bтг\b|"  # noqa: RUF001 - Russian
    r"تل[يی]?[جغگ]رام|电报|電報|纸飞机|テレグラム|텔레그램)|"
    r"(?P<wickr>wickr|викр)|(?P<kik>\bkik\b)|(?P<snapchat>\bsnap(?:chat)?\b|снап(?:чат)?)|"
    r"(?P<instagram>\binsta(?:gram)?\b|\big\b|инст(?:а|аграм+)\b)|"  # noqa: RUF001 - Russian
    r"(?P<discord>discord|дискорд)|(?P<skype>skype|скайп))",
    _I,
)
KINDS: t.Final = {
    "telegram": "telegram", "tg": "telegram", "телег": "telegram", "тг": "telegram", "wickr": "wickr", "kik": "kik",
    "snap": "snapchat", "insta": "instagram", "threema": "threema", "signal": "signal", "discord": "discord",
    "skype": "skype", "скайп": "skype", "icq": "icq", "paypal": "paypal",
}  # fmt: skip
"""What a word of ``numeric.identifiers_anchors.WORDS`` announces."""
_TAIL: t.Final = re.compile(rb"(?:m|chat|gram)?(?![a-z])(?:\xd1\x80\xd0\xb0\xd0\xbc(?:\xd0\xbc)?|\xd0\xb0)?", _I)
_NAMED: t.Final = re.compile(rb"[0-9_]")


def normal(kind: str, name: str) -> str:
    """Return a name as two are compared: lower case, but for Threema; an ICQ number without dashes."""
    if kind == "threema":
        return name.upper()
    return name.replace("-", "") if kind == "icq" else name.lower()


def announced(place: Place, kind: str) -> t.Iterator[Hit]:
    """Give the name behind a word: ``Kik: name``, ``my wickr is name_1``, ``instagram.com/name``."""
    link = _LINKS.get(kind)
    window = bytes(place.data[place.start : min(place.high, place.end + 200)])
    found = link.match(window) if link else None
    if found:
        yield from _linked(place, kind, found)
        return
    tail = _TAIL.match(window, place.end - place.start)
    form = _FORMS.get(kind)
    if tail is None or form is None:
        return
    lead = _LEAD.match(window, tail.end())
    if lead is None or window[tail.end() : lead.end()] in (b"", b"@", b"-"):
        return  # another word, an address, ``kik-name``
    name = form.match(window, lead.end())
    if name is None or name[0].lower() in _NO_NAMES:
        return
    strong = lead["at"] or lead["mark"] in _STRONG
    telling = len(_NAMED.findall(name[0])) > 0 and not name[0].isdigit()
    if kind == "icq":
        fine = strong or lead["mark"] or lead["says"] or len(name[0]) > 5
    elif kind == "signal" or (kind == "threema" and telling):
        fine = strong or lead["mark"] or lead["says"]
    elif lead["at"]:
        fine = True
    else:
        fine = telling or (strong and _ENDS.match(window, name.end()))
    if fine:
        start = place.start + name.start()
        yield Hit(
            start, place.start + name.end(), kind, normal(kind, name[0].decode("utf-8", "replace")), checked=False
        )


def link(place: Place) -> t.Iterator[Hit]:
    """Give the name in a link that begins with ``t.me/``."""
    found = _LINKS["telegram"].match(bytes(place.data[place.start : min(place.high, place.end + 60)]))
    if found:
        yield from _linked(place, "telegram", found)


def live(place: Place) -> t.Iterator[Hit]:
    """Give a Skype name that begins with ``live:``."""
    window = bytes(place.data[place.start : min(place.high, place.end + 60)])
    found = _FORMS["skype"].match(window)
    if found and (found[0][5:10].lower() == b".cid." or b"skype" in place.before(30).lower()):
        yield place.hit("skype", found[0].decode().lower(), checked=False, end=place.start + found.end())


def at(place: Place) -> t.Iterator[Hit]:
    """Give ``@name`` where the words before it, in the same line, say on which messenger it is."""
    before = str(place.data[max(place.low, place.start - 60) : place.start], "utf-8", "ignore")
    words = list(_WORDS.finditer(before.rpartition("\n")[2]))
    if not words or len(before) - words[-1].end() > 40:
        return
    kind = words[-1].lastgroup or ""
    name = _FORMS[kind].match(bytes(place.data[place.start + 1 : min(place.high, place.start + 50)]))
    if name:
        start = place.start + 1
        yield Hit(start, start + name.end(), kind, normal(kind, name[0].decode("utf-8", "replace")), checked=False)


def _linked(place: Place, kind: str, found: re.Match[bytes]) -> t.Iterator[Hit]:
    name = found[1].rstrip(b".").decode()
    if name.encode().lower() not in _NO_PEOPLE:
        value = f"paypal.me/{name.lower()}" if kind == "paypal" else normal(kind, name)
        yield Hit(place.start + found.start(1), place.start + found.start(1) + len(name), kind, value, checked=False)

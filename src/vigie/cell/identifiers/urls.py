"""URLs."""

from __future__ import annotations

import html
import ipaddress
import re
import typing as t

from vigie.cell.identifiers import mail
from vigie.cell.identifiers.place import Hit, Place

_FORM: t.Final = re.compile(
    r"(https?|ftp)://(?:[^/?#@\s]*@)?([^/?#:@\s]+)(:\d{1,5})?([/?#].*)?\Z", re.IGNORECASE | re.DOTALL
)
_STOP: t.Final = re.compile(
    r"[|\s\u2018-\u201f\u3000-\u303f\uff00-\uff0f\xab\xbb\u200b-\u200f\u202a-\u202e\ufffd]|&(?:quot|lt|gt|nbsp|#39);"
)
"""What stands behind a URL, though its bytes could be its own."""
_PORTS: t.Final = {"http": ":80", "https": ":443", "ftp": ":21"}


def url(text: str) -> str | None:
    """Return a URL in normal form; None where its host is no name with a top-level domain that there is, nor an IP.

    Scheme and host in lower case, no login, no port that is the scheme's own, ``/`` for an empty path, no fragment;
    the rest as it stands (RFC 3986, 6.2.2 and 6.2.3).
    """
    found = _FORM.match(html.unescape(text))
    if found is None:
        return None
    scheme, host = found[1].lower(), mail.domain(found[2].lower()) or _ip(found[2])
    if host is None:
        return None
    port = found[3] if found[3] and found[3] != _PORTS[scheme] else ""
    path = (found[4] or "/").partition("#")[0]
    return f"{scheme}://{host}{port}{path if path.startswith('/') else '/' + path}"


def _ip(text: str) -> str | None:
    try:
        return str(ipaddress.IPv4Address(text))
    except ipaddress.AddressValueError:
        return None


def read(place: Place) -> t.Iterator[Hit]:
    """Give the URL of a candidate, without what ends the sentence behind it."""
    text = _STOP.split(place.text(), maxsplit=1)[0].rstrip(".,;:!?'*_")
    if text.endswith(")") and "(" not in text:
        text = text[:-1].rstrip(".,;:!?'*_")
    value = url(text)
    if value is not None:
        yield place.hit("url", value, checked=False, end=place.start + len(text.encode()))

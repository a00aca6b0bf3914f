"""What a value that an account states means: the country of a telephone number, a language, a time zone, a payment.

Each function gives a country and what is to be remarked; ``""`` for the country where the value tells none.
"""

import typing as t

import phonenumbers

from vigie.rows.country_codes import COUNTRIES, CURRENCIES, LANGUAGES, ZONES

PROCESSORS: t.Final = {
    "swish": "SE", "blik": "PL", "przelewy24": "PL", "p24": "PL", "pix": "BR", "boleto": "BR", "bizum": "ES",
    "mbway": "PT", "multibanco": "PT", "upi": "IN", "paytm": "IN", "interac": "CA", "twint": "CH", "bancontact": "BE",
    "ideal": "NL", "giropay": "DE", "vipps": "NO", "yoomoney": "RU", "qiwi": "RU", "oxxo": "MX", "satispay": "IT",
    "konbini": "JP",
}  # fmt: skip
"""National ways to pay: who uses one has, or had, an account at a bank of that country."""
GENERIC: t.Final = (
    "ad", "ac", "ai", "as", "bz", "cc", "cd", "cf", "co", "dj", "eu", "fm", "ga", "gg", "gl", "gq", "im", "io", "la",
    "ly", "me", "ml", "ms", "mu", "nu", "pw", "sc", "sh", "sr", "st", "su", "tk", "to", "tv", "vc", "vg", "ws",
)  # fmt: skip
"""Country domains that people everywhere use (Google Search Central, "Google-generic ccTLDs", and those given away)."""
TLDS: t.Final = {code.lower(): code for code in COUNTRIES if code not in ("AN", "FX", "XK")} | {"uk": "GB"}


def phone(number: str) -> tuple[str, str]:
    """Return the country of a telephone number in international form, and what is to be remarked."""
    if not number.startswith("+"):
        return "", "a number without the code of its country"
    try:
        read = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "", "no number of any country"
    if not phonenumbers.is_valid_number(read):
        return "", "no valid number of the country of its code"
    region = phonenumbers.region_code_for_number(read) or ""
    if region not in COUNTRIES:
        return "", "a number of no country, or of several"
    several = len(phonenumbers.region_codes_for_country_code(read.country_code or 0)) > 1
    return region, "its code is shared by several countries; told by the digits behind it" if several else ""


def language(tag: str) -> tuple[str, str]:
    """Return the country of a language tag: the one it names, or the only one where the language is official."""
    parts = tag.replace("-", "_").split(".")[0].split("_")
    if len(parts) > 1 and parts[-1].upper() in COUNTRIES:
        return parts[-1].upper(), ""
    found = LANGUAGES.get(parts[0].lower(), "")
    return found, "" if found else "a language of several countries"


def time_zone(name: str) -> tuple[str, str]:
    """Return the country in which a named time zone lies; a bare offset has none."""
    found = ZONES.get(name, "")
    return found, "" if found else "an offset, or a name of no country"


def currency(code: str) -> tuple[str, str]:
    """Return the country of a currency."""
    found = CURRENCIES.get(code, "")
    return found, "" if found else "a currency of several countries, or of none"


def payment(processor: str) -> tuple[str, str]:
    """Return the country of a national way to pay."""
    found = next((land for name, land in PROCESSORS.items() if name in processor.split("/", maxsplit=1)[0]), "")
    return found, "" if found else "a way to pay in many countries"


def email(tld: str) -> tuple[str, str]:
    """Return the country of a top-level domain, unless people everywhere use it."""
    name = tld.removeprefix(".")
    found = "" if name in GENERIC else TLDS.get(name, "")
    return found, "" if found else "a domain of no country, or used everywhere"


MEANING: t.Final[dict[str, t.Callable[[str], tuple[str, str]]]] = {
    "phone": phone, "language": language, "time_zone": time_zone, "currency": currency, "payment": payment,
    "email": email,
}  # fmt: skip
"""By the kind of a sign."""

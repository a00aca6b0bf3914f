"""Countries of a practice world: language, clock, share of its people. No flag on any: shares are made up."""

import msgspec


class Land(msgspec.Struct, frozen=True, kw_only=True):
    """One country."""

    code: str
    """ISO 3166-1 alpha-2."""
    language: str
    hours: int
    """Ahead of UTC in winter."""
    zone: str
    weight: float


LANDS: tuple[Land, ...] = tuple(
    Land(code=code, language=language, hours=hours, zone=zone, weight=weight)
    for code, language, hours, zone, weight in (
        ("US", "en", -6, "America/Chicago", 16.0),
        ("GB", "en", 0, "Europe/London", 9.0),
        ("DE", "de", 1, "Europe/Berlin", 10.0),
        ("FR", "fr", 1, "Europe/Paris", 9.0),
        ("ES", "es", 1, "Europe/Madrid", 6.0),
        ("IT", "it", 1, "Europe/Rome", 6.0),
        ("NL", "nl", 1, "Europe/Amsterdam", 5.0),
        ("BE", "fr", 1, "Europe/Brussels", 3.0),
        ("CH", "de", 1, "Europe/Zurich", 3.0),
        ("AT", "de", 1, "Europe/Vienna", 2.0),
        ("SE", "sv", 1, "Europe/Stockholm", 3.0),
        ("NO", "nb", 1, "Europe/Oslo", 2.0),
        ("DK", "da", 1, "Europe/Copenhagen", 2.0),
        ("FI", "fi", 2, "Europe/Helsinki", 2.0),
        ("PL", "pl", 1, "Europe/Warsaw", 5.0),
        ("CZ", "cs", 1, "Europe/Prague", 2.0),
        ("PT", "pt", 0, "Europe/Lisbon", 2.0),
        ("BR", "pt", -3, "America/Sao_Paulo", 6.0),
        ("MX", "es", -6, "America/Mexico_City", 3.0),
        ("CA", "en", -5, "America/Toronto", 4.0),
        ("AU", "en", 10, "Australia/Sydney", 3.0),
        ("NZ", "en", 12, "Pacific/Auckland", 1.0),
        ("JP", "ja", 9, "Asia/Tokyo", 4.0),
        ("KR", "ko", 9, "Asia/Seoul", 2.0),
        ("TR", "tr", 3, "Europe/Istanbul", 3.0),
        ("IL", "he", 2, "Asia/Jerusalem", 1.0),
        ("EG", "ar", 2, "Africa/Cairo", 2.0),
        ("ZA", "en", 2, "Africa/Johannesburg", 2.0),
        ("UA", "uk", 2, "Europe/Kyiv", 2.0),
        ("IN", "en", 5, "Asia/Kolkata", 5.0),
    )
)

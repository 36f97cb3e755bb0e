"""Public holidays by country; the library is loaded only by whoever asks (it takes a second)."""

from collections.abc import Container
from datetime import date
from functools import cache


@cache
def public_holidays(country: str) -> Container[date]:
    """Every public holiday of a country, any year; empty where the country is not known.

    Args:
        country: ISO 3166 code, or "".
    """
    if not country:
        return frozenset()
    import holidays

    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return frozenset()

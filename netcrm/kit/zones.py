"""Which release of the zone data is in use: the pinned package's (docs/decisions/0003)."""


def zone_data() -> str:
    """The release, such as ``2026f``."""
    import tzdata

    return str(tzdata.IANA_VERSION)

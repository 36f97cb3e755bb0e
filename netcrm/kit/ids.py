"""Keys of rows: UUIDv7 (RFC 9562), so that they sort by age and nobody can count them."""

import uuid

import uuid_utils.compat


def new_id() -> uuid.UUID:
    """Return a fresh UUIDv7 as a standard ``uuid.UUID``."""
    return uuid_utils.compat.uuid7()

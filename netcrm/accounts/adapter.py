"""What we ask of allauth beyond its settings."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """The default; its own class so that settings never have to change hands."""

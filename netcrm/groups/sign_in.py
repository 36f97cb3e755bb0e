"""Reading the signed-in user together with whether a group has them: one query a request."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from django.db.models import Exists, OuterRef

from netcrm.accounts.models import User
from netcrm.groups.models import Membership


class AuthenticationBackend(AllauthBackend):  # type: ignore[misc]
    """Signs in as allauth does; the user it reads knows ``in_a_group`` already."""

    def get_user(self, user_id: Any) -> User | None:
        present = Membership.objects.present().filter(user=OuterRef("pk"))
        rows = User.objects.annotate(has_a_group=Exists(present))
        user = rows.filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        user.in_a_group = user.has_a_group
        return user

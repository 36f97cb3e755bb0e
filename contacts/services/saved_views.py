"""Ways to look at the list that the owner has given a name (S2)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts.models import SavedView
from contacts.services import fields
from netcrm.accounts.models import User

NAME_CHARS = 80
MOST = 30  # views of one owner: they stand in a row above the list


def save_view(*, by: User, name: str, query: str) -> SavedView:
    """Keep ``query`` (what stands behind the “?”) under a name; a name in use takes the new one.

    Raises:
        ValidationError: no name, too long a one, or too many views already.
    """
    name = fields.line(name, most=NAME_CHARS)
    if not name:
        raise ValidationError(_("Give the view a name first."))
    mine = SavedView.objects.visible_to(by)
    for _attempt in range(2):
        if mine.filter(name__iexact=name).update(query=query, name=name):
            return mine.get(name=name)
        if mine.count() >= MOST:
            raise ValidationError(
                _("There is room for %(most)s views. Forget one of them first."),
                params={"most": MOST},
            )
        try:
            with transaction.atomic():
                return SavedView.objects.create(owner=by, name=name, query=query)
        except IntegrityError:  # another tab was first
            continue
    raise ValidationError(_("Somebody, perhaps you, saved this name just now. Try once more."))


def forget_view(*, by: User, view: SavedView) -> None:
    SavedView.objects.visible_to(by).filter(pk=view.pk).delete()

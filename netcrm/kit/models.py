"""What every table shares."""

from django.db import models

from netcrm.kit.ids import new_id


class Row(models.Model):
    """A row with an unguessable key that sorts by age, and the moment it was made."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True

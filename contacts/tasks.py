"""Background work on people.  Each task looks at the clock, calls a service, and ends."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from contacts import services
from contacts.services import bulk_edits, duplicates, imports
from netcrm.kit.wake import wake


@shared_task
def work_on_import(batch_pk: str) -> bool:
    done = imports.work_on(UUID(batch_pk), at=timezone.now())
    if done and (search := duplicates.ask_after_import(UUID(batch_pk))):
        wake(work_on_duplicates, str(search.pk))
    return done


@shared_task
def pick_up_imports() -> int:
    """Beat, every minute: batches whose wake-up was lost, or whose worker died."""
    owed = imports.owed_imports(at=timezone.now())
    for pk in owed:
        wake(work_on_import, str(pk))
    return len(owed)


@shared_task
def work_on_duplicates(search_pk: str) -> bool:
    return duplicates.work_on(UUID(search_pk), at=timezone.now())


@shared_task
def pick_up_duplicates() -> int:
    """Beat, every minute: searches whose wake-up was lost, or whose worker died."""
    owed = duplicates.owed_searches(at=timezone.now())
    for pk in owed:
        wake(work_on_duplicates, str(pk))
    return len(owed)


@shared_task
def work_on_bulk_edit(edit_pk: str) -> bool:
    done = bulk_edits.work_on(UUID(edit_pk), at=timezone.now())
    if done and UUID(edit_pk) in bulk_edits.owed_edits(at=timezone.now()):
        wake(work_on_bulk_edit, edit_pk)
    return done


@shared_task
def pick_up_bulk_edits() -> int:
    """Beat, every minute: changes to many whose wake-up was lost, or whose worker died."""
    owed = bulk_edits.owed_edits(at=timezone.now())
    for pk in owed:
        wake(work_on_bulk_edit, str(pk))
    return len(owed)


@shared_task
def gather_late() -> int:
    """Beat, every minute: what was written to a person while they were being joined."""
    return services.gather_late(at=timezone.now())


@shared_task
def empty_old_trash() -> int:
    """Beat, every hour: people thrown away long ago are gone for good.  Twice is harmless."""
    now = timezone.now()
    services.forget_old_journals(at=now)
    return services.empty_old_trash(at=now)

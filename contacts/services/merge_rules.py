"""What becomes of every row that names a person, when that person is joined into another.

One rule for each relation to ``Contact`` there is, in this app and in those above and below it;
a test walks the models and fails when a relation has none.  Apps above are named by label, so
that nothing is imported upwards.
Source: docs/decisions/0033-merging-loses-nothing.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contacts.models import Contact

Model = type[models.Model]


@dataclass(kw_only=True)
class Joining:
    """One person who goes into another, and what has to be told in words."""

    kept: Contact
    gone: Contact
    at: datetime
    words: list[str] = field(default_factory=list)


Rule = Callable[[Model, str, Joining], None]


def relations() -> Iterator[tuple[Model, str]]:
    """Every foreign key to a contact there is, those of plain many-to-many tables too."""
    for model in apps.get_models(include_auto_created=True):
        for column in model._meta.concrete_fields:
            if isinstance(column, models.ForeignKey) and column.related_model is Contact:
                yield model, column.name


def name_of(model: Model, column: str) -> str:
    return f"{model._meta.label}.{column}"


def apply_all(joining: Joining) -> None:
    """Let every row that names ``gone`` name ``kept``, each by its rule."""
    for model, column in relations():
        RULES[name_of(model, column)](model, column, joining)


def _rows(model: Model, column: str, of: Contact) -> models.QuerySet[Any]:
    return model._base_manager.filter(**{column: of})


def move(model: Model, column: str, joining: Joining) -> None:
    """The row names the person who is kept."""
    _rows(model, column, joining.gone).update(**{column: joining.kept})


def stay(model: Model, column: str, joining: Joining) -> None:
    """The row follows from others, or tells of this very joining."""


def move_unless_there(*same: str) -> Rule:
    """The row moves; where the one who is kept has one with the ``same`` columns, it goes."""

    def rule(model: Model, column: str, joining: Joining) -> None:
        there = set(_rows(model, column, joining.kept).values_list(*same))
        doubles = [
            pk
            for pk, *values in _rows(model, column, joining.gone).values_list("pk", *same)
            if tuple(values) in there
        ]
        model._base_manager.filter(pk__in=doubles).delete()
        move(model, column, joining)

    return rule


def points(model: Model, column: str, joining: Joining) -> None:
    """All addresses, numbers and links are kept, each once; the first of a kind stays first."""
    mine = {(one.kind, one.key): one for one in joining.kept.points.all()}
    primary = {one.kind for one in mine.values() if one.is_primary}
    for point in joining.gone.points.all():
        same = mine.get((point.kind, point.key))
        if same is None:
            point.contact = joining.kept
            point.is_primary = point.is_primary and point.kind not in primary
            point.save(update_fields=["contact", "is_primary"])
            continue
        if point.label and not same.label:
            same.label = point.label
            same.save(update_fields=["label"])
        point.delete()


def positions(model: Model, column: str, joining: Joining) -> None:
    """Every job is kept; one that says less than one already there goes."""
    mine = list(joining.kept.positions.all())
    for job in joining.gone.positions.all():
        if any(_says_as_much(other, job) for other in mine):
            job.delete()
        else:
            job.contact = joining.kept
            job.save(update_fields=["contact"])


def _says_as_much(other: Any, job: Any) -> bool:
    return (
        other.organization_id == job.organization_id
        and other.is_current == job.is_current
        and job.title.casefold() in ("", other.title.casefold())
        and job.started_on in (None, other.started_on)
        and job.ended_on in (None, other.ended_on)
    )


def their_dates(model: Model, column: str, joining: Joining) -> None:
    """All days they named move, closed; which is open follows from the exchanges (I3)."""
    rows = _rows(model, column, joining.gone)
    rows.filter(closed_at=None).update(closed_at=joining.at)
    move(model, column, joining)


def introductions(model: Model, column: str, joining: Joining) -> None:
    """The row moves, unless both were in it: nobody is introduced to themselves.

    Such a row stays with the one who goes, where no list shows it, and is told in the notes.
    """
    others = [name for name in ("introducer", "introducee", "introduced") if name != column]
    rows = _rows(model, column, joining.gone)
    both = Q(**{others[0]: joining.kept}) | Q(**{others[1]: joining.kept})
    for row in rows.filter(both).select_related("introducer", "introducee", "introduced"):
        joining.words.append(
            _(
                "Set aside when entries were joined: %(introducer)s introduced %(introduced)s "
                "to %(introducee)s, %(day)s. %(reason)s"
            )
            % {
                "introducer": row.introducer,
                "introduced": row.introduced,
                "introducee": row.introducee,
                "day": date_format(row.made_at or row.state_at),
                "reason": row.reason,
            }
        )
    rows.exclude(both).update(**{column: joining.kept})


def gives(model: Model, column: str, joining: Joining) -> None:
    """The row moves; a give to both for an introduction of both stays where that stays."""
    of_both = _rows(model, column, joining.kept).exclude(introduction=None).values("introduction")
    rows = _rows(model, column, joining.gone)
    rows.exclude(introduction__in=of_both).update(**{column: joining.kept})


def not_about_oneself(subject: str, about: str, said: str = "") -> Rule:
    """The row moves; where it would tell of one person twice, ``about`` is left empty.

    ``said`` is the column that holds the name instead.
    """

    def rule(model: Model, column: str, joining: Joining) -> None:
        move(model, column, joining)
        twice = model._base_manager.filter(**{subject: joining.kept, about: joining.kept})
        if said:
            twice.filter(**{said: ""}).update(**{said: joining.gone.name})
        twice.update(**{about: None})

    return rule


def thank_yous(model: Model, column: str, joining: Joining) -> None:
    """Of two notes of thanks both texts are kept, in one."""
    mine = {row.landing_id: row for row in _rows(model, column, joining.kept)}
    for row in _rows(model, column, joining.gone):
        if same := mine.get(row.landing_id):
            same.draft = "\n\n".join(dict.fromkeys(filter(None, (same.draft, row.draft))))
            same.left_out = same.left_out and row.left_out
            same.save(update_fields=["draft", "left_out"])
            row.delete()
    move(model, column, joining)


def doubles(model: Model, column: str, joining: Joining) -> None:
    """A pair moves, with what was said of it; one that is a pair already, or no longer, goes."""
    other = {"first": "second", "second": "first"}[column]
    there = {
        key
        for pair in (("first", "second"), ("second", "first"))
        for key in _rows(model, pair[0], joining.kept).values_list(f"{pair[1]}_id", flat=True)
    }
    rows = _rows(model, column, joining.gone)
    rows.filter(Q(**{f"{other}__in": there}) | Q(**{other: joining.kept})).delete()
    move(model, column, joining)


def overrides(model: Model, column: str, joining: Joining) -> None:
    """Of two open judgements of the owner, the later one holds."""
    both = model._base_manager.filter(
        **{f"{column}__in": [joining.kept, joining.gone], "ended_at": None}
    )
    newest_first = both.order_by("-at", "-pk").values_list("pk", "at")
    for (_pk, replaced_at), (older, _at) in pairwise(newest_first):
        model._base_manager.filter(pk=older).update(ended_at=replaced_at)
    move(model, column, joining)


def follow_ups(model: Model, column: str, joining: Joining) -> None:
    """History moves.  Of two open steps for one purpose the one kept is put off as far as either.

    The other is closed by the planner, as it does for everybody who is no longer in the list.
    """
    _rows(model, column, joining.gone).exclude(closed_at=None).update(**{column: joining.kept})
    mine = {row.purpose: row for row in _rows(model, column, joining.kept).filter(closed_at=None)}
    for row in _rows(model, column, joining.gone).filter(closed_at=None):
        same = mine.get(row.purpose)
        if same is None:
            model._base_manager.filter(pk=row.pk).update(**{column: joining.kept})
        elif row.deferred_until and (
            same.deferred_until is None or row.deferred_until > same.deferred_until
        ):
            model._base_manager.filter(pk=same.pk).update(
                deferred_until=row.deferred_until,
                deferred_for=row.deferred_for,
                deferred_at=row.deferred_at,
                times_deferred=max(same.times_deferred, row.times_deferred),
            )


def shares(model: Model, column: str, joining: Joining) -> None:
    """A group sees of the one what it saw of the one of whom it saw less."""
    mine = {row.membership_id: row for row in _rows(model, column, joining.kept)}
    theirs = {
        row.membership_id: row
        for row in _rows(model, column, joining.gone).select_related("membership")
    }
    for row in theirs.values():
        own = mine.get(row.membership_id)
        usual = row.membership.grain
        if own is not None:
            least = min(own.grain, row.grain)
            model._base_manager.filter(pk=own.pk).update(grain=least)
            row.delete()
        elif row.grain <= usual:
            model._base_manager.filter(pk=row.pk).update(**{column: joining.kept})
        else:
            row.delete()
    for membership, own in mine.items():
        if membership not in theirs and own.grain > own.membership.grain:
            own.delete()


RULES: dict[str, Rule] = {
    "contacts.Contact_tags.contact": move_unless_there("tag"),
    "contacts.ContactPoint.contact": points,
    "contacts.Position.contact": positions,
    "contacts.Participation.contact": move_unless_there("interaction"),
    "contacts.Promise.contact": move,
    "contacts.TheirDate.contact": their_dates,
    "contacts.ImportRow.contact": move,  # so that undoing the import takes from who has it
    "contacts.Pick.contact": move_unless_there("batch"),
    "contacts.DuplicatePair.first": doubles,
    "contacts.DuplicatePair.second": doubles,
    "contacts.BulkEditRow.contact": stay,  # tells how this entry was; parted, it can go back
    "contacts.SearchText.contact": stay,  # written anew for whoever is in the list
    "contacts.Merge.kept": stay,
    "contacts.MergedPerson.contact": stay,
    "introductions.Introduction.introducer": introductions,
    "introductions.Introduction.introducee": introductions,
    "introductions.Introduction.introduced": introductions,
    "introductions.Referral.giver": not_about_oneself("giver", "to_contact", "to_name"),
    "introductions.Referral.to_contact": not_about_oneself("giver", "to_contact", "to_name"),
    "introductions.Ask.contact": not_about_oneself("contact", "about"),
    "introductions.Ask.about": not_about_oneself("contact", "about"),
    "introductions.Give.contact": gives,
    "introductions.ThankYou.contact": thank_yous,
    "introductions.TrustState.contact": stay,  # follows from the evidence that moves
    "introductions.TrustOverride.contact": overrides,
    "introductions.Opportunity.through": move,
    "introductions.Opportunity_people.contact": move_unless_there("opportunity"),
    "followups.FollowUp.contact": follow_ups,
    "followups.Rhythm.contact": move_unless_there("owner"),
    "followups.WroteAnyway.contact": move,
    "groups.PersonShare.contact": shares,
    "groups.NoteShare.contact": move_unless_there("membership", "text"),
    "groups.Comment.about": move,
    "groups.RoomMatch.contact": move,
}

"""The chain map, drawn from introductions and offers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils.translation import gettext

from contacts.models import Contact, Organization
from contacts.selectors import current_positions
from introductions import selectors, words
from introductions.engine import workflow
from netcrm.kit.charts import chain, rings
from netcrm.kit.charts.drawing import Chart
from netcrm.kit.templatetags.look import initials

if TYPE_CHECKING:
    from netcrm.accounts.models import User


def chain_map(
    owner: User,
    standings: Sequence[selectors.Standing],
    offers: Sequence[selectors.Offer],
    *,
    branch: str,
    uid: str,
) -> chain.ChainMap:
    """Everybody the owner knows through introductions, and the names offered; one query."""
    hops = [s for s in standings if s.row.made_at and s.role in _ON_A_CHAIN]
    links = [
        chain.Link(
            source=str(s.row.introducer_id),
            target=str(s.other.pk),
            state="open" if s.loop_open else "happened",
        )
        for s in reversed(hops)
    ]
    met = {link.target for link in links}
    first = dict.fromkeys(link.source for link in links)
    drawn: dict[str, Contact] = {}
    for s in hops:
        for person in (s.row.introducer, s.other):
            drawn.setdefault(str(person.pk), person)
    for offer in offers:
        giver = str(offer.giver.pk)
        drawn.setdefault(giver, offer.giver)
        if giver not in met:
            first.setdefault(giver)
        target = offer.referral.to_contact
        key = str(target.pk) if target else f"offer-{offer.referral.pk}"
        if target:
            drawn.setdefault(key, target)
        links.append(chain.Link(source=giver, target=key, state="offered"))
    starts = [chain.Link(source="", target=key) for key in _starts(first, met, links)]
    levels = selectors.known(owner, [person.pk for person in drawn.values()])
    people = [
        _drawn(key, person.name, levels[person.pk].level, person.get_absolute_url())
        for key, person in drawn.items()
        if person.pk in levels
    ]
    people += [
        _drawn(f"offer-{offer.referral.pk}", offer.to, 0, offer.giver.get_absolute_url())
        for offer in offers
        if offer.referral.to_contact is None
    ]
    return chain.chain(people, [*starts, *links], uid=uid, branch=branch)


def _starts(
    introducers: Iterable[str], met: Collection[str], links: Sequence[chain.Link]
) -> list[str]:
    """Whom the owner knew without being introduced.

    People who introduced each other in a circle hang on nobody: the first of them is a start.
    """
    below: dict[str, list[str]] = {}
    for link in links:
        below.setdefault(link.source, []).append(link.target)
    starts: list[str] = []
    reached: set[str] = set()
    for key in sorted(introducers, key=lambda one: one in met):  # stable: first come, first
        if key in reached:
            continue
        starts.append(key)
        queue = [key]
        while queue:
            one = queue.pop()
            if one not in reached:
                reached.add(one)
                queue += below.get(one, ())
    return starts


_ON_A_CHAIN = (workflow.Role.INTRODUCEE, workflow.Role.INTRODUCED)


def _drawn(key: str, name: str, step: int, url: str) -> chain.Person:
    return chain.Person(
        key=key,
        name=name,
        initials=initials(name),
        step=step,
        word=str(words.STEP_WORDS[step]),
        url=url,
    )


SECTORS = 7  # targets with a sector of their own; the first by name
ON_THE_MAP = 200  # people in the map's table; the first sixty are drawn


def who_where(owner: User, *, uid: str) -> Chart:
    """The owner's active people by trust and target, whoever trusts most first; two queries."""
    wanted = list(Organization.objects.visible_to(owner).targets().order_by("name")[:SECTORS])
    names = {one.pk: one.name for one in wanted}
    elsewhere = gettext("Elsewhere")
    people = (
        Contact.objects.visible_to(owner)
        .active()
        .select_related("trust_state")
        .prefetch_related(current_positions())
        .order_by(F("trust_state__level").desc(nulls_last=True), "name_key", "pk")
    )
    marks = [
        rings.Mark(
            name=person.name,
            initials=initials(person.name),
            step=selectors.level_of(person),
            sector=next(
                (
                    names[job.organization_id]
                    for job in person.current_positions  # type: ignore[attr-defined]
                    if job.organization_id in names
                ),
                elsewhere,
            ),
            url=person.get_absolute_url(),
        )
        for person in people[:ON_THE_MAP]
    ]
    return rings.rings(marks, [*dict.fromkeys(names.values()), elsewhere], uid=uid)

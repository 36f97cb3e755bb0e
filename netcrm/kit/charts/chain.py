"""The chain map: who introduced whom, from you to the right, and how far each trusts you.

The layout is a tidy tree: leaves in the order given, parents half-way between their
first and last child, one column a hop.  Nothing is iterated to rest, so the same
people always stand in the same places.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from netcrm.kit.charts.drawing import (
    Chart,
    Label,
    checked_uid,
    clean,
    number,
    picture,
    ring,
    shorten,
    tag,
    width_of,
    write,
)

State = Literal["happened", "offered", "open"]

COLUMN = 176  # pixels from one hop to the next
ROW = 114  # pixels from one leaf to the next
MOST = 60  # people in one drawing; more are shown a branch at a time
MOST_OF_A_BRANCH = 500  # a branch that was asked for is drawn whole (feature N11)


@dataclass(frozen=True, kw_only=True)
class Person:
    """``step`` is their trust in you, 0..5; ``word`` is its name; ``url`` their page."""

    key: str
    name: str
    initials: str
    step: int
    word: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Link:
    """``source`` introduced you to ``target``; source ``""`` means nobody did: you knew them.

    ``happened``, ``offered`` (not used yet) or ``open`` (the introducer has not heard back).
    """

    source: str
    target: str
    state: State = "happened"


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One of the people next to you, and how many came through them, themselves included."""

    key: str
    name: str
    people: int
    shown: bool


@dataclass(frozen=True, kw_only=True)
class ChainMap:
    """``outline`` is the same tree as nested lists of links: what small screens show.

    ``branches`` has an entry for each person next to you; when the whole was too
    large, only those with ``shown`` are drawn.  ``left_out`` counts people who found
    no place even so.
    """

    chart: Chart
    outline: SafeString
    branches: tuple[Branch, ...]
    left_out: int


@dataclass(frozen=True, kw_only=True)
class _Place:
    person: Person
    state: State
    depth: int
    y: float
    parent: str


def chain(
    people: Sequence[Person],
    links: Sequence[Link],
    *,
    uid: str,
    branch: str = "",
    most: int = MOST,
    most_of_branch: int = MOST_OF_A_BRANCH,
) -> ChainMap:
    """Draw everyone who can be reached from you over ``links``.

    Someone introduced twice hangs under the first introducer; the other line is drawn
    thin.  Loops are cut where they would close.  ``branch``, the key of a person next to you,
    draws what hangs on that person, up to ``most_of_branch`` people.  Without it the largest
    branch is drawn where there are more than ``most`` people, and of that the nearest ``most``.
    """
    checked_uid(uid)
    by_key = {person.key: person for person in people}
    known = [link for link in links if link.target in by_key and link.source != link.target]
    children: dict[str, list[Link]] = {}
    parent_of: dict[str, str] = {}
    for link in known:
        children.setdefault(link.source, []).append(link)
    tree: dict[str, list[Link]] = {}
    queue = deque([""])
    while queue:
        source = queue.popleft()
        for link in children.get(source, ()):
            if link.target in parent_of:
                continue
            parent_of[link.target] = source
            tree.setdefault(source, []).append(link)
            queue.append(link.target)

    roots = tree.get("", [])
    counts = _counts(tree)
    chosen = branch if branch in {link.target for link in roots} else ""
    room = most_of_branch if chosen else most
    if not chosen and len(parent_of) > most:
        chosen = max(roots, key=lambda link: counts[link.target]).target
    drawn_roots = [link for link in roots if link.target == chosen or not chosen]
    drawn = _nearest(tree, drawn_roots, room)
    pruned = {
        source: [link for link in links_ if link.target in drawn] for source, links_ in tree.items()
    }
    pruned[""] = drawn_roots
    places = _layout(pruned, by_key)
    missing = {
        key: counts[key] - 1 - sum(counts[link.target] for link in pruned.get(key, []))
        for key in drawn
    }
    title, summary = _words(places)
    shown_roots = {link.target for link in drawn_roots}
    chart = Chart(
        svg=_draw(places, known, missing, uid=uid, title=title, summary=summary),
        title=title,
        summary=summary,
        headings=(_("Person"), _("Introduced by"), _("Trust"), _("State")),
        rows=tuple(
            (
                spot.person.name,
                by_key[spot.parent].name if spot.parent else _("You"),
                spot.person.word,
                state_word(spot.state),
            )
            for spot in places.values()
        ),
    )
    return ChainMap(
        chart=chart,
        outline=_outline(pruned, by_key),
        branches=tuple(
            Branch(
                key=link.target,
                name=by_key[link.target].name,
                people=counts[link.target],
                shown=link.target in shown_roots,
            )
            for link in roots
        ),
        left_out=sum(counts[link.target] for link in drawn_roots) - len(drawn),
    )


def state_word(state: State) -> str:
    if state == "happened":
        return _("happened")
    return _("loop open") if state == "open" else _("offered, not used yet")


def _counts(tree: dict[str, list[Link]]) -> dict[str, int]:
    """How many people hang on each, themselves included.  Iterative: chains can be long."""
    order = [""]
    for key in order:
        order += [link.target for link in tree.get(key, [])]
    counts: dict[str, int] = {}
    for key in reversed(order):
        counts[key] = 1 + sum(counts[link.target] for link in tree.get(key, []))
    return counts


def _nearest(tree: dict[str, list[Link]], roots: Sequence[Link], most: int) -> set[str]:
    """The first ``most`` people, nearest to you first."""
    order = [link.target for link in roots]
    for key in order:
        if len(order) >= most:
            break
        order += [link.target for link in tree.get(key, [])]
    return set(order[:most])


def _layout(tree: dict[str, list[Link]], by_key: dict[str, Person]) -> dict[str, _Place]:
    """A place for each person, in reading order; y in rows."""
    heights: dict[str, float] = {}
    depth = {"": 0}
    entry: dict[str, tuple[Link, str]] = {}
    order: list[str] = []
    row = 0
    stack: list[tuple[str, bool]] = [("", False)]
    while stack:
        key, done = stack.pop()
        below = tree.get(key, [])
        if done:
            first, last = below[0].target, below[-1].target
            heights[key] = (heights[first] + heights[last]) / 2
            continue
        order.append(key)
        if not below:
            heights[key] = row
            row += 1
            continue
        stack.append((key, True))
        for link in reversed(below):
            depth[link.target] = depth[key] + 1
            entry[link.target] = (link, key)
            stack.append((link.target, False))
    return {
        key: _Place(
            person=by_key[key],
            state=entry[key][0].state,
            depth=depth[key],
            y=heights[key],
            parent=entry[key][1],
        )
        for key in order
        if key
    }


def _words(places: dict[str, _Place]) -> tuple[str, str]:
    title = _("Your introductions")
    count = len(places)
    if not count:
        return title, _("Nobody is here yet.")
    open_loops = sum(spot.state == "open" for spot in places.values())
    unused = sum(spot.state == "offered" for spot in places.values())
    sentences = [
        ngettext(
            "%(n)d person, from you to the right.", "%(n)d people, from you to the right.", count
        )
        % {"n": count}
    ]
    if open_loops:
        sentences.append(
            ngettext("%(n)d loop is open.", "%(n)d loops are open.", open_loops) % {"n": open_loops}
        )
    if unused:
        sentences.append(
            ngettext("%(n)d offer is not used yet.", "%(n)d offers are not used yet.", unused)
            % {"n": unused}
        )
    return title, " ".join(sentences)


def _draw(
    places: dict[str, _Place],
    links: Sequence[Link],
    missing: dict[str, int],
    *,
    uid: str,
    title: str,
    summary: str,
) -> SafeString:
    rows = max((spot.y for spot in places.values()), default=0)
    hops = max((spot.depth for spot in places.values()), default=0)
    shallow = [spot.y for spot in places.values() if spot.depth == 1]
    you_y = (min(shallow) + max(shallow)) / 2 if shallow else 0

    def x_of(depth: int) -> float:
        return 52 + depth * COLUMN - (COLUMN * 0.12 if depth else 0)

    def y_of(row: float) -> float:
        return 44 + row * ROW

    points = {key: (x_of(spot.depth), y_of(spot.y)) for key, spot in places.items()}
    points[""] = (52.0, y_of(you_y))

    curves: list[str] = []
    again: list[str] = []
    for link in links:
        if link.source not in points or link.target not in points:
            continue
        first = places[link.target].parent == link.source
        (x1, y1), (x2, y2) = points[link.source], points[link.target]
        middle = (x1 + x2) / 2
        d = (
            f"M{number(x1)} {number(y1)}C{number(middle)} {number(y1)} "
            f"{number(middle)} {number(y2)} {number(x2)} {number(y2)}"
        )
        (curves if first else again).append(
            tag("path", d=d, classes=f"ch-edge-{link.state}" + ("" if first else " ch-again"))
        )
    body = again + curves
    x, y = points[""]
    body.append(
        tag("circle", cx=x, cy=y, r=32, classes="ch-paper")
        + tag("circle", cx=x, cy=y, r=26, classes="ch-primary")
        + write(Label(text=_("You"), x=x, classes="ch-on-primary", bold=True, size=14), y + 5)
    )
    body += [_person(spot, *points[key], missing.get(key, 0)) for key, spot in places.items()]
    foot = y_of(rows) + 104
    width = max(x_of(hops) + 84, 560)
    body.append(_legend(foot))
    return picture(
        "".join(body),
        uid=uid,
        width=width,
        height=foot + 18,
        title=title,
        summary=summary,
        classes="ch-chain",
        has_links=True,
    )


def _person(spot: _Place, x: float, y: float, missing: int) -> str:
    person = spot.person
    room = COLUMN - 24
    name = shorten(person.name, room, 14, bold=True)
    word = shorten(person.word, room, 13)
    node = " ".join(
        [
            tag("circle", cx=x, cy=y, r=33, classes="ch-paper ch-node-back"),
            tag("circle", cx=x, cy=y, r=24, classes="ch-primary-soft"),
            ring(x, y, 29, person.step),
            write(Label(text=name, x=x, classes="ch-ink ch-haloed", bold=True, size=14), y + 49),
            write(Label(text=word, x=x, classes="ch-ink-2 ch-haloed"), y + 65),
        ]
    )
    # What a link is called begins with what it shows (WCAG 2.5.3).
    said = [f"{name} {word}"]
    if (name, word) != (person.name, person.word):
        said.append(f"{person.name} {person.word}")
    if spot.state != "happened":
        said.append(state_word(spot.state))
    label = ", ".join(said)
    drawn = (
        tag("a", node, href=person.url, aria_label=label, classes="ch-node")
        if person.url
        else tag("g", node)
    )
    drawn += write(
        Label(text=person.initials, x=x, classes="ch-primary", bold=True, size=14, unsaid=True),
        y + 5,
    )
    if missing:
        more = Label(text=f"+{missing}", x=x + 27, classes="ch-ink-2", bold=True, unsaid=True)
        drawn += tag("circle", cx=x + 27, cy=y - 22, r=13, classes="ch-paper")
        drawn += write(more, y - 17.5)
    return drawn


def _legend(y: float) -> str:
    parts, x = [], 20.0
    states: tuple[State, ...] = ("happened", "offered", "open")
    for state in states:
        word = state_word(state)
        parts.append(
            tag("line", x1=x, x2=x + 34, y1=y - 4, y2=y - 4, classes=f"ch-edge-{state}")
            + write(Label(text=word, x=x + 42, anchor="start"), y)
        )
        x += 72 + width_of(word, 13)
    return "".join(parts)


def _outline(tree: dict[str, list[Link]], by_key: dict[str, Person]) -> SafeString:
    """The tree as nested lists.  Iterative, so that a long chain does not exhaust the stack."""
    if not tree.get(""):
        return SafeString("")
    parts = ['<ul class="outline">']
    stack: list[Link | str] = ["</ul>", *reversed(tree[""])]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        person = by_key[item.target]
        name = tag("a", clean(person.name), href=person.url) if person.url else clean(person.name)
        word = (
            person.word
            if item.state == "happened"
            else (f"{person.word} · {state_word(item.state)}")
        )
        parts.append(f"<li>{name} {tag('span', clean(word), classes='quiet-text')}")
        below = tree.get(item.target, [])
        stack.append("</li>")
        if below:
            parts.append("<ul>")
            stack.append("</ul>")
            stack.extend(reversed(below))
    return mark_safe("".join(parts))  # noqa: S308  # every part was escaped

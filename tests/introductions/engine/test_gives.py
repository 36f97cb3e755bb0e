import random
from datetime import date, timedelta
from time import process_time

import pytest

from introductions.engine.gives import (
    IDEAS,
    Effort,
    Entry,
    Kind,
    Ledger,
    Said,
    Wish,
    effort,
    give_first,
    ledger,
    suggest,
    who_could_use_whom,
)

DAY = date(2026, 11, 17)


def test_there_are_at_least_twenty_ideas_each_its_own():
    assert len(IDEAS) >= 20
    assert len({i.key for i in IDEAS}) == len({i.text for i in IDEAS}) == len(IDEAS)
    assert {i.kind for i in IDEAS} == set(Kind)
    assert all(0 < i.minutes <= 60 for i in IDEAS)


def test_what_the_person_said_brings_up_the_ideas_that_meet_it():
    said = [
        Said(text="Her daughter starts college; nervous about the exam", on=DAY, ref="coffee"),
        Said(text="uses payroll software she hates", on=DAY - timedelta(days=9)),
    ]
    found = suggest(said)
    assert found[0].idea.key == "young_person"
    assert (found[0].topic, found[0].on, found[0].ref) == ("college", DAY, "coffee")
    assert "tool" in [s.idea.key for s in found]


def test_somebody_of_whom_nothing_is_known_still_gets_ideas_that_fit_everybody():
    found = suggest([])
    assert found
    assert all(not s.idea.fits and not s.topic for s in found)


def test_an_idea_already_given_is_not_suggested_again():
    first = suggest([])[0].idea.key
    assert first not in [s.idea.key for s in suggest([], done=[first], most=99)]


def test_own_ideas_join_the_built_in_ones():
    own = type(IDEAS[0])(
        key="own", kind=Kind.OTHER, text="Bring bread.", minutes=5, fits=frozenset({"baking"})
    )
    assert suggest([Said(text="loves baking")], ideas=[*IDEAS, own])[0].idea is own


def test_the_order_of_what_was_said_is_of_no_account():
    said = [Said(text=t, on=DAY) for t in ("a talk", "a conference talk", "hiring for her team")]
    assert suggest(said, most=9) == suggest(said[::-1], most=9)


def test_a_need_meets_an_offer_and_the_rarest_word_says_why():
    needs = [
        Wish(person="raj", text="Looking for payroll tools, and a good plumber"),
        Wish(person="eve", text="payroll"),
    ]
    offers = [
        Wish(person="ken", text="Ran payroll for ten years"),
        Wish(person="liz", text="Is a plumber"),
    ]
    found = who_could_use_whom(needs, offers)
    assert [(m.need.person, m.offer.person, m.topic) for m in found] == [
        ("raj", "liz", "plumber"),
        ("raj", "ken", "payroll"),
        ("eve", "ken", "payroll"),
    ]


def test_people_who_know_each_other_and_oneself_are_left_out():
    needs, offers = [Wish(person="raj", text="payroll")], [Wish(person="ken", text="payroll")]
    assert who_could_use_whom(needs, offers, acquainted={frozenset({"raj", "ken"})}) == ()
    assert who_could_use_whom(needs, [Wish(person="raj", text="payroll")]) == ()


def test_a_pair_is_named_once_with_its_best_match():
    needs = [Wish(person="raj", text="payroll audit"), Wish(person="raj", text="audit")]
    offers = [Wish(person="ken", text="payroll audit")]
    (match,) = who_could_use_whom(needs, offers)
    assert match.shared == {"payroll", "audit"}


def test_two_thousand_people_are_matched_quickly():
    rng = random.Random(1)
    vocabulary = [f"topic{n}" for n in range(800)]
    wishes = [
        [Wish(person=(side, n), text=" ".join(rng.choices(vocabulary, k=4))) for n in range(2000)]
        for side in "no"
    ]
    began = process_time()
    assert len(who_could_use_whom(*wishes)) == 10
    assert process_time() - began < 3


@pytest.mark.parametrize(
    ("is_ask", "earlier", "kind"),
    [
        (False, 0, Effort.BUILDING),
        (False, 1, Effort.BUILDING),
        (False, 2, Effort.MAINTAINING),
        (True, 0, Effort.USING),
        (True, 9, Effort.USING),
    ],
)
def test_an_exchange_builds_keeps_up_or_uses(is_ask, earlier, kind):
    assert effort(is_ask=is_ask, earlier_contacts=earlier) is kind


ENTRIES = [
    Entry(by_me=True, kind=Kind.THANKS, on=DAY - timedelta(days=40)),
    Entry(by_me=True, kind=Kind.TIME, on=DAY - timedelta(days=90)),
    *[Entry(by_me=False, kind=Kind.INFORMATION, on=DAY - timedelta(days=n)) for n in range(5)],
]


def test_the_ledger_says_how_often_each_way_and_when_last():
    found = ledger(ENTRIES)
    assert (found.given, found.received) == (2, 5)
    assert found.last_given_on == DAY - timedelta(days=40)
    assert found.last_received_on == DAY
    assert found.given_kinds == {Kind.TIME: 1, Kind.THANKS: 1}
    assert ledger(reversed(ENTRIES)) == found


def test_the_ledger_has_no_balance():
    names = set(Ledger.__dataclass_fields__)
    assert not names & {"balance", "net", "owed", "score", "total", "difference"}


def test_an_empty_ledger_has_no_days():
    found = ledger([])
    assert (found.given, found.received, found.last_given_on) == (0, 0, None)


def test_ideas_come_first_when_much_was_received_and_little_given():
    assert give_first(ledger(ENTRIES))
    assert not give_first(ledger(ENTRIES[:-1]))

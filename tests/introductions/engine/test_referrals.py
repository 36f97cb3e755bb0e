from datetime import date

import pytest

from introductions.engine import referrals
from introductions.engine.referrals import Given, Point, lesson, lesson_of, points, run

DAY = date(2026, 11, 17)


def gave(step, substance, n=1, giver="shirley"):
    return Given(ref=n, giver=giver, on=DAY.replace(day=n), step=step, substance=substance)


def test_a_public_name_from_somebody_new_is_the_lesson_of_georges_story():
    found = lesson_of(gave(1, 0))
    assert (found.code, found.facts) == ("lesson.anyone_from_new", {"step": 1})


@pytest.mark.parametrize(
    ("step", "substance", "code"),
    [
        (0, 2, "lesson.name_from_new"),
        (2, 2, "lesson.name_from_new"),
        (2, 3, "lesson.early_gift"),
        (3, 2, "lesson.careful_friend"),
        (3, 3, "lesson.trust_shows"),
        (5, 5, "lesson.trust_shows"),
    ],
)
def test_what_one_referral_says(step, substance, code):
    assert lesson_of(gave(step, substance)).code == code


def test_every_lesson_has_its_facts():
    some = [[], [gave(1, 0)], [gave(4, 4)], [gave(1, 0), gave(4, 4)], [gave(1, 4), gave(4, 0)]]
    for found in [lesson(s) for s in some] + [
        lesson_of(gave(a, b)) for a in range(6) for b in range(6)
    ]:
        assert set(found.facts) == referrals.CODES[found.code]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([], "lesson.none_yet"),
        ([(1, 0), (2, 4)], "lesson.all_new"),
        ([(3, 0), (4, 4)], "lesson.all_known"),
        ([(1, 0), (1, 1), (4, 4)], "lesson.grows"),
        ([(1, 0), (1, 3), (4, 4), (4, 0)], "lesson.open"),
        ([(1, 4), (4, 0)], "lesson.open"),
    ],
)
def test_what_all_of_them_say_together(given, code):
    assert lesson([gave(*g) for g in given]).code == code


def test_equal_dots_are_counted_and_in_order():
    assert points([gave(4, 4, 3), gave(1, 0, 2), gave(1, 0, 1)]) == (
        Point(step=1, substance=0, count=2, refs=(1, 2)),
        Point(step=4, substance=4, count=1, refs=(3,)),
    )


def test_the_run_of_one_person_is_in_order_of_time():
    mixed = [gave(4, 4, 3), gave(1, 1, 2, giver="lee"), gave(1, 0, 1)]
    assert [g.substance for g in run(mixed, "shirley")] == [0, 4]


def test_steps_and_substances_beyond_the_scale_are_refused():
    with pytest.raises(ValueError, match="substance is 6"):
        gave(1, 6)
    with pytest.raises(ValueError, match="step is -1"):
        gave(-1, 0)

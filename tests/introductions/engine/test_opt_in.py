from datetime import date, timedelta
from itertools import product

import pytest

from introductions.engine.opt_in import Answer, Outcome, allowance, is_final, outcome, reveals

DAY = date(2026, 11, 2)


@pytest.mark.parametrize("answers", list(product([None, *Answer], repeat=2)), ids=str)
def test_two_answers_come_to_one_thing_in_any_order(answers):
    came_to = outcome(answers)
    assert came_to is outcome(answers[::-1])
    if Answer.NO in answers:
        assert came_to is Outcome.DECLINED
    else:
        assert (came_to is Outcome.AGREED) == (answers == (Answer.YES, Answer.YES))


def test_two_are_asked_and_not_three():
    with pytest.raises(ValueError, match="expected 2"):
        outcome([Answer.YES] * 3)


def test_later_may_be_changed_and_yes_and_no_stand():
    assert [is_final(a) for a in (None, Answer.LATER, Answer.YES, Answer.NO)] == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("She runs payroll for three hospitals.", ()),
        ("Dana runs payroll.", ("dana",)),
        ("Ask Dr REYES.", ("reyes",)),
        ("Write to d@x.test", ("d@x.test",)),
        ("See https://example.test/dana-reyes and www.example.test", 2),
        ("Ring 020 7946 0958", ("020 7946 0958",)),
        ("Zoë Ångström", ()),
        ("She moved 300 people in 2024.", ()),
    ],
)
def test_a_text_that_names_the_other_is_found_out(text, found):
    said = reveals(text, name="Dana Reyes")
    assert (len(said) >= found) if isinstance(found, int) else said == found


def test_a_name_is_found_without_accents_and_an_initial_is_nobody():
    assert reveals("I know zoe well", name="Zoë A. Ångström") == ("zoe",)
    assert reveals("A plan for a team", name="A. B.") == ()


def test_an_account_is_new_for_thirty_days():
    assert [allowance(joined_on=DAY, on=DAY + timedelta(days=n)) for n in (0, 29, 30)] == [
        20,
        20,
        100,
    ]

"""A change of facts and its plan stand or fall together."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from netcrm.kit import facts

heard: list[frozenset[UUID] | None] = []


def listen(owner: object, *, contacts: frozenset[UUID] | None, at: object) -> None:
    heard.append(contacts)


@pytest.fixture(autouse=True)
def listener(settings):
    heard.clear()
    settings.FACTS_LISTENER = "tests.netcrm.test_facts.listen"


def test_nested_changes_are_told_once_with_everyone_named(ana, now):
    one, two = uuid4(), uuid4()
    with facts.change(ana, at=now) as outer:
        outer.add(one)
        with facts.change(ana, at=now) as inner:
            inner.add(two)
        assert heard == []
    assert heard == [frozenset({one, two})]


def test_nothing_changed_is_not_told(ana, now):
    with facts.change(ana, at=now):
        pass
    assert heard == []


def test_an_error_undoes_the_facts_and_tells_nobody(ana, now):
    def change_and_fail():
        with facts.change(ana, at=now) as changed:
            ana.name = "Changed"
            ana.save()
            changed.everyone()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    ana.refresh_from_db()
    assert ana.name == "Ana Ruiz"
    assert heard == []


def test_a_change_never_spans_two_owners(ana, ben, now):
    with (
        facts.change(ana, at=now),
        pytest.raises(ValueError, match="one owner"),
        facts.change(ben, at=now),
    ):
        pass


def test_everyone_outweighs_names(ana, now):
    with facts.change(ana, at=now) as changed:
        changed.add(uuid4())
        changed.everyone()
    assert heard == [None]

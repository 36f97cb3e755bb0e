"""What the database itself refuses."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import IntegrityError, transaction

from introductions.engine import workflow
from introductions.models import Introduction
from tests import make

State = workflow.State


@pytest.fixture
def ann(ana):
    return make.contact(ana, "Ann Lee")


@pytest.fixture
def bill(ana):
    return make.contact(ana, "Bill Moss")


def test_an_introduction_needs_three_different_people(ann, bill):
    with pytest.raises(IntegrityError), transaction.atomic():
        make.introduction(ann, ann)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.introduction(make.me(ann.owner), bill)


@pytest.mark.parametrize("old", [s for s in State if s is not State.CLOSED])
def test_the_database_knows_the_same_moves_as_the_engine(ann, bill, old):
    for new in State:
        row = make.introduction(ann, bill, state=old)
        outcome = "dropped" if new is State.CLOSED else ""
        change = Introduction.objects.filter(pk=row.pk)
        if new is old or workflow.may(old, new):
            assert change.update(state=new, outcome=outcome) == 1
        else:
            with pytest.raises(IntegrityError), transaction.atomic():
                change.update(state=new, outcome=outcome)


def test_the_copy_in_the_migration_is_the_engines_table():
    moves = import_module("introductions.migrations.0002_refuse_illegal_moves").MOVES
    assert {old: set(news) for old, news in moves.items()} == {
        old.value: {new.value for new in news} for old, news in workflow.TRANSITIONS.items() if news
    }


def test_a_closed_introduction_says_how_it_ended(ann, bill):
    with pytest.raises(IntegrityError), transaction.atomic():
        make.introduction(ann, bill, state="closed")

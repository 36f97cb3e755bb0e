"""The measuring itself, on a few made-up messages."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.cadence import auc, fitted, main
from tests.bench.messages import (
    DAY,
    MessageSet,
    find,
    health_questions,
    is_held_out,
    load,
    reply_questions,
)

SMALL = MessageSet(name="small", most_recipients=1, conversation_gap_days=2, horizon_days=20)


@pytest.fixture
def small(tmp_path):
    """Thirty people who write to the next one every ten days; the even ones are answered."""
    rows = []
    for person in range(30):
        for n in range(20):
            sent = (n * 10 + person / 10) * DAY
            rows.append((person, person + 100, sent))
            if person % 2 == 0:
                rows.append((person + 100, person, sent + DAY / 2))
    rows += [(1, 2, 5.0), (1, 3, 5.0)]  # one message to two people is not personal
    text = "src,dst,unix_time\n" + "\n".join(f"{a},{b},{t}" for a, b, t in rows)
    (tmp_path / "small.csv").write_text(text)
    return tmp_path


def test_pairs_are_read_without_letters_to_many(small):
    pairs = load(find(small, "small"), 1)
    assert len(pairs) == 30
    assert {len(pair.seconds) for pair in pairs} == {20, 40}


def test_questions_are_answered_from_what_came_later(small):
    pairs = load(find(small, "small"), 1)
    health = health_questions(pairs, SMALL)
    assert health.happened.mean() == pytest.approx(0.5, abs=0.1)
    assert auc(health.happened[health.held_out], health.engine[health.held_out]) > 0.9
    reply = reply_questions(pairs, SMALL)
    from_the_writer = reply.features[:, 0] != 0.0
    assert reply.happened[from_the_writer].any()
    assert 0 < reply.held_out.mean() < 1


def test_own_outcomes_pull_a_members_chances_towards_their_rate(small):
    reply = reply_questions(load(find(small, "small"), 1), SMALL)
    answered = reply.held_out & reply.happened
    assert reply.own[answered].mean() > reply.engine[answered].mean()


def test_about_half_the_members_are_held_out():
    assert 0.4 < np.mean([is_held_out(member) for member in range(1_000)]) < 0.6


def test_auc_is_the_share_of_pairs_put_in_order():
    truth = np.array([True, True, False, False])
    assert auc(truth, np.array([0.9, 0.4, 0.5, 0.1])) == 0.75
    assert auc(truth, np.array([0.5, 0.5, 0.5, 0.5])) == 0.5


def test_a_fitted_model_finds_the_slope_that_made_the_data():
    random = np.random.default_rng(1)
    x = random.normal(size=(4_000, 1))
    truth = random.random(4_000) < 1 / (1 + np.exp(-(0.5 + 2.0 * x[:, 0])))
    said = fitted(x, truth)(np.array([[0.0], [1.0]]))
    assert said == pytest.approx([0.62, 0.92], abs=0.03)


def test_without_the_data_it_says_so_and_goes_on(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["cadence", "--data", str(tmp_path), "--only", "messages"])
    main()
    assert "Skipped: no data for collegemsg, email_eu, enron, rdevel" in capsys.readouterr().out

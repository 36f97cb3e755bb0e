"""No field of a member's list reaches a leader beyond the grain: page, table, log, count."""

from __future__ import annotations

import pytest
from django.db.models import F
from django.urls import reverse

from introductions.models import TrustState
from netcrm.groups import services
from netcrm.groups.models import Figures, Grain, Membership, ViewLog
from tests.netcrm.leader.conftest import NOW, SECRETS

GRAINS = list(Grain)


@pytest.mark.parametrize("grain", GRAINS, ids=lambda grain: grain.name.lower())
def test_a_leader_reads_exactly_what_the_grain_allows(world, read, grain):
    world.share(grain)
    services.share_person(
        membership=world.membership, contact_id=world.bystander.pk, grain=Grain.NOTHING
    )
    text = read()
    for field, (secret, grains) in SECRETS.items():
        assert (secret in text) is (grain in grains), field


def test_without_consent_there_is_not_even_a_count(world, read, client):
    world.share(Grain.NAMES)
    read()
    world.share(Grain.NOTHING)
    client.force_login(world.lea)
    overview = client.get(reverse("groups:overview", args=[world.group.pk])).content.decode()
    assert "Dev Rao" in overview
    assert "Not shared" in overview
    assert "heatmap" not in overview
    for name in ("review", "comment"):
        method = client.get if name == "review" else client.post
        assert method(reverse(f"groups:{name}", args=[world.membership.pk])).status_code == 404


def test_a_hidden_person_is_in_no_count_from_the_next_request_on(world, client):
    world.share(Grain.NUMBERS)
    client.force_login(world.lea)
    address = reverse("groups:review", args=[world.membership.pk])
    assert client.get(address).context["page"].figures.people == 2
    services.share_person(
        membership=world.membership, contact_id=world.zephyrine.pk, grain=Grain.NOTHING
    )
    figures = client.get(address).context["page"].figures
    assert figures.people == 1
    assert figures.loops_open == figures.introductions_by_anybody == 0
    assert figures.deciders == figures.insiders == figures.others == 0
    assert figures.quiet_days is None
    assert figures.substances == []
    assert figures.asks_without_gives == 0


def test_readiness_is_counted_as_the_member_reads_it_and_without_who_is_hidden(world, client):
    world.share(Grain.NUMBERS)
    client.force_login(world.dev)
    own = client.get(reverse("introductions:give_ask")).context["groups"]
    client.force_login(world.lea)
    address = reverse("groups:review", args=[world.membership.pk])
    answer = client.get(address)
    counted = dict(answer.context["page"].ready)
    assert counted == {str(word): len(rows) for word, rows in own}
    assert sum(counted.values()) == 2
    assert "Could be asked for an introduction" in answer.content.decode()
    services.share_person(
        membership=world.membership, contact_id=world.zephyrine.pk, grain=Grain.NOTHING
    )
    assert sum(n for _word, n in client.get(address).context["page"].ready) == 1


def test_an_exception_shows_one_person_by_name_and_nobody_else(world, read):
    world.share(Grain.NUMBERS)
    services.share_person(
        membership=world.membership, contact_id=world.bystander.pk, grain=Grain.NAMES
    )
    text = read()
    assert "Perpetua Yonge" in text
    assert "Zephyrine" not in text
    assert "ZÝ" not in text


def test_an_exception_shows_nothing_while_the_group_sees_nothing(world, read):
    services.share_person(
        membership=world.membership, contact_id=world.bystander.pk, grain=Grain.NAMES
    )
    services.share_note(
        membership=world.membership, contact_id=world.zephyrine.pk, text="walks three whippets"
    )
    text = read()
    assert "Perpetua" not in text
    assert "whippets" not in text


def test_one_note_shown_on_purpose_is_the_only_one_and_names_nobody_beyond_the_grain(world, read):
    world.share(Grain.NUMBERS)
    services.share_note(
        membership=world.membership, contact_id=world.zephyrine.pk, text="whispered about a merger"
    )
    text = read()
    assert "whispered about a merger" in text
    assert "whippets" not in text
    assert "Zephyrine" not in text
    assert "ZÝ" not in text


def test_what_is_kept_of_counts_holds_no_word_of_the_list(world, read):
    world.share(Grain.NAMES)
    read()
    kept = str(Figures.objects.get().values)
    assert not [secret for secret, _grains in SECRETS.values() if secret in kept]
    assert str(world.zephyrine.pk) not in kept


def test_counts_made_under_another_consent_are_never_shown(world, client):
    world.share(Grain.NUMBERS)
    client.force_login(world.lea)
    overview = reverse("groups:overview", args=[world.group.pk])
    assert client.get(overview).context["page"].briefs[0].figures.people == 2
    Figures.objects.update(values=F("values"))  # as it was counted
    Membership.objects.filter(pk=world.membership.pk).update(
        consent_version=F("consent_version") + 1
    )
    TrustState.objects.all().delete()
    counted = client.get(overview).context["page"].briefs[0].figures
    assert counted.steps == [2, 0, 0, 0, 0, 0]


def test_the_preview_is_the_leaders_page(world, client):
    """The same template with the same values: the member's preview cannot say anything else."""
    for grain in (Grain.NUMBERS, Grain.SHAPE, Grain.NAMES):
        world.share(grain)
        client.force_login(world.lea)
        theirs = client.get(reverse("groups:review", args=[world.membership.pk]))
        client.force_login(world.dev)
        mine = client.get(reverse("groups:preview", args=[world.membership.pk]))
        assert _member_part(theirs) == _member_part(mine)
        assert "leader/_member.html" in {t.name for t in mine.templates}


def _member_part(answer) -> list:
    page = answer.context["page"]
    return [page.people, page.introductions, page.notes, page.figures, page.praise, page.remarks]


def test_a_preview_is_nobody_elses_and_leaves_no_trace(world, client, ben):
    world.share(Grain.NAMES)
    address = reverse("groups:preview", args=[world.membership.pk])
    for other in (world.lea, ben):
        client.force_login(other)
        assert client.get(address).status_code == 404
    client.force_login(world.dev)
    client.get(address)
    assert not ViewLog.objects.filter(member=world.dev).exists()


def test_a_comment_can_only_be_about_somebody_who_is_shown(world, client):
    world.share(Grain.NUMBERS)
    client.force_login(world.lea)
    address = reverse("groups:comment", args=[world.membership.pk])
    hidden = {"text": "Well done", "about": str(world.zephyrine.pk)}
    assert client.post(address, hidden).status_code == 422
    assert not world.membership.comments.exists()
    world.share(Grain.SHAPE)
    foreign = world.bystander.pk.__class__(int=5)
    answer = client.post(address, {"text": "Well done", "about": str(foreign)})
    assert answer.status_code == 422
    client.post(address, hidden)
    assert [c.about_id for c in world.membership.comments.all()] == [world.zephyrine.pk]


def test_an_export_holds_no_formula_and_nobody_who_hides(world, client):
    world.share(Grain.NUMBERS)
    services.send_report(
        membership=world.membership,
        on=NOW.date(),
        at=NOW,
        values={"win": '=HYPERLINK("evil")', "deciders": 3},
    )
    client.force_login(world.lea)
    address = reverse("groups:export", args=[world.group.pk])
    text = client.get(address).content.decode()
    assert "'=HYPERLINK" in text
    assert "Dev Rao" in text
    world.share(Grain.NOTHING)
    assert "Dev" not in client.get(address).content.decode()

"""No field of a member's list reaches a leader beyond the grain: page, table, log, count."""

from __future__ import annotations

import pytest
from django.db.models import F
from django.urls import reverse

from contacts import services as people
from contacts.engine.names import fold
from followups.models import FollowUp
from introductions import services as introductions
from introductions.models import TrustState
from netcrm.groups import services
from netcrm.groups.models import Figures, Grain, Membership, ViewLog, WeeklyReport
from tests import make
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
        assert _between(theirs.text, HEADLINE, SAY)
        assert _between(theirs.text, HEADLINE, SAY) == _between(mine.text, HEADLINE, DOWNLOADED)


HEADLINE, SAY = '<p class="headline">', '<section aria-labelledby="say"'
DOWNLOADED = '<p class="faint-text small mt-3">'


def _between(text: str, began: str, ended: str) -> str:
    return text.partition(began)[2].partition(ended)[0].strip()


def test_the_preview_shows_the_line_and_the_card_of_the_overview_too(world, client):
    world.share(Grain.NUMBERS)
    client.force_login(world.lea)
    theirs = client.get(reverse("groups:overview", args=[world.group.pk])).text
    client.force_login(world.dev)
    mine = client.get(reverse("groups:preview", args=[world.membership.pk])).text
    for began, ended in (('<table class="heatmap">', "</table>"), ('<p class="card-do">', "</dl>")):
        assert _between(theirs, began, ended)
        assert _between(theirs, began, ended) == _between(mine, began, ended)


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
    for key in (str(world.zephyrine.pk), "0" * 20):
        answer = client.post(address, {"text": "Well done", "about": key})
        assert answer.status_code == 422
        assert "Well done" in answer.text
    shown = {person.label: person.key for person in answer.context["page"].people.people}
    client.post(address, {"text": "Well done", "about": shown["ZÝ"]})
    assert [c.about_id for c in world.membership.comments.all()] == [world.zephyrine.pk]


def test_what_names_a_person_in_a_form_is_another_word_under_every_consent(world, client):
    """A key that stayed would say at the shape grain who stood there by name."""
    client.force_login(world.lea)
    review = reverse("groups:review", args=[world.membership.pk])
    seen: list[set[str]] = []
    for grain in (Grain.NAMES, Grain.SHAPE):
        world.share(grain)
        answer = client.get(review)
        assert str(world.zephyrine.pk) not in answer.text
        seen.append({person.key for person in answer.context["page"].people.people})
        assert all(key in answer.text for key in seen[-1])
    assert seen[0].isdisjoint(seen[1])


def test_the_order_of_people_says_nothing_that_is_not_shown(world, client):
    """Neither a name under the names grain nor when somebody was added shows through the order."""
    world.share(Grain.SHAPE)
    FollowUp.objects.all().delete()
    added = ["Zoe Bach", "Ada Wolf", "Mia Bach", "Ben Wolf"]
    mixed = [make.contact(world.dev, name) for name in added]
    services.share_person(membership=world.membership, contact_id=mixed[3].pk, grain=Grain.NAMES)
    client.force_login(world.lea)
    review = reverse("groups:review", args=[world.membership.pk])
    labels = [p.label for p in client.get(review).context["page"].people.people]
    assert labels == sorted(labels, key=fold)
    assert labels == ["AW", "Ben Wolf", "MB", "PY", "ZB", "ZÝ"]


def test_a_firm_and_a_role_named_after_the_person_do_not_name_them(world, client):
    position = world.zephyrine.positions.get(is_current=True)
    position.organization.name = "Zephyrine Ýrsdóttir & Zephyzeph’s Consulting"
    position.organization.save()
    position.title = "Ýrsdóttir-in-chief"
    position.save()
    world.share(Grain.SHAPE)
    client.force_login(world.lea)
    review = reverse("groups:review", args=[world.membership.pk])
    (shown,) = [p for p in client.get(review).context["page"].people.people if p.label == "ZÝ"]
    assert shown.organization == "Z. Ý. & Z. Consulting"
    assert shown.role == "Ý."
    position.organization.name = "zephyrineyrsdottir.example"
    position.organization.save()
    (shown,) = [p for p in client.get(review).context["page"].people.people if p.label == "ZÝ"]
    assert shown.organization == ""
    world.share(Grain.NAMES)
    text = client.get(review).text
    assert "zephyrineyrsdottir.example" in text


@pytest.mark.parametrize("how", ["hidden", "set aside"])
def test_a_note_goes_with_the_person_it_is_about(world, client, how):
    world.share(Grain.NUMBERS)
    services.share_note(
        membership=world.membership, contact_id=world.zephyrine.pk, text="walks three whippets"
    )
    client.force_login(world.lea)
    review = reverse("groups:review", args=[world.membership.pk])
    assert "whippets" in client.get(review).text
    if how == "hidden":
        services.share_person(
            membership=world.membership, contact_id=world.zephyrine.pk, grain=Grain.NOTHING
        )
    else:
        people.do_not_contact(by=world.dev, at=NOW, contact=world.zephyrine)
    assert "whippets" not in client.get(review).text


def test_what_a_leader_said_is_not_repeated_to_them_once_less_is_shown(world, client):
    """Their words may name whom they may not read of any more; to the member they still stand."""
    world.share(Grain.NAMES)
    client.force_login(world.lea)
    review = reverse("groups:review", args=[world.membership.pk])
    client.post(
        reverse("groups:comment", args=[world.membership.pk]), {"text": "Zephyrine waits for you."}
    )
    services.share_person(
        membership=world.membership, contact_id=world.bystander.pk, grain=Grain.NAMES
    )
    assert "Zephyrine waits for you." in client.get(review).text
    world.share(Grain.SHAPE)
    text = client.get(review).text
    assert "Zephyrine" not in text
    assert "Said on 17 November; the words are with Dev Rao" in text
    client.force_login(world.dev)
    assert "Zephyrine waits for you." in client.get(reverse("followups:today")).text


def test_counts_do_not_outlive_the_sharing(world, client):
    for end in (
        lambda: world.share(Grain.NOTHING),
        lambda: services.leave(membership=world.membership, at=NOW),
    ):
        world.share(Grain.NUMBERS)
        client.force_login(world.lea)
        client.get(reverse("groups:overview", args=[world.group.pk]))
        assert Figures.objects.exists()
        end()
        assert not Figures.objects.exists()


def test_a_hidden_person_is_not_in_the_numbers_a_week_is_filled_in_with(world, client):
    people.log_interaction(
        by=world.dev,
        at=NOW,
        people=[world.zephyrine],
        kind="meeting",
        direction="both",
        reported=True,
    )
    introductions.record_introduction(
        owner=world.dev,
        introducer=world.zephyrine,
        introducee=make.me(world.dev),
        introduced=make.contact(world.dev, "Somebody New"),
        state="made",
        at=NOW,
    )
    client.force_login(world.dev)
    week = reverse("groups:week", args=[world.group.pk])
    initial = client.get(week).context["form"].initial
    filled = {name: initial[name] for name in ("others", "looped", "received")}
    assert filled == {"others": 1, "looped": 1, "received": 1}
    services.share_person(
        membership=world.membership, contact_id=world.zephyrine.pk, grain=Grain.NOTHING
    )
    initial = client.get(week).context["form"].initial
    assert {name: initial[name] for name in WeeklyReport.NUMBERS} == dict.fromkeys(
        WeeklyReport.NUMBERS, 0
    )


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

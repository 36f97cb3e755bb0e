"""The pages on which the forty are chosen, without a browser."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from contacts.models import ImportBatch, Organization, Pick, Ring
from tests import make

STEPS = ("result", "recall", "inside", "likely", "check")


@pytest.fixture
def batch(ana, client) -> ImportBatch:
    client.force_login(ana)
    return ImportBatch.objects.create(owner=ana, file_name="Connections.csv", state="done")


def url(batch, step):
    return reverse("contacts:choose_step", args=[batch.pk, step])


@pytest.mark.parametrize("step", STEPS)
def test_every_step_shows_with_nobody_and_with_somebody(client, batch, step):
    assert client.get(url(batch, step)).status_code == 200
    make.contact(batch.owner, "Ann <b>Lee</b>", batch=batch, ring=Ring.D, notes="At the fair")
    page = client.get(url(batch, step), {"q": "ann"})
    assert page.status_code == 200
    assert "<b>Lee" not in page.text


@pytest.mark.parametrize("step", STEPS)
def test_every_step_is_somebody_elses_secret(client, batch, ben, step):
    client.force_login(ben)
    assert client.get(url(batch, step)).status_code == 404
    assert client.post(url(batch, step)).status_code == 404


def test_a_step_there_is_not_and_an_import_not_done_are_404(client, batch):
    assert client.get(url(batch, "nonsense")).status_code == 404
    ImportBatch.objects.update(state="preview")
    assert client.get(url(batch, "recall")).status_code == 404


def test_only_people_of_the_file_can_be_picked(client, batch):
    ann = make.contact(batch.owner, "Ann Lee", batch=batch, ring=Ring.D)
    other = make.contact(batch.owner, "Bo Hale")
    pick = {"step": "likely", "choice": "keep"}

    def said(contact, **changed):
        where = reverse("contacts:choose_pick", args=[batch.pk, contact])
        return client.post(where, {**pick, **changed}).status_code

    assert said(ann.pk) == 302
    assert said(other.pk) == said(uuid4()) == 404
    assert said(ann.pk, choice="eat") == said(ann.pk, step="other") == 404
    assert Pick.objects.get().contact == ann
    assert said(ann.pk, choice="back") == 302
    assert not Pick.objects.exists()


def test_organizations_can_be_added_on_the_way_and_too_long_a_name_is_said(client, batch):
    client.post(url(batch, "inside"), {"organizations": "Acme\n\n Zeta \n"})
    assert set(Organization.objects.targets().values_list("name", flat=True)) == {"Acme", "Zeta"}
    answer = client.post(url(batch, "inside"), {"organizations": "x" * 201})
    assert answer.status_code == 422
    assert "x" * 201 in answer.text


def test_forms_with_keys_that_are_none_change_nothing(client, batch):
    client.post(url(batch, "inside"), {"shown": "no key", "keep": "no key"})
    client.post(url(batch, "check"), {"kept": "no key", "ring-no key": "A"})
    assert not Pick.objects.exists()

"""A birthday is a day, not a moment: the same wherever its owner lives (T11)."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from contacts.models import Contact
from netcrm.accounts.models import User
from netcrm.takeout import everything

ZONES = ["Pacific/Honolulu", "Europe/London", "Pacific/Tongatapu"]  # UTC-10, 0, +13
# Moments at which one of the zones is on another day than UTC.
MOMENTS = ["2026-11-17T00:30:00+00:00", "2026-11-17T13:30:00+00:00", "2026-11-17T23:30:00+00:00"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_birthday_is_the_same_day_in_every_view_edit_and_export(
    ana: User, zone: str, moment: str
) -> None:
    User.objects.filter(pk=ana.pk).update(time_zone=zone)
    client = Client()
    with time_machine.travel(moment, tick=False):
        client.force_login(ana)
        sent = {"name": "Cleo Marsh", "ring": "B", "role_kind": "other", "anyway": "1"}
        added = client.post("/people/add/", sent | {"birthday": "24 March 1980"})
        assert added.status_code == 302
        cleo = Contact.objects.get(name="Cleo Marsh")
        for _ in range(2):  # as added, then saved again as the form shows it
            assert (cleo.birthday_year, cleo.birthday_month, cleo.birthday_day) == (1980, 3, 24)
            assert "24 March" in client.get(cleo.get_absolute_url()).content.decode()
            edit = client.get(reverse("contacts:edit", args=[cleo.pk]))
            form = edit.context["form"]
            assert form["birthday"].value() == "24 March 1980"
            shown = {name: form[name].value() or "" for name in form.fields}
            again = client.post(reverse("contacts:edit", args=[cleo.pk]), shown)
            assert again.status_code == 302
            cleo.refresh_from_db()
        ana.refresh_from_db()
        with everything.archive_of(ana) as file, zipfile.ZipFile(file) as archive:
            said = json.loads(archive.read("netcrm.json"))
            csv = io.TextIOWrapper(archive.open("people.csv"), encoding="utf-8").read()
            vcf = archive.read("people.vcf").decode()
    (row,) = [row for row in said["rows"]["contacts.Contact"] if row["name"] == "Cleo Marsh"]
    assert (row["birthday_year"], row["birthday_month"], row["birthday_day"]) == (1980, 3, 24)
    assert "1980-03-24" in csv
    assert "1980-03-24" in vcf or "19800324" in vcf

"""A birthday is a day, not a moment: the same wherever its owner lives (T11)."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from contacts.models import Contact
from followups import emails
from followups.feed import token_of
from followups.selectors import today_cards
from followups.services import calendar, plan
from netcrm.accounts.models import EVERY_DAY, User
from netcrm.delivery.models import Delivery
from netcrm.delivery.services import owe
from netcrm.takeout import everything
from netcrm.takeout.calendar import calendar_of
from tests import make

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


@pytest.mark.parametrize("kept", [dt.date(2027, 2, 28), dt.date(2028, 2, 29)])
def test_a_birthday_on_29_february_is_the_same_day_in_list_mail_feed_and_export(
    ana: User, client: Client, kept: dt.date
) -> None:
    """T07: the 28th in a year without a 29th."""
    User.objects.update(time_zone="Europe/Berlin", send_weekdays=EVERY_DAY)
    at = dt.datetime.combine(kept, dt.time(8), tzinfo=dt.UTC)
    cleo = make.contact(ana, "Cleo Marsh", ring="A", birthday_month=2, birthday_day=29)
    make.interaction(cleo, at=at - dt.timedelta(days=7))
    Contact.objects.filter(pk=cleo.pk).update(last_contact_at=at - dt.timedelta(days=7))
    ana.refresh_from_db()

    def named(on: dt.datetime) -> tuple[bool, bool]:
        """Whether she stands in the list, and in the mail."""
        with time_machine.travel(on, tick=False):
            plan(ana, at=on)
            shown = today_cards(ana, ana.day(on))
            mail = emails.digest(owe(owner=ana, kind=Delivery.Kind.DIGEST, at=on), at=on)
        said = mail is not None and "Cleo" in mail.text
        return "Cleo Marsh" in {step.name for step in (*shown.cards, *shown.also)}, said

    assert named(at - dt.timedelta(days=1)) == (False, False)
    with time_machine.travel(at - dt.timedelta(days=1), tick=False):
        feed = client.get(
            reverse("followups:calendar_feed", args=[token_of(calendar.choose(by=ana))])
        )
        taken_out = Calendar.from_ical("".join(calendar_of(ana)))
    assert named(at) == (True, True)
    assert [event["DTSTART"].dt for event in Calendar.from_ical(feed.content).walk("VEVENT")] == [
        kept
    ]
    (yearly,) = [event["RRULE"] for event in taken_out.walk("VEVENT") if "RRULE" in event]
    assert yearly == {"FREQ": ["YEARLY"], "BYMONTH": [2], "BYMONTHDAY": [-1]}

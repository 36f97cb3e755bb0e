"""Addresses, numbers and links are kept as typed and compared by what they mean."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from contacts import services
from tests import make


@pytest.mark.parametrize(
    ("kind", "value", "country", "kept", "key"),
    [
        ("email", " Ann.Lee@Example.ORG ", "", "Ann.Lee@Example.ORG", "ann.lee@example.org"),
        ("email", "Ann Lee <ann@x.test>", "", "ann@x.test", "ann@x.test"),
        ("phone", "020 7946 0018", "GB", "020 7946 0018", "+442079460018"),
        ("phone", "+44 (0)20 7946 0018", "", "+44 (0)20 7946 0018", "+442079460018"),
        ("phone", "020 7946 0018", "", "020 7946 0018", "02079460018"),
        (
            "phone",
            "+1 650 253 0000 ext. 12",
            "",
            "+1 650 253 0000 ext. 12",
            "+16502530000;ext=12",
        ),
        ("phone", "113", "GB", "113", "113"),
        (
            "link",
            "www.linkedin.com/in/Ann-Lee/",
            "",
            "https://www.linkedin.com/in/Ann-Lee/",
            "linkedin.com/in/ann-lee",
        ),
        ("link", "example.org", "", "https://example.org", "example.org"),
    ],
)
def test_two_spellings_share_a_key(kind, value, country, kept, key):
    assert services.normalised(kind, value, country=country) == (kept, key)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "ann@x.test, bob@x.test"),
        ("email", "ann@x.test\r\nBcc: bob@x.test"),
        ("email", "ann@"),
        ("email", ""),
        ("phone", "ring me"),
        ("link", "javascript:alert(1)"),
        ("link", "data:text/html,x"),
        ("link", "https://user:pass@example.org"),
        ("link", "not a link"),
    ],
)
def test_what_is_not_exactly_one_is_refused(kind, value):
    with pytest.raises(ValidationError):
        services.normalised(kind, value)


def test_the_message_shows_what_was_typed_and_what_would_do():
    with pytest.raises(ValidationError) as refused:
        services.normalised("email", "ann at x")
    assert refused.value.messages == [
        "“ann at x” is not one e-mail address. "
        "Write it like ann@example.org, with further addresses on their own lines."
    ]


def test_the_same_address_twice_is_one_row(ana, now):
    person = make.contact(ana)
    first = services.add_point(by=ana, at=now, contact=person, kind="email", value="a@x.test")
    again = services.add_point(by=ana, at=now, contact=person, kind="email", value="A@x.test")
    assert first == again
    assert first.is_primary


def test_the_next_one_takes_first_place(ana, now):
    person = make.contact(ana)
    first = services.add_point(by=ana, at=now, contact=person, kind="phone", value="+44 1")
    first = first if first.is_primary else None
    second = services.add_point(by=ana, at=now, contact=person, kind="phone", value="+442079460018")
    assert not second.is_primary
    services.remove_point(by=ana, at=now, point=first)
    second.refresh_from_db()
    assert second.is_primary

"""Mail as bytes: written faster than the e-mail package does, and the same."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import Compat32, default

from hypothesis import given
from hypothesis import strategies as st

from netcrm.kit.mail import LONGEST_LINE, Letter, OneLineEach, header_words, to_bytes

POLICY = OneLineEach(linesep="\r\n")
PEOPLE_TYPE = st.text(st.sampled_from('abc é日🎉\u2028\u202e\x00\x0b\x85=?"\\<>:;,'), max_size=90)


@given(name=st.sampled_from(["Subject", "To", "List-Unsubscribe"]), value=PEOPLE_TYPE)
def test_a_header_is_what_the_email_package_would_write(name: str, value: str) -> None:
    assert POLICY.fold_binary(name, value) == Compat32.fold_binary(POLICY, name, value)


@given(PEOPLE_TYPE)
def test_whatever_people_type_a_mail_has_the_same_headers_and_one_recipient(typed: str) -> None:
    letter = Letter(subject=header_words(typed), text="Hello\n", html="<p>Hello</p>")
    message = message_from_bytes(to_bytes(letter, to="a@b.test", to_name=typed), policy=default)
    assert set(message.keys()) == {
        "Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject",
        "To",
    }  # fmt: skip
    assert [address.addr_spec for address in message["To"].addresses] == ["a@b.test"]
    assert message["Subject"] == header_words(typed)


def test_a_long_header_stays_on_one_line_as_far_as_a_line_may_go() -> None:
    for length, lines in ((LONGEST_LINE - 3, 1), (LONGEST_LINE + 40, 2)):
        value = "x" * (length // 2) + " " + "y" * (length // 2)
        assert POLICY.fold_binary("A", value).count(b"\r\n") == lines


def test_no_two_mails_share_a_boundary_that_somebody_could_write_into_a_note() -> None:
    letter = Letter(subject="x", text="x", html="x")
    written = {
        message_from_bytes(to_bytes(letter, to="a@b.test")).get_boundary() for _ in range(20)
    }
    assert len(written) == 20
    assert all(boundary and len(boundary) == 34 for boundary in written)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.engine.points import (
    email,
    email_key,
    emails,
    link,
    link_key,
    linkedin_key,
    phone,
    phone_key,
)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ann@x.test", "ann@x.test"),
        (" Ann Lee <ann@x.test> ", "ann@x.test"),
        ('"Lee, Ann" <ann@x.test>', "ann@x.test"),
        ("mailto:ann@x.test?subject=hi", "ann@x.test"),
        ("ann+tag.1@münchen.example", "ann+tag.1@münchen.example"),
        ("o'brien@x.test", "o'brien@x.test"),
        ("a@x.test, b@y.test", None),
        ("a@x.test;b@y.test", None),
        ("a@x.test b@y.test", None),
        ("a@x.test\nBcc:b@y.test", None),
        ("a@x.test\r\n", "a@x.test"),
        ("a\x00@x.test", None),
        ("a@x.test\u2028Bcc: b@y.test", None),
        ("Ann <a@x.test> <b@y.test>", None),
        ("a@y.test <b@y.test>", None),
        ('"a b"@x.test', None),
        ("a@x", None),
        ("a@-x.test", None),
        ("a..b@x.test", None),
        (".a@x.test", None),
        ("a@x.test.", "a@x.test"),
        ("a" * 65 + "@x.test", None),
        ("a@" + "x." * 130 + "test", None),
        ("@", None),
        ("", None),
    ],
)
def test_one_address_is_kept_and_anything_else_refused(text, kept):
    assert email(text) == kept


@given(st.text(max_size=60) | st.from_regex(r"[a-z.,<>; \n]{0,9}@[a-z.]{0,9}[,; \n]?[a-z@.]{0,9}"))
def test_what_is_kept_can_stand_in_a_header(text):
    kept = email(text)
    if kept is not None:
        assert kept.count("@") == 1
        assert not set(kept) & set(' ,;:<>()[]\\"\r\n\t\x00\u2028')
        assert email(kept) == kept
        assert emails(kept) == ([kept], [])


def test_two_spellings_of_an_address_share_a_key():
    assert email_key("Ann.Lee@Example.COM") == email_key("ann.lee@example.com")
    assert email_key("a@münchen.example") == email_key("a@xn--mnchen-3ya.example")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("+1 555-0100", "+15550100"),
        ("+15550100", "+15550100"),
        ("0044 20 7946 0000", "+442079460000"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("020 7946 0000", "02079460000"),
        ("+1 (555) 010-0314 x100", "+15550100314"),
        ("+1-555-010-0027;ext=394", "+15550100027"),
        ("555 0100 ext. 12", "5550100"),
        ("٠٢٠ ٧٩٤٦ ٠٠٠٠", "02079460000"),
    ],
)
def test_a_number_is_known_by_its_digits(text, key):
    assert phone(text) is not None
    assert phone_key(text) == key


@pytest.mark.parametrize("text", ["", "n/a", "12", "x" * 80, "call me"])
def test_what_holds_no_number_is_none(text):
    assert phone(text) is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://www.linkedin.com/in/ann", "https://www.linkedin.com/in/ann"),
        ("linkedin.com/in/ann", "https://linkedin.com/in/ann"),
        ("//x.test/a", "https://x.test/a"),
        ("HTTP://X.test", "HTTP://X.test"),
        ("https://x.test:8443/a?b=c#d", "https://x.test:8443/a?b=c#d"),
        ("https://x.test/<b>\"'", "https://x.test/%3Cb"),
        ("https://münchen.example/ü", "https://münchen.example/ü"),
        ("javascript:alert(1)", None),
        (" JaVaScRiPt:alert(1)", None),
        ("java\tscript:alert(1)", None),
        ("data:text/html,x", None),
        ("vbscript:x", None),
        ("file:///etc/passwd", None),
        ("https://user:pass@x.test/", None),
        ("https://x.test\\@evil.test", None),
        ("https://x.test/a b", None),
        ("http://[::1]/", None),
        ("http://localhost/", None),
        ("http://x.test:99999/", None),
        ("https://", None),
        ("hello", None),
        ("", None),
    ],
)
def test_only_a_web_address_becomes_a_link(text, kept):
    assert link(text) == kept


@given(st.text(max_size=60) | st.from_regex(r"(https?:)?(//)?[a-z.:@\\<>\"' %\[\]]{0,30}"))
def test_a_link_is_safe_in_an_attribute(text):
    kept = link(text)
    if kept is not None:
        assert kept.lower().startswith(("http://", "https://"))
        assert not set(kept) & set("\"'<> \t\n\\`")
        assert link(kept) == kept


@pytest.mark.parametrize(
    "url",
    [
        "https://www.linkedin.com/in/Ann-Lee",
        "http://linkedin.com/in/ann-lee/",
        "https://de.linkedin.com/in/ann-lee/en?trk=x",
        "www.linkedin.com/in/ann-lee#top",
        "https://m.linkedin.com/in/ann%2Dlee",
        "https://www.linkedin.com/mwlite/in/ann-lee",
    ],
)
def test_a_profile_is_known_by_any_address(url):
    assert linkedin_key(url) == "in/ann-lee"


def test_profiles_of_other_scripts_and_the_old_kind_are_told_apart():
    assert linkedin_key("https://www.linkedin.com/in/%E7%8E%8B") == "in/王"
    assert linkedin_key("https://www.linkedin.com/in/王") == "in/王"
    old = {linkedin_key(f"http://www.linkedin.com/pub/ann-lee/1/2/{end}") for end in ("3a", "4b")}
    assert len(old) == 2
    assert linkedin_key("https://evil.test/linkedin.com/in/ann") is None
    assert linkedin_key("https://notlinkedin.com/in/ann") is None
    assert linkedin_key("https://www.linkedin.com/company/acme") is None


def test_two_spellings_of_a_link_share_a_key():
    assert link_key("http://www.X.test/a/") == link_key("https://x.test/a")
    assert link_key("https://x.test/a?b") != link_key("https://x.test/a")

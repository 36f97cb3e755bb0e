"""Files nobody promised to be good: each gives people or a plain refusal, never an exception."""

import base64
import gzip
import io
import json
import time
import tracemalloc
import zipfile

import pytest

from contacts.engine import limits
from contacts.engine.drafts import Code, Format
from contacts.engine.readers.reading import read_file

LINKEDIN = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
ANN = "Ann,Lee,https://www.linkedin.com/in/ann,ann@x.test,Acme,CEO,03 Jun 2025\n"


def read(content, **options):
    return read_file(content.encode() if isinstance(content, str) else content, **options)


def names(content, **options):
    return [draft.full_name for draft in read(content, **options).drafts]


def codes(reading):
    return [problem.code for problem in reading.problems]


def zipped(**members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return held.getvalue()


# --- Not a list of people at all


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", Code.EMPTY),
        (b"\xef\xbb\xbf \r\n\t\n", Code.EMPTY),
        (b"\xff\xfe", Code.EMPTY),
        (b"\x00" * 100, Code.EMPTY),
        (b"\n" * 1_000_000, Code.EMPTY),
        (b"%PDF-1.7\n1 0 obj", Code.IS_PDF),
        (gzip.compress(b"Name,Email", mtime=0), Code.IS_ARCHIVE),
        (b"Rar!\x1a\x07\x01\x00", Code.IS_ARCHIVE),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", Code.IS_ARCHIVE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, Code.IS_SPREADSHEET),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, Code.IS_IMAGE),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", Code.IS_IMAGE),
        (b"SQLite format 3\x00" + b"\x00" * 84, Code.NOT_TEXT),
        (bytes(range(256)) * 40, Code.NOT_TEXT),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", Code.IS_HTML),
        (b"\xef\xbb\xbf\n  <html lang=en>", Code.IS_HTML),
        (b"<table><tr><td>Ann</td></tr></table>", Code.IS_HTML),
        (b'<?xml version="1.0"?><contacts/>', Code.NOT_TEXT),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", Code.IS_CALENDAR),
        (b"Return-Path: <a@x.test>\r\nFrom: a@x.test\r\n\r\nHello", Code.IS_MAIL),
        (b'{"people": []}', Code.IS_OTHER_JSON),
        (b'{"account": ', Code.BROKEN_JSON),
        (b"[" * 100_000, Code.BROKEN_JSON),
        (b"[" * 600_000, Code.TOO_MANY_PARTS),
        (b'{"account": {"data": [{"type": "contact", "values": 5}]}}', Code.IS_OTHER_JSON),
        (b"hello world, this is a letter", Code.MAPPING_WANTED),
        (b"hello world", Code.NO_HEADER),
        (zipped(xl__workbook="x", **{"[Content_Types]__xml": "x"}), Code.IS_SPREADSHEET),
        (zipped(photo__jpg="x"), Code.NO_CONNECTIONS_IN_ZIP),
        (b"PK\x03\x04 not really an archive", Code.BROKEN_ZIP),
        (zipped(**{"Connections__csv": zipped(Connections__csv=LINKEDIN + ANN)}), Code.IS_ARCHIVE),
    ],
)  # fmt: skip
def test_what_is_no_list_of_people_is_refused_by_its_name(content, code):
    reading = read(content)
    assert (reading.drafts, reading.refused and reading.refused.code) == ((), code)


# --- Tables


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\nName;E-mail\nAnn Lee;ann@x.test\n",
        "Name\tE-mail\nAnn Lee\tann@x.test\n",
        "Name|E-mail\nAnn Lee|ann@x.test",
        "\n\n\nName,E-mail\n\n\nAnn Lee,ann@x.test\n\n\n",
        "Name,E-mail,,,\nAnn Lee,ann@x.test,,,\n",
        "My people,,\n,,\nName,E-mail,\nAnn Lee,ann@x.test,\n",
        "Name,E-mail\nAnn Lee,ann@x.test\nName,E-mail\n",
        "Name,Email,Email\nAnn Lee,ann@x.test,ann@x.test\n",
        "E-mail,Name\nann@x.test,Ann Lee\n",
        "Name,E-mail\n\x00Ann\x00 Lee,ann@x.test\n",
        "Name,E-mail\n\u202eAnn\u202c Lee\u200f,ann@x.test\n",
        "Name,E-mail\n  Ann \u00a0 Lee  ,ann@x.test\n",
        "Name,E-mail\nAnn Lee,Ann Lee <ann@x.test>\n",
        "Name,E-mail\nAnn Lee,mailto:ann@x.test\n",
        'Name,E-mail\n"Ann ""Lee""",ann@x.test\n'.replace('""Lee""', "Lee"),
        "\ufeffName,E-mail\r\nAnn Lee,ann@x.test\r\n",
        "Name,E-mail\rAnn Lee,ann@x.test\r",
        "Nom complet;Adresse e-mail\nAnn Lee;ann@x.test\n",
        "Vorname;Nachname;E-Mail-Adresse\nAnn;Lee;ann@x.test\n",
        "名,姓,电子邮件\nAnn,Lee,ann@x.test\n",
        "who,contact at\nAnn Lee,ann@x.test\n",
        "Ann Lee,ann@x.test\n",
        "Contact;x\nAnn Lee <ann@x.test>;\n",
        'Name,E-mail,Notes\n"Ann Lee",ann@x.test,"said \\"hi, you\\" twice"\n',
        'Name,"E-mail\n(work)"\nAnn Lee,ann@x.test\n',
        "a list, of people\nx;y;z\nAnn Lee;ann@x.test;1\n",
        "Name,E-mail\nAnn Lee,ann@x.test\n\x1a",
        "Name,E-mail\nAnn Lee,ann@x.test\n,,\n,\n",
        "fullName,primaryEmail\nAnn Lee,ann@x.test\n",
        "FIRST_NAME,LAST_NAME,EMAIL_ADDRESS\nAnn,Lee,ann@x.test\n",
    ],
    ids=repr,
)
def test_a_small_table_in_any_manner_gives_its_one_person(content):
    [draft] = read(content).drafts
    assert draft.full_name == "Ann Lee"
    assert [point.value for point in draft.emails] == ["ann@x.test"]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"],
)
def test_an_encoding_is_found_out(encoding):
    content = "Name,E-mail,Company\nJosé Müller,jose@x.test,Cía. Größe\n" * 3
    reading = read(content.encode(encoding))
    assert reading.drafts[0].full_name == "José Müller"
    assert reading.drafts[0].organization == "Cía. Größe"


@pytest.mark.parametrize("encoding", ["cp1251", "shift_jis", "gbk", "cp1253", "koi8-r"])
def test_bytes_of_another_script_are_placed_by_who_is_asked(encoding):
    name = {"shift_jis": "山田太郎", "gbk": "王小明李四", "cp1253": "Ιωάννης"}.get(
        encoding, "Иван Петров"
    )
    content = f"Name,E-mail\n{name},a@x.test\n".encode(encoding)
    reading = read(content, guess_encoding=lambda sample: encoding)
    assert reading.drafts[0].full_name == name
    assert Code.ENCODING_GUESSED in codes(reading)
    assert len(read(content, guess_encoding=lambda sample: "no such codec").drafts) == 1
    assert len(read(content, guess_encoding=lambda sample: "base64").drafts) == 1


def test_a_few_broken_bytes_do_not_change_the_encoding():
    content = ("Name,E-mail\n" + "Жанна Дарк,a@x.test\n" * 20).encode() + b"Ann\xff Lee,b@x.test\n"
    reading = read(content)
    assert reading.drafts[0].full_name == "Жанна Дарк"
    assert codes(reading) == [Code.BYTES_UNREADABLE]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("a@x.test; b@x.test", ["a@x.test", "b@x.test"]),
        ("a@x.test ::: b@x.test", ["a@x.test", "b@x.test"]),
        ('"a@x.test, b@x.test"', ["a@x.test", "b@x.test"]),
        ('"a@x.test\nb@x.test"', ["a@x.test", "b@x.test"]),
        ("a@x.test b@x.test", ["a@x.test", "b@x.test"]),
        ("Lee Ann <a@x.test>; B <b@x.test>", ["a@x.test", "b@x.test"]),
        ("a@x.test; A@X.TEST", ["a@x.test"]),
        ("not an address", []),
        ("a@@x.test", []),
        ("a@x.test\\nBcc:b@y.test", []),
        ("/o=ExchangeLabs/ou=Exchange/cn=Recipients/cn=ann", []),
    ],
)
def test_a_cell_may_hold_several_addresses_and_only_whole_ones_are_kept(cell, kept):
    [draft] = read(f"Name,E-mail\nAnn Lee,{cell}\n").drafts
    assert [point.value for point in draft.emails] == kept


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("   ,   ,,x@x.test,,,\n", "x@x.test"),
        ("👩🏽‍💻,,,x@x.test,,,\n", "👩🏽‍💻"),
        ("-,-,,x@x.test,,,\n", "x@x.test"),
        ("\u3164,,,x@x.test,,,\n", "x@x.test"),
        ("\u200b\u200e,,,x@x.test,,,\n", "x@x.test"),
        ("שרה,כהן,,x@x.test,,,\n", "שרה כהן"),
        ("<b>Ann</b>,Lee,,x@x.test,,,\n", "<b>Ann</b> Lee"),
        ("Z̷̢̛̘̫̈́̏̈́a̸̡̧̛̛l,go,,x@x.test,,,\n", None),
        ("王,小明,,,,,\n", "王 小明"),
        ("Sukarno,,,,,,\n", "Sukarno"),
        (",Lee,,,,,\n", "Lee"),
        (",,https://www.linkedin.com/in/ann-lee-12,,,,\n", "ann-lee-12"),
    ],
)
def test_any_name_is_taken_as_it_is_and_none_falls_back(row, name):
    [got] = names(LINKEDIN + row)
    if name is None:
        assert 6 <= len(got) <= 20
    else:
        assert got == name


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",,,,Acme,CEO,03 Jun 2025\n", Code.BLANK_PERSON),
        ("x," * 600 + "\n", Code.TOO_MANY_COLUMNS),
        ('"' + 'a, ""b"",' * 20_000 + '",Lee,,,,,\n', Code.CELL_TOO_LARGE),
        ("x" * 5_000 + ",Lee,,,,,\n", Code.NAME_TOO_LONG),
        ("Ann,Lee,,,," + "x" * 70_000 + ",\n", Code.CELL_TOO_LARGE),
        ('"Ann\n' + "x\n" * 40_000 + '",Lee,,,,,\n', Code.CELL_TOO_LARGE),
    ],
    ids=["nobody", "600 cells", "180 kB full of quotes", "a name of 5,000 letters",
         "a cell of 70 kB", "a quote over 40,000 lines"],
)  # fmt: skip
def test_a_row_that_cannot_be_taken_costs_no_other(row, code):
    reading = read(LINKEDIN + ANN + row + ANN)
    assert code in codes(reading)
    assert [draft.full_name for draft in reading.drafts].count("Ann Lee") == 2
    assert all(problem.line >= 3 for problem in reading.problems)


def test_a_cell_of_several_lines_keeps_them():
    [draft] = read('Name,Notes\n"Ann Lee","one\r\n\ntwo, ""quoted"""\n').drafts
    assert draft.notes == 'one\n\ntwo, "quoted"'


def test_the_line_of_a_problem_is_the_line_of_the_file():
    content = "Notes:\n\n" + LINKEDIN + ANN + '"Bob\nRay",Ray,,,,,\n' + ",,,,Acme,,\n"
    assert [(p.line, p.code) for p in read(content).problems] == [(7, Code.BLANK_PERSON)]


def test_quotes_that_never_close_cost_their_own_lines_only():
    reading = read(LINKEDIN + ('Bad,"Quote,,,Acme,CEO,\n' + ANN) * 50)
    assert len(reading.drafts) == 100


def test_cells_beyond_the_headings_are_said():
    reading = read("Name,E-mail\nAnn Lee,ann@x.test,more,and more\n")
    assert codes(reading) == [Code.TOO_MANY_CELLS]


def test_two_exports_in_one_file_are_read_as_one():
    whole = 'Notes:\n"When exporting your data"\n\n' + LINKEDIN + ANN
    reading = read(whole + whole)
    assert [draft.full_name for draft in reading.drafts] == ["Ann Lee", "Ann Lee"]
    assert Code.HEADER_AGAIN in codes(reading)


@pytest.mark.parametrize(
    "header",
    [
        "Vorname,Nachname,URL,E-Mail-Adresse,Unternehmen,Position,Verbunden am",
        "Prénom,Nom,URL,Adresse e-mail,Entreprise,Poste,Connecté le",
        "Nombre,Apellidos,URL,Dirección de correo electrónico,Empresa,Cargo,Conectado el",
        "Nome,Sobrenome,URL,Endereço de e-mail,Empresa,Cargo,Conectado em",
        "Nome,Cognome,URL,Indirizzo e-mail,Azienda,Posizione,Collegato il",
        "Voornaam,Achternaam,URL,E-mailadres,Bedrijf,Functie,Verbonden op",
        "Imię,Nazwisko,URL,Adres e-mail,Firma,Stanowisko,Data nawiązania kontaktu",
        "Ad,Soyadı,URL,E-posta Adresi,Şirket,Pozisyon,Bağlantı Tarihi",
        "Имя,Фамилия,URL,Адрес электронной почты,Компания,Должность,Дата контакта",
        "名,姓,URL,メールアドレス,会社,役職,つながった日",
        "名字,姓氏,URL,电子邮件地址,公司,职位,建立联系时间",
        "이름,성,URL,이메일 주소,회사,직책,연결일",
        "Jina,Ukoo,URL,Barua pepe,Kampuni,Wadhifa,Siku",
        "Aaa,Bbb,Ccc,Ddd,Eee,Fff,Ggg",
    ],
)
def test_linkedin_is_known_in_any_language(header):
    reading = read('Notes:\n"Nota, bene"\n\n' + header + "\n" + ANN)
    assert reading.format is Format.LINKEDIN
    [draft] = reading.drafts
    assert (draft.full_name, draft.organization, draft.title) == ("Ann Lee", "Acme", "CEO")
    assert draft.connected_on.isoformat() == "2025-06-03"
    assert [p.value for p in (*draft.emails, *draft.links)] == [
        "ann@x.test",
        "https://www.linkedin.com/in/ann",
    ]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("'+44 20 7946 0000", "+44 20 7946 0000"),
        ('"=""+44 20 7946 0000"""', "+44 20 7946 0000"),
        ("4.42079E+11", None),
        ("020 7946 0000 ::: 020 7946 0001", "020 7946 0000"),
    ],
)
def test_what_spreadsheets_do_to_numbers_is_undone_or_said(cell, kept):
    reading = read(f"Name,Phone\nAnn Lee,{cell}\n")
    phones = reading.drafts[0].phones
    assert (phones[0].value if phones else None) == kept
    assert bool(phones) == (Code.PHONE_INVALID not in codes(reading))


def test_the_mapping_is_what_the_user_says():
    content = "a,b,c\nann@x.test,Lee,Ann\n"
    reading = read(content, mapping=("email", "family", "given"))
    assert reading.drafts[0].full_name == "Ann Lee"
    assert read(content, mapping=("", "", "")).refused.code is Code.MAPPING_WANTED
    assert read(content, mapping=("nonsense", "given")).drafts[0].full_name == "Lee"


def test_an_unknown_table_is_mapped_by_what_it_holds():
    content = "x1,x2,x3,x4\n" + "Ann Lee,ann@x.test,https://x.test/ann,+44 20 7946 0000\n" * 3
    assert read(content).mapping == ("full_name", "email", "link", "phone")


@pytest.mark.parametrize(
    ("content", "code", "limit"),
    [
        (b"Name,E-mail\n" + b"x" * limits.FILE_BYTES, Code.TOO_MANY_BYTES, limits.FILE_BYTES),
        (b"Name,E-mail\n" + b"a,\n" * 100_001, Code.TOO_MANY_ROWS, limits.ROWS),
        (b"Name," + b"x," * 600 + b"\nAnn\n", Code.TOO_MANY_COLUMNS, limits.COLUMNS),
        (b"BEGIN:VCARD\nEND:VCARD\n" * 100_001, Code.TOO_MANY_ROWS, limits.ROWS),
    ],
    ids=["bytes", "rows", "columns in the header", "cards"],
)
def test_what_is_above_a_limit_is_refused_with_the_limit(content, code, limit):
    reading = read(content)
    assert reading.refused.code is code
    assert reading.refused.facts["limit"] == limit
    assert reading.drafts == ()


def test_problems_without_end_are_counted():
    reading = read(LINKEDIN + ",,,,,,x\n" * 5_000)
    assert len(reading.problems) == limits.PROBLEMS_KEPT + 1
    assert reading.problems[-1].facts["count"] >= 4_000
    assert reading.counts.skipped == 5_000


# --- Archives


def test_the_connections_of_a_linkedin_archive_are_found():
    archive = zipped(
        Invitations__csv="From,To\na,b\n" * 500,
        Basic_LinkedInDataExport_2025__txt="x",
        **{"Complete/Connections.csv": LINKEDIN + ANN, "__MACOSX/._Connections__csv": "junk"},
    )
    assert names(archive) == ["Ann Lee"]
    assert names(b"#!/bin/sh\n\x00\x01\x02" + archive) == ["Ann Lee"]  # something in front
    assert read(archive).format is Format.LINKEDIN


def test_connections_come_before_other_contacts_in_an_archive():
    other = "First Name,Last Name,Email\nBob,Ray,b@x.test\n" * 50
    assert names(zipped(Contacts__csv=other, Connections__csv=LINKEDIN + ANN)) == ["Ann Lee"]


def test_an_archive_of_single_cards_is_read_whole():
    one, two = card("FN:Ann Lee"), card("FN:Bob Ray")
    assert sorted(names(zipped(a__vcf=one, b__vcf=two))) == ["Ann Lee", "Bob Ray"]
    every = zipped(**{"All Contacts.vcf": one + two, "My Contacts.vcf": one})
    assert names(every) == ["Ann Lee", "Bob Ray"]


def test_an_archive_with_a_comment_is_an_archive():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("contacts.vcf", "BEGIN:VCARD\nFN:Ann Lee\nEND:VCARD\n")
        archive.comment = b"hello" * 100
    assert names(held.getvalue()) == ["Ann Lee"]


@pytest.mark.parametrize(
    "path", ["../x.csv", "/etc/x.csv", "..\\x.csv", "C:/x.csv", "a/../../x.csv"]
)
def test_a_member_outside_the_archive_is_refused(path):
    assert read(zipped(**{path: LINKEDIN + ANN})).refused.code is Code.UNSAFE_ZIP


def test_bytes_are_counted_while_unpacking_and_no_size_is_believed():
    archive = bytearray(zipped(Connections__csv=b"0" * 40_000_000))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = archive.index(signature)
        archive[at + offset : at + offset + 4] = (100).to_bytes(4, "little")
    reading = read(bytes(archive))
    assert reading.refused.code is Code.TOO_MANY_UNPACKED
    small = bytearray(zipped(Connections__csv=LINKEDIN + ANN))
    at = small.index(b"PK\x01\x02")
    small[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert read(bytes(small)).refused.code is Code.BROKEN_ZIP


def test_an_archive_of_too_many_files_is_refused():
    for count in (101, 6_000):
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for number in range(count):
                archive.writestr(f"{number}.csv", "")
        assert read(held.getvalue()).refused.code is Code.TOO_MANY_MEMBERS


def test_a_locked_archive_is_refused_in_words():
    archive = bytearray(zipped(Connections__csv=LINKEDIN + ANN))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.index(signature) + offset] |= 1
    assert read(bytes(archive)).refused.code is Code.ENCRYPTED_ZIP


def test_a_method_we_do_not_unpack_is_refused():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("Connections.csv", LINKEDIN + ANN)
    assert read(held.getvalue()).refused.code is Code.IS_ARCHIVE


# --- Cards


def card(*lines, version="3.0", ends="\r\n"):
    return ends.join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


@pytest.mark.parametrize(
    "content",
    [
        card("FN:Ann Lee"),
        card("FN;CHARSET=UTF-8;LANGUAGE=en:Ann Lee"),
        card("fn:Ann Lee"),
        card("item1.FN:Ann Lee"),
        card("FN:Ann\r\n  Lee"),
        card("FN:Ann \r\n\tLee"),
        card("FN;ENCODING=QUOTED-PRINTABLE:Ann=20Lee", version="2.1"),
        card("FN;QUOTED-PRINTABLE:Ann=\r\n=20Lee", version="2.1"),
        card("FN;ENCODING=QUOTED-PRINTABLE:Ann=20=\r\n  Lee", version="2.1"),
        card("FN;ENCODING=b:" + base64.b64encode(b"Ann Lee").decode()),
        card("FN;ENCODING=BASE64;CHARSET=UTF-8:" + base64.b64encode(b"Ann Lee").decode()),
        card("N:Lee;Ann;;;"),
        card("N:Lee;Ann"),
        card("FN:", "N:Lee;Ann;;;"),
        card("FN;ENCODING=QUOTED-PRINTABLE:Ann=0D=0ALee", version="2.1"),
        card("FN:Ann Lee", ends="\n"),
        card("FN:Ann Lee", ends="\r"),
        "begin:vcard\nfn:Ann Lee\nend:vcard\n",
        " BEGIN:VCARD \nFN:Ann Lee\nEND:VCARD\n",
        "BEGIN:VCARD\nFN:Ann Lee\n",
        "BEGIN:VCARD\n\n\nFN:Ann Lee\n\nEND:VCARD\n",
        "Dear Bob, here she is:\n" + card("FN:Ann Lee") + "Yours, Tim\n",
        "\ufeff" + card("FN:Ann Lee"),
        card("FN:Ann Lee").encode("utf-16"),
        card("FN:Ann Lee").encode("utf-16-le"),
        card("KIND:individual", "FN:Ann Lee", version="4.0"),
        card("FN;ALTID=1:Ann Lee", "FN;ALTID=1;LANGUAGE=de:Anna Lee", version="4.0"),
        card("FN:Ann Lee", "END:VEVENT"),
        card("FN:Ann Lee", "AGENT:", *card("FN:Secretary").split("\r\n")),
        card("FN:Ann Lee", "AGENT:BEGIN:VCARD\\nFN:Secretary\\nEND:VCARD"),
        card("PHOTO;ENCODING=BASE64;JPEG:AAAA", "/9j/4AAQSkZJRgABAQEASABIAAD=", "FN:Ann Lee"),
        card("PHOTO:data:image/png;base64,AAAA\r\n BBBB\r\n CCCC=", "FN:Ann Lee"),
        card('ADR;LABEL="a: b; c":;;1 Road;;;;', "FN:Ann Lee"),
        card("NOPE", ";;;", ":", "=", "FN:Ann Lee"),
    ],
    ids=repr,
)  # fmt: skip
def test_a_card_in_any_manner_gives_its_one_person(content):
    assert names(content) == ["Ann Lee"]


def test_a_comma_nobody_escaped_is_part_of_the_name():
    assert names(card("FN:JOHN DOE, CPA")) == ["JOHN DOE, CPA"]


def test_one_bad_card_does_not_stop_the_others():
    bad = "BEGIN:VCARD\nFN;ENCODING=b:####\nTEL:\x00\nEMAIL:a@x.test, b@x.test\n"
    content = card("FN:Ann Lee") + bad + card("FN:Bob Ray")
    assert names(content) == ["Ann Lee", "a@x.test", "Bob Ray"]


def test_every_part_of_a_card_finds_its_place():
    [draft] = read(
        card(
            "FN:Ann Lee",
            "N:Lee;Ann;Q;Dr.;PhD,MBA",
            "NICKNAME:Annie,A",
            "ORG:Acme\\, Inc.;Research\\; Ideas;Lab",
            "TITLE:Head of\\nThings",
            "EMAIL;TYPE=INTERNET,WORK,PREF:ann@x.test",
            "item1.EMAIL:ann@home.test",
            "item1.X-ABLabel:_$!<Other>!$_",
            "TEL;TYPE=CELL:+44 20 7946 0000 ext. 12",
            'TEL;VALUE=uri;TYPE="work,voice":tel:+44-20-7946-0001',
            "URL:example.org/ann",
            "X-SOCIALPROFILE;type=linkedin;x-user=ann-lee:x-apple:ann-lee",
            "BDAY;X-APPLE-OMIT-YEAR=1604:1604-12-25",
            "CATEGORIES:Friends,PyCon\\, 2024",
            "NOTE:one\\ntwo\\, three\\\\four",
            "NOTE:five",
            "ADR;TYPE=home:;;1 Loop Road\\nApt 2;London;;SW1A;UK",
            "UID:urn:uuid:1234",
            "REV:20250606T065654Z",
            "X-UNKNOWN:whatever",
        )
    ).drafts
    assert (draft.given, draft.family, draft.nickname) == ("Ann", "Lee", "Annie")
    assert (draft.organization, draft.title) == ("Acme, Inc.", "Head of Things")
    assert [(p.value, p.label) for p in draft.emails] == [
        ("ann@x.test", "work"),
        ("ann@home.test", "other"),
    ]
    assert [(p.value, p.label) for p in draft.phones] == [
        ("+44 20 7946 0000 ext. 12", "mobile"),
        ("+44-20-7946-0001", "work"),
    ]
    assert [p.value for p in draft.links] == [
        "https://example.org/ann",
        "https://www.linkedin.com/in/ann-lee",
    ]
    assert str(draft.birthday) == "--12-25"
    assert draft.tags == ("Friends", "PyCon, 2024")
    assert draft.notes == "one\ntwo, three\\four\nfive"
    assert dict(draft.extras) == {
        "department": "Research; Ideas, Lab",
        "home address": "1 Loop Road, Apt 2, London, SW1A, UK",
    }
    assert draft.uid == "1234"


def test_a_charset_parameter_is_believed_when_the_bytes_are_not_utf_8():
    lines = b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=%s:%s\r\nEND:VCARD\r\n"
    assert names(lines % (b"ISO-8859-1", "José Müller".encode("latin-1"))) == ["José Müller"]
    assert names(lines % (b"SHIFT_JIS", "山田太郎".encode("shift_jis"))) == ["山田太郎"]
    assert names(lines % (b"WINDOWS-1251", "Иван".encode("cp1251"))) == ["Иван"]
    assert names(lines % (b"NONSENSE", "José".encode("cp1252"))) == ["José"]
    quoted = b"BEGIN:VCARD\r\nFN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:Jos=E9\r\nEND:VCARD\r\n"
    assert names(quoted) == ["José"]


def test_groups_become_tags_and_organizations_stay_contacts():
    reading = read(
        card("UID:urn:uuid:1", "FN:Ann Lee")
        + card("KIND:group", "FN:Choir", "MEMBER:urn:uuid:1", version="4.0")
        + card("KIND:org", "FN:Acme", "TEL:+44 20 7946 0000", version="4.0")
        + card("KIND:location", "FN:Room 3", version="4.0")
    )
    assert [(draft.full_name, draft.tags) for draft in reading.drafts] == [
        ("Ann Lee", ("Choir",)),
        ("Acme", ()),
    ]
    assert codes(reading) == [Code.CARD_IS_GROUP, Code.CARD_IS_ORGANIZATION, Code.CARD_IS_GROUP]
    assert reading.counts.rows == reading.counts.drafts + reading.counts.skipped == 4


def test_what_has_no_end_is_capped_and_said():
    many = card("FN:Many", *[f"EMAIL:m{n}@x.test" for n in range(50_000)])
    reading = read(many)
    assert len(reading.drafts[0].emails) == limits.VALUES
    assert codes(reading) == [Code.TOO_MANY_VALUES]
    assert reading.problems[0].facts["count"] == 50_000
    agents = "BEGIN:VCARD\nFN:a\nAGENT:\n" * 1_000 + "END:VCARD\n" * 1_000
    assert names(agents) == ["a"]
    nested = "BEGIN:VCARD\nFN:a\n" * 1_000 + "END:VCARD\n" * 1_000
    assert len(names(nested)) == 1_000
    assert names("BEGIN:VCARD\nFN:" + "x" * 5_000_000 + "\nEND:VCARD\n" + card("FN:Ann")) == ["Ann"]
    assert names("BEGIN:VCARD\nFN:" + "x\n " * 100_000 + "\nEND:VCARD\n" + card("FN:B")) == ["B"]


# --- Monica


def monica(*contacts, **account):
    held = {"data": [{"count": 1, "type": "contact", "values": list(contacts)}], **account}
    return json.dumps({"version": "1.0", "account": held})


def test_monica_keeps_introducer_tags_rhythm_and_reminders():
    export = monica(
        {"uuid": "a", "properties": {"first_name": "Ann", "last_name": "Lee"}, "data": []},
        {
            "uuid": "b",
            "properties": {
                "first_name": "Bob",
                "last_name": "Ray",
                "company": "Acme",
                "job": "Clerk",
                "tags": ["choir", "work"],
                "stay_in_touch_frequency": 30,
                "first_met_through": "a",
                "birthdate": {"date": "1990-05-06T00:00:00Z", "is_year_unknown": True},
            },
            "data": {
                "0": {
                    "type": "contact_field",
                    "values": [
                        {"properties": {"data": "bob@x.test", "type": "t1"}},
                        {"properties": {"data": "+44 20 7946 0000", "type": "t2"}},
                    ],
                },
                "2": {
                    "type": "reminder",
                    "values": [
                        {
                            "properties": {
                                "initial_date": "2026-01-31",
                                "title": "Call",
                                "frequency_type": "month",
                                "frequency_number": 2,
                            }
                        }
                    ],
                },
                "3": {"type": "note", "values": [{"properties": {"body": "Likes tea"}}]},
            },
        },
        {"uuid": "c", "properties": {"first_name": "Child", "is_partial": True}},
        "not a person",
        instance={
            "contact_field_types": [
                {"uuid": "t1", "properties": {"type": "email"}},
                {"uuid": "t2", "properties": {"type": "phone"}},
            ]
        },
    )
    reading = read(export)
    assert reading.format is Format.MONICA
    _, bob = reading.drafts
    assert (bob.full_name, bob.organization, bob.title) == ("Bob Ray", "Acme", "Clerk")
    assert (bob.met_through, bob.met_through_uid) == ("Ann Lee", "a")
    assert (bob.tags, bob.every_days, bob.notes) == (("choir", "work"), 30, "Likes tea")
    assert (bob.emails[0].value, bob.phones[0].value) == ("bob@x.test", "+44 20 7946 0000")
    assert str(bob.birthday) == "--05-06"
    [reminder] = bob.reminders
    assert (reminder.title, reminder.on.isoformat(), reminder.every_months) == (
        "Call",
        "2026-01-31",
        2,
    )
    assert codes(reading) == [Code.PERSON_PARTIAL, Code.PERSON_MALFORMED]


@pytest.mark.parametrize(
    "strange",
    [None, 5, "x", [], {}, [[]], {"properties": 5}, {"properties": {"tags": 5, "first_name": {}}},
     {"properties": {"first_name": "\ud800A", "stay_in_touch_frequency": 10**400}, "data": [None]},
     {"uuid": [], "properties": {"first_name": "A", "birthdate": "x"}, "data": {"a": {"type": 0}}}],
    ids=repr,
)  # fmt: skip
def test_a_strange_entry_never_stops_the_next(strange):
    old = {"properties": {"is_dead": True, "first_name": "Old"}}
    content = monica(strange, {"properties": {"first_name": "Ann"}}, old)
    drafts = read(content).drafts
    assert [draft.full_name for draft in drafts][-2:] == ["Ann", "Old"]
    assert drafts[-1].archived


# --- Found by taking files apart at random


@pytest.mark.parametrize(
    "content",
    [
        card("FN:Ann", "EMAIL:a@x.test").encode("utf-16-le") + b"\x00\xd8",
        b"\xff\xfe" + card("FN:Ann", "EMAIL:a@x.test").encode("utf-16-le") + b"\x00\xdc\x00",
        b"\xff\xfe\x00\x00" + card("FN:Ann").encode("utf-32-le") + b"\xff\xff\xff\xff",
    ],
    ids=["half a character", "cut short", "no such character"],
)
def test_broken_wide_letters_cost_no_card(content):
    assert names(content) == ["Ann"]


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "utf-7", "unicode_escape", "utf-16", "undefined", "rot13"]
)
def test_a_card_may_name_any_charset(charset):
    value = f"FN;CHARSET={charset}:J\xf6rg"
    assert len(names(card(value).encode("cp1252"))) == 1
    encoded = card(f"FN;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:J=F6rg+2AA-")
    assert len(names(encoded)) == 1
    table = "Name,E-mail\nJ\xf6\xf6\xf6rg \xe4\xe4\xe4,a@x.test\n".encode("cp1252")
    assert len(names(table, guess_encoding=lambda _data: charset)) == 1


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["without mark", "with mark"])
def test_stray_bytes_never_become_halves_of_characters(mark):
    plain = card("FN:Zo\xeb", *["NOTE:\xe9\xe9\xe9\xe9"] * 20).encode()
    content = mark + plain + card("FN:Bo").encode().replace(b"FN", b"EMAIL:l\xf7ng@x.test\nFN")
    for draft in read(content).drafts:
        repr(draft.emails).encode()
        assert all("\udcf7" not in point.value for point in draft.emails)
        "".join(point.value for point in draft.emails).encode()


def test_halves_of_characters_in_json_are_replaced():
    half = {"properties": {"data": "a\ud800@x.test"}}
    told = {
        "properties": {"first_name": "Ann", "company": "c\ud800"},
        "data": [{"type": "contact_field", "values": [half]}],
    }
    (draft,) = read(monica(told)).drafts
    "".join([draft.organization, *(point.value for point in draft.emails)]).encode()
    for _label, text in draft.extras:
        text.encode()


# --- Found by thinking like somebody who means harm


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-32"])
@pytest.mark.parametrize("content", [LINKEDIN + ANN, card("FN:Ann Lee"), "monica"])
def test_wide_letters_are_read_with_and_without_a_mark(codec, content):
    content = monica({"properties": {"first_name": "Ann Lee"}}) if content == "monica" else content
    assert names(content.encode(codec)) == ["Ann Lee"]


def test_half_a_letter_at_the_end_is_nobody():
    assert names((LINKEDIN + ANN).encode("utf-16") + b"\0") == ["Ann Lee"]


def peak_megabytes(content):
    """Of reading alone; what tracemalloc counts is what Python and its libraries ask for."""
    tracemalloc.start()
    try:
        reading = read(content)
        return reading, tracemalloc.get_traced_memory()[1] / 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "people"),
    [
        (LINKEDIN + "," * 2_000_000 + "\n" + ANN, ["Ann Lee"]),
        (LINKEDIN + "\r" + "," * 2_000_000 + "\n" + ANN, ["Ann Lee"]),
        (LINKEDIN + "\r," * 150_000 + "\n" + ANN, ["Ann Lee"]),
        (card("FN:Ann Lee", "NOTE:x" + "\n " * 500_000) + card("FN:Bo"), ["Ann Lee", "Bo"]),
        (
            card("FN:Ann Lee", "NOTE;QUOTED-PRINTABLE:x" + "=\r\nx" * 500_000) + card("FN:Bo"),
            ["Ann Lee", "Bo"],
        ),
        (card("FN:Ann Lee", *["a:b"] * 500_000), ["Ann Lee"]),
    ],
    ids=["cells", "cells behind a return", "returns", "folds", "soft breaks", "properties"],
)
def test_what_swells_while_it_is_read_costs_itself_and_little_memory(content, people):
    reading, megabytes = peak_megabytes(content)
    assert [draft.full_name for draft in reading.drafts] == people
    assert reading.problems
    assert megabytes < 30


@pytest.mark.parametrize("blank", ["\n", "\r\n", "\r", " \n"])
def test_millions_of_blank_lines_are_refused_at_once(blank):
    content = LINKEDIN + blank * (limits.LINES + 1) + ANN
    start = time.process_time()
    assert read(content).refused.code is Code.TOO_MANY_ROWS
    assert time.process_time() - start < 2


def test_what_stands_behind_a_line_too_long_is_still_read():
    (draft,) = read(card("FN:Ann Lee", "NOTE:" + "x" * 5_000_000, "EMAIL:a@x.test")).drafts
    assert [point.value for point in draft.emails] == ["a@x.test"]


@pytest.mark.parametrize(
    ("content", "people"),
    [
        ("Name;Email\nAnn Lee;a@x.test\nBob Ray,b@x.test\n", ["Ann Lee", "Bob Ray"]),
        ("First Name,Last Name,Email\nAnn;Lee;a@x.test\nBob\tRay\tb@x.test\n",
         ["Ann Lee", "Bob Ray"]),
        ("Name;Email\nLee, Ann\nBob Ray;b@x.test\n", ["Lee, Ann", "Bob Ray"]),
    ],
)  # fmt: skip
def test_a_row_with_another_separator_is_read_where_it_surely_is_one(content, people):
    assert names(content) == people


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ('"first_name": "Ann", "stay_in_touch_frequency": ' + "9" * 5_000, "Ann"),
        ('"first_name": "Ann", "last_name": NaN, "company": Infinity', "Ann nan"),
        ('"first_name": "Ann", "stay_in_touch_frequency": -30', "Ann"),
        ('"first_name": "Bob", "first_name": "Ann"', "Ann"),
        ('"first_name": "Ann", "tags": 1e999, "birthdate": {"date": "9999-99-99"}', "Ann"),
    ],
    ids=["digits", "no numbers", "negative", "twice", "wrong types"],
)
def test_numbers_nobody_has_cost_nobody_else(told, name):
    whole = monica({"properties": {"first_name": "Bo"}}).replace('"first_name": "Bo"', told)
    assert names(whole) == [name]


def test_a_wrong_byte_in_json_costs_its_letter():
    content = monica({"properties": {"first_name": "Ann", "last_name": "L?"}}, {"properties": {
        "first_name": "Bo"}}).encode().replace(b"L?", b"L\xff\xed\xa0\x80")  # fmt: skip
    reading = read(content)
    assert [draft.given for draft in reading.drafts] == ["Ann", "Bo"]
    assert codes(reading) == [Code.BYTES_UNREADABLE]


def test_a_column_of_sentences_makes_no_thousands_of_tags():
    rows = "".join(f"P{n},Number {n},Fair\n" for n in range(limits.TAGS + 50))
    reading = read("Name,Tags,Labels\n" + rows)
    assert len({tag for draft in reading.drafts for tag in draft.tags}) == limits.TAGS
    assert reading.drafts[-1].tags == ("Fair",)
    assert reading.problems[0].code is Code.TOO_MANY_TAGS
    assert reading.problems[0].facts == {"count": limits.TAGS + 51, "limit": limits.TAGS}


def test_a_locked_file_beside_ours_is_not_in_the_way():
    archive = bytearray(zipped(Connections__csv=LINKEDIN + ANN, other__csv="a,b"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.rindex(signature) + offset] |= 1
    assert names(bytes(archive)) == ["Ann Lee"]


CUT = {
    "table": (LINKEDIN + ANN + 'Bo,"Ray, Jr.",,b@x.test,"A ""B"" C",,\n').encode(),
    "cards": card("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Jos=C3=A9=\r\n=20Lee",
                  "PHOTO;ENCODING=b:AAAA", "EMAIL:a@x.test", version="2.1").encode(),
    "wide cards": card("FN:José", "BDAY:19900506").encode("utf-16"),
    "monica": monica({"properties": {"first_name": "Ann", "tags": ["é"]}}).encode(),
    "zip": zipped(Connections__csv=LINKEDIN + ANN),
}  # fmt: skip


@pytest.mark.parametrize("kind", CUT)
def test_a_file_cut_anywhere_is_read_as_far_as_it_goes_or_refused(kind):
    whole = CUT[kind]
    for end in range(len(whole) + 1):
        reading = read(whole[:end])
        assert reading.drafts or reading.problems

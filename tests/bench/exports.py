"""Exports of as many people as asked for, as each program would write them."""

from __future__ import annotations

import csv
import io
import json
import quopri
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path


def person(n: int) -> dict[str, str]:
    """Somebody like everybody: an employer of ten people, a number, half of them a note."""
    return {
        "given": f"Zoë{n % 700}" if n % 7 == 0 else f"Given{n % 700}",
        "family": f"Family{n}",
        "email": f"p{n}@example.org",
        "phone": f"+44 20 7946 {n % 10_000:04d}",
        "organization": f"Firm {n % 3000}",
        "title": f"Head of number {n % 90}",
        "notes": f"Met at the fair, number {n}" if n % 2 else "",
        "day": f"19{70 + n % 30}-0{n % 9 + 1}-1{n % 9}",
        "link": f"https://www.linkedin.com/in/p-{n}",
    }


GOOGLE_NEW = {
    "First Name": "given", "Middle Name": "", "Last Name": "family", "Phonetic First Name": "",
    "Nickname": "", "File As": "", "Organization Name": "organization",
    "Organization Title": "title", "Organization Department": "", "Birthday": "day",
    "Notes": "notes", "Photo": "", "Labels": "=* myContacts", "E-mail 1 - Label": "=* Work",
    "E-mail 1 - Value": "email", "E-mail 2 - Label": "", "E-mail 2 - Value": "",
    "Phone 1 - Label": "=Mobile", "Phone 1 - Value": "phone", "Address 1 - Label": "=Home",
    "Address 1 - Formatted": "=1 Loop Road\nLondon", "Website 1 - Label": "=Profile",
    "Website 1 - Value": "link",
}  # fmt: skip
GOOGLE_OLD = {
    "Name": "", "Given Name": "given", "Additional Name": "", "Family Name": "family",
    "Yomi Name": "", "Nickname": "", "Birthday": "day", "Notes": "notes", "Photo": "",
    "Group Membership": "=* myContacts ::: Fair", "E-mail 1 - Type": "=* Work",
    "E-mail 1 - Value": "email", "Phone 1 - Type": "=Mobile", "Phone 1 - Value": "phone",
    "Organization 1 - Type": "", "Organization 1 - Name": "organization",
    "Organization 1 - Title": "title", "Website 1 - Type": "=Profile", "Website 1 - Value": "link",
}  # fmt: skip
OUTLOOK_DESKTOP = {
    "Title": "", "First Name": "given", "Middle Name": "", "Last Name": "family", "Suffix": "",
    "Company": "organization", "Department": "", "Job Title": "title", "Business Street": "=1 Road",
    "Business City": "=London", "Business Fax": "", "Business Phone": "phone", "Mobile Phone": "",
    "Anniversary": "=0/0/00", "Birthday": "=0/0/00", "Categories": "=Fair",
    "E-mail Address": "email", "E-mail Type": "=SMTP", "E-mail Display Name": "", "Gender":
    "=Unspecified", "Notes": "notes", "Priority": "=Normal", "Private": "=False", "Sensitivity":
    "=Normal", "Web Page": "link",
}  # fmt: skip
OUTLOOK_COM = {
    "First Name": "given", "Middle Name": "", "Last Name": "family", "Title": "", "Suffix": "",
    "Nickname": "", "Given Yomi": "", "Surname Yomi": "", "E-mail Address": "email",
    "E-mail 2 Address": "", "Home Phone": "", "Business Phone": "phone", "Mobile Phone": "",
    "Primary Phone": "", "Job Title": "title", "Department": "", "Company": "organization",
    "Office Location": "", "Business City": "=London", "Web Page": "link", "Birthday": "day",
    "Anniversary": "", "Notes": "notes",
}  # fmt: skip
OUTLOOK_GOOGLE = {
    "First Name": "given", "Middle Name": "", "Last Name": "family", "Title": "", "Suffix": "",
    "Initials": "", "Web Page": "link", "Gender": "", "Birthday": "day", "Anniversary": "",
    "Notes": "notes", "E-mail Address": "email", "E-mail 2 Address": "", "Primary Phone": "",
    "Mobile Phone": "phone", "Home Address": "", "Company": "organization", "Job Title": "title",
    "Department": "", "Business City": "=London", "User 1": "", "Keywords": "", "Priority": "",
    "Private": "", "Categories": "=myContacts;Fair",
}  # fmt: skip
TOLD = {
    "Wer": "", "Vorname": "given", "Zuname": "family", "Post": "email", "Nummer": "phone",
    "Haus": "organization", "Amt": "title", "Tag": "day", "Dazu": "notes", "Netz": "link",
}  # fmt: skip
TOLD_FILE = "told.csv"
# What its owner says a table holds whose headings say little.
TOLD_FIELDS = (
    "", "given", "family", "email", "phone", "organization", "title", "birthday", "notes", "link",
)  # fmt: skip


def _table(columns: dict[str, str]) -> Callable[[int], bytes]:
    def written(rows: int) -> bytes:
        file = io.StringIO(newline="")
        table = csv.writer(file)
        table.writerow(columns)
        for n in range(rows):
            told = person(n)
            table.writerow(
                field[1:] if field[:1] == "=" else told.get(field, "") for field in columns.values()
            )
        return file.getvalue().encode()

    return written


def _linkedin(rows: int) -> bytes:
    """Most of them without an address, as they are."""
    lines = ["First Name,Last Name,URL,Email Address,Company,Position,Connected On"]
    for n in range(rows):
        told = person(n)
        address = told["email"] if n % 20 == 0 else ""
        lines.append(
            f"{told['given']},{told['family']},{told['link']},{address},"
            f"{told['organization']},{told['title']},0{n % 9 + 1} Mar 2021"
        )
    return ('Notes:\n"Some addresses are missing."\n\n' + "\n".join(lines) + "\n").encode()


def _quoted(value: str) -> str:
    return quopri.encodestring(value.encode(), quotetabs=True).decode().replace("\n", "\r\n")


def _card_21(n: int) -> Iterable[str]:
    told = person(n)
    how = ";CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:"
    yield f"N{how}{_quoted(told['family'])};{_quoted(told['given'])};;;"
    yield f"FN{how}{_quoted(told['given'] + ' ' + told['family'])}"
    yield f"TEL;CELL:{told['phone']}"
    yield f"EMAIL;WORK:{told['email']}"
    yield f"ORG:{told['organization']}"
    yield f"TITLE:{told['title']}"
    yield f"URL:{told['link']}"
    yield f"BDAY:{told['day']}"
    if told["notes"]:
        yield f"NOTE{how}{_quoted(told['notes'])}"


def _card_30(n: int) -> Iterable[str]:
    told = person(n)
    yield f"N:{told['family']};{told['given']};;;"
    yield f"FN:{told['given']} {told['family']}"
    yield f"ORG:{told['organization']};Dept"
    yield f"TITLE:{told['title']}"
    yield f"EMAIL;type=INTERNET;type=HOME;type=pref:{told['email']}"
    yield f"TEL;type=CELL;type=VOICE:{told['phone']}"
    yield f"NOTE:Met at the fair\\, number {n}"
    yield f"BDAY:{told['day']}"
    yield f"UID:uid-{n}"


def _card_40(n: int) -> Iterable[str]:
    told = person(n)
    yield f"UID:urn:uuid:0a2c2cde-c116-a23c-ae32-{n:012x}"
    yield f"FN:{told['given']} {told['family']}"
    yield f"N:{told['family']};{told['given']};;;"
    yield f"EMAIL;TYPE=WORK;PREF=1:{told['email']}"
    yield f'TEL;VALUE=uri;TYPE="cell,voice":tel:{told["phone"].replace(" ", "-")}'
    yield f"ORG:{told['organization']}"
    yield f"TITLE:{told['title']}"
    yield f"X-SOCIALPROFILE;TYPE=linkedin:{told['link']}"
    yield f"BDAY:{told['day'].replace('-', '')}"
    if told["notes"]:
        yield "NOTE:" + told["notes"].replace(",", "\\,")
    yield "REV;VALUE=DATE-AND-OR-TIME:20250606T065654Z"


def _cards(version: str, card: Callable[[int], Iterable[str]]) -> Callable[[int], bytes]:
    def written(rows: int) -> bytes:
        return "".join(
            "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *card(n), "END:VCARD", ""])
            for n in range(rows)
        ).encode()

    return written


def _monica(rows: int) -> bytes:
    def points(n: int) -> list[dict[str, object]]:
        told = person(n)
        return [
            {"uuid": f"f{kind}{n}", "properties": {"data": told[kind], "type": f"t-{kind}"}}
            for kind in ("email", "phone", "link")
        ]

    def contact(n: int) -> dict[str, object]:
        told = person(n)
        held: list[dict[str, object]] = [
            {"count": 3, "type": "contact_field", "values": points(n)},
        ]
        if told["notes"]:
            note = {"uuid": f"n{n}", "properties": {"body": told["notes"]}}
            held.append({"count": 1, "type": "note", "values": [note]})
        return {
            "uuid": f"c{n}",
            "properties": {
                "first_name": told["given"], "last_name": told["family"],
                "company": told["organization"], "job": told["title"], "tags": ["fair"],
                "is_active": True, "birthdate": {"date": f"{told['day']}T00:00:00Z"},
                "first_met_through": f"c{n // 2}" if n % 4 == 0 else None,
                "stay_in_touch_frequency": 30 if n % 10 == 0 else None,
            },
            "data": held,
        }  # fmt: skip

    kinds = [
        {"uuid": f"t-{kind}", "properties": {"name": kind, "type": kind}}
        for kind in ("email", "phone", "link")
    ]
    held = [{"count": rows, "type": "contact", "values": [contact(n) for n in range(rows)]}]
    account = {"data": held, "instance": {"contact_field_types": kinds}}
    return json.dumps({"version": "1.0", "account": account}).encode()


MAKERS: dict[str, Callable[[int], bytes]] = {
    "linkedin.csv": _linkedin,
    "vcard 3.vcf": _cards("3.0", _card_30),
    "vcard 2.1.vcf": _cards("2.1", _card_21),
    "vcard 4.vcf": _cards("4.0", _card_40),
    "google.csv": _table(GOOGLE_NEW),
    "google old.csv": _table(GOOGLE_OLD),
    "outlook.csv": _table(OUTLOOK_DESKTOP),
    "outlook com.csv": _table(OUTLOOK_COM),
    "outlook go.csv": _table(OUTLOOK_GOOGLE),
    TOLD_FILE: _table(TOLD),
    "monica.json": _monica,
}


def make(rows: int) -> list[Path]:
    """One export of each kind, of ``rows`` people, in a new folder."""
    folder = Path(tempfile.mkdtemp(prefix="netcrm-bench-"))
    for name, maker in MAKERS.items():
        (folder / name).write_bytes(maker(rows))
    return [folder / name for name in MAKERS]

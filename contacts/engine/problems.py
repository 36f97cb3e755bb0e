"""One whole sentence for each thing that can be wrong with a file.

The sentences are marked for translation here and translated where they are shown:
``gettext(SENTENCES[problem.code]) % problem.facts``.
"""

from __future__ import annotations

from contacts.engine.drafts import Code, Problem


def gettext_noop(sentence: str) -> str:
    """Mark for ``makemessages``; the engine itself knows no language."""
    return sentence


SENTENCES: dict[Code, str] = {
    # The file as a whole
    Code.EMPTY: gettext_noop("This file is empty. Export it again and choose the new file."),
    Code.NO_ROWS: gettext_noop("This file has headings but no rows: there is nobody in it."),
    Code.NO_HEADER: gettext_noop(
        "No headings were found. The first row should name the columns, such as Name and E-mail."
    ),
    Code.NOT_TEXT: gettext_noop(
        "This is not a list of people we can read. Choose a CSV or vCard (.vcf) file."
    ),
    Code.IS_ARCHIVE: gettext_noop(
        "This is a packed archive of a kind we do not open. Unpack it first and choose the CSV "
        "or vCard file inside."
    ),
    Code.IS_SPREADSHEET: gettext_noop(
        "This is a spreadsheet or office file, whatever its name says. Open it and save it as CSV."
    ),
    Code.IS_PDF: gettext_noop("This is a PDF. Export your contacts as CSV or vCard instead."),
    Code.IS_IMAGE: gettext_noop("This is a picture. Choose a CSV or vCard (.vcf) file."),
    Code.IS_HTML: gettext_noop(
        "This is a web page, perhaps a sign-in page saved instead of the export. Download the "
        "export again."
    ),
    Code.IS_CALENDAR: gettext_noop("This is a calendar. Export your contacts, not your calendar."),
    Code.IS_MAIL: gettext_noop("This is e-mail. Save the attached file and choose that one."),
    Code.IS_OTHER_JSON: gettext_noop(
        "This is JSON, but neither a Monica export nor one of ours. Export as CSV or vCard instead."
    ),
    Code.BROKEN_JSON: gettext_noop(
        "This JSON file is broken or cut short. Export it again and choose the new file."
    ),
    Code.NO_CONNECTIONS_IN_ZIP: gettext_noop(
        "No contacts were found in this archive. From LinkedIn, ask for the part named Connections."
    ),
    Code.BROKEN_ZIP: gettext_noop(
        "This archive is broken or cut short. Download it again and choose the new file."
    ),
    Code.ENCRYPTED_ZIP: gettext_noop(
        "This archive is locked with a password. Unpack it first and choose the file inside."
    ),
    Code.UNSAFE_ZIP: gettext_noop(
        "This archive was refused: its file %(name)s points outside the archive."
    ),
    Code.TOO_MANY_BYTES: gettext_noop(
        "This file is larger than the limit of %(limit)s bytes. Split it and import the parts."
    ),
    Code.TOO_MANY_ROWS: gettext_noop(
        "This file has more than %(limit)s rows, which is the limit. Split it and import the parts."
    ),
    Code.TOO_MANY_COLUMNS: gettext_noop(
        "This table has %(count)s columns; the limit is %(limit)s. Remove columns and try again."
    ),
    Code.TOO_MANY_PARTS: gettext_noop(
        "This file is made of more parts than can be read at once. Export fewer people and "
        "import the parts."
    ),
    Code.TOO_MANY_MEMBERS: gettext_noop(
        "This archive holds more than %(limit)s files, which is the limit. Unpack it and choose "
        "the file with your contacts."
    ),
    Code.TOO_MANY_UNPACKED: gettext_noop(
        "This archive unpacks to more than the limit of %(limit)s bytes and was refused."
    ),
    Code.ENCODING_GUESSED: gettext_noop(
        "The file does not say how its letters are written; it was read as %(encoding)s. Check "
        "that names look right."
    ),
    Code.BYTES_UNREADABLE: gettext_noop(
        "Some letters could not be read and are shown as \ufffd (places found: %(count)s)."
    ),
    Code.TOO_MANY_TAGS: gettext_noop(
        "This file has %(count)s different tags; the first %(limit)s were kept."
    ),
    Code.COLUMN_TWICE: gettext_noop(
        "The column %(name)s stands in the file twice; the first filled one is used."
    ),
    Code.MAPPING_WANTED: gettext_noop(
        "No column looks like a name or an e-mail address. Choose what each column holds."
    ),
    Code.DAY_FIRST_INFERRED: gettext_noop(
        "Days such as 03/06/2025 were read with the %(first)s first, as the other rows show "
        "(rows: %(count)s)."
    ),
    Code.MORE_PROBLEMS: gettext_noop("There were %(count)s more remarks of these kinds."),
    # One row or card
    Code.BLANK_PERSON: gettext_noop("No name, e-mail address or number: skipped."),
    Code.NOT_A_ROW: gettext_noop("This line is not a row of the table: skipped."),
    Code.HEADER_AGAIN: gettext_noop("The headings stand here again: passed over."),
    Code.QUOTE_NEVER_CLOSED: gettext_noop(
        "A quotation mark is opened here and never closed. The row was read without it; check it."
    ),
    Code.TOO_MANY_CELLS: gettext_noop(
        "This row has %(count)s cells for %(limit)s headings; what is beyond was left out."
    ),
    Code.CELL_TOO_LARGE: gettext_noop(
        "A cell here is larger than the limit of %(limit)s bytes and was left out."
    ),
    Code.NAME_FROM_EMAIL: gettext_noop("There is no name here; %(name)s stands in for it."),
    Code.NAME_FROM_ORGANIZATION: gettext_noop(
        "There is no name here; the organization %(name)s stands in for it."
    ),
    Code.NAME_TOO_LONG: gettext_noop(
        "The name has %(chars)s characters; the limit is %(limit)s. Skipped."
    ),
    Code.TEXT_SHORTENED: gettext_noop(
        "%(field)s was shortened to %(limit)s characters, which is the limit."
    ),
    Code.EMAIL_INVALID: gettext_noop("%(text)s is not one e-mail address and was left out."),
    Code.LINK_INVALID: gettext_noop("%(text)s is not a web address and was left out."),
    Code.PHONE_INVALID: gettext_noop("%(text)s is not a telephone number and was left out."),
    Code.DATE_UNREADABLE: gettext_noop("%(text)s is not a date we can read; it was left blank."),
    Code.DATE_AMBIGUOUS: gettext_noop(
        "%(text)s could be two different days. It was left blank; say whether the day or the "
        "month comes first."
    ),
    Code.TOO_MANY_VALUES: gettext_noop(
        "One person has %(count)s values of the kind %(field)s; the first %(limit)s were kept."
    ),
    Code.CARD_NOT_CLOSED: gettext_noop("This card has no END line; it was read as far as it goes."),
    Code.CARD_TOO_LARGE: gettext_noop(
        "This card is longer than %(limit)s characters; the rest was left out."
    ),
    Code.CARD_IS_GROUP: gettext_noop(
        "%(name)s is a group, not a person. Its members carry its name as a tag."
    ),
    Code.CARD_IS_ORGANIZATION: gettext_noop("%(name)s is an organization, kept as a contact."),
    Code.LINE_IGNORED: gettext_noop(
        "Lines that belong to no card or property were passed over (lines: %(count)s)."
    ),
    Code.PERSON_PARTIAL: gettext_noop(
        "%(name)s is only mentioned by somebody else in Monica: skipped."
    ),
    Code.PERSON_MALFORMED: gettext_noop("This entry is not a person: skipped."),
    Code.ASKED_TO_BE_ERASED: gettext_noop(
        "This person has asked that nothing about them be kept here. Add them only if they have "
        "told you that they agree."
    ),
}


# Facts called ``first`` and ``field`` are words of ours; all others are the file's own.
FACT_WORDS: dict[str, str] = {
    "day": gettext_noop("day"),
    "month": gettext_noop("month"),
    "notes": gettext_noop("notes"),
    "organization": gettext_noop("organization"),
    "title": gettext_noop("title"),
    "e-mail": gettext_noop("e-mail"),
    "phone": gettext_noop("phone"),
    "link": gettext_noop("link"),
    "tag": gettext_noop("tag"),
    "extra": gettext_noop("further field"),
}
WORDED_FACTS = ("first", "field")


def sentence(problem: Problem) -> str:
    """The problem in English, for logs and tests; pages translate ``SENTENCES``."""
    return SENTENCES[problem.code] % problem.facts

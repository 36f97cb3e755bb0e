"""Days as people and programs write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from contacts.engine.drafts import Birthday
from contacts.engine.names import fold

# Months by their folded names and common short forms.  A name that means different months in
# two languages ("mar" is March for most; "listopad" is October in Croatian and November in
# Polish and Czech) is given the reading of more speakers.
_MONTH_WORDS = (
    "jan january januar janvier janv enero ene janeiro gennaio gen januari styczen sty stycznia "
    "ocak oca leden ledna ianuarie ian januari tammikuu tammi yanvar январь января янв januar "
    "sijecanj januaris ιανουαριος ιανουαριου ιαν يناير ינואר มกราคม",
    "feb february februar fevrier fevr fev febrero fevereiro febbraio februari luty lut lutego "
    "subat sub unor unora februarie helmikuu helmi февраль февраля фев февр feber "
    "φεβρουαριος φεβρουαριου φεβ فبراير פברואר กุมภาพันธ์",
    "mar march marz maerz mrz mars marzo marco maart mrt marzec marca mart brezen brezna martie "
    "maaliskuu maalis март марта marts μαρτιος μαρτιου μαρ مارس מרץ มีนาคม",
    "apr april avril avr abril abr aprile kwiecien kwi kwietnia nisan nis duben dubna aprilie "
    "huhtikuu huhti апрель апреля апр απριλιος απριλιου απρ ابريل אפריל เมษายน",
    "may mai mayo maio maggio mag mei maj maja mayis kveten kvetna toukokuu touko май мая "
    "μαιος μαιου μαι مايو מאי พฤษภาคม",
    "jun june juni juin junio junho giugno giu czerwiec cze czerwca haziran haz cerven cervna "
    "iunie iun kesakuu kesa июнь июня июн ιουνιος ιουνιου ιουν يونيو יוני มิถุนายน",
    "jul july juli juillet juil julio julho luglio lug lipiec lip lipca temmuz tem cervenec "
    "cervence iulie iul heinakuu heina июль июля июл ιουλιος ιουλιου ιουλ يوليو יולי กรกฎาคม",
    "aug august aout aou agosto ago augustus sierpien sie sierpnia agustos agu srpen srpna "
    "elokuu elo август августа авг augusti αυγουστος αυγουστου αυγ اغسطس אוגוסט สิงหาคม",
    "sep sept september septembre septiembre setiembre setembro set settembre wrzesien wrz "
    "wrzesnia eylul eyl zari septembrie syyskuu syys сентябрь сентября сен сент "
    "σεπτεμβριος σεπτεμβριου σεπ سبتمبر ספטמבר กันยายน",
    "oct october oktober okt octobre octubre outubro out ottobre ott pazdziernik paz "
    "pazdziernika ekim eki rijen rijna octombrie lokakuu loka октябрь октября окт "
    "οκτωβριος οκτωβριου οκτ اكتوبر אוקטובר ตุลาคม",
    "nov november novembre noviembre novembro listopad lis listopada kasim kas listopadu "
    "noiembrie noi marraskuu marras ноябрь ноября ноя нояб νοεμβριος νοεμβριου νοε نوفمبر "
    "נובמבר พฤศจิกายน",
    "dec december dezember dez decembre diciembre dic dezembro dicembre grudzien gru grudnia "
    "aralik ara prosinec prosince decembrie joulukuu joulu декабрь декабря дек desember des "
    "δεκεμβριος δεκεμβριου δεκ ديسمبر דצמבר ธันวาคม",
)
MONTHS = {word: month for month, words in enumerate(_MONTH_WORDS, 1) for word in words.split()}

_NUMBERS = re.compile(r"(\d{1,4})\s*([-/.\s])\s*(\d{1,2})\s*\2\s*(\d{1,4})\.?")
_DAY_FIRST = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|\.|º|°)?[\s/.-]*(?:de |of )?"
    r"([^\W\d_]+)\.?[\s,/.-]*(?:de[l]? )?(\d{2,4})"
)
_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.?[\s.-]*(\d{1,2})(?:st|nd|rd|th)?[\s,.-]+(\d{2,4})")
_YEAR_FIRST = re.compile(r"(\d{4})[\s.-]+([^\W\d_]+)\.?[\s.-]+(\d{1,2})")
_CJK = re.compile(r"(\d{2,4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
_CLOCK = re.compile(
    r"[\sT,]+(\d{1,2})[:.h]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?\s*(a\.?m\.?|p\.?m\.?)?"
    r"\s*(?:Z|UTC|GMT)?\s*(?:[+-]\d{2}:?\d{2})?\s*$",
    re.IGNORECASE,
)
_COMPACT_CLOCK = re.compile(r"(?<=\d)T\d{4,6}(?:Z|[+-]\d{2}:?\d{2})?\Z")
_WEEKDAY = re.compile(
    r"^[^\W\d_]+\.?,\s*(?=\d)|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE
)

_EXCEL_EPOCH = date(1899, 12, 30)  # serial 1 is 1900-01-01, with Lotus's 29 February 1900
_PIVOT = 69  # two-digit years: 00–68 are 20xx, 69–99 are 19xx, as POSIX strptime has it


@dataclass(frozen=True, slots=True)
class Day:
    """One reading of a date.  ``other`` is set when day and month could be swapped."""

    value: date
    other: date | None = None  # the same text read month first
    slashed: bool | None = None  # True: surely day first; False: surely month first


@lru_cache(maxsize=8192)
def read_day(text: str, *, day_first: bool | None = None) -> Day | None:
    """Return the day text names, or None when it names none.

    ``03/06/2025`` has two readings: ``value`` is the day-first one and ``other`` the
    month-first one, unless ``day_first`` decides.  A 12-hour clock behind the date means
    month first, as programs write it in the United States.  A five-digit number is a
    spreadsheet's serial day.
    """
    text = text.strip()
    if not text or len(text) > 80:
        return None
    text = _COMPACT_CLOCK.sub("", text)
    clock = _CLOCK.search(text)
    if clock:
        text = text[: clock.start()].rstrip(" ,T")
        if clock[2] and day_first is None:
            day_first = False
    text = _WEEKDAY.sub("", text)

    if (found := _NUMBERS.fullmatch(text)) and (len(found[1]) == 4 or len(found[4]) in (2, 4)):
        return _from_numbers(found[1], found[3], found[4], day_first)
    if found := _COMPACT.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _CJK.fullmatch(text):
        return _day(_year(found[1]), int(found[2]), int(found[3]))
    if found := _SERIAL.fullmatch(text):
        days = int(found[1])
        return Day(_EXCEL_EPOCH + timedelta(days)) if 20_000 <= days <= 75_000 else None
    if found := _DAY_FIRST.fullmatch(text):
        return _day(_year(found[3]), MONTHS.get(fold(found[2]), 0), int(found[1]))
    if found := _MONTH_FIRST.fullmatch(text):
        return _day(_year(found[3]), MONTHS.get(fold(found[1]), 0), int(found[2]))
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(int(found[1]), MONTHS.get(fold(found[2]), 0), int(found[3]))
    return None


def _from_numbers(first: str, second: str, third: str, day_first: bool | None) -> Day | None:
    if len(first) == 4:
        return _day(int(first), int(second), int(third))
    year, one, two = _year(third), int(first), int(second)
    as_day_first, as_month_first = _day(year, two, one), _day(year, one, two)
    if as_day_first and as_month_first and one != two:
        if day_first is not None:
            return as_day_first if day_first else as_month_first
        return Day(as_day_first.value, other=as_month_first.value)
    if as_day_first:
        return Day(as_day_first.value, slashed=None if one == two else True)
    if as_month_first:
        return Day(as_month_first.value, slashed=False)
    return None


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (1900 if year >= _PIVOT else 2000)


def _day(year: int, month: int, day: int) -> Day | None:
    if not 1800 <= year <= 2200:
        return None
    try:
        return Day(date(year, month, day))
    except ValueError:
        return None


_YEARLESS = re.compile(r"\s*--?(\d{2})-?(\d{2})(?:T.*)?\s*")
_YEARLESS_WORDS = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|\.)?[\s.-]+([^\W\d_]+)\.?"
    r"|([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?"
)
_NO_DATE = re.compile(r"[0\s./-]*")
NO_YEAR = 1604  # what Apple and Outlook write when the year is not known


def read_birthday(text: str, *, day_first: bool | None = None) -> tuple[Birthday | None, bool]:
    """Return the birthday text names and whether day and month could be swapped.

    ``--12-25`` and ``25 December`` have no year, nor has 1604, which some address books use
    for "unknown".  ``0/0/00`` is how Outlook writes "none": ``(None, False)``.  An ambiguous
    day gives ``(None, True)``.
    """
    if _NO_DATE.fullmatch(text):
        return None, False
    if found := _YEARLESS.fullmatch(text):
        return _birthday(int(found[1]), int(found[2]), None), False
    day = read_day(text, day_first=day_first)
    if day is None and (found := _YEARLESS_WORDS.fullmatch(text.strip())):
        month = MONTHS.get(fold(found[2] or found[3]), 0)
        return _birthday(month, int(found[1] or found[4]), None), False
    if day is None:
        old = re.fullmatch(rf"\s*{NO_YEAR}-?(\d\d)-?(\d\d)(?:T.*)?\s*", text)
        return (_birthday(int(old[1]), int(old[2]), None) if old else None), False
    if day.other:
        return None, True
    return _birthday(day.value.month, day.value.day, day.value.year), False


def _birthday(month: int, day: int, year: int | None) -> Birthday | None:
    try:
        date(year or 2000, month, day)
    except ValueError:
        return None
    return Birthday(month=month, day=day, year=None if year == NO_YEAR else year)


def names_no_day(text: str) -> bool:
    """True for what programs write when there is no date: nothing, zeros, dashes."""
    return bool(_NO_DATE.fullmatch(text))

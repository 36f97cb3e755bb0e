"""Names, addresses and links: cleaned for keeping, folded for comparing."""

from __future__ import annotations

import re
import unicodedata

_NEWLINES = re.compile("\r\n|[\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
# Removed everywhere: control characters, lone surrogates, noncharacters, and the invisible
# ones that only serve to reorder or smuggle text.  Kept: the joiners U+200C and U+200D, which
# Persian, Indic scripts and emoji need.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e"
    "\u200b\u200e\u200f\u2800\u3164\uffa0\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)
_AT_ENDS = " \u200c\u200d"  # a joiner with nothing to join is nothing
_SPACES = re.compile(r"\s+")
_INNER_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{4,}")
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_MARK_RUN = re.compile(f"({_MARK}{{4}}){_MARK}+")
# What is printable to Python and yet not as it should be.
_ODD = re.compile(f"[\u034f\u115f\u1160\u2800\u3164\uffa0]|{_MARK}{{5}}")


def clean_line(text: str) -> str:
    """Return text fit for one line: NFC, no control or bidi characters, single spaces.

    Line breaks and tabs become spaces.  More than four combining marks in a row are cut to
    four: no language needs them, and they climb over the neighbouring lines.
    """
    if text.isascii():
        plain = text.isprintable()
    else:
        text = unicodedata.normalize("NFC", text)
        plain = text.isprintable() and not _ODD.search(text)
    if plain and "  " not in text:
        return text.strip()
    text = _NEWLINES.sub(" ", text)
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return _SPACES.sub(" ", _MARK_RUN.sub(r"\1", text)).strip(_AT_ENDS)


def clean_text(text: str) -> str:
    """Like :func:`clean_line` for text of several lines, which keeps its line breaks."""
    text = unicodedata.normalize("NFC", text)
    if text.isprintable() and (text.isascii() or not _ODD.search(text)):
        return text.strip()
    text = _NEWLINES.sub("\n", text)
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    text = _INNER_SPACES.sub(" ", _MARK_RUN.sub(r"\1", text))
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n\n", lines).strip()


# Accents of the scripts in which they can be left out.  Indic vowel signs and the Japanese
# voicing marks carry the word and stay.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06ed\u0640\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h",
        "ı": "i", "ŋ": "n", "ŧ": "t", "ĸ": "k", "ə": "e", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي",
    }
)  # fmt: skip
_DROPPED = re.compile("['’‘ʼ`´ʹ·״׳]")
_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return text for comparing: no case, no accents, no punctuation, words by one space.

    >>> fold("O’Brien-Smith, José")
    'obrien smith jose'
    """
    if text.isascii():
        lowered = text.lower()
        if lowered.isalnum():
            return lowered
    else:
        lowered = unicodedata.normalize("NFKD", text).casefold()
        lowered = unicodedata.normalize("NFKD", lowered)
        lowered = _ACCENTS.sub("", lowered).translate(_LETTERS)
        lowered = unicodedata.normalize("NFC", lowered)
    return _NOT_WORD.sub(" ", _DROPPED.sub("", lowered)).strip()


# Letters of two scripts with one customary Latin spelling each, for comparing only.
_LATIN = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "є": "ye",
        "ж": "zh", "з": "z", "и": "i", "і": "i", "к": "k", "л": "l", "м": "m", "н": "n",
        "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
        "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e",
        "ю": "yu", "я": "ya", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "dj", "џ": "dz",
        "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th",
        "ι": "i", "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p",
        "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps",
        "ω": "o",
    }
)  # fmt: skip


def latin(folded: str) -> str:
    """Return folded Cyrillic or Greek in Latin letters; other scripts pass unchanged."""
    return folded if folded.isascii() else folded.translate(_LATIN)


def word_set(text: str) -> frozenset[str]:
    """The words of a table kept as running text."""
    return frozenset(text.split())


_HONORIFICS = word_set(
    "mr mrs ms miss mx dr prof professor sir dame lord lady rev reverend fr father sr sister "
    "brother hon judge capt captain maj col gen lt sgt herr frau hr fr dipl ing mag drs ir "
    "monsieur madame mme mlle m sr sra srta don dona senor senora sig signor signora dott "
    "dottssa avv arch mevr dhr pan pani"
)
_SUFFIXES = word_set(
    "jr sr ii iii iv phd md mba cpa esq bsc ba msc ma meng beng bs ms dds dvm jd llm llb pmp "
    "cfa cfp pe rn mph edd ed dphil mphil acca frsa obe mbe cbe kc qc cissp phr shrm sphr csm "
    "dipl ing fcca aca cma cipd mcipd fcipd phdc emba mtech btech bcom mcom ret"
)
_COMMA = re.compile(r"\s*[,،、，]\s*")


def name_words(name: str) -> tuple[str, ...]:
    """Return the words a name is compared by, folded, in the order they are spoken.

    ``Okoro, Shirley`` is turned round; titles in front and degrees behind are left out, unless
    nothing else would remain.

    >>> name_words("Dr. Okoro, Shirley, MBA")
    ('shirley', 'okoro')
    """
    parts = [fold(part) for part in _COMMA.split(name)]
    parts = [part for part in parts if part]
    named = [part for part in parts if not _only_suffixes(part)] or parts
    if len(named) == 2 and len(named[0].split()) <= 3 and len(named[1].split()) <= 3:
        front, back = named
        titles = [word for word in front.split() if word in _HONORIFICS]
        rest = [word for word in front.split() if word not in _HONORIFICS]
        named = [" ".join(titles), back, " ".join(rest)]
    words = " ".join(named).split()
    first, last = 0, len(words)
    while first < last - 1 and words[first] in _HONORIFICS:
        first += 1
    while last - 1 > first and words[last - 1] in _SUFFIXES:
        last -= 1
    return tuple(words[first:last])


def _only_suffixes(part: str) -> bool:
    return all(word in _SUFFIXES for word in part.split())


# Short forms of given names common in English-speaking countries.  A word may stand in
# several rows ("al"); each row is one circle of names for the same person.
_SHORT_FORMS = tuple(
    word_set(row)
    for row in (
        "abigail abby gail",
        "alan al allan allen",
        "albert al bert bertie",
        "alexander alex al sandy xander lex sasha",
        "alexandra alex sandra sandy lexi sasha",
        "alfred al alf alfie fred",
        "amanda mandy",
        "andrew andy drew",
        "angela angie",
        "anne ann anna annie nan nancy",
        "anthony tony antony",
        "antonio tony toni",
        "arthur art artie",
        "barbara barb babs barbie",
        "benjamin ben benny benji",
        "bernard bernie",
        "bradley brad",
        "bridget biddy bridie",
        "caroline carol carrie",
        "catherine cathy kate katie cat kathy kay kitty katherine kathryn katharine kath kit",
        "charles charlie chuck chas chaz",
        "charlotte charlie lottie",
        "christine chris tina chrissie christina kristina kristin",
        "christopher chris kit topher",
        "clifford cliff",
        "cynthia cindy",
        "daniel dan danny",
        "danielle dani",
        "david dave davey davy",
        "deborah deb debbie debra",
        "dennis den denny",
        "diana di diane",
        "donald don donny donnie",
        "dorothy dot dottie dolly",
        "douglas doug",
        "edward ed eddie ted teddy ned eddy",
        "edwin ed eddie",
        "eleanor ellie nell nora",
        "elizabeth liz beth betty eliza lizzie libby bess betsy lisa elisabeth",
        "emily em emmy",
        "emma em",
        "eugene gene",
        "florence flo flossie",
        "frances fran frannie",
        "francis frank fran",
        "franklin frank",
        "frederick fred freddie freddy rick",
        "gabriel gabe",
        "gabrielle gabby",
        "geoffrey geoff jeff jeffrey",
        "george georgie",
        "gerald gerry jerry",
        "gregory greg",
        "harold harry hal",
        "harriet hattie",
        "helen nell nellie",
        "henry hank harry hal",
        "herbert bert herb",
        "isabella bella izzy isabel isabelle",
        "jacob jake",
        "jacqueline jackie",
        "james jim jimmy jamie",
        "janet jan",
        "jennifer jen jenny jenn",
        "jeremy jerry jez",
        "jessica jess jessie",
        "joan joanie",
        "joanne jo joanna",
        "john johnny jack jon",
        "jonathan jon johnny jonny",
        "joseph joe joey",
        "josephine jo josie",
        "joshua josh",
        "judith judy jude",
        "julia julie jules",
        "kenneth ken kenny",
        "kevin kev",
        "kimberly kim kimberley",
        "lawrence larry laurie laurence",
        "leonard len lenny leo",
        "lillian lily lil",
        "linda lin lyn",
        "louis lou louie lewis",
        "louise lou",
        "lucy lu",
        "madeline maddie maddy madeleine",
        "margaret maggie meg peggy marge margie greta daisy peg",
        "maria mary mia",
        "mary molly polly mae",
        "martha marty",
        "martin marty",
        "matthew matt matty",
        "maxwell max",
        "maximilian max",
        "megan meg",
        "melissa mel missy lissa",
        "michael mike mick mickey mikey",
        "michelle shelly chelle",
        "mitchell mitch",
        "mohammed mohamed muhammad mohammad mo",
        "nancy nan",
        "natalie nat",
        "nathaniel nat nate nathan",
        "nicholas nick nicky nico nicolas",
        "nicole nicky nikki",
        "norman norm",
        "oliver ollie",
        "olivia liv",
        "pamela pam",
        "patricia pat patty trish tricia patti",
        "patrick pat paddy rick",
        "peter pete",
        "philip phil phillip pip",
        "priscilla cilla",
        "rachel rach",
        "rebecca becky becca",
        "raymond ray",
        "richard dick rick ricky rich richie",
        "robert bob rob bobby robbie bert",
        "roberta bobbie",
        "rodney rod",
        "roger rog",
        "ronald ron ronnie",
        "rosemary rose rosie",
        "russell russ",
        "samantha sam",
        "samuel sam sammy",
        "sarah sally sara",
        "sebastian seb",
        "sharon shaz",
        "sheila she",
        "shirley shirl",
        "sophia sophie sofia",
        "stanley stan",
        "stephanie steph",
        "stephen steve stevie steven",
        "stewart stu stuart",
        "susan sue suzie susie suzanne susanna",
        "sylvia syl",
        "theodore ted teddy theo",
        "theresa terry tess tessa teresa",
        "thomas tom tommy",
        "timothy tim timmy",
        "valerie val",
        "vanessa nessa",
        "veronica ronnie",
        "victor vic",
        "victoria vicky tori vicki",
        "vincent vince vinny",
        "virginia ginny ginger",
        "walter walt wally",
        "wendy wend",
        "wilhelm willi willy",
        "william bill will billy willie liam",
        "zachary zach zack",
        "francisco paco pancho",
        "jose pepe",
        "giuseppe beppe",
        "johannes hans jan johann",
        "katarzyna kasia",
        "aleksandr sasha aleksandra",
        "dmitri dima dmitry",
        "ekaterina katya",
        "mikhail misha",
        "vladimir volodya vova",
    )
)
_CIRCLES: dict[str, frozenset[str]] = {}
for _row in _SHORT_FORMS:
    for _word in _row:
        _CIRCLES[_word] = _CIRCLES.get(_word, frozenset()) | _row


def short_forms(word: str) -> frozenset[str]:
    """Return every given name a folded word may stand for, itself included."""
    return _CIRCLES.get(word, frozenset((word,)))


def edits(one: str, other: str, limit: int) -> int:
    """Count the letters to add, drop, change or swap with a neighbour; ``limit + 1`` if more.

    Optimal string alignment, bounded: O(limit · length).
    """
    if one == other:
        return 0
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, mark in enumerate(one, 1):
        earlier, before, row = before, row, [i] + [limit + 1] * len(other)
        least = row[0]
        for j in range(max(1, i - limit), min(len(other), i + limit) + 1):
            cost = before[j - 1] + (mark != other[j - 1])
            cost = min(cost, before[j] + 1, row[j - 1] + 1)
            if i > 1 < j and mark == other[j - 2] and one[i - 2] == other[j - 1]:
                cost = min(cost, earlier[j - 2] + 1)
            row[j] = cost
            least = min(least, cost)
        if least > limit:
            return limit + 1
    return min(row[-1], limit + 1)


_JOINED = re.compile("[\u200d\ufe0f\U0001f3fb-\U0001f3ff]")


def initials(name: str) -> str:
    """Return one or two marks to stand for a person: first and last word, upper case.

    A mark is a whole written character: an accent stays on its letter, an emoji of several
    code points stays whole.  A name of no letters gives its first character; an empty one "?".
    """
    words = [word.strip(_AT_ENDS) for word in re.split(r"[\s,]+", clean_line(name))]
    words = [word for word in words if word]
    lettered = [word for word in words if any(map(str.isalnum, word))]
    while len(lettered) > 1 and fold(lettered[0]) in _HONORIFICS:
        lettered = lettered[1:]
    while len(lettered) > 2 and fold(lettered[-1]) in _SUFFIXES:
        lettered = lettered[:-1]
    chosen = lettered or words[:1]
    if not chosen:
        return "?"
    marks = [_first_character(word) for word in (chosen[:1] + chosen[1:][-1:])]
    if not chosen[0].isascii() and unicodedata.east_asian_width(marks[0][0]) == "W":
        marks = marks[:1]
    return "".join(marks).upper()


def _first_character(word: str) -> str:
    """The first written character that is a letter or digit, or the first one at all."""
    start = next((i for i, mark in enumerate(word) if mark.isalnum()), 0)
    end = start + 1
    while end < len(word) and end - start < 12:
        mark = word[end]
        joined = word[end - 1] == "\u200d"
        flag = "\U0001f1e6" <= mark <= "\U0001f1ff" and end - start == 1 and (
            "\U0001f1e6" <= word[start] <= "\U0001f1ff"
        )  # fmt: skip
        if joined or flag or _JOINED.match(mark) or unicodedata.category(mark)[0] == "M":
            end += 1
        else:
            break
    return word[start:end].rstrip("\u200d")

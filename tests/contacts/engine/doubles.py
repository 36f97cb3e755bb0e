"""A list of people with doubles planted in it, for judging the duplicate finder."""

import random

from contacts.engine.dedupe import Record
from contacts.engine.names import short_forms


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = _words(
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara "
    "Richard Susan Joseph Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy "
    "Matthew Betty Anthony Margaret Mark Sandra Donald Ashley Steven Kimberly Paul Emily Andrew "
    "Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Dorothy George Melissa Timothy "
    "Deborah Ronald Stephanie Edward Rebecca Jason Sharon Jeffrey Laura Ryan Cynthia Jacob "
    "Kathleen Gary Amy Nicholas Angela Eric Shirley Jonathan Anna Stephen Brenda Larry Pamela "
    "Justin Emma Scott Nicole Brandon Helen Benjamin Samantha Samuel Katherine Gregory "
    "Christine Alexander Debra Frank Rachel Patrick Carolyn Raymond Janet Jack Catherine Dennis "
    "Maria Jerry Heather José Zoë Søren Łukasz Noémie Jürgen Aoife Björn Chloé Dmitri Svetlana "
    "Иван Наталья Yuki Hiroshi Priya Rajesh Fatima Mohammed Chidi Amara Wei Mei Nguyen Thi "
    "Ahmed Layla Mateo Lucía Giulia Luca Anneliese Wolfgang Ingrid Henrik Astrid Piotr "
    "Agnieszka Ivana Zoltán Eszter"
)
FAMILY = _words(
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez "
    "Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White "
    "Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres "
    "Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts "
    "Okoro Okafor Müller Schröder Weiß Lefèvre Núñez Patel Sharma Tanaka Yamada Kowalski Nowak "
    "Ivanov Петров Svensson Hansen Novák Kovács Rossi Bianchi Silva Santos O’Brien O’Sullivan "
    "MacDonald Fraser Fitzgerald Papadopoulos Haddad Rahman Chowdhury Khan Singh Kaur Wong Chen "
    "Zhang Liu Park Kim"
)
SYLLABLES = [
    "ber",
    "ster",
    "mann",
    "wick",
    "ton",
    "ford",
    "ley",
    "man",
    "sen",
    "ski",
    "ova",
    "dale",
    "worth",
    "ham",
    "stein",
    "field",
    "wood",
]
WORDS = _words(
    "North South Blue Red Bright Clear First Global United Prime Iron Silver Green River Lake "
    "Hill Stone Cloud Data Logic Media Health Energy Food Steel Paper Water Air Trade Bank "
    "Capital"
)
KINDS = (
    "same e-mail, other case",
    "same phone, other form",
    "same profile, other form",
    "same name and employer",
    "order turned round",
    "accents dropped, employer the same",
    "one letter wrong, employer the same",
    "short form, employer the same",
    "initial, employer the same",
    "only the name, which is rare",
    "title and degree added, e-mail domain the same",
    "middle name added, employer spelt otherwise",
)


def people(count: int, seed: int) -> list[Record]:
    """Invented people: names with a few common and many rare ones, employers likewise.

    About sixty pairs of namesakes in five thousand, as among as many Americans.
    """
    rng = random.Random(seed)
    families = [*FAMILY] + [f"{family}{end}" for family in FAMILY for end in SYLLABLES]
    employers = [f"{one} {other}" for one in WORDS for other in WORDS if one != other]
    givens = rng.choices(GIVEN, [1 / (rank + 20) for rank in range(len(GIVEN))], k=count)
    surnames = rng.choices(families, [1 / (rank + 60) for rank in range(len(families))], k=count)
    firms = rng.choices(employers, [1 / (rank + 5) for rank in range(len(employers))], k=count)
    made = []
    for number, (given, family, employer) in enumerate(zip(givens, surnames, firms, strict=True)):
        domain = employer.replace(" ", "").lower() + ".test"
        mail = f"p{number}@{domain if rng.random() < 0.6 else 'gmail.com'}"
        made.append(
            Record(
                id=f"{number:05d}",
                name=f"{given} {family}",
                emails=(mail,) if rng.random() < 0.6 else (),
                phones=(f"+44 20 {rng.randrange(10**7, 10**8)}",) if rng.random() < 0.4 else (),
                links=(f"https://www.linkedin.com/in/p-{number}",) if rng.random() < 0.5 else (),
                organization=employer if rng.random() < 0.8 else "",
                title=rng.choice(("Engineer", "Director", "Clerk", "Founder", "Nurse", "")),
            )
        )
    return made


def with_doubles(
    count: int, planted: int, seed: int
) -> tuple[list[Record], dict[tuple[str, str], str]]:
    """``count`` records of which ``planted`` are doubles; and which pairs those are, by kind."""
    rng = random.Random(seed)
    records = people(count - planted, seed)
    pairs: dict[tuple[str, str], str] = {}
    for number, original in enumerate(rng.sample(records, planted)):
        kind = KINDS[number % len(KINDS)]
        double_id = f"{count - planted + number:05d}"
        records.append(_double(original, kind, double_id, records, rng))
        pairs[(original.id, double_id)] = kind
    rng.shuffle(records)
    return records, pairs


def _double(
    original: Record, kind: str, id: str, records: list[Record], rng: random.Random
) -> Record:
    place = next(i for i, record in enumerate(records) if record.id == original.id)
    given, _, family = original.name.partition(" ")
    employer = original.organization or f"Harbour {id}"

    def again(**known: object) -> Record:
        return Record(id=id, **{"name": original.name, **known})  # type: ignore[arg-type]

    def set_original(**known: object) -> None:
        told = {name: getattr(original, name) for name in original.__slots__} | known
        records[place] = Record(**told)

    if kind == "same e-mail, other case":
        email = (original.emails or (f"p{id}@gmail.com",))[0]
        set_original(emails=(email,))
        return again(emails=(email.upper(),), organization=original.organization)
    if kind == "same phone, other form":
        set_original(phones=("+44 20 79461234"[:-4] + id[-4:],))
        return again(phones=("0044 (0)20 7946" + id[-4:],), name=f"{given} {family}")
    if kind == "same profile, other form":
        set_original(links=(f"https://www.linkedin.com/in/p-{id}x",))
        return again(links=(f"http://de.linkedin.com/in/P-{id}X/?trk=a",))
    set_original(organization=employer)
    if kind == "same name and employer":
        return again(organization=employer + ", Inc.", title="Manager")
    if kind == "order turned round":
        return again(name=f"{family}, {given}", organization=employer.upper())
    if kind == "accents dropped, employer the same":
        name = original.name.translate(str.maketrans("éèüöøñçłë", "eeuoonc" + "le"))
        return again(name=name.upper(), organization=employer)
    if kind == "one letter wrong, employer the same":
        at = rng.randrange(1, len(family))
        wrong = family[:at] + family[at - 1] + family[at:] if len(family) > 4 else family + "e"
        return again(name=f"{given} {wrong}", organization=employer)
    if kind == "short form, employer the same":
        short = sorted(short_forms(given.lower()))[0].title()
        return again(name=f"{short} {family}", organization=employer)
    if kind == "initial, employer the same":
        return again(name=f"{given[0]}. {family}", organization=employer)
    if kind == "only the name, which is rare":
        rare = f"{given}{rng.choice(SYLLABLES)} {family}{rng.choice(SYLLABLES)}"
        set_original(name=rare)
        return again(name=rare)
    if kind == "title and degree added, e-mail domain the same":
        domain = employer.replace(" ", "").lower() + ".test"
        set_original(emails=(f"p{id}@{domain}",))
        return again(name=f"Dr. {given} {family}, PhD", emails=(f"{family.lower()}{id}@{domain}",))
    return again(name=f"{given} Q. {family}", organization=employer + " Holdings Ltd")

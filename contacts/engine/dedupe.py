"""Which two records may be one person, with the reason.

Two records that agree say more, the rarer what they agree on: one telephone number in common is
nearly proof, "John" in common is nothing.  Each agreement and each contradiction weighs in
bits, the logarithm of how much likelier it is between records of one person than between
strangers (the idea of Fellegi and Sunter, J. Am. Stat. Assoc. 64, 1969); how rare a name is
comes from the very list at hand.  The sum is an inner matter: what is shown are the reasons.
Decision record 0032 has the weights and why.

Only records that share a key are compared (an address, a number, a profile, a name, an
employer with one word of the name …), and a key that too many share is left out, so the time
grows with the number of records and not with its square.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import log2

from contacts.engine.names import edits, fold, latin, name_words, short_forms, word_set
from contacts.engine.points import email_key, linkedin_key, phone_key

Similar = Callable[[str, str], bool]  # two folded words → may one be a misspelling of the other?


class Reason(StrEnum):
    """What two records have in common, strongest first."""

    SAME_EMAIL = "same_email"
    SAME_PROFILE = "same_profile"
    SAME_MAILBOX = "same_mailbox"  # ann+news@ and ann@; dots in a Gmail address
    SAME_PHONE = "same_phone"
    SAME_NAME = "same_name"
    SHORT_NAME = "short_name"  # Bob and Robert, S. and Shirley
    NEAR_NAME = "near_name"  # one letter or two apart
    SAME_ORGANIZATION = "same_organization"
    SAME_DOMAIN = "same_domain"  # of their e-mail, an employer's and not a mail provider's
    SAME_TITLE = "same_title"
    SAME_BIRTHDAY = "same_birthday"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A person as far as it matters here."""

    id: str
    name: str
    nickname: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    organization: str = ""
    title: str = ""
    birthday: str = ""  # ``--12-25`` or ``1992-02-29``


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two records that may be one person."""

    first: str  # the smaller id
    second: str
    reasons: tuple[Reason, ...]
    certain: bool  # they share an address, a number or a profile, and the name fits


_BLOCK = 60  # members of one key that are compared with each other at most
_FEW = 500  # a shorter list says no more about how common a name is than one so long
_ENOUGH = 1.5  # bits: a pair is shown from about three to one that it is one person …
_FALSE_SHARE = 0.04  # … while of all pairs shown no more than this are expected to be wrong
_SURE = 5.0  # bits: shown whatever the others are like
_PRIOR_SHARE = 0.04  # of the records are doubles of another, before anything is known

_FREE_MAIL = word_set(
    "gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de hotmail.com hotmail.co.uk "
    "hotmail.fr outlook.com live.com msn.com icloud.com me.com mac.com aol.com gmx.de gmx.net "
    "gmx.com web.de mail.com mail.ru yandex.ru proton.me protonmail.com t-online.de orange.fr "
    "wanadoo.fr free.fr laposte.net libero.it qq.com 163.com 126.com naver.com comcast.net "
    "verizon.net att.net sbcglobal.net btinternet.com sky.com fastmail.com zoho.com hey.com "
    "example.com example.org example.net"
)
_ROLE_MAILBOXES = word_set(
    "info office contact hello admin sales support mail team jobs careers hr press help post "
    "kontakt contacto secretary reception enquiries inquiries noreply no-reply webmaster service"
)
_LEGAL_FORMS = word_set(
    "inc incorporated ltd limited llc llp lp plc corp corporation co company gmbh ag kg kgaa mbh "
    "ug ohg gbr ev sa sas sarl srl spa sl bv nv ab as asa oy oyj aps sp zoo doo kk pty pte bhd sdn "
    "holding holdings group the and und et"
)  # fmt: skip


def organization_key(name: str) -> str:
    """What two spellings of one employer share: no legal form, no punctuation, no accents.

    >>> organization_key("Acme, Inc.") == organization_key("ACME Inc")
    True
    """
    words = latin(fold(name.replace("&", " ").replace(".", ""))).split()
    kept = [word for word in words if word not in _LEGAL_FORMS]
    return " ".join(kept or words)


def misspelt(one: str, other: str) -> bool:
    """One letter in words of four to seven, two in longer ones; the plain judge of likeness."""
    shorter = min(len(one), len(other))
    return shorter >= 4 and edits(one, other, 1 if shorter < 8 else 2) <= (1 if shorter < 8 else 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A record with its keys worked out."""

    id: str
    words: tuple[str, ...]
    joined: str
    ends: tuple[str, ...]  # first and last word, in order of the alphabet
    nickname: str
    emails: frozenset[str]
    mailboxes: frozenset[str]
    phones: frozenset[str]
    profiles: frozenset[str]
    domains: frozenset[str]
    organization: str
    title: str
    birthday: str


def _look(record: Record) -> _Seen:
    words = tuple(latin(word) for word in name_words(record.name))
    emails = frozenset(email_key(email) for email in record.emails if "@" in email)
    phones = frozenset(
        key
        for key in (phone_key(phone).lstrip("+")[-9:] for phone in record.phones)
        if len(key) >= 7
    )
    profiles = frozenset(filter(None, map(linkedin_key, record.links)))
    domains = frozenset(email.partition("@")[2] for email in emails) - _FREE_MAIL
    return _Seen(
        id=record.id,
        words=() if "@" in record.name else words,
        joined=" ".join(sorted(words)),
        ends=tuple(sorted({*words[:1], *words[-1:]})),
        nickname=fold(record.nickname),
        emails=emails,
        mailboxes=frozenset(map(_mailbox, emails)),
        phones=phones,
        profiles=profiles,
        domains=domains,
        organization=organization_key(record.organization),
        title=fold(record.title),
        birthday=record.birthday,
    )


def _mailbox(email: str) -> str:
    """The box an address ends up in: without what stands behind a plus, Gmail's without dots."""
    local, _, domain = email.partition("@")
    local = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


@dataclass(slots=True)
class _Frequencies:
    """How common everything is in the list at hand."""

    people: int
    usual: int = 1  # how many records bear a word of a name at least
    words: Counter[str] = field(default_factory=Counter)
    names: Counter[tuple[str, ...]] = field(default_factory=Counter)
    initials: Counter[str] = field(default_factory=Counter)
    organizations: Counter[str] = field(default_factory=Counter)
    domains: Counter[str] = field(default_factory=Counter)
    titles: Counter[str] = field(default_factory=Counter)
    emails: Counter[str] = field(default_factory=Counter)
    phones: Counter[str] = field(default_factory=Counter)

    def add(self, seen: _Seen) -> None:
        self.words.update(set(seen.words))
        self.names[seen.ends] += 1
        self.initials.update({word[0] for word in seen.words})
        self.organizations[seen.organization] += 1
        self.domains.update(seen.domains)
        self.titles[seen.title] += 1
        self.emails.update(seen.emails)
        self.phones.update(seen.phones)

    def rarity(self, count: int) -> float:
        """Bits an agreement on a value is worth that ``count`` of the records have."""
        return max(0.0, log2(self.people / max(count, 1)))

    def word(self, word: str) -> float:
        return self.common_word(self.words[word])

    def common_word(self, count: int) -> float:
        return self.rarity(max(self.usual, count))

    def at_most(self, one: _Seen, other: _Seen, bits: float) -> float:
        """Bits for a name in common: those of its words, but less when others bear it too.

        Words of a name go together (nobody is called Sunita Schmidt), so their rarities
        cannot simply be added; the more records bear the whole name, the less it says.
        """
        bearers = self.names[one.ends]
        if other.ends != one.ends:
            bearers += self.names[other.ends]
        bearers = max(2, bearers)
        return min(bits, self.rarity(bearers) + 11.0 - 4.0 * (bearers - 2))


def find_duplicates(
    records: Iterable[Record],
    *,
    similar: Similar = misspelt,
    told_apart: Collection[tuple[str, str]] = (),
) -> tuple[Pair, ...]:
    """Return the pairs that may be one person, the surest first.

    Args:
        records: one owner's people; ids are unique.
        similar: judges two folded words that are not equal.
        told_apart: pairs (smaller id first) the owner has said are two people.
    """
    everybody = [_look(record) for record in records]
    common = _Frequencies(people=max(len(everybody), _FEW))
    for seen in everybody:
        common.add(seen)
    blocks: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, seen in enumerate(everybody):
        for key in _keys(seen):
            blocks[key].append(number)
    compared: set[tuple[int, int]] = set()
    found: list[tuple[float, Pair]] = []
    apart = frozenset(told_apart)
    for members in blocks.values():
        if not 2 <= len(members) <= _BLOCK:
            continue
        for at, one in enumerate(members):
            for other in members[at + 1 :]:
                if (one, other) in compared:
                    continue
                compared.add((one, other))
                weighed = _weigh(everybody[one], everybody[other], common, similar)
                if weighed is not None and (weighed[1].first, weighed[1].second) not in apart:
                    found.append(weighed)
    return _shown(found)


def _shown(found: list[tuple[float, Pair]]) -> tuple[Pair, ...]:
    """The surest first, as far as the list stays true: unsure pairs ride on sure ones."""
    found.sort(key=lambda item: (-item[0], item[1].first, item[1].second))
    expected_wrong = 0.0
    shown: list[Pair] = []
    for bits, pair in found:
        expected_wrong += 1 / (1 + 2.0 ** min(bits, 60.0))
        if expected_wrong > _FALSE_SHARE * (len(shown) + 1) and bits < _SURE:
            break
        shown.append(pair)
    return tuple(shown)


def same_person(
    new: Record, existing: Sequence[Record], *, similar: Similar = misspelt
) -> tuple[Pair, ...]:
    """Return whom a new record may already be, the surest first; for the warning before saving.

    ``existing`` is what a few queries found (the same address or number, a like name); names
    count as moderately rare, since so short a list says nothing about rarity.  The same name
    is enough unless the employers differ.  Every pair holds ``new.id`` on one side.
    """
    seen = _look(new)
    common = _Frequencies(people=1_000, usual=8)
    found = []
    for other in map(_look, existing):
        if other.id != seen.id:
            weighed = _weigh(seen, other, common, similar, enough=0.0)
            if weighed is not None:
                found.append(weighed)
    found.sort(key=lambda item: (-item[0], item[1].first, item[1].second))
    return tuple(pair for _, pair in found)


def _keys(seen: _Seen) -> set[tuple[str, ...]]:
    keys: set[tuple[str, ...]] = set()
    keys.update(("email", email) for email in seen.emails)
    keys.update(("mailbox", mailbox) for mailbox in seen.mailboxes)
    keys.update(("phone", phone) for phone in seen.phones)
    keys.update(("profile", profile) for profile in seen.profiles)
    words = seen.words
    if not words:
        return keys
    keys.add(("name", seen.joined))
    first, last = words[0], words[-1]
    if len(words) > 1:
        keys.add(("ends", *sorted((first, last))))
        for one, other in ((first, last), (last, first)):
            keys.add(("initial", one[0], other))
            for name in short_forms(one):
                keys.add(("short", name, other))
            if len(other) >= 4:
                # Two spellings one letter apart share a form with a letter left out.
                keys.update(("near", one, other[:i] + other[i + 1 :]) for i in range(len(other)))
                keys.add(("near", one, other))
    for work in filter(None, (seen.organization, *seen.domains)):
        keys.update(("work", work, word) for word in words if len(word) > 1)
        keys.add(("work", work, "".join(sorted(word[0] for word in words))))
    if seen.nickname:
        keys.add(("nickname", seen.nickname, last))
    if seen.birthday:
        keys.update(("birthday", seen.birthday, word[0]) for word in words)
    return keys


def _weigh(
    one: _Seen,
    other: _Seen,
    common: _Frequencies,
    similar: Similar,
    enough: float = _ENOUGH,
) -> tuple[float, Pair] | None:
    """Add up what speaks for and against; None when it is not enough to show."""
    reasons: list[Reason] = []
    strong = 0.0
    if shared := one.emails & other.emails:
        role = all(email.partition("@")[0] in _ROLE_MAILBOXES for email in shared)
        holders = min(common.emails[email] for email in shared)
        strong += 6.0 if role else 24.0 if holders <= 3 else 8.0
        reasons.append(Reason.SAME_EMAIL)
    if shared := one.profiles & other.profiles:
        strong += 30.0
        reasons.append(Reason.SAME_PROFILE)
    elif one.profiles and other.profiles and not reasons:
        strong -= 8.0  # a person has one profile
    if shared := one.phones & other.phones:
        strong += common.rarity(min(common.phones[phone] for phone in shared)) + 2.0
        reasons.append(Reason.SAME_PHONE)
    if not one.emails & other.emails and one.mailboxes & other.mailboxes:
        strong += 16.0
        reasons.append(Reason.SAME_MAILBOX)
    decisive = bool(reasons)

    name, name_reason, apart = _weigh_names(one, other, common, similar)
    if name_reason:
        reasons.append(name_reason)
    elif not decisive:
        return None
    weak, against = 0.0, 0.0
    if one.organization and other.organization:
        if one.organization == other.organization:
            weak += common.rarity(common.organizations[one.organization])
            reasons.append(Reason.SAME_ORGANIZATION)
        elif _one_within(one.organization, other.organization):
            weak += 4.0
        else:
            against -= 2.0  # people change jobs
    if shared := one.domains & other.domains:
        if Reason.SAME_ORGANIZATION not in reasons:
            weak += common.rarity(min(common.domains[domain] for domain in shared)) - 1.0
            reasons.append(Reason.SAME_DOMAIN)
        if not one.emails & other.emails:
            against -= 3.0  # two addresses in one house
    elif one.emails and other.emails and not one.emails & other.emails:
        against -= 1.5
    if one.title and one.title == other.title:
        weak += min(6.0, common.rarity(common.titles[one.title]))
        reasons.append(Reason.SAME_TITLE)
    if one.birthday and other.birthday:
        same, differs = _birthdays(one.birthday, other.birthday)
        if same:
            weak += 8.0
            reasons.append(Reason.SAME_BIRTHDAY)
        elif differs:
            against -= 10.0
    if one.phones and other.phones and not one.phones & other.phones:
        against -= 1.0

    prior = log2(2 * _PRIOR_SHARE / common.people)
    total = prior + strong + name + weak + against
    if total < enough or (apart and not decisive):
        return None
    first, second = sorted((one.id, other.id))
    reasons.sort(key=list(Reason).index)
    certain = decisive and not apart and name_reason is not None
    return total, Pair(first=first, second=second, reasons=tuple(reasons), certain=certain)


def _weigh_names(
    one: _Seen, other: _Seen, common: _Frequencies, similar: Similar
) -> tuple[float, Reason | None, bool]:
    """Bits for or against, how the names are alike, and whether they speak of two people."""
    if not one.words or not other.words:
        return 0.0, None, False
    if one.joined == other.joined:
        bits = sum(map(common.word, set(one.words)))
        return common.at_most(one, other, bits), Reason.SAME_NAME, False
    bits, reason = 0.0, Reason.SAME_NAME
    left, right = list(one.words), list(other.words)
    for word in one.words:
        if word in right:
            bits += common.word(word)
            left.remove(word)
            right.remove(word)
    for judge, worse in ((_short, Reason.SHORT_NAME), (_near, Reason.NEAR_NAME)):
        for word in tuple(left):
            for candidate in right:
                weight = judge(word, candidate, common, similar)
                if weight is not None:
                    bits += weight
                    left.remove(word)
                    right.remove(candidate)
                    reason = (
                        worse if list(Reason).index(worse) > list(Reason).index(reason) else reason
                    )
                    break
    if "".join(one.words) == "".join(other.words):
        bits = sum(map(common.word, set(one.words)))
        return common.at_most(one, other, bits), Reason.NEAR_NAME, False
    if bits <= 0:
        nicknamed = {one.nickname, other.nickname} & ({*one.words, *other.words} - {""})
        return (-6.0 if not nicknamed else 0.0), None, not nicknamed
    if left and right:  # each has a word the other lacks: Ann Lee and Ann Fox
        if {one.nickname, other.nickname} & {*left, *right}:
            return bits + 2.0, Reason.SHORT_NAME, False
        return bits - 8.0 * min(len(left), len(right)), None, True
    bits = common.at_most(one, other, bits)
    return bits - 0.5 * (len(left) + len(right)), reason, False


def _short(one: str, other: str, common: _Frequencies, similar: Similar) -> float | None:
    if len(one) == 1 or len(other) == 1:
        if one[0] != other[0]:
            return None
        return max(0.0, common.rarity(common.initials[one[0]]) - 0.5)
    circle = short_forms(one)
    if other not in circle:
        return None
    return max(0.0, common.common_word(sum(common.words[name] for name in circle)) - 1.0)


def _near(one: str, other: str, common: _Frequencies, similar: Similar) -> float | None:
    if not similar(one, other):
        return None
    return max(0.0, common.common_word(common.words[one] + common.words[other]) - 3.0)


def _one_within(one: str, other: str) -> bool:
    return set(one.split()) <= set(other.split()) or set(other.split()) <= set(one.split())


def _birthdays(one: str, other: str) -> tuple[bool, bool]:
    if one[-5:] != other[-5:]:
        return False, True
    if one.startswith("-") or other.startswith("-"):
        return True, False
    return one == other, one != other

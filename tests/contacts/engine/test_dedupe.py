import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.engine.dedupe import Reason, Record, find_duplicates, organization_key, same_person
from tests.contacts.engine.doubles import KINDS, with_doubles


def found(*records, **options):
    return [(pair.first, pair.second) for pair in find_duplicates(records, **options)]


ANN = Record(
    id="1",
    name="Ann Lee",
    emails=("ann.lee@work.test",),
    phones=("+1 555-0100",),
    organization="Acme, Inc.",
)


def test_one_person_twice_is_found_and_a_namesake_is_not():
    """The three Ann Lees of the fixtures: 17 and 18 are one, 19 is somebody else."""
    again = Record(
        id="2",
        name="ANN LEE",
        emails=("Ann.Lee@Work.test",),
        phones=("+15550100",),
        organization="Acme Inc",
    )
    namesake = Record(
        id="3", name="Ann Lee", emails=("ann@elsewhere.test",), organization="Different Ann Lee Ltd"
    )
    [pair] = find_duplicates([ANN, again, namesake])
    assert (pair.first, pair.second, pair.certain) == ("1", "2", True)
    assert pair.reasons == (
        Reason.SAME_EMAIL,
        Reason.SAME_PHONE,
        Reason.SAME_NAME,
        Reason.SAME_ORGANIZATION,
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_of_two_hundred_doubles_in_five_thousand_nearly_all_are_found(seed):
    records, planted = with_doubles(5_000, 200, seed)
    start = time.process_time()
    shown = {(pair.first, pair.second) for pair in find_duplicates(records)}
    seconds = time.process_time() - start
    assert len(shown & set(planted)) >= 0.95 * len(planted)
    assert len(shown - set(planted)) <= 0.05 * len(shown)
    assert seconds < 10


@pytest.fixture(scope="module")
def small_lists():
    told = [with_doubles(1_000, 48, seed) for seed in range(4)]
    return [
        (pairs, {(pair.first, pair.second) for pair in find_duplicates(records)})
        for records, pairs in told
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_double_is_found(small_lists, kind):
    planted = hit = 0
    for pairs, shown in small_lists:
        mine = {pair for pair, of_kind in pairs.items() if of_kind == kind}
        planted += len(mine)
        hit += len(mine & shown)
    assert hit >= 0.85 * planted


def test_namesakes_at_other_employers_are_left_alone():
    records = [
        Record(id=str(n), name="Mary Smith", organization=f"Firm {n}", emails=(f"m{n}@gmail.com",))
        for n in range(40)
    ]
    assert found(*records) == []


def test_a_shared_office_number_or_mailbox_makes_no_double():
    office = ("+44 20 7946 0000",)
    one = Record(id="1", name="Ann Lee", phones=office, organization="Acme")
    other = Record(id="2", name="Bob Ray", phones=office, organization="Acme")
    assert found(one, other) == []
    one = replace(one, phones=(), emails=("info@acme.test",))
    other = replace(other, phones=(), emails=("info@acme.test",))
    assert found(one, other) == []


def test_two_birthdays_tell_two_people_apart():
    one = Record(id="1", name="Shirley Okoro", organization="Acme", birthday="1970-05-06")
    same = replace(one, id="2", birthday="--05-06")
    other = replace(one, id="3", birthday="1970-11-30")
    assert found(one, same) == [("1", "2")]
    assert found(one, other) == []


def test_what_the_owner_told_apart_is_not_shown_again():
    again = replace(ANN, id="2")
    assert found(ANN, again) == [("1", "2")]
    assert found(ANN, again, told_apart={("1", "2")}) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann.lee@gmail.com", "annlee+news@googlemail.com"),
        ("plus+crm@work.test", "plus@work.test"),
    ],
)
def test_two_addresses_of_one_mailbox_are_known(one, other):
    first = Record(id="1", name="Ann Lee", emails=(one,))
    second = Record(id="2", name="A. Lee", emails=(other,))
    [pair] = find_duplicates([first, second])
    assert pair.reasons[0] is Reason.SAME_MAILBOX


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme, Inc.", "ACME Inc"),
        ("Ibáñez, Peña & Cía.", "Ibanez Pena Cia"),
        ("ООО «Ромашка»", "ооо ромашка"),
        ("Öztürk A.Ş.", "Ozturk AS"),
        ("Müller GmbH & Co. KG", "MULLER"),
    ],
)
def test_an_employer_is_known_by_any_spelling(one, other):
    assert organization_key(one) == organization_key(other)


def test_a_name_of_legal_forms_only_stays_a_name():
    assert organization_key("The Group") == "the group"


def test_somebody_already_known_is_recognised_before_saving():
    new = Record(id="", name="Bob Ray", organization="Acme Inc.")
    known = [
        Record(id="1", name="Robert Ray", organization="ACME"),
        Record(id="2", name="Robert Ray", organization="Zenith"),
        Record(id="3", name="Ann Lee", organization="Acme"),
    ]
    [pair] = same_person(new, known)
    assert pair.second == "1"
    assert pair.reasons == (Reason.SHORT_NAME, Reason.SAME_ORGANIZATION)
    assert not pair.certain


def test_a_judge_of_likeness_can_be_handed_in():
    one = Record(id="1", name="Catarina Vasquez", organization="Acme")
    other = Record(id="2", name="Catarina Wazquess", organization="Acme")
    assert found(one, other) == []
    assert found(one, other, similar=lambda a, b: a[1] == b[1]) == [("1", "2")]


SOMEBODY = st.builds(
    Record,
    id=st.uuids().map(str),
    name=st.sampled_from(["Ann Lee", "Bob", "", "A. Lee", "王 小明", "ann@x.test", "Dr. Lee, Ann"])
    | st.text(max_size=12),
    nickname=st.sampled_from(["", "Annie"]),
    emails=st.lists(st.sampled_from(["a@x.test", "A@X.test", "@", "x", "b@gmail.com"]), max_size=2)
    .map(tuple),
    phones=st.lists(st.sampled_from(["+1 555 0100 22", "1", ""]), max_size=2).map(tuple),
    links=st.lists(st.sampled_from(["linkedin.com/in/a", "x", "linkedin.com/in/"]), max_size=1)
    .map(tuple),
    organization=st.sampled_from(["", "Acme", "Inc."]),
    birthday=st.sampled_from(["", "--12-25", "1990-12-25", "x"]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(SOMEBODY, max_size=12, unique_by=lambda record: record.id), st.randoms())
def test_the_order_of_the_list_changes_nothing(records, random):
    pairs = find_duplicates(records)
    for pair in pairs:
        assert pair.first < pair.second
        assert pair.reasons
    shuffled = list(records)
    random.shuffle(shuffled)
    assert set(find_duplicates(shuffled)) == set(pairs)


def test_thousands_of_namesakes_do_not_take_the_square_of_their_number():
    records = [Record(id=f"{n:05d}", name="Ann Lee", organization="Acme") for n in range(20_000)]
    start = time.process_time()
    assert found(*records) == []
    assert time.process_time() - start < 5

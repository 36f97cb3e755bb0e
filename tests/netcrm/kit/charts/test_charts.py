"""What holds for every chart: valid, escaped, the same twice, its own ids, its own table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcrm.kit.charts import band, chain, dots, effort, heat, ledger, rings, stairs, substance
from netcrm.kit.charts.drawing import (
    Chart,
    Label,
    checked_uid,
    place,
    shorten,
    span_of,
    width_of,
)

TODAY = date(2026, 11, 17)
HOSTILE = "<script>alert('x')</script> & \"Ōkubo\" \x00\x0b]]>"
WINDOW = band.Window(
    last_on=date(2026, 11, 3),
    opens_on=date(2026, 11, 15),
    best_on=date(2026, 11, 18),
    fades_on=date(2026, 11, 27),
    quiet_on=date(2026, 12, 8),
)


def a_band(name: str, uid: str) -> Chart:
    return band.band(WINDOW, name=name, today=TODAY, uid=uid)


def some_stairs(name: str, uid: str) -> Chart:
    rises = [
        stairs.Rise(on=date(2026, 9, 1), step=1, label=name),
        stairs.Rise(on=date(2026, 10, 1), step=3, label=name),
        stairs.Rise(on=date(2026, 11, 1), step=2, label=name),
    ]
    marks = [stairs.Mark(on=date(2026, 10, 9), kind="give")]
    return stairs.stairs(rises, marks, name=name, today=TODAY, uid=uid)


def a_chain(name: str, uid: str) -> Chart:
    people = [
        chain.Person(key=key, name=name, initials=name[:2], step=2, word=name, url=f"/{name}/")
        for key in ("a", "b")
    ]
    links = [chain.Link(source="", target="a"), chain.Link(source="a", target="b", state="open")]
    return chain.chain(people, links, uid=uid).chart


def some_rings(name: str, uid: str) -> Chart:
    mark = rings.Mark(name=name, initials=name[:2], step=1, sector=name, url=f"/{name}/")
    return rings.rings([mark], [name, "Elsewhere"], uid=uid)


def some_dots(name: str, uid: str) -> Chart:
    return dots.dots(7, uid=uid)


def a_ledger(name: str, uid: str) -> Chart:
    entries = [
        ledger.Entry(on=date(2026, 9, 1), side="gave", label=name),
        ledger.Entry(on=date(2026, 10, 1), side="received", label=name),
    ]
    return ledger.ledger(entries, name=name, today=TODAY, uid=uid)


def a_plot(name: str, uid: str) -> Chart:
    item = substance.Given(name=name, step=1, substance=0, on=date(2026, 9, 1))
    return substance.substance_by_trust([item] * 40, uid=uid)


def some_weeks(name: str, uid: str) -> Chart:
    week = effort.Week(
        monday=date(2026, 11, 16),
        building=3,
        maintaining=90,
        using=1,
        meetings=2,
        gives=1,
        introductions=0,
    )
    return effort.effort([week, replace(week, monday=date(2026, 11, 9))], today=TODAY, uid=uid)


CHARTS = [a_band, some_stairs, a_chain, some_rings, some_dots, a_ledger, a_plot, some_weeks]
Draw = Callable[[str, str], Chart]


def parsed(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(f"<figure>{chart.svg}</figure>")  # noqa: S314


@pytest.mark.parametrize("draw", CHARTS)
class TestEveryChart:
    def test_it_is_valid_and_says_what_it_shows(self, draw: Draw) -> None:
        chart = draw("Shirley", "c1")
        pictures = list(parsed(chart))
        assert pictures
        for svg in pictures:
            title, description = svg[0], svg[1]
            assert title.text == chart.title
            assert description.text == chart.summary
            assert svg.attrib["aria-labelledby"] == title.attrib["id"]
            assert svg.attrib["role"] in {"img", "group"}
        assert chart.rows
        assert all(len(row) == len(chart.headings) for row in chart.rows)

    def test_a_hostile_name_stays_text(self, draw: Draw) -> None:
        markup = str(draw(HOSTILE, "c1").svg)
        names = {element.tag.rpartition("}")[2] for element in parsed(draw(HOSTILE, "c1")).iter()}
        assert "script" not in names
        assert "<script" not in markup
        assert "\x00" not in markup

    def test_the_same_input_gives_the_same_picture(self, draw: Draw) -> None:
        assert draw("Shirley", "c1") == draw("Shirley", "c1")

    def test_no_two_ids_meet_on_one_page(self, draw: Draw) -> None:
        page = str(draw("Ann", "c1").svg) + str(draw("Bill", "c2").svg)
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)

    def test_nothing_is_styled_or_scripted_inline(self, draw: Draw) -> None:
        markup = str(draw(HOSTILE, "c1").svg)
        assert not re.search(r'<[^>]+\s(style|on\w+)="', markup)

    def test_no_text_is_smaller_than_13_pixels(self, draw: Draw) -> None:
        sizes = [
            float(size) for size in re.findall(r'font-size="([\d.]+)"', str(draw("A", "c").svg))
        ]
        assert all(size >= 13 for size in sizes)

    def test_every_label_lies_inside_the_picture(self, draw: Draw) -> None:
        for svg in parsed(draw("Bartholomew Featherstonehaugh-Cholmondeley", "c1")):
            _x, _y, width, height = map(float, svg.attrib["viewBox"].split())
            for text in svg.iter("{http://www.w3.org/2000/svg}text"):
                wide = width_of(text.text or "", float(text.attrib["font-size"]))
                anchor = text.attrib.get("text-anchor", "start")
                begin = (
                    float(text.attrib["x"]) - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
                )
                assert begin >= -wide * 0.1 - 2
                assert begin + wide <= width + wide * 0.1 + 2
                assert 0 < float(text.attrib["y"]) <= height

    def test_a_uid_that_could_break_out_is_refused(self, draw: Draw) -> None:
        with pytest.raises(ValueError, match="uid is"):
            draw("Ann", 'x"><script>')


def test_a_uid_must_begin_with_a_letter() -> None:
    assert checked_uid("p-12_a") == "p-12_a"
    with pytest.raises(ValueError, match="expected a letter"):
        checked_uid("12")


@given(st.text(max_size=40), st.floats(min_value=10, max_value=200))
def test_a_shortened_text_fits_or_is_one_ellipsis(text: str, room: float) -> None:
    short = shorten(text, room, 13)
    assert width_of(short, 13) <= room or short == "…"
    assert short == text or short.endswith("…")


@given(st.lists(st.tuples(st.text(min_size=1, max_size=20), st.floats(0, 600)), max_size=12))
def test_labels_on_one_line_never_touch_and_the_first_is_always_placed(
    wishes: list[tuple[str, float]],
) -> None:
    labels = [Label(text=text, x=x) for text, x in wishes]
    placed = place(labels, (10, 30), left=0, right=600, gap=8)
    assert [label.text for label, _y in placed][:1] == [label.text for label in labels][:1]
    for index, (label, y) in enumerate(placed):
        begin, end = span_of(label)
        for other, other_y in placed[index + 1 :]:
            other_begin, other_end = span_of(other)
            apart = end + 8 <= other_begin + 1e-6 or other_end + 8 <= begin + 1e-6
            assert y != other_y or apart


days = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 1, 1))


class TestBand:
    @given(days, st.lists(st.integers(0, 400), min_size=3, max_size=3), st.none() | days, days)
    def test_any_window_on_any_day_can_be_drawn(
        self, opens: date, gaps: list[int], last: date | None, today: date
    ) -> None:
        best = opens + timedelta(days=gaps[0])
        fades = best + timedelta(days=gaps[1])
        window = band.Window(
            opens_on=opens,
            best_on=best,
            fades_on=fades,
            quiet_on=fades + timedelta(days=gaps[2]),
            last_on=last,
        )
        chart = band.band(window, name="Ann", today=today, uid="b")
        for svg in parsed(chart):
            width = float(svg.attrib["width"])
            for box in svg.iter("{http://www.w3.org/2000/svg}rect"):
                assert float(box.attrib["width"]) > 0
                assert float(box.attrib.get("x", 0)) + float(box.attrib["width"]) <= width
        ElementTree.fromstring(str(band.strip(window, today=today, uid="s")))  # noqa: S314

    @pytest.mark.parametrize(
        ("today", "state"),
        [
            (date(2026, 11, 14), "soon"),
            (date(2026, 11, 15), "window"),
            (date(2026, 11, 27), "window"),
            (date(2026, 11, 28), "fading"),
            (date(2026, 12, 7), "fading"),
            (date(2026, 12, 8), "quiet"),
        ],
    )
    def test_the_state_changes_on_the_day_itself(self, today: date, state: str) -> None:
        assert WINDOW.state(today) == state

    @pytest.mark.parametrize("day", [date.min, date.max])
    def test_the_ends_of_the_calendar_can_be_drawn(self, day: date) -> None:
        window = band.Window(opens_on=day, best_on=day, fades_on=day, quiet_on=day, last_on=day)
        assert band.band(window, name="Ann", today=TODAY, uid="b").summary
        assert band.band(WINDOW, name="Ann", today=day, uid="b").summary

    def test_a_window_out_of_order_is_refused(self) -> None:
        with pytest.raises(ValueError, match="in this order"):
            band.Window(opens_on=TODAY, best_on=date(2020, 1, 1), fades_on=TODAY, quiet_on=TODAY)

    def test_the_line_of_today_passes_behind_the_words(self) -> None:
        wide = str(a_band("Ann", "c1").svg).split("</svg>")[0]
        assert wide.index("ch-today") < wide.index(">Good window<")

    def test_each_stretch_has_its_own_pattern_and_word(self) -> None:
        wide = ElementTree.tostring(parsed(a_band("Ann", "c1"))[0], encoding="unicode")
        for word in ("Too soon", "Good window", "Fading", "Quiet"):
            assert word in wide
        assert "url(#c1-w-h)" in wide
        assert "url(#c1-w-f)" in wide
        assert "ch-window-box" in wide
        assert "ch-quiet-box" in wide


class TestChain:
    def people(self, count: int) -> list[chain.Person]:
        return [
            chain.Person(
                key=f"p{n}", name=f"P {n}", initials="P", step=n % 6, word="w", url=f"/{n}/"
            )
            for n in range(count)
        ]

    def test_everyone_reachable_is_drawn_once_even_in_a_loop(self) -> None:
        links = [
            chain.Link(source="", target="p0"),
            chain.Link(source="p0", target="p1"),
            chain.Link(source="p1", target="p2"),
            chain.Link(source="p2", target="p0"),
            chain.Link(source="p2", target="p2"),
            chain.Link(source="p9", target="p1"),
        ]
        drawn = chain.chain(self.people(4), links, uid="c")
        assert [row[0] for row in drawn.chart.rows] == ["P 0", "P 1", "P 2"]
        assert drawn.left_out == 0

    def test_someone_introduced_twice_hangs_under_the_first_and_keeps_both_lines(self) -> None:
        links = [
            chain.Link(source="", target="p0"),
            chain.Link(source="", target="p1"),
            chain.Link(source="p0", target="p2"),
            chain.Link(source="p1", target="p2"),
        ]
        drawn = chain.chain(self.people(3), links, uid="c")
        assert [row[1] for row in drawn.chart.rows if row[0] == "P 2"] == ["P 0"]
        assert str(drawn.chart.svg).count("ch-again") == 1

    def test_nobody_overlaps(self) -> None:
        links = [chain.Link(source="", target=f"p{n}") for n in range(5)]
        links += [chain.Link(source=f"p{n % 5}", target=f"p{n}") for n in range(5, 40)]
        drawn = chain.chain(self.people(40), links, uid="c")
        places = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="24"', str(drawn.chart.svg))
        assert len(places) == 40 == len(set(places))
        points = [(float(x), float(y)) for x, y in places]
        for index, (x, y) in enumerate(points):
            for other_x, other_y in points[index + 1 :]:
                assert x != other_x or abs(y - other_y) >= chain.ROW * 0.5

    def test_every_person_is_a_link_that_says_its_state(self) -> None:
        links = [chain.Link(source="", target="p0", state="offered")]
        svg = parsed(chain.chain(self.people(1), links, uid="c").chart)
        (link,) = svg.iter("{http://www.w3.org/2000/svg}a")
        assert link.attrib["href"] == "/0/"
        assert link.attrib["aria-label"] == "P 0 w, offered, not used yet"

    def test_above_sixty_people_one_branch_is_drawn_and_the_rest_counted(self) -> None:
        links = [chain.Link(source="", target="p0"), chain.Link(source="", target="p1")]
        links += [chain.Link(source="p0", target=f"p{n}") for n in range(2, 12)]
        links += [chain.Link(source="p1", target=f"p{n}") for n in range(12, 200)]
        drawn = chain.chain(self.people(200), links, uid="c")
        assert [(b.key, b.people, b.shown) for b in drawn.branches] == [
            ("p0", 11, False),
            ("p1", 189, True),
        ]
        assert len(drawn.chart.rows) == chain.MOST
        assert drawn.left_out == 189 - chain.MOST
        assert "+129" in str(drawn.chart.svg)
        asked = chain.chain(self.people(200), links, uid="c", branch="p0")
        assert [row[0] for row in asked.chart.rows][:2] == ["P 0", "P 2"]
        assert len(asked.chart.rows) == 11

    def test_a_chain_of_five_hundred_people_neither_overflows_nor_grows_faster_than_it(
        self,
    ) -> None:
        def work(count: int) -> int:
            links = [chain.Link(source="", target="p0")]
            links += [chain.Link(source=f"p{n}", target=f"p{n + 1}") for n in range(count - 1)]
            drawn = chain.chain(self.people(count), links, uid="c", most=1000)
            assert drawn.outline.count("<li>") == count
            return len(drawn.chart.svg) + len(drawn.outline)

        assert work(500) < 11 * work(50)

    def test_no_people_give_an_empty_outline_and_a_word(self) -> None:
        drawn = chain.chain([], [], uid="c")
        assert drawn.outline == ""
        assert drawn.chart.summary == "Nobody is here yet."


class TestHeat:
    def test_zero_is_paper_and_the_highest_is_darkest(self) -> None:
        (row,) = heat.heat({"Ana": [0, 1, 4, 8, None]})
        assert [cell.level for cell in row.cells] == [0, 1, 2, 4, 0]
        assert [cell.away for cell in row.cells] == [False, False, False, False, True]

    def test_a_quiet_group_does_not_look_feverish(self) -> None:
        (row,) = heat.heat({"Ana": [0, 1, 1]})
        assert max(cell.level for cell in row.cells) == 1

    def test_the_order_given_is_kept(self) -> None:
        assert [row.name for row in heat.heat({"Joy": [0], "Ana": [9]})] == ["Joy", "Ana"]

    @given(st.integers(-5, 10**6), st.integers(0, 10**6))
    def test_every_number_has_a_shade(self, count: int, highest: int) -> None:
        assert 0 <= heat.level(count, highest) < heat.LEVELS


class TestRings:
    def test_an_empty_sector_is_outlined_and_named(self) -> None:
        chart = some_rings("Parish", "r")
        assert "ch-vacant" in chart.svg
        assert "Nobody yet in: Elsewhere." in chart.summary

    def test_a_full_ring_ends_in_a_number(self) -> None:
        marks = [rings.Mark(name=f"P{n}", initials="P", step=5, sector="A") for n in range(20)]
        assert re.search(r">\+1\d<", rings.rings(marks, ["A", "B", "C"], uid="r").svg)

    def test_someone_in_no_sector_is_refused(self) -> None:
        with pytest.raises(ValueError, match="sector 'B'"):
            rings.rings([rings.Mark(name="P", initials="P", step=1, sector="B")], ["A"], uid="r")


class TestDots:
    @pytest.mark.parametrize(("count", "filled", "hollow"), [(0, 0, 25), (7, 7, 18), (30, 30, 0)])
    def test_filled_dots_count_and_hollow_ones_show_the_average(
        self, count: int, filled: int, hollow: int
    ) -> None:
        wide = parsed(dots.dots(count, uid="d"))[0]
        classes = [
            circle.attrib["class"] for circle in wide.iter("{http://www.w3.org/2000/svg}circle")
        ]
        assert classes.count("ch-dot-on") == filled
        assert classes.count("ch-dot-wait") == hollow


def test_the_ledger_counts_nothing() -> None:
    chart = a_ledger("an article", "l")
    assert not re.search(r"\b\d+ (things|gives|times)\b", chart.summary)
    assert len(chart.rows) == 2


def test_a_sparkline_of_no_steps_is_flat() -> None:
    ElementTree.fromstring(str(stairs.sparkline([], today=TODAY)))  # noqa: S314

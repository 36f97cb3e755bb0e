"""Why now, what to do, and which rule: the engine's codes as whole sentences (ux.md 4.4).

One translatable sentence for each code, with named places for facts; none is ever glued from
clauses.  Facts come from the row a plan was written to.  No pronoun stands for a person, no
number is a judgement, and a sentence has at most twenty-five words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from netcrm.kit.days import ago, day_name, day_when

WORDS_AT_MOST = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Whom the sentences of one follow-up may name, by what the owner calls them.

    ``other`` is the person on the far side of an introduction or an offer; ``promise`` is what
    was promised, in the owner's words.
    """

    name: str
    introducer: str = ""
    other: str = ""
    promise: str = ""


# What a code says where a fact it names is missing: true of every window.
PLAIN = _("A word to %(name)s is usually welcome about now.")

SENTENCES: Mapping[str, Promise] = {
    # Introductions
    "date.intro_fresh": _(
        "%(introducer)s introduced you %(made_ago)s; a same-day answer also reflects well on "
        "%(introducer)s."
    ),
    "date.thank_introducer": _(
        "%(name)s introduced you to %(other)s %(made_ago)s; thanks land best within a day."
    ),
    "date.loop": _(
        "%(name)s introduced you to %(other)s %(made_ago)s and hasn't heard how it went."
    ),
    "date.loop.met": _("You met %(other)s %(met_ago)s and %(name)s hasn't heard how it went."),
    "date.intro_wanted": _(
        "You wanted to meet %(other)s and noted it %(since_ago)s; a short note to %(name)s "
        "starts it."
    ),
    "date.intro_waiting": _(
        "You asked %(name)s about %(other)s %(since_ago)s and haven't heard; one kind reminder is "
        "right."
    ),
    # Meetings, promises, answers
    "date.meeting": _("You are to meet %(name)s %(date_when)s."),
    "date.thanks": _("You met %(name)s %(met_ago)s; thanks land best within a day."),
    "date.promised": _("You told %(name)s you would do this by %(date)s."),
    "date.promised_theirs": _(
        "%(name)s meant to do this by %(date)s; a friendly word helps to remember."
    ),
    "date.reply_owed": _("%(name)s wrote to you %(heard_ago)s and has had no answer yet."),
    # What they gave
    "date.unused": _(
        "%(name)s offered you %(other)s %(given_ago)s; using it soon keeps the offer alive."
    ),
    "date.progress": _(
        "%(name)s gave you advice %(given_ago)s and hasn't heard what you did with it."
    ),
    "date.give": _(
        "%(name)s did something for you %(given_ago)s; a small give back is welcome now."
    ),
    "date.ask_again": _("%(name)s said to ask again later, and from %(date)s it is later."),
    "date.outcome": _("Something came of it %(on_ago)s, and %(name)s hasn't heard."),
    "date.ended": _(
        "What %(name)s helped you to came to an end %(on_ago)s; a short, friendly word says so."
    ),
    "date.landed": _("You landed %(on_ago)s, and %(name)s helped on the way."),
    "date.settled": _(
        "You have been in the new job a while; %(name)s will be glad to hear how it is."
    ),
    # Dates somebody gave
    "date.theirs": _("%(name)s asked you to write after %(date)s, so nothing before then."),
    "date.later": _("You put this off until %(date)s."),
    "date.paused": _("You paused reminders, so this waits until %(date)s."),
    "date.birthday": _("%(name)s has a birthday %(date_when)s."),
    # Spacing
    "date.first_contact": _(
        "You added %(name)s %(added_ago)s and have not been in touch yet; a first word is welcome."
    ),
    "date.first_contact.connected": _(
        "You connected with %(name)s %(connected_ago)s and nothing is written down yet; a first "
        "word is welcome."
    ),
    "date.window_best": _(
        "You were last in touch %(last_ago)s; a note is usually welcome about now."
    ),
    "date.window_closing": _("After %(date)s %(name)s may need reminding who you are."),
    "date.rhythm": _(
        "You were last in touch %(last_ago)s, and you chose a rhythm of your own for %(name)s."
    ),
    "date.tag_rhythm": _(
        "You were last in touch %(last_ago)s, and people tagged “%(tag)s” have a rhythm you chose."
    ),
    "date.gone_quiet": _(
        "You were last in touch %(last_ago)s; one short word is enough to come back."
    ),
    "date.faster": _(
        "%(name)s usually answers within a day, so this is a little earlier than usual."
    ),
    "date.slower": _("%(name)s takes some days to answer, so this is a little later than usual."),
    "date.after_ask": _("You asked for something last time, so we've left a longer gap."),
    # Silence
    "date.parallel": _(
        "You wrote to %(name)s %(wrote_ago)s and haven't heard; %(other)s works there too."
    ),
    "date.too_soon": _(
        "You wrote %(wrote_ago)s and haven't heard; waiting until %(date)s keeps it comfortable."
    ),
    "date.resting": _(
        "The last %(unanswered)s notes had no answer, so %(name)s rests until %(date)s; then come "
        "back with something useful."
    ),
}

# The same before the window has opened, where the sentence would otherwise speak of now.
EARLY: Mapping[str, Promise] = {
    "date.window_best": _(
        "You were last in touch %(last_ago)s; a note is usually welcome from %(opens)s."
    ),
    "date.first_contact": _(
        "You added %(name)s %(added_ago)s and have not been in touch yet; there is room from "
        "%(opens)s."
    ),
    "date.first_contact.connected": _(
        "You connected with %(name)s %(connected_ago)s and nothing is written down yet; there is "
        "room from %(opens)s."
    ),
    "date.give": _(
        "%(name)s did something for you %(given_ago)s; from %(opens)s a small give back is welcome."
    ),
}
# The same once the day they name has come, where the sentence would still speak of waiting.
COME: Mapping[str, Promise] = {
    "date.too_soon": _(
        "You wrote %(wrote_ago)s and haven't heard; a second, short note is fine by now."
    ),
    "date.resting": _(
        "The last %(unanswered)s notes had no answer; after a long rest, something useful for "
        "%(name)s is a good way back."
    ),
    "date.theirs": _("%(name)s asked you to write after %(date)s, and that day has come."),
    "date.window_closing": _("Since %(date)s %(name)s may need reminding who you are."),
}
# A day given by a fresh start or at the end of a pause, not by the owner's “Later”.
SPREAD = _("After a break everybody was given a quiet day; this one's is %(date)s.")

DO: Mapping[str, Promise] = {
    "intro_wanted": _("Write to %(name)s about the introduction to %(other)s"),
    "introduced": _("Reply to the introduction and offer two or three times to talk"),
    "no_reply_1": _("Leave %(name)s a few days; try somebody else there"),
    "no_reply_2": _("Send %(name)s one second, short note"),
    "resting": _("Come back to %(name)s with something useful, and ask for nothing"),
    "meeting_set": _("Prepare for the meeting: three questions and one thing to give"),
    "met": _("Thank %(name)s, naming one thing you learned"),
    "loop_introducer_1": _("Tell %(name)s what came of the introduction"),
    "progress": _("Tell %(name)s what came of the advice"),
    "give": _("Give %(name)s something small and specific"),
    "nurture": _("Send %(name)s a short update or something useful"),
    "ask_advice": _("Ask %(name)s how to go about one thing"),
    "ask_info": _("Show %(name)s your list: which of these are familiar?"),
    "ask_intro": _("Ask %(name)s for one introduction, with a note to forward"),
    "ask_referral": _("Ask whether %(name)s would be comfortable recommending you"),
    "act_on_lead": _("Write to %(other)s, and tell %(name)s you did"),
    "outcome": _("Tell %(name)s the outcome"),
    "landed": _("Tell %(name)s you have landed, with thanks"),
    "settled": _("Tell %(name)s how the new job goes, and ask what you can do"),
    "first_contact": _("Say hello to %(name)s"),
    "reply": _("Answer %(name)s"),
    "thank_introducer": _("Thank %(name)s for introducing you to %(other)s"),
    "promise": _("Keep your word to %(name)s: %(promise)s"),
    "birthday": _("Wish %(name)s a happy birthday"),
    "reconnect": _("Send %(name)s one short, friendly word"),
}
# A fact that makes another sentence of a code.
_TOLD_BY = {
    "met_on": ("date.loop", "date.loop.met"),
    "connected_on": ("date.first_contact", "date.first_contact.connected"),
}
PROMISE_PLAIN = _("Keep your word to %(name)s")
DO_PLAIN = _("Get in touch with %(name)s")

RULES: Mapping[str, Promise] = {
    "paused": _("A pause comes before everything else."),
    "later": _("What you put off is never shown earlier than the day you chose."),
    "their_date": _("A day the other person gave comes before every rule of ours."),
    "resting": _("After two notes without an answer a person rests; an answer ends the rest."),
    "courtesy": _("Answers, thanks and promises come before any rhythm."),
    "person_rhythm": _("The rhythm you chose for this person comes before rings and tags."),
    "tag_rhythm": _("Of the rhythms of this person's tags, the one with the most contact counts."),
    "engine": _("The days follow the ring, and what has happened between you."),
}

SETTINGS: Mapping[str, Promise] = {
    "ring": _("Another ring, or a rhythm of their own, would change this."),
    "ask": _("Giving or reporting something before the next ask brings this forward."),
    "person_rhythm": _("Changing this person's rhythm would change this."),
    "tag_rhythm": _("Changing the tag's rhythm, or removing the tag, would change this."),
    "their_date": _("A newer day from the same person would change this."),
    "pause": _("Ending the pause would change this."),
    "daily_number": _("Your daily number decides how fast new people come up."),
    "later": _("Choosing another day under Later would change this."),
    "birthday": _("Changing the date of birth would change this."),
    "reconnect": _(
        "Three people gone quiet come up a week, those who trust you most first; parking somebody "
        "would change this."
    ),
}
# Where a reason names no setting: what happens next is what changes it.
SETTING_PLAIN = _("Logging what happens between you changes this at once.")


def sentence(
    code: str,
    facts: Mapping[str, Any],
    *,
    people: People,
    today: date,
    opens_on: date | None = None,
) -> str:
    """Return the sentence of a reason on ``today``.

    Args:
        opens_on: when the window opens, if that is still to come.

    A code or fact it does not know (a row written by another version) gives ``PLAIN``.
    """
    for fact, (plain, told_by_it) in _TOLD_BY.items():
        if code == plain and fact in facts:
            code = told_by_it
    words = _Words(facts, people=people, today=today)
    told = SENTENCES.get(code, PLAIN)
    if opens_on is not None and opens_on > today and code in EARLY:
        told, words["opens"] = EARLY[code], day_name(opens_on, today=today)
    elif code in COME and _has_come(code, facts, today=today):
        told = COME[code]
    elif code == "date.spread":
        told = SPREAD
    try:
        return str(told) % words
    except KeyError:
        return str(PLAIN) % words


def do_line(purpose: str, facts: Mapping[str, Any], *, people: People, today: date) -> str:
    """Return the one line that says what to do, without a full stop."""
    words = _Words(facts, people=people, today=today)
    if purpose == "promise" and not people.promise:
        return str(PROMISE_PLAIN) % words
    try:
        return str(DO[purpose]) % words
    except KeyError:
        return str(DO_PLAIN) % words


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One reason under “Show the rule”: what was recorded, what it does, what would change it.

    ``setting`` names the place to change it, a key of ``SETTINGS``, or "".
    """

    fact: str
    effect: str
    change: str
    setting: str = ""


def rule_lines(
    reasons: Sequence[Mapping[str, Any]],
    *,
    people: People,
    today: date,
    opens_on: date | None = None,
) -> tuple[RuleLine, ...]:
    """Return the lines for reasons given as ``code``, ``rule``, ``facts`` and ``setting``."""
    return tuple(
        RuleLine(
            fact=sentence(
                reason["code"], reason["facts"], people=people, today=today, opens_on=opens_on
            ),
            effect=str(RULES.get(reason["rule"], RULES["engine"])),
            change=str(SETTINGS.get(reason["setting"], SETTING_PLAIN)),
            setting=reason["setting"],
        )
        for reason in reasons
    )


def as_day(value: Any) -> date | None:
    """Return a fact that is a day, or None for every other fact."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and len(value) == len("2026-11-17"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


def _has_come(code: str, facts: Mapping[str, Any], *, today: date) -> bool:
    """Whether the day that a sentence waits for is here, or the last day of a window is over."""
    named = as_day(facts.get("date"))
    if named is None:
        return False
    return named < today if code == "date.window_closing" else named <= today


class _Words(dict[str, str]):
    """The words a sentence may name, each made when it is named: of a dozen, few are.

    A day ``x_on`` gives ``x_on`` (“Thursday”), ``x_ago`` (“two weeks ago”) and ``x_when`` (“on
    Thursday”); numbers up to nine are spelt out.
    """

    def __init__(self, facts: Mapping[str, Any], *, people: People, today: date) -> None:
        named = {
            "name": people.name,
            "introducer": people.introducer,
            "other": people.other,
            "promise": people.promise,
        }
        super().__init__({key: name for key, name in named.items() if name})
        self.facts = facts
        self.today = today

    def __missing__(self, key: str) -> str:
        if key in self.facts:
            value = self.facts[key]
            day = as_day(value)
            if day is not None:
                return day_name(day, today=self.today)
            return str(apnumber(value)) if isinstance(value, int) else str(value)
        stem, _underscore, how = key.rpartition("_")
        day = as_day(self.facts.get(f"{stem}_on", self.facts.get(stem)))
        if day is None or how not in _TOLD:
            raise KeyError(key)
        return _TOLD[how](day, today=self.today)


_TOLD = {"ago": ago, "when": day_when}

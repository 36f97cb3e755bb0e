"""Introductions and trust in the words of the interface: a whole sentence for each code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from introductions.engine import chains, note, readiness, trust, workflow
from introductions.models import Ask
from netcrm.kit.days import day_name

STEP_WORDS: tuple[Promise, ...] = (
    _("Name only"),
    _("Introduced"),
    _("Acquainted"),
    _("Knows my work"),
    _("Would introduce"),
    _("Would vouch"),
)

# What the other person could honestly say of the owner.
STEP_SENTENCES: tuple[Promise, ...] = (
    _("“I don’t think we’ve met.”"),
    _("“A friend asked me to talk to them.”"),
    _("“We’ve spoken, and they did what they said.”"),
    _("“I know what they’re good at and what they want.”"),
    _("“I’d send them to someone I respect.”"),
    _("“I’d put my name on them.”"),
)

TRUST: Mapping[str, Promise] = {
    "trust.name_only": _("You have not been in touch with %(name)s yet."),
    "trust.introduced": _(
        "A friend put you in touch on %(on)s; %(name)s hasn’t had a reason to know you yet."
    ),
    "trust.in_touch": _("You have been in touch since %(on)s; there is little more to go on yet."),
    "trust.acquainted": _("You’ve spoken, and you did what you said you would on %(on)s."),
    "trust.knows_work": _("%(name)s has seen your work: %(evidence)s, %(on)s."),
    "trust.met_often": _("You have been in touch often, and %(name)s knows what you look for."),
    "trust.worked_together": _("You have worked together, so %(name)s knows what you can do."),
    "trust.old_colleague": _(
        "You worked together, you are in touch again, and %(name)s knows what you look for."
    ),
    "trust.would_introduce": _("%(name)s introduced you to %(other)s and stood behind it."),
    "trust.would_vouch": _("%(name)s spoke up for you with %(other)s on %(on)s."),
    "trust.put_name": _("%(name)s put their own name to you with %(other)s on %(on)s."),
    "trust.slipped": _(
        "No contact for %(n)s months, so we’ve become less sure; one good conversation restores it."
    ),
    "trust.promise": _("You could not keep a promise on %(on)s; making it good restores this."),
    "trust.hop": _(
        "%(introducer)s’s trust in you doesn’t pass to %(name)s; with %(name)s you start at "
        "Introduced."
    ),
    "trust.override": _("You set this yourself on %(on)s: %(note)s"),
    "trust.next.get_in_touch": _("What would move it: a first word."),
    "trust.next.hear_back": _("What would move it: a conversation, or an answer."),
    "trust.next.courtesy": _(
        "What would move it: thanks within a day, or news of what came of it."
    ),
    "trust.next.show_work": _("What would move it: let %(name)s see a piece of your work."),
    "trust.next.tell_target": _("What would move it: say in one line what you are looking for."),
    "trust.next.ask_introduction": _(
        "What would move it: an introduction that you follow up well."
    ),
    "trust.next.close_loop": _("What would move it: tell %(name)s what came of %(other)s."),
    "trust.next.let_them_vouch": _("What would move it: a real role they could speak up for."),
    "trust.next.talk": _("What would restore it: one good conversation."),
    "trust.next.make_good": _("What would restore it: do what you promised on %(on)s."),
    "trust.next.nothing": _("There is no further step; keep in touch."),
}

# A sentence for a code whose named people or words are not known.
PLAIN: Mapping[str, Promise] = {
    "trust.knows_work": _("%(name)s has seen your work on %(on)s."),
    "trust.would_introduce": _("%(name)s introduced you to somebody and stood behind it."),
    "trust.would_vouch": _("%(name)s spoke up for you on %(on)s."),
    "trust.put_name": _("%(name)s put their own name to you on %(on)s."),
    "trust.next.close_loop": _("What would move it: tell %(name)s what came of their help."),
}


def trust_sentence(code: str, facts: Mapping[str, Any], *, name: str, today: date) -> str:
    """The sentence of a trust code, with days as people say them."""
    said = {key: _said(value, today) for key, value in facts.items()}
    blank = any(value == "" for value in said.values())
    template = PLAIN[code] if blank and code in PLAIN else TRUST[code]
    return str(template) % {**said, "name": name}


def _said(value: Any, today: date) -> str:
    return day_name(value, today=today) if isinstance(value, date) else str(value)


OWED: Mapping[workflow.Duty, Promise] = {
    workflow.Duty.ASK: _("Ask %(name)s for the introduction"),
    workflow.Duty.CHECK: _("Ask %(name)s whether an introduction is welcome"),
    workflow.Duty.MAKE: _("Put the two in touch"),
    workflow.Duty.THANK_INTRODUCER: _("Thank %(name)s for the introduction"),
    workflow.Duty.CONTACT: _("Write to %(name)s"),
    workflow.Duty.THANK_OTHER: _("Thank %(name)s for the meeting"),
    workflow.Duty.REPORT_BACK: _("Tell %(name)s how it went"),
    workflow.Duty.TELL_OUTCOME: _("Tell %(name)s what came of it"),
}

SUGGESTED: Mapping[workflow.Act, Promise] = {
    workflow.Act.SEND_NOTE: _("Send %(name)s the note they can forward."),
    workflow.Act.NUDGE: _("One short, friendly reminder to %(name)s is welcome now."),
    workflow.Act.LET_GO: _("Thank %(name)s and let this one go; there are other ways."),
    workflow.Act.THANK_ANYWAY: _("Thank %(name)s for trying, and close it."),
    workflow.Act.WRITE_NOW: _("Write to %(name)s now, even if only two lines."),
    workflow.Act.WRITE_ONCE_MORE: _("A second and last short note to %(name)s is fine now."),
    workflow.Act.TELL_INTRODUCER: _("Tell %(name)s how it stands; they may have an idea."),
    workflow.Act.THANK: _("Thank %(name)s, naming one thing you took away."),
    workflow.Act.NOTE_OUTCOME: _("Write down what came of it."),
    workflow.Act.CHECK_FIRST: _("Ask %(name)s first whether they would like it."),
    workflow.Act.ANSWER_THEM: _("Tell %(name)s how it stands."),
    workflow.Act.INTRODUCE: _("Both said yes: put them in touch."),
    workflow.Act.ASK_HOW_IT_WENT: _("Ask %(name)s how it went."),
}


TICKS: Mapping[note.Check, Promise] = {
    note.Check.WHO_I_AM: _("Says who you are, in one line"),
    note.Check.WHY_THEM: _("Names %(name)s, and why %(name)s"),
    note.Check.WHAT_I_WANT: _("Says what you would like, small and exact"),
    note.Check.WHAT_THEY_GET: _("Says what %(name)s might get"),
    note.Check.EASY_NO: _("Makes it easy to say no"),
}


def tick_line(check: note.Check, *, name: str) -> str:
    return str(TICKS[check]) % {"name": name}


def load_line(load: chains.Load, *, name: str) -> str:
    """What is being asked of an introducer, where it is more than the owner set as enough."""
    return gettext(
        "You have asked %(name)s for %(recent)s introductions in 90 days, %(open)s of them still "
        "open, and set %(limit)s as enough. Say why one more is right."
    ) % {"name": name, "recent": load.recent, "open": load.open, "limit": load.limit}


def note_said(count: int, ticks: Sequence[tuple[bool, str]]) -> str:
    """What a screen reader hears when a tick changes, or the note has become too long."""
    said = {
        "n": sum(passed for passed, _line in ticks),
        "all": len(ticks),
        "words": count,
        "most": note.MOST_WORDS,
    }
    if count > note.MOST_WORDS:
        return gettext("Too long: %(words)s words, of %(most)s at most.") % said
    return gettext("%(n)s of %(all)s said, in %(words)s words.") % said


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustShown:
    """A step as a page shows it."""

    level: int
    word: str
    sentence: str
    why: tuple[str, ...]
    next: str
    slipped: bool
    overridden: bool


def shown(step: trust.Step, *, name: str, today: date) -> TrustShown:
    """A step with its sentences, most telling first."""
    return TrustShown(
        level=step.level,
        word=str(STEP_WORDS[step.level]),
        sentence=str(STEP_SENTENCES[step.level]),
        why=tuple(
            trust_sentence(reason.code, reason.facts, name=name, today=today)
            for reason in step.reasons
        ),
        next=trust_sentence(step.next.code, step.next.facts, name=name, today=today),
        slipped=step.slipped,
        overridden=step.overridden,
    )


def owed_line(duty: workflow.Duty, *, name: str) -> str:
    return str(OWED[duty]) % {"name": name}


def suggestion(act: workflow.Act, *, name: str) -> str:
    return str(SUGGESTED[act]) % {"name": name}


# Asks

READINESS: Mapping[str, Promise] = {
    "ready": _("Ready"),
    "nearly": _("Nearly"),
    "not_yet": _("Not yet"),
}

ASK_CHECKS: Mapping[str, Promise] = {
    "ask.check.knows_target.yes": _("%(name)s knows what you’re looking for (told %(on)s)"),
    "ask.check.knows_target.no": _("%(name)s doesn’t know yet what you’re looking for"),
    "ask.check.knows_target.not_needed": _("What you’re looking for can be part of the question"),
    "ask.check.both_ways.yes": _("It goes both ways (last on %(on)s)"),
    "ask.check.both_ways.no": _("The last words were yours alone"),
    "ask.check.both_ways.not_needed": _("A question is a fine way to begin"),
    "ask.check.fresh.yes": _("You’re inside the good window"),
    "ask.check.fresh.no": _("This is not a good moment"),
    "ask.check.fresh.not_needed": _("Advice is welcome at any time"),
    "ask.check.given.yes": _("You’ve given or reported since you last asked"),
    "ask.check.given.no": _("Nothing has gone back since you last asked on %(on)s"),
    "ask.check.given.not_needed": _("Advice needs nothing in return first"),
    "ask.check.fits.yes": _("This ask fits how well %(name)s knows you"),
    "ask.check.fits.no": _("This is more than %(name)s could answer for yet"),
    "ask.check.fits.not_needed": _("Anybody may be asked for advice"),
}

ASK_REPAIRS: Mapping[str, Promise] = {
    "ask.do.leave_in_peace": _("%(name)s asked not to be contacted; ask somebody else."),
    "ask.do.let_rest": _("Let it rest until %(on)s; then come back with something useful."),
    "ask.do.wait_until": _("Wait until %(on)s, when the good window opens."),
    "ask.do.reconnect": _("Write first without a request; it has been a while."),
    "ask.do.offer": _("Wait for an answer, or offer %(name)s something."),
    "ask.do.report": _("Tell %(name)s what came of the last help."),
    "ask.do.give": _("Do something small for %(name)s first."),
    "ask.do.tell_target": _("Tell %(name)s your target in one line."),
    "ask.do.ask_lower": _("Ask for something lighter: %(rung)s."),
    "ask.do.pick_another": _("Pick somebody who is more likely to know them."),
    "ask.do.get_acquainted": _("Have a first exchange with %(name)s; an ask can follow."),
}

ASK_SENTENCES: Mapping[str, Promise] = {
    "ask.ready": _(
        "%(name)s knows what you want, you’re in touch, and you’ve given since you last asked."
    ),
    "ask.nearly": _("One thing first. %(step)s"),
    "ask.not_yet": _(
        "%(name)s couldn’t say much about you yet; asking for advice is welcome today."
    ),
}

LESSONS: Mapping[str, Promise] = {
    "lesson.none_yet": _(
        "When somebody gives you a name, it will stand here by how well they knew you."
    ),
    "lesson.all_new": _(
        "So far everybody who gave you something hardly knew you; that is why names stay safe."
    ),
    "lesson.all_known": _("Those who gave you something already knew you well."),
    "lesson.grows": _(
        "People who know you better put more into it. That is what the weeks are for."
    ),
    "lesson.open": _("No pattern yet; a few more and it will show."),
}


def _with(facts: Mapping[str, Any], today: date) -> dict[str, str]:
    return {key: _said(value, today) for key, value in facts.items()}


def check_line(checked: readiness.Checked, *, name: str, today: date) -> str:
    """One of the five checks as a line, with its evidence's day."""
    said = {"name": name, "on": "", **_with(checked.facts, today)}
    return str(ASK_CHECKS[checked.code]) % said


def repair_line(found: readiness.Readiness, *, name: str, today: date) -> str:
    """The one thing to do first; empty when ready."""
    if found.repair is None:
        return ""
    said = {"name": name, "on": "", **_with(found.repair_facts, today)}
    if "rung" in found.repair_facts:
        said["rung"] = str(Ask.Rung(cast(int, found.repair_facts["rung"])).label)
    return str(ASK_REPAIRS[found.repair]) % said


ADVICE_IS_WELCOME = _("Advice may be asked for at any time; it costs little and opens much.")


def readiness_sentence(found: readiness.Readiness, *, name: str, today: date) -> str:
    if found.state is readiness.State.READY and found.checks[0].code.endswith("not_needed"):
        return str(ADVICE_IS_WELCOME)
    step = repair_line(found, name=name, today=today)
    return str(ASK_SENTENCES[found.code]) % {"name": name, "step": step}

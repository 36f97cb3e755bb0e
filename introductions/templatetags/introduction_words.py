"""States of introductions in templates."""

from django import template

from introductions.models import Introduction

register = template.Library()


@register.filter
def state_label(state: str) -> str:
    """The interface's word for a state of the engine."""
    return str(Introduction.State(state).label)

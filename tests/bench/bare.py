"""What a page costs before it says anything of ours: an empty page and a plain list and person.

The empty page is the frame alone; the list is what ``Paginator`` and a loop give of the same
table; both stand in the frame every page of the product has, behind the same middleware.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template import engines
from django.urls import path

from contacts.models import Contact
from netcrm.accounts.models import User
from netcrm.urls import urlpatterns as everything

EMPTY = '{% extends "base.html" %}'
LIST = """{% extends "base.html" %}{% block main %}<h1>People</h1>
<ul>{% for person in page %}<li><a href="{{ person.get_absolute_url }}">{{ person.name }}</a>
{{ person.get_ring_display }}, {{ person.last_contact_at|date:"j F Y" }}</li>{% endfor %}</ul>
<p>Page {{ page.number }} of {{ page.paginator.num_pages }}</p>{% endblock %}"""
PERSON = """{% extends "base.html" %}{% block main %}<h1>{{ person.name }}</h1>
<p>{{ person.get_ring_display }}, {{ person.last_contact_at|date:"j F Y" }}</p>
<p>{{ person.notes }}</p>{% endblock %}"""


def empty(request: HttpRequest) -> HttpResponse:
    return _shown(request, EMPTY)


def people(request: HttpRequest) -> HttpResponse:
    owner = cast(User, request.user)
    found = Contact.objects.visible_to(owner).people().by_name()
    return _shown(request, LIST, page=Paginator(found, 50).get_page(request.GET.get("page")))


def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = Contact.objects.visible_to(cast(User, request.user))
    return _shown(request, PERSON, person=get_object_or_404(found, pk=pk))


_compiled: dict[str, Any] = {}


def _shown(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    if template not in _compiled:
        _compiled[template] = engines["django"].from_string(template)
    return HttpResponse(_compiled[template].render(context, request))


urlpatterns = [
    path("bare/", empty),
    path("bare/people/", people),
    path("bare/people/<uuid:pk>/", person),
    *everything,
]

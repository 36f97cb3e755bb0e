"""Addresses of the pages that show several apps, by the namespace they stand in."""

from django.urls import URLPattern, URLResolver, path

from netcrm.pages import first_steps

people: list[URLPattern | URLResolver] = []  # joins contacts.urls under /people/
house: list[URLPattern | URLResolver] = [  # no namespace: first steps, help
    path("first-steps/", first_steps.first_steps, name="first_steps"),
    path("first-steps/<slug:step>/", first_steps.first_steps, name="first_steps"),
    path("first-steps/<slug:step>/skip/", first_steps.skip, name="first_steps_skip"),
]

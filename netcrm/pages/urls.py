"""Addresses of the pages that show several apps, by the namespace they stand in."""

from django.urls import URLPattern, URLResolver

people: list[URLPattern | URLResolver] = []  # joins contacts.urls under /people/
house: list[URLPattern | URLResolver] = []  # no namespace: first steps, help

"""Every address of the product, found by walking the resolver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address: its full name and the converters of its arguments, by argument."""

    name: str
    converters: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return self.name


def every_route() -> list[Route]:
    return sorted(_walk(get_resolver(), (), ()), key=lambda route: (route.name, route.converters))


def _walk(
    resolver: URLResolver, spaces: tuple[str, ...], above: tuple[tuple[str, str], ...]
) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        mine = above
        if isinstance(entry.pattern, RoutePattern):
            mine += tuple(
                (name, type(converter).__name__)
                for name, converter in entry.pattern.converters.items()
            )
        if isinstance(entry, URLResolver):
            space = (entry.namespace,) if entry.namespace else ()
            yield from _walk(entry, spaces + space, mine)
        elif isinstance(entry, URLPattern):
            if not entry.name:
                raise AssertionError(f"{entry.pattern} has no name")
            yield Route(name=":".join((*spaces, entry.name)), converters=mine)

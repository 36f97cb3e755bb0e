"""What makes the site installable: manifest, service worker, offline page.

None of it holds anything of a user's: members use library computers, so pages of
people who are signed in are never kept on the device (docs/decisions/0044).
"""

from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from netcrm.kit.templatetags.look import nav_url

KEPT_FILES = (
    "vendor/bootstrap/bootstrap.min.css",
    "css/tokens.css",
    "css/app.css",
    "css/charts.css",
    "vendor/htmx/htmx.min.js",
    "js/app.js",
    "img/icons.svg",
    "vendor/atkinson-hyperlegible-next/atkinson-hyperlegible-next-latin-400-normal.woff2",
    "vendor/atkinson-hyperlegible-next/atkinson-hyperlegible-next-latin-700-normal.woff2",
    "vendor/newsreader/newsreader-latin-500-normal.woff2",
)


@login_not_required
@require_safe
@cache_control(max_age=3600, public=True)
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest (W3C)."""
    shortcuts = [
        (_("Log"), nav_url("contacts:log")),
        (_("Today"), nav_url("followups:today")),
        (_("Add person"), nav_url("contacts:add")),
    ]
    content: dict[str, object] = {
        "id": "/",
        "name": "NetCRM",
        "short_name": "NetCRM",
        "description": _("Turn introductions into relationships that hold."),
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "start_url": nav_url("followups:today") or "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf7f2",
        "theme_color": "#faf7f2",
        "icons": [
            _png("img/icon-192.png", 192, "any"),
            _png("img/icon-512.png", 512, "any"),
            _png("img/icon-maskable-512.png", 512, "maskable"),
        ],
        "shortcuts": [{"name": name, "url": url} for name, url in shortcuts if url],
    }
    if add_url := nav_url("contacts:add"):
        content["share_target"] = {
            "action": add_url,
            "method": "GET",
            "params": {"title": "title", "text": "text", "url": "url"},
        }
    return JsonResponse(content, content_type="application/manifest+json")


def _png(path: str, pixels: int, purpose: str) -> dict[str, str]:
    return {
        "src": staticfiles_storage.url(path),
        "sizes": f"{pixels}x{pixels}",
        "type": "image/png",
        "purpose": purpose,
    }


@login_not_required
@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker; it keeps static files and the offline page, and nothing else."""
    kept = [staticfiles_storage.url(path) for path in KEPT_FILES]
    context = {"kept": kept, "offline_url": nav_url("offline")}
    return render(request, "sw.js", context, content_type="text/javascript; charset=utf-8")


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    return render(request, "offline.html")

"""Every address of the product.  A namespace is the thing shown, not the app that shows it."""

from django.urls import include, path
from django.views.generic import RedirectView

import contacts.urls
import followups.urls
import introductions.urls
import netcrm.accounts.urls
import netcrm.delivery.urls
import netcrm.groups.urls
import netcrm.leader.urls
import netcrm.pages.group_urls
import netcrm.pages.urls
import netcrm.takeout.urls
from netcrm.kit import pwa

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="followups:today"), name="home"),
    path("account/", include("allauth.urls")),
    path(
        "settings/",
        include((netcrm.accounts.urls.urlpatterns + netcrm.takeout.urls.urlpatterns, "accounts")),
    ),
    path(
        "people/",
        include(
            (
                contacts.urls.urlpatterns + netcrm.pages.urls.people + netcrm.takeout.urls.people,
                "contacts",
            )
        ),
    ),
    path(
        "introductions/",
        include((introductions.urls.urlpatterns + netcrm.pages.urls.asks, "introductions")),
    ),
    path("", include((followups.urls.urlpatterns + netcrm.delivery.urls.member, "followups"))),
    path(
        "groups/",
        include(
            (
                netcrm.groups.urls.urlpatterns
                + netcrm.leader.urls.urlpatterns
                + netcrm.pages.group_urls.urlpatterns,
                "groups",
            )
        ),
    ),
    path("", include(netcrm.delivery.urls.house)),
    path("", include(netcrm.pages.urls.house)),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.service_worker, name="service_worker"),
    path("offline/", pwa.offline, name="offline"),
]

# Says 503 instead of 500 while the database is away (reliability.md, issue 4).
handler500 = "netcrm.kit.outage.server_error"

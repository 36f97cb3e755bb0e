"""Addresses of group pages that read one's own list; they join groups.urls under /groups/."""

from django.urls import URLPattern, URLResolver, path

from netcrm.pages import playbooks, room, sharing, week

urlpatterns: list[URLPattern | URLResolver] = [
    path("sharing/", sharing.sharing, name="sharing"),
    path("sharing/<uuid:pk>/", sharing.share, name="share"),
    path("sharing/<uuid:pk>/person/", sharing.share_person, name="share_person"),
    path("sharing/<uuid:pk>/note/", sharing.find_note, name="find_note"),
    path("sharing/<uuid:pk>/note/<uuid:contact_pk>/", sharing.share_note, name="share_note"),
    path("sharing/people/<uuid:pk>/forget/", sharing.unshare_person, name="unshare_person"),
    path("sharing/notes/<uuid:pk>/take-back/", sharing.unshare_note, name="unshare_note"),
    path("playbooks/<uuid:pk>/copy/", playbooks.copy, name="copy_playbook"),
    path("<uuid:pk>/week/", week.week, name="week"),
    path("<uuid:pk>/week/nothing/", week.nothing, name="nothing"),
    path("<uuid:pk>/room/", room.room, name="room"),
    path("room/<uuid:pk>/", room.answer, name="answer"),
]

from django.urls import URLPattern, URLResolver, path

from followups import action_views, calendar_views, rhythm_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("today/", views.today, name="today"),
    path("today/fresh-start/", views.fresh_start, name="fresh_start"),
    path("upcoming/", views.upcoming, name="upcoming"),
    path("act/undo/<str:token>/", action_views.undo, name="act_undo"),
    path("act/<str:act>/<str:token>/", action_views.act, name="act"),
    path("steps/<uuid:pk>/done/", views.done, name="done"),
    path("steps/<uuid:pk>/later/", views.later, name="later"),
    path("write/<uuid:pk>/", views.write, name="write"),
    path("reached/<uuid:pk>/", views.reached, name="reached"),
    path("peace/<uuid:pk>/", views.pause_person, name="pause_person"),
    path("undo/<str:token>/", views.undo, name="undo"),
    path("settings/rhythms/", rhythm_views.index, name="rhythms"),
    path("settings/rhythms/week/", rhythm_views.week, name="rhythm_week"),
    path("settings/rhythms/ring/<str:ring>/", rhythm_views.ring, name="rhythm_ring"),
    path("settings/rhythms/ring/<str:ring>/band/", rhythm_views.band, name="rhythm_band"),
    path("settings/rhythms/outcomes/", rhythm_views.outcomes, name="outcomes"),
    path("settings/rhythms/tag/<uuid:pk>/", rhythm_views.tag, name="rhythm_tag"),
    path("settings/rhythms/person/<uuid:pk>/", rhythm_views.person, name="rhythm_person"),
    path("settings/calendar/", calendar_views.settings_page, name="calendar"),
    path("settings/calendar/renew/", calendar_views.renew, name="calendar_renew"),
    path("settings/calendar/stop/", calendar_views.stop, name="calendar_stop"),
    path("feed/<str:token>.ics", calendar_views.feed, name="calendar_feed"),
    path("pause/", views.pause, name="pause"),
    path("pause/end/", views.resume, name="resume"),
]

"""Addresses of the pages that show several apps, by the namespace they stand in."""

from django.urls import URLPattern, URLResolver, path

from netcrm.pages import asking, choosing, first_steps, landed, many, search, views

people: list[URLPattern | URLResolver] = [  # joins contacts.urls under /people/
    path("", views.people_list, name="list"),
    path("add/", views.add, name="add"),
    path("filters/", many.filters, name="filters"),
    path("views/save/", many.save_view, name="save_view"),
    path("views/<uuid:pk>/", many.saved_view, name="saved_view"),
    path("views/<uuid:pk>/forget/", many.forget_view, name="forget_view"),
    path("change/", many.change, name="change"),
    path("changes/", many.bulk_edit_list, name="bulk_edits"),
    path("changes/<uuid:pk>/", many.bulk_edit, name="bulk_edit"),
    path("changes/<uuid:pk>/undo/", many.undo_bulk_edit, name="undo_bulk_edit"),
    path("search/", search.search, name="search"),
    path("log/", views.log_page, name="log"),
    path("log/read/", views.read_line, name="read_line"),
    path("log/undo/<str:token>/", views.undo_log, name="undo_log"),
    path("log/<uuid:pk>/", views.exchange, name="exchange"),
    path("log/<uuid:pk>/delete/", views.delete_exchange, name="delete_exchange"),
    path("import/<uuid:pk>/choose/", choosing.choose, name="choose"),
    path("import/<uuid:pk>/choose/<slug:step>/", choosing.choose_step, name="choose_step"),
    path("import/<uuid:pk>/pick/<uuid:contact>/", choosing.pick, name="choose_pick"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/talked-today/", views.talked_today, name="talked_today"),
    path("<uuid:pk>/prepare/", views.prepare, name="prepare"),
]
asks: list[URLPattern | URLResolver] = [  # joins introductions.urls under /introductions/
    path("give-and-ask/", asking.index, name="give_ask"),
    path("ask/<uuid:pk>/", asking.ask, name="ask"),
    path("<uuid:pk>/asked/", asking.asked, name="asked"),
    path("asks/<uuid:pk>/answer/", asking.answer, name="ask_answer"),
    path("given/<uuid:pk>/", asking.given, name="given"),
    path("referrals/<uuid:pk>/grade/", asking.grade, name="grade"),
    path("plan/landed/", landed.index, name="landed"),
    path("plan/landed/thank/", landed.thank, name="landed_thank"),
    path("plan/landed/end/", landed.end, name="landed_end"),
    path("plan/landed/<uuid:pk>/", landed.note, name="landed_note"),
]
house: list[URLPattern | URLResolver] = [  # no namespace: first steps, help
    path("help/", views.help_page, name="help"),
    path("first-steps/", first_steps.first_steps, name="first_steps"),
    path("first-steps/<slug:step>/", first_steps.first_steps, name="first_steps"),
    path("first-steps/<slug:step>/skip/", first_steps.skip, name="first_steps_skip"),
]

from django.urls import URLPattern, URLResolver, path

from introductions import (
    opportunity_views,
    opt_in_views,
    plan_views,
    route_views,
    trust_views,
    views,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index, name="list"),
    path("all/<slug:kind>/", views.every, name="every"),
    path("new/", views.record, name="record"),
    path("answer/<str:token>/", opt_in_views.answer, name="answer"),
    path("answer/<str:token>/report/", opt_in_views.report, name="report"),
    path("<uuid:pk>/ask-both/", opt_in_views.ask_both, name="ask_both"),
    path("<uuid:pk>/ask-both/take-back/", opt_in_views.take_back, name="take_back"),
    path("between/", views.between, name="between"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/move/", views.move, name="move"),
    path("<uuid:pk>/note/", views.note, name="note"),
    path("<uuid:pk>/note/check/", views.check_note, name="check_note"),
    path("<uuid:pk>/nudged/", views.nudged, name="nudged"),
    path("routes/", route_views.index, name="routes"),
    path("routes/person/<uuid:pk>/", route_views.person, name="routes_person"),
    path("routes/organization/<uuid:pk>/", route_views.organization, name="routes_organization"),
    path("trust/<uuid:pk>/", trust_views.trust, name="trust"),
    path("trust/<uuid:pk>/lift/", trust_views.lift, name="trust_lift"),
    path("plan/", plan_views.plan, name="plan"),
    path("plan/map/", plan_views.who_where, name="who_where"),
    path("plan/targets/add/", plan_views.add_target, name="add_target"),
    path("plan/targets/<uuid:pk>/drop/", plan_views.drop_target, name="drop_target"),
    path("plan/opportunities/add/", opportunity_views.add, name="add_opportunity"),
    path("plan/opportunities/<uuid:pk>/", opportunity_views.edit, name="opportunity"),
    path("plan/opportunities/<uuid:pk>/drop/", opportunity_views.drop, name="drop_opportunity"),
    path("plan/opportunities/<uuid:pk>/stage/", opportunity_views.stage, name="stage"),
]

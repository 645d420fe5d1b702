"""The pages that show both worlds: people and their messages."""

from django.urls import path

from campaigns.pages import (
    broadcasts,
    campaign,
    campaigns,
    dead_number,
    home,
    inbox,
    outcomes,
    parameter_files,
    parameters,
    pauses,
    person,
    reach,
    registration,
    revision,
    spreadsheets,
    steps,
    stop,
    targets,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("attention/<slug:kind>/", home.people_needing, name="people-needing"),
    path("people/<int:pk>/", person.person, name="person"),
    path("people/<int:pk>/stop/", stop.stop, name="person-stop"),
    path("people/<int:pk>/resume/", stop.resume, name="person-resume"),
    path("numbers/stop/", stop.stop_number, name="number-stop"),
    *dead_number.urlpatterns,
    *inbox.urlpatterns,
    *outcomes.urlpatterns,
    *spreadsheets.urlpatterns,
    *campaigns.urlpatterns,
    *campaign.urlpatterns,
    *revision.urlpatterns,
    *steps.urlpatterns,
    *pauses.urlpatterns,
    *broadcasts.urlpatterns,
    *reach.urlpatterns,
    *registration.urlpatterns,
    *parameters.urlpatterns,
    *parameter_files.urlpatterns,
    *targets.urlpatterns,
]

"""The pages that show both worlds: people and their messages."""

from django.urls import path

from campaigns.pages import (
    broadcasts,
    campaigns,
    dead_number,
    home,
    inbox,
    outcomes,
    pauses,
    person,
    reach,
    registration,
    spreadsheets,
    stop,
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
    *pauses.urlpatterns,
    *broadcasts.urlpatterns,
    *reach.urlpatterns,
    *registration.urlpatterns,
]

"""REST of campaigns, one subject a file."""

from campaigns.api import broadcasts, inbox, pauses, people, reach, workflow

urlpatterns = [
    *reach.urlpatterns,
    *people.urlpatterns,
    *inbox.urlpatterns,
    *pauses.urlpatterns,
    *broadcasts.urlpatterns,
    *workflow.urlpatterns,
]

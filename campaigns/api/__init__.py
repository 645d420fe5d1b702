"""REST of campaigns, one subject a file."""

from campaigns.api import broadcasts, inbox, parameters, pauses, people, reach, targets, workflow

urlpatterns = [
    *reach.urlpatterns,
    *people.urlpatterns,
    *inbox.urlpatterns,
    *pauses.urlpatterns,
    *broadcasts.urlpatterns,
    *workflow.urlpatterns,
    *parameters.urlpatterns,
    *targets.urlpatterns,
]

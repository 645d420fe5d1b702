"""REST of campaigns, one subject a file."""

from campaigns.api import broadcasts, pauses, people, reach

urlpatterns = [*reach.urlpatterns, *people.urlpatterns, *pauses.urlpatterns, *broadcasts.urlpatterns]

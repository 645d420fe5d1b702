"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from campaigns import api as campaigns_api
from messaging import api as messaging_api
from recipients.api import router

admin.site.site_header = admin.site.site_title = _("Mầm: administration")

urlpatterns = [
    path("", include("campaigns.urls")),
    path("", include("recipients.urls")),
    path("", include("messaging.urls")),
    path("sign-in/", auth.LoginView.as_view(template_name="sign_in.html"), name="sign-in"),
    path("sign-out/", auth.LogoutView.as_view(), name="sign-out"),
    path("language/", set_language, name="set-language"),
    path("api/v1/", include(campaigns_api.urlpatterns)),
    path("api/v1/", include(router.urls)),
    path("api/v1/", include(messaging_api.urlpatterns)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    path("admin/", admin.site.urls),
]

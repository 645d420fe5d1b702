from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("Messaging")

    def ready(self) -> None:
        import messaging.checks  # noqa: F401  (needs the tables, which are not there yet when this file is read)
        from messaging import among, moments

        among.install()
        moments.install()

"""Every setting of a deployment, read from the environment; README lists the ones to set."""

import os
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

# --- this deployment ---------------------------------------------------------------------------
LIVE_SENDING = env.bool("LIVE_SENDING", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if LIVE_SENDING:
        raise ImproperlyConfigured("LIVE_SENDING=1 needs a SECRET_KEY of its own. Set SECRET_KEY in the environment.")
    SECRET_KEY = "this key protects invented people only; set SECRET_KEY before real ones are registered"
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True

TIME_ZONE = env.str("TIME_ZONE", default="Asia/Ho_Chi_Minh")
USE_TZ = True
ZONE = ZoneInfo(TIME_ZONE)
BRAND = env.str("BRAND", default="MAM")
DEFAULT_LANGUAGE_OF_TEXTS = env.str("TEXT_LANGUAGE", default="vi")

# --- sending -----------------------------------------------------------------------------------
SEND_FROM = time.fromisoformat(env.str("SEND_FROM", default="07:30"))
SEND_UNTIL = time.fromisoformat(env.str("SEND_UNTIL", default="20:30"))
SEND_HOURS = {  # by class, local; from = until: always
    name: tuple(time.fromisoformat(each) for each in env.str(f"SEND_HOURS_{name.upper()}", default=hours).split("-"))
    for name, hours in {
        "service": f"{SEND_FROM:%H:%M}-{SEND_UNTIL:%H:%M}",
        "social": f"{SEND_FROM:%H:%M}-{SEND_UNTIL:%H:%M}",
        "promotional": "08:00-20:00",
        "emergency": "00:00-00:00",
    }.items()
}
CALLBACK_PRIVATE = env.bool("CALLBACK_PRIVATE", default=False)  # other systems may be told inside a private network
CALLBACK_KEEP_DAYS = env.int("CALLBACK_KEEP_DAYS", default=30)  # finished reports to other systems
RECEIPT_KEEP_DAYS = env.int("RECEIPT_KEEP_DAYS", default=0)  # raw delivery reports of finished texts; 0: kept for ever
if CALLBACK_KEEP_DAYS < 7 or 0 < RECEIPT_KEEP_DAYS < 7:
    raise ImproperlyConfigured("CALLBACK_KEEP_DAYS and RECEIPT_KEEP_DAYS are at least 7; RECEIPT_KEEP_DAYS may be 0.")
PHONE_REGION = env.str("PHONE_REGION", default="VN")  # of numbers without a country code; ISO 3166
OPT_OUT_TAIL = env.str("OPT_OUT_TAIL", default="")  # how to stop, at the end of texts, where a route has no own words
if len(OPT_OUT_TAIL) > 70:
    raise ImproperlyConfigured("OPT_OUT_TAIL has more than 70 characters. Say in fewer how to stop.")
OPT_OUT_TAILS = env.json("OPT_OUT_TAILS", default={})  # the same by the language of the text: {"en": "To stop..."}
if not isinstance(OPT_OUT_TAILS, dict) or any(len(str(words)) > 70 for words in OPT_OUT_TAILS.values()):
    raise ImproperlyConfigured('OPT_OUT_TAILS is no {"language": "words"} of at most 70 characters each. Correct it.')
OPT_OUT_PLACES = ("hotline",)  # what may stand in these words as {hotline}: campaigns gives it for each text
OPT_OUT_TAIL_DAYS = env.int("OPT_OUT_TAIL_DAYS", default=30)  # how long a number counts as told; 0: in every text
PROMOTIONAL_LABEL = env.str("PROMOTIONAL_LABEL", default="[QC]")
TEMPLATE_VALUE_CHARACTERS = env.int("TEMPLATE_VALUE_CHARACTERS", default=40)  # longest value in a registered text
SPREAD_MINUTES = env.int("SPREAD_MINUTES", default=10)
BEFORE_SEND = "campaigns.schedule.release.still_wanted"
ON_INBOUND = "campaigns.replies.handle"
REPLIES = {  # action of a keyword -> what campaigns does with such a text; "" for a text without a keyword
    "stop": "campaigns.replies.asking.stopped",
    "start": "campaigns.replies.asking.started",
    "wrong_number": "campaigns.replies.asking.wrong_number",
    "help": "campaigns.replies.asking.help_wanted",
    "call_me": "campaigns.replies.asking.call_me",
    "birth": "campaigns.replies.births.told",
    "loss": "campaigns.replies.losses.told",
    "visit": "campaigns.replies.visits.told",
    "": "campaigns.replies.births.chosen",
}

# --- applications ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "axes",
    "recipients",
    "messaging",
    "campaigns",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.deployment",
            ]
        },
    }
]

# --- database ----------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'mam.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-64000;",
    }
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / f"test-{os.getpid()}.sqlite3")}
else:
    # Providers call the webhooks many times a second: a connection of its own for each request is spared.
    # The passes ask by index about a few hundred people at a time. With the costs of a spinning disk PostgreSQL reads
    # whole tables for that. More is lost than gained by compiling (jit), by weighing every order of ten joined tables,
    # half of the time of such a question, and by calling further processes for less than a second of work.
    # What the address says itself (sslmode) stays.
    DATABASES["default"] |= {
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": "-c random_page_cost=1.1 -c jit=off -c join_collapse_limit=4 -c parallel_setup_cost=50000"
        }
        | DATABASES["default"].get("OPTIONS", {}),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- work --------------------------------------------------------------------------------------
BROKER_URL = env.str("BROKER_URL", default="filesystem://localhost")
BROKER_DIR = VAR_DIR / "broker"

# --- people who sign in ------------------------------------------------------------------------
AUTH_USER_MODEL = "recipients.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "locked_out.html"

# --- languages of the pages --------------------------------------------------------------------
LANGUAGE_CODE = env.str("PAGE_LANGUAGE", default="vi")
NUMBER_GROUPING = 3  # Django knows no grouping for Vietnamese
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
USE_I18N = True

# --- files -------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = VAR_DIR / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024

# --- REST --------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "recipients.api.errors.answer",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Mầm",
    "DESCRIPTION": "Registers people, records what happens to them, reads what was sent and whom it reached.",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "LanguageEnum": "recipients.models.people.Person.Language",
        "RevisionStateEnum": "campaigns.models.content.Revision.State",
        "StepRoleEnum": "campaigns.models.content.Step.Role",
        "CaregiverRoleEnum": "recipients.models.people.Caregiver.Role",
        "MessageClassEnum": "messaging.models.MessageClass",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "WARNING"}},
}

"""One settings file, read from the environment; see docs/reference/settings.md for every name."""

import zoneinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from .environment import env, read, read_bool, refuse
from .logs import LOGGING, configure_structlog  # noqa: F401 - LOGGING is a setting

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

# --- where this installation stands --------------------------------------------------------------
DEBUG = read_bool("DEBUG", default=False)
DATA_DIR = Path(read(env.str, "DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
SITE_URL = read(env.str, "SITE_URL", default="http://localhost:8000").rstrip("/")
if urlsplit(SITE_URL).scheme not in {"http", "https"} or not urlsplit(SITE_URL).hostname:
    refuse("SITE_URL", "must be an address such as https://tracker.example.org")
SITE_IS_SECURE = SITE_URL.startswith("https://")
ALLOWED_HOSTS = read(env.list, "ALLOWED_HOSTS", default=[urlsplit(SITE_URL).hostname, "localhost", "127.0.0.1"])
if "*" in ALLOWED_HOSTS:
    refuse("ALLOWED_HOSTS", "must name the hosts; * would accept any")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECRET_KEY = read(env.str, "SECRET_KEY", default="")
if not SECRET_KEY:
    refuse("SECRET_KEY", "is required; `make run` makes and keeps one")
# The first one seals the audit trail; the others were used before, and are known when it is verified.
AUDIT_KEY = read(env.list, "AUDIT_KEY", default=[]) or [SECRET_KEY]
PUBLIC_READ = read_bool("PUBLIC_READ", default=False)
DEMO = read_bool("DEMO", default=False)
TIME_ZONE = read(env.str, "TIME_ZONE", default="UTC")
if TIME_ZONE not in zoneinfo.available_timezones():
    refuse("TIME_ZONE", f"{TIME_ZONE!r} is not a time zone of the IANA list")
TRUSTED_PROXIES = read(env.int, "TRUSTED_PROXIES", default=0)

INSTALLED_APPS = [
    "brics_tracker.core",
    "brics_tracker.accounts",
    "brics_tracker.tracking",
    "proposals",
    "mechanisms",
    "reports",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "simple_history",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "csp",
    "django_htmx",
    "django_structlog",
    "brics_tracker.administration.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "brics_tracker.core.middleware.CleanInputMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "brics_tracker.accounts.sessions.middleware.SeenMiddleware",
    "brics_tracker.accounts.viewing.middleware.ViewingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "brics_tracker.accounts.second_factor.middleware.SecondFactorMiddleware",
    "brics_tracker.core.middleware.PrivatePagesMiddleware",
    "brics_tracker.accounts.drafts.middleware.DraftMiddleware",
    "brics_tracker.core.middleware.RequestLogMiddleware",
    "brics_tracker.core.moved.MovedMiddleware",
]
ROOT_URLCONF = "brics_tracker.urls"
WSGI_APPLICATION = "brics_tracker.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "brics_tracker.tracking.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- database --------------------------------------------------------------------------------------
DATABASES: dict[str, Any] = {
    "default": read(env.db_url, "DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'tracker.sqlite3'}")
}
# Where the owner prepares: how the web and the workers come in (manage.py secure_audit).
WEB_DATABASE_URL = read(env.str, "WEB_DATABASE_URL", default="")
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE and a long timeout: no "database is locked" with several writers; FULL: no
    # acknowledged commit is lost at a power cut (both measured, docs/adr/0004).
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;",
    }
elif _database["ENGINE"] == "django.db.backends.postgresql":
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": 8, "timeout": 10},
        "connect_timeout": 5,
        "tcp_user_timeout": 8000,
        "options": "-c statement_timeout=30s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s",
    }
else:
    refuse("DATABASE_URL", "must be a sqlite:// or postgres:// address")

# --- broker, cache, jobs -----------------------------------------------------------------------------
REDIS_URL = read(env.str, "REDIS_URL", default="")
if REDIS_URL and urlsplit(REDIS_URL).scheme not in {"redis", "rediss", "unix"}:
    refuse("REDIS_URL", "must be a redis://, rediss:// or unix:// address")
if REDIS_URL:
    CACHES: dict[str, Any] = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_timeout": 3, "socket_connect_timeout": 2, "retry": Retry(NoBackoff(), 1)},
        }
    }
else:
    # Counts of sign-ins are kept here: without Redis, the processes of this machine still share them.
    CACHES = {
        "default": {
            "BACKEND": "brics_tracker.core.file_cache.SharedFileCache",
            "LOCATION": DATA_DIR / "cache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://") if REDIS_URL else "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 30 * 60
# One quick retry: whoever saves a page waits milliseconds, not seconds, for a broker that is down.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60 * 60,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "max_retries": 1,
    "interval_start": 0,
    "interval_max": 0.1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# A missed or doubled tick is harmless: what is due is decided from the database.
CELERY_BEAT_SCHEDULE = {
    "jobs.sweep": {"task": "core.sweep_jobs", "schedule": 15.0},
    "sessions.clear": {"task": "accounts.clear_sessions", "schedule": 60 * 60.0},
    "reports.due": {"task": "reports.enqueue_due", "schedule": 60.0},
    "exports.expire": {"task": "accounts.expire_exports", "schedule": 600.0},
    "notices.find": {"task": "accounts.find_notices", "schedule": 30.0},
    "mails.plan": {"task": "accounts.plan_mails", "schedule": 60.0},
    "mails.send": {"task": "core.send_due", "schedule": 15.0},
    "files.expire": {"task": "accounts.expire_kept_files", "schedule": 60 * 60.0},
    "audit.seal": {"task": "core.seal_trail", "schedule": 60.0},
}

# --- people ------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["brics_tracker.accounts.backends.GrantBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "brics_tracker.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = None
# Nobody is mailed for an address without an account; the page says the same either way.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "login": "brics_tracker.accounts.forms.SignInForm",
    "reauthenticate": "brics_tracker.accounts.forms.ConfirmForm",
    "reset_password": "brics_tracker.accounts.forms.ResetForm",
    "user_token": "brics_tracker.accounts.forms.LinkForm",
}
# Django's own: the address and the password make the link, so it works once and no second table of addresses grows.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
PASSWORD_RESET_TIMEOUT = 3 * 24 * 60 * 60
SESSION_ENGINE = "brics_tracker.accounts.sessions.store"
# off, or staff: reviewers and administrators. Whoever has a second factor is asked for it either way.
REQUIRE_SECOND_FACTOR = read(env.str, "REQUIRE_SECOND_FACTOR", default="off").strip().lower()
if REQUIRE_SECOND_FACTOR not in {"off", "staff"}:
    refuse("REQUIRE_SECOND_FACTOR", f"must be off or staff, not {REQUIRE_SECOND_FACTOR!r}")
MFA_ADAPTER = "brics_tracker.accounts.second_factor.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "BRICS Tracker"
MFA_FORMS = {
    "authenticate": "brics_tracker.accounts.second_factor.forms.SignInCodeForm",
    "reauthenticate": "brics_tracker.accounts.second_factor.forms.ConfirmCodeForm",
    "authenticate_webauthn": "brics_tracker.accounts.second_factor.forms.SignInPasskeyForm",
    "reauthenticate_webauthn": "brics_tracker.accounts.second_factor.forms.ConfirmPasskeyForm",
    "login_webauthn": "brics_tracker.accounts.second_factor.forms.PasskeyAloneForm",
}
# An institution's sign-in (OpenID Connect) beside the password; who may enter is decided in accounts/institution.
OIDC_ISSUER = read(env.str, "OIDC_ISSUER", default="")
OIDC_LABEL = read(env.str, "OIDC_LABEL", default="") or urlsplit(OIDC_ISSUER).hostname
SOCIALACCOUNT_ADAPTER = "brics_tracker.accounts.adapter.InstitutionAdapter"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {
        "provider_class": "brics_tracker.accounts.institution.provider.InstitutionProvider",
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [],
    }
}
if OIDC_ISSUER:
    if urlsplit(OIDC_ISSUER).scheme != "https" and urlsplit(OIDC_ISSUER).hostname not in {"localhost", "127.0.0.1"}:
        refuse("OIDC_ISSUER", "must be the https:// address of the institution's sign-in")
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"] = [
        {
            "provider_id": "institution",
            "name": OIDC_LABEL,
            "client_id": read(env.str, "OIDC_CLIENT_ID", default="")
            or refuse("OIDC_CLIENT_ID", "is required with OIDC_ISSUER"),
            "secret": read(env.str, "OIDC_CLIENT_SECRET", default="")
            or refuse("OIDC_CLIENT_SECRET", "is required with OIDC_ISSUER"),
            "settings": {"issuer": OIDC_ISSUER, "server_url": OIDC_ISSUER.rstrip("/")},
        }
    ]

# --- mail, files, static -------------------------------------------------------------------------------
if read(env.str, "EMAIL_URL", default=""):
    vars().update(read(env.email_url, "EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
DEFAULT_FROM_EMAIL = read(env.str, "DEFAULT_FROM_EMAIL", default=f"tracker@{urlsplit(SITE_URL).hostname}")
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "brics_tracker.core.storage.DurableStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = Path(read(env.str, "STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
UPLOAD_MAX_BYTES = 20 * 1024 * 1024
UPLOAD_MAX_FILES = 10
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_PERMISSIONS = 0o600
FONT_DIRS = [Path(folder) for folder in read(env.list, "FONT_DIRS", default=[])]

# --- language and time ---------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
# "en-xa" is the pseudo-locale (longer, accented) and "ar" stands for every right-to-left language
# until translations arrive: both exist to be looked at. A language without a catalogue of ours is shown in
# English words and dates (core/pseudo.py), never in the words of the framework alone.
LANGUAGES = [("en", _("English")), ("ar", _("Arabic (direction only)")), ("en-xa", _("Pseudo-locale"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "brics_tracker.formats"
USE_TZ = True

# --- security ------------------------------------------------------------------------------------------
_SELF = "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [_SELF],
        "style-src": [_SELF],
        "img-src": [_SELF, "data:"],
        "font-src": [_SELF],
        "connect-src": [_SELF],
        "form-action": [_SELF],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": [_SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # the proxy sends http:// on to https://
    "security.W021",  # whether a browser's own list holds the domain is for its owner to say
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
if SITE_IS_SECURE:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- the register's own thresholds (docs/reference/settings.md) -------------------------------------------
DUE_SOON_DAYS = read(env.int, "DUE_SOON_DAYS", default=30)
DEFAULT_RHYTHM_DAYS = read(env.int, "DEFAULT_RHYTHM_DAYS", default=90)
REMIND_BEFORE_DAYS = read(env.list, "REMIND_BEFORE_DAYS", cast=int, default=[14, 3])
REMIND_AFTER_DAYS = read(env.list, "REMIND_AFTER_DAYS", cast=int, default=[1, 14])
SECOND_LINE_DAYS = read(env.int, "SECOND_LINE_DAYS", default=30)
AT_RISK_SLIPS = read(env.int, "AT_RISK_SLIPS", default=2)
# In this order: each may look up what the ones before it loaded.
CATALOGUE_LOADERS = [
    "brics_tracker.core.catalogue.load_reference",
    "brics_tracker.tracking.catalogue.load_documents",
    "mechanisms.catalogue.load_mechanisms",
    "mechanisms.catalogue.load_meetings",
    "proposals.catalogue.load_proposals",
]
# What can be found; an Addition stands behind the source that it adds to.
SEARCH_SOURCES = [
    "brics_tracker.tracking.search.sources.items",
    "brics_tracker.tracking.search.sources.updates",
    "brics_tracker.tracking.search.sources.evidence",
    "brics_tracker.tracking.search.sources.comments",
    "brics_tracker.tracking.search.sources.documents",
    "brics_tracker.tracking.search.sources.passages",
    "mechanisms.search.mechanisms",
    "mechanisms.search.meetings",
]
# What notices are about, and what finds in the records what people are to be told of.
NOTICE_SUBJECTS = [
    "brics_tracker.tracking.notices.subjects.items",
    "brics_tracker.tracking.notices.subjects.updates",
    "brics_tracker.tracking.notices.subjects.comments",
    "brics_tracker.tracking.notices.subjects.themes",
]
NOTICE_FINDERS = [
    "brics_tracker.tracking.notices.finding.published_updates",
    "brics_tracker.tracking.notices.finding.retracted_updates",
    "brics_tracker.tracking.notices.finding.published_items",
    "brics_tracker.tracking.notices.finding.returns",
    "brics_tracker.tracking.notices.finding.review_requests",
    "brics_tracker.tracking.notices.finding.comments",
    "brics_tracker.tracking.notices.finding.slips",
    "brics_tracker.tracking.notices.finding.archived_items",
    "brics_tracker.tracking.notices.finding.merged_items",
    "brics_tracker.tracking.notices.reminders.due_dates",
    "brics_tracker.tracking.notices.reminders.expected_reports",
]
INTEGRITY_CHECKS = [
    "brics_tracker.core.integrity.files_and_rows",
    "brics_tracker.core.integrity.temporary_files",
    "brics_tracker.core.integrity.jobs",
    "brics_tracker.core.integrity.constraints",
    "brics_tracker.core.integrity.expired_exports",
    "brics_tracker.core.audit.verifying.recent_seals",
    "brics_tracker.core.search.index.differences",
    "brics_tracker.accounts.integrity.sessions_of_the_disabled",
    "brics_tracker.tracking.integrity.versions",
    "brics_tracker.tracking.integrity.maintained_columns",
    "brics_tracker.tracking.integrity.published_by_reviewers",
    "brics_tracker.tracking.integrity.one_chain_of_states",
    "brics_tracker.tracking.integrity.merges",
    "reports.integrity.frozen_reports",
]
FOUR_EYES = read_bool("FOUR_EYES", default=True)
PAGE_SIZE = 50

# --- API -------------------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "brics_tracker.accounts.tokens.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["brics_tracker.accounts.api.ApiPermission"],
    "DEFAULT_RENDERER_CLASSES": ["brics_tracker.core.api.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["brics_tracker.core.api_parsing.ReadableJSONParser"],
    "DEFAULT_FILTER_BACKENDS": [],
    "DEFAULT_PAGINATION_CLASS": "brics_tracker.core.api.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "brics_tracker.core.errors.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "BRICS Tracker API",
    "DESCRIPTION": "What governments of BRICS said they would do, and how far it has come.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "ENUM_NAME_OVERRIDES": {
        "StatusEnum": "brics_tracker.tracking.workflow.Status",
        "ProposalKindEnum": "proposals.choices.ProposalKind",
        "MechanismKindEnum": "mechanisms.choices.MechanismKind",
        "ClaimKindEnum": "brics_tracker.tracking.choices.ClaimKind",
        "RelationKindEnum": "brics_tracker.tracking.choices.RelationKind",
    },
}
KNOX_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105 - a model's name
# knox's own migrations would make a table for the model that ours replaces, empty and tied to users.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {"TOKEN_TTL": None, "AUTH_HEADER_PREFIX": "Bearer", "TOKEN_LIMIT_PER_USER": 20}

configure_structlog()

"""Settings shared by every way of running.  Whatever differs comes from the environment."""

import os
import zoneinfo
from pathlib import Path
from typing import cast

import environ
from csp.constants import NONE, SELF

from netcrm.kit.logs import configuration

# The pinned tzdata before the system's copy: zone rules change several times a year, and an old
# system sends reminders an hour off (docs/decisions/0003-zone-data.md).
zoneinfo.reset_tzpath(())

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(env.str("NETCRM_VAR", default=str(BASE_DIR / "var")))

ROOT_URLCONF = "netcrm.urls"
WSGI_APPLICATION = "netcrm.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Where the product answers; links in mail are made from it.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "django_countries",
    "csp",
    "netcrm.accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "netcrm.kit",
    "netcrm.delivery",
    "netcrm.groups",
    "contacts",
    "introductions",
    "followups",
    "netcrm.leader",
    "netcrm.pages",
    "netcrm.takeout",
    "netcrm.runner",
]

MIDDLEWARE = [
    "netcrm.runner.health.HealthMiddleware",
    "netcrm.kit.logs.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "netcrm.kit.outage.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "netcrm.accounts.middleware.OwnTimeZoneMiddleware",
    "netcrm.kit.middleware.PrivatePagesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # widgets of our own

# People and sign-in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["netcrm.groups.sign_in.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "followups:today"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "netcrm.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {
    "login": "netcrm.accounts.forms.LoginForm",
    "signup": "netcrm.accounts.forms.SignupForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "NetCRM"
USERSESSIONS_TRACK_ACTIVITY = False  # a write and four queries on every page
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds; idle limit, renewed by use
SESSION_SAVE_EVERY_REQUEST = False

# Storage

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "netcrm.kit.cache.PatientRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "netcrm",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},  # seconds
    }
}


def sqlite(path: str) -> dict[str, object]:
    """A SQLite database that many processes may write to (reliability.md D01, D02)."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": 600,  # seconds
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,  # seconds
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            ),
        },
    }


# To be switched off behind a pooler that gives each transaction another connection.
PREPARED = env.bool("DATABASE_PREPARED", default=True)


def database(url: str) -> dict[str, object]:
    """The database that a DATABASE_URL names, with the options that belong to its kind."""
    named: dict[str, object] = dict(env.db_url_config(url))
    if named["ENGINE"] == "django.db.backends.sqlite3":
        return sqlite(str(named["NAME"]))
    # PostgreSQL plans a statement once a connection (docs/decisions/0103-prepared-statements.md).
    prepared = {"server_side_binding": True, "prepare_threshold": 5} if PREPARED else {}
    options = prepared | cast("dict[str, object]", named.get("OPTIONS", {}))
    return {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True} | named | {"OPTIONS": options}


DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASES = {
    "default": database(DATABASE_URL) if DATABASE_URL else sqlite(str(VAR_DIR / "netcrm.sqlite3"))
}

# Background work.  A row is the truth; a message is a wake-up.


def celery_broker(url: str) -> str:
    """The same Redis in Celery's words: redis-py says unix://, Celery redis+socket://."""
    return url.replace("unix://", "redis+socket://", 1) if url.startswith("unix://") else url


CELERY_BROKER_URL = celery_broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# One process on SQLite: a second sender would only wait for the write lock (reliability.md 2.4).
CELERY_WORKER_CONCURRENCY = env.int(
    "WORKER_CONCURRENCY",
    default=1 if "sqlite3" in str(DATABASES["default"]["ENGINE"]) else os.cpu_count() or 1,
)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A page that wakes a worker does not wait for a Redis that is away: the sweep finds the row.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,  # seconds
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,  # seconds
    # A Redis that takes connections and says nothing is away too; a worker waits for news for 1.
    "socket_timeout": 1.5,
    # Whoever wakes a worker does not wait for Redis to come back: the next sweep finds the row.
    "max_retries": 1,
    "interval_start": 0,
    "interval_max": 0.1,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    # Finds the mails whose moment has come and wakes the workers that send them.  A lost or
    # doubled run changes nothing but latency; an unread one expires, so none pile up.
    "sweep the ledger of mail": {
        "task": "netcrm.delivery.tasks.sweep",
        "schedule": 30.0,  # seconds
        "options": {"expires": 30},
    },
    # Deletes mails that came to their end more than a year ago, and keeps their counts.
    "put old mail away": {
        "task": "netcrm.delivery.tasks.put_away",
        "schedule": 24 * 3600.0,  # seconds
    },
    # Takes up imports whose wake-up was lost or whose worker died.
    "pick up imports": {
        "task": "contacts.tasks.pick_up_imports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # Takes up searches for people who stand twice, likewise.
    "pick up duplicates": {
        "task": "contacts.tasks.pick_up_duplicates",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # Takes up changes to many people, likewise.
    "pick up changes to many": {
        "task": "contacts.tasks.pick_up_bulk_edits",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # Moves on what an open page still wrote to somebody who was just joined into another.
    "gather what came late": {
        "task": "contacts.tasks.gather_late",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    # Erases for good whoever has been in the trash for thirty days.
    "empty old trash": {
        "task": "contacts.tasks.empty_old_trash",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    # Deletes accounts whose owners asked for it a fortnight ago.
    "remove leavers": {
        "task": "netcrm.accounts.tasks.remove_leavers",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    # Takes up exports whose worker died, and deletes those whose link has run out.
    "look after takeouts": {
        "task": "netcrm.takeout.tasks.look_after_takeouts",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    # Plans whoever was not planned for a day, and counts what had to change: it should be none.
    "plan everyone": {
        "task": "followups.tasks.plan_everyone",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    # Counts members whose list or consent has changed, so that their leader's page opens at once.
    "count members again": {
        "task": "netcrm.leader.tasks.recount",
        "schedule": 120.0,  # seconds
        "options": {"expires": 120},
    },
    # Draws who can reach whom in groups where a tie or a consent has changed.
    "draw rooms": {
        "task": "netcrm.leader.tasks.draw_rooms",
        "schedule": 120.0,  # seconds
        "options": {"expires": 120},
    },
    # Draws who can reach whom for members whose facts have moved.
    "draw who reaches whom": {
        "task": "introductions.tasks.draw_behind",
        "schedule": 30.0,  # seconds
        "options": {"expires": 30},
    },
    # Looks are kept for a year, and no longer.
    "prune the log of looks": {
        "task": "netcrm.leader.tasks.prune_view_log",
        "schedule": 24 * 3600.0,  # seconds
    },
}

# Planning.  Whoever changes a fact says so through kit.facts; this is who listens.
FACTS_LISTENER = "followups.services.facts_changed"
# Called before an account is deleted, so that no group is left without a leader.
BEFORE_LEAVING = "netcrm.groups.services.hand_over"

# Mail

EMAIL_TIMEOUT = 10  # seconds; Django's own default waits for ever (reliability.md R08)
EMAIL_DOT_TIMEOUT = 60  # seconds for the answer to the final dot; well inside the lease
vars().update(env.email_url("EMAIL_URL", default="smtp://127.0.0.1:1025"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="NetCRM <hello@netcrm.invalid>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Who writes which mail of the ledger (docs/decisions/0050).
DELIVERY_LETTERS = {
    "digest": "followups.emails.digest",
    "weekly": "followups.emails.weekly",
    "summary": "followups.emails.summary",
    "thanks": "followups.emails.thanks",
    "test": "netcrm.delivery.letters.test_letter",
    "invitation": "netcrm.groups.emails.invitation",
    "opt_in": "introductions.emails.opt_in",
    "erased": "netcrm.takeout.emails.erased",
    "takeout": "netcrm.takeout.emails.takeout",
}
# Keys the hashes of addresses whose owners asked to be erased; without it, SECRET_KEY does.
ERASURE_KEY = env.str("ERASURE_KEY", default="")
# Keeps those hashes outside of the database too, so that a backup brought back forgets nobody.
ERASED_LIST = Path(env.str("ERASED_LIST", default=str(VAR_DIR / "erased.list")))
DELIVERY_LEASE_SECONDS = env.float("DELIVERY_LEASE_SECONDS", default=120.0)
# How long a mail that may have been sent waits before it is sent once more (RFC 5321 4.5.3.2.6).
DELIVERY_UNKNOWN_WAIT_SECONDS = env.float("DELIVERY_UNKNOWN_WAIT_SECONDS", default=600.0)
# A provider that knows repeats by a header (Resend-Idempotency-Key, X-EE-Idempotency-Key).
MAIL_IDEMPOTENCY_HEADER = env.str("MAIL_IDEMPOTENCY_HEADER", default="")
# Signs the reports of bounced mail; without it the endpoint believes nobody.
BOUNCE_SECRET = env.str("BOUNCE_SECRET", default="")

# What monitoring asks, answered before any other look at the request.
PROBES = {
    "/healthz": "netcrm.runner.health.alive",
    "/readyz": "netcrm.delivery.probes.ready",
    "/healthz/reminders": "netcrm.delivery.probes.reminders",
    "/metrics": "netcrm.delivery.probes.metrics",
}
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
# Asked for by each sweep while mail goes out; whoever waits for it alarms when it stays away.
DEAD_MAN_URL = env.str("DEAD_MAN_URL", default="")

# Logs

LOGGING = configuration(level=env.str("LOG_LEVEL", default="INFO"))

# Words, time, static files

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["netcrm.formats"]
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT: Path | None = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# Doors

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # bytes
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes; larger uploads go to disk

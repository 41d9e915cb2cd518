"""Settings from the environment; safe where nothing is set. README.md lists them all."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()  # LIGHT_API_KEY_FILE works as LIGHT_API_KEY does

# --- where we are -----------------------------------------------------------------------
DEMO = env.bool("DEMO", default=False)  # set by `manage.py demo` only
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or "unset"  # lightui.checks refuses that
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- Light ------------------------------------------------------------------------------
LIGHT_API_URL = env.str("LIGHT_API_URL", default="")
LIGHT_API_KEY = env.str("LIGHT_API_KEY", default="").strip()
LIGHT_ALLOWED_HOSTS = env.list("LIGHT_ALLOWED_HOSTS", default=[])  # may see our key on a redirect
LIGHT_REQUESTS_PER_MINUTE = env.int("LIGHT_REQUESTS_PER_MINUTE", default=240)
LIGHT_REQUESTS_PER_DAY = env.int("LIGHT_REQUESTS_PER_DAY", default=60_000)
LIGHT_TIMEOUT = env.int("LIGHT_TIMEOUT", default=30)  # seconds for one answer
PARTIALLY_CLEARED_LINKABLE = env.bool("PARTIALLY_CLEARED_LINKABLE", default=False)

# --- the worker; seconds ------------------------------------------------------------------
SYNC_INTERVAL = env.float("SYNC_INTERVAL", default=300)
SYNC_OVERLAP = env.float("SYNC_OVERLAP", default=600)  # an incremental read looks back so far
FULL_SYNC_INTERVAL = env.float("FULL_SYNC_INTERVAL", default=24 * 3600)
STALE_AFTER = env.float("STALE_AFTER", default=max(3 * SYNC_INTERVAL, 60))
LEASE = env.float("LEASE", default=120)  # a worker silent for longer has lost its work
QUARANTINE = env.float("QUARANTINE", default=240)  # longer than any late commit of Light
LOOK_AGAIN = env.float("LOOK_AGAIN", default=30)  # between two looks at an unknown outcome
WORKER_IDLE = env.float("WORKER_IDLE", default=1)
GROUP_REFRESH = env.float("GROUP_REFRESH", default=60)  # age at which a clearing page is refreshed

# --- what was cleared before the connection, and what Light undoes without a sign --------------
HISTORY_MONTHS = env.int("HISTORY_MONTHS", default=3)  # before this one; read once, at connection
ROTATION_MONTHS = env.int("ROTATION_MONTHS", default=3)  # whose closed documents are read again
ROTATION_REQUESTS = env.int("ROTATION_REQUESTS", default=2_000)  # a night; 0: never again
ROTATION_HOURS = env.str("ROTATION_HOURS", default="22-06")  # in TIME_ZONE

# --- rules of the house ---------------------------------------------------------------------
PLANNED_TOO_LONG_DAYS = env.int("PLANNED_TOO_LONG_DAYS", default=14)
SECOND_PERSON_ALWAYS = env.bool("SECOND_PERSON_ALWAYS", default=False)
# Links under this amount need no second person; smallest unit by currency: {"EUR": 5000}
EXEMPT_UNDER = env.json("EXEMPT_UNDER", default={})
# Nobody approves what is done with a credit note that they edited or posted here.
EDITOR_CANNOT_APPROVE = env.bool("EDITOR_CANNOT_APPROVE", default=True)
EXTRA_RIGHTS = env.json("EXTRA_RIGHTS", default={})  # {"preparer": ["post"]}: roles.RIGHTS
DUPLICATE_DAYS = env.int("DUPLICATE_DAYS", default=7)  # between dates of possible duplicates
# Words that make an invoice look like a credit note, by language; see credit_words.py.
CREDIT_WORDS = env.json("CREDIT_WORDS", default={})

# --- matching; amounts in the smallest unit by currency --------------------------------------
MATCH_TOLERANCE = env.json("MATCH_TOLERANCE", default={})  # fits nearly: {"EUR": 100}
SMALL_REST = env.json("SMALL_REST", default={})  # rests that are not worth a link: {"EUR": 500}
# Where the months of a company entity end, by its code or id: {"FJDE": "Europe/Berlin"}
ENTITY_TIME_ZONES = env.json("ENTITY_TIME_ZONES", default={})
APPROVAL_LIMITS = env.json("APPROVAL_LIMITS", default={})  # {"anton": {"EUR": 500000}}; "*": all
PDF_TEXT_LIMIT = env.int("PDF_TEXT_LIMIT", default=10 * 1024 * 1024)  # bytes of a PDF that is read

# --- documents ---------------------------------------------------------------------------
EVIDENCE_DAYS = env.int("EVIDENCE_DAYS", default=30)  # until the files of an evidence are deleted
DOCUMENT_LIMIT = env.int("DOCUMENT_LIMIT", default=30 * 1024 * 1024)  # bytes of one PDF
# Where Light's own pages are: "https://app.light.example/credit-notes/{id}"; empty: no link
LIGHT_CREDIT_NOTE_URL = env.str("LIGHT_CREDIT_NOTE_URL", default="")
LIGHT_INVOICE_URL = env.str("LIGHT_INVOICE_URL", default="")

# --- Django -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "clearing",
]
MIDDLEWARE = [
    "lightui.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "lightui.middleware.SessionKeys",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lightui.middleware.SignedInPages",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "lightui.middleware.Busy",
]
ROOT_URLCONF = "lightui.urls"
WSGI_APPLICATION = "lightui.wsgi.application"
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
                "clearing.views.context.page",
            ],
        },
    }
]

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'lightui.sqlite3'}")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers queue instead of failing, readers never wait, and a commit survives a power cut.
    # The wait ends before gunicorn's (30 s), so that a page can still say why.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:  # whoever freezes with locks in their hands must not keep everybody waiting for them
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options", "-c idle_in_transaction_session_timeout=60s"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"  # the only one: no LocaleMiddleware, or Django's words would be mixed in
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = DEMO or DEBUG  # no collectstatic on a laptop
WHITENOISE_AUTOREFRESH = DEBUG

# A form of 2,000 lines is a long day's work; megabytes in a field are not.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- security -----------------------------------------------------------------------------
HTTPS = not (DEMO or DEBUG)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if env.bool("BEHIND_PROXY", default=False):  # the proxy sets and strips X-Forwarded-Proto
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"trace": {"()": "lightui.logs.Trace"}},
    "formatters": {"plain": {"()": "lightui.logs.Plain"}, "json": {"()": "lightui.logs.Json"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if env.str("LOG_FORMAT", default="") == "json" else "plain",
            "filters": ["trace"],
        }
    },
    "loggers": {"urllib3": {"level": "INFO"}},  # its DEBUG names queries and where we are sent
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}

"""The settings of the tests: the real ones, with values that no company uses."""

import os

os.environ.setdefault("SECRET_KEY", "tests-only-" + "x" * 50)
os.environ.setdefault("LIGHT_API_URL", "http://127.0.0.1:9")
os.environ.setdefault("LIGHT_API_KEY", "test-key")
os.environ.setdefault("DEBUG", "0")

from lightui.settings import *  # noqa: E402, F403

HTTPS = False
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SECURE_HSTS_SECONDS = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_USE_FINDERS = True
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SILENCED_SYSTEM_CHECKS = ["lightui.E001"]
WHITENOISE_AUTOREFRESH = True  # each test client starts the middleware: it need not list the files
# Nobody waits for Light's limit; the tests of our pace set their own.
LIGHT_REQUESTS_PER_MINUTE, LIGHT_REQUESTS_PER_DAY = 60_000, 10_000_000
# Whoever wants the past to be read asks for it; no test behaves otherwise by night.
HISTORY_MONTHS = ROTATION_REQUESTS = 0
# A test may hold its transaction for as long as it likes; lightui's own setting is tested.
DATABASES = {"default": DATABASES["default"] | {"OPTIONS": dict(DATABASES["default"]["OPTIONS"])}}  # noqa: F405
DATABASES["default"]["OPTIONS"].pop("options", None)

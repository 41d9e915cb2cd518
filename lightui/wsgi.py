"""The WSGI application; refuses to start on settings that would be unsafe in production."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightui.settings")
application = get_wsgi_application()

from lightui.checks import refuse_unsafe_start  # noqa: E402  (settings are ready only now)

refuse_unsafe_start()

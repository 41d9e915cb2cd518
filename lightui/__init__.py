"""Wiring: settings, URLs, WSGI and middleware. No business here."""

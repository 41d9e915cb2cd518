"""The one app."""

from django.apps import AppConfig


class ClearingConfig(AppConfig):
    name = "clearing"
    verbose_name = "Credit-note clearing"

    def ready(self) -> None:
        import lightui.checks  # noqa: F401  (registers the start check)

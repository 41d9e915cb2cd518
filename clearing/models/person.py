"""What belongs to one person: unfinished work and how numbers are typed."""

from typing import Any

from django.conf import settings
from django.db import models


class Draft(models.Model):
    """A person's unfinished clearing page: the texts as typed. It never reserves anything."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    vendor_id = models.UUIDField()
    entity_id = models.UUIDField()
    currency = models.TextField()
    cells = models.JSONField(default=dict)  # {"<credit note>:<invoice>": "12.50"}
    note = models.TextField(default="", blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "vendor_id", "entity_id", "currency"], name="one_draft_per_person"
            )
        ]
        indexes = [models.Index(fields=["vendor_id", "entity_id", "currency", "updated_at"])]

    def __str__(self) -> str:
        return f"Draft of {self.user}"


class Preference(models.Model):
    """How a person reads and types numbers, and whether shortcuts are on."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preference"
    )
    number_format = models.TextField(default="en_US")  # a Babel locale
    shortcuts = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"Preference of {self.user}"


def number_format(user: Any) -> str:
    """The number format of this person (a Babel locale); en_US where none was chosen."""
    preference = getattr(user, "preference", None)
    return preference.number_format if preference else "en_US"

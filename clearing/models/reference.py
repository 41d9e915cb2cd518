"""Whom and what Light's documents name; written by services.mirroring only, never deleted."""

from django.db import models


class Company(models.Model):
    """The one Light company of this database (GET /v1/companies/current)."""

    id = models.UUIDField(primary_key=True)
    name = models.TextField()
    base_currency = models.TextField(default="")

    def __str__(self) -> str:
        return self.name


class Entity(models.Model):
    """A company entity (GET /v1/entities)."""

    id = models.UUIDField(primary_key=True)
    code = models.TextField(default="")
    name = models.TextField(default="")
    local_currency = models.TextField(default="")
    status = models.TextField(default="")
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name or str(self.id)


class Vendor(models.Model):
    """A vendor (GET /v1/vendors), without its bank details."""

    id = models.UUIDField(primary_key=True)
    name = models.TextField(default="")
    number = models.TextField(default="")  # Light's `identifier`
    vat_id = models.TextField(default="", db_index=True)  # without blanks, in capitals
    status = models.TextField(default="")
    currency = models.TextField(default="")
    country = models.TextField(default="")
    updated_in_light_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["name", "id"])]

    def __str__(self) -> str:
        return self.name or str(self.id)


class LedgerAccount(models.Model):
    """An account of the ledger (GET /v1/ledger-accounts)."""

    id = models.UUIDField(primary_key=True)
    code = models.TextField(default="")
    label = models.TextField(default="")
    type = models.TextField(default="")
    status = models.TextField(default="")
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["code", "id"]

    def __str__(self) -> str:
        return f"{self.code} {self.label}".strip() or str(self.id)

"""Pages: load, check permission, form, service, render."""

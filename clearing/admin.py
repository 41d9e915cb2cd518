"""Users and groups only: for anything else the admin would walk around the workflow."""

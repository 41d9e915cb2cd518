"""Speaks to Light: HTTP and JSON, no Django and nothing else of clearing.

client ─▶ transport ─▶ wire ─▶ dialing ─▶ Light     pace       the shared request budget
  │          └─ body, address, document             errors     by what the caller does about them
  └─ records: Light's JSON under our names
"""

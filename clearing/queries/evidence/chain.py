"""The head of the audit chain, as every evidence file prints it."""

from clearing import sealed


def head() -> str:
    """Number and digest of the last sealed audit event; empty while the trail is not sealed."""
    return str(sealed.head() or "")

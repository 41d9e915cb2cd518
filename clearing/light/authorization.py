"""How we show Light who we are."""


class Authorization:
    """The Authorization header. It does not show itself in a repr or a traceback."""

    def __init__(self, key: str, token: str) -> None:
        if bool(key) == bool(token):
            raise ValueError("Give either an API key or a bearer token.")
        self.secret = key or token
        if not all("!" <= character <= "~" for character in self.secret):
            raise ValueError("The key contains a space or a character that no key has.")
        self.header = f"Basic {key}" if key else f"Bearer {token}"

    def __repr__(self) -> str:
        return "Authorization(hidden)"

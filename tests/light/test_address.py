"""Which addresses may see the key, and which redirects are not followed."""

import pytest

from clearing.light.address import Address, NotFollowed

LIGHT = Address("https://api.light.example/base/", ["files.example", "other.example:8443"])


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://api.light.example/x", True),
        ("https://API.light.example:443/x", True),
        ("https://files.example/x", True),
        ("https://other.example:8443/x", True),
        ("http://api.light.example/x", False),
        ("https://api.light.example:8443/x", False),
        ("https://api.light.example.evil.example/x", False),
        ("https://evil.example/api.light.example", False),
        ("https://sub.files.example/x", False),
        ("http://files.example/x", False),
        ("https://other.example/x", False),
    ],
)
def test_may_see_key(url, may):
    assert LIGHT.may_see_key(url) is may
    assert LIGHT.is_light(url) is (may and "light" in url.lower())


@pytest.mark.parametrize(
    "location",
    ["http://api.light.example/x", "http://127.0.0.1/x", "https://127.0.0.1/x", "https://[::1]/x",
     "https://localhost/", "file:///etc/passwd", "https://a:b@files.example/", "", None],
)  # fmt: skip
def test_not_followed(location):
    with pytest.raises(NotFollowed):
        LIGHT.next("https://api.light.example/base/v1/x", location)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/y?a=b#c", "https://api.light.example/y?a=b"),
        ("z", "https://api.light.example/base/v1/z"),
        ("//cdn.example/z", "https://cdn.example/z"),
    ],
)
def test_followed(location, url):
    assert LIGHT.next("https://api.light.example/base/v1/x", location) == url


def test_an_allowed_host_with_a_password_is_refused():
    with pytest.raises(ValueError, match="must not contain"):
        Address("https://api.light.example", ["a:b@files.example"])

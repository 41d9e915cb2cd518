"""How it starts: never with unsafe settings, and the demo with nothing of a real installation."""

import pytest

from lightui import checks, demo


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"DEMO": True, "LIGHT_API_URL": "https://api.light.inc"}, "demo"),
        ({"DEMO": True, "ALLOWED_HOSTS": ["books.example"]}, "this machine only"),
        ({"EXEMPT_UNDER": {"EUR": "5000"}}, "EXEMPT_UNDER"),
        ({"EXEMPT_UNDER": {"EUR": 50.5}}, "EXEMPT_UNDER"),
        ({"EXEMPT_UNDER": ["EUR"]}, "EXEMPT_UNDER"),
        ({"ENTITY_TIME_ZONES": {"JP": "Tokyo"}}, "ENTITY_TIME_ZONES"),
        ({"ENTITY_TIME_ZONES": "Asia/Tokyo"}, "ENTITY_TIME_ZONES"),
        ({"EXEMPT_UNDER": {"EUR": True}}, "EXEMPT_UNDER"),
        ({"ROTATION_HOURS": "22-22"}, "ROTATION_HOURS"),
        ({"ROTATION_HOURS": "at night"}, "ROTATION_HOURS"),
        ({"HISTORY_MONTHS": -1}, "HISTORY_MONTHS"),
    ],
)
def test_it_does_not_start_on(settings, changed, words):
    fine = {"SECRET_KEY": "s" * 50, "LIGHT_API_KEY": "k", "LIGHT_API_URL": "https://l.example"}
    for name, value in (fine | {"ALLOWED_HOSTS": ["localhost"]} | changed).items():
        setattr(settings, name, value)
    assert any(words in sentence for sentence in checks.problems())


@pytest.fixture
def clean_environment(monkeypatch):
    environment = {}
    monkeypatch.setattr(demo.os, "environ", environment)
    return environment


def test_the_demo_uses_nothing_of_a_real_installation(clean_environment, tmp_path):
    clean_environment |= {
        "DATABASE_URL_FILE": "/run/secrets/db", "LIGHT_API_URL_FILE": "/x", "DEMO_FILE": "/y",
        "EXEMPT_UNDER": '{"EUR": 1000000}', "BEHIND_PROXY": "1", "PATH": "/bin",
    }  # fmt: skip
    demo.prepare_environment(["--data", str(tmp_path)])
    assert not [name for name in clean_environment if name.endswith("_FILE")]
    assert not {"EXEMPT_UNDER", "BEHIND_PROXY"} & clean_environment.keys()
    assert clean_environment["PATH"] == "/bin"


def test_a_fresh_demo_deletes_its_own_files_only(clean_environment, tmp_path):
    ours = ["lightui.sqlite3", "lightui.sqlite3-wal", "light.sqlite3-shm", "secret"]
    others = ["secrets.env", "secret-plans.txt", "lightui.sqlite3.backup"]
    for name in ours + others:
        (tmp_path / name).write_text("x")
    demo.prepare_environment(["--data", str(tmp_path), "--reset", "--port", "0"])
    assert {path.name for path in tmp_path.iterdir()} == {"secret", *others}
    assert (tmp_path / "secret").read_text() != "x"


def test_a_demo_that_runs_is_not_reset(clean_environment, tmp_path):
    (tmp_path / "lightui.sqlite3").write_text("x")
    with demo.socket.socket() as running:
        running.bind(("127.0.0.1", 0))
        running.listen()
        port = str(running.getsockname()[1])
        with pytest.raises(SystemExit, match="in use"):
            demo.prepare_environment(["--data", str(tmp_path), "--reset", "--port", port])
    assert (tmp_path / "lightui.sqlite3").exists()

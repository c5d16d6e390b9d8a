"""Settings: read once, and the first that is missing or wrong stops the start in one line that shows no secret."""

import base64
import secrets
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.private_files import write_private
from gateway.secret_ring import SecretRing, WeakSecret, encode, looks_random, new_ring, parse_ring
from gateway.setting_values import Address, without_credentials
from gateway.settings import GIVENS, WrongSetting, load, masked, unknown, variable
from gateway.tokens.key_file import new_key, written

SECRET = "Correct-Horse-9"


def _environment(**changes: str) -> dict[str, str]:
    found = {
        "COURSEGATE_DATABASE_URL": f"postgresql://coursegate:{SECRET}@db.internal:5432/coursegate",
        "COURSEGATE_REDIS_URL": f"redis://coursegate:{SECRET}@cache.internal:6379/0",
        "COURSEGATE_KEY_PEPPERS": "v1:" + "0f" + secrets.token_hex(31),
        "COURSEGATE_ENCRYPTION_KEYS": "v1:" + encode(secrets.token_bytes(32)),
    }
    return found | {variable(name): text for name, text in changes.items()}


def _refusal(**changes: str) -> str:
    with pytest.raises(WrongSetting) as refused:
        load(_environment(**changes))
    text = str(refused.value)
    assert "\n" not in text
    assert SECRET not in text
    return text


def test_the_four_required_settings_are_enough() -> None:
    """Everything else has a default."""
    settings = load(_environment())
    assert (settings.lease_seconds, settings.expected_replicas, settings.generator) == (30, 1, "builtin")
    assert settings.metrics_address == Address("127.0.0.1", 0)
    assert settings.migrate_database_url is None


@pytest.mark.parametrize("name", ["database_url", "redis_url", "key_peppers", "encryption_keys"])
def test_a_missing_setting_is_named_with_what_is_valid(name: str) -> None:
    """Unset and empty are the same: missing."""
    environment = _environment()
    environment[variable(name)] = ""
    with pytest.raises(WrongSetting, match=rf"^{variable(name)} is missing; valid: .{{10,}}$"):
        load(environment)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("lease_seconds", "600", 600),
        ("metrics_address", "[::1]:9100", Address("::1", 9100)),
        ("metrics_address", "10.0.0.1:0", Address("10.0.0.1", 0)),
        ("public_url", "https://courses.example/api/", "https://courses.example/api"),
        ("trusted_proxies", "10.0.0.0/8, ::1", (ip_network("10.0.0.0/8"), ip_network("::1"))),
        ("docs", "off", False),
        ("redis_url", "unix://u:p@/run/valkey.sock?db=0", "unix://u:p@/run/valkey.sock?db=0"),
        ("redis_url", "redis+cluster://h:7000", "redis+cluster://h:7000"),
        ("database_url", "postgresql://u:p@/db?host=%2Frun%2Fpg", "postgresql://u:p@/db?host=%2Frun%2Fpg"),
        ("database_url", "postgresql://u:p@a:5432,b:5432/db", "postgresql://u:p@a:5432,b:5432/db"),
    ],
)
def test_valid_forms_are_taken(name: str, text: str, value: object) -> None:
    """Every documented form becomes its value."""
    assert getattr(load(_environment(**{name: text})), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lease_seconds", "0"),
        ("lease_seconds", "601"),
        ("lease_seconds", "30.5"),
        ("lease_seconds", "٣٠"),
        ("lease_seconds", "9" * 5000),
        ("expected_replicas", "-1"),
        ("log_level", "loud"),
        ("generator", "magic"),
        ("docs", "yes"),
        ("metrics_address", "localhost"),
        ("metrics_address", "localhost:70000"),
        ("metrics_address", "a@b:1"),
        ("public_url", "ftp://x"),
        ("public_url", "https://x?y=1"),
        ("trusted_proxies", "10.0.0.0/99"),
        ("trusted_proxies", "10.0.0.1/8"),
        ("plans_file", "/nowhere/plans.toml"),
        ("plans_file", "a\0b"),
        ("database_url", "mysql://u:p@h/db"),
        ("database_url", "postgresql://h/db"),
        ("database_url", "postgresql://u:p@h"),
        ("database_url", "postgresql://u:p@h:port/db"),
        ("redis_url", "http://h"),
        ("redis_url", "redis://"),
        ("redis_url", "unix://"),
        ("redis_url", "redis://h?db=x"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, text: str) -> None:
    """One line: the variable, at most 64 printable characters of what was given, and what is valid."""
    line = _refusal(**{name: text})
    assert line.startswith(f"{variable(name)}: given: ")
    assert line.endswith(f"; valid: {GIVENS[name].valid}")
    assert line.isprintable()
    assert len(line) < 300


@pytest.mark.parametrize(
    "url",
    [
        f"postgres//coursegate:{SECRET}@h/db",
        f"mysql://coursegate:{SECRET}@h/db",
        f"postgresql://coursegate:{SECRET}@h:x/db",
        f"postgresql://coursegate:{SECRET}/x@h/db",
        f"postgresql://coursegate:{SECRET}#x@h/db",
        f"postgresql://coursegate:{SECRET}?x@h/db",
        f"postgresql:coursegate:{SECRET}@h/db",
        f"postgresql://h/?password={SECRET}",
        f"{SECRET}",
        f"postgresql://[coursegate:{SECRET}@h/db",
        f"post\ngresql://coursegate:{SECRET}@h",
    ],
)
def test_a_wrong_url_never_shows_its_password(url: str) -> None:
    """However a URL is misspelt, its credentials stay out of the message."""
    assert "given: " in _refusal(database_url=url)


@given(st.text(max_size=40), st.text(alphabet="abc/?#@:[]%&= \n", max_size=20))
def test_no_shown_url_holds_what_stands_before_the_last_at(before: str, after: str) -> None:
    """Property: credentials are cut from any text, or the text is not shown at all."""
    marked = f"redis://user:{before}S3CRET-MARK{after}@host"
    assert "S3CRET-MARK" not in without_credentials(marked)


@pytest.mark.parametrize(
    ("ring", "what"),
    [
        ("0" * 64, "another form"),
        ("v1:" + "ab" * 31, "not 32 bytes"),
        ("v1:" + "0" * 64, "not random"),
        ("v1:" + bytes(range(32)).hex(), "not random"),
        ("v1:" + encode(b"changeme-changeme-changeme-12345"), "not random"),
        ("v1:" + encode(b"Zq8!kd02mcP_4hTr;oWn5)xL1@vGe7$s"), "not random"),
        ("v0:" + "ab" * 32, "another form"),
        ("v1:", "another form"),
        ("v1:" + "a" * 45, "neither hex nor base64url"),
    ],
)
@pytest.mark.parametrize("name", ["key_peppers", "encryption_keys"])
def test_a_short_or_guessable_secret_stops_the_start(name: str, ring: str, what: str) -> None:
    """Its length and fault are said, never itself."""
    line = _refusal(**{name: ring})
    assert f"given: set, {len(ring)} characters, " in line
    assert what in line
    assert ring not in line


def test_versions_stand_newest_first_and_differ() -> None:
    """An older version in front, a version twice, or one secret twice is a mistake worth stopping for."""
    one, two = encode(secrets.token_bytes(32)), encode(secrets.token_bytes(32))
    assert parse_ring(f"v2:{two}, v1:{one}").versions == (2, 1)
    for wrong in (f"v1:{one},v2:{two}", f"v1:{one},v1:{two}", f"v2:{one},v1:{one}"):
        with pytest.raises(WeakSecret):
            parse_ring(wrong)


def test_peppers_and_encryption_keys_never_share_a_secret() -> None:
    """One leaked value must not open both."""
    shared = new_ring().text()
    assert "valid: secrets of its own" in _refusal(key_peppers=shared, encryption_keys=shared)


@given(st.lists(st.binary(min_size=32, max_size=32).filter(looks_random), min_size=1, max_size=5, unique=True))
def test_a_ring_reads_what_it_writes(found: list[bytes]) -> None:
    """Property: text and ring are each other's inverse, in hex as well."""
    ring = SecretRing({len(found) - place: secret for place, secret in enumerate(found)})
    assert parse_ring(ring.text()) == ring
    assert parse_ring(",".join(f"v{version}:{secret.hex()}" for version, secret in ring.by_version.items())) == ring


def test_random_secrets_are_taken() -> None:
    """What a random source gives passes the check against guessable ones, padded or not."""
    for _ in range(2000):
        secret = secrets.token_bytes(32)
        assert parse_ring("v7:" + base64.urlsafe_b64encode(secret).decode()).by_version == {7: secret}


def test_a_ring_shows_versions_alone() -> None:
    """Neither repr nor the masked settings hold a secret."""
    environment = _environment()
    settings = load(environment)
    shown = repr(settings.key_peppers) + str(masked(settings))
    for name in ("COURSEGATE_KEY_PEPPERS", "COURSEGATE_ENCRYPTION_KEYS"):
        assert environment[name].removeprefix("v1:") not in shown
    assert SECRET not in shown
    assert masked(settings)["COURSEGATE_KEY_PEPPERS"] == "set, versions v1"
    assert masked(settings)["COURSEGATE_DATABASE_URL"] == "postgresql://db.internal:5432/coursegate"


def test_misspelt_settings_are_found() -> None:
    """A variable with our prefix that is no setting is worth a warning."""
    assert unknown(_environment() | {"COURSEGATE_REDIS_URLS": "x", "PATH": "/bin"}) == ["COURSEGATE_REDIS_URLS"]


def test_a_plans_file_that_is_there_is_taken(tmp_path: Path) -> None:
    """Its content is judged by whoever reads the plans."""
    file = tmp_path / "plans.toml"
    file.write_text("")
    assert load(_environment(plans_file=str(file))).plans_file == file


def test_keys_of_tokens_are_read_before_anything_starts(tmp_path: Path) -> None:
    """A file that is not there, open to others or of something else stops the start by its setting's name."""
    file = tmp_path / "keys.pem"
    write_private(file, written((new_key(1, 0),)))
    assert load(_environment(jwt_keys_file=str(file))).jwt_keys_file == file
    for spoil in (lambda: file.chmod(0o644), lambda: write_private(file, "nothing"), file.unlink):
        spoil()
        refusal = _refusal(jwt_keys_file=str(file))
        assert refusal.startswith("COURSEGATE_JWT_KEYS_FILE: given: ")
        assert "mode 0600" in refusal


def test_every_setting_says_why_it_exists() -> None:
    """Each field has a reason and words for what is valid."""
    assert all(len(given.why) > 10 and given.valid for given in GIVENS.values())

"""Every setting with its unit, default and reason, read once from `COURSEGATE_*` into one frozen Struct."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_type_hints

import msgspec
from msgspec import Struct

from gateway import setting_values as values
from gateway.secret_ring import VALID as VALID_RING
from gateway.secret_ring import SecretRing, WeakSecret, parse_ring
from gateway.setting_values import Address, Network, shown, without_credentials
from gateway.tokens.key_file import VALID as VALID_TOKEN_KEYS

PREFIX: Final = "COURSEGATE_"


class WrongSetting(Exception):
    """A setting is missing or wrong; the text is one line: its name, what was given, what is valid."""


class Given(Struct, frozen=True):
    """How one setting is read: its parser, what is valid in words, and why one would set it.

    `shows`: `value`, `url` (without credentials) or `secret` (its length alone).
    """

    parse: Callable[[str], Any]
    valid: str
    why: str
    shows: str = "value"


_POSTGRES: Final = "postgresql://user:password@host:port/database, a socket's folder as ?host=/path"
_REDIS: Final = "redis://, rediss://, unix://user:password@/path?db=0 or redis+cluster://"


class Settings(Struct, frozen=True, kw_only=True):
    """What a process was told. A field `lease_seconds` is the setting `COURSEGATE_LEASE_SECONDS`."""

    database_url: Annotated[str, Given(values.database_url, _POSTGRES, "the runtime role: rows, no schema", "url")]
    redis_url: Annotated[str, Given(values.redis_url, _REDIS, "Valkey or Redis: windows and mirrors", "url")]
    key_peppers: Annotated[SecretRing, Given(parse_ring, VALID_RING, "everything that is compared", "secret")]
    encryption_keys: Annotated[SecretRing, Given(parse_ring, VALID_RING, "everything that is read back", "secret")]
    migrate_database_url: Annotated[
        str | None, Given(values.database_url, _POSTGRES, "the schema's owner, for `migrate` alone", "url")
    ] = None
    public_url: Annotated[
        str, Given(values.public_url, "http(s)://host[:port][/path]", "absolute links, never taken from `Host`")
    ] = "http://localhost:8000"
    metrics_address: Annotated[
        Address, Given(values.address, "host:port, port 0 = any", "Prometheus reads here; keep it internal")
    ] = Address("127.0.0.1", 0)
    lease_seconds: Annotated[
        int, Given(values.whole(1, 600), "1 to 600 seconds", "how long a silent worker keeps its work")
    ] = 30
    jwt_keys_file: Annotated[
        Path | None,
        Given(values.token_keys_file, VALID_TOKEN_KEYS, "signs people's tokens; without it nobody signs in"),
    ] = None
    checkpoint_keys_file: Annotated[
        Path | None,
        Given(values.token_keys_file, VALID_TOKEN_KEYS, "signs checkpoints of decision records; else none is signed"),
    ] = None
    checkpoint_file: Annotated[
        Path | None,
        Given(values.file_path, "a path", "signed checkpoints are added here, outside of the database"),
    ] = None
    checkpoint_records: Annotated[
        int, Given(values.whole(1, 1_000_000), "1 to 1000000", "a chain is signed after so many records")
    ] = 1_000
    checkpoint_minutes: Annotated[
        int, Given(values.whole(1, 10_080), "1 to 10080 minutes", "... or after so long, if anything was decided")
    ] = 5
    plans_file: Annotated[
        Path | None, Given(values.existing_file, "a TOML file that is there", "replaces the built-in plans")
    ] = None
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Given(values.one_of("debug", "info", "warning", "error"), "debug, info, warning, error", "what is logged"),
    ] = "info"
    log_file: Annotated[
        Path | None, Given(values.file_path, "a path", "the log's lines go there as well as to stdout")
    ] = None
    trusted_proxies: Annotated[
        tuple[Network, ...],
        Given(values.networks, "addresses and networks separated by commas", "whose forwarded headers are believed"),
    ] = ()
    webhook_allow_cidrs: Annotated[
        tuple[Network, ...],
        Given(values.networks, "networks separated by commas", "special addresses that webhooks may have, http too"),
    ] = ()
    expected_replicas: Annotated[
        int, Given(values.whole(1, 10_000), "1 to 10000", "server processes, workers included: shares the local window")
    ] = 1
    generator: Annotated[str, Given(values.one_of("builtin"), "builtin", "who makes the courses")] = "builtin"
    database_pool_size: Annotated[
        int, Given(values.whole(1, 200), "1 to 200", "connections a process; times processes below max_connections")
    ] = 10
    idempotency_ttl_seconds: Annotated[
        int, Given(values.whole(60, 2_592_000), "60 to 2592000 seconds", "how long an answer can be replayed")
    ] = 259_200
    work_concurrency: Annotated[
        int, Given(values.whole(1, 64), "1 to 64", "generations at a time in one worker process")
    ] = 4
    docs: Annotated[bool, Given(values.switch, "on, off", "browsable documentation at /docs")] = True


_HINTS: Final = get_type_hints(Settings, include_extras=True)
GIVENS: Final[Mapping[str, Given]] = {
    field.name: _HINTS[field.name].__metadata__[0] for field in msgspec.structs.fields(Settings)
}
"""How each field is read."""

_REQUIRED: Final = {field.name for field in msgspec.structs.fields(Settings) if field.required}


def variable(field: str) -> str:
    """The environment variable of a field: `lease_seconds` -> `COURSEGATE_LEASE_SECONDS`."""
    return PREFIX + field.upper()


def load(environ: Mapping[str, str]) -> Settings:
    """Read all settings; an empty variable counts as not set. Raises WrongSetting for the first that is not right."""
    found: dict[str, Any] = {}
    for field, given in GIVENS.items():
        text = environ.get(variable(field), "")
        if text:
            found[field] = _parsed(field, given, text)
        elif field in _REQUIRED:
            raise WrongSetting(f"{variable(field)} is missing; valid: {given.valid}")
    settings = Settings(**found)
    shared = set(settings.key_peppers.by_version.values()) & set(settings.encryption_keys.by_version.values())
    if shared:
        raise WrongSetting(
            f"{variable('encryption_keys')}: given: a secret of {variable('key_peppers')}; valid: secrets of its own"
        )
    return settings


def unknown(environ: Mapping[str, str]) -> list[str]:
    """Variables with our prefix that are no setting: most likely misspelt."""
    known = {variable(field) for field in GIVENS}
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def masked(settings: Settings) -> dict[str, str | None]:
    """Every setting by its variable's name, as it may be shown: no secret, no credential; None = not set."""
    shown_values: dict[str, str | None] = {}
    for field, given in GIVENS.items():
        value = getattr(settings, field)
        match value:
            case None | ():
                text = None
            case SecretRing():
                text = "set, versions " + ", ".join(f"v{version}" for version in value.versions)
            case bool():
                text = "on" if value else "off"
            case tuple():
                text = ",".join(str(part) for part in value)
            case _:
                text = without_credentials(value) if given.shows == "url" else str(value)
        shown_values[variable(field)] = text
    return shown_values


def _parsed(field: str, given: Given, text: str) -> Any:
    try:
        return given.parse(text)
    except WeakSecret as weak:
        reason = f"set, {len(text)} characters, {weak}"
    except ValueError:
        reason = {"secret": f"set, {len(text)} characters", "url": without_credentials(text)}.get(
            given.shows, shown(text)
        )
    raise WrongSetting(f"{variable(field)}: given: {reason}; valid: {given.valid}")

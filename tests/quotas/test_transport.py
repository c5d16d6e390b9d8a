"""The way to Redis: batches, scripts that got lost, users, TLS, and what is no Redis at all."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from quotas import keys
from quotas.admission import Admitted, Policy
from quotas.scripts import DECIDE
from quotas.transport import open_transport
from tests.quotas.gateways import Heard, gateway
from tests.quotas.scripted import fresh_center
from tests.stores import PrivateValkey

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def script_calls(client: "redis.Redis") -> int:
    stats = client.info("commandstats")
    assert isinstance(stats, dict)
    return int(stats.get("cmdstat_evalsha", {"calls": 0})["calls"])


async def test_what_arrives_in_one_tick_is_one_script_call(private_valkey: PrivateValkey) -> None:
    """Fifty requests of fifty centers: one call, fifty decisions."""
    client = redis.Redis.from_url(private_valkey.url)
    async with gateway(private_valkey.url) as asked:
        before = script_calls(client)
        decisions = await asyncio.gather(*(asked.ask(fresh_center(), 10) for _ in range(50)))
    assert not any(decision.degraded for decision in decisions)
    assert script_calls(client) == before + 1


async def test_a_flood_is_cut_into_calls_that_do_not_hold_redis_up(private_valkey: PrivateValkey) -> None:
    """A thousand in one tick: four calls, every decision right."""
    client = redis.Redis.from_url(private_valkey.url)
    center = fresh_center()
    async with gateway(private_valkey.url) as asked:
        before = script_calls(client)
        decisions = await asyncio.gather(*(asked.ask(center, 300) for _ in range(1_000)))
    assert sum(isinstance(decision, Admitted) for decision in decisions) == 300
    assert script_calls(client) == before + 4


async def test_scripts_that_redis_forgot_are_sent_again_and_count_once(private_valkey: PrivateValkey) -> None:
    """NOSCRIPT means that nothing ran: the same calls go out with the script's text, nobody is degraded."""
    heard, center = Heard(), fresh_center()
    client = redis.Redis.from_url(private_valkey.url)
    async with gateway(private_valkey.url, heard=heard) as asked:
        client.script_flush()
        decisions = await asyncio.gather(*(asked.ask(center, 10) for _ in range(4)))
        assert [decision.degraded for decision in decisions] == [False] * 4
        assert min(decision.policies[0].remaining for decision in decisions) == 6
    assert heard.names() == {"redis.scripts_reloaded": 1}


async def test_an_error_of_redis_degrades_only_what_it_was_about(private_valkey: PrivateValkey) -> None:
    """Arguments that Redis or the protocol refuse: None for that call, decisions for all that follow."""
    heard = Heard()
    async with gateway(private_valkey.url, heard=heard) as asked:
        refused = asked.transport.submit(DECIDE, [keys.minute("live", "ctr_a")], ["no", "number"])
        assert refused is not None
        assert await refused is None
        unwritable = asked.transport.submit(DECIDE, ["cg:{\ud800}"], [1, 0, 1, 60, 1, 1])
        assert unwritable is not None
        assert await unwritable is None
        assert not (await asked.ask("ctr_a", 10)).degraded
    assert heard.events == []


async def test_whoever_waits_when_the_transport_closes_is_answered(private_valkey: PrivateValkey) -> None:
    """Nobody is left hanging."""
    async with gateway(private_valkey.url) as asked:
        private_valkey.freeze()
        task = asyncio.create_task(asked.ask("ctr_a", 10))
        await asyncio.sleep(0)
    assert (await task).degraded
    private_valkey.thaw()


async def test_a_wrong_password_degrades_and_is_told_nobody(private_valkey: PrivateValkey) -> None:
    """The event names the node and the error, never what was in the URL."""
    heard = Heard()
    async with gateway(private_valkey.url.replace("private@", "s3cr3t-planted@"), heard=heard) as asked:
        for _ in range(5):
            assert (await asked.ask("ctr_a", 10)).degraded
    (facts,) = [facts for name, facts in heard.events if name == "redis.degraded"]
    assert "invalid username-password pair" in str(facts["error"])
    assert "s3cr3t-planted" not in repr(heard.events)


@pytest.mark.parametrize("url", ["", "http://localhost", "localhost:6379", "postgresql://x"])
async def test_a_url_of_something_else_is_refused(url: str) -> None:
    """A ValueError in one line, at the start."""
    with pytest.raises(ValueError, match="scheme"):
        await open_transport(url)


@asynccontextmanager
async def server(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncGenerator[int, None]:
    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"$-7\r\n"])
async def test_what_is_no_redis_degrades_and_nothing_worse(said: bytes) -> None:
    """Another protocol, or a peer that hangs up: local decisions, no crash, no wait."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(64)
        writer.write(said)
        writer.close()

    async with server(serve) as port, gateway(f"redis://127.0.0.1:{port}") as asked:
        async with asyncio.timeout(3):
            for _ in range(7):
                assert (await asked.ask("ctr_a", 10)).degraded
        assert asked.transport.is_degraded()


async def test_garbage_amid_answers_ends_the_connection(private_valkey: PrivateValkey) -> None:
    """A stream that stops being Redis' protocol fails what waits, and a new connection is made."""
    heard = Heard()
    garbage = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await relay(private_valkey.url, reader, writer, lambda data: b"?what\r\n" if garbage.is_set() else data)

    async with server(serve) as port, gateway(tcp_url(private_valkey.url, port), heard=heard) as asked:
        assert not (await asked.ask("ctr_a", 10)).degraded
        garbage.set()
        assert (await asked.ask("ctr_a", 10)).degraded
        garbage.clear()
        assert not (await asked.ask("ctr_a", 10)).degraded
    assert heard.names() == {"redis.connection_lost": 1}
    assert "ProtocolError" in str(heard.events[0][1]["error"])


async def test_over_tls_the_certificate_is_checked(private_valkey: PrivateValkey, tmp_path: Path) -> None:
    """`rediss://` decides over TLS; without trust in the certificate it connects to nobody."""
    certificate = own_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, tmp_path / "key.pem")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await relay(private_valkey.url, reader, writer, lambda data: data)

    async with server(serve, context) as port:
        url = tcp_url(private_valkey.url, port, "rediss")
        async with gateway(f"{url}?ssl_ca_certs={certificate}") as trusting:
            assert not (await trusting.ask("ctr_a", 10)).degraded
            decisions = await asyncio.gather(*(trusting.ask("ctr_a", 100) for _ in range(300)))
            assert sum(isinstance(decision, Admitted) for decision in decisions) == 99
        async with gateway(url) as distrusting:
            assert (await distrusting.ask("ctr_a", 10)).degraded


async def test_mirrors_and_windows_may_share_a_tick(private_valkey: PrivateValkey) -> None:
    """Different scripts in one write: each gets its own answers."""
    async with gateway(private_valkey.url) as asked:
        policy = Policy("minute", keys.minute("live", "ctr_a"), 5)
        decision, reply = await asyncio.gather(
            asked.admission.decide([policy]),
            asked.transport.submit(DECIDE, [keys.running("live", "ctr_a")], [0, 1]) or asyncio.sleep(0),
        )
    assert isinstance(decision, Admitted)
    assert reply is not None


def tcp_url(unix_url: str, port: int, scheme: str = "redis") -> str:
    parts = urlsplit(unix_url)
    return f"{scheme}://{parts.username}:{parts.password}@localhost:{port}/0"


async def relay(
    unix_url: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Callable[[bytes], bytes]
) -> None:
    """Between a TCP client and the Valkey on a socket, both ways, with its answers passed through `answer`."""
    up_reader, up_writer = await asyncio.open_unix_connection(unquote(urlsplit(unix_url).path))

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, change: Callable[[bytes], bytes]) -> None:
        try:
            while data := await source.read(65_536):
                sink.write(change(data))
        except OSError:
            pass
        finally:
            sink.close()

    await asyncio.gather(pump(reader, up_writer, lambda data: data), pump(up_reader, writer, answer))


def own_certificate(folder: Path) -> Path:
    """A certificate for localhost that signs itself; its key in `key.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    path = folder / "certificate.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path

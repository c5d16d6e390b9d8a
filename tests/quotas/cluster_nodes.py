"""A Redis Cluster of real processes on the loopback, for one test."""

import asyncio
import contextlib
import random
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import redis
from redis.crc import key_slot

from gateway.embedded.account import serving_account
from gateway.embedded.binaries import valkey_server
from tests.quotas.gateways import until
from tests.stores import fresh_folder

SLOTS = 16_384
PASSWORD = "cluster-secret"


class Node:
    """One server of the cluster."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.port, bus = _free_port(), _free_port()
        folder.mkdir()
        options = {
            "port": self.port,
            "bind": "127.0.0.1",
            "dir": folder,
            "requirepass": PASSWORD,
            "primaryauth": PASSWORD,
            "cluster-enabled": "yes",
            "cluster-port": bus,
            "cluster-node-timeout": 1_000,
            "cluster-require-full-coverage": "no",
            "save": "",
            "repl-diskless-sync-delay": 0,
        }
        arguments = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen([program, *arguments], stdout=log, stderr=log)
        self.bus = bus
        self.client: Any = redis.Redis(port=self.port, password=PASSWORD, decode_responses=True)

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def command(self, *words: str | int) -> str:
        return str(self.client.execute_command(*words))

    def follows(self) -> bool:
        """Whether a replica has all that its primary has."""
        replication = self.client.info("replication")
        return isinstance(replication, dict) and replication.get("master_link_status") == "up"

    def is_settled(self, nodes: int) -> bool:
        """Whether the node knows all others and serves."""
        info = self.client.execute_command("CLUSTER INFO")
        return (info["cluster_known_nodes"], info["cluster_state"]) == (str(nodes), "ok")

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Cluster:
    """`primaries[i]` owns the i-th part of the slots and has `replicas[i]`, where there are any."""

    def __init__(self, primaries: list[Node], replicas: list[Node]) -> None:
        self.primaries = primaries
        self.replicas = replicas
        self.url = f"redis+cluster://:{PASSWORD}@127.0.0.1:{primaries[0].port}"

    def shard_of(self, key: str) -> int:
        return key_slot(key.encode()) * len(self.primaries) // SLOTS

    async def form(self) -> None:
        count = len(self.primaries)
        for index, node in enumerate(self.primaries):
            first, last = -(-SLOTS * index // count), -(-SLOTS * (index + 1) // count) - 1
            node.command("CLUSTER ADDSLOTSRANGE", first, last)
        await self._meet([*self.primaries, *self.replicas])
        for primary, replica in zip(self.primaries, self.replicas, strict=False):
            name = primary.command("CLUSTER MYID")
            await until(lambda name=name, replica=replica: name in replica.command("CLUSTER NODES"))  # type: ignore[misc]
            replica.command("CLUSTER REPLICATE", name)
        await until(lambda: all(node.follows() for node in self.replicas), seconds=20)

    async def _meet(self, everyone: list[Node]) -> None:
        """Let all know each other: an introduction that a busy machine lets expire is made again."""
        async with asyncio.timeout(40):
            while not all(node.is_settled(len(everyone)) for node in everyone):
                for node in everyone[1:]:
                    node.command("CLUSTER MEET", "127.0.0.1", everyone[0].port, everyone[0].bus)
                with contextlib.suppress(TimeoutError):
                    await until(lambda: all(node.is_settled(len(everyone)) for node in everyone), seconds=8)

    async def hand_over(self, key: str, giver: Node, taker: Node) -> None:
        """Move the slot of `key`, with what is in it, as an operator's resharding does."""
        slot, giver_id, taker_id = key_slot(key.encode()), giver.command("CLUSTER MYID"), taker.command("CLUSTER MYID")
        taker.command("CLUSTER SETSLOT", slot, "IMPORTING", giver_id)
        giver.command("CLUSTER SETSLOT", slot, "MIGRATING", taker_id)
        while names := giver.client.execute_command("CLUSTER GETKEYSINSLOT", slot, 100):
            giver.command("MIGRATE", "127.0.0.1", taker.port, "", 0, 5_000, "AUTH", PASSWORD, "KEYS", *names)
        for node in (taker, giver):
            node.command("CLUSTER SETSLOT", slot, "NODE", taker_id)


@asynccontextmanager
async def cluster(primaries: int, replicas: int) -> AsyncGenerator[Cluster, None]:
    folder = fresh_folder()
    program = valkey_server(serving_account(), folder)
    nodes = [Node(folder / str(number), program) for number in range(primaries + replicas)]
    try:
        await until(lambda: all(node.answers() for node in nodes))
        formed = Cluster(nodes[:primaries], nodes[primaries:])
        await formed.form()
        yield formed
    finally:
        for node in nodes:
            node.client.close()
            node.kill()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _free_port() -> int:
    """A port that nobody is given by chance: below those that outgoing connections take."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            port = random.randrange(12_000, 32_000)
            probe.bind(("127.0.0.1", port))
            return port

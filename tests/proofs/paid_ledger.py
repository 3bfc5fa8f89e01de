"""What the paid provider was asked to make, on disk before it says so: its own count of jobs.

One JSON object a line in `ledger.jsonl`, appended and synced. Whatever kills the provider, the next
one on the same folder knows every job that was ever confirmed.
"""

import fcntl
import hashlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Made:
    """A job that the provider took.

    Args:
        account: Whose it is; keys count within one.
        job: Its id.
        key: The idempotency key it came with, None where there was none.
        request: The digest of what was asked for.
        tool, parameters: What was asked for, but for the inputs' bytes.
        price: What it costs.
        due_at: When it is done, in seconds since the epoch.
    """

    account: str
    job: str
    key: str | None
    request: str
    tool: str
    parameters: dict[str, Any]
    price: str
    due_at: float


class Ledger:
    """The jobs of one folder; for the threads of one process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._file = os.open(folder / "ledger.jsonl", os.O_RDWR | os.O_CREAT | os.O_APPEND)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a second provider is a mistake
        self._jobs: dict[tuple[str, str], Made] = {}
        self._keys: dict[tuple[str, str], Made] = {}
        for made in entries(folder, cut_off=True):
            self._learn(made)

    def take(
        self, account: str, key: str | None, request: str, wanted: dict[str, Any], slow_s: float
    ) -> tuple[Made, bool]:
        """The job of this key, or a new one; and whether it is new. It is on disk then."""
        with self._lock:
            if key is not None and (account, key) in self._keys:
                return self._keys[account, key], False
            name = hashlib.sha256(f"{account} {request} {len(self._jobs)}".encode()).hexdigest()
            job, due_at = f"job-{name[:12]}", time.time() + slow_s
            made = Made(account=account, job=job, key=key, request=request, due_at=due_at, **wanted)
            os.write(self._file, json.dumps(asdict(made)).encode() + b"\n")
            os.fsync(self._file)
            self._learn(made)
            return made, True

    def find(self, account: str, job: str) -> Made | None:
        """The job of this id."""
        return self._jobs.get((account, job))

    def by_key(self, account: str, key: str) -> Made | None:
        """The job that this key stands for."""
        return self._keys.get((account, key))

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._file)

    def _learn(self, made: Made) -> None:
        self._jobs[made.account, made.job] = made
        if made.key is not None:
            self._keys[made.account, made.key] = made


def entries(folder: Path, cut_off: bool = False) -> list[Made]:
    """Every job of the folder's ledger, in order; a last line that was cut short was never told.

    Args:
        cut_off: Remove such a line.
    """
    path = folder / "ledger.jsonl"
    data = path.read_bytes() if path.exists() else b""
    whole = data[: data.rfind(b"\n") + 1]
    if cut_off and len(whole) < len(data):
        os.truncate(path, len(whole))
    return [Made(**json.loads(line)) for line in whole.splitlines()]


@dataclass(frozen=True)
class Count:
    """What an account's jobs come to.

    Args:
        jobs: How many.
        twice: Requests that were made more than once, and how often.
        cost: Of all.
    """

    jobs: int
    twice: dict[str, int]
    cost: Decimal


def count(made: Iterable[Made], account: str) -> Count:
    """What an account asked for."""
    own = [one for one in made if one.account == account]
    requests = Counter(f"{one.tool} {one.request[:12]}" for one in own)
    twice = {request: times for request, times in requests.items() if times > 1}
    return Count(len(own), twice, sum((Decimal(one.price) for one in own), Decimal(0)))

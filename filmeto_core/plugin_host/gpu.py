"""The graphics processors of this machine, and which plugin's process works on which.

A model takes most of a device, so that a device has one, unless two are known to fit. Only NVIDIA's
are known; `nvidia-smi` tells of them. Who is asked to make room is `room`'s.
"""

import csv
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

from filmeto_core import process
from filmeto_core.settings import inherited_environment

MIB = 1024 * 1024
ASK_TIMEOUT_S = 10.0  # a driver that has to wake up takes seconds
FIELDS = "index,uuid,name,memory.total,memory.free"


@dataclass(frozen=True)
class Device:
    """A graphics processor; `free_bytes` as it was when it was asked."""

    index: int
    uuid: str
    name: str
    total_bytes: int
    free_bytes: int


@dataclass(eq=False)
class Seat:
    """A process's place on a device.

    Args:
        device: Where.
        memory_bytes: What its model takes, None where nobody knows, so that it stays alone.
        pending: Whether the device's free memory does not show it yet.
    """

    device: Device
    memory_bytes: int | None
    pending: bool = True

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which CUDA's programs see this device alone."""
        return {"CUDA_VISIBLE_DEVICES": self.device.uuid}


def find_devices() -> list[Device]:
    """The devices that this process may use, none where there is no driver. Blocks.

    Source: nvidia-smi(1), --query-gpu; CUDA's programming guide, CUDA_VISIBLE_DEVICES.
    """
    environment = inherited_environment()
    program = shutil.which("nvidia-smi", path=environment.get("PATH"))
    if program is None:
        return []
    argv = [program, f"--query-gpu={FIELDS}", "--format=csv,noheader,nounits"]
    try:
        asked = process.run(argv, env=environment, timeout_s=ASK_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired):
        return []
    found = list(_read(asked.stdout.decode("utf-8", "replace"))) if asked.returncode == 0 else []
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return found
    words = [word.strip() for word in visible.split(",")]
    return [d for d in found if str(d.index) in words or _named(d.uuid, words)]


def _named(uuid: str, words: Iterable[str]) -> bool:
    return any(word.startswith("GPU-") and uuid.startswith(word) for word in words)


def _read(text: str) -> Iterable[Device]:
    for row in csv.reader(text.splitlines(), skipinitialspace=True):
        try:
            index, uuid, name, total, free = row
            yield Device(int(index), uuid, name, int(total) * MIB, int(free) * MIB)
        except ValueError:  # "[N/A]", or a line of words
            continue


def choose_seat(
    devices: Iterable[Device], seats: Iterable[Seat], memory_bytes: int | None
) -> Seat | None:
    """A seat on the device with the most free memory, None where all are taken.

    Args:
        devices: As they are now.
        seats: Those that are taken.
        memory_bytes: What the new model takes, if that is known.
    """
    taken: dict[str, list[Seat]] = {}
    for seat in seats:
        taken.setdefault(seat.device.uuid, []).append(seat)
    rooms = [(_room(device, taken.get(device.uuid, [])), device) for device in devices]
    rooms.sort(key=lambda room: -room[0])
    for free_bytes, device in rooms:
        others = taken.get(device.uuid, [])
        alone = memory_bytes is None or any(seat.memory_bytes is None for seat in others)
        if not others or (not alone and free_bytes >= memory_bytes):
            return Seat(device, memory_bytes)
    return None


def _room(device: Device, seats: list[Seat]) -> int:
    pending = sum(seat.memory_bytes or 0 for seat in seats if seat.pending)
    return device.free_bytes - pending

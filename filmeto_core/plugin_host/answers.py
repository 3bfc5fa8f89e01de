"""What a plugin's answer, or the end of its process, means for its call."""

import signal
from dataclasses import dataclass
from typing import Any

from filmeto_core.errors import (
    PluginCrashed,
    PluginExecutionError,
    PluginOutOfMemory,
    PluginProtocolError,
    PluginRefused,
    PluginStartError,
    TimeoutError,
    shown,
)
from filmeto_core.plugin_host.pipes import Tail

MESSAGE_CHARS = 4000  # of a plugin's own message; more is no message
DOCS = "docs/plugin-protocol.md"
OWN_ERROR = "This is the plugin's own error: mend the call, or see what it said on stderr."
LONGEST_WAIT_S = 3600.0  # that a plugin may ask for, before it is called again
NEAR_LIMIT = 0.9  # of the memory it may take: the next piece that it asked for was refused
MEMORY_WORDS = ("MemoryError", "bad_alloc", "annot allocate memory", "out of memory")


def read_answer(message: dict[str, Any]) -> dict[str, Any] | PluginExecutionError:
    """The result of a call that went well, or the error that the answer tells."""
    error, result = message.get("error"), message.get("result")
    if isinstance(error, dict):
        code = error.get("code")
        code = code if isinstance(code, int) and abs(code) < 2**53 else None
        told = _text(error.get("message")) or "no message"
        return PluginExecutionError(
            f"{told} (JSON-RPC error {code}).", hint=OWN_ERROR, rpc_code=code
        )
    if not isinstance(result, dict) or result.get("status") not in ("success", "error"):
        return PluginProtocolError(
            'expected a result with `status` "success" or "error", got '
            f"{shown(message.get('result', error), 200)}.",
            hint=f"Compare it with {DOCS}.",
        )
    return result if result["status"] == "success" else _tool_error(result)


def _tool_error(result: dict[str, Any]) -> PluginExecutionError:
    metadata = result.get("metadata")
    told = metadata.get("error") if isinstance(metadata, dict) else None
    told = told if isinstance(told, dict) else {}
    code, details = told.get("code"), told.get("details")
    message = result.get("error_message")
    if code == "out_of_memory":
        return PluginOutOfMemory(_text(message) or "it ran out of memory")
    permanent = told.get("permanent") is True
    return (PluginRefused if permanent else PluginExecutionError)(
        _text(message) or "it failed and did not say why.",
        hint="" if message else OWN_ERROR,
        retryable=told.get("retryable") is True and not permanent,
        plugin_code=code if isinstance(code, str) else None,
        plugin_details=details if isinstance(details, dict) and details else None,
        retry_after_s=_seconds(details.get("retry_after_s")) if isinstance(details, dict) else None,
    )


def _seconds(told: Any) -> float | None:
    """How long the plugin asks to wait until the call is made again."""
    is_number = isinstance(told, (int, float)) and not isinstance(told, bool)
    return float(min(told, LONGEST_WAIT_S)) if is_number and told > 0 else None


def _text(told: Any) -> str:
    """A plugin's message, which may be anything."""
    return (told if isinstance(told, str) else shown(told) if told else "")[:MESSAGE_CHARS]


@dataclass(frozen=True)
class End:
    """How a process ended.

    Args:
        code: Its exit code; negative: the signal; None: it is still there, though killed.
        killed_for_memory: The kernel has ended a process for want of memory since the last look.
        limit_bytes: The memory that it might take, None for no limit.
        used_bytes: What it had when it was last looked at.
        tail: What it last said.
    """

    code: int | None
    killed_for_memory: bool
    limit_bytes: int | None
    used_bytes: int
    tail: Tail

    @property
    def out_of_memory(self) -> bool:
        """Whether it ended for want of memory, as far as can be known."""
        if self.killed_for_memory and self.code == -signal.SIGKILL:
            return True
        if self.limit_bytes is None or self.code == 0:
            return False
        last = self.tail.text()
        near = self.used_bytes >= NEAR_LIMIT * self.limit_bytes
        return near or any(word in last for word in MEMORY_WORDS)

    def told(self) -> tuple[str, dict[str, Any]]:
        """The end in words, and as an error's details."""
        if self.code is None:
            return "its process does not end, though killed.", {}
        return how_it_ended(self.code)


def how_it_ended(code: int) -> tuple[str, dict[str, Any]]:
    """An exit code (negative: the signal) in words, and as an error's details."""
    if code >= 0:
        return f"its process ended with exit code {code}.", {"exit_code": code}
    try:
        name = signal.Signals(-code).name
    except ValueError:  # a real-time signal
        name = f"signal {-code}"
    return f"its process was ended by {name}.", {"signal": name}


def crash(end: End) -> PluginCrashed:
    """A process ended before it answered."""
    how, details = end.told()
    if end.out_of_memory:
        kernel = end.killed_for_memory and end.code == -signal.SIGKILL
        return out_of_memory(
            f"{how} It had run out of memory.",
            None if kernel else end.limit_bytes,
            end.used_bytes,
            retryable=kernel,
            **details,
        )
    return PluginCrashed(
        f"{how} It had not answered.",
        hint=f"{end.tail.last_word()} The next call gets a fresh process; if that ends as well, "
        "mend the plugin or choose another.",
        **details,
    )


def failed_start(end: End) -> PluginStartError:
    """A process ended before it was ready."""
    how, details = end.told()
    return PluginStartError(
        f"{how} It was not ready yet.",
        hint=f"{end.tail.last_word()} Mend the plugin, or its requirements.",
        **details,
    )


def out_of_memory(
    how: str,
    limit_bytes: int | None,
    used_bytes: int = 0,
    retryable: bool = False,
    **details: Any,
) -> PluginOutOfMemory:
    """A plugin asked for more memory than it may take (None: than the machine has)."""
    if limit_bytes is None:
        hint = (
            "Free memory, ask for less (a smaller size, a shorter clip), or take a larger machine."
        )
    else:
        hint = (
            f"It may take {limit_bytes / 2**30:.3g} GiB: ask for less (a smaller size, a shorter "
            "clip), or raise resources.memory in its plugin.yaml."
        )
    return PluginOutOfMemory(
        how,
        hint=hint,
        retryable=retryable,
        limit_bytes=limit_bytes,
        used_bytes=used_bytes or None,
        **details,
    )


def late(timeout_s: float) -> TimeoutError:
    """A call took too long."""
    return TimeoutError(
        f"it took longer than the {timeout_s:g} s that it may.",
        hint="Give the call more time (timeout), or the plugin (execution.timeout).",
    )


def silent(silence_s: float) -> TimeoutError:
    """A plugin that sends heartbeats stopped sending anything."""
    return TimeoutError(
        f"nothing was heard of it for {silence_s:g} s, after it had sent heartbeats.",
        hint="It hangs; see its last lines, or raise execution.heartbeat_timeout.",
    )


def not_ready(timeout_s: float) -> TimeoutError:
    """A plugin did not send `ready` in time."""
    return TimeoutError(
        f"it was not ready within {timeout_s:g} s.",
        hint="Its main.py must send `ready` (filmeto_plugin.run does); a slow model "
        "belongs into load(), or raise startup.timeout.",
    )

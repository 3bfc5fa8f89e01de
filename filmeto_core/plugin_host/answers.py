"""What a plugin's answer, or the end of its process, means for its call."""

import signal
from typing import Any

from filmeto_core.errors import (
    PluginExecutionError,
    PluginProtocolError,
    TimeoutError,
    shown,
)

MESSAGE_CHARS = 4000  # of a plugin's own message; more is no message
DOCS = "docs/writing-a-plugin.md"
AFTER_CRASH = "Run it again; if it ends in the same way, the plugin is to be mended."
AFTER_FALSE_START = "Mend what it says, its requirements or its main.py."
OWN_ERROR = "This is the plugin's own error: mend the call, or see what it said on stderr."


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
    return PluginExecutionError(
        _text(message) or "it failed and did not say why.",
        hint="" if message else OWN_ERROR,
        retryable=told.get("retryable") is True,
        plugin_code=code if isinstance(code, str) else None,
        plugin_details=details if isinstance(details, dict) and details else None,
    )


def _text(told: Any) -> str:
    """A plugin's message, which may be anything."""
    return (told if isinstance(told, str) else shown(told) if told else "")[:MESSAGE_CHARS]


def how_it_ended(code: int) -> tuple[str, dict[str, Any]]:
    """How a process ended, in words and as an error's details.

    Args:
        code: Its exit code; negative: the signal.
    """
    if code >= 0:
        return f"its process ended with exit code {code}.", {"exit_code": code}
    try:
        name = signal.Signals(-code).name
    except ValueError:  # a real-time signal
        name = f"signal {-code}"
    return f"its process was ended by {name}.", {"signal": name}


def not_ready(timeout_s: float) -> TimeoutError:
    """A plugin did not send `ready` in time."""
    return TimeoutError(
        f"it was not ready within {timeout_s:g} s.",
        hint="Its main.py must send `ready` (filmeto_plugin.run does); a slow model "
        "belongs into load(), or raise startup.timeout.",
    )

"""A server's answers that are no success, as filmeto tells them apart.

Source: OpenAI API reference, "Error codes"; the `error` object has `message`, `type`, `code`.
"""

import email.utils
import json
import time

import openai_settings as settings
from filmeto_plugin import PluginError

REFUSED = ("content_policy_violation", "moderation_blocked", "content_filter", "sentinel_block")
NO_FUNDS = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
TOO_MUCH = ("string_above_max_length", "context_length_exceeded", "request_too_large")
# A gateway's: what is behind it may have worked all the same.
IN_DOUBT = (502, 504, 520, 524)
MESSAGE_CHARACTERS = 500


def told_error(status, headers, body):
    """The PluginError for an answer.

    Args:
        status: HTTP's.
        headers: A mapping that does not look at case.
        body: bytes.
    """
    about = _about(body)
    code, message = _text(about.get("code")), plainly(_text(about.get("message")))
    kind, details = _text(about.get("type")), {"status": status}
    if code:
        details["provider_code"] = plainly(code)
    if request := headers.get("x-request-id"):
        details["request_id"] = plainly(request)
    words = f": {message}" if message else ""
    told = f"the server answered {status}{words}"
    if code in REFUSED or kind in REFUSED:
        raise_with = {"code": "refused", "permanent": True}
        return PluginError(f"{told}. Change the prompt.", details=details, **raise_with)
    if status == 402 or code in NO_FUNDS or kind in NO_FUNDS:
        advice = "Add funds or raise the limit at the provider, or use another plugin."
        return PluginError(f"{told}. {advice}", code="no_funds", details=details)
    if status in (401, 403):
        advice = "Look at OPENAI_API_KEY, and at what the key may do."
        return PluginError(f"{told}. {advice}", code="unauthorized", details=details)
    if status == 413 or code in TOO_MUCH:
        return PluginError(f"{told}. Ask for less.", code="beyond_limits", details=details)
    if status in (408, 425, 429) or status >= 500:
        seconds = retry_after_s(headers)
        if seconds is not None:
            details["retry_after_s"] = seconds
        busy = "overloaded" if status == 429 else "unavailable"
        return PluginError(told, retryable=True, code=busy, details=details)
    if status == 404 or code == "model_not_found":
        advice = "Look at OPENAI_BASE_URL (it ends in /v1 mostly) and the model's name."
        return PluginError(f"{told}. {advice}", code="not_found", details=details)
    return PluginError(told, code="bad_request", details=details)


def retry_after_s(headers):
    """The seconds that a server asks to wait: a number, or a date. None where it asks nothing.

    Source: RFC 9110, section 10.2.3.
    """
    told = headers.get("retry-after")
    if told is None:
        return None
    try:
        seconds = float(told)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(told).timestamp() - time.time()
        except ValueError:
            return None
    return round(max(0.0, seconds), 3) if seconds < 1e6 else None


def plainly(text):
    """A server's words for people: short, and without the key, wherever it got it from."""
    key = settings.key()
    if key:
        text = text.replace(key, "(the key)")
    return " ".join(text.split())[:MESSAGE_CHARACTERS].rstrip(".")


def _about(body):
    try:
        answer = json.loads(body)
    except ValueError:
        return {"message": ""}
    about = answer.get("error", answer) if isinstance(answer, dict) else {}
    if isinstance(about, str):
        return {"message": about}
    if isinstance(about, dict) and "message" not in about:
        about = {**about, "message": about.get("detail") or about.get("msg")}
    return about if isinstance(about, dict) else {}


def _text(value):
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)

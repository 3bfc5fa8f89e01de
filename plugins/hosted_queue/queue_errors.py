"""A provider's answers that are no success, as filmeto tells them apart."""

import email.utils
import json
import time

from filmeto_plugin import PluginError

MESSAGE_CHARACTERS = 500
# A gateway's: what is behind it may have taken the job all the same.
IN_DOUBT = (502, 504, 520, 524)
ADVICE = {
    "refused": "Change the prompt or the pictures.",
    "no_funds": "Add funds or raise the limit at the provider, or use another plugin.",
    "unauthorized": "Look at the key, and at what it may do.",
    "beyond_limits": "Ask for less.",
}


class Words:
    """Makes errors out of a provider's words, and keeps its keys out of them.

    Args:
        provider: Whose words.
    """

    def __init__(self, provider):
        self.provider, self._secrets = provider, provider.secrets()

    def plain(self, text):
        """A provider's words for people: short, and without a key, wherever it got it from."""
        text = text if isinstance(text, str) else json.dumps(text)
        for secret in self._secrets:
            text = text.replace(secret, "(the key)")
        return " ".join(text.split())[:MESSAGE_CHARACTERS].rstrip(".")

    def meaning(self, text):
        """What the provider's words mean by its file's `errors`, None for nothing special."""
        text = text.lower()
        for meaning, words in self.provider.errors.items():
            if any(word in text for word in words):
                return meaning
        return None

    def of_answer(self, status, headers, body):
        """The PluginError for an answer that is no success; `body` is bytes."""
        words, details = self.plain(_message(body)), {"status": status}
        told = f"{self.provider.name} answered {status}{': ' + words if words else ''}"
        meaning = self.meaning(body.decode("utf-8", "replace")) or _by_status(status)
        if meaning in ADVICE:
            told, permanent = f"{told}. {ADVICE[meaning]}", meaning == "refused"
            return PluginError(told, code=meaning, details=details, permanent=permanent)
        if status in (408, 425, 429) or status >= 500:
            seconds = retry_after_s(headers)
            if seconds is not None:
                details["retry_after_s"] = seconds
            code = "overloaded" if status == 429 else "unavailable"
            return PluginError(told, retryable=True, code=code, details=details)
        if status == 404:
            told = f"{told}. Look at the model's name, and at base_url in {self.provider.file}."
            return PluginError(told, code="not_found", details=details)
        return PluginError(told, code="bad_request", details=details)

    def of_job(self, job, words, cost=None):
        """The PluginError for a job that failed at the provider, and what it cost all the same."""
        details = {"cost": cost} if cost else {}
        words = self.plain(words or "it does not say why")
        told = f"job {job} failed at {self.provider.name}: {words}"
        if self.meaning(words) == "refused":
            told = f"{told}. {ADVICE['refused']}"
            return PluginError(told, code="refused", details=details, permanent=True)
        return PluginError(told, code="job_failed", details=details)


def _by_status(status):
    return {401: "unauthorized", 402: "no_funds", 403: "unauthorized", 413: "beyond_limits"}.get(
        status
    )


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


def _message(body):
    """The words in an answer: `detail`, `error` or `message`, a text or a list of {msg}."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    while isinstance(told, dict):
        found = next(
            (told[k] for k in ("detail", "error", "message", "msg", "title") if told.get(k)), None
        )
        if found is None:
            return json.dumps(told)
        told = found
    if isinstance(told, list):
        return "; ".join(_message(json.dumps(inner)) or str(inner) for inner in told)
    return str(told)

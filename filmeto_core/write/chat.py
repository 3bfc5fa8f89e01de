"""Asks a language model behind an OpenAI-compatible server: one question, one whole answer.

Servers differ in what they take. A schema for the answer is asked for first, then JSON of any shape,
then neither; what a server has refused once it is not asked again. Overload is waited out, a little.

Source: OpenAI API reference, "Create chat completion" and "Error codes"; RFC 9110 10.2.3 (Retry-After).
"""

import email.utils
import json
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from filmeto_core.errors import (
    FilmetoError,
    ServerUnreachableError,
    TimeoutError,
    TooManyRequestsError,
    UnauthorizedError,
    ValidationError,
    WritingError,
)
from filmeto_core.resources.proxies import Proxies
from filmeto_core.settings import Settings, proxy_environment

TRIES = 3  # of one question, where the server is overloaded or broken
LONGEST_WAIT_S = 60.0  # a server that asks for more patience than this is given up
PAUSE_S = 1.0  # before the second try where the server does not say; doubled before the third
MAX_ANSWER_BYTES = 8 * 1024 * 1024  # a storyboard of a hundred shots is some 60 kB
# How servers say with an error status that a question is against their rules.
_POLICY = rb'"(?:content_filter|content_policy_violation)"'
_WITHOUT_ROUTE = "Give the base URL of its API, such as http://127.0.0.1:11434/v1."


@dataclass(frozen=True)
class Answer:
    """What a model said: its text, and why it stopped ("stop", "length" ...)."""

    text: str
    finished: str


@dataclass
class ChatServer:
    """An OpenAI-compatible server and the model that is asked there.

    Args:
        url: The base URL of its API.
        model: The model's name there.
        key: Sent as a bearer token, if there is one; it is in no message.
        settings: Its time limits count.
        tell: Told, in a line, whatever takes time.
    """

    url: str
    model: str
    key: str
    settings: Settings
    tell: Callable[[str], None] = lambda line: None
    _shapes: list[str] = field(default_factory=lambda: ["json_schema", "json_object", "text"])

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            fine = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
            fine, _ = fine and parts.username is None, parts.port
        except ValueError:
            fine = False
        if not fine:
            raise ValidationError(
                f"FILMETO_WRITER_URL: {self.url.split('@')[-1][:200]!r} is not the address of an API.",
                hint=f"{_WITHOUT_ROUTE} A key goes into FILMETO_WRITER_KEY.",
                field="FILMETO_WRITER_URL",
            )

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return urlsplit(self.url).netloc

    def ask(
        self, messages: list[dict[str, str]], schema: dict[str, Any], seed: int | None
    ) -> Answer:
        """The model's answer to a conversation; blocks.

        Args:
            messages: `role` and `content` of each.
            schema: JSON schema of the answer, for servers that take one.
            seed: The same one asks for the same answer, where the server heeds it.

        Raises:
            FilmetoError: The server does not answer, refuses, or is no such server.
        """
        while True:
            answer = self._insist(self._body(messages, schema, seed))
            if answer.status_code >= 400 and re.search(_POLICY, answer.content):
                raise self._refused(_said(answer, self.key))
            if answer.status_code in (400, 415, 422, 501) and len(self._shapes) > 1:
                self._shapes.pop(0)  # it may not know that way of asking
                continue
            if answer.status_code >= 400:
                raise self._error(answer)
            return self._read(answer)

    def _body(
        self, messages: list[dict[str, str]], schema: dict[str, Any], seed: int | None
    ) -> dict[str, Any]:
        body: dict[str, Any] = {"model": self.model, "messages": messages, "stream": False}
        if self._shapes[0] == "json_schema":
            named = {"name": "storyboard", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        elif self._shapes[0] == "json_object":
            body["response_format"] = {"type": "json_object"}
        if seed is not None and self._shapes[0] != "text":
            body["seed"] = seed
        return body

    def _insist(self, body: dict[str, Any]) -> httpx.Response:
        """One answer, asked for again while the server is overloaded, broken or away."""
        for left in reversed(range(TRIES)):
            pause_s = PAUSE_S * 2 ** (TRIES - 1 - left)
            try:
                answer = self._post(body)
            except httpx.TimeoutException as error:
                raise self._too_slow(error) from None
            except httpx.TransportError as error:
                if not left:
                    raise self._unreachable(str(error) or type(error).__name__) from None
                why = "does not answer"
            else:
                overloaded = answer.status_code == 429 and not _out_of_money(answer)
                if not (overloaded or answer.status_code >= 500) or answer.status_code == 501:
                    return answer
                asked_s = retry_after_s(answer.headers.get("retry-after", ""))
                pause_s = pause_s if asked_s is None else asked_s
                if not left or pause_s > LONGEST_WAIT_S:
                    raise self._error(answer, pause_s)
                why = f"answers {answer.status_code}"
            self.tell(f"{self.place} {why}; asking again in {pause_s:.0f} s")
            time.sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        url = httpx.URL(f"{self.url.rstrip('/')}/chat/completions")
        key = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        limits = httpx.Timeout(self.settings.task_timeout_s, connect=self.settings.url_timeout_s)
        proxy = Proxies.read(proxy_environment()).proxy_for(url)
        with (
            httpx.Client(
                proxy=proxy, trust_env=False, timeout=limits, verify=ssl.create_default_context()
            ) as client,
            client.stream("POST", url, json=body, headers=key) as answer,
        ):
            content = b""
            until = time.monotonic() + self.settings.task_timeout_s
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > MAX_ANSWER_BYTES:
                    raise WritingError(
                        f"{self.place} sent more than {MAX_ANSWER_BYTES} bytes for one answer.",
                        hint=_WITHOUT_ROUTE,
                    )
                if time.monotonic() > until:
                    raise httpx.ReadTimeout("the whole answer")
            headers = {k: v for k, v in answer.headers.items() if k.lower() == "retry-after"}
            return httpx.Response(answer.status_code, headers=headers, content=content)

    def _read(self, answer: httpx.Response) -> Answer:
        try:
            told = json.loads(answer.content)
            choice = told["choices"][0]
            message = choice["message"]
            refusal, text = message.get("refusal"), message.get("content")
            finished = str(choice.get("finish_reason") or "stop")
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            raise WritingError(
                f"{self.place} answered {answer.status_code} with something that is no chat "
                f"completion: {_start_of(answer.text)!r}.",
                hint=_WITHOUT_ROUTE,
            ) from None
        if refusal or finished == "content_filter":
            raise self._refused(_start_of(str(refusal or "")))
        return Answer(_text_of(text), finished)

    def _refused(self, said: str) -> WritingError:
        why = f": {said.rstrip('.')}" if said else ""
        return WritingError(
            f"the model {self.model} refuses to write this film{why}.",
            hint="Word the logline otherwise, or add --template to write without a model.",
            refused=True,
        )

    def _error(self, answer: httpx.Response, wait_s: float | None = None) -> FilmetoError:
        said = _said(answer, self.key)
        status, told = answer.status_code, f": {said}" if said else ""
        if status in (401, 403):
            return UnauthorizedError(
                f"{self.place} does not take the key ({status}){told}.",
                hint="Check FILMETO_WRITER_KEY; it is read from the environment alone.",
            )
        if status == 402 or _out_of_money(answer):
            return WritingError(
                f"the account at {self.place} has no money or quota left{told}.",
                hint="Top it up, or add --template to write without a model.",
            )
        if status == 404:
            return ValidationError(
                f"{self.place} knows no model {self.model!r}, or has no chat completions{told}.",
                hint=f"Check FILMETO_WRITER_MODEL. {_WITHOUT_ROUTE}",
                field="FILMETO_WRITER_MODEL",
            )
        if status == 429:
            return TooManyRequestsError(
                f"{self.place} is asked too often{told}.",
                hint=f"Try again in {wait_s or 60:.0f} s, or add --template.",
                retry_after_s=wait_s,
            )
        if status >= 500:
            return self._unreachable(f"it answers {status}{told}")
        return WritingError(
            f"{self.place} refuses the request with {status}{told}.", hint=_WITHOUT_ROUTE
        )

    def _unreachable(self, why: str) -> ServerUnreachableError:
        return ServerUnreachableError(
            f"the language model's server at {self.place} cannot be asked ({why}).",
            hint="Start it, correct FILMETO_WRITER_URL, or add --template to write without a model.",
        )

    def _too_slow(self, error: httpx.TimeoutException) -> TimeoutError:
        connecting = isinstance(error, httpx.ConnectTimeout)
        limit_s = self.settings.url_timeout_s if connecting else self.settings.task_timeout_s
        name = "FILMETO_URL_TIMEOUT_S" if connecting else "FILMETO_TASK_TIMEOUT_S"
        what = "did not take the connection" if connecting else "did not answer"
        return TimeoutError(
            f"the language model's server at {self.place} {what} within {limit_s:g} s.",
            hint=f"Raise {name}, choose a smaller model, or add --template.",
        )


def retry_after_s(header: str) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date; None where it is neither."""
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        when = email.utils.parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    return max(0.0, when.timestamp() - time.time())


def _text_of(content: Any) -> str:
    """The text of a message's content: itself, or its parts of type text."""
    if isinstance(content, list):
        parts = [part.get("text", "") for part in content if isinstance(part, dict)]
        return "".join(str(part) for part in parts)
    return "" if content is None else str(content)


def _said(answer: httpx.Response, key: str) -> str:
    """What an error's body says, for people; a key that it repeats is blotted out."""
    try:
        told = json.loads(answer.content)
        error = told.get("error", told) if isinstance(told, dict) else {}
        said = error.get("message", "") if isinstance(error, dict) else str(error)
    except ValueError:
        said = answer.text
    said = _start_of(str(said)).rstrip(".")
    return said.replace(key, "***") if key else said


def _out_of_money(answer: httpx.Response) -> bool:
    return answer.status_code == 429 and b"insufficient_quota" in answer.content


def _start_of(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 200 else f"{plain[:197]}..."

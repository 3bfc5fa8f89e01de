"""Whether a package index answers: with a dead network an installer retries for most of a minute."""

import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping

PYPI = "https://pypi.org/simple/"
ANSWER_TIMEOUT_S = 4.0  # a living network answers a HEAD in less, however slow its downloads are


def indexes(env: Mapping[str, str], requirements: Iterable[str]) -> tuple[str, ...]:
    """The indexes that uv will ask, none if it is told to ask none.

    Args:
        env: The installer's variables.
        requirements: The lines of a requirements.txt, which may name some.
    """
    lines = list(requirements)
    if env.get("UV_NO_INDEX") or env.get("UV_OFFLINE") or "--no-index" in lines:
        return ()
    named = _first(env, "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
    more = _first(env, "UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL")
    for line in lines:
        match = re.match(r"(-i|--index-url|--extra-index-url)[ =]+(\S+)", line)
        if match and match[1] == "--extra-index-url":
            more.append(match[2])
        elif match:
            named = [match[2]]
    # uv's own list may name an index: corporate=https://...
    return tuple(re.sub(r"^[^=:/]+=", "", url) for url in [*(named or [PYPI]), *more])


def _first(env: Mapping[str, str], *names: str) -> list[str]:
    return next((env[name].split() for name in names if env.get(name)), [])


def reachable(urls: Iterable[str], within_s: float) -> bool:
    """Whether one of the servers answers, whatever it says; by the user's proxies."""
    asked = list(urls)
    answers = _Answers(len(asked))
    for url in asked:
        # Names are looked up without a limit of time: so in a thread that nobody waits for.
        threading.Thread(target=answers.ask, args=(url, within_s), daemon=True).start()
    return answers.any(within_s) if asked else False


class _Answers:
    def __init__(self, wanted: int) -> None:
        self._changed = threading.Condition()
        self._open, self._yes = wanted, False

    def ask(self, url: str, within_s: float) -> None:
        yes = _answers(url, within_s)
        with self._changed:
            self._open -= 1
            self._yes = self._yes or yes
            self._changed.notify()

    def any(self, within_s: float) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._yes or not self._open, within_s)
            return self._yes


def _answers(url: str, within_s: float) -> bool:
    try:
        request = urllib.request.Request(url, method="HEAD")
        with urllib.request.urlopen(request, timeout=within_s):
            return True
    except urllib.error.HTTPError as error:
        # A proxy that finds no server says 502, 503 or 504; all else is an answer.
        return error.code not in (502, 503, 504)
    except urllib.error.URLError as error:
        return "CERTIFICATE" in str(error).upper()  # the installer has certificates of its own
    except (OSError, ValueError):
        return False

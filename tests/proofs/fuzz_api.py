"""Requests made of the server's own OpenAPI document, right ones and wrong ones, all checks on.

    python tests/proofs/fuzz_api.py [--cases 10000] [--seed 1]

A real server with the plugin `quick` runs beside it. schemathesis sends the document's examples, its
edge cases, random requests that go by it and random ones that break it, and chains of requests where
one takes up what another made. No answer is a 500, each is as the document says (status, media type,
headers, body), what breaks the document is refused, and the server's log holds no traceback.
Exits 1 if not, with the first requests of each kind to send again.
"""

import argparse
import math
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402
import schemathesis  # noqa: E402
from schemathesis.config import SchemathesisConfig  # noqa: E402
from schemathesis.engine import from_schema  # noqa: E402
from stage import copy_plugin, temporary_home  # noqa: E402

from filmeto_core.web.keys import KeyFile  # noqa: E402

TOOLS = ("text2image", "image2video", "text2speak", "text2music")
PHASES = ("examples", "coverage", "fuzzing", "stateful")
START_S, STOP_S, ANSWER_S = 60.0, 60.0, 15.0
SHOWN = 3  # requests of each kind of failure
ENDLESS_S = 0.5  # a film's events do not end with its runs: so long are they read
STREAM_EVENTS = 20  # that are read of a stream, which may go on for ever
# Films are planned and begun with the one plugin; each run then ends, since no Prefect can be reached.
PROJECT = "profiles:\n  animatic: {" + ", ".join(f"{tool}: quick_0" for tool in TOOLS) + "}\n"
NO_PREFECT = "http://prefect.invalid/api"
REAL_SHARE = 0.5  # of the right requests for a task, those that name a tool and what it takes
# 412 comes before all else: another storyboard than the caller's, another tus than the server's.
REFUSED = ["400", "401", "403", "404", "409", "410", "412", "413", "415", "422", "429"]
PROMPTS = ("a lighthouse", "dawn", "unspeakable", "", "x" * 2000, "日本語", "\u2028", "\0")
CHOSEN = random.Random()  # of the hook below, which schemathesis calls; seeded for each round


@dataclass
class Report:
    """What came of it."""

    cases: int = 0
    statuses: Counter = field(default_factory=Counter)
    operations: Counter = field(default_factory=Counter)
    failures: dict[str, list[str]] = field(default_factory=dict)
    traceback_lines: list[str] = field(default_factory=list)
    rounds: int = 0

    def failed(self, kind: str, told: str) -> None:
        """Keep the first of each kind."""
        shown = self.failures.setdefault(kind, [])
        if len(shown) < SHOWN:
            shown.append(told)


def fuzz_api(
    cases: int,
    seed: int,
    folder: Path,
    environments: Path | None = None,
    *,
    per_operation: int = 100,
    phases: tuple[str, ...] = PHASES,
) -> Report:
    """Send so many requests, or a few more, to a server of its own.

    Args:
        folder: The server's data lies there.
        environments: Plugins' environments that are there already.
        per_operation: Random requests for each operation in a round, at most.
        phases: Of schemathesis; edge cases and chains alone are some thousand requests.
    """
    report = Report()
    with _served(folder, environments) as (address, log, key):
        while report.cases < cases and not report.failures:
            count = len(httpx.get(f"{address}/openapi.json", trust_env=False).json()["paths"])
            left = math.ceil((cases - report.cases) / count)
            examples = max(1, min(left, per_operation))
            _round(address, _configured(seed + report.rounds, examples, key, phases), report)
            report.rounds += 1
            httpx.get(f"{address}/api/v1/health", trust_env=False).raise_for_status()
    lines = log.read_text().splitlines()
    report.traceback_lines = [line[:4000] for line in lines if '"exception"' in line][:SHOWN]
    return report


def _round(address: str, config: SchemathesisConfig, report: Report) -> None:
    """One run of schemathesis: examples, edge cases, random ones, chains."""
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json", config=config)
    CHOSEN.seed(config.seed)
    for event in from_schema(schema).execute():
        if type(event).__name__ in ("NonFatalError", "FatalError"):
            problem = getattr(event, "value", None) or getattr(event, "exception", None)
            report.failed(f"schemathesis: {type(problem).__name__}", f"{problem}")
        recorder = getattr(event, "recorder", None)
        if recorder is not None:
            _note(recorder, report)


def _configured(seed: int, examples: int, key: str, phases: tuple[str, ...]) -> SchemathesisConfig:
    told = {
        "headers": {"Authorization": f"Bearer {key}"},
        "seed": seed,
        "request-timeout": ANSWER_S,
        "max-stream-events": STREAM_EVENTS,
        "phases": {phase: {"enabled": phase in phases} for phase in PHASES},
        "continue-on-failure": True,
        "generation": {
            "max-examples": examples,
            "no-shrink": True,
            "database": "none",
            "allow-extra-parameters": False,  # headers that nobody asked for do no harm
        },
        # The document cannot tell which tool takes which parameters: those are refused with 422.
        "checks": {
            "positive_data_acceptance": {"enabled": False},
            "negative_data_rejection": {"expected-statuses": REFUSED},
            "missing_required_header": {"expected-statuses": REFUSED},
        },
    }
    return SchemathesisConfig.from_dict(told)


@schemathesis.serializer("text/yaml", "application/yaml", "application/offset+octet-stream")
def _as_it_is(_context: Any, value: Any) -> bytes:
    """A storyboard's text and a file's bytes are sent as they are."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.deserializer("text/yaml", "application/yaml")
def _as_it_was(_context: Any, response: Any) -> str:
    """A storyboard's text comes back as it was sent, also one that is no YAML."""
    return response.content.decode("utf-8", "replace")


@schemathesis.hook("before_call")
def _make_real(_context: Any, case: Any, options: dict[str, Any]) -> None:
    """Have a part of the right requests for tasks name what there is, so that tasks run."""
    if case.operation.path.endswith("/films/{film_id}/events"):
        options["timeout"] = ENDLESS_S
    body = case.body
    is_right = case.meta is not None and case.meta.generation.mode.value == "positive"
    if not is_right or not isinstance(body, dict) or "tool_name" not in body:
        return
    if CHOSEN.random() < REAL_SHARE:
        body["tool_name"], body["plugin_name"] = "text2image", "quick_0"
        body["parameters"] = {"prompt": CHOSEN.choice(PROMPTS)}
        body.pop("timeout", None)
        body["resources"], body["metadata"] = [], {"cache": CHOSEN.random() < 0.5}


def _note(recorder: Any, report: Report) -> None:
    for case_id, interaction in recorder.interactions.items():
        report.cases += 1
        report.operations[recorder.label] += 1
        answer = interaction.response
        report.statuses[answer.status_code if answer is not None else "none"] += 1
        if answer is None:
            report.failed("no answer", f"{interaction.request.method} {interaction.request.uri}")
        for check in recorder.checks.get(case_id, ()):
            if check.failure_info is not None:
                failure = check.failure_info.failure
                told = f"{check.failure_info.code_sample}\n    {failure.title}: {failure.message}"
                report.failed(f"{recorder.label}: {check.name}", told)


@contextmanager
def _served(folder: Path, environments: Path | None) -> Iterator[tuple[str, Path, str]]:
    """A server in a process of its own: its address, its log, and a key for it."""
    home, log = folder / "home", folder / "server.log"
    home.mkdir()
    if environments is not None:
        (home / "environments").symlink_to(environments, target_is_directory=True)
    (folder / "plugins").mkdir()
    copy_plugin("quick", folder / "plugins")
    (folder / "filmeto.yaml").write_text(PROJECT)
    told = {
        "FILMETO_HOME": str(home),
        "FILMETO_PLUGINS": str(folder / "plugins"),
        "FILMETO_SERVE_READER_GRACE_S": "1",
        "FILMETO_SERVE_HEARTBEAT_S": "1",
        "FILMETO_SERVE_STOP_GRACE_S": "5",
        "PREFECT_API_URL": NO_PREFECT,
        "PYTHONPATH": str(ROOT),
    }
    _, key = KeyFile(home / "serve").add("proof", "proof", ("admin",))
    command = [sys.executable, "-m", "filmeto_core", "serve", "--port", "0", "--require-keys"]
    command += ["--log", "json"]
    with log.open("wb") as stream:
        server = subprocess.Popen(
            command, env=os.environ | told, stdout=stream, stderr=stream, cwd=folder
        )
    try:
        yield _address(server, log), log, key
    finally:
        server.terminate()
        server.wait(STOP_S)


def _address(server: "subprocess.Popen[bytes]", log: Path) -> str:
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        for line in log.read_text().splitlines():
            _, found, address = line.partition("serving at ")
            if found:
                return address.strip()
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {log.read_text()[-2000:]}")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    started = time.monotonic()
    with temporary_home() as folder:
        report = fuzz_api(asked.cases, asked.seed, folder)
    print(f"{report.cases:,} requests in {time.monotonic() - started:.0f} s, seed {asked.seed}")
    print(
        "by status:", ", ".join(f"{k}: {n:,}" for k, n in sorted(report.statuses.items(), key=str))
    )
    print("by operation:", ", ".join(f"{k}: {n:,}" for k, n in sorted(report.operations.items())))
    for kind, told in report.failures.items():
        print(f"FAILED: {kind}", *(f"  {one}" for one in told), sep="\n")
    for line in report.traceback_lines:
        print(f"FAILED: the server's log: {line}")
    return 1 if report.failures or report.traceback_lines else 0


if __name__ == "__main__":
    sys.exit(main())

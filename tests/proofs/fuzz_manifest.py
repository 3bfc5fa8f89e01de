"""Manifests of every kind of nonsense: each is read to the end, and none breaks the reading.

    python tests/proofs/fuzz_manifest.py [--manifests 100000] [--seed 1]

Texts are mutated from the manifests in the checkout and put together from pieces that are known to
hurt (aliases that multiply, numbers of a thousand digits, tags of Python's, dates that are none).
Whatever comes, `read_manifest` gives a manifest or None and a list of problems, in bounded time.
Exits 1 if not, with the text in a file.
"""

import argparse
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from filmeto_core.plugin_host.manifest import Problem, read_manifest  # noqa: E402
from filmeto_core.plugin_host.manifest_model import Manifest  # noqa: E402

SLOW_S = 5.0  # of this process's own time, so that a busy machine is no failure

VALUES = [
    *("~", "true", "no", "0", "-1", "1.5", ".inf", "-.inf", ".nan", "1e400", "0o17", "0x1f", "1_0"),
    *(
        "9" * 400,
        "9" * 5000,
        "-" + "9" * 5000,
        "0x" + "f" * 900,
        "0x" + "f" * 9000,
        "0b" + "1" * 900,
    ),
    *("1" + ":1" * 400, "1" + ":1" * 400 + ".5", "2001-99-99", "2001-02-03", "2001-02-03 04:05:06"),
    *("!!int ''", "!!float ''", "!!bool maybe", "!!timestamp soon", "!!null 5", "!!str 5", "!x y"),
    *("!!binary aa", "!!binary aGk=", "!!set {a, b}", "!!omap [a: 1]", "!!pairs [a: 1, a: 2]"),
    *("!!python/object:os.system echo", "!!python/name:os.system", "!!python/tuple [1]"),
    *("&a [*a]", "&b {k: *b}", "*nobody", "&c 1", "*c", "<<", "{<<: 5}", "{<<: [1]}", "[<<]"),
    *("'\u0000'", "'\ud800'", '"\\ud800"', '"\\U0010ffff"', "'\u2028'", "😀", "''", "' '", "'" * 3),
    *("[]", "{}", "[[[]]]", "{a: {b: {c: {}}}}", "[" * 60 + "]" * 60, "[" * 3000, "{? [1] : 2}"),
    *("{1: 2, true: 3, 1.5: 4, ~: 5}", "{[1]: 2}", "{2001-02-03: x}", "{0x" + "f" * 5000 + ": 1}"),
    *("512MiB", "9" * 400 + "GB", "-1GiB", "0", "1e9", "text2image", "text2imag", ">=3.11", "a b"),
    *(
        "integer",
        "string",
        "array",
        "object",
        "float",
        "boolean",
        "str",
        "seed",
        "timeout_s",
        "x" * 3000,
    ),
]
KEYS = (
    "name version description author engine tool_type tools parameters type required default min "
    "max choices requirements python packages programs environment startup timeout health_check "
    "execution max_retries concurrency idle_timeout heartbeat_timeout resources gpu memory "
    "processes open_files output sandbox deterministic pricing languages nmae 5 ~ <<"
).split()
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)
)
MERGE_BOMB = "a: &a {k: 1, l: 2}\n" + "".join(
    f"{b}: &{b} {{<<: [{', '.join([f'*{a}'] * 9)}]}}\n"
    for a, b in zip("abcdefg", "bcdefgh", strict=True)
)
WHOLE = [
    f"{BOMB}name: *h\n",
    f"{BOMB}name: x\ntools: [{{name: text2image, parameters: [{{name: p, default: *h}}]}}]\n",
    f"{BOMB}name: x\ntools: *h\n",
    f"{MERGE_BOMB}name: x\ntools: [*h]\n",
    "name: x\ntool_type: text2image\n" + "".join(f"key{i}: 1\n" for i in range(20_000)),
    "name: x\ntools: [" + "1, " * 100_000 + "1]\n",
    "version: 1" + ":1" * 200_000,
    "version: &a 1" + ":1" * 200_000,
    "--- 1\n--- 2\n",
    "\ufeffname: x",
    "",
]


@dataclass
class Outcome:
    """What a run found."""

    read: int = 0
    usable: int = 0
    slowest_s: float = 0.0


class Generator:
    """Manifests, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        folders = [*(ROOT / "plugins").iterdir(), *(ROOT / "tests" / "plugins").iterdir()]
        paths = sorted(f / "plugin.yaml" for f in folders if (f / "plugin.yaml").is_file())
        self._real = [path.read_text() for path in paths]
        self._whole = list(WHOLE)

    def next(self) -> bytes:
        """One manifest's bytes."""
        if self._whole:
            return self._bytes(self._whole.pop())
        way = self._random.random()
        if way < 0.45:
            return self._bytes(self._mutated(self._random.choice(self._real)))
        if way < 0.85:
            return self._bytes(self._made(0))
        if way < 0.95:
            return self._noisy(self._bytes(self._random.choice(self._real)))
        return self._random.randbytes(self._random.randrange(200))

    def _bytes(self, text: str) -> bytes:
        return text.encode("utf-8", "surrogatepass")

    def _value(self) -> str:
        return self._random.choice(VALUES)

    def _mutated(self, text: str) -> str:
        """A real one with other values, and with lines twice, elsewhere, or gone."""
        lines = text.splitlines()
        for _ in range(self._random.randint(1, 4)):
            at = self._random.randrange(len(lines))
            way = self._random.randrange(5)
            if way == 0 and ":" in lines[at]:
                lines[at] = f"{lines[at].partition(':')[0]}: {self._value()}"
            elif way == 1:
                lines.insert(at, lines[at])
            elif way == 2 and len(lines) > 1:
                lines.insert(self._random.randrange(len(lines)), lines.pop(at))
            elif way == 3 and len(lines) > 1:
                lines.pop(at)
            else:
                lines.insert(at, f"{self._random.choice(KEYS)}: {self._value()}")
        return "\n".join(lines)

    def _made(self, depth: int) -> str:
        """One that is put together from the manifest's own keys and from values that hurt."""
        pairs = []
        for _ in range(self._random.randint(1, 8)):
            key = self._random.choice(KEYS)
            pairs.append(f"{key}: {self._nested(depth)}")
        if depth:
            return "{" + ", ".join(pairs) + "}"
        if self._random.random() < 0.7:
            pairs += ["name: made", f"tools: [{{name: text2image, parameters: [{self._made(1)}]}}]"]
        return "\n".join(pairs)

    def _nested(self, depth: int) -> str:
        way = self._random.random()
        if depth < 3 and way < 0.3:
            return self._made(depth + 1)
        if depth < 3 and way < 0.4:
            return f"[{self._value()}, {self._made(depth + 1)}]"
        return self._value()

    def _noisy(self, data: bytes) -> bytes:
        """Single bytes changed, put in, and taken out."""
        noisy = bytearray(data)
        for _ in range(self._random.randint(1, 10)):
            at = self._random.randrange(len(noisy))
            way = self._random.randrange(3)
            if way == 0:
                noisy[at] = self._random.randrange(256)
            elif way == 1:
                noisy.insert(at, self._random.randrange(256))
            elif len(noisy) > 1:
                del noisy[at]
        return bytes(noisy)


def fuzz(manifests: int, seed: int, folder: Path) -> Outcome:
    """Read so many.

    Raises:
        AssertionError: One gave something else than a manifest and problems, or took too long; its
            text is in `folder`.
    """
    generator, outcome, path = Generator(seed), Outcome(), folder / "plugin.yaml"
    for number in range(manifests):
        path.write_bytes(generator.next())
        started = time.process_time()
        try:
            manifest, problems = read_manifest(path)
        except Exception as error:
            raise AssertionError(f"manifest {number} raised {error!r:.200}; see {path}") from error
        seconds = time.process_time() - started
        assert manifest is None or isinstance(manifest, Manifest), path
        assert all(isinstance(problem, Problem) and str(problem) for problem in problems), path
        assert manifest is not None or any(problem.fatal for problem in problems), path
        assert seconds < SLOW_S, f"manifest {number} took {seconds:.1f} s; see {path}"
        outcome.read += 1
        outcome.usable += manifest is not None
        outcome.slowest_s = max(outcome.slowest_s, seconds)
    return outcome


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--manifests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-manifest-"))
    started = time.monotonic()
    try:
        outcome = fuzz(asked.manifests, asked.seed, folder)
    except AssertionError as error:
        print(f"FAILED: {error}")
        return 1
    (folder / "plugin.yaml").unlink()
    folder.rmdir()
    print(
        f"{outcome.read:,} manifests read in {time.monotonic() - started:.0f} s, "
        f"{outcome.usable:,} of them usable, the slowest in {outcome.slowest_s:.2f} s: none broke"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

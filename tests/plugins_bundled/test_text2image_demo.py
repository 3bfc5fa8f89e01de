"""The demo plugin as a host sees it: the real process, over the wire."""

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from uv import find_uv_bin

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "plugins" / "text2image_demo"
SDK = ROOT / "filmeto_core" / "plugin_sdk"


@pytest.fixture(scope="module")
def demo_python(tmp_path_factory):
    """A Python with what the demo's requirements.txt lists."""
    folder = tmp_path_factory.mktemp("demo") / "env"
    uv = find_uv_bin()
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    wanted = ["-q", "--compile-bytecode", "--python", python, "-r", FOLDER / "requirements.txt"]
    subprocess.run([uv, "pip", "install", *wanted], check=True)
    return python


class Wire:
    """A running plugin, one call at a time."""

    def __init__(self, python, folder):
        self.folder = folder
        started = time.monotonic()
        self.process = subprocess.Popen(
            [python, "main.py"],
            cwd=FOLDER,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SDK), "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.ready = json.loads(self.process.stdout.readline())
        self.ready_s = time.monotonic() - started

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate(timeout=20)

    def send(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self.process.stdin.flush()

    def call(self, cancel_after=None, **parameters):
        """The call's result and its progress notifications."""
        params = {"task_id": "t", "tool_name": "text2image", "parameters": parameters}
        params["output_dir"] = str(self.folder)
        self.send({"id": 1, "method": "execute_task", "params": params})
        progress = []
        while True:
            message = json.loads(self.process.stdout.readline())
            if "result" in message:
                return message["result"], progress
            if message["method"] == "progress":
                progress.append(message["params"])
            if len(progress) == cancel_after:
                self.send({"method": "cancel", "params": {"task_id": "t"}})


@pytest.fixture(scope="module")
def wire(demo_python, tmp_path_factory):
    with Wire(demo_python, tmp_path_factory.mktemp("made")) as wire:
        yield wire


def picture(result):
    return Image.open(result["output_files"][0])


def test_seed_designs_call_gives_a_picture_with_its_metadata(wire):
    result, progress = wire.call(prompt="测试图片")
    assert result["status"] == "success"
    with picture(result) as made:
        assert (made.format, made.size, made.mode) == ("PNG", (512, 512), "RGB")
    about = result["output_resources"][0]["metadata"]
    assert about["prompt"] == "测试图片"
    assert (about["width"], about["height"], about["steps"]) == (512, 512, 20)
    assert "characters_left_out" not in about
    assert [p["data"]["step"] for p in progress] == list(range(1, 21))


def test_default_call_takes_less_than_a_second(wire):
    wire.call(prompt="a first one")
    assert min(wire.call(prompt="a lighthouse")[0]["execution_time"] for _ in range(3)) < 1


def test_percentages_rise_with_each_step(wire):
    _, progress = wire.call(prompt="steps", steps=100, width=64, height=64)
    percents = [p["percent"] for p in progress]
    assert len(percents) == 100
    assert percents == sorted(set(percents))
    assert percents[-1] <= 100


def test_plugin_is_ready_in_a_second_and_small(wire):
    assert wire.ready_s < 10  # the bar, a second, is the benchmark's; machines are shared
    wire.call(prompt="how large am I")
    status = Path(f"/proc/{wire.process.pid}/status").read_text()
    peak_kib = int(status.split("VmHWM:")[1].split()[0])
    assert peak_kib < 100 * 1024


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not(wire):
    made = []
    for seed in (7, 7, 8):
        result, _ = wire.call(prompt="again", seed=seed, width=128, height=128)
        made.append(Path(result["output_files"][0]).read_bytes())
    assert made[0] == made[1] != made[2]


def ink_box(result):
    """Where the white letters are: (left, top, right, bottom)."""
    with picture(result) as made:
        red, green, blue = made.split()
    palest = ImageChops.darker(ImageChops.darker(red, green), blue)
    return palest.point(lambda v: 255 if v > 210 else 0).getbbox()


@pytest.mark.parametrize("size", [(512, 512), (720, 300), (200, 640), (64, 64)])
@pytest.mark.parametrize(
    "prompt",
    [
        "a b",
        "暴风雨中的灯塔，海浪拍打着悬崖。" * 3,
        "Donaudampfschifffahrtsgesellschaft",
        "word " * 80,
    ],
)
def test_words_stay_inside_the_picture_and_in_its_middle(wire, prompt, size):
    result, _ = wire.call(prompt=prompt, width=size[0], height=size[1], steps=1)
    left, top, right, bottom = ink_box(result)
    assert 0 < left and right < size[0] and 0 < top and bottom < size[1]
    assert abs((left + right) / 2 - size[0] / 2) < 0.05 * size[0] + 2
    assert abs((top + bottom) / 2 - size[1] / 2) < 0.08 * size[1] + 2


def test_characters_without_a_glyph_are_named_and_not_drawn(wire):
    result, _ = wire.call(prompt="\U0001f642", steps=1)
    assert result["output_resources"][0]["metadata"]["characters_left_out"] == "\U0001f642"
    assert ink_box(result) is None


def test_empty_prompt_is_refused_in_words(wire):
    result, _ = wire.call(prompt="  ")
    assert result["status"] == "error"
    assert "prompt is empty" in result["error_message"]
    assert result["metadata"]["error"]["code"] == "empty_prompt"


def test_cancelled_call_ends_early_and_the_plugin_serves_on(wire):
    result, progress = wire.call(cancel_after=3, prompt="never mind", steps=100)
    assert result["metadata"]["error"]["code"] == "cancelled"
    assert len(progress) < 100
    assert wire.call(prompt="the next", steps=1)[0]["status"] == "success"


def test_the_transcript_of_the_readme_works(demo_python, tmp_path):
    text = (FOLDER / "README.md").read_text()
    command = text.split("```sh\n")[1].split("```")[0]
    command = command.replace("/tmp/filmeto-try", str(tmp_path)).replace(
        " python main.py", f" {shlex.quote(str(demo_python))} main.py"
    )
    done = subprocess.run(
        ["sh", "-c", command], cwd=FOLDER, capture_output=True, text=True, check=True, timeout=30
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    shown = text.split("It answers")[1].split("```")[1].strip().splitlines()
    assert [m.get("method", "result") for m in lines] == [
        json.loads(line).get("method", "result") for line in shown
    ]
    assert lines[-1]["result"]["status"] == "success"
    assert (tmp_path / "picture.png").exists()

"""The score plugin as its host sees it: a process in its own environment, spoken to over the wire."""

import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "plugins" / "score"))

from score_room import (
    BLOCK,
    CEILING,
    SAMPLE_RATE_HZ,
    integrated_lufs,
    limiter_gains,
    loudness_steps,
    room_response,
)

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "plugins" / "score"


@pytest.fixture(scope="module")
def score_python(tmp_path_factory):
    """The interpreter of an environment that holds the plugin's requirements."""
    from uv import find_uv_bin

    folder = tmp_path_factory.mktemp("score-environment")
    python = str(folder / "bin" / "python")
    quiet = {"check": True, "capture_output": True, "timeout": 300}
    subprocess.run([find_uv_bin(), "venv", "--python", sys.executable, str(folder)], **quiet)
    wanted = ["-r", str(PLUGIN / "requirements.txt")]
    subprocess.run([find_uv_bin(), "pip", "install", "--python", python, *wanted], **quiet)
    return python


class _Plugin:
    """A running plugin and the little of the host that a call needs."""

    def __init__(self, python, folder):
        sdk = ROOT / "filmeto_core" / "plugin_sdk"
        environment = {**os.environ, "PYTHONPATH": str(sdk), "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            [python, "main.py"],
            cwd=PLUGIN,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.folder, self.calls = folder, 0
        assert self.read()["method"] == "ready"

    def read(self):
        return json.loads(self.process.stdout.readline())

    def send(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def call(self, cancel_at=None, **parameters):
        """(result, percentages) of one call; `cancel_at` gives up at that percentage."""
        self.calls += 1
        task, output_dir = f"task-{self.calls}", self.folder / str(self.calls)
        params = {
            "task_id": task,
            "tool_name": "text2music",
            "parameters": {"duration_s": 30.0, "seed": 1, "cues": [], **parameters},
            "output_dir": str(output_dir),
        }
        self.send({"id": self.calls, "method": "execute_task", "params": params})
        percents = []
        while "result" not in (message := self.read()):
            if message.get("method") == "progress":
                percents.append(message["params"]["percent"])
                if cancel_at is not None and percents[-1] >= cancel_at:
                    self.send({"method": "cancel", "params": {"task_id": task}})
                    cancel_at = None
        return message["result"], percents


@pytest.fixture(scope="module")
def plugin(score_python, tmp_path_factory):
    running = _Plugin(score_python, tmp_path_factory.mktemp("score-calls"))
    yield running
    running.process.stdin.close()
    running.process.wait(timeout=20)
    running.process.stdout.close()


@pytest.fixture(scope="module")
def cello(plugin):
    return plugin.call(prompt="sad cello with piano", duration_s=12.37, seed=5)


def sound_of(result):
    with wave.open(result["output_files"][0]) as file:
        shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        assert shape == (48_000, 2, 2)
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return frames.reshape(-1, 2).astype(np.float32) / 32768


def rms(sound):
    return float(np.sqrt(np.mean(sound**2)))


def test_the_score_tells_what_it_is(cello):
    result, percents = cello
    assert result["status"] == "success", result
    told = result["output_resources"][0]["metadata"]
    assert told["duration_s"] == 12.37
    assert told["sample_rate_hz"] == 48_000
    assert (told["mood"], told["metre"], told["seed"]) == ("sad", "4/4", 5)
    assert {"cello", "piano"} <= set(told["instruments"])
    assert told["key"].endswith("minor")
    assert told["sections"][0]["start_s"] == 0 and told["sections"][-1]["end_s"] == 12.37
    assert percents == sorted(percents) and percents[-1] <= 100


@pytest.mark.parametrize("duration_s", [1.0, 7.3, 11.111])
def test_the_sound_is_exactly_as_long_as_asked(plugin, duration_s):
    result, _ = plugin.call(prompt="hopeful piano", duration_s=duration_s)
    sound = sound_of(result)
    assert len(sound) == round(duration_s * 48_000)
    assert rms(sound) > 0.01


def test_the_score_is_as_long_as_asked_past_one_stretch(plugin):
    result, _ = plugin.call(prompt="calm harp", duration_s=31.01)
    assert len(sound_of(result)) == round(31.01 * 48_000)


def test_it_dies_away_and_ends_in_silence(cello):
    sound = sound_of(cello[0])
    assert not sound[-2_400:].any()  # 50 ms
    assert rms(sound[-96_000:-48_000]) > 4 * rms(sound[-24_000:])
    assert rms(sound[-144_000:-96_000]) > 0.005
    assert abs(sound[0]).max() < 0.01


def test_it_is_as_loud_as_a_score_under_a_voice_and_never_clips(cello):
    sound = sound_of(cello[0])
    assert abs(integrated_lufs(loudness_steps(sound)) + 16) < 1
    assert np.abs(sound).max() < 10 ** (-1 / 20)
    assert abs(sound.mean()) < 1e-3


def test_it_has_no_clicks(cello):
    sound = sound_of(cello[0]).mean(axis=1)
    bend = np.abs(np.diff(sound, 2))
    assert bend.max() < 0.08  # a step of a tenth of full scale would be heard as a click


def test_the_same_call_gives_the_same_bytes(plugin, cello):
    again, _ = plugin.call(prompt="sad cello with piano", duration_s=12.37, seed=5)
    other, _ = plugin.call(prompt="sad cello with piano", duration_s=12.37, seed=6)
    first = Path(cello[0]["output_files"][0]).read_bytes()
    assert Path(again["output_files"][0]).read_bytes() == first
    assert Path(other["output_files"][0]).read_bytes() != first


def test_the_music_turns_at_the_cues(plugin):
    result, _ = plugin.call(prompt="calm piano", duration_s=26.0, cues=[9.5, 17.25])
    starts = [s["start_s"] for s in result["output_resources"][0]["metadata"]["sections"]]
    assert 9.5 in starts and 17.25 in starts


def test_an_empty_prompt_is_refused_with_advice(plugin):
    result, _ = plugin.call(prompt=" \n ")
    assert result["status"] == "error"
    assert "prompt is empty" in result["error_message"]
    assert result["metadata"]["error"]["code"] == "empty_prompt"


def test_cues_that_are_no_times_are_refused(plugin):
    result, _ = plugin.call(prompt="calm", cues=["soon"])
    assert result["status"] == "error" and "seconds" in result["error_message"]


def test_a_cancelled_score_stops_and_leaves_the_plugin_usable(plugin):
    result, percents = plugin.call(prompt="calm piano", duration_s=600.0, cancel_at=5)
    assert result["metadata"]["error"]["code"] == "cancelled"
    assert percents[-1] < 50
    assert plugin.call(prompt="calm", duration_s=1.0)[0]["status"] == "success"


def test_the_loudness_meter_reads_a_sine_as_the_standard_says():
    time = np.arange(5 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    left = np.sin(2 * np.pi * 997 * time)
    sound = np.stack([left, np.zeros_like(left)], axis=1)
    assert integrated_lufs(loudness_steps(sound)) == pytest.approx(-3.01, abs=0.1)


def test_the_limiter_keeps_every_sample_under_the_ceiling():
    rng = np.random.default_rng(3)
    sound = rng.standard_normal(BLOCK * 400) * rng.choice([0.1, 1.0], 400).repeat(BLOCK)
    peaks = np.abs(sound).reshape(-1, BLOCK).max(axis=1)
    edges = limiter_gains(peaks, gain=0.9)
    gain = np.interp(np.arange(len(sound)) / BLOCK, np.arange(len(edges)), edges)
    assert np.abs(sound * gain).max() <= CEILING + 1e-6
    assert len(edges) == 401


def test_the_room_is_the_same_every_time_and_dies_away():
    room = room_response(2.0)
    assert np.array_equal(room, room_response(2.0))
    half = room.shape[1] // 2
    assert np.sum(room[:, half:] ** 2) < 0.02 * np.sum(room**2)

"""The comfyui plugin on a real ComfyUI: its ready workflows, and what happens when things end.

    python tests/proofs/comfyui_real.py --comfyui FOLDER [--python PYTHON] [--keep DIR]

FOLDER is a ComfyUI that is installed, PYTHON the one that it runs with. It is started on the CPU with
folders of its own and with checkpoints made here, the smallest that it takes (2 GB of them): what they
draw is noise. text2image, image2image and image2video run as filmeto's host runs them; a running job
is cancelled while somebody else's waits; a plugin is killed (kill -9) and the same call made again; a
job is put behind another one and cancelled; the server is killed. It takes five minutes on two cores.
Exits 1 if anything did not hold.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402

from filmeto_core import media  # noqa: E402
from filmeto_core.plugin_check.trial import Trial  # noqa: E402
from filmeto_core.plugin_check.workshop import workshop  # noqa: E402
from filmeto_core.plugin_host.plugin import load_plugin  # noqa: E402
from filmeto_core.settings import Settings  # noqa: E402
from tests.comfyui_wire import Plugin  # noqa: E402

PLUGIN = ROOT / "plugins" / "comfyui"
START_LIMIT_S, JOB_LIMIT_S, END_LIMIT_S = 180, 600, 30
SMALL = {"width": 128, "height": 72, "seed": 7}


class RealComfy:
    """A ComfyUI with folders of its own; use it in a `with` block.

    Args:
        folder: Where it is installed.
        python: What it runs with.
        base: Its models, inputs and outputs.
    """

    def __init__(self, folder, python, base):
        self.folder, self.python, self.base = folder, python, base
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        checkpoints = self.base / "models" / "checkpoints"
        checkpoints.mkdir(parents=True, exist_ok=True)
        if not any(checkpoints.iterdir()):
            maker = Path(__file__).with_name("comfyui_models.py")
            command = [self.python, str(maker), str(checkpoints)]
            subprocess.run(command, cwd=self.folder, check=True, timeout=START_LIMIT_S)
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        options = ["--cpu", "--listen", "127.0.0.1", "--port", str(self.port), "--preview-method"]
        options += ["latent2rgb", "--disable-all-custom-nodes", "--disable-api-nodes"]
        options += ["--base-directory", str(self.base), "--database-url", "sqlite:///:memory:"]
        with (self.base / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.python, "main.py", *options], cwd=self.folder, stdout=log, stderr=log
            )
        until(lambda: self.process.poll() is None and self.answers(), START_LIMIT_S)

    def kill(self):
        self.process.kill()
        self.process.wait(END_LIMIT_S)

    def answers(self):
        try:
            return self.get("/system_stats")
        except OSError:
            return None

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return json.load(answer)

    def put(self, graph):
        """A job of somebody else; returns its id."""
        body = json.dumps({"prompt": graph, "client_id": "somebody"}).encode()
        request = urllib.request.Request(f"{self.url}/prompt", body)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["prompt_id"]

    def ended(self, prompt_id):
        """The job's "success" or "error", None before its end."""
        entry = self.get(f"/history/{prompt_id}").get(prompt_id)
        return entry and entry["status"]["status_str"]

    def jobs(self):
        """The ids of what runs and of what waits."""
        told = self.get("/queue")
        return [[item[1] for item in told[f"queue_{kind}"]] for kind in ("running", "pending")]


def until(holds, limit_s):
    """Wait for a condition; raises TimeoutError if it does not come to hold."""
    end_s = time.monotonic() + limit_s
    while not (held := holds()):
        if time.monotonic() > end_s:
            raise TimeoutError(f"not within {limit_s} s")
        time.sleep(0.1)
    return held


class Proof:
    """What is looked at, one after the other.

    Args:
        comfy: The running server.
        python: Of the plugin's environment.
        work: A folder for what is made.
    """

    def __init__(self, comfy, python, work):
        self.comfy, self.python, self.work = comfy, python, work
        self.problems, self._plugins = [], 0
        self.still = work / "still.png"
        Image.radial_gradient("L").convert("RGB").resize((160, 90)).save(self.still)

    def holds(self, what, is_so, found=""):
        print(f"{'ok    ' if is_so else 'FAILED'} {what} {found}".rstrip(), flush=True)
        if not is_so:
            self.problems.append(what)

    def workflows(self):
        """The three ready ones, as filmeto's host calls the plugin."""
        os.environ["COMFYUI_URL"] = self.comfy.url
        clip = {**SMALL, "prompt": "", "duration_s": 1.5, "fps": "6", "motion": "push-in"}
        calls = {
            "text2image": ((), {**SMALL, "prompt": "a lighthouse", "steps": 2}),
            "image2image": ((self.still,), {**SMALL, "prompt": "ink", "steps": 2}),
            "image2video": ((self.still,), {**clip, "steps": 1}),
        }
        with Trial(PLUGIN) as trial:
            for tool, (inputs, parameters) in calls.items():
                began_s = time.monotonic()
                (made,) = trial.call(tool, *inputs, **parameters)
                kept = self.work / f"{tool}{made.suffix}"
                shutil.copy(made, kept)
                info = media.probe(kept)
                size = (info.width_px, info.height_px) == (128, 72)
                took = f"{info.mime_type}, {time.monotonic() - began_s:.0f} s"
                self.holds(f"{tool} makes what was asked", size, took)
                if tool == "image2video":
                    self.holds("its clip lasts 1.5 s", abs(info.duration_s - 1.5) < 0.02)

    def plugin(self):
        """A plugin process of its own."""
        self._plugins += 1
        folder = self.work / f"plugin-{self._plugins}"
        folder.mkdir()
        return Plugin(self.python, folder, {"COMFYUI_URL": self.comfy.url})

    def slow(self, plugin, key=None, seed=1):
        """A call that takes long; returns once its first step is done, with the job's id."""
        plugin.start("text2image", prompt="a", key=key, steps=60, **{**SMALL, "seed": seed})
        plugin.until("KSampler: 1 of", JOB_LIMIT_S)
        (running,), _ = self.comfy.jobs()
        return running

    def cancels(self):
        """A running job and a waiting one are taken off; somebody else's is not."""
        plugin = self.plugin()
        ours = self.slow(plugin)
        other = self.comfy.put(self.graph(steps=1))
        began_s = time.monotonic()
        plugin.send({"method": "cancel", "params": {"task_id": "t"}})
        error = plugin.finish()["metadata"]["error"]
        took = f"{time.monotonic() - began_s:.2f} s"
        self.holds("a cancelled call answers within a second", error["code"] == "cancelled", took)
        until(lambda: self.comfy.ended(ours), JOB_LIMIT_S)
        self.holds("its job was interrupted", self.comfy.ended(ours) == "error")
        until(lambda: self.comfy.ended(other), JOB_LIMIT_S)
        self.holds("somebody else's went on", self.comfy.ended(other) == "success")
        other = self.comfy.put(self.graph(steps=60))
        until(lambda: self.comfy.jobs()[0] == [other], JOB_LIMIT_S)
        plugin.start("text2image", prompt="b", **SMALL)
        plugin.until("waits in ComfyUI's queue behind 1 other job", JOB_LIMIT_S)
        plugin.send({"method": "cancel", "params": {"task_id": "t"}})
        plugin.finish()
        self.holds("a job that waited is off the queue", self.comfy.jobs() == [[other], []])
        self.interrupt(other)
        plugin.close()

    def kills(self):
        """The job of a killed plugin is found by the same call, and taken off by another one."""
        first, second = self.plugin(), self.plugin()
        ours = self.slow(first, key="one", seed=2)
        first.process.kill()
        first.process.wait(END_LIMIT_S)
        second.start("text2image", prompt="a", key="one", steps=60, **{**SMALL, "seed": 2})
        second.until("KSampler", JOB_LIMIT_S)
        self.holds("the same call found the job", self.comfy.jobs() == [[ours], []])
        second.process.kill()
        second.process.wait(END_LIMIT_S)
        third = self.plugin()
        third.start("text2image", prompt="c", key="two", steps=1, **SMALL)
        result = third.finish(JOB_LIMIT_S)
        self.holds("another call took it off", self.comfy.ended(ours) == "error")
        self.holds("and was served", result["status"] == "success", result.get("error_message", ""))
        for plugin in (first, second, third):
            plugin.close()

    def server_ends(self):
        """The server is killed under a job, and started anew."""
        plugin = self.plugin()
        self.slow(plugin, seed=3)
        self.comfy.kill()
        began_s = time.monotonic()
        result = plugin.finish()
        error, took = result["metadata"]["error"], time.monotonic() - began_s
        told = f"{took:.1f} s: {result['error_message'][:60]}"
        self.holds("a dead server is noticed within 5 s", took < 5 and error["retryable"], told)
        self.comfy.start()
        plugin.start("text2image", prompt="a", steps=1, **SMALL)
        result = plugin.finish(JOB_LIMIT_S)
        self.holds("started anew it serves the same call", result["status"] == "success")
        plugin.close()

    def graph(self, steps):
        graph = json.loads((PLUGIN / "workflows" / "text2image.json").read_text())
        graph["4"]["inputs"]["ckpt_name"] = "tiny_sd.safetensors"
        graph["3"]["inputs"].update(steps=steps, seed=int(time.time()))
        graph["5"]["inputs"].update(width=128, height=72)
        return graph

    def interrupt(self, prompt_id):
        body = json.dumps({"prompt_id": prompt_id}).encode()
        urllib.request.urlopen(f"{self.comfy.url}/interrupt", body, timeout=30).close()
        until(lambda: self.comfy.ended(prompt_id), JOB_LIMIT_S)


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--comfyui", type=Path, required=True, help="an installed ComfyUI's folder")
    parser.add_argument("--python", default=sys.executable, help="the Python that it runs with")
    parser.add_argument("--keep", type=Path, help="where models and outputs stay")
    asked = parser.parse_args()
    base = (asked.keep or Path(tempfile.mkdtemp(prefix="comfyui-proof-"))).absolute()
    work = base / f"proof-{os.getpid()}"
    work.mkdir(parents=True)
    os.environ["FILMETO_HOME"] = str(base / "home")
    plugin, _ = load_plugin(PLUGIN)
    try:
        with (
            RealComfy(asked.comfyui.absolute(), asked.python, base) as comfy,
            workshop(plugin, Settings(), print) as python,
        ):
            print(f"ComfyUI {comfy.answers()['system']['comfyui_version']}", flush=True)
            proof = Proof(comfy, python, work)
            for part in (proof.workflows, proof.cancels, proof.kills, proof.server_ends):
                part()
    finally:
        if asked.keep is None:
            shutil.rmtree(base)
    return 1 if proof.problems else 0


if __name__ == "__main__":
    sys.exit(main())

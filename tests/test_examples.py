"""The examples and the documents' snippets, run as a user would."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from serving import serving

from filmeto_core.media import probe
from filmeto_core.profiles import find_project
from filmeto_core.types import ToolType

ROOT = Path(__file__).resolve().parents[1]
COMPOSING = (ROOT / "docs" / "composing-pipelines.md").read_text(encoding="utf-8")
RUN_TIMEOUT_S = 300


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", COMPOSING, re.MULTILINE | re.DOTALL)


def example(name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "examples" / name)],
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_the_python_api_example_shows_what_it_says(home):
    done = example("python_api.py")
    assert done.returncode == 0, done.stderr
    told = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert "text2image (Text to image)" in told["tools"] and "sketch" in told["plugins"]
    assert "piper" in told["speech"]
    clips = [told[f"clip from {way}"] for way in ("a path", "base64", "a URL")]
    assert len(set(clips)) == 1  # the same picture, so the same bytes
    assert probe(Path(clips[0])).kind == "video"
    assert told["raised"].startswith("validation") and 'Did you mean "width"' in told["raised"]
    assert told["three at once"] == "['success', 'success', 'success']"


def test_the_web_client_lists_the_tools_and_shows_a_pictures_progress(home, monkeypatch):
    with serving() as served:
        monkeypatch.setenv("FILMETO_API_URL", served.url)
        done = example("web_client.py")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert sum(line.split()[0] in list(ToolType) for line in lines) == len(ToolType)
    percents = [float(line.split()[0]) for line in lines if " %  " in line]
    assert percents == sorted(percents) and percents[0] == 0 and percents[-1] == 100
    path, told = lines[-1].split("  ")
    assert probe(Path(path)).kind == "image"
    assert told == f"image/png, {Path(path).stat().st_size} bytes over HTTP"


def test_the_serving_page_calls_a_server_from_python(home, capsys):
    page = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    with serving() as served:
        here = block.replace("http://127.0.0.1:8000", served.url)
        exec(here.replace("asyncio.run(main())", ""), names := {})
        asyncio.run(names["main"]())
        assert len(served.desk.posted.tasks("local", limit=5)) == 1
    assert "success" in capsys.readouterr().out


def test_the_web_client_says_what_the_server_says(home, monkeypatch):
    profile = "profiles: {animatic: {text2image: nobody}}"
    Path("filmeto.yaml").write_text(profile, encoding="utf-8")
    with serving() as served:
        monkeypatch.setenv("FILMETO_API_URL", served.url)
        done = example("web_client.py")
    assert done.returncode == 1 and "plugin_not_found" in done.stderr


def test_the_pipeline_example_makes_three_clips_a_voice_and_music(home, prefect_api):
    done = example("compose.py")
    assert done.returncode == 0, done.stderr
    made = [probe(Path(line)) for line in done.stdout.splitlines() if line.startswith("/")]
    assert [info.kind for info in made] == ["video"] * 3 + ["audio"] * 2
    assert made[-1].duration_s == pytest.approx(4.5, abs=0.1)


def test_each_python_block_of_the_composing_page_compiles():
    blocks = snippets("python")
    assert len(blocks) >= 4
    for block in blocks:
        compile(block, "docs", "exec", flags=__import__("ast").PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_the_first_flow_of_the_composing_page_is_the_bundled_one():
    body = snippets("python")[0].split("@flow", 1)[1]
    bundled = (ROOT / "flows" / "talking_shot.py").read_text(encoding="utf-8").split("@flow", 1)[1]
    undocumented = re.sub(r'    """.*?"""\n', "", bundled)
    assert body.strip() == undocumented.strip()


def test_the_page_without_prefect_runs(home, capsys):
    (block,) = [b for b in snippets("python") if "FilmetoApi" in b]
    exec(block.replace("asyncio.run(main())", ""), names := {})
    asyncio.run(names["main"]())
    assert "success" in capsys.readouterr().out


def test_each_settings_block_of_the_composing_page_is_a_project(home, tmp_path):
    for block in snippets("yaml"):
        Path("filmeto.yaml").write_text(block, encoding="utf-8")
        Path("plugins").mkdir(exist_ok=True)
        project = find_project()
        for name in yaml.safe_load(block)["profiles"]:
            assert project.profile(name).tools
        chosen = project.profile("studio").tools["text2image"]["*"]
        assert chosen.plugins == ("comfyui",) and chosen.options[0].parameters == {"steps": 30}

"""The talker reads who speaks and where from a prompt, in English and in Chinese alike."""

import json
import os
import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "plugins" / "talker"
READ = """
import json, sys
from dataclasses import asdict
from talker_words import read
print(json.dumps([asdict(read(prompt)) for prompt in json.load(sys.stdin)]))
"""


def test_prompts_are_read_alike_in_english_and_chinese(plugin_python):
    pairs = [
        ("an old man with a white beard and a black hat", "一位老汉，白胡子，黑帽子"),
        ("a young woman with long black hair and a red scarf by the sea", "年轻女人，黑色长发，红围巾，海边"),
        ("a girl with braids and glasses in a library at night", "一个戴眼镜的女孩，辫子，深夜的图书馆"),
        ("a man without glasses in a forest in the snow", "男人，不戴眼镜，下雪的森林"),
        ("an old man with a dark blue cap and dark hair", "一位老汉，深蓝色的帽子，黑发"),
    ]  # fmt: skip
    run = [str(plugin_python("talker")), "-c", READ]
    env = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1"}
    given = json.dumps([p for pair in pairs for p in pair])
    told = subprocess.run(
        run,
        input=given,
        capture_output=True,
        text=True,
        cwd=FOLDER,
        env=env,
        timeout=30,
        check=True,
    )
    roles = [{**role, "said": None, "job": None} for role in json.loads(told.stdout)]
    for english, chinese in zip(roles[::2], roles[1::2], strict=True):
        assert english == chinese
    first, second, last = roles[0], roles[2], roles[-2]
    assert (last["hat_colour"], last["hair_colour"]) == ("blue", "black")
    assert (first["age"], first["beard"], first["beard_colour"], first["hat_colour"]) == ("old", "full", "white", "black")  # fmt: skip
    assert (second["hair_style"], second["hair_colour"], second["scarf"], second["place"]) == ("long", "black", "red", "sea")  # fmt: skip

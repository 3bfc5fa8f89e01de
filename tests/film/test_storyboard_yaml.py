"""YAML's traps, faults and attacks end in one clear problem, or in the text that was written."""

import pytest

from filmeto_core.errors import StoryboardError
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.film.storyboard_yaml import parse_yaml


def load(folder, text: str | bytes):
    path = folder / "film.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_storyboard(path)


def problem(folder, text: str | bytes) -> dict:
    with pytest.raises(StoryboardError) as caught:
        load(folder, text)
    (found,) = caught.value.details["problems"]
    return found


@pytest.mark.parametrize("word", ["yes", "no", "on", "1945", "2024-01-01", "1:30", "true", "0x1f"])
def test_plain_words_stay_as_they_were_written(tmp_path, word):
    board = load(tmp_path, f"title: {word}\nshots: [{{prompt: x, narration: {word}}}]")
    assert (board.title, board.shots[0].narration) == (word, word)


def test_norwegian_is_a_language(tmp_path):
    assert load(tmp_path, "voice: {language: no}\nshots: [{prompt: x}]").voice.language == "no"


def test_anchors_and_merges_work_and_own_keys_win(tmp_path):
    text = """
x-night: &night {style: night, seed: 3}
shots:
  - {prompt: a, seed: 9, <<: *night}
  - {<<: *night, prompt: b}
"""
    board = load(tmp_path, text)
    assert [(shot.style, shot.seed) for shot in board.shots] == [("night", 9), ("night", 3)]


def test_problem_in_a_merged_mapping_is_told_with_its_line(tmp_path):
    text = "x-a: &a\n  motion: zoom\nshots:\n  - prompt: a\n    <<: *a\n"
    found = problem(tmp_path, text)
    assert (found["field"], found["line"]) == ("shots[0].motion", 2)


def test_key_given_twice_is_a_problem(tmp_path):
    found = problem(tmp_path, "shots:\n  - prompt: a\n    seed: 1\n    seed: 2\n")
    assert (found["line"], found["field"]) == (4, "shots[0].seed")
    assert "a second time, after line 3" in found["message"]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("shots:\n  - prompt: he said: no\n", 2, "Put text in quotes"),
        ("shots:\n  - prompt: [wide] a cliff\n", 2, "Put text in quotes"),
        ("shots:\n  - prompt: *Sigh*\n", 2, "Put text in quotes"),
        ("shots:\n  - prompt: @home\n", 2, "Put text in quotes"),
        ("shots:\n\t- prompt: x\n", 2, "spaces, not tabs"),
        ('shots:\n  - prompt: "open\n  - prompt: x\n', 2, "Close the quote"),
        ("title: a\nshots: [{prompt: x}\n", 3, "did not find"),
        ("shots:\n  - prompt: a\n   motion: static\n", 3, "indented alike"),
        ("shots:\n  - prompt: a\n---\nshots: []\n", 3, "second document"),
        ("shots:\n  - prompt: !Stop he cried\n", 2, "starts with ! in quotes"),
        ("shots:\n  - !!python/name:os.system {prompt: a}\n", 2, "tag"),
        ("shots: [[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]\n", 1, "levels deep"),
        ("just words\n", 1, "must be keys and values"),
        ("- prompt: a\n", 1, "must be keys and values"),
        ("", None, "there is nothing in it"),
        ("# only a comment\n", None, "there is nothing in it"),
        ("title: \x00\n", None, "not readable as YAML"),
    ],
)
def test_faulty_yaml_is_one_problem_with_its_line(tmp_path, text, line, said):
    with pytest.raises(StoryboardError) as caught:
        load(tmp_path, text)
    found = caught.value.details["problems"][0]
    assert said in found["message"]
    assert found["line"] == line


def test_text_that_is_not_utf8_is_told_with_its_line(tmp_path):
    found = problem(tmp_path, "title: x\nstyle: 中文\n".encode("gbk"))
    assert found["line"] == 2
    assert "UTF-8" in found["message"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_fine(tmp_path, encoding):
    assert load(tmp_path, "title: 灯塔\nshots: [{prompt: x}]".encode(encoding)).title == "灯塔"


def test_alias_bomb_is_refused(tmp_path):
    levels = [f"x-{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    text = "\n".join(["x-0: &a0 [x, x]", *levels, "shots: [{prompt: x}]"])
    assert "values, aliases counted" in problem(tmp_path, text)["message"]


@pytest.mark.parametrize(
    "text", ["shots: &a [*a]\n", "shots: [&a {<<: *a}]\n", "x-a: &a {b: *a}\n"]
)
def test_alias_in_itself_is_refused(tmp_path, text):
    with pytest.raises(StoryboardError):
        load(tmp_path, text)


def test_merge_bomb_is_refused(tmp_path):
    levels = [f"x-{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}" for i in range(1, 12)]
    text = "\n".join(["x-0: &a0 {k: v}", *levels, "shots: [{prompt: x}]"])
    with pytest.raises(StoryboardError):
        load(tmp_path, text)


def test_huge_file_is_refused(tmp_path):
    found = problem(tmp_path, b"title: x\n" + b"#" * 1024 * 1024)
    assert "larger than 1024 KiB" in found["message"]


def test_line_of_a_missing_thing_is_that_of_what_surrounds_it():
    parsed = parse_yaml(b"shots:\n  - id: a\n")
    assert parsed.line(("shots", 0, "prompt")) == 2

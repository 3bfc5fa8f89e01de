"""Fountain: its published examples are what it says they are, and nothing that was read is lost."""

import random
import re
from pathlib import Path

import pytest
import yaml

from filmeto_core.cli.parser import parse
from filmeto_core.errors import ValidationError
from filmeto_core.film.storyboard import Storyboard, load_storyboard, read_storyboard
from filmeto_core.write.fountain_export import fountain_text
from filmeto_core.write.fountain_import import (
    as_storyboard,
    import_script,
    load_with_script,
    read_script,
)
from filmeto_core.write.fountain_lines import read_elements, title_page
from filmeto_core.write.fountain_marks import plain
from filmeto_core.write.fountain_words import place_of, read_s
from tests.write.fountain_examples import EMPHASIS, EXAMPLES, TITLE_PAGE

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("fountain", "yaml")
EXAMPLE_BOARDS = sorted((ROOT / "examples").glob("*.yaml"))
SCRIPT = f"""{TITLE_PAGE}
FADE IN:

""" + "\n".join(example for _, example, _ in EXAMPLES)

STORM = """\
Title: Storm

# Act one

EXT. LIGHTHOUSE - NIGHT #3A#

= How it begins.

Rain. The KEEPER, an old man with a beard, climbs.  [[slowly?]]

ANN (V.O.)
He never came down again.

/* INT. CELLAR - NIGHT
Cut. */

KEEPER
(out of breath)
The *lamp*.

DISSOLVE TO:

INT. LAMP ROOM - LATER

KEEPER
Light!
  
More light!

ANN ^
Light!

> FADE OUT.
"""


def fields(board: Storyboard) -> list[tuple]:
    return [(s.prompt, s.line, s.narration, s.character, s.transition.kind) for s in board.shots]


def imported(text: str, **options) -> Storyboard:
    return read_storyboard(import_script(text, **options).encode(), base=Path.cwd())


@pytest.mark.parametrize(("section", "example", "expected"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_the_published_examples_are_what_the_syntax_says(section, example, expected):
    assert [(str(e.kind), e.text) for e in read_elements(example)] == expected
    elements = read_elements(f"Title: X\n\n{example}")
    assert [(str(e.kind), e.text) for e in elements][1:] == expected


@pytest.mark.parametrize(("marked", "words"), EMPHASIS)
def test_emphasis_is_read_as_the_syntax_says(marked, words):
    assert plain(marked) == words


def test_a_title_page_is_read_and_other_first_lines_are_none():
    page = title_page(read_elements(TITLE_PAGE)[0])
    assert page["title"] == ["BRICK & STEEL", "FULL RETIRED"] and page["author"] == [
        "Stu Maschwitz"
    ]
    assert page["contact"][-1] == "Solvang, CA 93463"
    assert title_page(read_elements("Draft date: 6/23/2012\n")[0]) == {"draft date": ["6/23/2012"]}
    for line in ("FADE IN:", "As the girl runs: a truck tips over.", "RE:SCAN\n(seething)\nWhat?"):
        assert read_elements(line)[0].kind != "title page"


def test_numbers_and_dual_dialogue_are_told():
    numbers = [e.number for e in read_elements(EXAMPLES[3][1])]
    assert numbers == ["1", "1A", "1a", "A1", "I-1-A", "1.", "110A"]
    assert [e.dual for e in read_elements("A\nYes.\n\nB ^\nYes.\n") if e.kind == "character"] == [
        False,
        True,
    ]


def test_a_script_becomes_the_storyboard_that_it_tells(home):
    text = import_script(STORM)
    board = read_storyboard(text.encode(), base=Path.cwd())
    assert board.title == "Storm" and board.ending.kind == "fade-to-black"
    assert [shot.id for shot in board.shots] == [
        "scene-3A-1",
        "scene-3A-2",
        "scene-2-1",
        "scene-2-2",
    ]
    over, lamp, light, ann = board.shots
    assert over.prompt == (
        "lighthouse, exterior, night: Rain. The KEEPER, an old man with a beard, climbs."
    )
    assert (over.narration, over.line, over.character) == ("He never came down again.", None, "Ann")
    assert (lamp.line, lamp.prompt) == ("The lamp.", "lighthouse, exterior, night, out of breath")
    assert light.line == "Light! More light!"
    assert (light.transition.kind, light.prompt) == ("dissolve", "lamp room, interior, later")
    assert ann.line == "Light!" and ann.character == "Ann"
    assert board.characters["Keeper"].description == "an old man with a beard"
    assert board.characters["Keeper"].voice != board.characters["Ann"].voice
    assert "# Act one · How it begins." in text and "Cut." not in text.split("x-fountain")[0]


def test_what_nobody_changed_is_written_back_byte_for_byte(home):
    odd = (
        "A line.\r\n\r\nANOTHER\r\nSpoken.",
        "\n\n  One.\n\n\n\nTwo. \t\n",
        "EXT. A\n",
        "~la\u2028la\n",
    )
    for script in (SCRIPT, STORM, *odd, *(e for s, e, _ in EXAMPLES if s != "Sections")):
        text = import_script(script)
        assert yaml.safe_load(text)["x-fountain"] == script
        Path("story.yaml").write_bytes(text.encode())
        assert fountain_text(*load_with_script(Path("story.yaml"))) == script


@pytest.mark.parametrize("seed", range(24))
def test_changes_are_written_back_and_the_rest_of_the_script_stays(home, seed):
    choose = random.Random(seed)
    board = as_storyboard(STORM)
    shots, new = list(board.shots), f"Something *else* {seed}."
    place = choose.randrange(len(shots))
    shot, change = shots[place], choose.choice(["say", "show", "who", "drop", "add", "dissolve"])
    if change == "say":
        said = "line" if shot.line else "narration"
        shots[place] = shot.model_copy(update={said: new})
    elif change == "show" and not shot.line:
        shots[place] = shot.model_copy(update={"prompt": new})
    elif change == "who":
        shots[place] = shot.model_copy(update={"character": "小明"})
    elif change == "drop":
        del shots[place]
    elif change == "dissolve" and place:
        transition = {"kind": "dissolve", "duration_s": 0.5}
        shots[place] = shot.model_copy(update={"transition": type(shot.transition)(**transition)})
    else:
        fresh = shot.model_copy(update={"id": "new", "prompt": new, "line": None})
        shots.insert(place, fresh.model_copy(update={"narration": None, "character": None}))
    changed = board.model_copy(update={"shots": tuple(shots)})
    script = fountain_text(changed, STORM)
    again = fields(as_storyboard(script))
    wished = fields(changed)
    for one, two in zip(again, wished, strict=True):
        # A picture that was written anew stands in its scene, and is told with its place.
        assert one[1:4] == two[1:4] and one[0].endswith(two[0]), script
    assert again[-1][4] == wished[-1][4] or change == "drop"
    for kept in ("Title: Storm", "# Act one", "= How it begins.", "> FADE OUT."):
        assert kept in script or change == "drop"
    gone = change in ("drop", "show", "add", "who", "say")
    assert gone or ("/* INT. CELLAR" in script and "[[slowly?]]" in script)


@pytest.mark.parametrize("path", EXAMPLE_BOARDS, ids=lambda path: path.stem)
def test_any_storyboard_becomes_a_script_that_says_the_same(home, path):
    board = load_storyboard(path)
    again = as_storyboard(fountain_text(board))
    assert again.title == board.title and again.ending.kind == board.ending.kind
    assert [s.spoken for s in again.shots if s.spoken] == [
        s.spoken for s in board.shots if s.spoken
    ]
    if not any(shot.line for shot in board.shots):
        assert [s.prompt for s in again.shots] == [s.prompt for s in board.shots]
        assert [s.transition.kind for s in again.shots] == [s.transition.kind for s in board.shots]


def test_the_pages_script_becomes_the_storyboard_that_the_page_shows(home):
    page = (ROOT / "docs" / "fountain.md").read_text(encoding="utf-8")
    script, shown = (re.search(rf"^```{kind}\n(.*?)^```", page, re.M | re.S)[1] for kind in KINDS)
    made = import_script(script).split("x-fountain")[0].split("\n# The script.")[0]
    assert made.split("THIS-FILE\n\n")[1] == shown


def test_a_part_is_imported_and_too_much_or_nothing_is_refused(home):
    assert [s.id for s in imported(STORM, scenes=(2, 2)).shots] == ["scene-1-1", "scene-1-2"]
    with pytest.raises(ValidationError, match="from 1 to 2"):
        import_script(STORM, scenes=(2, 3))
    with pytest.raises(ValidationError, match="nothing to film"):
        import_script("# Only a section\n\n[[and a note]]\n")
    with pytest.raises(ValidationError, match="--scenes"):
        import_script("A.\n\n" * 1001)


@pytest.mark.parametrize(
    ("content", "said"), [(b"\xff\xfeA\x00", "UTF-8"), (b"A" * 400_001, "larger than")]
)
def test_what_is_no_script_is_refused(tmp_path, content, said):
    path = tmp_path / "a.fountain"
    path.write_bytes(content)
    with pytest.raises(ValidationError, match=said):
        read_script(path)


def test_hostile_scripts_are_read_in_bounded_time(home):
    for text in ("/*[[" * 20_000, "**a " * 9_000, "(" * 50_000, "A - " * 9_000, "INT " * 9_000):
        assert imported(text).shots


def test_headings_and_lengths_are_told_as_pictures():
    assert place_of("INT./EXT. Anna's Car – NIGHT") == "Anna's Car, interior and exterior, NIGHT"
    assert place_of("内景 灯塔 - 夜") == "内景 灯塔, 夜"
    assert read_s("word " * 61) == pytest.approx(6 * 60 / 55, abs=0.1)


def test_the_commands_go_there_and_back(filmeto, tmp_path):
    Path("storm.fountain").write_text(STORM, encoding="utf-8")
    made = filmeto("import", "storm.fountain", "--out", "storm.yaml", "--style", "ink")
    assert made.returncode == 0 and "filmeto film storm.yaml" in made.stderr
    assert load_storyboard("storm.yaml").style == "ink"
    back = filmeto("export", "storm.yaml")
    assert (back.returncode, back.stdout) == (0, STORM)
    refused = filmeto("import", "storm.fountain", "--out", "storm.yaml")
    assert refused.returncode == 2 and "--force" in refused.stderr


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("import", "storm.fountain", "--scenes", "x"), "expected scenes"),
        (("import", "storm.fountain", "--profile", "animatik"), "animatic"),
        (("import", "nothing.fountain"), "No such file"),
        (("export", "nothing.yaml"), "no such file"),
    ],
)
def test_wrong_options_are_wrong_usage(home, capsys, argv, said):
    Path("storm.fountain").write_text(STORM, encoding="utf-8")
    options = parse(list(argv))
    with pytest.raises(ValidationError, match=said) as caught:
        options.command(options)
    assert caught.value.handling.exit_code == 2 and capsys.readouterr().out == ""

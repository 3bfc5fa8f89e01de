"""The bars as a person sees them: on a screen of a given size, after given events."""

import io

import pytest
from rich.console import Console

from filmeto_core.cli.bars import NAME_CELLS, bars
from filmeto_core.cli.watch import PlainWatch
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.tasks.runtime import CallEvent


def board(shots: int):
    ids = [{"id": f"shot{n}", "prompt": "a boat", "narration": "Row."} for n in range(shots)]
    return load_storyboard({"shots": ids}, profiles=["animatic"])


def event(shot, tool, kind="progress", call=None, **more) -> CallEvent:
    call = call or f"{shot}-{tool}"
    return CallEvent(call_id=call, shot=shot, tool=tool, plugin="sketch", kind=kind, **more)


def paper(columns: int, rows: int = 24) -> Console:
    return Console(file=io.StringIO(), width=columns, height=rows, color_system=None)


def drawn_lines(board, events, columns: int = 80, rows: int = 24) -> list[str]:
    """The bars of a film after these events, as lines of a screen."""
    with bars(board, paper(columns, rows)) as drawn:
        for told in events:
            drawn(told)
        page = paper(columns, rows)
        page.print(drawn._progress.get_renderable())
    return page.file.getvalue().splitlines()


@pytest.fixture
def screen():
    """Draws the bars of a film of so many shots."""
    return lambda shots, events, **size: drawn_lines(board(shots), events, **size)


def test_each_shot_has_a_line_with_its_step_and_the_film_its_own(screen):
    lines = screen(
        3,
        [
            event("shot0", "text2image", percent=60, message="weather and light"),
            event("shot1", "text2image", "started"),
            event("shot1", "text2speak", "started"),
        ],
    )
    assert len(lines) == 4
    assert "text2image: weather and light" in lines[0]
    assert "text2image, text2speak" in lines[1]
    assert "waiting" in lines[2]
    assert lines[3].startswith("film") and "starting" in lines[3]


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_no_line_is_wider_than_the_screen(screen, columns):
    long = "a very long message \x1b[31mof a plugin[/red] [bold]\nwith two lines " * 5
    lines = screen(3, [event("shot0", "text2image", message=long)], columns=columns)
    assert len(lines) == 4 and all(len(line) < columns for line in lines)
    assert "\x1b" not in "".join(lines)


def test_a_plugins_words_are_never_read_as_markup(screen):
    lines = screen(1, [event("shot0", "text2image", message="[/nothing] [red]")])
    assert "[/nothing] [red]" in lines[0]


def test_many_shots_show_only_those_at_work_and_fit_the_screen(screen):
    at_work = [event(f"shot{n}", "text2image", percent=5) for n in range(40)]
    lines = screen(60, at_work)
    assert len(lines) <= 24 - 5
    assert lines[-1].startswith("film")
    assert len(screen(60, at_work[:4])) == 5


def test_a_failed_shot_says_so_until_it_is_tried_again(screen):
    failed = [event("shot0", "text2image", "failed", message="no")]
    assert "text2image failed" in screen(1, failed)[0]
    assert "failed" not in screen(1, [*failed, event("shot0", "text2image", "started")])[0]


def test_a_report_that_comes_after_the_end_changes_nothing(screen):
    done = [event("shot0", tool, "done") for tool in ("text2image", "text2speak", "image2video")]
    lines = screen(1, [*done, event("shot0", "text2image", percent=95, message="saved")])
    assert "100 %" in lines[0] and lines[0].rstrip().endswith("done")


def test_a_shot_that_was_there_already_says_so(screen):
    tools = ("text2image", "text2speak", "image2video")
    assert "from the cache" in screen(1, [event("shot0", t, "done", cached=True) for t in tools])[0]


def install(plugin: str, kind: str, message: str = "") -> CallEvent:
    fields = {"call_id": plugin, "plugin": plugin, "shot": None, "tool": "text2image"}
    return CallEvent(**fields, kind=kind, stage="environment", message=message)


def test_installations_are_shown_until_they_end(screen):
    starts = [install(name, "progress", "Resolved 4 packages") for name in ("camera", "piper")]
    assert "installing camera, piper" in screen(1, starts)[-1]
    (_, film) = screen(1, [*starts, install("camera", "done")])
    assert "piper: Resolved 4 packages" in film
    ended = [install(name, "done") for name in ("camera", "piper")]
    assert "piper" not in screen(1, [*starts, *ended])[-1]


def test_a_name_that_is_too_long_is_cut(screen):
    wide = load_storyboard({"shots": [{"id": "灯塔" * 20, "prompt": "x"}]}, profiles=["animatic"])
    assert "…" in drawn_lines(wide, [])[0][:NAME_CELLS]


def test_plain_lines_tell_of_each_installation_twice(capsys):
    watch = PlainWatch()
    for told in [
        install("camera", "progress", "installing what camera needs"),
        install("camera", "progress", "Resolved 4 packages"),
        install("camera", "done"),
        install("sketch", "done"),
    ]:
        watch(told)
    assert capsys.readouterr().err.splitlines() == [
        "camera: installing what camera needs",
        "camera: ready after 0 s",
    ]

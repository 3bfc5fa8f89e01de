"""What runs are called: by the film's title, and a number that counts."""

import pytest

from filmeto_core.film_board import film_title
from filmeto_core.journal.journal import Journal
from filmeto_core.tasks.naming import call_run_name
from filmeto_core.tasks.runtime import making


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("title: The lighthouse keeper\nshots: [}", "The lighthouse keeper"),
        ('{"size": {"title": "no"}, "title": "茶馆"}', "茶馆"),
        (
            "# a comment\nsize: 64x64\nvoice: {language: title}\ntitle: >\n  Two\n  lines\n",
            "Two lines",
        ),
        ("shots:\n  - title: of a shot\n", "story"),
        ("title: [a, list]\n", "story"),
        ("title:\n", "story"),
        ("\x00\x01", "story"),
    ],
)
def test_a_title_is_found_without_the_rest_of_the_storyboard(tmp_path, text, title):
    file = tmp_path / "story.yaml"
    file.write_text(text, encoding="utf-8")
    assert film_title(file) == title


def test_a_storyboard_that_is_not_there_is_called_by_its_file(tmp_path):
    assert film_title(tmp_path / "gone.yaml") == "gone"
    assert film_title({"title": " Two\nlines "}) == "Two lines"
    assert film_title({}) == "film"


def test_runs_are_counted_by_film_and_a_run_that_goes_on_counts_once(tmp_path):
    journal = Journal(tmp_path)
    about = {"profile": "quick", "options": {}, "storyboard": None, "budget": None}
    for film, flow_run_id in [("/a", "1"), ("/a", "2"), ("/a", "2"), ("/a", None), ("/b", "3")]:
        journal.end_run(
            journal.begin_run("film", "a", film=film, flow_run_id=flow_run_id, **about), "done"
        )
    assert journal.count_runs("/a") == 3
    assert journal.count_runs("/a", but="2") == 2
    assert journal.count_runs("/c") == 0
    journal.close()


def test_a_call_of_a_shot_is_named_by_both_and_one_of_no_film_by_its_tool():
    with making("dawn"):
        assert call_run_name("text2image") == "dawn · text2image"
    assert call_run_name("text2image") == "text2image"

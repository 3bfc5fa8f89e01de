"""What is kept of films and told of them: held or not, by victim and phase, and the worst again."""

import pytest

from filmeto_core.chaos.attempt import Ended, Struck, Undisturbed
from filmeto_core.chaos.evidence import Tally
from filmeto_core.chaos.film import Made, Reference
from filmeto_core.chaos.ledger import FILE, Ledger
from filmeto_core.chaos.report import report_of
from filmeto_core.errors import ValidationError

USUAL = Undisturbed(seconds=8.0, counts={"submit": 29}, calls=29, assembly_s=2.0)
REFERENCE = Reference(usual=USUAL, assets=(), frames=62, tally=Tally(jobs=29))
ABOUT = {"seed": 1, "storyboard": "abc", "plugins": {"paid": "f1"}}


def film(number, victim="flow", phase="submit", runs=2, **what):
    struck = (Struck(victim=victim, phase=phase, at_s=1.0, attempt=1),)
    ended = tuple(Ended(code=-9 if n else 0, seconds=4.0) for n in range(runs))
    tally = Tally(jobs=29, computed=29, resumed=1)
    about = {"end": "done", "struck": struck, "runs": ended, "tally": tally, "seconds": 9.0}
    return Made(number=number, **{**about, **what})


def report(*films, wanted=None):
    told = {"seed": 7, "wanted": wanted or len(films), "seconds": 30.0}
    return report_of(films, REFERENCE, again=["filmeto", "chaos", "my story.yaml"], **told)


def test_films_without_a_fault_held_and_their_kills_are_told_by_victim_and_phase():
    told = report(film(2, "plugin", "any"), film(1), film(3))
    assert told.held
    lines = told.lines()
    assert lines[0] == "3 of 3 films (3 done), killed 3 times, in 6 runs; 30 s"
    assert any(line.split() == ["flow", "0", "2"] for line in lines)
    assert any(line.split() == ["plugin", "1", "0"] for line in lines)
    assert lines[-1] == "all held"


def test_a_film_with_a_fault_is_named_with_how_to_see_it_again():
    bad = film(2, twice=("dawn: text2image is 2 jobs",))
    told = report(film(1, runs=5), bad)
    assert not told.held
    assert "film 2: dawn: text2image is 2 jobs" in told.lines()
    again = "the worst film again: filmeto chaos 'my story.yaml' --film 2"
    assert again in told.lines() and told.lines()[-1] == "NOT all held"
    assert told.totals()["problems"] == {"2": ["dawn: text2image is 2 jobs"]}


def test_films_that_are_not_there_yet_have_not_held():
    assert not report(film(1), wanted=2).held


def test_an_unknown_job_is_no_fault_but_is_counted():
    told = report(film(1, end="unknown", tally=Tally(unknown=1)))
    assert told.held and told.totals()["unknown"] == 1
    assert "1 unknown" in told.lines()[0]


def test_a_ledger_is_gone_on_with_also_after_a_line_that_was_cut_short(tmp_path):
    ledger = Ledger(tmp_path, ABOUT)
    ledger.keep_reference(REFERENCE)
    ledger.keep(film(1))
    with open(tmp_path / FILE, "ab") as file:
        file.write(b'{"kind": "film", "numb')
    again = Ledger(tmp_path, ABOUT)
    again.keep(film(2))
    third = Ledger(tmp_path, ABOUT)
    assert third.reference == REFERENCE and third.films == {1: film(1), 2: film(2)}


def test_a_film_made_once_more_takes_the_place_of_its_first_entry(tmp_path):
    ledger = Ledger(tmp_path, ABOUT)
    ledger.keep(film(1, problems=("lost",)))
    ledger.keep(film(1))
    assert Ledger(tmp_path, ABOUT).films[1].held


def test_a_ledger_of_other_films_is_refused_with_what_differs(tmp_path):
    Ledger(tmp_path, ABOUT)
    with pytest.raises(ValidationError, match="with another seed, plugins"):
        Ledger(tmp_path, {**ABOUT, "seed": 2, "plugins": {"paid": "f2"}})

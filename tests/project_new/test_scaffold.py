"""A new project's folder: whole, and written over nothing."""

import pytest
import yaml

from filmeto_core.deployment import POOL
from filmeto_core.deployment.definitions import definitions
from filmeto_core.errors import ValidationError
from filmeto_core.film.storyboard import load_storyboard
from filmeto_core.profiles import find_project
from filmeto_core.project_new.scaffold import new_project


def test_the_project_is_whole(tmp_path):
    folder = tmp_path / "My Film!"
    files = {path.name for path in new_project(folder)}
    assert files == {"story.yaml", "filmeto.yaml", "teaser.py", "prefect.yaml", ".gitignore"}
    project = find_project(folder)
    board = load_storyboard(folder / "story.yaml", profiles=list(project.profiles))
    assert len(board.shots) == 3 and set(project.profiles) == {"animatic", "studio"}
    own = yaml.safe_load((folder / "prefect.yaml").read_text())
    (teaser,) = own["deployments"]
    assert own["name"] == "my-film" and teaser["tags"] == ["filmeto", "my-film"]
    ours = next(definitions(project))
    assert teaser["work_pool"] == ours["work_pool"] and teaser["work_pool"]["name"] == POOL
    assert own["pull"] == ours["pull"]


def test_an_empty_folder_is_filled(tmp_path):
    assert len(new_project(tmp_path)) == 5


@pytest.mark.parametrize("there", ["story.yaml", ".hidden"])
def test_nothing_is_written_over(tmp_path, there):
    (tmp_path / there).write_text("mine")
    with pytest.raises(ValidationError, match="nothing is overwritten"):
        new_project(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [there]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "film").write_text("")
    with pytest.raises(ValidationError, match="not empty"):
        new_project(tmp_path / "film")

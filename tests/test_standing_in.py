"""A call that its plugin fails is made by the profile's next one: once, kept, and never paid twice."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from filmeto_core.errors import (
    FilmetoError,
    PluginCrashed,
    PluginExecutionError,
    PluginRefused,
    ValidationError,
)
from filmeto_core.profiles import find_project
from filmeto_core.service import FilmetoService, Reuse
from filmeto_core.settings import Settings
from filmeto_core.standing_in import LONG_REST_S, REST_S, Resting, stands_in_for, told_of_job
from filmeto_core.types import FilmetoTask

PLUGINS = Path(__file__).resolve().parent / "plugins"


class Studio:
    """A service whose profile names jobber, a paid provider's, and then others."""

    def __init__(self, folder: Path):
        self.ledger = folder / "plugins" / "jobber" / "outputs" / "ledger"
        self.service = FilmetoService(Settings(), find_project())

    def jobs(self) -> list[str]:
        return self.ledger.read_text().splitlines() if self.ledger.exists() else []

    def make(self, how="", prompt="a dot", reuse=Reuse.ALWAYS, last=True, told=None, **more):
        task = FilmetoTask(
            tool_name="text2image",
            parameters={"prompt": prompt, "how": how, **more},
            metadata={"profile": "studio"},
        )
        checked, updates = self.service.check(task), told if told is not None else []
        return asyncio.run(self.service.call(checked, updates.append, reuse, last=last))

    def fails(self, kind, how, **more) -> FilmetoError:
        with pytest.raises(kind) as caught:
            self.make(how, **more)
        return caught.value


@pytest.fixture
def studio(home, tmp_path, monkeypatch):
    """With `studio("text2image: [jobber, quick]")`, the profile as it is written."""
    made = []
    for name in ("jobber", "quick"):
        shutil.copytree(PLUGINS / name, tmp_path / "plugins" / name)
    monkeypatch.setenv("FILMETO_PLUGINS", str(tmp_path / "plugins"))

    def open_one(entry: str = "[jobber, quick]") -> Studio:
        text = f"profiles:\n  studio:\n    text2image: {entry}\n"
        (tmp_path / "work" / "filmeto.yaml").write_text(text)
        made.append(Studio(tmp_path))
        return made[-1]

    yield open_one
    for one in made:
        one.service.close_sync()


def test_who_is_refused_is_made_by_the_next_and_the_record_says_why(studio):
    here, updates = studio(), []
    done = here.make("refuse", told=updates)
    assert done.record.plugin == "quick"
    assert stands_in_for(done.record) == {
        "for": "jobber",
        "why": "the prompt is refused",
        "code": "plugin_refused",
    }
    (told,) = [update for update in updates if update.data.get("stage") == "standing in"]
    assert told.message == "jobber failed, quick takes over: the prompt is refused"


def test_the_next_run_has_what_the_stand_in_made_and_asks_nobody(studio):
    first = studio().make("refuse")
    again = studio().make("refuse")
    assert again.cached and again.record.id == first.record.id
    assert again.record.outputs[0].digest == first.record.outputs[0].digest


def test_a_refresh_asks_the_first_choice_anew(studio):
    here = studio()
    assert here.make("busy").record.plugin == "quick"
    here.service.resting = Resting()
    assert here.make("busy", reuse=Reuse.REFRESH).record.plugin == "jobber"


def test_who_may_still_be_tried_again_is_not_passed_on_yet(studio):
    here = studio()
    error = pytest.raises(PluginExecutionError, here.make, "busy", last=False).value
    assert error.retryable
    assert here.make("busy", last=False).record.plugin == "jobber"


def test_a_job_that_is_out_is_never_made_by_another_too(studio):
    here = studio()
    assert here.fails(PluginExecutionError, "break after telling").retryable
    done = here.make("break after telling")
    assert done.record.plugin == "jobber" and len(here.jobs()) == 1
    assert done.record.outputs[0].metadata["resumed"] == "job-1"


def test_what_a_warm_host_told_of_a_job_is_not_told_again_by_who_asked_it(studio):
    here = studio()
    error = here.fails(PluginExecutionError, "break after telling")
    journal = here.service.journal
    (job,) = journal.jobs(open_only=True)
    told_of_job(error, job.key, ["quick"], journal)
    assert error.hint.count(f"`filmeto runs retry {job.idempotency_key}` gives it up") == 1


def test_a_job_that_may_be_out_is_never_made_by_another_too(studio):
    here = studio()
    here.fails(PluginExecutionError, "cannot tell")
    assert here.make("cannot tell").record.plugin == "jobber"
    assert len(here.jobs()) == 1  # under the same key


def test_a_plugin_that_died_while_it_may_have_sent_the_job_is_asked_again(studio):
    here = studio()
    here.fails(PluginCrashed, "die before telling")
    assert here.make("die before telling").record.plugin == "jobber"
    assert len(here.jobs()) == 1


def test_an_error_that_does_not_say_that_nothing_was_sent_is_not_passed_on(studio):
    here = studio()
    here.fails(PluginExecutionError, "lost")
    assert here.make("lost").record.plugin == "jobber"


def test_a_job_that_was_never_sent_costs_nothing_once_another_made_the_call(studio):
    here = studio()
    assert here.make("busy").record.plugin == "quick"
    (job,) = here.service.journal.jobs()
    assert job.state == "dropped" and here.service.journal.jobs(open_only=True) == []


def test_a_job_that_has_failed_is_made_by_the_next(studio):
    here = studio()
    assert here.make("job fails").record.plugin == "quick"
    assert len(here.jobs()) == 1


def test_who_failed_for_all_its_calls_is_left_alone_for_a_while(studio):
    here, updates = studio(), []
    assert here.make("busy").record.plugin == "quick"
    done = here.make("", prompt="another", last=False, told=updates)
    assert done.record.plugin == "quick" and here.jobs() == []
    here.service.resting = Resting()
    assert here.make("", prompt="a third").record.plugin == "jobber"


def test_a_rest_lasts_as_long_as_what_it_is_for():
    now = [0.0]
    resting = Resting(lambda: now[0])
    down = PluginExecutionError("no answer", retryable=True, shot="dawn", plugin="a")
    broke = PluginExecutionError("no money left", plugin_code="no_funds", plugin="b")
    own = PluginRefused("not this", plugin="c")
    for name, error in (("a", down), ("b", broke), ("c", own)):
        resting.note(name, error)
    assert resting.why("a").details == {"plugin": "a"}
    assert resting.why("b").message == "no money left" and resting.why("c") is None
    now[0] = REST_S
    assert resting.why("a") is None and resting.why("b") is not None
    now[0] = LONG_REST_S
    assert resting.why("b") is None


@pytest.fixture
def second(studio, tmp_path):
    """Another provider's plugin, between the first one and one that costs nothing."""
    folder = shutil.copytree(PLUGINS / "jobber", tmp_path / "plugins" / "second")
    manifest = folder / "plugin.yaml"
    manifest.write_text(manifest.read_text().replace("name: jobber", "name: second"))

    def open_one(how: str) -> Studio:
        first = "{plugin: jobber, parameters: {how: refuse}}"
        here = studio(f"[{first}, {{plugin: second, parameters: {{how: {how}}}}}, quick]")
        here.ledger = folder / "outputs" / "ledger"
        return here

    return open_one


def test_a_stand_in_s_job_that_is_out_is_not_made_by_yet_another(second):
    here = second("break after telling")
    error = here.fails(PluginExecutionError, None)
    assert error.details["plugin"] == "second"
    done = here.make(None)
    assert done.record.plugin == "second" and len(here.jobs()) == 1
    assert done.record.outputs[0].metadata["resumed"] == "job-1"


def test_a_stand_in_s_job_that_is_out_is_collected_though_the_first_one_is_back(second, tmp_path):
    here = second("break after telling")
    here.fails(PluginExecutionError, None)
    profile = tmp_path / "work" / "filmeto.yaml"
    profile.write_text(profile.read_text().replace("{how: refuse}", '{how: ""}'))
    back = FilmetoService(Settings(), find_project())
    here.service.close_sync()
    here.service = back
    assert here.make(None).record.plugin == "second" and len(here.jobs()) == 1
    assert not (tmp_path / "plugins" / "jobber" / "outputs" / "ledger").exists()
    back.close_sync()


def test_a_stand_in_that_is_refused_too_is_followed_by_the_next(second):
    here = second("refuse")
    assert here.make(None).record.plugin == "quick" and here.jobs() == []


def test_where_all_fail_the_first_reason_is_told_and_the_others_with_it(studio):
    error = studio().fails(PluginRefused, "refuse", prompt="the unspeakable")
    assert error.details["plugin"] == "jobber"
    assert "the prompt is refused" in str(error)
    assert "quick: nobody may draw this" in str(error)


def test_what_only_the_first_one_knows_is_left_out_for_the_next(studio):
    done = studio().make("refuse", count=3)
    assert "count" not in done.record.parameters and done.record.parameters["width"] == 64


def test_what_nobody_knows_is_refused(studio):
    with pytest.raises(ValidationError, match="colour"):
        studio().make(colour="red")


@pytest.mark.parametrize(
    ("entry", "asked", "plugin"),
    [
        ("[{plugin: jobber, largest: 512x512}, quick]", {"width": 1024, "height": 512}, "quick"),
        ("[{plugin: jobber, largest: 512x1024}, quick]", {"width": 1024, "height": 512}, "jobber"),
        ("[{plugin: jobber, smallest: 512x512}, quick]", {"width": 64, "height": 64}, "quick"),
        ("[{plugin: jobber, references: true}, quick]", {}, "quick"),
        ("[{plugin: jobber, references: false}, quick]", {}, "jobber"),
        ("[{plugin: jobber, cost: 0.39 USD}, quick]", {}, "quick"),
        ("[{plugin: jobber, cost: 0.40 USD}, quick]", {}, "jobber"),
        ("[{plugin: jobber, cost: 1 EUR}, quick]", {}, "quick"),
        ("[quick, jobber]", {"width": 9000, "height": 64}, "jobber"),
    ],
)
def test_who_does_not_fit_a_call_is_passed_over(studio, entry, asked, plugin):
    assert studio(entry).make(**asked).record.plugin == plugin


def test_a_call_that_fits_nobody_says_why_of_each(studio):
    with pytest.raises(ValidationError) as caught:
        studio("[{plugin: quick, largest: 512x512}]").make(width=1024, height=64)
    assert "quick: 1024x64 is beyond 512x512" in str(caught.value)


def test_the_profile_s_time_limit_ends_a_call_and_the_next_one_makes_it(studio, tmp_path):
    manifest = tmp_path / "plugins" / "jobber" / "plugin.yaml"
    text = manifest.read_text().replace("pricing: 0.40\n", "")
    manifest.write_text(text.replace("remote: {idempotency_key: true}\n", ""))
    here = studio("[{plugin: jobber, seconds: 0.3}, quick]")
    done = here.make("wait")
    assert done.record.plugin == "quick" and stands_in_for(done.record)["code"] == "timeout"


def test_a_stream_passes_on_after_its_retries(studio):
    here = studio()
    task = FilmetoTask(
        tool_name="text2image",
        parameters={"prompt": "a dot", "how": "refuse"},
        metadata={"profile": "studio"},
    )

    async def run():
        return [update async for update in here.service.stream(task)][-1]

    result = asyncio.run(run())
    assert result.status == "success" and result.metadata["plugin"] == "quick"
    assert json.dumps(result.metadata["stands_in"])

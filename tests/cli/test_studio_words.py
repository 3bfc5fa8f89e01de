"""What `filmeto status` says fits a narrow terminal, and names what people look for."""

from filmeto_core.cli.studio_words import status_lines
from filmeto_core.studio.part import Part, RunNow, Studio

RUN = RunNow(id="a", name="ferry", state="Running", here=False, url="http://127.0.0.1:4200/runs/a")


def test_each_part_has_its_line_and_a_log_where_something_is_wrong():
    studio = Studio(
        project="/films/ferry",
        queues=("default", "gpu"),
        parts=(
            Part(name="server", state="up", address="http://127.0.0.1:4200", pid=12, log="/a.log"),
            Part(name="host", state="starting", pid=13, log="/b.log"),
            Part(name="worker", state="up", address="vm-1", does="1 in hand", pid=14),
        ),
        deployments=tuple(f"film/profile-{n}" for n in range(9)),
        runs=(RUN,),
    )
    text = "".join(status_lines(studio))
    lines = text.splitlines()
    assert lines[0] == "Prefect     up        http://127.0.0.1:4200"
    assert "its log: /b.log" in text and "/a.log" not in text
    assert "            serves default, gpu, in /films/ferry" in lines
    assert "run         ferry: Running, on another machine" in lines
    assert max(map(len, lines)) <= 80 and not studio.is_up

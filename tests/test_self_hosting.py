"""The units and the compose file of deployments/, read as systemd and compose read them.

`python tests/proofs/self_hosted.py` runs the very commands.
"""

import ast
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Annotated, Literal

import pytest
import yaml
from prefect.settings import Settings as PrefectSettings
from prefect.settings import get_current_settings
from pydantic import BaseModel, ConfigDict, Field
from unit_files import SYSTEMD, command, read_variables, units

from filmeto_core.cli.parser import parse
from filmeto_core.prefect_server import SERVER_SETTINGS
from filmeto_core.settings import Settings
from filmeto_core.studio.worker import USUAL

ROOT = Path(__file__).resolve().parents[1]
DEPLOYMENTS = ROOT / "deployments"
PAGE = (ROOT / "docs" / "self-hosting.md").read_text(encoding="utf-8")
UNITS = units()


# --- systemd -----------------------------------------------------------------------------------


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    for file in SYSTEMD.glob("*.service"):
        # Its programs are not installed there on this machine; the rest is as it stands.
        text = re.sub(r"/opt/filmeto/bin/\w+", "/bin/true", file.read_text(encoding="utf-8"))
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    asked = ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_unit_starts_a_command_that_is_there_under_the_users_rights(unit):
    assert unit.one("User") == unit.one("Group") == "filmeto"
    assert unit.one("ProtectSystem") == "strict" and unit.one("NoNewPrivileges") == "yes"
    shared = read_variables(SYSTEMD / "filmeto.env")
    for line in unit.all("ExecStartPre") + unit.all("ExecStart"):
        program, *argv = command(line, shared)
        assert program in ("/opt/filmeto/bin/filmeto", "/opt/filmeto/bin/prefect")
        if program.endswith("filmeto"):
            parse(argv)  # else it exits
    for name in unit.one("After", "Unit").split():
        assert name.removesuffix(".service") in UNITS or not name.startswith("filmeto")
    for file in unit.all("EnvironmentFile"):
        assert (SYSTEMD / Path(file).name).exists()


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_unit_can_write_where_its_settings_point(unit):
    shared = read_variables(SYSTEMD / "filmeto.env")
    kept = {Path("/var/lib") / name for name in unit.one("StateDirectory").split()}
    written = kept | {Path(path) for path in unit.all("ReadWritePaths")}
    home, project = Path(shared["FILMETO_HOME"]), Path(shared["FILMETO_PROJECT"])
    assert home in written and Path(unit.one("WorkingDirectory")) in (home, project)
    if unit.name == "filmeto-prefect":  # which makes no film
        assert Path(unit.environment["PREFECT_UI_STATIC_DIRECTORY"]).parent in written
    else:
        assert project in written


def test_variables_of_the_units_are_settings_of_filmeto_or_prefect():
    said = set(read_variables(SYSTEMD / "filmeto.env")) - {"FILMETO_PORT"}  # the unit's own
    said |= set(read_variables(SYSTEMD / "secrets.env"))
    for unit in UNITS.values():
        said |= set(unit.environment)
    assert said - known_variables() == set()


def known_variables() -> set[str]:
    ours = {f"FILMETO_{name.upper()}" for name in Settings.model_fields}
    return ours | prefect_variables(get_current_settings()) | {"DO_NOT_TRACK", "HOME", "PATH"}


def prefect_variables(settings: PrefectSettings | BaseModel) -> set[str]:
    """Every name by which Prefect reads a setting from the environment."""
    names: set[str] = set()
    prefix = settings.model_config.get("env_prefix", "").upper()
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            names |= prefect_variables(value)
        aliases = getattr(field.validation_alias, "choices", ())
        names |= {prefix + name.upper()} | {str(alias).upper() for alias in aliases}
    return names


def test_server_and_worker_are_set_as_filmeto_sets_its_own():
    server = {**UNITS["filmeto-prefect"].environment, "DO_NOT_TRACK": "1"}
    folder = server.pop("PREFECT_UI_STATIC_DIRECTORY")  # as `filmeto up` has it where it has to
    assert folder == read_variables(SYSTEMD / "filmeto.env")["PREFECT_HOME"] + "/ui"
    assert (
        environment("prefect")["PREFECT_UI_STATIC_DIRECTORY"]
        == image_variables()["PREFECT_HOME"] + "/ui"
    )
    assert server == SERVER_SETTINGS
    assert USUAL.items() <= UNITS["filmeto-worker"].environment.items()
    assert SERVER_SETTINGS.items() <= {**environment("prefect"), "DO_NOT_TRACK": "1"}.items()
    assert USUAL.items() <= environment("worker").items()


# --- compose -----------------------------------------------------------------------------------


class Part(BaseModel):
    """A part of the file that has no fields but these. Source: the Compose Specification."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Span = Annotated[str, Field(pattern=r"^\d+(s|m)$")]


class Build(Part):
    context: str
    dockerfile: str


class Needed(Part):
    condition: Literal["service_started", "service_healthy", "service_completed_successfully"]


class Healthcheck(Part):
    test: list[str] = Field(min_length=2)
    interval: Span
    timeout: Span
    retries: int
    start_period: Span = "0s"


class Service(Part):
    image: str
    build: Build | None = None
    user: str = ""
    restart: Literal["always", "unless-stopped", "on-failure"]
    init: bool = False
    environment: dict[str, str] = {}
    command: list[str] = []
    depends_on: dict[str, Needed] = {}
    volumes: list[str] = []
    secrets: list[str] = []
    ports: list[str] = []
    healthcheck: Healthcheck | None = None
    stop_grace_period: Span = "10s"


class Secret(Part):
    file: str


class Compose(Part):
    name: str
    services: dict[str, Service]
    volumes: dict[str, None]
    secrets: dict[str, Secret]


def compose() -> Compose:
    told = yaml.safe_load((DEPLOYMENTS / "compose.yaml").read_text(encoding="utf-8"))
    return Compose(**{key: value for key, value in told.items() if not key.startswith("x-")})


def environment(service: str) -> dict[str, str]:
    return compose().services[service].environment


def test_services_wait_for_what_there_is_and_can_become_so():
    services = compose().services
    for service in services.values():
        for name, needed in service.depends_on.items():
            other = services[name]
            if needed.condition == "service_healthy":
                assert other.healthcheck, name
            if needed.condition == "service_completed_successfully":
                assert other.restart == "on-failure", "it would be started again for ever"
    order = {"postgres", "prefect", "host", "deployments", "worker"}
    assert set(services) == order and "prefect" in services["host"].depends_on


def test_volumes_secrets_and_images_of_the_services_are_there():
    file = compose()
    for service in file.services.values():
        for volume in service.volumes:
            name, _, inside = volume.rpartition(":")
            assert inside.startswith("/")
            assert name in file.volumes or name.startswith("${") or name.startswith("./")
        assert set(service.secrets) <= set(file.secrets)
        for port in service.ports:
            assert port.startswith("127.0.0.1:"), "nobody else is meant to reach it"
        if service.build:
            context = DEPLOYMENTS / service.build.context
            assert (context / service.build.dockerfile).samefile(DEPLOYMENTS / "Dockerfile")


def test_commands_and_health_checks_are_those_of_their_images():
    for name, service in compose().services.items():
        words = service.command
        if words and words[0] == "filmeto":
            parse(words[1:])
        if words and words[0] == "sh":
            done = subprocess.run(["sh", "-n", "-c", words[2].replace("$$", "$")], timeout=10)
            assert done.returncode == 0
        if service.healthcheck:
            kind, program, *rest = service.healthcheck.test
            assert kind == "CMD"
            assert program == ("pg_isready" if name == "postgres" else "python")
            if program == "python":
                assert rest[0] == "-c" and ast.parse(rest[1])


def test_one_user_runs_the_services_and_may_keep_their_data():
    services = compose().services
    users = {services[name].user for name in ("prefect", "host", "deployments", "worker")}
    assert users == {"${FILMETO_USER:-1000:1000}"}
    lines = (DEPLOYMENTS / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "USER 1000:1000" in lines and "RUN install -d -m 1777 /data /project" in lines
    assert image_variables()["HOME"] == image_variables()["FILMETO_HOME"] == "/data"


def test_variables_of_the_services_are_settings():
    for name in ("prefect", "host", "deployments", "worker"):
        assert set(environment(name)) - known_variables() == set()


def test_the_image_holds_what_its_services_start():
    lines = (DEPLOYMENTS / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("FROM python:3.1") for line in lines)
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY")]
    assert copied == [["."]]
    (install,) = [line for line in lines if "pip install" in line]
    assert (ROOT / "requirements.lock").exists() and "/src/requirements.lock" in install
    assert set(image_variables()) <= known_variables()


def image_variables() -> dict[str, str]:
    lines = (DEPLOYMENTS / "Dockerfile").read_text(encoding="utf-8").splitlines()
    (set_here,) = [line for line in lines if line.startswith("ENV")]
    return dict(pair.split("=", 1) for pair in shlex.split(set_here)[1:])


# --- the page ----------------------------------------------------------------------------------


def test_the_page_names_each_file():
    for file in (*SYSTEMD.iterdir(), DEPLOYMENTS / "compose.yaml", DEPLOYMENTS / "Dockerfile"):
        assert file.name in PAGE

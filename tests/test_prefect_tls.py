"""A Prefect server behind TLS, by a certificate that only those trust who were told to."""

from urllib.parse import urlsplit

import pytest

from filmeto_core.errors import ServerUnreachableError, ValidationError
from filmeto_core.prefect_api import PrefectApi
from filmeto_core.prefect_server import await_server, ensure_server
from tests.tls import HOST, tls_before

STORY = "size: 64x64\nfps: 12\nshots: [{id: one, prompt: a boat, duration_s: 1}]\n"


@pytest.fixture(scope="module")
def behind_tls(prefect_api, tmp_path_factory):
    """The session's server at an https address, and the file of the certificate."""
    folder = tmp_path_factory.mktemp("tls")
    with tls_before(urlsplit(prefect_api).port, folder) as (address, certificate):
        yield f"{address}/api", certificate


@pytest.fixture
def url(behind_tls, monkeypatch):
    for name in ("SSL_CERT_FILE", "PREFECT_API_SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PREFECT_API_URL", behind_tls[0])
    return behind_tls[0]


@pytest.mark.parametrize("ask", [ensure_server, await_server])
def test_a_certificate_that_nobody_trusts_is_told_at_once_with_what_to_set(url, ask):
    with pytest.raises(ServerUnreachableError, match="CERTIFICATE_VERIFY_FAILED") as caught:
        ask()
    assert "Set PREFECT_API_SSL_CERT_FILE" in str(caught.value)


def test_a_file_of_certificates_that_is_none_is_told_by_its_name(url, monkeypatch, tmp_path):
    monkeypatch.setenv("PREFECT_API_SSL_CERT_FILE", str(tmp_path / "no.pem"))
    with pytest.raises(ValidationError, match="no.pem cannot be read as certificates") as caught:
        ensure_server()
    assert caught.value.details["field"] == "PREFECT_API_SSL_CERT_FILE"


@pytest.mark.parametrize("name", ["PREFECT_API_SSL_CERT_FILE", "SSL_CERT_FILE"])
def test_one_that_was_named_is_trusted(url, behind_tls, monkeypatch, name):
    monkeypatch.setenv(name, behind_tls[1])
    assert ensure_server() == await_server(5) == url
    with PrefectApi() as api:
        assert api.pool("no such pool") is None


def test_nothing_is_checked_where_the_user_says_so(url, monkeypatch):
    monkeypatch.setenv("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "true")
    assert ensure_server() == url


def test_a_film_is_made_by_a_server_behind_it(behind_tls, filmeto, tmp_path):
    (tmp_path / "story.yaml").write_text(STORY)
    said = {"PREFECT_API_URL": behind_tls[0], "PREFECT_API_SSL_CERT_FILE": behind_tls[1]}
    done = filmeto("film", tmp_path / "story.yaml", "--out", tmp_path / "out", **said)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "film.mp4").stat().st_size > 0
    assert f"https://{HOST}" in done.stderr + done.stdout

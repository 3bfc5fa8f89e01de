"""What has to be so before a server listens: TLS files that work, names that are names."""

import datetime
import ssl
import stat
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from serving import PLUGINS, serving

from filmeto_core.errors import ValidationError
from filmeto_core.settings import Settings
from filmeto_core.web.keys import KeyFile
from filmeto_core.web.options import ServeOptions
from filmeto_core.web.start_checks import check_certificate, check_options


def self_signed(folder: Path, name: str, password: bytes | None = None) -> tuple[Path, Path]:
    """A certificate for localhost, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / f"{name}.pem", folder / f"{name}.key"
    pem = serialization.Encoding.PEM
    chain.write_bytes(certificate.public_bytes(pem))
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, encryption))
    return chain, private


def test_a_server_with_a_certificate_speaks_tls_alone(home, monkeypatch, tmp_path):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    chain, private = self_signed(tmp_path, "a")
    _, secret = KeyFile(Settings().serve_dir).add("ada", "acme", ("run",))
    options = {"certificate": chain, "private_key": private, "require_keys": True}
    with serving(**options) as served:
        url = served.url.replace("127.0.0.1", "localhost")
        assert url.startswith("https://")
        trusted = ssl.create_default_context(cafile=str(chain))
        with httpx.Client(base_url=url, verify=trusted, trust_env=False) as client:
            answer = client.get("/api/v1/health")
            assert answer.status_code == 200
            assert answer.headers["strict-transport-security"].startswith("max-age=")
            login = client.post("/api/v1/session", json={"key": secret})
            assert "secure" in login.headers["set-cookie"].lower()
            assert client.get("/api/v1/tools").status_code == 200
        with httpx.Client(base_url=url, trust_env=False) as stranger:
            with pytest.raises(httpx.ConnectError, match="(?i)certificate"):
                stranger.get("/api/v1/health")
        with httpx.Client(trust_env=False) as plain:
            with pytest.raises(httpx.TransportError):
                plain.get(url.replace("https", "http") + "/api/v1/health")


def test_certificates_that_do_not_work_are_refused_with_what_is_wrong(tmp_path):
    chain, private = self_signed(tmp_path, "a")
    _, other = self_signed(tmp_path, "b")
    _, locked = self_signed(tmp_path, "c", b"secret")
    nothing, words = tmp_path / "nothing.pem", tmp_path / "words.pem"
    words.write_text("no certificate\n")
    damaged = tmp_path / "damaged.key"
    damaged.write_bytes(private.read_bytes()[:60] + b"\n")
    both = tmp_path / "both.pem"
    both.write_bytes(chain.read_bytes() + private.read_bytes())
    check_certificate(None, None)
    check_certificate(chain, private)
    check_certificate(both, None)
    wrong = [
        (None, private, "without --certificate"),
        (nothing, private, "No such file"),
        (chain, nothing, "No such file"),
        (tmp_path, private, "Is a directory"),
        (words, private, "holds no certificate"),
        (chain, words, "holds no private key"),
        (chain, None, "holds no private key"),
        (chain, other, "is not the key of"),
        (chain, damaged, "is damaged"),
    ]
    for certificate, key, words_told in wrong:
        with pytest.raises(ValidationError) as caught:
            check_certificate(certificate, key)
        assert words_told in str(caught.value)
    chain_of_locked = tmp_path / "c.pem"
    with pytest.raises(ValidationError, match="needs a password"):
        check_certificate(chain_of_locked, locked)


def test_the_command_line_exits_with_2_for_a_certificate_that_is_not_there(filmeto, tmp_path):
    done = filmeto("serve", "--port", "0", "--certificate", str(tmp_path / "none.pem"))
    assert done.returncode == 2 and "--certificate" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("host", "is_local"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("localhost", True), ("::1", True)]
    + [("0.0.0.0", False), ("::", False), ("192.0.2.1", False), ("127.evil.example", False)],
)
def test_an_address_that_others_may_reach_needs_a_key(host, is_local):
    options = ServeOptions(host=host)
    assert options.is_local is is_local
    check_options(options, keys=1)
    if is_local:
        check_options(options, keys=0)
    else:
        with pytest.raises(ValidationError, match="filmeto keys add"):
            check_options(options, keys=0)


def test_a_folder_that_is_to_be_open_has_to_be_there(tmp_path):
    with pytest.raises(ValidationError, match="--allow-path"):
        check_options(ServeOptions(allow_paths=(tmp_path / "none",)), keys=0)


def test_on_an_address_of_others_each_caller_needs_a_key_this_machine_too(home, monkeypatch):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    _, secret = KeyFile(Settings().serve_dir).add("ada", "acme", ("read",))
    with serving(host="0.0.0.0") as served:
        url = served.url.replace("0.0.0.0", "127.0.0.1")
        with httpx.Client(base_url=url, trust_env=False) as client:
            assert client.get("/api/v1/tools").status_code == 401
            headers = {"X-API-Key": secret}
            assert client.get("/api/v1/tools", headers=headers).status_code == 200


def test_the_servers_own_folder_and_socket_are_its_users_alone(home, monkeypatch):
    monkeypatch.setenv("FILMETO_PLUGINS", str(PLUGINS))
    settings = Settings()
    with serving(socket=settings.serve_dir / "filmeto.sock"):
        assert stat.S_IMODE((settings.serve_dir / "filmeto.sock").stat().st_mode) == 0o600
        assert stat.S_IMODE(settings.serve_dir.stat().st_mode) == 0o700

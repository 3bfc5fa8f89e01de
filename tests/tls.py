"""TLS before a server of the tests, by a certificate that only those trust who were told to."""

import datetime
import ipaddress
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PIPE = Path(__file__).with_name("tls_pipe.py")
HOST = "127.0.0.2"  # this machine, by a name that filmeto takes for another's


@contextmanager
def tls_before(port: int, folder: Path) -> Iterator[tuple[str, str]]:
    """The https address of a server on this machine's port, and the file of its certificate."""
    file = certificate(folder)
    argv = [sys.executable, PIPE, HOST, str(port), file]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as pipe:
        try:
            yield f"https://{HOST}:{int(pipe.stdout.readline())}", str(file)
        finally:
            pipe.kill()


def certificate(folder: Path) -> Path:
    """A certificate for HOST that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "filmeto tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "certificate.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file

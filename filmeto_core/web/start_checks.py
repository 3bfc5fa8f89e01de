"""What has to be so before a server listens: keys where others can reach it, a certificate that works."""

import ssl
from pathlib import Path

from filmeto_core.errors import ValidationError
from filmeto_core.web.hosts import Hosts
from filmeto_core.web.options import ServeOptions

_MISMATCH = "KEY_VALUES_MISMATCH"


def check_options(options: ServeOptions, keys: int) -> None:
    """Refuse to serve in a way that is not safe, or cannot work.

    Args:
        keys: How many are in force.

    Raises:
        ValidationError: It is so.
    """
    Hosts(options)
    for folder in options.allow_paths:
        if not folder.exists():
            raise ValidationError(
                f"--allow-path: {folder} does not exist.",
                hint="Give a folder that is there.",
                field="allow_paths",
                value=str(folder),
            )
    if not options.is_local and keys == 0:
        raise ValidationError(
            f"{options.host} can be reached from other machines, and there is no key: anybody there "
            "could use this one.",
            hint="Make a key with `filmeto keys add NAME --tenant TENANT`, or serve on 127.0.0.1.",
            field="host",
            value=options.host,
        )
    check_certificate(options.certificate, options.private_key)


def check_certificate(certificate: Path | None, private_key: Path | None) -> None:
    """Try the files that TLS needs.

    Args:
        certificate: The chain, PEM; None: no TLS.
        private_key: Its key, PEM; None: it is in the same file.

    Raises:
        ValidationError: They are missing, cannot be read, or do not belong together.
    """
    if certificate is None:
        if private_key is not None:
            raise _wrong("private_key", private_key, "comes without --certificate")
        return
    _check_readable("certificate", certificate)
    if private_key is not None:
        _check_readable("private_key", private_key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, private_key, password=_no_password)
    except _EncryptedError:
        fix = "Give a key without a password, in a file of mode 600."
        raise _wrong("private_key", private_key or certificate, "needs a password", fix) from None
    except ssl.SSLError as error:
        if error.reason == _MISMATCH:
            why = f"is not the key of {certificate}"
            raise _wrong("private_key", private_key or certificate, why) from None
        raise _unreadable_pem(certificate, private_key) from None


class _EncryptedError(Exception):
    pass


def _no_password() -> str:
    raise _EncryptedError


def _unreadable_pem(certificate: Path, private_key: Path | None) -> ValidationError:
    """Which of the two files holds no PEM of its kind."""
    if b"-----BEGIN CERTIFICATE-----" not in certificate.read_bytes():
        return _wrong("certificate", certificate, "holds no certificate (PEM)")
    if private_key is None:
        fix = "Give its private key with --private-key."
        return _wrong("certificate", certificate, "holds no private key (PEM)", fix)
    if b"PRIVATE KEY-----" not in private_key.read_bytes():
        return _wrong("private_key", private_key, "holds no private key (PEM)")
    return _wrong("certificate", certificate, f"or {private_key} is damaged")


def _check_readable(field: str, path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise _wrong(field, path, f"cannot be read ({error.strerror})") from error


def _wrong(field: str, path: Path, why: str, hint: str = "") -> ValidationError:
    option = f"--{field.replace('_', '-')}"
    hint = hint or "Give the PEM files of one certificate: --certificate CHAIN --private-key KEY."
    return ValidationError(f"{option}: {path} {why}.", hint=hint, field=field, value=str(path))

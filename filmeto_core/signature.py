"""Which format a file's first bytes tell, its ending, and the reader that opens it."""

import struct

HEAD_BYTES = 4096  # enough for every signature, with an Ogg page's first packet and EBML's doctype

# mime type: ending, reader (Pillow's module and class, or libav's demuxer)
FORMATS: dict[str, tuple[str, str]] = {
    "image/png": (".png", "PngImagePlugin.PngImageFile"),
    "image/jpeg": (".jpg", "JpegImagePlugin.JpegImageFile"),
    "image/gif": (".gif", "GifImagePlugin.GifImageFile"),
    "image/webp": (".webp", "WebPImagePlugin.WebPImageFile"),
    "image/bmp": (".bmp", "BmpImagePlugin.BmpImageFile"),
    "image/tiff": (".tiff", "TiffImagePlugin.TiffImageFile"),
    "image/avif": (".avif", "AvifImagePlugin.AvifImageFile"),
    "image/heif": (".heif", ""),
    "video/mp4": (".mp4", "mov"),
    "video/quicktime": (".mov", "mov"),
    "video/webm": (".webm", "matroska"),
    "video/x-matroska": (".mkv", "matroska"),
    "video/x-msvideo": (".avi", "avi"),
    "video/ogg": (".ogv", "ogg"),
    "audio/wav": (".wav", "wav"),
    "audio/mpeg": (".mp3", "mp3"),
    "audio/flac": (".flac", "flac"),
    "audio/ogg": (".ogg", "ogg"),
    "audio/opus": (".opus", "ogg"),
    "audio/aac": (".aac", "aac"),
    "audio/aiff": (".aiff", "aiff"),
    "audio/mp4": (".m4a", "mov"),
    "audio/webm": (".weba", "matroska"),
    "audio/x-matroska": (".mka", "matroska"),
}
SOUND_ONLY = {  # a container of clips that holds sound alone
    "video/mp4": "audio/mp4",
    "video/quicktime": "audio/mp4",
    "video/webm": "audio/webm",
    "video/x-matroska": "audio/x-matroska",
    "video/ogg": "audio/ogg",
}


def ending(mime_type: str) -> str:
    """The file ending of a mime type that `sniff` or `probe` gave, such as ".png".

    Raises:
        KeyError: No such type is known here.
    """
    return FORMATS[mime_type][0]


def demuxer(mime_type: str | None) -> str | None:
    """libav's reader of a clip's or sound's type; None for a picture, and for what is not known."""
    reader = FORMATS.get(mime_type or "", ("", ""))[1]
    return reader if reader and "." not in reader else None


def sniff(head: bytes) -> str | None:
    """The mime type that a file's first bytes tell, or None for what is neither picture nor media.

    Args:
        head: The first `HEAD_BYTES` (fewer where the file is shorter).

    Source: PNG 3rd ed. 5.2; ISO/IEC 14496-12 4.3 (ftyp); RFC 9559 (EBML); RFC 3533 (Ogg);
    RFC 9649 (WebP); ISO/IEC 11172-3 2.4.1 (MPEG audio); WHATWG MIME Sniffing.
    """
    for signature, mime_type in (
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"II+\0", "image/tiff"),
        (b"MM\0+", "image/tiff"),
        (b"fLaC", "audio/flac"),
        (b"ID3", "audio/mpeg"),
    ):
        if head.startswith(signature):
            return mime_type
    if head[:2] == b"BM" and head[14:18] in _BITMAP_HEADERS:
        return "image/bmp"
    if head[:4] in (b"RIFF", b"RF64"):
        kinds = {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo", b"WEBP": "image/webp"}
        return kinds.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "audio/aiff"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:128] else "video/x-matroska"
    if head[:4] == b"OggS":
        if b"\x80theora" in head[:HEAD_BYTES]:
            return "video/ogg"
        return "audio/opus" if b"OpusHead" in head[:128] else "audio/ogg"
    return _sniff_boxes(head) or _sniff_mpeg_audio(head)


_BITMAP_HEADERS = {struct.pack("<I", size) for size in (12, 40, 52, 56, 64, 108, 124)}


def _sniff_boxes(head: bytes) -> str | None:
    name, brand = head[4:8], head[8:12]
    if name == b"ftyp":
        brands = {head[i : i + 4] for i in range(8, min(len(head), box_size(head)), 4)}
        if brands & {b"avif", b"avis"}:
            return "image/avif"
        if brand in (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"):
            return "image/heif"
        if brand in (b"M4A ", b"M4B ", b"M4P "):
            return "audio/mp4"
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    # QuickTime files older than `ftyp` begin with one of these.
    plausible = len(head) >= 8 and (box_size(head) >= 8 or box_size(head) in (0, 1))
    if plausible and name in (b"moov", b"mdat", b"wide", b"pnot"):
        return "video/quicktime"
    return None


def box_size(head: bytes) -> int:
    return int.from_bytes(head[:4], "big")


def _sniff_mpeg_audio(head: bytes) -> str | None:
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:  # layer bits 00: ADTS
        return "audio/aac"
    layer_3 = head[1] & 0xE6 == 0xE2 and head[1] & 0x18 != 0x08
    return "audio/mpeg" if layer_3 and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C else None


# Formats that people give and that are not read here: where their mark is, and what it is.
_FOREIGN = (
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (4, b"JXL \r\n\x87\n", "a JPEG XL picture"),
    (4, b"jP  \r\n\x87\n", "a JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (0, b"v/1\x01", "an OpenEXR picture"),
    (0, b"#?RADIANCE", "a Radiance HDR picture"),
    (0, b"\0\0\1\0", "an icon"),
    (0, b"\0\0\1\xba", "an MPEG programme stream"),
    (0, b"FLV\1", "a Flash video"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file"),
    (0, b"#!AMR", "an AMR sound"),
    (0, b"caff", "a Core Audio sound"),
    (0, b"MThd", "notes without sound (MIDI)"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
)
_PACKET_BYTES = 188  # of an MPEG transport stream, each of which begins with the letter G


def describe(head: bytes) -> str:
    """What a file is that is neither picture nor clip nor sound that is read here, for people."""
    for at, mark, name in _FOREIGN:
        if head[at : at + len(mark)] == mark:
            return name
    if head[: 3 * _PACKET_BYTES : _PACKET_BYTES] == b"GGG":
        return "an MPEG transport stream"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for marks, name in (
        ((b"<!doctype html", b"<html", b"<head", b"<body"), "a web page (HTML)"),
        ((b"<svg",), "a vector drawing (SVG)"),
        ((b"%pdf",), "a PDF document"),
        ((b"%!ps",), "a PostScript document"),
        ((b"pk\x03\x04",), "a ZIP archive"),
        ((b"#extm3u",), "a playlist (M3U)"),
        ((b"\x7felf",), "a program"),
        ((b"8bps",), "a Photoshop document"),
    ):
        if start.startswith(marks):
            return name
    if start.startswith(b"<?xml"):
        return "a vector drawing (SVG)" if b"<svg" in start else "XML"
    try:
        text = head[: max(1, len(head) - 3)].decode("utf-8")
    except UnicodeDecodeError:
        return f"unknown bytes ({head[:8].hex(' ')} ...)"
    readable = all(c.isprintable() or c.isspace() for c in text)
    return f"text ({text[:40]!r})" if readable else f"unknown bytes ({head[:8].hex(' ')} ...)"

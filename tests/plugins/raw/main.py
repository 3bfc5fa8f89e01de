"""Breaks the wire's rules by hand, in the way it is asked to."""

import json
import os
import signal
import struct
import subprocess
import sys
import time
import wave
import zlib


def line(message):
    return json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n"


def write(data):
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def progress(percent, task_id=None):
    if isinstance(percent, str) and percent in ("NaN", "1e400"):
        text = b'{"jsonrpc":"2.0","method":"progress","params":{"percent":' + percent.encode()
        write(text + b"}}\n")
    else:
        write(line({"method": "progress", "params": {"task_id": task_id, "percent": percent}}))


STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, lambda *_: os.write(2, b"SIGTERM came to the child\\n"))
os.write(1, b"!")
while True:
    time.sleep(1)
"""


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(folder):
    """One white pixel."""
    path = os.path.join(folder, "made.png")
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\xff\xff")
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels))
        file.write(chunk(b"IEND", b""))
    return path


def make(what, folder):
    """A file that is not what the tool should make, under a picture's name."""
    path = os.path.join(folder, "made.png")
    if what == "empty":
        open(path, "w").close()
    elif what == "link out":
        os.symlink("/etc/passwd", path)
    elif what == "text":
        with open(path, "w") as file:
            file.write("a picture, they said")
    elif what == "sound":
        with wave.open(path, "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(bytes(1600))
    elif what == "half a picture":
        with open(path, "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0")
    return path


def pieces(path, cut):
    """What is in a file; cut into the sizes that stand in another, called `sizes`, beside it."""
    with open(path, "rb") as file:
        if not cut:
            return [file.read()]
        with open(os.path.join(os.path.dirname(path), "sizes")) as sizes:
            return [file.read(size) for size in json.load(sizes)]


def execute(number, params):
    how, task_id = params["parameters"]["how"], params["task_id"]
    path = os.path.join(params["output_dir"], "made.txt")
    with open(path, "w") as file:
        file.write("made")
    os.write(2, f"asked for {how!r}\n".encode())
    result = {"task_id": task_id, "status": "success", "output_files": [path]}
    answer = line({"id": number, "result": result})
    if how == "junk":
        write(b"\xff\xfe{\n\xef\xbb\xbf\n42\nnull\n[]\n[{}]\n{\n" + b"[" * 200_000 + b"\n")
        write(b'{"a":' * 200_000 + b"\n" + b'{"id":' + b"9" * 5000 + b"}\n\n\r\n")
        write(b'{"method": 5, "params": 7}\n{"method": "progress", "params": [1]}\n')
        write(b'{"id": "1", "result": {}}\n{"id": 999, "result": {}}\n{"id": true, "result": {}}\n')
        write(b"\xef\xbb\xbf" + answer)
    elif how in ("sends", "sends in pieces"):
        for piece in pieces(params["parameters"]["prompt"], how == "sends in pieces"):
            write(piece)
        write(answer)
    elif how == "chatters":
        write(b"Loading pipeline components...\n\n   \n 50%|#####     | 1/2 [00:01<00:01]\r")
        progress(40, task_id)
        write(b"\r100%|##########| 2/2\nhalf a line, then: ")
        write(b"its end\n{'not': 'json'}\n" + answer)
    elif how == "percents":
        for percent in (10, "NaN", "1e400", 50, 20, "60", True, None, -5, [9], 101, 3):
            progress(percent)
        write(answer)
    elif how == "late":
        progress(10)
        write(answer + answer)
        progress(90, task_id)
    elif how == "null":
        write(line({"id": number, "result": None}))
    elif how == "no status":
        write(line({"id": number, "result": {"task_id": task_id}}))
    elif how == "rpc error":
        write(line({"id": number, "error": {"code": -32050, "message": "no film in the camera"}}))
    elif how == "long":
        write(line({"id": number, "result": {**result, "metadata": {"text": "x" * 20_000_000}}}))
    elif how == "too long":
        write(b'{"jsonrpc":"2.0","result":"')
        while True:
            write(b"x" * 65536)
    elif how == "no newline":
        write(answer.strip())
        os._exit(0)
    elif how == "dies after":
        write(answer)
        os._exit(9)
    elif how == "dies within a line":
        write(answer[: len(answer) // 2])
        os._exit(7)
    elif how == "nan result":
        write(answer.replace(b'"status"', b'"n": NaN, "s": "\\ud800", "status"'))
    elif how == "flood stderr":
        for _ in range(64):
            os.write(2, b"e" * 1023 * 1024 + b"\n")
        write(answer)
    elif how == "flood stdout":
        for _ in range(64):
            write(b"o" * 1023 * 1024 + b"\n")
        write(answer)
    elif how == "floods stderr and dies":
        for _ in range(64):
            os.write(2, b"e" * 1023 * 1024 + b"\n")
        os.write(2, b"the very last line\n")
        os._exit(3)
    elif how == "asks on and on":
        for ask in range(20_000):
            write(line({"id": ask, "method": "m" * 500}))
        write(answer)
    elif how == "a child holds the pipes":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        told = {"task_id": task_id, "percent": 5, "data": {"pid": child.pid}}
        write(line({"method": "progress", "params": told}))
        os._exit(4)
    elif how == "stubborn":
        signal.signal(signal.SIGTERM, lambda *_: os.write(2, b"SIGTERM came\n"))
        child = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)
        child.stdout.read(1)
        told = {"task_id": task_id, "percent": 10, "data": {"pid": child.pid}}
        write(line({"method": "progress", "params": told}))
        while True:
            time.sleep(1)
    elif how == "tells":
        odd = params["parameters"]["prompt"].encode()
        result["output_files"] = [picture(params["output_dir"])]
        write(b'{"method":"progress","params":{"percent":9,"data":{"odd":' + odd + b"}}}\n")
        answer = line({"id": number, "result": result})
        write(answer.replace(b'"status"', b'"metadata": {"odd": ' + odd + b'}, "status"'))
    elif how == "makes":
        result["output_files"] = [make(params["parameters"]["prompt"], params["output_dir"])]
        write(line({"id": number, "result": result}))
    elif how == "closes stdout":
        os.close(1)
        signal.pause()
    elif how == "closes stdin":
        os.close(0)
        if params["parameters"]["prompt"] == "answers":
            write(answer)
        signal.pause()
    elif how == "asks":
        write(line({"id": 77, "method": "submitted", "params": {}}))
        told = json.loads(sys.stdin.buffer.readline())
        result["metadata"] = {"told": told}
        write(line({"id": number, "result": result}))
    elif how == "beats then hangs":
        write(line({"method": "heartbeat", "params": {"task_id": task_id}}))
        signal.pause()
    elif how == "ignores all":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        progress(10)
        while True:
            time.sleep(1)
    elif how == "stops":
        progress(10)
        os.kill(os.getpid(), signal.SIGSTOP)
    elif how == "waits":
        progress(10)
        signal.pause()
    else:
        write(answer)


if __name__ == "__main__":
    write(b"Welcome!\n\n 10%|#         |\r{\n" + line({"method": "ready", "params": {}}))
    while True:
        text = sys.stdin.buffer.readline()
        if not text:
            break
        request = json.loads(text)
        if request["method"] == "execute_task":
            execute(request["id"], request["params"])

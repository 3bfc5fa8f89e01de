"""Does to the path in its prompt what it is asked to, and tells what came of it."""

import json
import os
import signal
import subprocess
import sys
import tempfile

from filmeto_plugin import Output, run


def write(path, count):
    with open(path, "w") as file:
        file.write("trespassed")


def append(path, count):
    with open(path, "a") as file:
        file.write("trespassed")


def rename(path, count):
    os.rename(path, path + ".moved")


def move_in(path, count):
    with open("mine.txt", "w") as file:
        file.write("mine")
    os.rename("mine.txt", path)


def replace_by_link(path, count):
    os.symlink("/etc/passwd", path)


def child(path, count):
    code = f"open({path!r}, 'w').write('trespassed')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)


def shell(path, count):
    done = subprocess.run(["sh", "-c", f"echo x > {path}"], capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise RuntimeError("the program failed")


def die(path, count):
    sys.stderr.write(f"cannot open {path}: Permission denied\n")
    sys.stderr.flush()
    os._exit(3)


def temporary(path, count):
    file = tempfile.NamedTemporaryFile(delete=False)
    file.write(b"x")
    os.makedirs(os.path.join(tempfile.mkdtemp(), "deep"))
    return {"temporary": file.name, "folder": tempfile.gettempdir()}


def device(path, count):
    with open(path, "wb", buffering=0) as file:
        file.write(b"x")


def semaphore(path, count):
    import multiprocessing

    multiprocessing.Lock()


def end(path, count):
    os.kill(int(path), signal.SIGTERM)


def variables_of(path, count):
    with open(f"/proc/{path}/environ", "rb") as file:
        file.read()


def memory_of(path, count):
    open(f"/proc/{path}/mem", "rb", buffering=0).close()


def variable(path, count):
    return {"value": os.environ[path]}


def environment(path, count):
    return {"environment": dict(os.environ)}


def fill(path, count):
    with open("large.bin", "wb") as file:
        file.truncate(count)
        file.seek(count - 1)
        file.write(b"x")
    os.remove("large.bin")


def open_many(path, count):
    held = [open(os.devnull) for _ in range(count)]
    return {"held": len(held)}


def limits(path, count):
    import resource

    names = ("RLIMIT_CORE", "RLIMIT_NOFILE", "RLIMIT_DATA", "RLIMIT_FSIZE")
    return {name: resource.getrlimit(getattr(resource, name)) for name in names}


def take(path, count):
    bytearray(count)


OWN = {"remove": os.remove, "truncate": lambda p: os.truncate(p, 0), "mkdir": os.mkdir}
OWN |= {"rmdir": os.rmdir, "fifo": os.mkfifo, "read": lambda p: open(p).close()}


def text2image(call):
    how, path, count = (call.parameters[name] for name in ("how", "prompt", "count"))
    told = OWN[how](path) if how in OWN else globals()[how](path, count)
    outputs = []
    for i in range(count if how == "environment" and count else 1):
        name = call.output(f"told-{i}.json")
        with open(name, "w") as file:
            json.dump(told, file)
        outputs.append(Output(name, metadata=told or {}))
    return outputs


run(text2image=text2image)

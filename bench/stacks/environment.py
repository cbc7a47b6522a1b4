"""The Python of the peers: `requirements.txt` in a virtual environment below a folder, made where it is not there."""

import fcntl
import hashlib
import os
import pathlib
import subprocess
import sys

REQUIREMENTS = pathlib.Path(__file__).resolve().parent / "requirements.txt"


def works(folder):
    try:
        return subprocess.run([folder / "bin" / "python", "-I", "-c", "pass"], capture_output=True).returncode == 0
    except OSError:
        return False


def python(below):
    """Path of an interpreter that has the packages."""
    content = sys.version.encode() + sys.executable.encode() + REQUIREMENTS.read_bytes()
    folder = pathlib.Path(below).resolve() / f"python-{hashlib.sha256(content).hexdigest()[:16]}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not works(folder):
            print(f"making {folder}", file=sys.stderr, flush=True)
            # Whole under its name or not there at all; modules survive a rename.
            made = folder.with_suffix(f".{os.getpid()}")
            subprocess.run([sys.executable, "-I", "-m", "venv", "--clear", made], check=True)
            install = ["-I", "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r", REQUIREMENTS]
            subprocess.run([made / "bin" / "python", *install], check=True)
            subprocess.run(["rm", "-rf", folder], check=True)
            made.rename(folder)
    return folder / "bin" / "python"

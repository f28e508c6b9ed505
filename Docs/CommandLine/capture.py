#!/usr/bin/env python3
"""Creates the pictures of Docs/CommandLine.md: runs ossmirror in a pseudo-terminal and renders the screen as SVG.

Usage: Docs/CommandLine/capture.py [DIRECTORY]

DIRECTORY contains the programs ossmirror and oss-mock-server (default: .build/release). The pictures are written next to
this script. Requires Python 3.8 or later, and no packages.
"""

import fcntl
import html
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

COLUMNS, ROWS = 92, 24
HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parent.parent / ".build/release").resolve()
COLORS = {"31": "#e06c75", "32": "#98c379", "33": "#e5c07b", "36": "#56b6c2", "2": "#6b7280"}


class Screen:
    """The cells of a terminal, which understands the control sequences that ossmirror uses."""

    TOKEN = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|(\r)|(\n)|([^\x1b])", re.DOTALL)

    def __init__(self):
        self.lines, self.row, self.column, self.color, self.rest = [[]], 0, 0, None, ""

    def write(self, text):
        text, self.rest = self.rest + text, ""
        position = 0
        while position < len(text):
            token = self.TOKEN.match(text, position)
            if token is None:
                self.rest = text[position:]  # an incomplete sequence
                return
            position = token.end()
            self.apply(token)

    def apply(self, token):
        parameters, final, carriage, newline, character = token.groups()
        line = self.lines[self.row]
        if carriage:
            self.column = 0
        elif newline:
            self.row += 1
            if self.row == len(self.lines):
                self.lines.append([])
        elif character:
            line.extend([(" ", None)] * (self.column + 1 - len(line)))
            line[self.column] = (character, self.color)
            self.column += 1
        elif final == "A":
            self.row = max(0, self.row - int(parameters or 1))
        elif final == "K":
            del line[self.column:]
        elif final == "J":
            del line[self.column:]
            del self.lines[self.row + 1:]
        elif final == "m":
            self.color = COLORS.get(parameters)

    def text(self):
        return "\n".join("".join(cell for cell, _ in line).rstrip() for line in self.lines)


class Run:
    """A program in a pseudo-terminal, whose command line is shown as typed at a prompt."""

    def __init__(self, screen, arguments, directory, environment):
        self.screen = screen
        screen.color = "#56b6c2"
        screen.write("$ ")
        screen.color = None
        screen.write("ossmirror " + " ".join(arguments) + "\r\n")
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(directory)
            os.execve(PROGRAMS / "ossmirror", ["ossmirror", *arguments], environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def read(self, until=None):
        """Reads until the screen matches a pattern, or until the program ends."""
        deadline = time.monotonic() + 60
        while until is None or not re.search(until, self.screen.text()):
            if time.monotonic() > deadline:
                raise SystemExit(f"the screen does not match {until!r}:\n{self.screen.text()}")
            if not select.select([self.terminal], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.terminal, 65536)
            except OSError:  # the program has ended
                data = b""
            if not data:
                os.waitpid(self.process, 0)
                os.close(self.terminal)
                if until is not None:
                    raise SystemExit(f"the program has ended, and the screen never matched {until!r}:\n{self.screen.text()}")
                return
            self.screen.write(data.decode())

    def interrupt(self):
        os.write(self.terminal, b"\x03")  # Ctrl-C, which the terminal turns into a signal
        self.read()

    def kill(self):
        os.kill(self.process, signal.SIGKILL)
        self.read()


def render(screen, name):
    """Writes the screen as an SVG file."""
    width, height, cell, line_height = COLUMNS * 8.4 + 32, len(screen.lines) * 20 + 28, 8.4, 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}">',
        f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#1e2127"/>',
        '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14"'
        ' fill="#d7dae0" xml:space="preserve">',
    ]
    for number, line in enumerate(screen.lines):
        start = 0
        while start < len(line):
            end = start
            while end < len(line) and line[end][1] == line[start][1]:
                end += 1
            text = "".join(character for character, _ in line[start:end])
            if text.strip():
                color = f' fill="{line[start][1]}"' if line[start][1] else ""
                parts.append(
                    f'<text x="{16 + start * cell:.1f}" y="{28 + number * line_height}" textLength="{len(text) * cell:.1f}"'
                    f'{color}>{html.escape(text, quote=False)}</text>')
            start = end
    parts += ["</g>", "</svg>", ""]
    path = HERE / name
    path.write_text("\n".join(parts))
    print(f"{path}:\n{screen.text()}\n")


def make_files(folder):
    for name, size in {
        "archive/2026-10.tar": 42, "archive/2026-11.tar": 38, "photos/IMG_2041.RAW": 27, "photos/IMG_2042.RAW": 26,
        "video/interview-final-cut.mov": 64,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(1 << 20) * size)
    for number in range(180):
        path = folder / "notes" / f"{number:03}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(os.urandom(900 + number))
    os.symlink("nowhere", folder / "notes/latest.md")


def main():
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        make_files(directory / "site")
        server = subprocess.Popen(
            [PROGRAMS / "oss-mock-server", "--port", "0", "--bucket", "photos", "--access-key-id", "test",
             "--access-key-secret", "secret"], stdout=subprocess.PIPE, text=True)
        try:
            endpoint = re.search(r"http://[0-9.:]+", server.stdout.readline()).group()
            environment = {
                "TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": name, "PATH": os.environ["PATH"],
                "OSS_ENDPOINT": endpoint, "OSS_REGION": "cn-hangzhou", "OSS_ACCESS_KEY_ID": "test",
                "OSS_ACCESS_KEY_SECRET": "secret", "no_proxy": "127.0.0.1",
            }

            def run(screen, *arguments):
                return Run(screen, arguments, directory, environment)

            up = ["up", "site", "oss://photos/backup", "--bandwidth", "16M/s"]
            screen = Screen()
            first = run(screen, *up, "-j6")
            first.read(until=r" [345]\d%  .*left\n(.*\n){4}")
            render(screen, "progress.svg")
            first.interrupt()
            render(screen, "interruption.svg")

            screen = Screen()
            second = run(screen, *up, "-j6")
            second.read(until=r" [4-9]\d%  .*left\n.*resumed\n")
            render(screen, "resuming.svg")
            second.read()

            screen = Screen()
            third = run(screen, "up", "site", "oss://photos/backup", "--storage-class", "IA")
            third.read()
            fourth = run(screen, "check", "site", "oss://photos/backup")
            fourth.read()
            render(screen, "summary.svg")
        finally:
            server.terminate()
            server.wait()


main()

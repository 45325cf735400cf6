#!/usr/bin/env python3
"""Starts scripts/demo again and again and kills one of its programs each time: the second start says
at once what it does, and a program that dies is told by name, with how to go on.

usage: demo_test.py SOURCES BIN-FOLDER WORK-FOLDER
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

PROGRAMS = ("hardware", "daemon", "pager", "broker")
UP_WITHIN_S = 90
TOLD_WITHIN_S = 5  # half a second between two looks, and a busy machine


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


class Demo:
    def __init__(self, sources, programs, state):
        environment = dict(os.environ, DEMO_STATE=str(state), DEMO_BIN=programs, DEMO_PAGE="",
                           DEMO_MQTT_PORT=free_port(), DEMO_WS_PORT=free_port(),
                           DEMO_HTTP_PORT=free_port(), DEMO_FOR="", DEMO_FRESH="0", DEMO_PEOPLE="0")
        self.lines = []
        self.began = time.monotonic()
        self.process = subprocess.Popen([f"{sources}/scripts/demo"], env=environment, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append((time.monotonic() - self.began, line.rstrip("\n")))

    def says(self, words, seconds):
        """The second in which it said so, or None."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for at, line in list(self.lines):
                if words in line:
                    return at
            time.sleep(0.05)
        return None

    def text(self):
        return "\n".join(f"{at:7.2f}  {line}" for at, line in self.lines)


def main(sources, programs, work):
    state = pathlib.Path(work) / "state"
    shutil.rmtree(work, ignore_errors=True)
    state.parent.mkdir(parents=True)
    for run, name in enumerate(PROGRAMS):
        demo = Demo(sources, programs, state)
        try:
            first = "a new bank" if run == 0 else "going on with the bank of the last run"
            assert demo.says(first, 5) is not None, f"expected \"{first}\":\n{demo.text()}"
            assert demo.says("is running.", UP_WITHIN_S) is not None, demo.text()
            os.kill(int((state / "pids" / name).read_text()), signal.SIGKILL)
            killed = time.monotonic() - demo.began
            told = demo.says(f"{name} ended by itself", TOLD_WITHIN_S)
            assert told is not None, f"expected the end of {name}:\n{demo.text()}"
            assert demo.process.wait(60) != 0, "a demonstration that lost a program ended well"
            assert demo.says("Start it again with ./run-demo", 1) is not None, demo.text()
            print(f"{name}: told after {told - killed:.2f} s")
        finally:
            demo.process.terminate()
            demo.process.wait(60)


if __name__ == "__main__":
    main(*sys.argv[1:])

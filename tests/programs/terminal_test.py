#!/usr/bin/env python3
"""A person at a terminal, and a thief with an operator's password, against the whole demonstration.

usage: terminal_test.py SOURCES BIN-FOLDER WORK-FOLDER
"""

import json
import os
import pathlib
import pty
import select
import shutil
import signal
import stat
import subprocess
import sys
import time

from demo_test import Demo, UP_WITHIN_S

SITE = "cryobank/v1/demo/"


class Staff:
    def __init__(self, programs, port, work):
        self.program = f"{programs}/cryobankctl"
        self.kept = pathlib.Path(work) / "config"
        self.base = {key: value for key, value in os.environ.items()
                     if not key.startswith("CRYOBANK_") and key != "NO_COLOR"}
        self.base.update(CRYOBANK_PORT=port, CRYOBANK_SITE="demo", TERM="xterm",
                         XDG_CONFIG_HOME=str(self.kept))
        self.port = port

    def says(self, *arguments, **more):
        """Exit code, data and messages, of a program that no terminal sees."""
        done = subprocess.run([self.program, *arguments], env={**self.base, **more}, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def shows(self, *arguments, typed="", **more):
        """Exit code and what stands on the terminal."""
        child, terminal = pty.fork()
        if child == 0:
            os.execve(self.program, [self.program, *arguments], {**self.base, **more})
        said, until = b"", time.monotonic() + 60
        while time.monotonic() < until:
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            try:
                part = os.read(terminal, 4096)
            except OSError:
                break
            if not part:
                break
            said += part
            if typed and b"password" in said:
                os.write(terminal, typed.encode())
                typed = ""
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said.decode()


def expect(condition, what):
    if not condition:
        sys.exit(f"expected {what}")
    print(f"ok: {what[:100]}", flush=True)


def kept_login(staff):
    code, said = staff.shows("--user", "operator", "login", typed="demo\n")
    expect(code == 0 and "is kept" in said, f"a login by a typed password: {said}")
    expect("demo\r\n" not in said.replace("site demo", ""), f"no password on the terminal: {said}")
    file = staff.kept / "cryobank/logins/default.json"
    expect(stat.S_IMODE(file.stat().st_mode) == 0o600, "a file that its owner alone reads")
    expect(staff.says("alarm", "ls")[0] == 0, "the kept login is enough")
    # What is said now wins over what is kept, and a kept password goes to its own login alone.
    code, _, told = staff.says("--user", "viewer", "alarm", "ls")
    expect(code == 1 and 'refuses the login "viewer"' in told, f"no password of another: {told}")
    code, _, told = staff.says("--user", "viewer", "alarm", "ls", CRYOBANK_PASSWORD="demo")
    expect(code == 0, f"the environment wins: {told}")
    code, _, told = staff.says("--port", "1", "alarm", "ls", CRYOBANK_PORT=staff.port)
    expect(code == 1 and "127.0.0.1:1 " in told, f"a flag wins over the environment: {told}")
    os.chmod(file, 0o640)
    code, _, told = staff.says("alarm", "ls")
    expect(code == 1 and "chmod 600" in told, f"a file that others read is not used: {told}")
    os.chmod(file, 0o600)


def tables(staff):
    code, said = staff.shows("top", "--count", "1")
    expect(code == 0 and "\x1b[" in said and "freezer-1" in said, "the wall in colour on a terminal")
    said = staff.shows("top", "--count", "1", NO_COLOR="1")[1]
    expect("freezer-1" in said and "\x1b[1;" not in said and "\x1b[2m" not in said, "no colour where NO_COLOR says so")
    code, said, _ = staff.says("top", "--count", "1")
    expect(code == 0 and "\x1b" not in said, "no colour and no steering in a pipe")
    code, said, _ = staff.says("--json", "device", "ls")
    rows = [json.loads(line) for line in said.splitlines()]
    expect(code == 0 and len(rows) == 7, f"a line of JSON for each device: {said}")
    for line in (("course", "show", "course-9999"), ("device", "show", "freezer-9"), ("job", "show", "job-9")):
        code, said, told = staff.says(*line)
        expect(code == 1 and said == "" and told.startswith("cryobankctl: not-found: "), f"an unknown id is an error: {told}")
    for words, meant in ((("statsu",), "status"), (("alarm", "akc", "x"), "ack"), (("aliquot", "move", "--codee", "x"), "--code")):
        code, _, told = staff.says(*words)
        expect(code == 2 and f'did you mean "{meant}"' in told, f"wrong usage is 2, with what is near: {told}")


def lists(staff, work):
    codes = [f"X-{n}" for n in range(1, 9)]
    code, _, told = staff.says("course", "register", "--course", "c-9", "--patient", "p-9", "--doses", "8",
                               *(word for one in codes for word in ("--codes", one)))
    expect(code == 0, f"a course of eight vials: {told}")
    whole = pathlib.Path(work) / "bank.csv"
    code, said, told = staff.says("export", str(whole))
    lines = whole.read_text().splitlines()
    expect(code == 0 and "wrote" in said and len(lines) == 9, f"a list with its titles and eight lines: {told}")
    expect(all(sum(one in line for line in lines) == 1 for one in codes), "each vial once")
    # A run that was cut off within a line is gone on with, and the list is the same.
    cut = pathlib.Path(work) / "cut.csv"
    text = whole.read_bytes()
    pathlib.Path(f"{cut}.part").write_bytes(text[:text.index(b"X-4") + 2])
    code, _, told = staff.says("export", str(cut))
    expect(code == 0 and "going on after" in told and cut.read_bytes() == text, f"a list that was cut off goes on: {told}")
    # One that was cut off of everything is not gone on with for one place.
    pathlib.Path(f"{cut}.part").write_bytes(text[:text.index(b"X-4") + 2])
    code, _, told = staff.says("export", str(cut), "--place", "freezer-1")
    expect(code == 0 and len(cut.read_text().splitlines()) == 1, f"a list of an empty freezer: {told}")
    code, _, told = staff.says("export", "/dev/null")
    expect(code == 1 and "is a device" in told, f"what is no file is not written: {told}")


def second_person(staff):
    """What waits for a witness is listed for that person alone, and takes a yes or a no."""
    def waiting():
        code, said, told = staff.says("--user", "witness", "--json", "confirm", CRYOBANK_PASSWORD="demo")
        expect(code == 0, f"what waits for me is listed: {told}")
        return [json.loads(line) for line in said.splitlines()]
    move = ("aliquot", "move", "--code", "X-1", "--place", "freezer-4-rack-4-box-5", "--position", "A1", "--witness", "witness")
    for answer, place in ((("--refuse", "--reason", "another vial"), "EXPECTED"), ((), "freezer-4-rack-4-box-5")):
        code, said, told = staff.says(*move)
        expect(code == 0 and "waits" in said + told, f"an act waits for its witness: {said} {told}")
        mine = waiting()
        expect([one["verb"] for one in mine] == ["aliquot/move"], f"one thing waits: {mine}")
        code, said, told = staff.says("--user", "witness", "confirm", mine[0]["command"], *answer, CRYOBANK_PASSWORD="demo")
        expect(code == 0, f"it is answered: {said} {told}")
        expect(waiting() == [], "nothing waits any more")
        expect(place in staff.says("find", "X-1")[1], f"the vial is in {place}")


def thief(staff, work):
    """The broker's rules alone: nothing here comes to the daemon."""
    def publish(topic, user="operator"):
        return subprocess.run(["mosquitto_pub", "-V", "5", "-p", staff.port, "-u", user, "-P", "demo", "-q", "1",
                               "-t", SITE + topic, "-m", "{}"], capture_output=True, text=True, timeout=20).stderr
    for topic in ("command/supervisor/alarm/acknowledge", "command/+/alarm/acknowledge", "reply/operator/x",
                  "reply/supervisor/x", "service/state", "service/beat", "service/pulse", "service/waiting",
                  "device/freezer-1/state", "device/freezer-1/point/level", "alarm/freezer-1.level-low",
                  "alarm/summary", "page/pager-1", "page/pager-1/receipt/supervisor", "gateway/pager/state",
                  "event/inventory", "event/inventory/head", "journal/checkpoint", "plan", "plan/day",
                  "course/course-1", "container/freezer-1", "job/job-1", "worklist/2026-12-01"):
        said = publish(topic)
        expect("uthori" in said or "invalid" in said.lower(), f"an operator may not write {topic}: {said!r}")
    expect(publish("command/operator/alarm/acknowledge") == "", "but as himself he may ask")
    heard = open(f"{work}/heard", "w+", encoding="utf-8")
    with subprocess.Popen(["mosquitto_sub", "-V", "5", "-p", staff.port, "-u", "operator", "-P", "demo", "-q", "1",
                           "-t", "#", "-F", "%t"], stdout=heard) as listener:
        time.sleep(1)
        code, _, told = staff.says("--user", "supervisor", "send", "alarm/coverage", '{"device":"freezer-1"}',
                                   CRYOBANK_PASSWORD="demo")
        expect(code == 0, f"a supervisor is answered meanwhile: {told}")
        time.sleep(1)
        listener.terminate()
    heard.seek(0)
    topics = set(heard.read().split())
    expect(SITE + "service/pulse" in topics, "an operator reads the service's topics")
    others = [one for one in topics if "/command/" in one or "/reply/" in one or "/page/" in one]
    expect(others == [], f"and no command, reply or page of another: {others}")
    # The daemon's own look at who asks: a role that is too small is told, and nothing is done.
    code, _, told = staff.says("send", "course/release", '{"course":"course-1"}')
    expect(code == 1 and "not-authorised" in told, f"no more than the role allows: {told}")


def silent(staff, state):
    daemon = int((state / "pids/daemon").read_text())
    os.kill(daemon, signal.SIGSTOP)
    try:
        code, said, told = staff.says("alarm", "ls")
        expect(code == 0 and "may be old" in told, f"a hung service stands over everything: {told}")
        expect("THE SERVICE IS silent" in staff.shows("top", "--count", "1", NO_COLOR="1")[1], "on the wall as well")
        code, _, told = staff.says("status")
        expect(code == 1, f"and its status is an error: {told}")
    finally:
        os.kill(daemon, signal.SIGCONT)


def main(sources, programs, work):
    state = pathlib.Path(work) / "state"
    shutil.rmtree(work, ignore_errors=True)
    demo = Demo(sources, programs, state)
    try:
        expect(demo.says("is running", UP_WITHIN_S) is not None, f"a demonstration:\n{demo.text()}")
        port = next(line.split("127.0.0.1:")[1].split()[0] for _, line in demo.lines if "(MQTT 5)" in line)
        staff = Staff(programs, port, work)
        kept_login(staff)
        tables(staff)
        lists(staff, work)
        second_person(staff)
        thief(staff, work)
        silent(staff, state)
    finally:
        demo.process.terminate()
        demo.process.wait(30)


if __name__ == "__main__":
    main(*sys.argv[1:])

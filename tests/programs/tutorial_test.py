#!/usr/bin/env python3
"""Types docs/tutorial.md as it stands, against the demonstration, and the commands that it prints; and looks
whether the demonstration says what README.md shows.

usage: tutorial_test.py SOURCES BIN-FOLDER WORK-FOLDER

The first block is the demonstration itself, started here with free ports; PORT and ALARM, which the page
leaves to the reader, are filled in from what the demonstration shows. One shell types all blocks.
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

sources, programs, work = sys.argv[1:]


def free_port():
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        return str(link.getsockname()[1])


def wait_for(path, pattern, seconds):
    for _ in range(seconds * 5):
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        found = re.search(pattern, text)
        if found:
            return found
        time.sleep(0.2)
    sys.exit(f"expected {pattern} within {seconds} s, came:\n{text[-4000:]}")


def commands_of(text):
    """The whole commands of a block: lines that the shell takes as one."""
    found, command = [], ""
    for line in text.splitlines(keepends=True):
        command += line
        whole = not command.rstrip("\n").endswith("\\") and subprocess.run(
            ["/bin/bash", "-n", "-c", command], stderr=subprocess.DEVNULL).returncode == 0
        if whole and command.strip():
            found.append(command)
            command = ""
    return found + ([command] if command.strip() else [])


class Shell:
    """One bash, as a person's second terminal."""

    def __init__(self, environment):
        self.bash = subprocess.Popen(["/bin/bash", "-u"], env=environment, cwd=work, text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT)

    def type(self, text):
        print(text, flush=True)
        each = commands_of(text)
        for command in each:  # by itself, to see its code
            self.bash.stdin.write(command + "\nprintf 'CODE %s\\n' $?\n")
            self.bash.stdin.flush()
        commands = len(each)
        said = []
        while commands:
            line = self.bash.stdout.readline()
            if line == "":
                sys.exit("the shell ended: " + "".join(said))
            if line.startswith("CODE "):
                commands -= 1
                if line != "CODE 0\n":
                    sys.exit(f"a command of\n{text}ended with {line}" + "".join(said))
            else:
                print("   ", line, end="", flush=True)
                said.append(line)
        return "".join(said)


def expect_of_readme(log):
    """Each line that README shows, in its order, with other numbers. The first dose is given after some days of
    the demonstration's plan, of two minutes each."""
    with open(f"{sources}/README.md", encoding="utf-8") as file:
        shown = re.search(r"## What you will see\n.*?^```\n(.*?)^```$", file.read(), re.S | re.M)[1]
    lines = [line for line in shown.splitlines() if line != "..."]
    if len(lines) < 10:
        sys.exit(f"expected README's lines of the demonstration, came {lines}")
    wait_for(log, "(?s)" + ".*?".join(re.sub(r"\d+", r"\\d+", re.escape(line)) for line in lines), 420)


def type_printed_commands(log, shell):
    """What the demonstration says to try, but for the fault, which the tutorial types."""
    with open(log, encoding="utf-8") as file:
        printed = [line.strip() for line in file if re.match(r"  (mosquitto_sub|CRYOBANK_PORT=)", line)]
    if len(printed) != 3:
        sys.exit(f"expected three commands to try, came {printed}")
    for command in printed:
        if command.startswith("mosquitto_sub"):
            command += " -C 1 -W 30"  # the first value is enough
        said = shell.type(command.replace("build/bin", programs) + "\n")
        if not said.strip():
            sys.exit(f"{command} said nothing")


def main():
    os.makedirs(work, exist_ok=True)
    with open(f"{sources}/docs/tutorial.md", encoding="utf-8") as file:
        blocks = re.findall(r"^```\n(.*?)^```$", file.read(), re.S | re.M)
    if not blocks or blocks[0].strip() != "./run-demo --fresh":
        sys.exit("expected the page to begin with ./run-demo --fresh")
    port, log = free_port(), f"{work}/demo.log"
    demo_ports = {"DEMO_MQTT_PORT": port, "DEMO_WS_PORT": free_port(), "DEMO_HTTP_PORT": free_port()}
    with open(log, "w", encoding="utf-8") as out:
        demo = subprocess.Popen([f"{sources}/scripts/demo"], stdout=out, stderr=subprocess.STDOUT,
                                env=dict(os.environ, DEMO_STATE=f"{work}/demo-state", DEMO_BIN=programs,
                                         DEMO_FOR="", DEMO_FRESH="1", **demo_ports),
                                start_new_session=True)
    try:
        control = wait_for(log, r"/dev/tcp/127\.0\.0\.1/(\d+)", 60)[1]
        wait_for(log, "the bank is filled", 240)
        environment = dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}", CRYOBANK_PORT=port,
                           CRYOBANK_PASSWORD="demo", PWD=work)
        shell = Shell(environment)
        os.symlink(f"{sources}/tools", f"{work}/tools")
        type_printed_commands(log, shell)
        for block in blocks[1:]:
            if '"fault"' in block:  # no dose is thawed out of a broken freezer
                expect_of_readme(log)
            if "journal verify" in block:  # "Stop the demo with Ctrl-C, then"
                os.killpg(demo.pid, signal.SIGINT)
                demo.wait(timeout=60)
            if "ALARM" in block:
                time.sleep(10)
                found = subprocess.run([f"{programs}/cryobankctl", "--json", "--user", "operator", "alarm",
                                        "ls"], env=environment, text=True, check=True,
                                       stdout=subprocess.PIPE).stdout
                alarms = [json.loads(line) for line in found.splitlines() if line.startswith("{")]
                block = block.replace("ALARM", next(one["alarm"] for one in alarms
                                                    if not one.get("acknowledged")))
            block = block.replace("control=PORT", f"control={control}").replace(
                "$PWD/build/bin", programs).replace("/tmp/export", f"{work}/export")
            said = shell.type(block)
            if "course/register" in block and "done" not in said:
                sys.exit("expected the course to be stored: " + said)
            if "course/plan" in block and "done" not in said:
                sys.exit("expected the course to be planned: " + said)
        print("the tutorial holds")
    finally:
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGINT)
            try:
                demo.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(demo.pid, signal.SIGKILL)


main()

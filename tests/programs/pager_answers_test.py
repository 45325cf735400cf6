#!/usr/bin/env python3
"""People who answer while the service is dead, against the real programs.

MONITOR DEAD is taken, an answer to a page of the daemon is kept and reaches it when it is back,
everybody hears what became of it, and the record has it.

Arguments: the sources, the folder of the programs, an empty folder to work in.
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

SOURCES, PROGRAMS, WORK = (pathlib.Path(one) for one in sys.argv[1:4])
SITE = WORK / "config/demo/site.toml"
PERSON = WORK / "person"

SETTINGS = """
[paging]
proof_at = "never"
repeat_p1 = "10s"
tier2_after = "10s"
tier3_after = "20s"

""" + (SOURCES / "tests/programs/lids_at_once.toml").read_text()

# The carrier of one channel: what comes is written down; a person answers what the test lays there,
# where CODE is that of the page which has just come.
CARRIER = r"""#!/bin/sh
read -r line
echo "$line" >> "$0.pages"
code=$(echo "$line" | sed -n 's/.*"ack_code":"\([0-9]*\)".*/\1/p')
word=$(cat "$0.answer-to" 2>/dev/null)
case "$line" in
*"${word:-nothing at all}"*)
  sed "s/CODE/$code/" "$0.answers"
  rm "$0.answer-to"
  ;;
esac
"""

GATEWAY = """site = "demo"
state_dir = "{work}/pager"
silence = "10s"
[mqtt]
port = {port}
user = "pager"
[[channel]]
id = "pager-2"
kind = "program"
program = "{person}"
exit_means = "delivered"
[[channel]]
id = "pager-1"
kind = "print"
tier = 3
[[channel]]
id = "pager-3"
kind = "print"
tier = 3
"""


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


BROKER, CONTROL, *LINES = free_ports(5)
running = {}


def start(name, *command):
    log = open(WORK / f"{name}.log", "ab")
    running[name] = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log)


def ctl(user, *words):
    done = subprocess.run(
        [PROGRAMS / "cryobankctl", "--port", str(BROKER), "--site", "demo", "--user", user, *words],
        capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def told():
    try:
        lines = pathlib.Path(f"{PERSON}.pages").read_text().splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines if line.endswith("}")]


def wait_for(what, condition, within=60):
    end = time.monotonic() + within
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    pages = "\n".join(page["text"] for page in told())
    sys.exit(f"never: {what}\npages:\n{pages}\n" + (WORK / "pager.log").read_text())


def wait_for_page(text):
    return wait_for(text, lambda: next((page for page in told() if text in page["text"]), None))


def listens(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def make_site():
    shutil.copytree(SOURCES / "config", WORK / "config")
    text = SITE.read_text().replace("port = 1883", f"port = {BROKER}")
    for i, port in enumerate(LINES):
        text = text.replace(f"port = {15020 + i}", f"port = {port}")
    SITE.write_text(text.replace("/var/lib/cryobank-demo/store", f"{WORK}/store") + SETTINGS)
    (WORK / "mosquitto.conf").write_text(
        f"listener {BROKER} 127.0.0.1\nset_tcp_nodelay true\nallow_anonymous true\n"
        f"acl_file {WORK}/open-acl\n")
    (WORK / "open-acl").write_text("pattern readwrite #\npattern deny access-check/#\n")
    PERSON.write_text(CARRIER)
    PERSON.chmod(0o755)
    (WORK / "pager.toml").write_text(GATEWAY.format(work=WORK, port=BROKER, person=PERSON))


def lid_opens():
    with socket.create_connection(("127.0.0.1", CONTROL)) as line:
        line.sendall(b'{"do":"lid","device":"freezer-1","open":true}\n')
        reply = json.loads(line.makefile().readline())
        assert reply["ok"], reply


def play():
    start("broker", "mosquitto", "-c", WORK / "mosquitto.conf")
    wait_for("the broker", lambda: listens(BROKER))
    start("sim", PROGRAMS / "cryobank-sim", "--config", SITE, "--control-port", CONTROL)
    wait_for("the simulator", lambda: listens(CONTROL))
    code, said = ctl("administrator", "store", "create", "--config", str(SITE))
    assert code == 0, said
    start("daemon", PROGRAMS / "cryobankd", "--config", SITE)
    wait_for("the daemon", lambda: "online" in ctl("viewer", "status")[1])
    start("pager", PROGRAMS / "cryobank-pager", "--config", WORK / "pager.toml")

    # supervisor carries pager-2, which is called after ten seconds.
    lid_opens()
    code = wait_for_page("P1 freezer-1")["ack_code"]
    pathlib.Path(f"{PERSON}.answers").write_text(
        '{"status":"coming","code":"CODE","user":"supervisor"}\n'
        f'{{"status":"coming","code":"{code}","user":"supervisor"}}\n')
    pathlib.Path(f"{PERSON}.answer-to.new").write_text("MONITOR DEAD")
    os.rename(f"{PERSON}.answer-to.new", f"{PERSON}.answer-to")
    running["daemon"].kill()
    running["daemon"].wait()
    wait_for_page("P1 MONITOR DEAD demo")
    wait_for_page("OK supervisor, MONITOR DEAD is yours")
    wait_for_page(f'KEPT: "coming {code}"')

    start("daemon", PROGRAMS / "cryobankd", "--config", SITE)
    wait_for_page("MONITOR BACK demo")
    wait_for_page("OK supervisor, freezer-1.lid-open is yours")
    answers = [page for page in told() if "lid-open is yours" in page["text"]]
    assert len(answers) == 1, answers
    wait_for("the alarm taken",
             lambda: "active-acknowledged" in ctl("viewer", "alarm", "show", "freezer-1.lid-open")[1])

    running["daemon"].terminate()
    assert running["daemon"].wait(30) == 0
    code, said = ctl("administrator", "journal", "export", "--config", str(SITE), f"{WORK}/journal")
    assert code == 0, said
    journal = (WORK / "journal/journal.jsonl").read_text()
    assert '"what":"monitor-dead"' in journal
    assert '"taken_by":"supervisor"' in journal


shutil.rmtree(WORK, ignore_errors=True)
WORK.mkdir(parents=True)
make_site()
try:
    play()
finally:
    for process in running.values():
        process.kill()
        process.wait()

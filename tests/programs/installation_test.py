#!/usr/bin/env python3
"""Follows docs/installation.md to the letter on three clean machines.

usage: installation_test.py PAGE BUILD-FOLDER WORK-FOLDER

Each machine is a root of its own over this computer's files (overlay, change root), in a network of
their own. systemd does not run in there: `systemctl` is replaced by one that starts what the units say,
as the user they say, with the folders that systemd makes; `scp` copies between the roots. Exit code 77:
needs root and overlay. Blocks are ```sh MACHINE...; each is run by bash -euo pipefail.
"""
import os
import re
import shutil
import subprocess
import sys
import time

SKIP = 77
MACHINES = ["bank", "pager", "spare"]

SYSTEMCTL = r"""#!/usr/bin/env python3
import configparser, os, pwd, signal, subprocess, sys, time
words = [w for w in sys.argv[1:] if not w.startswith('-')]
verb, units = words[0], [w.removesuffix('.service') for w in words[1:]]
run = '/run/units'
os.makedirs(run, exist_ok=True)
def running(unit):
    try: pid = int(open(f'{run}/{unit}').read())
    except (OSError, ValueError): return 0
    try: state = open(f'/proc/{pid}/stat').read().rpartition(')')[2].split()[0]
    except OSError: return 0
    return 0 if state == 'Z' else pid
def stop(unit):
    pid = running(unit)
    if not pid: return
    os.kill(pid, signal.SIGTERM)
    for _ in range(200):
        if not running(unit): return
        time.sleep(0.1)
    sys.exit(f'{unit} does not stop')
def start(unit):
    if unit == 'mosquitto':
        command, user, folders = ['mosquitto', '-c', '/etc/mosquitto/mosquitto.conf'], 'root', {}
    else:
        values = {}
        for line in open(f'/usr/lib/systemd/system/{unit}.service'):
            if '=' in line and not line.startswith('#'):
                key, _, value = line.strip().partition('=')
                values[key] = value
        command, user = values['ExecStart'].split(), values['User']
        state = '/var/lib/' + values['StateDirectory']
        os.makedirs(state, exist_ok=True)
        owner = pwd.getpwnam(user)
        if os.stat(state).st_uid != owner.pw_uid:   # as systemd does: everything below, too
            subprocess.run(['chown', '-R', f'{user}:', state], check=True)
        os.chmod(state, int(values['StateDirectoryMode'], 8))
        os.umask(int(values['UMask'], 8))
    log = open(f'/var/log/{unit}.log', 'ab')
    process = subprocess.Popen(['setpriv', '--reuid', user, '--regid', str(pwd.getpwnam(user).pw_gid),
                                '--init-groups', *command] if user != 'root' else command,
                               stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
    open(f'{run}/{unit}', 'w').write(str(process.pid))
    time.sleep(3)
    if process.poll() is not None:
        sys.exit(f'{unit} ended:\n' + open(f'/var/log/{unit}.log').read())
for unit in units:
    if verb in ('restart', 'stop'): stop(unit)
    if verb in ('enable', 'start', 'restart'): start(unit)
"""

SCP = r"""#!/usr/bin/env python3
import os, re, subprocess, sys
words = [w for w in sys.argv[1:] if not w.startswith('-')]
def place(word):
    match = re.fullmatch(r'root@(\w+):(.*)', word)
    return f'/machines/{match[1]}/m{match[2]}' if match else word
subprocess.run(['cp', '-r', *[place(w) for w in words[:-1]], place(words[-1])], check=True)
"""


def sh(*command, **more):
    return subprocess.run(command, check=True, **more)


def enter_own_world(arguments):
    """Own mounts, network and processes; ends with what happened inside."""
    inside = dict(os.environ, CRYOBANK_INSIDE="1")
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child",
               sys.executable, *arguments]
    return subprocess.run(command, env=inside).returncode


def make_machine(name, work, build):
    base = f"{work}/{name}"
    for part in ("u", "w", "m"):
        os.makedirs(f"{base}/{part}")
    root = f"{base}/m"
    sh("mount", "-t", "overlay", "overlay", "-o",
       f"lowerdir=/,upperdir={base}/u,workdir={base}/w", root)
    sh("mount", "-t", "proc", "proc", f"{root}/proc")
    sh("mount", "--rbind", "/dev", f"{root}/dev")
    sh("mount", "-t", "tmpfs", "tmpfs", f"{root}/run")
    sh("mount", "-t", "tmpfs", "tmpfs", f"{root}/tmp")
    os.makedirs(f"{root}/machines", exist_ok=True)
    for folder in ("etc/cryobank", "etc/cryobank-pager", "var/lib/cryobank", "etc/mosquitto/cryobank"):
        shutil.rmtree(f"{root}/{folder}", ignore_errors=True)
    with open(f"{root}/etc/hosts", "w", encoding="utf-8") as hosts:
        hosts.write("127.0.0.1 localhost bank.example\n")
    for path, text in (("usr/local/sbin/systemctl", SYSTEMCTL), ("usr/local/bin/scp", SCP)):
        with open(f"{root}/{path}", "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(f"{root}/{path}", 0o755)
    environment = dict(os.environ, DESTDIR=root)
    sh("cmake", "--install", build, "--prefix", "/usr", env=environment, stdout=subprocess.DEVNULL)


def run_block(name, work, text, number):
    print(f"== {name}, block {number}", flush=True)
    command = ["chroot", f"{work}/{name}/m", "/bin/bash", "-euo", "pipefail", "-c", text]
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                   "HOME": "/root", "LANG": "C.UTF-8"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout, end="", flush=True)
    if done.returncode != 0:
        sys.exit(f"block {number} on {name} ended with {done.returncode}:\n{text}")
    return done.stdout


def expect(condition, what):
    if not condition:
        sys.exit(f"expected {what}")


def mode_and_owner(path, root):
    about = os.stat(path)
    with open(f"{root}/etc/passwd", encoding="utf-8") as passwd:
        users = {int(line.split(":")[2]): line.split(":")[0] for line in passwd}
    return f"{about.st_mode & 0o7777:04o} {users.get(about.st_uid, about.st_uid)}"


def look_at_bank(root):
    for path, expected in (("var/lib/cryobank/store", "0700 cryobank"),
                           ("var/lib/cryobank/signing-key", "0600 cryobank"),
                           ("var/lib/cryobank/high-water", "0600 cryobank"),
                           ("etc/cryobank", "0750 root")):
        came = mode_and_owner(f"{root}/{path}", root)
        expect(came == expected, f"/{path} to be {expected}, came {came}")
    for name in os.listdir(f"{root}/var/lib/cryobank/store"):
        came = mode_and_owner(f"{root}/var/lib/cryobank/store/{name}", root)
        expect(came.endswith("00 cryobank"), f"store/{name} to be the service's alone, came {came}")


def wait_for(path, word, seconds):
    for _ in range(seconds * 5):
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        if word in text:
            return
        time.sleep(0.2)
    sys.exit(f"expected \"{word}\" in {path}, came:\n{text}")


def main(page, build, work):
    sh("ip", "link", "set", "lo", "up")
    sh("mount", "--make-rprivate", "/")
    sh("mount", "-t", "tmpfs", "tmpfs", work)
    for name in MACHINES:
        make_machine(name, work, build)
    for name in MACHINES:  # each sees the others once all of them stand
        sh("mount", "--rbind", work, f"{work}/{name}/m/machines")
    with open(page, encoding="utf-8") as file:
        blocks = re.findall(r"^```sh ([a-z ]+)\n(.*?)^```$", file.read(), re.S | re.M)
    expect(len(blocks) >= 12, "the page's blocks")
    said = []
    for number, (names, text) in enumerate(blocks, 1):
        for name in names.split():
            said.append(run_block(name, work, text, number))
    bank = f"{work}/bank/m"
    look_at_bank(bank)
    whole = "".join(said)
    expect("acting as cryobank" in whole, "the store to be made as the service's user")
    expect("NOT KNOWN" in whole, "a drill without a high-water mark to say so")
    expect(": done" in whole or "done:" in whole, "the backup to be done")
    wait_for(f"{bank}/var/log/cryobankd.log", "site bank1, epoch 1", 10)
    # The gateway hears the daemon's beats over TLS; stopped, people hear that nobody watches.
    run_block("bank", work, "systemctl stop cryobankd", "after")
    wait_for(f"{work}/pager/m/var/log/cryobank-pager.log", "MONITOR DEAD", 90)
    print("the page holds")


if __name__ == "__main__":
    if os.environ.get("CRYOBANK_INSIDE") != "1":
        if os.geteuid() != 0 or shutil.which("unshare") is None or shutil.which("ip") is None:
            print("skipped: needs root, unshare and ip")
            sys.exit(SKIP)
        os.makedirs(sys.argv[3], exist_ok=True)
        sys.exit(enter_own_world(sys.argv))
    main(*sys.argv[1:])

#!/usr/bin/env python3
"""What polling costs: the whole daemon with N simulated freezers of the reference block at 1 Hz,
each an endpoint of its own, over a real broker, and beside it, when its folder is given, a Node-RED
that reads the same registers with its Modbus nodes and publishes one message a device.

  tests/bench/poll_beside.py --bin build/bin --devices 20,100 --seconds 60 [--node-red FOLDER]

FOLDER is one where `npm install node-red node-red-contrib-modbus` was done. Prints a Markdown table;
CPU is that of the one process with all its threads, as a share of one core."""
import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PAGE_KIB = os.sysconf("SC_PAGE_SIZE") / 1024
ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK_WORDS = 9  # input registers 0 to 8, identity to alarms, one read

PLACES = """
[[place_type]]
id = "site"
layout = "dimensionless"
holds = ["room"]
[[place_type]]
id = "room"
layout = "dimensionless"
holds = ["freezer"]
[[place_type]]
id = "freezer"
layout = "linear"
columns = 4
holds = ["aliquot"]
[[place]]
id = "site-bench"
type = "site"
title = "Bench"
[[place]]
id = "room-1"
type = "room"
parent = "site-bench"
title = "Room"
"""


def free_ports(count):
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def wait_for_port(port, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"nothing listens on port {port} after {seconds} s")


class Spent:
    """CPU and memory of one process over a span."""

    def __init__(self, pid):
        self.pid, self.cpu, self.at = pid, self.run_time(pid), time.time()

    @staticmethod
    def run_time(pid):
        """Seconds on a CPU, all threads, as the scheduler counts them."""
        threads = pathlib.Path(f"/proc/{pid}/task").iterdir()
        return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e9

    def figures(self):
        share = (self.run_time(self.pid) - self.cpu) / (time.time() - self.at)
        rss = int(pathlib.Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE_KIB / 1024
        return 100 * share, rss


class Counter:
    """Messages that the broker passes on, counted by a subscriber that prints one dot each."""

    def __init__(self, port, topic):
        self.process = subprocess.Popen(
            ["mosquitto_sub", "-V", "5", "-p", str(port), "-t", topic, "-F", "x"],
            stdout=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        time.sleep(1)
        self.take()

    def take(self):
        return (self.process.stdout.read() or b"").count(b"x")

    def end(self):
        self.process.kill()
        self.process.wait()


def write_site(folder, mqtt_port, ports):
    text = [
        '[site]\nid = "bench"\ntitle = "Polling bench"\ntime_zone = "UTC"\n',
        f'[files]\nprofiles = "{ROOT}/config/devices"\ninclude = ["{ROOT}/config/demo/users.toml"]\n',
        f'[mqtt]\nhost = "127.0.0.1"\nport = {mqtt_port}\nuser = "cryobankd"\n',
        f'[store]\ndirectory = "{folder}/store"\n',
    ]
    text.append(PLACES)
    for number, port in enumerate(ports, 1):
        text.append(f'[[place]]\nid = "tank-{number}"\ntype = "freezer"\nparent = "room-1"\n'
                    f'title = "Tank {number}"\ndevice = "freezer-{number}"\n')
        text.append(f'[[line]]\nid = "line-{number}"\nkind = "tcp"\nhost = "127.0.0.1"\nport = {port}\n')
        text.append(f'[[device]]\nid = "freezer-{number}"\nkind = "freezer"\n'
                    f'title = "Freezer {number}"\nprofile = "cryobank-freezer-2"\n'
                    f'line = "line-{number}"\nunit = 1\nroom = "room-1"\n')
    site = folder / "site.toml"
    site.write_text("\n".join(text))
    return site


def flow_of(mqtt_port, ports):
    """A Node-RED flow: for each device one Modbus read a second and one message of what changed."""
    flow = [{"id": "tab", "type": "tab", "label": "bench"},
            {"id": "broker", "type": "mqtt-broker", "broker": "127.0.0.1", "port": str(mqtt_port),
             "protocolVersion": "5", "clientid": "", "cleansession": True, "keepalive": "60"}]
    for number, port in enumerate(ports, 1):
        flow += [
            {"id": f"client{number}", "type": "modbus-client", "clienttype": "tcp",
             "tcpHost": "127.0.0.1", "tcpPort": str(port), "tcpType": "DEFAULT", "unit_id": "1",
             "bufferCommands": True, "queueLogEnabled": False, "stateLogEnabled": False,
             "serialConnectionDelay": "100", "serialPort": "", "serialType": "RTU",
             "commandDelay": "1", "clientTimeout": "1000", "reconnectOnTimeout": True,
             "reconnectTimeout": "2000", "parallelUnitIdsAllowed": True},
            {"id": f"read{number}", "type": "modbus-read", "z": "tab", "dataType": "InputRegister",
             "adr": "0", "quantity": str(BLOCK_WORDS), "rate": "1", "rateUnit": "s",
             "delayOnStart": False, "startDelayTime": "", "server": f"client{number}",
             "useIOFile": False, "useIOForPayload": False, "emptyMsgOnFail": False,
             "wires": [[f"say{number}"], []]},
            {"id": f"say{number}", "type": "mqtt out", "z": "tab", "topic": f"nr/freezer-{number}",
             "qos": "0", "retain": "true", "broker": "broker", "wires": []}]
    return flow


def measure(process, mqtt_port, topic, seconds):
    counter = Counter(mqtt_port, topic)
    spent = Spent(process.pid)
    began = time.time()
    time.sleep(seconds)
    cpu, rss = spent.figures()
    messages = counter.take() / (time.time() - began)
    counter.end()
    return cpu, rss, messages


class Bench:
    def __init__(self, binaries, devices):
        self.bin, self.folder = pathlib.Path(binaries), pathlib.Path(tempfile.mkdtemp())
        self.running = []
        self.mqtt, self.control, *self.lines = free_ports(devices + 2)

    def start(self, *command, **more):
        log = open(self.folder / f"{len(self.running)}.log", "w")
        self.running.append(subprocess.Popen([str(c) for c in command], stdout=log, stderr=log, **more))
        return self.running[-1]

    def end(self):
        for process in reversed(self.running):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.folder)

    def world(self):
        conf = self.folder / "mosquitto.conf"
        conf.write_text(f"listener {self.mqtt} 127.0.0.1\nallow_anonymous true\nuser root\n")
        self.start(shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin"), "-c", conf)
        wait_for_port(self.mqtt)
        site = write_site(self.folder, self.mqtt, self.lines)
        self.start(self.bin / "cryobank-sim", "--config", site, "--control-port", self.control)
        wait_for_port(self.lines[-1])
        return site

    def daemon(self, site, seconds):
        subprocess.run([self.bin / "cryobankctl", "store", "create", "--config", site], check=True,
                       stdout=subprocess.DEVNULL)
        process = self.start(self.bin / "cryobankd", "--config", site)
        time.sleep(15)
        figures = measure(process, self.mqtt, "cryobank/v1/bench/device/+/point/+", seconds)
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        return figures

    def node_red(self, modules, seconds):
        home = self.folder / "node-red"
        home.mkdir()
        (home / "flows.json").write_text(json.dumps(flow_of(self.mqtt, self.lines)))
        (home / "settings.js").write_text(
            "module.exports = {flowFile: 'flows.json', uiPort: 0, logging: {console: {level: 'warn'}},"
            f" nodesDir: '{modules}/node_modules/node-red-contrib-modbus'}};\n")
        process = self.start("node", f"{modules}/node_modules/node-red/red.js", "--userDir", home)
        time.sleep(25)
        return measure(process, self.mqtt, "nr/#", seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="folder of the programs")
    parser.add_argument("--devices", default="20,100")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--node-red", help="folder with node-red and node-red-contrib-modbus")
    options = parser.parse_args()
    print("| devices at 1 Hz | program | CPU of a core | memory | messages/s |\n|---|---|---|---|---|")
    for devices in [int(word) for word in options.devices.split(",")]:
        bench = Bench(options.bin, devices)
        try:
            site = bench.world()
            rows = [("cryobankd", bench.daemon(site, options.seconds))]
            if options.node_red:
                rows.append(("Node-RED", bench.node_red(os.path.abspath(options.node_red),
                                                        options.seconds)))
            for name, (cpu, rss, messages) in rows:
                print(f"| {devices} | {name} | {cpu:.2f} % | {rss:.0f} MB | {messages:.1f} |",
                      flush=True)
        finally:
            bench.end()


if __name__ == "__main__":
    main()

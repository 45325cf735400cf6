#!/usr/bin/env python3
"""Tells a cryobank's measured values as a Sparkplug B edge node. Read only.

  export_sparkplug.py [--group SITE] [--node cryobank]

The node is born with all its devices (NBIRTH, DBIRTH), tells changed values (DDATA), the end of a
device (DDEATH), and by its will its own (NDEATH). It obeys one command, "Node Control/Rebirth";
nothing else is subscribed to, and it has no way to write to a device. Broker and login
come from CRYOBANK_HOST, CRYOBANK_PORT, CRYOBANK_SITE, CRYOBANK_USER, CRYOBANK_PASSWORD and
CRYOBANK_CA; the login needs to read the site's tree, and to write below spBv1.0/GROUP. Needs
paho-mqtt 1.6 (Debian: python3-paho-mqtt). Sparkplug 3.0.0, Eclipse Foundation; docs/exports.md.
"""
import argparse
import json
import os
import queue
import signal
import struct
import sys
import time

import paho.mqtt.client as mqtt

QUIET_S = 2.0
INT32, INT64, DOUBLE, BOOLEAN, STRING = 3, 4, 10, 11, 12  # of Sparkplug's data types
GOOD, BAD, STALE = 192, 0, 500  # of the property "Quality"
REBIRTH = "Node Control/Rebirth"


# --- the payload: protocol buffers, of which a tag and four kinds of value are needed ---
def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value & 0xFFFFFFFFFFFFFFFF)


def text(field, value):
    data = value if isinstance(value, bytes) else value.encode()
    return varint(field << 3 | 2) + varint(len(data)) + data


def quality_property(quality):
    value = number(1, INT32) + number(3, quality)
    return text(9, text(1, "Quality") + text(2, value))


def metric(name, kind, value, at_ms, quality=None):
    out = text(1, name) + number(3, at_ms) + number(4, kind)
    if value is None:
        out += number(7, 1)
    elif kind == DOUBLE:
        out += varint(13 << 3 | 1) + struct.pack("<d", value)
    elif kind == BOOLEAN:
        out += number(14, int(value))
    elif kind == INT64:
        out += number(11, value)
    else:
        out += text(15, str(value))
    return out + (b"" if quality is None else quality_property(quality))


def read_fields(data):
    """(field, value) of one message; lengths are checked, what is no protocol buffer ends it."""
    at = 0
    def take_varint():
        nonlocal at
        value = shift = 0
        while True:
            if at >= len(data) or shift > 63:
                raise ValueError("cut")
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value
    while at < len(data):
        tag = take_varint()
        if tag & 7 == 0:
            yield tag >> 3, take_varint()
            continue
        length = {1: 8, 5: 4}.get(tag & 7) or (take_varint() if tag & 7 == 2 else None)
        if length is None or at + length > len(data):
            raise ValueError("cut")
        yield tag >> 3, data[at:at + length]
        at += length


def asks_for_rebirth(payload):
    try:
        for field, value in read_fields(payload):
            if field != 2:
                continue
            found = dict(read_fields(value))
            if found.get(1) == REBIRTH.encode() and found.get(14) == 1:
                return True
    except (ValueError, TypeError):
        pass  # not a payload of Sparkplug: nobody asked for anything
    return False


class Node:
    def __init__(self, publish, group, node):
        self.publish, self.base = publish, ("spBv1.0", group, node)
        self.sequence, self.birth = 0, 0
        self.devices = {}  # id: {"points": {id: kind}, "values": {id: point}, "alive": bool}
        self.born = False

    def topic(self, what, device=None):
        version, group, node = self.base
        return "/".join([version, group, what, node] + ([device] if device else []))

    def death(self):
        return number(1, int(time.time() * 1000)) + text(2, metric(
            "bdSeq", INT64, self.birth, int(time.time() * 1000)))

    def payload(self, metrics):
        out = number(1, int(time.time() * 1000))
        for one in metrics:
            out += text(2, one)
        out += number(3, self.sequence)
        self.sequence = (self.sequence + 1) % 256
        return out

    def tell(self, what, metrics, device=None):
        self.publish(self.topic(what, device), self.payload(metrics))

    def point(self, device, name):
        point = self.devices[device]["values"].get(name)
        kind = self.devices[device]["points"][name]
        if point is None:
            return metric(name, kind, None, int(time.time() * 1000), STALE)
        good = point["quality"] == "good"
        value = point["value"] if good else None
        if kind == DOUBLE and value is not None:
            value = float(value)
        quality = GOOD if good else STALE if point["quality"] == "stale" else BAD
        return metric(name, kind, value, int(time.time() * 1000), quality)

    def bear(self):
        self.sequence, self.born = 0, True
        now = int(time.time() * 1000)
        self.tell("NBIRTH", [metric("bdSeq", INT64, self.birth, now),
                             metric(REBIRTH, BOOLEAN, False, now)])
        for device, known in sorted(self.devices.items()):
            if known["alive"]:
                self.bear_device(device)

    def bear_device(self, device):
        known = self.devices[device]
        known["alive"] = True
        self.tell("DBIRTH", [self.point(device, name) for name in sorted(known["points"])], device)

    def on_description(self, device, described):
        kinds = {point["id"]: STRING if point["type"] == "text" else DOUBLE
                 for point in described["points"]}
        known = self.devices.setdefault(device, {"points": {}, "values": {}, "alive": True})
        if known["points"] == kinds:
            return
        known["points"] = kinds
        if self.born and known["alive"]:
            self.bear_device(device)

    def on_state(self, device, state):
        known = self.devices.setdefault(device, {"points": {}, "values": {}, "alive": True})
        alive = state["state"] != "lost"
        if alive == known["alive"]:
            return
        known["alive"] = alive
        if self.born and alive:
            self.bear_device(device)
        elif self.born:
            self.tell("DDEATH", [], device)

    def on_point(self, device, name, point):
        known = self.devices.get(device)
        if known is None:
            return
        before = known["values"].get(name)
        known["values"][name] = point
        same = before and (before["value"], before["quality"]) == (point["value"], point["quality"])
        if self.born and known["alive"] and name in known["points"] and not same:
            self.tell("DDATA", [self.point(device, name)], device)

    def take(self, topic, payload):
        parts = topic.split("/")
        if len(parts) < 6 or parts[3] != "device" or not payload:
            return
        message = json.loads(payload)
        if parts[5] == "description":
            self.on_description(parts[4], message)
        elif parts[5] == "state":
            self.on_state(parts[4], message)
        elif parts[5] == "point" and len(parts) == 7:
            self.on_point(parts[4], parts[6], message)


def main():
    site = os.environ.get("CRYOBANK_SITE", "demo")
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--group", default=site, help="Sparkplug group id")
    parser.add_argument("--node", default="cryobank", help="Sparkplug edge node id")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    arrived = queue.Queue(maxsize=100_000)
    link = mqtt.Client("cryobank-sparkplug", protocol=mqtt.MQTTv311, clean_session=True)
    link.username_pw_set(os.environ.get("CRYOBANK_USER", "export"),
                         os.environ.get("CRYOBANK_PASSWORD"))
    if os.environ.get("CRYOBANK_CA"):
        link.tls_set(os.environ["CRYOBANK_CA"])
    node = Node(lambda topic, payload: link.publish(topic, payload, qos=0), asked.group, asked.node)
    link.will_set(node.topic("NDEATH"), node.death(), qos=1)

    def connected(_client, _data, _flags, reason):
        if reason != 0:
            arrived.put(f"the broker refuses this login: {mqtt.connack_string(reason)}")
            return
        node.born = False
        link.subscribe(node.topic("NCMD"), 1)
        for name in ("description", "state", "point/+"):
            link.subscribe(f"cryobank/v1/{site}/device/+/{name}", 1)

    # The next connection is another life, with a number of its own in birth and will.
    def disconnected(_client, _data, _reason):
        node.birth = (node.birth + 1) % 256
        link.will_set(node.topic("NDEATH"), node.death(), qos=1)

    link.on_connect, link.on_disconnect = connected, disconnected
    link.on_message = lambda _client, _data, message: arrived.put(message)
    link.connect(os.environ.get("CRYOBANK_HOST", "127.0.0.1"),
                 int(os.environ.get("CRYOBANK_PORT", "1883")), keepalive=30)
    link.loop_start()
    first = time.monotonic() + QUIET_S
    while True:
        try:
            message = arrived.get(timeout=0.2)
            if isinstance(message, str):
                sys.exit(message)
            if message.topic == node.topic("NCMD"):
                if asks_for_rebirth(message.payload):
                    node.bear()
            else:
                node.take(message.topic, message.payload)
        except queue.Empty:
            pass
        if not node.born and link.is_connected() and node.devices and time.monotonic() > first:
            node.bear()


main()

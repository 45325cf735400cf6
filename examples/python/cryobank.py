#!/usr/bin/env python3
"""A small client of the cryobank service, in one file: what a program of your own must do.

  cryobank.py freezers                       what each freezer says now, and how old it is
  cryobank.py acknowledge ALARM              take an alarm: "I am going"
  cryobank.py register COURSE PATIENT [PROTOCOL]   a new course, expected, not yet stored
  cryobank.py follow STREAM [--after N] [--until N]   every event in order; a gap is asked for again

Broker and login come from CRYOBANK_HOST, CRYOBANK_PORT, CRYOBANK_SITE, CRYOBANK_USER and
CRYOBANK_PASSWORD. Needs paho-mqtt 1.6 (Debian: python3-paho-mqtt). The wire is described in
docs/mqtt.md.
"""
import argparse
import datetime
import json
import os
import queue
import sys
import time
import uuid

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

REPLY_WITHIN_S = 20
QUIET_S = 1.0  # what is retained comes first, in one go; a second without any more is its end


class Bank:
    """One connection as one user. Replies are told apart by their correlation data."""

    def __init__(self):
        self.user = os.environ.get("CRYOBANK_USER", "operator")
        self.root = f"cryobank/v1/{os.environ.get('CRYOBANK_SITE', 'demo')}/"
        self.client_id = f"example-{uuid.uuid4().hex[:8]}"
        self.arrived = queue.Queue(maxsize=100_000)
        self.link = mqtt.Client(self.client_id, protocol=mqtt.MQTTv5)
        self.link.username_pw_set(self.user, os.environ.get("CRYOBANK_PASSWORD", "demo"))
        self.link.on_connect = self._connected
        self.link.on_message = lambda _client, _data, message: self.arrived.put(message)
        self.refused = queue.Queue()
        self.link.connect(os.environ.get("CRYOBANK_HOST", "127.0.0.1"),
                          int(os.environ.get("CRYOBANK_PORT", "1883")), keepalive=15,
                          clean_start=True)
        self.link.loop_start()
        reason = self.refused.get(timeout=10)
        if reason.value >= 0x80:
            sys.exit(f"the broker refuses {self.user}: {reason}")

    def _connected(self, _client, _data, _flags, reason, _properties):
        self.refused.put(reason)

    def close(self):
        self.link.disconnect()
        self.link.loop_stop()

    def subscribe(self, filters):
        self.link.subscribe([(self.root + name, 1) for name in filters])

    def retained(self, *filters):
        """What the service says now, by topic below the site's root."""
        self.subscribe(filters)
        found = {}
        end = time.monotonic() + QUIET_S
        while True:
            try:
                message = self.arrived.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                return found
            if message.retain:  # a live one has no such flag, and those never end
                end = time.monotonic() + QUIET_S
            topic = message.topic.removeprefix(self.root)
            if message.payload:
                found[topic] = json.loads(message.payload)
            else:
                found.pop(topic, None)  # an empty payload takes a topic away

    def command(self, verb, body, **more):
        """Sends one command and waits for its last reply. The id makes it safe to send again."""
        number = str(uuid.uuid4())
        reply_topic = f"{self.root}reply/{self.user}/{self.client_id}"
        self.link.subscribe(reply_topic, 1)
        now = datetime.datetime.now(datetime.timezone.utc)
        expires = now + datetime.timedelta(seconds=REPLY_WITHIN_S)
        message = {"id": number, "expires_at": expires.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                   "body": body, **more}
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = reply_topic
        properties.CorrelationData = number.encode()
        properties.MessageExpiryInterval = REPLY_WITHIN_S
        self.link.publish(f"{self.root}command/{self.user}/{verb}", json.dumps(message), qos=1,
                          properties=properties)
        while True:
            try:
                came = self.arrived.get(timeout=REPLY_WITHIN_S)
            except queue.Empty:
                sys.exit(f"no reply within {REPLY_WITHIN_S} s; send id {number} again to be sure")
            if getattr(came.properties, "CorrelationData", None) != number.encode():
                continue
            reply = json.loads(came.payload)
            if reply["status"] != "accepted":
                return reply


def tell(reply):
    print(f"{reply['status']}: {reply['message']}")
    if reply["status"] != "done":
        sys.exit(1)


def freezers(bank, _words):
    found = bank.retained("device/+/description", "device/+/state", "device/+/point/+")
    now = datetime.datetime.now(datetime.timezone.utc)
    for topic, described in sorted(found.items()):
        parts = topic.split("/")
        if parts[2:] != ["description"] or described["kind"] != "freezer":
            continue
        state = found.get(f"device/{parts[1]}/state", {}).get("state", "unknown")
        print(f"{parts[1]}  {described['title']}  {state}")
        for name in ("level", "temperature-top", "temperature-bottom"):
            point = found.get(f"device/{parts[1]}/point/{name}")
            if point is None:
                print(f"  {name}: not told")  # never 0, never the last value
                continue
            at = datetime.datetime.fromisoformat(point["at"].replace("Z", "+00:00"))
            shown = "unknown" if point["value"] is None else f"{point['value']} {point['unit']}"
            age = int((now - at).total_seconds())
            print(f"  {name}: {shown} ({point['quality']}, {age} s ago)")


def acknowledge(bank, words):
    tell(bank.command("alarm/acknowledge", {"alarm": words.alarm, "reason": "going"}))


def register(bank, words):
    tell(bank.command("course/register", {"course": words.course, "patient": words.patient,
                                          "protocol": words.protocol}, reason="example"))


def follow(bank, words):
    """Numbers rise by one. What is missing between is asked for, then the live ones go on."""
    last = words.after
    bank.subscribe([f"event/{words.stream}", f"event/{words.stream}/head"])
    early = {}  # live events that came before their turn
    while words.until == 0 or last < words.until:
        message = bank.arrived.get(timeout=3600)
        if not message.payload:
            continue
        told = json.loads(message.payload)
        if message.topic.endswith("/head"):
            newest = told["last"]
        elif message.topic == f"{bank.root}event/{words.stream}":
            newest = told["seq"]
            early[newest] = told
        else:
            continue
        while last < newest:
            event = early.pop(last + 1, None)
            if event is None:
                for event in missing(bank, words.stream, last + 1):
                    early.setdefault(event["seq"], event)
                event = early.pop(last + 1, None)
                if event is None:
                    sys.exit(f"event {last + 1} of {words.stream} is no longer kept: the journal has it")
            last = event["seq"]
            print(f"{event['seq']} {event['time']} {event['type']} {json.dumps(event['data'])}",
                  flush=True)


def missing(bank, stream, number):
    reply = bank.command("event/replay", {"stream": stream, "from": number})
    if reply["status"] != "done":
        sys.exit(f"no replay: {reply['message']}")
    return reply["body"]["events"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    acts = parser.add_subparsers(required=True)
    acts.add_parser("freezers").set_defaults(act=freezers)
    one = acts.add_parser("acknowledge")
    one.add_argument("alarm")
    one.set_defaults(act=acknowledge)
    one = acts.add_parser("register")
    one.add_argument("course")
    one.add_argument("patient", help="a pseudonym")
    one.add_argument("protocol", nargs="?", default="single")
    one.set_defaults(act=register)
    one = acts.add_parser("follow")
    one.add_argument("stream", help="inventory, job, alarm, plan, device, security or service")
    one.add_argument("--after", type=int, default=0, help="the last number that you have")
    one.add_argument("--until", type=int, default=0, help="end after this number; 0: never")
    one.set_defaults(act=follow)
    words = parser.parse_args()
    bank = Bank()
    try:
        words.act(bank, words)
    finally:
        bank.close()


main()

#!/usr/bin/env python3
"""Shows a cryobank to Home Assistant by its MQTT discovery. Read only: nobody can act from there.

  export_home_assistant.py [--prefix homeassistant] [--once]

Reads what the service retains and writes one retained description for each point of each device,
for the hours until a tank is dry, and for the alarms of each priority. Values are not copied: Home
Assistant reads the service's own topics, so both use one broker, or a bridge carries them. Broker
and login come from CRYOBANK_HOST, CRYOBANK_PORT, CRYOBANK_SITE, CRYOBANK_USER, CRYOBANK_PASSWORD
and CRYOBANK_CA; the login needs to read the site's tree and to write below the prefix alone. Needs
paho-mqtt 1.6 (Debian: python3-paho-mqtt). docs/exports.md has an example of each message.
"""
import argparse
import json
import os
import queue
import signal
import sys

import paho.mqtt.client as mqtt

QUIET_S = 2.0
UNITS = {"Cel": "°C", "1": None, "mm": "mm", "%": "%", "kg": "kg", "mbar": "mbar", "s": "s"}
CLASSES = {"Cel": "temperature", "mbar": "pressure", "kg": "weight", "mm": "distance"}
ONLINE = "{{ 'online' if value_json.state in ['online', 'degraded'] else 'offline' }}"
GOOD = "{{ value_json.value if value_json.quality == 'good' else None }}"
STANDING = ("{{ 'ON' if value_json.counts.%s['active-unacknowledged'] + "
            "value_json.counts.%s['active-acknowledged'] > 0 else 'OFF' }}")


class Shown:
    """What Home Assistant was told, by topic; told again only when it differs."""

    def __init__(self, prefix, site):
        self.prefix, self.site = prefix, site
        self.root = f"cryobank/v1/{site}/"
        self.told = {}

    def entity(self, kind, device, name, more):
        unique = f"cryobank_{self.site}_{device}_{name}".replace(".", "_")
        node = f"cryobank_{self.site}_{device}".replace(".", "_")
        return f"{self.prefix}/{kind}/{node}/{name.replace('.', '_')}/config", {
            "unique_id": unique, "object_id": unique, "origin": {"name": "cryobank"}, **more}

    def availability(self, device):
        service = {"topic": self.root + "service/state", "value_template": ONLINE}
        own = {"topic": f"{self.root}device/{device}/state", "value_template": ONLINE}
        return {"availability": [service, own], "availability_mode": "all"}

    def of_device(self, described):
        device = described["id"]
        card = {"identifiers": [f"cryobank_{self.site}_{device}"],
                "name": described.get("title", device), "model": described.get("profile", ""),
                "manufacturer": "cryobank"}
        for point in described["points"]:
            state = f"{self.root}device/{device}/point/{point['id']}"
            more = {"name": point.get("title", point["id"]), "state_topic": state,
                    "value_template": GOOD, "json_attributes_topic": state, "device": card,
                    **self.availability(device)}
            unit = UNITS.get(point.get("unit"), point.get("unit"))
            if unit:
                more |= {"unit_of_measurement": unit, "state_class": "measurement"}
            if point.get("unit") in CLASSES:
                more["device_class"] = CLASSES[point["unit"]]
            yield self.entity("sensor", device, point["id"], more)
        if described["kind"] == "freezer":
            yield self.entity("sensor", device, "dry_in", {
                "name": "Hours until dry", "state_topic": f"{self.root}device/{device}/model",
                "value_template": "{{ value_json.dry_in_h }}", "unit_of_measurement": "h",
                "device": card, **self.availability(device)})

    def of_alarms(self):
        card = {"identifiers": [f"cryobank_{self.site}"], "name": f"Cryobank {self.site}",
                "manufacturer": "cryobank"}
        service = {"topic": self.root + "service/state", "value_template": ONLINE}
        for priority in ("p1", "p2", "p3"):
            yield self.entity("binary_sensor", "alarms", priority, {
                "name": f"Alarms {priority.upper()}", "device_class": "problem",
                "state_topic": self.root + "alarm/summary",
                "value_template": STANDING % (priority, priority), "device": card,
                "availability": [service]})

    def changes(self, described):
        wanted = dict(self.of_alarms())
        for one in described.values():
            wanted.update(self.of_device(one))
        for topic in sorted(self.told.keys() - wanted.keys()):
            yield topic, ""  # an empty payload takes an entity away
        for topic, payload in wanted.items():
            if self.told.get(topic) != payload:
                yield topic, json.dumps(payload, sort_keys=True)
        self.told = wanted


def connect(arrived):
    link = mqtt.Client("cryobank-home-assistant", protocol=mqtt.MQTTv5)
    link.username_pw_set(os.environ.get("CRYOBANK_USER", "export"),
                         os.environ.get("CRYOBANK_PASSWORD"))
    if os.environ.get("CRYOBANK_CA"):
        link.tls_set(os.environ["CRYOBANK_CA"])

    def connected(_client, _data, _flags, reason, _properties):
        if reason.value >= 0x80:
            arrived.put(f"the broker refuses this login: {reason}")
            return
        link.subscribe(f"cryobank/v1/{os.environ.get('CRYOBANK_SITE', 'demo')}"
                       "/device/+/description", 1)

    link.on_connect = connected
    link.on_message = lambda _client, _data, message: arrived.put(message)
    link.connect(os.environ.get("CRYOBANK_HOST", "127.0.0.1"),
                 int(os.environ.get("CRYOBANK_PORT", "1883")), keepalive=30, clean_start=True)
    link.loop_start()
    return link


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prefix", default="homeassistant", help="of discovery, as there")
    parser.add_argument("--once", action="store_true", help="end when everything is told")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    arrived = queue.Queue(maxsize=100_000)
    link = connect(arrived)
    shown = Shown(asked.prefix, os.environ.get("CRYOBANK_SITE", "demo"))
    described = {}
    while True:
        try:
            message = arrived.get(timeout=QUIET_S)
        except queue.Empty:
            for topic, payload in shown.changes(described):
                link.publish(topic, payload, qos=1, retain=True).wait_for_publish(10)
            if asked.once:
                link.disconnect()
                return
            continue
        if isinstance(message, str):
            sys.exit(message)
        if message.payload:
            described[message.topic] = json.loads(message.payload)
        else:
            described.pop(message.topic, None)


main()

#!/usr/bin/env python3
"""Holds recorded MQTT traffic against docs/asyncapi.yaml and names every difference.

usage: check_traffic.py ASYNCAPI SITE TRAFFIC

TRAFFIC has one message a line, as `mosquitto_sub -V 5 --retain-as-published -F %j` prints it. A
message must fit its channel's schema, retain flag, QoS and expiry; what the daemon sends may have no
key that the schema does not name; every channel must have been seen. Ends with 1 after any fault.
"""

import copy
import json
import pathlib
import re
import sys
import uuid

import jsonschema
import yaml

FAULTS_SHOWN_MAX = 50

checker = jsonschema.FormatChecker(formats=())


@checker.checks("date-time")
def is_utc_with_milliseconds(value):
    return not isinstance(value, str) or bool(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", value))


@checker.checks("uuid", raises=ValueError)
def is_uuid(value):
    return not isinstance(value, str) or str(uuid.UUID(value)) == value.lower()


def closed(schema):
    """The same schema, in which an object has the named keys only."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: closed(part) for key, part in schema.items()}
    if isinstance(schema.get("properties"), dict):
        schema.setdefault("additionalProperties", False)
    return schema


def target(document, reference):
    for key in reference.removeprefix("#/").split("/"):
        document = document[key]
    return document


class Channel:
    """One channel with its operation: which topics, which rules."""

    def __init__(self, name, document, site):
        self.name = name
        described = document["channels"][name]
        address = described["address"].replace("{site}", site)
        self.pattern = re.compile(
            "".join("[^/]+" if part.startswith("{") else re.escape(part)
                    for part in re.split(r"(\{[a-z]+\})", address)))
        self.levels_fixed = sum("{" not in level for level in address.split("/"))
        operation = next(one for one in document["operations"].values()
                         if one["channel"]["$ref"] == f"#/channels/{name}")
        binding = operation["bindings"]["mqtt"]
        self.retain, self.qos = binding["retain"], binding["qos"]
        self.expires = binding.get("messageExpiryInterval")
        schemas = document["components"]["schemas"]
        if operation["action"] == "send":
            schemas = closed(copy.deepcopy(schemas))
        (message,) = described["messages"].values()
        payload = target(document, message["$ref"])["payload"]["$ref"]
        self.validator = jsonschema.Draft202012Validator(
            {"$ref": payload, "components": {"schemas": schemas}}, format_checker=checker)
        self.seen = 0

    def faults(self, message):
        self.seen += 1
        if not message["payload"] and self.retain:  # the topic is removed
            return
        if message["qos"] != self.qos:
            yield f"QoS {message['qos']}, expected {self.qos}"
        if bool(message["retain"]) != self.retain:
            yield f"retain {message['retain']}, expected {self.retain}"
        expiry = message.get("properties", {}).get("message-expiry-interval")
        if self.expires is None and expiry is not None:
            yield f"expires in {expiry} s, expected to stand"
        if self.expires is not None and self.expires.get("minimum", 0) > 0 and not expiry:
            yield "expected a message expiry"
        try:
            payload = json.loads(message["payload"])
        except ValueError as error:
            yield f"payload is not JSON: {error}"
            return
        for error in self.validator.iter_errors(payload):
            where = re.sub(r"\[\d+\]", "[]", error.json_path)
            yield f"{where}: {error.message[:300]}"


def main():
    document = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    channels = [Channel(name, document, sys.argv[2]) for name in document["channels"]]
    channels.sort(key=lambda channel: -channel.levels_fixed)
    faults, messages = {}, 0  # a fault by its channel and text, with the first topic that had it
    for line in pathlib.Path(sys.argv[3]).read_text(encoding="utf-8").splitlines():
        message = json.loads(line)
        messages += 1
        channel = next((one for one in channels if one.pattern.fullmatch(message["topic"])), None)
        found = channel.faults(message) if channel else ["no channel has this address"]
        for fault in found:
            faults.setdefault((channel.name if channel else None, fault), message["topic"])
    for one in channels:
        if one.seen == 0:
            faults[(one.name, "never seen")] = one.name
    for (_, fault), topic in list(faults.items())[:FAULTS_SHOWN_MAX]:
        print(f"{topic}: {fault}")
    print(f"{messages} messages on {sum(one.seen > 0 for one in channels)} of {len(channels)} "
          f"channels, {len(faults)} faults")
    sys.exit(1 if faults else 0)


main()

#!/usr/bin/env python3
"""Decodes Sparkplug B payloads with the protocol buffers library, from the fields that the
specification lists (Sparkplug 3.0.0, section 6.4), sharing no code with what is tested.

usage: read_sparkplug.py FILE   lines "topic hex"; writes a line of JSON for each
       read_sparkplug.py --rebirth   writes the payload of "Node Control/Rebirth"
"""
import json
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

KIND = descriptor_pb2.FieldDescriptorProto
ONE, MANY = KIND.LABEL_OPTIONAL, KIND.LABEL_REPEATED


def add(file, name, fields):
    message = file.message_type.add(name=name)
    for number, (field, label, kind) in fields.items():
        one = message.field.add(name=field, number=number, label=label)
        if isinstance(kind, str):
            one.type, one.type_name = KIND.TYPE_MESSAGE, "." + kind
        else:
            one.type = kind


def payload_class():
    file = descriptor_pb2.FileDescriptorProto(name="sparkplug_b.proto", syntax="proto2")
    add(file, "PropertyValue", {
        1: ("type", ONE, KIND.TYPE_UINT32), 2: ("is_null", ONE, KIND.TYPE_BOOL),
        3: ("int_value", ONE, KIND.TYPE_UINT32)})
    add(file, "PropertySet", {
        1: ("keys", MANY, KIND.TYPE_STRING), 2: ("values", MANY, "PropertyValue")})
    add(file, "Metric", {
        1: ("name", ONE, KIND.TYPE_STRING), 2: ("alias", ONE, KIND.TYPE_UINT64),
        3: ("timestamp", ONE, KIND.TYPE_UINT64), 4: ("datatype", ONE, KIND.TYPE_UINT32),
        7: ("is_null", ONE, KIND.TYPE_BOOL), 9: ("properties", ONE, "PropertySet"),
        10: ("int_value", ONE, KIND.TYPE_UINT32), 11: ("long_value", ONE, KIND.TYPE_UINT64),
        13: ("double_value", ONE, KIND.TYPE_DOUBLE), 14: ("boolean_value", ONE, KIND.TYPE_BOOL),
        15: ("string_value", ONE, KIND.TYPE_STRING)})
    add(file, "Payload", {1: ("timestamp", ONE, KIND.TYPE_UINT64), 2: ("metrics", MANY, "Metric"),
                          3: ("seq", ONE, KIND.TYPE_UINT64)})
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("Payload"))


def metric_json(metric):
    kinds = ("long_value", "double_value", "boolean_value", "string_value")
    values = [getattr(metric, name) for name in kinds if metric.HasField(name)]
    quality = dict(zip(metric.properties.keys, (v.int_value for v in metric.properties.values)))
    return {"name": metric.name, "datatype": metric.datatype, "null": metric.is_null,
            "value": values[0] if values else None, "quality": quality.get("Quality")}


def main():
    make = payload_class()
    if sys.argv[1] == "--rebirth":
        payload = make(timestamp=1)
        payload.metrics.add(name="Node Control/Rebirth", datatype=11, boolean_value=True)
        sys.stdout.buffer.write(payload.SerializeToString())
        return
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            topic, _, payload = line.strip().partition(" ")
            if not topic.startswith("spBv1.0/") or "/NCMD/" in topic:
                continue
            message = make()
            message.ParseFromString(bytes.fromhex(payload))
            print(json.dumps({
                "topic": topic, "seq": message.seq if message.HasField("seq") else None,
                "metrics": [metric_json(metric) for metric in message.metrics]}))


main()

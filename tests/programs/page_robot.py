#!/usr/bin/env python3
"""A sample robot built from docs/registers.md alone, sharing no code with the service or its simulator.

usage: page_robot.py PORT SHELF [mute]

SHELF is a JSON file {"vials": {"901/0/1": code, ...}, "motions": [sequence, ...]}; it is read at the
start and written after each motion. Speaks Modbus TCP as unit 1 on loopback. With "mute" it answers
nothing any more from the first motion on that it takes. It keeps no memory over its own end.
"""

import json
import os
import socketserver
import struct
import sys
import threading
import time

MAGIC_COMMAND, MAGIC_STATUS = 0xC0B1, 0xC0B2
IDLE, ACCEPTED, RUNNING, DONE, FAILED = range(5)
CRC_BAD, EPOCH_LOW, SEQUENCE_LOW, BUSY, UNKNOWN_PLACE, UNKNOWN_VERB, SILENT = 1, 2, 3, 4, 7, 8, 9
SOURCE_EMPTY, DESTINATION_OCCUPIED, MISMATCH = 10, 11, 12
PICK, PLACE, TRANSFER, SCAN_POSITION, SCAN_RACK, PARK = 1, 2, 3, 4, 5, 8
SCAN_AT, SCAN_MOST, RACK_POSITIONS = 999, 200, 100
UNITS_KNOWN = (1, 2, 3, 4, 901, 902)
PHASE_S = 0.15


def crc16(registers):
    value = 0xFFFF
    for byte in b"".join(struct.pack(">H", register) for register in registers):
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value


def fnv1a(code):
    value = 2166136261
    for byte in code.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


def words(value):
    return [value >> 16, value & 0xFFFF]


class Robot:
    def __init__(self, shelf_file):
        self.file, self.lock = shelf_file, threading.RLock()
        with open(shelf_file, encoding="utf-8") as file:
            self.shelf = json.load(file)
        self.holding = [0] * 24
        self.state, self.step, self.result, self.error = IDLE, 0, 0, 0
        self.echo, self.latched, self.completed, self.epoch = 0, 0, 0, 0
        self.held, self.at_pick, self.at_place, self.code = "", 0, 0, ""
        self.refusal, self.refused = 0, 0
        self.beat_seen = None
        self.scanned = []

    def scan_result(self):
        registers = [len(self.scanned)]
        for code in self.scanned + [""] * (SCAN_MOST - len(self.scanned)):
            registers += struct.unpack(">32H", code.encode().ljust(64, b"\0"))
        return registers

    def status(self):
        text = self.code.encode().ljust(64, b"\0")
        registers = [MAGIC_STATUS, 1, self.state, self.step, *words(self.echo),
                     *words(self.latched), self.result, int(bool(self.held)),
                     *words(self.completed), *words(self.epoch),
                     int(time.monotonic() * 2) & 0xFFFF, 1, 0, self.error, *words(self.at_pick),
                     *words(self.at_place), *struct.unpack(">32H", text),
                     *words(int(time.time())), self.refusal, *words(self.refused)]
        return registers + [crc16(registers)]

    def write(self, address, values):
        """An exception code, or None."""
        if address < 16:
            if address != 0 or len(values) != 16:
                return 2
            self.holding[:16] = values
            self.command(values)
            return None
        if address + len(values) > 24:
            return 2
        if address <= 20 < address + len(values):
            self.beat_seen = time.monotonic()
        self.holding[address:address + len(values)] = values
        if address <= 16 and address + len(values) >= 18:
            self.clear(self.holding[16] << 16 | self.holding[17])
        return None

    def clear(self, sequence):
        if self.latched and sequence == self.latched:
            self.state = self.step = self.result = self.error = self.latched = 0

    def command(self, block):
        sequence, epoch = block[10] << 16 | block[11], block[12] << 16 | block[13]
        reason = self.judge(block, sequence, epoch)
        if reason is None:
            return
        if reason:
            self.refusal, self.refused = reason, sequence
            return
        self.echo, self.refusal, self.refused = sequence, 0, 0
        self.at_pick = self.at_place = 0
        self.code, self.state, self.step = "", ACCEPTED, 0
        threading.Thread(target=self.move, args=(block, sequence), daemon=True).start()

    def judge(self, block, sequence, epoch):
        """0: taken; None: nothing happens; else why it is refused."""
        if block[0] != MAGIC_COMMAND or block[14] != crc16(block[:14]) or block[15] != block[11]:
            return CRC_BAD
        if epoch < self.epoch:
            return EPOCH_LOW
        self.epoch = epoch
        if sequence <= self.echo:
            return None if sequence == self.echo else SEQUENCE_LOW
        if block[1] not in (PICK, PLACE, TRANSFER, SCAN_POSITION, SCAN_RACK, PARK):
            return UNKNOWN_VERB
        ends = {PICK: [block[2]], PLACE: [block[5]], TRANSFER: [block[2], block[5]],
                SCAN_POSITION: [block[2]], SCAN_RACK: [block[2]], PARK: []}
        if any(unit not in UNITS_KNOWN for unit in ends[block[1]]):
            return UNKNOWN_PLACE
        if self.state != IDLE or self.holding[21]:
            return BUSY
        if self.beat_seen is None or time.monotonic() - self.beat_seen > 10:
            return SILENT
        return 0

    def move(self, block, sequence):
        source, destination = ("/".join(map(str, block[at:at + 3])) for at in (2, 5))
        expected = block[8] << 16 | block[9]
        error = 0
        if block[1] in (PICK, TRANSFER):
            error = self.pick(source, expected)
        if not error and block[1] in (PLACE, TRANSFER):
            error = self.place(destination)
        if block[1] in (SCAN_POSITION, SCAN_RACK):
            self.scan(block)
        with self.lock:
            self.result = error or 1
            self.error = error
            self.completed += not error
            self.latched, self.state = sequence, FAILED if error else DONE
            self.shelf["motions"].append(sequence)
            with open(self.file + ".new", "w", encoding="utf-8") as file:
                json.dump(self.shelf, file)
            os.replace(self.file + ".new", self.file)

    def go(self, step):
        with self.lock:
            self.state, self.step = RUNNING, step
        time.sleep(PHASE_S)

    def pick(self, source, expected):
        self.go(1)
        with self.lock:
            code = self.shelf["vials"].get(source)
            if code is None:
                return SOURCE_EMPTY
            self.code, self.at_pick = code, fnv1a(code)
            if expected and expected != self.at_pick:
                return MISMATCH
            self.held = self.shelf["vials"].pop(source)
        self.go(2)
        return 0

    def place(self, destination):
        self.go(3)
        with self.lock:
            if destination in self.shelf["vials"]:
                return DESTINATION_OCCUPIED
            self.shelf["vials"][destination] = self.held
            self.at_place, self.held = fnv1a(self.held), ""
            self.step = 4
        return 0


    def scan(self, block):
        self.go(5)
        count = 1 if block[1] == SCAN_POSITION else RACK_POSITIONS
        with self.lock:
            at = ("/".join(map(str, (block[2], block[3], block[4] + i))) for i in range(count))
            self.scanned = [self.shelf["vials"].get(place, "") for place in at]
            read = [code for code in self.scanned if code]
            self.code = read[-1] if read else ""


class Connection(socketserver.BaseRequestHandler):
    def take(self, count):
        data = b""
        while len(data) < count:
            part = self.request.recv(count - len(data))
            if not part:
                raise ConnectionError
            data += part
        return data

    def handle(self):
        try:
            while True:
                transaction, _, length, unit = struct.unpack(">HHHB", self.take(7))
                request = self.take(length - 1)
                if unit != 1:
                    continue  # an endpoint of its own is one machine: nobody else answers
                answer = self.answer(request)
                if self.server.mute and self.server.robot.echo:
                    continue
                self.request.sendall(
                    struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer)
        except OSError:
            pass

    def answer(self, request):
        robot = self.server.robot
        function, address, count = struct.unpack(">BHH", request[:5])
        with robot.lock:
            if function in (3, 4):
                if not 1 <= count <= 125:
                    return bytes([function | 0x80, 3])
                registers = robot.holding if function == 3 else robot.status()
                if function == 4 and address >= SCAN_AT:
                    registers, address = robot.scan_result(), address - SCAN_AT
                if address + count > len(registers):
                    return bytes([function | 0x80, 2])
                return struct.pack(f">BB{count}H", function, count * 2,
                                   *registers[address:address + count])
            if function in (6, 16):
                values = [count] if function == 6 else list(
                    struct.unpack(f">{count}H", request[6:6 + 2 * count]))
                exception = robot.write(address, values)
                return bytes([function | 0x80, exception]) if exception else request[:5]
        return bytes([function | 0x80, 1])


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main():
    with Server(("127.0.0.1", int(sys.argv[1])), Connection) as server:
        server.robot = Robot(sys.argv[2])
        server.mute = sys.argv[3:] == ["mute"]
        server.serve_forever()


main()

#!/usr/bin/env python3
"""An AT modem on a pty: path of the link, file of what was sent, and "pdu" for smsd's way.

It sends what it is given, reports it as delivered a second later, and in text mode answers once.
"""
import os
import re
import select
import sys
import time
import tty

link, sent_file = sys.argv[1], sys.argv[2]
pdu = len(sys.argv) > 3
master, slave = os.openpty()
tty.setraw(master)
tty.setraw(slave)
temporary = link + ".new"
os.symlink(os.ttyname(slave), temporary)
os.rename(temporary, link)

reference = 116
later = []          # (when, bytes): what the network brings by itself
stored = []         # reports in the modem's memory, for smsd
buffer = b""
prompt = None


def say(text):
    os.write(master, ("\r\n" + text + "\r\n").encode())


def swapped(digits):
    digits += "F" if len(digits) % 2 else ""
    return "".join(digits[i + 1] + digits[i] for i in range(0, len(digits), 2))


def report_pdu(ref, number):
    stamp = swapped("261122030005") + "00"
    return "00" + "06" + "%02X" % ref + "%02X" % len(number) + "91" + swapped(number) + stamp + stamp + "00"


def take(text):
    global reference
    reference += 1
    with open(sent_file, "a", encoding="ascii", errors="replace") as out:
        out.write(text + "\n")
    say("+CMGS: %d" % reference)
    say("OK")
    now = time.time()
    if pdu:
        stored.append(report_pdu(reference, "491701234567"))
        return
    stamp = time.strftime("%y/%m/%d,%H:%M:%S", time.gmtime(now + 3600)) + "+04"
    later.append((now + 0.5, '+CDS: 6,%d,"+491701234567",145,"%s","%s",0' % (reference, stamp, stamp)))
    later.append((now + 1.0, '+CMT: "+491701234567",,"26/11/22,03:00:40+04"\r\ncoming 4471'))


def command(line):
    global prompt
    upper = line.upper()
    if upper.startswith("AT+CMGS="):
        prompt = line
        os.write(master, b"\r\n> ")
    elif upper.startswith("AT+CREG?"):
        say("+CREG: 0,1")
        say("OK")
    elif upper.startswith("AT+CPIN?"):
        say("+CPIN: READY")
        say("OK")
    elif upper.startswith("AT+CSQ"):
        say("+CSQ: 20,0")
        say("OK")
    elif upper.startswith("AT+CPMS"):
        say("+CPMS: %d,20,%d,20,%d,20" % (len(stored), len(stored), len(stored)))
        say("OK")
    elif upper.startswith("AT+CMGL"):
        for index, text in enumerate(stored):
            say("+CMGL: %d,0,,%d\r\n%s" % (index + 1, len(text) // 2 - 1, text))
        say("OK")
    elif upper.startswith("AT+CMGR="):
        index = int(re.findall(r"\d+", line)[0]) - 1
        if 0 <= index < len(stored):
            say("+CMGR: 0,,%d\r\n%s" % (len(stored[index]) // 2 - 1, stored[index]))
        say("OK")
    elif upper.startswith("AT+CMGD="):
        stored.clear()
        say("OK")
    elif upper.startswith("AT+CIMI"):
        say("262010000000001")
        say("OK")
    elif upper.startswith("AT"):
        say("OK")


while True:
    ready, _, _ = select.select([master], [], [], 0.1)
    now = time.time()
    for when, text in [one for one in later if one[0] <= now]:
        say(text)
        later.remove((when, text))
    if not ready:
        continue
    try:
        buffer += os.read(master, 4096)
    except OSError:
        time.sleep(0.1)
        continue
    while True:
        if prompt is not None:
            end = buffer.find(b"\x1a")
            if end < 0:
                break
            text = buffer[:end].decode("ascii", "replace")
            buffer = buffer[end + 1:]
            prompt = None
            take(text)
            continue
        end = buffer.find(b"\r")
        if end < 0:
            break
        line = buffer[:end].decode("ascii", "replace").strip()
        buffer = buffer[end + 1:]
        if line:
            command(line)

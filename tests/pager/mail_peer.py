#!/usr/bin/env python3
"""A mail server (aiosmtpd) and a mailbox of two mails: a bounce of what came last, and an answer.

Arguments: port of SMTP, port of IMAP, file of what came; with a certificate and its key SMTP wants
STARTTLS before a mail, and IMAP is TLS from the first byte.
"""
import re
import socketserver
import ssl
import sys
import threading

from aiosmtpd.controller import Controller

smtp_port, imap_port, taken = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
context = None
if len(sys.argv) > 5:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4], sys.argv[5])
mailbox = []


class Taker:
    async def handle_DATA(self, server, session, envelope):
        text = envelope.content.decode("utf-8", "replace")
        with open(taken, "a", encoding="utf-8") as out:
            out.write(text)
        message_id = re.search(r"^Message-ID: (.*?)\r?$", text, re.M).group(1)
        mailbox.append(
            "From: MAILER-DAEMON@example.org\r\nSubject: Undelivered\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Final-Recipient: rfc822; anna@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
            "Diagnostic-Code: smtp; 550 no such user\r\n\r\n--b\r\nContent-Type: message/rfc822-headers\r\n\r\n"
            "Message-ID: " + message_id + "\r\n--b--\r\n")
        mailbox.append(
            "From: Anna <anna@example.org>\r\nSubject: Re\r\nIn-Reply-To: " + message_id + "\r\n\r\n"
            "coming 4471\r\n\r\n> P1 freezer-1\r\n")
        return "250 taken"


class Imap(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write((text + "\r\n").encode())

    def handle(self):
        self.say("* OK ready")
        for raw in self.rfile:
            tag, command = raw.decode().strip().split(" ", 1)
            verb = command.split(" ")[0].upper()
            if verb == "SEARCH":
                unseen = [str(i + 1) for i, mail in enumerate(mailbox) if mail is not None]
                self.say("* SEARCH " + " ".join(unseen))
            elif verb == "FETCH":
                mail = mailbox[int(command.split(" ")[1]) - 1]
                self.wfile.write(("* 1 FETCH (BODY[]<0> {%d}\r\n%s)\r\n" % (len(mail), mail)).encode())
            elif verb == "STORE":
                mailbox[int(command.split(" ")[1]) - 1] = None
            elif verb == "LOGOUT":
                self.say(tag + " OK bye")
                return
            self.say(tag + " OK done")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def get_request(self):
        connection, address = super().get_request()
        return (context.wrap_socket(connection, server_side=True) if context else connection), address


Controller(Taker(), hostname="127.0.0.1", port=smtp_port, tls_context=context,
           require_starttls=context is not None).start()
threading.Thread(target=Server(("127.0.0.1", imap_port), Imap).serve_forever).start()

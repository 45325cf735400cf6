// A thousand faults per channel (attack.hpp): the kinds that speak over TCP.
#include "tests/pager/attack.hpp"
#include "tests/pager/fault_peer.hpp"

namespace cryobank::pager {
namespace {

constexpr std::uint64_t kLineSeed = 20'261'129;

// `key` is what the peer remembers a page by.
Score attack(Driver& driver, FaultPeer& peer,
             const std::function<std::string(const Outgoing&)>& key, bool hears = false) {
  Attack attack;
  attack.truth = [&](const Outgoing& page) { return peer.taken(key(page)); };
  attack.hears = hears;
  attack.relent = [&] { peer.set_faults(false); };
  return carry_out(attack, driver);
}

std::string text_of(const Outgoing& page) { return page.text; }

TEST(SnppFaults, NoPageIsSaidToBeDeliveredThatWasNot) {
  FaultPeer peer(kLineSeed, 11, [](PeerLine& line, FaultPeer& own) {
    bool said = false;
    std::string text;
    std::string command;
    if (!line.reply("220 ready\r\n", "421 down\r\n", said)) return;
    int messages = 0;
    while (line.read_until("\n", command)) {
      const std::string verb = command.substr(0, 4);
      std::string answer = "250 ok\r\n";
      if (verb == "MESS") {
        const std::size_t end = command.find_last_not_of("\r\n");
        text = command.substr(5, end - 4);
      }
      if (verb == "SEND") {
        const bool shown = ++messages > 0 && text.size() % 2 == 0;
        own.take(text, shown ? 2 : 1);
        const std::string tag = own.note(text);
        answer = cat(shown ? 860 : 960, " ", tag, " pass1 so\r\n");
      }
      if (verb == "MSTA") {
        // Of the page with this tag alone: what was queued is shown later, or never.
        const std::string tag = std::string(split(command, ' ')[1]);
        const std::string queued = own.noted(tag);
        const bool shown = !queued.empty() && queued.size() % 3 == 0;
        if (shown) own.take(queued, 2);
        answer = shown ? "860 1 1 delivered\r\n" : "960 1 1 queued\r\n";
      }
      if (verb == "QUIT") return;
      if (!line.reply(answer, "554 no\r\n", said)) return;
    }
  });
  const auto driver = make_driver(cat("kind = \"snpp\"\nhost = \"127.0.0.1\"\nport = ", peer.port(),
                                      "\npager = \"5551234\"\n"));
  const Score score = attack(*driver, peer, text_of, true);
  EXPECT_GT(score.delivered, 0);
}

TEST(EspaFaults, NoBlockIsSaidToBeSentThatWasNotAcknowledged) {
  FaultPeer peer(kLineSeed + 1, 2, [](PeerLine& line, FaultPeer& own) {
    bool said = false;
    std::string came;
    for (;;) {
      if (!line.read_until("\x05", came) || !line.read_until("\x05", came)) return;
      if (!line.reply("\x06", "\x15", said)) return;
      if (!line.read_until("\x03", came)) return;
      std::string check;
      if (!line.read_bytes(1, check)) return;
      const std::size_t text = came.find("2\x1F");
      const std::size_t end = came.find('\x1E', text);
      if (text != std::string::npos && end != std::string::npos) {
        own.take(came.substr(text + 2, end - text - 2), 1);
      }
      if (!line.reply("\x06", "\x15", said)) return;
    }
  });
  const auto driver = make_driver(cat(
      "kind = \"espa444\"\nhost = \"127.0.0.1\"\nport = ", peer.port(), "\naddress = \"550\"\n"));
  attack(*driver, peer, text_of);
}

std::string espax_message(const std::string& body) {
  const std::string xml =
      cat("<?xml version=\"1.0\"?><ESPA-X version=\"1.00\">", body, "</ESPA-X>");
  const std::size_t total = xml.size() + 10;
  std::string out = "EX";
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(total >> shift & 0xFF);
  return out + std::string(4, '\0') + xml;
}

TEST(EspaxFaults, NoPageIsSaidToBeSentThatTheServerDidNotStart) {
  FaultPeer peer(kLineSeed + 2, 5, [](PeerLine& line, FaultPeer& own) {
    bool said = false;
    for (;;) {
      std::string header;
      std::string xml;
      if (!line.read_bytes(10, header)) return;
      std::size_t total = 0;
      for (std::size_t i = 2; i < 6; ++i)
        total = total << 8 | static_cast<unsigned char>(header[i]);
      if (!line.read_bytes(total - 10, xml)) return;
      const auto element = [&xml](const std::string& name) {
        const std::size_t at = xml.find("<" + name + ">");
        return at == std::string::npos
                   ? std::string()
                   : xml.substr(at + name.size() + 2,
                                xml.find("</" + name, at) - at - name.size() - 2);
      };
      std::string answer;
      std::string refusal;
      if (xml.find("REQ.LOGIN") != std::string::npos) {
        answer = "<RSP.LOGIN invokeID=\"1\" sessionID=\"s1\"><RSP-CODE>200</RSP-CODE></RSP.LOGIN>";
        refusal = "<RSP.LOGIN invokeID=\"1\"><RSP-CODE>401</RSP-CODE></RSP.LOGIN>";
      } else if (xml.find("REQ.P-START") != std::string::npos) {
        own.take(element("CP-TEXTMSG"), 1);
        const std::string reference = cat("<CP-PR-REF>", element("CP-PR-REF"), "</CP-PR-REF>");
        answer = cat("<RSP.P-START>", reference, "<RSP-CODE>200</RSP-CODE></RSP.P-START>");
        refusal = cat("<RSP.P-START>", reference, "<RSP-CODE>503</RSP-CODE></RSP.P-START>");
      } else {
        answer = "<RSP.HEARTBEAT><RSP-CODE>200</RSP-CODE></RSP.HEARTBEAT>";
        refusal = answer;
      }
      if (!line.reply(espax_message(answer), espax_message(refusal), said)) return;
      if (answer.find("P-START") == std::string::npos) continue;
      // Then what became of it: shown, an event of another page, or one without a word to it.
      const std::string text = element("CP-TEXTMSG");
      const std::string ours = element("CP-PR-REF");
      const bool shown = text.size() % 2 == 0;
      if (shown) own.take(text, 2);
      const std::string event =
          cat("<IND.P-EVENT><CP-PR-REF>", shown ? ours : "cb-7-999999", "</CP-PR-REF>",
              "<SS-STATUS>Conversation</SS-STATUS></IND.P-EVENT>");
      const std::string queued = cat("<IND.P-EVENT><CP-PR-REF>", ours,
                                     "</CP-PR-REF><SS-STATUS>Queued</SS-STATUS></IND.P-EVENT>");
      if (!line.reply(espax_message(event), espax_message(queued), said)) return;
    }
  });
  const auto driver =
      make_driver(cat("kind = \"espa-x\"\nhost = \"127.0.0.1\"\nport = ", peer.port(),
                      "\nuser = \"u\"\npassword = \"p\"\ngroup = \"1002\"\n"));
  const Score score = attack(*driver, peer, text_of, true);
  EXPECT_GT(score.reported, 0);
}

// A whole HTTP request, head and body.
bool read_http(PeerLine& line, std::string& request) {
  request.clear();
  std::string part;
  std::size_t length = 0;
  while (line.read_until("\n", part)) {
    request += part;
    if (part.starts_with("Content-Length: ")) {
      length = static_cast<std::size_t>(*parse_integer(trim(std::string_view(part).substr(16))));
    }
    if (part == "\r\n") {
      if (length > 0 && !line.read_bytes(length, part)) return false;
      if (length > 0) request += part;
      return true;
    }
  }
  return false;
}

TEST(WebhookFaults, NoPageIsSaidToBeSentThatTheServiceDidNotTake) {
  FaultPeer peer(kLineSeed + 3, 1, [](PeerLine& line, FaultPeer& own) {
    std::string request;
    bool said = false;
    if (!read_http(line, request)) return;
    const std::size_t at = request.find("\"message\":\"");
    if (at != std::string::npos) {
      own.take(request.substr(at + 11, request.find('"', at + 11) - at - 11), 1);
    }
    line.reply(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
        "14\r\n\r\n{\"id\":\"abc12\"}",
        "HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 2\r\n\r\nno", said);
  });
  const auto driver = make_driver(cat(
      "kind = \"webhook\"\nshape = \"ntfy\"\ntopic = \"t\"\nurl = \"http://127.0.0.1:", peer.port(),
      "/\"\n"));
  attack(*driver, peer, text_of);
}

TEST(KannelFaults, NoPageIsSaidToBeSentThatKannelDidNotAccept) {
  FaultPeer peer(kLineSeed + 4, 1, [](PeerLine& line, FaultPeer& own) {
    std::string request;
    bool said = false;
    if (!read_http(line, request)) return;
    const std::size_t page = request.find("page%3D");
    own.take(request.substr(page + 7, request.find('%', page + 7) - page - 7), 1);
    line.reply("HTTP/1.1 202 Accepted\r\nContent-Length: 26\r\n\r\n0: Accepted for delivery  ",
               "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", said);
  });
  FaultPeer unused(1, 1, [](PeerLine&, FaultPeer&) {});
  const auto driver = make_driver(
      cat("kind = \"kannel\"\nurl = \"http://127.0.0.1:", peer.port(),
          "/cgi-bin/sendsms\"\nuser_name = \"u\"\npassword = \"p\"\nnumber = \"+491701234567\"\n",
          "listen_port = ", 20000 + peer.port() % 10000, "\nsecret = \"long-enough\"\n"));
  attack(*driver, peer, [](const Outgoing& page) { return page.id; });
}

TEST(MailFaults, NoMailIsSaidToBeSentThatTheServerDidNotTake) {
  FaultPeer peer(kLineSeed + 5, 6, [](PeerLine& line, FaultPeer& own) {
    std::string command;
    bool said = false;
    if (!line.reply("220 mail.example ESMTP\r\n", "554 no\r\n", said)) return;
    while (line.read_until("\n", command)) {
      std::string answer = "250 ok\r\n";
      if (command.starts_with("EHLO")) answer = "250-mail.example\r\n250-8BITMIME\r\n250 DSN\r\n";
      if (command.starts_with("DATA")) {
        if (!line.reply("354 go on\r\n", "451 no\r\n", said)) return;
        std::string id;
        std::string text;
        while (line.read_until("\n", text) && text != ".\r\n") {
          if (text.starts_with("Message-ID: <")) id = text.substr(13, text.find('@') - 13);
        }
        if (text == ".\r\n") own.take(id, 1);
      }
      if (command.starts_with("QUIT")) return;
      if (!line.reply(answer, "451 later\r\n", said)) return;
    }
  });
  const auto driver =
      make_driver(cat("kind = \"mail\"\nhost = \"127.0.0.1\"\nport = ", peer.port(),
                      "\nfrom = \"bank@example.org\"\nto = \"anna@example.org\"\n"));
  attack(*driver, peer, [](const Outgoing& page) { return page.id; });
}

}  // namespace
}  // namespace cryobank::pager

// A thousand faults per channel: whatever the other side does, no page is said to be sent that it
// did not take, none to be delivered that it did not show, and no call takes longer than it may.
#include "tests/pager/driver_bench.hpp"
#include "tests/pager/fault_peer.hpp"

namespace cryobank::pager {
namespace {

constexpr int kFaults = 1000;
constexpr int kWithinMs = 80;
constexpr std::uint64_t kSeed = 20'261'129;

struct Score {
  int sent = 0;
  int delivered = 0;
  int failed = 0;
};

// `key` is what the peer remembers a page by.
Score attack(Driver& driver, FaultPeer& peer,
             const std::function<std::string(const Outgoing&)>& key) {
  Score score;
  for (int i = 1; i <= kFaults; ++i) {
    const Outgoing page = test_page(i);
    const auto begun = std::chrono::steady_clock::now();
    const Attempt attempt = driver.send(page, soon(kWithinMs));
    const auto took = std::chrono::steady_clock::now() - begun;
    EXPECT_LT(took, std::chrono::milliseconds(kWithinMs + 400)) << "page " << i;
    int truth = peer.taken(key(page));
    // The peer writes down what it took after it said so.
    for (int tries = 0; truth == 0 && attempt.fate != Fate::failed && tries < 20; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      truth = peer.taken(key(page));
    }
    if (attempt.fate == Fate::sent) {
      EXPECT_GE(truth, 1) << "page " << i << " was said to be sent";
      ++score.sent;
    } else if (attempt.fate == Fate::delivered) {
      EXPECT_GE(truth, 2) << "page " << i << " was said to be delivered";
      ++score.delivered;
    } else {
      EXPECT_FALSE(attempt.why.empty()) << "page " << i;
      ++score.failed;
    }
  }
  EXPECT_GT(score.sent + score.delivered, kFaults / 10) << "some must get through";
  EXPECT_GT(score.failed, kFaults / 10) << "the faults did not strike";
  peer.set_faults(false);
  const Outgoing last = test_page(kFaults + 1);
  const Attempt good = driver.send(last, soon(2000));
  EXPECT_NE(good.fate, Fate::failed) << "it works again: " << good.why;
  return score;
}

std::string text_of(const Outgoing& page) { return page.text; }

TEST(SnppFaults, NoPageIsSaidToBeDeliveredThatWasNot) {
  FaultPeer peer(kSeed, 11, [](PeerLine& line, FaultPeer& own) {
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
        answer = shown ? "860 tag1 pass1 delivered\r\n" : "960 tag1 pass1 queued\r\n";
      }
      if (verb == "MSTA") answer = "960 1 1 queued\r\n";
      if (verb == "QUIT") return;
      if (!line.reply(answer, "554 no\r\n", said)) return;
    }
  });
  const auto driver = make_driver(cat("kind = \"snpp\"\nhost = \"127.0.0.1\"\nport = ", peer.port(),
                                      "\npager = \"5551234\"\n"));
  const Score score = attack(*driver, peer, text_of);
  EXPECT_GT(score.delivered, 0);
}

TEST(EspaFaults, NoBlockIsSaidToBeSentThatWasNotAcknowledged) {
  FaultPeer peer(kSeed + 1, 2, [](PeerLine& line, FaultPeer& own) {
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
  FaultPeer peer(kSeed + 2, 4, [](PeerLine& line, FaultPeer& own) {
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
    }
  });
  const auto driver =
      make_driver(cat("kind = \"espa-x\"\nhost = \"127.0.0.1\"\nport = ", peer.port(),
                      "\nuser = \"u\"\npassword = \"p\"\ngroup = \"1002\"\n"));
  attack(*driver, peer, text_of);
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
  FaultPeer peer(kSeed + 3, 1, [](PeerLine& line, FaultPeer& own) {
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
  FaultPeer peer(kSeed + 4, 1, [](PeerLine& line, FaultPeer& own) {
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
  FaultPeer peer(kSeed + 5, 6, [](PeerLine& line, FaultPeer& own) {
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

// ESPA-X 1.00 over TCP: "EX", the length of the whole message and four bytes of flags, then XML.
// One session a channel: REQ.LOGIN, REQ.HEARTBEAT, REQ.P-START for each page, and the server's
// indications of its process: started, events (a phone rings, a person pressed a key), ended.
// `delivered` is an event in which a device showed or spoke the page; a key press is an answer.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "service/pager/dialog_io.hpp"

namespace cryobank::pager {
namespace {

constexpr int kPort = 2023;
constexpr std::size_t kHeader = 10;
constexpr std::size_t kMessageMax = 64 * 1024;
constexpr std::chrono::seconds kHeartbeatEvery{30};
constexpr std::size_t kPendingMax = 200;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// What stands in <name>...</name>; the protocol nests no element in one of its own name.
std::string element(std::string_view xml, std::string_view name) {
  const std::string open = cat("<", name, ">");
  const std::size_t begin = xml.find(open);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = xml.find(cat("</", name, ">"), begin);
  if (end == std::string_view::npos) return {};
  return std::string(trim(xml.substr(begin + open.size(), end - begin - open.size())));
}

std::string attribute(std::string_view xml, std::string_view name) {
  const std::string open = cat(" ", name, "=\"");
  const std::size_t begin = xml.find(open);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = xml.find('"', begin + open.size());
  if (end == std::string_view::npos) return {};
  return std::string(xml.substr(begin + open.size(), end - begin - open.size()));
}

bool is_whole(std::string_view xml) {
  return xml.find("<ESPA-X") != std::string_view::npos && trim(xml).ends_with("</ESPA-X>");
}

bool names(std::string_view text, std::initializer_list<std::string_view> words) {
  const std::string lower = lower_ascii(text);
  return std::ranges::any_of(
      words, [&lower](std::string_view word) { return lower.find(word) != std::string::npos; });
}

struct EspaxSetup {
  std::string host;
  int port = kPort;
  std::string user;
  std::string password;
  std::string phone;
  std::string group;
};

class EspaxDriver : public Driver {
 public:
  explicit EspaxDriver(EspaxSetup setup) : setup_(std::move(setup)) {}

  Attempt send(const Outgoing& page, Until until) override {
    if (!ready(until)) return failed();
    const std::string reference = cat("cb-", page.id);
    const std::string body =
        cat("<REQ.P-START invokeID=\"", ++invokes_, "\" sessionID=\"", escaped(session_), "\">",
            "<CP-PR-REF>", escaped(reference), "</CP-PR-REF>", "<CP-PHONENO>",
            escaped(setup_.phone), "</CP-PHONENO>", "<CP-GROUPID>", escaped(setup_.group),
            "</CP-GROUPID>", "<CP-TEXTMSG>", escaped(page.text), "</CP-TEXTMSG>", "<CP-SIGNAL>",
            page.priority == 1 ? "Alarm" : "Standard", "</CP-SIGNAL>",
            "<CP-CALLBACK>None</CP-CALLBACK><CP-DELAY>0</CP-DELAY><CP-ATTEMPTS>3</CP-ATTEMPTS>",
            "<CP-PRIO>",
            page.priority == 1   ? "Alarm"
            : page.priority == 2 ? "High"
                                 : "Standard",
            "</CP-PRIO><CP-PR-DETAILS>All</CP-PR-DETAILS></REQ.P-START>");
    if (!write(body, until)) return failed();
    if (pending_.size() >= kPendingMax) pending_.erase(pending_.begin());
    pending_[reference] = {page.id, page.code};
    for (;;) {
      const std::optional<std::string> xml = read(until);
      if (!xml) return failed();
      // A response is ours by its reference: one to another page says nothing of this one.
      const bool ours =
          xml->find("<RSP.P-START") != std::string::npos && element(*xml, "CP-PR-REF") == reference;
      if (!ours) {
        take(*xml);
        continue;
      }
      const std::string code = element(*xml, "RSP-CODE");
      if (code == "200") return {Fate::sent, {}, reference, false};
      pending_.erase(reference);
      return {Fate::failed,
              cat("ESPA-X ", clip(code, 10), " ", clip(element(*xml, "RSP-REASON"), 100)),
              {},
              code == "404" || code == "400"};
    }
  }

  bool hears() const override { return true; }

  std::vector<Heard> listen(Until until) override {
    const auto now = std::chrono::steady_clock::now();
    if (!line_.is_open()) {
      if (now < again_at_) return {};
      again_at_ = now + std::chrono::seconds(10);
      if (!ready(now + std::chrono::seconds(3))) return {};
    }
    if (now >= heartbeat_at_) {
      heartbeat_at_ = now + kHeartbeatEvery;
      if (!write(cat("<REQ.HEARTBEAT invokeID=\"", ++invokes_, "\" sessionID=\"", escaped(session_),
                     "\"/>"),
                 until)) {
        line_.close();
      }
    }
    while (line_.is_open() && (line_.has_input() || line_.fill(until))) {
      const std::optional<std::string> xml = read(until);
      if (!xml) break;
      take(*xml);
    }
    if (line_.is_open() && line_.trouble().find("closed") != std::string::npos) line_.close();
    return std::exchange(heard_, {});
  }

  std::string probe(Until until) override { return ready(until) ? std::string() : why_; }

 private:
  struct Pending {
    std::string page;
    std::string code;
  };

  Attempt failed() {
    line_.close();
    return {Fate::failed, why_.empty() ? line_.trouble() : why_, {}, false};
  }

  bool write(const std::string& body, Until until) {
    const std::string xml =
        cat("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
            "<ESPA-X version=\"1.00\" xmlns=\"http://ns.espa-x.org/espa-x\">", body, "</ESPA-X>\n");
    const std::size_t total = kHeader + xml.size();
    std::string message = "EX";
    for (int shift = 24; shift >= 0; shift -= 8)
      message += static_cast<char>(total >> shift & 0xFF);
    message.append(4, '\0');
    message += xml;
    if (line_.write(message, until)) return true;
    why_ = line_.trouble();
    return false;
  }

  std::optional<std::string> read(Until until) {
    const std::optional<std::string> header = line_.read_bytes(kHeader, until);
    if (!header) {
      why_ = line_.trouble();
      return std::nullopt;
    }
    std::size_t total = 0;
    for (std::size_t i = 2; i < 6; ++i)
      total = total << 8 | static_cast<unsigned char>((*header)[i]);
    if (!header->starts_with("EX") || total <= kHeader || total > kMessageMax) {
      why_ = "what came is no ESPA-X message";
      line_.close();
      return std::nullopt;
    }
    std::optional<std::string> xml = line_.read_bytes(total - kHeader, until);
    if (xml && is_whole(*xml)) return xml;
    why_ = xml ? "an ESPA-X message without its end" : line_.trouble();
    line_.close();
    return std::nullopt;
  }

  bool ready(Until until) {
    why_.clear();
    if (line_.is_open() && !session_.empty()) return true;
    session_.clear();
    if (!line_.connect(setup_.host, setup_.port, until)) {
      why_ = line_.trouble();
      return false;
    }
    const bool asked = write(
        cat("<REQ.LOGIN invokeID=\"", ++invokes_, "\"><LI-CLIENT>cryobank</LI-CLIENT>",
            "<LI-CLIENTSW>cryobank-pager</LI-CLIENTSW><LI-USER>", escaped(setup_.user),
            "</LI-USER><LI-PASSWORD>", escaped(setup_.password), "</LI-PASSWORD></REQ.LOGIN>"),
        until);
    const std::optional<std::string> xml = asked ? read(until) : std::nullopt;
    const bool good =
        xml && xml->find("<RSP.LOGIN") != std::string::npos && element(*xml, "RSP-CODE") == "200";
    if (good) session_ = attribute(*xml, "sessionID");
    if (good && !session_.empty()) {
      heartbeat_at_ = std::chrono::steady_clock::now() + kHeartbeatEvery;
      return true;
    }
    if (xml)
      why_ = cat("the ESPA-X server does not let us in: ", clip(element(*xml, "RSP-CODE"), 10));
    line_.close();
    return false;
  }

  void take(const std::string& xml) {
    const bool event = xml.find("<IND.P-EVENT") != std::string::npos;
    const bool ended = xml.find("<IND.P-ENDED") != std::string::npos;
    const auto found = pending_.find(element(xml, "CP-PR-REF"));
    if ((!event && !ended) || found == pending_.end()) return;
    const std::string result = cat(element(xml, "SS-RESULT"), " ", element(xml, "SP-RESULT"));
    const std::string status = element(xml, "SS-STATUS");
    Heard report;
    report.page = found->second.page;
    report.handle = found->first;
    if (names(result, {"positive", "negative"})) {
      Heard answer = report;
      answer.what = Heard::What::answer;
      // "Negative", "not positive": a no in it never comes.
      const bool declined = names(result, {"negative", "not ", "no ", "non"});
      answer.status = declined ? "not-coming" : "coming";
      answer.code = found->second.code;  // a key press answers the page that was shown
      answer.text = clip(result, 100);
      heard_.push_back(std::move(answer));
      report.fate = Fate::read;
    } else if (names(cat(status, " ", result),
                     {"connected", "conversation", "displayed", "delivered"})) {
      report.fate = Fate::delivered;
    } else if (ended &&
               names(result, {"busy", "no answer", "unreachable", "failed", "error", "rejected"})) {
      report.fate = Fate::failed;
      report.why = cat("ESPA-X: ", clip(result, 100));
    } else {
      if (ended) pending_.erase(found);
      return;
    }
    heard_.push_back(std::move(report));
    if (ended) pending_.erase(found);
  }

  EspaxSetup setup_;
  Dialog line_;
  std::string session_;
  std::string why_;
  int invokes_ = 0;
  std::map<std::string, Pending> pending_;  // by reference
  std::vector<Heard> heard_;
  Until heartbeat_at_{};
  Until again_at_{};
};

std::unique_ptr<Driver> make_espax(config::TableReader& reader, const ChannelCommon&) {
  EspaxSetup setup;
  reader.text("host", setup.host, config::Need::required);
  reader.integer("port", setup.port, 1, 65535);
  reader.text("user", setup.user, config::Need::required);
  reader.text("password", setup.password);
  reader.text("phone", setup.phone);
  reader.text("group", setup.group);
  if (setup.phone.empty() == setup.group.empty()) {
    reader.fault("phone", cat("expected `phone` or `group`, one of them, came ",
                              setup.phone.empty() ? "none" : "both"));
  }
  return std::make_unique<EspaxDriver>(std::move(setup));
}

const KindRegistration kEspax({"espa-x", "delivered", seconds(60), make_espax});

}  // namespace
}  // namespace cryobank::pager

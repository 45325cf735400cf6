// SMS by kannel's smsbox: a GET of sendsms asks for delivery reports, which kannel brings to
// `listen_port` with their kind: 1 delivered to the phone, 2 not, 4 queued, 8 with the centre, 16
// refused. Answers come from kannel's sms-service, `get-url` with the sender and the text.
//   GET /cgi-bin/sendsms?username=..&to=..&text=..&dlr-mask=31&dlr-url=..
//   202 0: Accepted for delivery
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "service/pager/http_client_io.hpp"
#include "service/pager/http_listener_io.hpp"

namespace cryobank::pager {
namespace {

struct KannelSetup {
  HttpRoute route;
  std::string user_name;
  std::string password;
  std::string number;
  std::string from;
  std::string user;
  int listen_port = 0;
  std::string listen_address = "127.0.0.1";
  std::string secret;
  std::string report_url;  // of this listener as kannel sees it
};

class KannelDriver : public Driver {
 public:
  explicit KannelDriver(KannelSetup setup)
      : setup_(std::move(setup)), listener_(setup_.listen_address, setup_.listen_port) {}

  Attempt send(const Outgoing& page, Until until) override {
    // Without the listener no report could come back.
    if (!listener_.open()) return {Fate::failed, listener_.trouble(), {}, false};
    HttpRoute route = setup_.route;
    const std::string report = cat(setup_.report_url, "/report?secret=", url_encoded(setup_.secret),
                                   "&page=", url_encoded(page.id), "&kind=%d");
    route.url = cat(route.url, "?username=", url_encoded(setup_.user_name),
                    "&password=", url_encoded(setup_.password), "&to=", url_encoded(setup_.number),
                    setup_.from.empty() ? "" : cat("&from=", url_encoded(setup_.from)),
                    "&text=", url_encoded(page.text), "&dlr-mask=31&dlr-url=", url_encoded(report));
    std::string why;
    const std::optional<HttpAnswer> answer = http_request(route, "GET", {}, "", until, why);
    if (!answer) return {Fate::failed, why, {}, false};
    // 202 with "0: Accepted" or "3: Queued"; a proxy's own 200 is none of kannel's words.
    const bool taken =
        answer->status == 202 && (answer->body.starts_with("0:") || answer->body.starts_with("3:"));
    if (taken) return {Fate::sent, {}, page.id, false};
    const bool final = answer->status == 403 || answer->status == 404;
    return {Fate::failed, cat("kannel ", answer->status, " ", clip(answer->body, 120)), {}, final};
  }

  bool hears() const override { return true; }

  bool hears_apart() const override { return true; }
  std::vector<NeededFile> needs() const override {
    return {{"ca_file", setup_.route.ca_file, R_OK}};
  }

  std::vector<Heard> listen(Until until) override {
    std::vector<Heard> out;
    listener_.serve(until, [&](const HttpQuestion& question) { return believe(question, out); });
    return out;
  }

  std::string probe(Until until) override {
    if (!listener_.open()) return listener_.trouble();
    return http_probe(setup_.route, until);
  }

 private:
  bool believe(const HttpQuestion& question, std::vector<Heard>& out) const {
    const auto value = [&question](std::string_view key) {
      const auto found = question.query.find(std::string(key));
      return found == question.query.end() ? std::string() : found->second;
    };
    if (value("secret") != setup_.secret) return false;
    Heard heard;
    if (question.path == "/report") {
      const std::string kind = value("kind");
      heard.page = value("page");
      heard.handle = heard.page;
      if (kind == "1") {
        heard.fate = Fate::delivered;
      } else if (kind == "2" || kind == "16") {
        heard.fate = Fate::failed;
        heard.why = kind == "2" ? "the phone did not get it" : "the centre refused it";
      } else {
        return kind == "4" || kind == "8";  // under way
      }
      out.push_back(std::move(heard));
      return true;
    }
    if (question.path != "/message") return false;
    // The network proves the number; another number is another person.
    const std::string from = value("from");
    const bool ours = !from.empty() && digits_of(from) == digits_of(setup_.number);
    if (ours) {
      read_answer(value("text"), heard);
      if (heard.user.empty()) heard.user = setup_.user;
      out.push_back(std::move(heard));
    }
    return true;
  }

  KannelSetup setup_;
  HttpListener listener_;
};

std::unique_ptr<Driver> make_kannel(config::TableReader& reader, const ChannelCommon&) {
  KannelSetup setup;
  setup.route.url = "http://127.0.0.1:13013/cgi-bin/sendsms";
  read_route(reader, setup.route, config::Need::optional);
  reader.text("user_name", setup.user_name, config::Need::required);
  reader.text("password", setup.password);
  reader.text("number", setup.number, config::Need::required);
  reader.text("from", setup.from);
  read_user(reader, setup.user);
  reader.integer("listen_port", setup.listen_port, 1, 65535, config::Need::required);
  reader.text("listen_address", setup.listen_address);
  reader.text("secret", setup.secret, config::Need::required);
  setup.report_url = cat("http://127.0.0.1:", setup.listen_port);
  reader.text("report_url", setup.report_url);
  if (!setup.number.empty() && digits_of(setup.number).empty()) {
    refuse_value(reader, "number", "a telephone number as +491701234567", setup.number);
  }
  if (!setup.secret.empty() && setup.secret.size() < 8) {
    reader.fault("secret", "expected at least 8 characters: whoever knows it can say delivered");
  }
  return std::make_unique<KannelDriver>(std::move(setup));
}

const KindRegistration kKannel({"kannel", "delivered", minutes(2), make_kannel});

}  // namespace
}  // namespace cryobank::pager

// An HTTP webhook with a template: whatever takes a POST. Shapes that are shipped: `ntfy` (a
// message with an action that answers), `pagerduty` (Events v2). A 2xx means `sent`, no more: a
// push service that took a message has not shown it to anybody. Answers come back on `listen_port`,
// where a POST or GET of /answer?page=..&status=..&code=.. counts if it carries `secret`.
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "service/pager/dialog_io.hpp"
#include "service/pager/http_client_io.hpp"
#include "service/pager/http_listener_io.hpp"

namespace cryobank::pager {
namespace {

constexpr std::int64_t kEtaMax = 24 * 60;  // minutes

struct WebhookSetup {
  HttpRoute route;
  std::string body;
  std::vector<std::string> headers;
  std::string accepted_key;  // of a JSON answer: expected to be there; empty: not looked at
  std::string accepted_value;
  int listen_port = 0;
  std::string listen_address = "127.0.0.1";
  std::string secret;
  std::string answer_url;
};

std::string json_text(std::string_view text) {
  std::string quoted;
  append_json_string(quoted, text);
  return quoted.substr(1, quoted.size() - 2);
}

// {text} {code} {page} {priority} {alarm} {answer_url}: as JSON writes them inside quotes.
std::string filled(std::string_view form, const Outgoing& page, const WebhookSetup& setup) {
  constexpr std::array<std::string_view, 4> kNtfy{"", "5", "4", "3"};
  constexpr std::array<std::string_view, 4> kSeverity{"", "critical", "error", "info"};
  const auto level = static_cast<std::size_t>(std::clamp(page.priority, 1, 3));
  const std::array<std::pair<std::string_view, std::string>, 9> values{{
      {"{text}", json_text(page.text)},
      {"{head}", json_text(cut(page.text, kHeadMax))},
      {"{code}", json_text(page.code)},
      {"{page}", json_text(page.id)},
      {"{alarm}", json_text(page.alarm.empty() ? page.id : page.alarm)},
      {"{priority}", cat("P", page.priority)},
      {"{ntfy_priority}", std::string(kNtfy.at(level))},
      {"{severity}", std::string(kSeverity.at(level))},
      {"{answer_url}", json_text(setup.answer_url)},
  }};
  std::string out;
  while (!form.empty()) {
    const auto value = std::ranges::find_if(
        values, [&form](const auto& one) { return form.starts_with(one.first); });
    if (value == values.end()) {
      out += form.front();
      form.remove_prefix(1);
    } else {
      out += value->second;
      form.remove_prefix(value->first.size());
    }
  }
  return out;
}

class WebhookDriver : public Driver {
 public:
  explicit WebhookDriver(WebhookSetup setup)
      : setup_(std::move(setup)), listener_(setup_.listen_address, setup_.listen_port) {}

  Attempt send(const Outgoing& page, Until until) override {
    std::string why;
    const std::optional<HttpAnswer> answer = http_request(
        setup_.route, "POST", setup_.headers, filled(setup_.body, page, setup_), until, why);
    if (!answer) return {Fate::failed, why, {}, false};
    const bool gone = answer->status == 404 || answer->status == 410 || answer->status == 400 ||
                      answer->status == 401 || answer->status == 403;
    if (answer->status / 100 != 2) {
      return {Fate::failed, cat("HTTP ", answer->status, " ", clip(answer->body, 120)), {}, gone};
    }
    const Result<Json> body = parse_json(answer->body, kAnswerBytesMax);
    if (!setup_.accepted_key.empty()) {
      const bool good = body && body->is_object() && (*body)[setup_.accepted_key].is_string() &&
                        (setup_.accepted_value.empty() ||
                         (*body)[setup_.accepted_key].string() == setup_.accepted_value);
      if (!good)
        return {Fate::failed,
                cat("an answer without \"", setup_.accepted_key, "\": ", clip(answer->body, 120)),
                {},
                false};
    }
    // Its name of the message, where it gives one; else ours.
    const bool named = body && body->is_object() && (*body)["id"].is_string();
    return {Fate::sent, {}, named ? (*body)["id"].string() : page.id, false};
  }

  bool hears() const override { return listener_.wanted(); }

  bool hears_apart() const override { return true; }
  std::vector<NeededFile> needs() const override {
    return {{"ca_file", setup_.route.ca_file, R_OK}};
  }

  std::vector<Heard> listen(Until until) override {
    std::vector<Heard> out;
    listener_.serve(until, [&](const HttpQuestion& question) {
      Heard heard;
      const bool good = read_question(question, heard);
      if (good) out.push_back(std::move(heard));
      return good;
    });
    return out;
  }

  std::string probe(Until until) override {
    if (listener_.wanted() && !listener_.open()) return listener_.trouble();
    return http_probe(setup_.route, until);
  }

 private:
  bool read_question(const HttpQuestion& question, Heard& heard) const {
    const auto value = [&question](std::string_view key) {
      const auto found = question.query.find(std::string(key));
      return found == question.query.end() ? std::string() : found->second;
    };
    heard.what = Heard::What::answer;
    heard.page = value("page");
    heard.status = value("status");
    heard.code = value("code");
    if (is_id_text(value("user"))) heard.user = value("user");
    const std::string eta = value("eta_min");
    const auto minutes_off = parse_integer(eta);
    if (!eta.empty() && (!minutes_off || *minutes_off < 0 || *minutes_off > kEtaMax)) return false;
    if (minutes_off) heard.eta_min = static_cast<int>(*minutes_off);
    const bool known = heard.status == "coming" || heard.status == "later" ||
                       heard.status == "not-coming" || heard.status == "read";
    return question.path == "/answer" && known && value("secret") == setup_.secret;
  }

  WebhookSetup setup_;
  HttpListener listener_;
};

// What a field of [[channel]] `shape` stands for.
struct Shape {
  std::string_view name;
  std::string_view body;
  std::string_view accepted_key;
  std::string_view accepted_value;
};
constexpr std::array kShapes{
    Shape{"ntfy",
          "{\"topic\":\"{topic}\",\"title\":\"{priority}\",\"message\":\"{text}\","
          "\"priority\":{ntfy_priority},\"tags\":[\"rotating_light\"]{actions}}",
          "id", ""},
    Shape{"pagerduty",
          "{\"routing_key\":\"{topic}\",\"event_action\":\"trigger\",\"dedup_key\":\"{page}\","
          "\"payload\":{\"summary\":\"{text}\",\"source\":\"cryobank\",\"severity\":\"{severity}\","
          "\"custom_details\":{\"code\":\"{code}\",\"alarm\":\"{alarm}\"}}}",
          "status", "success"},
    Shape{
        "plain",
        "{\"page\":\"{page}\",\"priority\":\"{priority}\",\"text\":\"{text}\",\"code\":\"{code}\"}",
        "", ""}};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::unique_ptr<Driver> make_webhook(config::TableReader& reader, const ChannelCommon&) {
  WebhookSetup setup;
  std::string shape = "plain";
  std::string topic;
  std::vector<std::string> headers;
  read_route(reader, setup.route, config::Need::required);
  reader.text("shape", shape);
  reader.text("topic", topic);
  reader.text("template", setup.body);
  reader.texts("headers", headers);
  reader.text("accepted_key", setup.accepted_key);
  reader.text("accepted_value", setup.accepted_value);
  reader.integer("listen_port", setup.listen_port, 0, 65535);
  reader.text("listen_address", setup.listen_address);
  reader.text("secret", setup.secret);
  reader.text("answer_url", setup.answer_url);
  const auto known = std::ranges::find(kShapes, shape, &Shape::name);
  if (known == kShapes.end()) {
    reader.fault("shape", cat("expected ntfy, pagerduty or plain, came \"", clip(shape, 20), "\""));
  } else if (setup.body.empty()) {
    setup.body = std::string(known->body);
    setup.accepted_key = std::string(known->accepted_key);
    setup.accepted_value = std::string(known->accepted_value);
    if (topic.empty() && shape != "plain")
      reader.fault("topic", "expected the topic or routing key");
  }
  if (setup.listen_port > 0 && setup.secret.size() < 8) {
    reader.fault("secret", "expected at least 8 characters: whoever knows it can take an alarm");
  }
  const std::string action =
      setup.answer_url.empty()
          ? std::string()
          : ",\"actions\":[{\"action\":\"http\",\"label\":\"Coming\",\"url\":\"{answer_url}"
            "&page={page}&status=coming&code={code}\",\"clear\":true}]";
  replace_all(setup.body, "{topic}", json_text(topic));
  replace_all(setup.body, "{actions}", action);
  setup.headers = {"Content-Type: application/json"};
  for (const std::string& header : headers) {
    if (header.find_first_of("\r\n") != std::string::npos ||
        header.find(':') == std::string::npos) {
      refuse_value(reader, "headers", "\"Name: value\" on one line", header.substr(0, 20));
    } else {
      setup.headers.push_back(header);
    }
  }
  return std::make_unique<WebhookDriver>(std::move(setup));
}

const KindRegistration kWebhook({"webhook", "sent", seconds(20), make_webhook});

}  // namespace
}  // namespace cryobank::pager

// status, plan, event: what the service publishes, read.
#include <algorithm>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"
#include "service/ctl/record_table.hpp"
#include "service/ctl/story.hpp"

namespace cryobank::ctl {
namespace {

constexpr std::chrono::seconds kForEver{365LL * 24 * 3600};

int print_status(const Globals& globals) {
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  Json all = Json::object();
  for (const char* filter : {"service/#", "alarm/summary", "device/+/state"}) {
    const auto found = (*session)->retained(filter);
    if (!found) return refuse(found.error());
    for (const auto& [topic, payload] : *found) {
      const auto json = parse_json(payload);
      if (json) all.set(topic, *json);
    }
  }
  const auto fault = service_fault(**session);
  if (!fault) return refuse(fault.error());
  if (globals.json) {
    if (!fault->empty()) tell(cat("the service is ", *fault));
    print_json(all);
  } else {
    if (!all.has("service/state")) {
      return refuse(make_error(ErrorCode::not_found,
                               cat("no service has published on this broker for the site ",
                                   globals.access.site, "; is cryobankd running?")));
    }
    print_line(fault->empty() ? cat("service  online, epoch ", cell(all["service/state"]["epoch"]))
                              : toned(cat("service  ", *fault), Tone::alarm));
    print_line(cat("record   ", cell(all["service/state"]["record"])));
    print_line(cat("paging   ", cell(all["service/state"]["paging"])));
    for (const char* priority : {"p1", "p2", "p3"}) {
      const Json& counts = all["alarm/summary"]["counts"][priority];
      print_line(cat("alarms   ", priority, ": ", cell(counts["active-unacknowledged"]), " new, ",
                     cell(counts["active-acknowledged"]), " answered, ",
                     cell(counts["cleared-unacknowledged"]), " over and not answered"));
    }
    Table table{{"device", "state", "last answer", "told"}, {}};
    for (const auto& [topic, json] : all.members()) {
      if (!topic.starts_with("device/")) continue;
      const auto parts = split(topic, '/');
      table.rows.push_back({std::string(parts[1]), cell(json["state"]),
                            answer_text(json, wall_now()), cat(age_of(json["at"]), " ago")});
    }
    print_table(table);
  }
  return fault->empty() ? kDone : kRefused;
}

// The streams of docs/mqtt.md.
constexpr std::string_view kStreams[] = {"inventory", "job",      "alarm",  "plan",
                                         "device",    "security", "service"};

std::string stream_fault(const std::string& stream) {
  if (std::ranges::find(kStreams, stream) != std::end(kStreams)) return {};
  std::string all;
  for (const std::string_view one : kStreams) all += cat(all.empty() ? "" : ", ", one);
  return cat("expected one of ", all, ", came \"", clip(stream, 40), "\"",
             suggestion(stream, kStreams));
}

std::string at_least_one(const std::string& text) {
  const auto number = parse_integer(text);
  if (number && *number >= 1) return {};
  return cat("expected a whole number from 1, came \"", clip(text, 40), "\"");
}

std::string day_fault(const std::string& text) {
  const auto day = parse_day(text);
  return day ? std::string() : day.error().context;
}

int tail_events(const Globals& globals, const std::string& stream, std::int64_t count, bool story) {
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  std::int64_t left = count;
  const std::string filter = stream.empty() ? "event/+" : cat("event/", stream);
  const Status status = (*session)->follow(filter, kForEver, [&](const Message& message) {
    if (globals.json) {
      print_line(message.payload);
    } else {
      const auto json = parse_json(message.payload);
      if (json && story) {
        print_line(tell_story(*json));
      } else if (json) {
        print_line(cat(cell((*json)["time"]), "  ", message.topic, "  ", cell((*json)["seq"]), "  ",
                       cell((*json)["type"]), "  ", cell((*json)["subject"]), "  ",
                       (*json)["data"].dump()));
      }
    }
    return count == 0 || --left > 0;
  });
  return status ? kDone : refuse(status.error());
}

}  // namespace

void add_status(CLI::App& app, Globals& globals) {
  auto* status = app.add_subcommand("status", "the service, its alarms and its devices");
  on_chosen(status, globals, [&globals] { return print_status(globals); });
}

void add_plan(CLI::App& app, Globals& globals) {
  auto* plan = app.add_subcommand("plan", "the published plan and the worklists");
  plan->require_subcommand(1);
  auto* show = plan->add_subcommand("show", "the plan");
  on_chosen(show, globals, [&globals] { return show_retained(globals, "plan"); });
  auto* day = plan->add_subcommand("day", "the minute plan of today");
  on_chosen(day, globals, [&globals] { return show_retained(globals, "plan/day"); });
  auto* worklist =
      plan->add_subcommand("worklist", "one day's thaws, re-cultures, harvests, infusions");
  auto options = with_options(worklist);
  worklist->add_option("day", options->id, "as 2026-11-22; all days when left out")
      ->check(day_fault);
  on_chosen(worklist, globals, [&globals, options] {
    if (!options->id.empty()) return show_retained(globals, cat("worklist/", options->id));
    return list_retained(globals, "worklist/+", "worklist/", {{"day", ""}, {"items", "items#"}});
  });
}

void add_event(CLI::App& app, Globals& globals) {
  auto* event = app.add_subcommand("event", "every change, numbered");
  event->require_subcommand(1);
  auto* tail = event->add_subcommand("tail", "events as they come");
  auto options = with_options(tail);
  tail->add_option("--stream", options->id, "one stream; all when left out")->check(stream_fault);
  tail->add_option("--count", options->number, "stop after so many")->check(at_least_one);
  tail->add_flag("--story", options->flag, "one sentence an event");
  on_chosen(tail, globals, [&globals, options] {
    return tail_events(globals, options->id, options->number, options->flag);
  });
  auto* replay = event->add_subcommand("replay", "events again, from a number on");
  auto from = with_options(replay);
  replay->add_option("stream", from->id, "stream")->required()->check(stream_fault);
  replay->add_option("--from", from->number, "first number")->check(at_least_one)->required();
  on_chosen(replay, globals, [&globals, from] {
    Json body = Json::object();
    body.set("stream", from->id).set("from", from->number);
    return send_command(globals, "event/replay", make_command(std::move(body), {}, {}), true);
  });
}

void add_send(CLI::App& app, Globals& globals) {
  auto* send = app.add_subcommand("send", "any command of docs/commands.md");
  auto options = with_options(send);
  send->add_option("verb", options->id, "noun/verb, e.g. course/register")->required();
  send->add_option("body", options->text, "the body as JSON")->default_str("{}");
  send->add_option("--file", options->file, "read the body from a file");
  send->add_option("--id", options->second, "command id, to repeat a command safely");
  send->add_flag("--wait", options->flag, "wait past `accepted` to the end");
  on_chosen(send, globals, [&globals, options] {
    std::string text = options->text.empty() ? "{}" : options->text;
    if (!options->file.empty()) {
      const auto read = read_file(options->file, kJsonSizeMax);
      if (!read) return refuse(read.error());
      text = *read;
    }
    auto body = parse_json(text);
    if (!body) return refuse(body.error());
    Json command = make_command(std::move(*body), options->reason, options->witness);
    if (!options->second.empty()) command.set("id", options->second);
    return send_command(globals, options->id, std::move(command), options->flag);
  });
}

}  // namespace cryobank::ctl

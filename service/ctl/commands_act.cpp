// device, alarm, course, inventory, job: the staff's daily commands.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/device_table.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

// The service itself waits a minute for a telephone that rings.
constexpr int kPagerTestWait_s = 70;

int send_chosen(const Globals& globals, const std::string& verb, Json body,
                const CommandOptions& options) {
  Json command = make_command(std::move(body), options.reason, options.witness);
  if (!options.command_id.empty()) command.set("id", options.command_id);
  return send_command(globals, verb, std::move(command), options.wait);
}

// A command whose body is one id under `key`.
void add_id_command(CLI::App* group, Globals& globals, const std::string& name,
                    const std::string& verb, const std::string& key, const std::string& help) {
  auto* command = group->add_subcommand(name, help);
  auto options = with_sent_options(command);
  command->add_option(cat("--", key, ",", key), options->id, key)->required();
  on_chosen(command, globals, [&globals, options, verb, key] {
    Json body = Json::object();
    body.set(key, options->id);
    return send_chosen(globals, verb, std::move(body), *options);
  });
}

void add_show(CLI::App* group, Globals& globals, const std::string& noun) {
  auto* show = group->add_subcommand("show", cat("one ", noun));
  auto options = with_options(show);
  show->add_option("id", options->id, "id")->required();
  on_chosen(show, globals, [&globals, options, noun] {
    return show_retained(globals, cat(noun, "/", options->id));
  });
}

void add_list(CLI::App* group, Globals& globals, const std::string& noun,
              const std::vector<Column>& columns) {
  auto* list = group->add_subcommand("ls", cat("every ", noun));
  on_chosen(list, globals, [&globals, noun, columns] {
    return list_retained(globals, cat(noun, "/+"), cat(noun, "/"), columns);
  });
}

// Where a vial was, or what lay in a place, on a day or at a time.
void add_history(CLI::App* inventory, Globals& globals) {
  auto* was = inventory->add_subcommand("was", "everywhere a vial was, or where at a time");
  auto vial = with_options(was);
  was->add_option("aliquot", vial->id, "its id; or --code")->default_str("");
  was->add_option("--code", vial->second, "its machine-readable code");
  was->add_option("--at", vial->text, "as 2026-11-22T03:04:05Z");
  on_chosen(was, globals, [&globals, vial] {
    Json body = Json::object();
    if (!vial->id.empty()) body.set("aliquot", vial->id);
    if (!vial->second.empty()) body.set("code", vial->second);
    if (!vial->text.empty()) body.set("at", vial->text);
    return send_command(globals, "history/aliquot", make_command(std::move(body), {}, {}), false);
  });
  auto* affected =
      inventory->add_subcommand("affected", "whose vials lay in a place during an interval");
  auto during = with_options(affected);
  affected->add_option("place", during->id, "tank, rack, box or any other place")->required();
  affected->add_option("--from", during->text, "begin of the interval")->required();
  affected->add_option("--until", during->second, "its end")->required();
  on_chosen(affected, globals, [&globals, during] {
    Json body = Json::object().set("place", during->id);
    body.set("from", during->text).set("until", during->second);
    return send_command(globals, "history/affected", make_command(std::move(body), {}, {}), false);
  });
  auto* stood = inventory->add_subcommand("stood", "what lay in a place at a time");
  auto place = with_options(stood);
  stood->add_option("place", place->id, "tank, rack, box or any other place")->required();
  stood->add_option("--at", place->text, "as 2026-11-22T03:04:05Z")->required();
  on_chosen(stood, globals, [&globals, place] {
    Json body = Json::object().set("place", place->id).set("at", place->text);
    return send_command(globals, "history/place", make_command(std::move(body), {}, {}), false);
  });
}

int show_device(const Globals& globals, const std::string& device) {
  Json description;
  std::map<std::string, Json> points;
  {
    const auto session = globals.connect();
    if (!session) return refuse(session.error());
    const std::string root = cat("device/", device, "/");
    const auto known = (*session)->retained(cat(root, "description"));
    if (!known) return refuse(known.error());
    if (known->empty()) {
      return refuse(make_error(ErrorCode::not_found, cat("no device \"", clip(device, 60),
                                                         "\" is published; see device ls")));
    }
    if (auto json = parse_json(known->begin()->second)) description = std::move(*json);
    if (const Status told = warn_if_silent(**session); !told) return refuse(told.error());
    const auto found = (*session)->retained(cat(root, "point/+"));
    if (!found) return refuse(found.error());
    for (const auto& [topic, payload] : *found) {
      auto json = parse_json(payload);
      if (json) points[topic.substr(root.size() + std::string_view("point/").size())] = *json;
    }
    if (globals.json) {
      for (const auto& [topic, payload] : *found) {
        auto json = parse_json(payload);
        if (json) print_json(json->set("topic", topic));
      }
      return kDone;
    }
  }
  print_table(points_table(description, points));
  return kDone;
}

int write_point(const Globals& globals, const CommandOptions& options) {
  const auto value = parse_milli(options.text);
  if (!value) return refuse(value.error());
  Json body = Json::object();
  body.set("device", options.id).set("point", options.second).set("value", *value);
  return send_command(globals, "device/write",
                      make_command(std::move(body), options.reason, options.witness), true);
}

// What a code or an id is and where it lies, as the page's Find: the first question of a newcomer.
void add_find(CLI::App& app, Globals& globals) {
  auto* find = app.add_subcommand("find", "the vial of a code, with its whole path");
  auto options = std::make_shared<CommandOptions>();
  find->add_option("code", options->text, "as scanned or typed")->required();
  on_chosen(find, globals, [&globals, options] {
    Json body = Json::object().set("code", options->text);
    return send_command(globals, "aliquot/find", make_command(std::move(body), {}, {}), true);
  });
}

}  // namespace

void add_device(CLI::App& app, Globals& globals) {
  auto* device = app.add_subcommand("device", "freezers, robots, supply and room");
  device->require_subcommand(1);
  auto* list = device->add_subcommand("ls", "every device");
  on_chosen(list, globals, [&globals] {
    return list_retained(
        globals, "device/+/state", "device/",
        {{"device", ""}, {"state", "state"}, {"last answer", "~answer"}, {"told", "~age"}});
  });
  auto* show = device->add_subcommand("show", "one device's points");
  auto options = with_options(show);
  show->add_option("device", options->id, "device")->required();
  on_chosen(show, globals, [&globals, options] { return show_device(globals, options->id); });
  auto* write = device->add_subcommand("write", "a set-point");
  auto point = with_options(write);
  write->add_option("device", point->id, "device")->required();
  write->add_option("point", point->second, "point")->required();
  write->add_option("value", point->text, "value, in the point's unit")->required();
  on_chosen(write, globals, [&globals, point] { return write_point(globals, *point); });
  add_id_command(device, globals, "inspect", "device/inspect", "device",
                 "what its model concludes; what a robot last reported (--json)");
  add_id_command(device, globals, "fill", "device/fill", "device", "start a fill now");
  add_id_command(device, globals, "stop-fill", "device/stop-fill", "device", "stop a fill");
  add_machine(*device, globals);
}

void add_alarm(CLI::App& app, Globals& globals) {
  auto* alarm = app.add_subcommand("alarm", "what is wrong");
  alarm->require_subcommand(1);
  auto* list = alarm->add_subcommand("ls", "every alarm, worst first");
  on_chosen(list, globals, [&globals] {
    return list_retained(globals, "alarm/+", "alarm/",
                         {{"alarm", ""},
                          {"priority", "priority"},
                          {"state", "state"},
                          {"since", "@since"},
                          {"taken by", "acknowledgement.by"},
                          {"text", "~what"}},
                         alarm_order);
  });
  add_show(alarm, globals, "alarm");
  auto* ack = alarm->add_subcommand("ack", "acknowledge: you take care of it");
  auto options = with_sent_options(ack);
  options->text = "going";
  ack->add_option("--alarm,alarm", options->id, "alarm")->required();
  ack->add_option("--code", options->text, "going, remote-fix, false or handed-over");
  on_chosen(ack, globals, [&globals, options] {
    Json body = Json::object();
    body.set("alarm", options->id).set("reason", options->text);
    return send_chosen(globals, "alarm/acknowledge", std::move(body), *options);
  });
  auto* shelve = alarm->add_subcommand("shelve", "silence for a time");
  auto silence = with_sent_options(shelve);
  silence->text = "1h";
  shelve->add_option("--alarm,alarm", silence->id, "alarm")->required();
  shelve->add_option("--for", silence->text, "for so long, e.g. 30min or 2h");
  on_chosen(shelve, globals, [&globals, silence] {
    Json body = Json::object();
    body.set("alarm", silence->id).set("for", silence->text).set("reason", silence->reason);
    return send_chosen(globals, "alarm/shelve", std::move(body), *silence);
  });
  add_id_command(alarm, globals, "unshelve", "alarm/unshelve", "alarm", "end a silence");
  add_alarm_reports(*alarm, globals);
  auto* pager = app.add_subcommand("pager", "whether people can be reached");
  pager->require_subcommand(1);
  auto* test = pager->add_subcommand("test", "a page to one person now; says what became of it");
  auto person = with_options(test);
  test->add_option("--user,user", person->id, "the person")->required();
  on_chosen(test, globals, [&globals, person] {
    Json body = Json::object();
    body.set("user", person->id);
    Globals patient = globals;
    patient.wait_s = std::max(patient.wait_s, kPagerTestWait_s);
    return send_command(patient, "pager/test",
                        make_command(std::move(body), person->reason, person->witness), true);
  });
}

void add_course(CLI::App& app, Globals& globals) {
  auto* course = app.add_subcommand("course", "one patient's doses");
  course->require_subcommand(1);
  add_list(course, globals, "course",
           {{"course", ""}, {"patient", "patient"}, {"protocol", "protocol"}, {"doses", "doses#"}});
  add_show(course, globals, "course");
}

void add_inventory(CLI::App& app, Globals& globals) {
  add_find(app, globals);
  auto* inventory = app.add_subcommand("inventory", "what lies where");
  inventory->require_subcommand(1);
  auto* list = inventory->add_subcommand("ls", "every container and what is inside");
  on_chosen(list, globals, [&globals] { return list_containers(globals); });
  add_show(inventory, globals, "container");
  add_id_command(inventory, globals, "find", "aliquot/find", "code", "where a code is");
  add_history(inventory, globals);
}

void add_job(CLI::App& app, Globals& globals) {
  auto* job = app.add_subcommand("job", "robot and thaw jobs");
  job->require_subcommand(1);
  add_list(job, globals, "job",
           {{"job", ""},
            {"kind", "kind"},
            {"state", "state"},
            {"robot", "robot"},
            {"course", "course"}});
  add_show(job, globals, "job");
  add_id_command(job, globals, "pause", "job/pause", "job", "stop after the motion under way");
  add_id_command(job, globals, "cancel", "job/cancel", "job", "drop the motions not yet issued");
}

}  // namespace cryobank::ctl

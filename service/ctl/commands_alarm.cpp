// alarm coverage, alarm report: what watches a device, and how well alarms serve people.
#include <fstream>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/export_io.hpp"
#include "inventory/record/journal_format.hpp"
#include "service/alarms/metrics.hpp"
#include "service/config_files_io.hpp"
#include "service/ctl/answer.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"
#include "service/repair/record_files_io.hpp"

namespace cryobank::ctl {
namespace {

Status print_coverage(const Json& body) {
  RowReader in("the coverage of a device", body);
  Table table{{"condition", "watched", "by", "why not"}, {}};
  for (const Json& item : in.list("coverage")) {
    RowReader one("an item of a device's coverage", item);
    const bool watched = one.flag("watched");
    if (!one.ok()) return one.status();
    table.rows.push_back({cell(item["condition"]), watched ? "yes" : "NO", cell(item["watched_by"]),
                          cell(item["why_not"])});
  }
  if (!in.ok()) return in.status();
  print_table(table);
  return {};
}

int show_coverage(const Globals& globals, const std::string& device) {
  const auto session = globals.connect();
  if (!session) return refuse(session.error());
  const auto reply = (*session)->request(
      "alarm/coverage", make_command(Json::object().set("device", device), {}, {}),
      std::chrono::seconds(globals.wait_s), false, [](const Json&) {});
  if (!reply) return refuse(reply.error());
  if (globals.json) {
    print_json(*reply);
  } else if (read_answer(*reply)->done()) {
    if (const Status printed = print_coverage((*reply)["body"]); !printed) {
      return refuse(printed.error());
    }
  } else {
    tell(cat(cell((*reply)["status"]), ": ", cell((*reply)["message"])));
  }
  return read_answer(*reply)->done() ? kDone : kRefused;
}

// "2026-11": from its first to its last midnight, UTC, as the journal counts.
Result<std::pair<WallTime, WallTime>> month_of(std::string_view text) {
  const auto from = parse_utc(cat(text, "-01T00:00:00.000Z"));
  if (!from) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a month such as 2026-11, came \"", clip(text, 40), "\""));
  }
  // 32 days after its first day is a day of the next month.
  const std::string next = format_utc(*from + days(32)).substr(0, 7);
  TRY_ASSIGN(const auto until, parse_utc(cat(next, "-01T00:00:00.000Z")));
  return std::pair{*from, until};
}

// The folder of an export, or the site's own copy of the journal, which may be read at any time.
Result<std::string> journal_file(const CommandOptions& options) {
  if (!options.text.empty()) return cat(options.text, "/", inventory::kExportJournal);
  config::SiteConfig site;
  config::Faults faults;
  if (!service::load_site(options.file, site, faults)) {
    service::print_faults(faults);
    return make_error(ErrorCode::invalid_value, "the site file has faults");
  }
  return service::record_files(site).journal_copy;
}

Status read_facts(const std::string& path, alarms::Metrics& metrics) {
  std::ifstream file(path);
  if (!file) return make_error(ErrorCode::not_found, cat("cannot read ", path));
  for (std::string line; std::getline(file, line);) {
    TRY_ASSIGN(const auto entry, inventory::parse_entry(line));
    if (entry.fact.stream != "alarm") continue;
    if (const Status read = metrics.add(entry.fact); !read) {
      return make_error(read.error().code,
                        cat(path, ", entry ", entry.sequence, ": ", read.error().context));
    }
  }
  return {};
}

void print_report(const Json& report) {
  const auto line = [](std::string_view name, const std::string& value) {
    print_line(cat(name, std::string(name.size() < 34 ? 34 - name.size() : 1, ' '), value));
  };
  line("from, until", cat(cell(report["from"]), ", ", cell(report["until"])));
  line("alarms, a day", cat(cell(report["alarms"]), ", ", cell(report["a_day"])));
  line("most within 10 min", cell(report["peak_10min"]));
  line("in flood, s and %", cat(cell(report["flood_s"]), ", ", cell(report["flood_percent"])));
  for (const char* const priority : {"p1", "p2", "p3"}) {
    const Json& one = report["priorities"][priority];
    line(cat(priority, ", %"), cat(cell(one["count"]), ", ", cell(one["percent"])));
  }
  const Json& taken = report["acknowledged"];
  line("taken, in time, late, never", cat(cell(taken["count"]), ", ", cell(taken["in_time"]), ", ",
                                          cell(taken["late"]), ", ", cell(taken["never"])));
  line("until taken, median and longest, s",
       cat(cell(taken["median_s"]), ", ", cell(taken["longest_s"])));
  line("share of the ten most frequent, %", cell(report["top_percent"]));
  for (const Json& one : report["top"].items()) {
    line("  " + cell(one["alarm"]), cell(one["count"]));
  }
  for (const Json& one : report["chattering"].items()) {
    line("  chattering: " + cell(one["alarm"]), cell(one["times"]));
  }
  for (const Json& one : report["stale"].items()) line("  stood for a day: " + cell(one), "");
}

int report_month(const Globals& globals, const CommandOptions& options) {
  const auto span = month_of(options.id);
  if (!span) {
    tell(span.error().context);
    return kWrongUsage;
  }
  const auto path = journal_file(options);
  if (!path) return refuse(path.error());
  alarms::Metrics metrics(span->first, span->second);
  if (const Status read = read_facts(*path, metrics); !read) return refuse(read.error());
  const Json report = metrics.report();
  if (globals.json) {
    print_json(report);
  } else {
    print_report(report);
  }
  return kDone;
}

}  // namespace

void add_alarm_reports(CLI::App& alarm, Globals& globals) {
  auto* coverage = alarm.add_subcommand("coverage", "what watches a device, and what cannot be");
  auto device = with_options(coverage);
  coverage->add_option("device", device->id, "device")->required();
  on_chosen(coverage, globals, [&globals, device] { return show_coverage(globals, device->id); });
  auto* report = alarm.add_subcommand(
      "report", "a month of alarms: rate, peaks, floods, what chatters, how soon they were taken");
  auto month = with_options(report);
  report->add_option("month", month->id, "as 2026-11")->required();
  report->add_option("--config", month->file, "site file: its copy of the journal");
  report->add_option("--export", month->text, "folder of an export instead");
  on_chosen(report, globals, [&globals, month] {
    if (month->file.empty() == month->text.empty()) {
      tell("expected --config FILE or --export FOLDER");
      return kWrongUsage;
    }
    return report_month(globals, *month);
  });
}

}  // namespace cryobank::ctl

// device probe, device conform: a machine on the bench, asked directly.
#include "base/text.hpp"
#include "base/try.hpp"
#include "config/checks/profile_lint.hpp"
#include "devices/conform/conform.hpp"
#include "devices/line/register_codec.hpp"
#include "devices/line/register_plan.hpp"
#include "devices/line/text_protocol.hpp"
#include "service/config_files_io.hpp"
#include "service/ctl/bench_machine_io.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

struct BenchOptions {
  std::string profile;
  std::string host = "127.0.0.1";
  std::uint16_t port = 502;
  std::string serial;
  int baud = 9600;
  std::string parity;  // empty: even for registers, none for text
  int data_bits = 0;   // 0: 7 for Modbus ASCII, else 8
  int stop_bits = 1;
  int unit = 1;
  int listen_s = 10;
  bool may_move = false;
  bool may_write = false;
};

std::shared_ptr<BenchOptions> add_bench_options(CLI::App* command) {
  auto options = std::make_shared<BenchOptions>();
  command->add_option("--profile", options->profile, "profile file")->required();
  command->add_option("--host", options->host, "Modbus TCP host");
  command->add_option("--port", options->port, "Modbus TCP port");
  command->add_option("--serial", options->serial, "serial port instead, e.g. /dev/ttyUSB0");
  command->add_option("--baud", options->baud, "of the serial port")
      ->check(CLI::Range(300, 921'600));
  command->add_option("--parity", options->parity, "of the serial port: even, odd, none")
      ->check(CLI::IsMember({"even", "odd", "none"}));
  command->add_option("--data-bits", options->data_bits, "of the serial port: 7, 8")
      ->check(CLI::Range(7, 8));
  command->add_option("--stop-bits", options->stop_bits, "of the serial port: 1, 2")
      ->check(CLI::Range(1, 2));
  command->add_option("--unit", options->unit, "unit id")->check(CLI::Range(0, 255));
  return options;
}

MachineAddress address_of(const BenchOptions& options, const config::DeviceProfile& profile) {
  MachineAddress address;
  address.unit = static_cast<std::uint8_t>(options.unit);
  address.line.id = LineId("bench");
  address.line.host = options.host;
  address.line.port = options.port;
  const bool serial = !options.serial.empty();
  const bool ascii = profile.protocol == "modbus-ascii";
  if (profile.is_text()) {
    address.line.kind =
        serial ? config::LineConfig::Kind::text_serial : config::LineConfig::Kind::text_tcp;
  } else if (serial) {
    address.line.kind = ascii ? config::LineConfig::Kind::ascii : config::LineConfig::Kind::rtu;
  }
  if (!serial) return address;
  address.line.path = options.serial;
  address.line.baud = options.baud;
  address.line.parity = profile.is_text() ? 'N' : 'E';
  if (!options.parity.empty()) {
    address.line.parity = options.parity == "even" ? 'E' : options.parity == "odd" ? 'O' : 'N';
  }
  address.line.data_bits = ascii ? 7 : 8;
  if (options.data_bits != 0) address.line.data_bits = options.data_bits;
  address.line.stop_bits = options.stop_bits;
  return address;
}

Result<config::DeviceProfile> open_profile(const std::string& file) {
  TRY_ASSIGN(const auto text, service::read_config_file(file));
  config::DeviceProfile profile;
  config::Faults faults;
  const bool good = config::parse_profile(file, text, profile, faults);
  service::print_faults(faults);
  if (!good) return make_error(ErrorCode::invalid_value, cat(file, " is refused"));
  if (profile.is_text()) {
    config::lint_profile(profile, faults);  // the text protocol stands on its rules
    if (!faults.ok()) {
      service::print_faults(faults);
      return make_error(ErrorCode::invalid_value, cat(file, " is refused"));
    }
  }
  return profile;
}

// A machine that cannot be reached is one fault, not one of every point.
Status reach(BenchMachine& machine, const BenchOptions& options,
             const config::DeviceProfile& profile) {
  const auto spans = devices::plan_spans(profile, {});
  if (spans.empty()) return {};
  const auto reply = machine.ask(devices::read_request(spans.front(), machine.unit()));
  if (reply.kind != devices::ReplyKind::disconnected) return {};
  const std::string where =
      options.serial.empty() ? cat(options.host, " port ", options.port) : options.serial;
  if (reply.wrong == devices::Wrong::port_in_use) {
    return make_error(
        ErrorCode::unavailable,
        cat(where, " is open in another program: stop the daemon, or the program that ",
            "polls it, first"));
  }
  return make_error(ErrorCode::unavailable, cat("no connection to ", where,
                                                ": is the machine on, and is this its address?"));
}

void add_rows(Table& table, const config::DeviceProfile& profile, const devices::Span& span,
              const devices::ModbusReply& reply) {
  for (const std::uint32_t index : span.points) {
    const config::Point& point = profile.points[index];
    std::string raw = "-";
    std::string shown = devices::describe(reply);
    if (reply.kind == devices::ReplyKind::ok && reply.values.size() == span.count) {
      const auto first = reply.values.begin() + (point.address - span.address);
      const std::vector<std::uint16_t> words(first, first + devices::width_of(point));
      raw.clear();
      for (const std::uint16_t word : words)
        raw += cat(raw.empty() ? "" : " ", hex16(word).substr(12));
      shown = devices::show(point, devices::decode(point, words));
    }
    table.rows.push_back({point.id.str(), std::string(devices::name_of(span.table)),
                          cat(point.address), raw, shown, point.unit});
  }
}

void add_text_rows(Table& table, const config::DeviceProfile& profile, const std::string& question,
                   const std::string& line, const std::vector<devices::TextValue>& values) {
  for (const devices::TextValue& value : values) {
    const config::Point& point = profile.points[value.point];
    table.rows.push_back({point.id.str(), question, clip(line, 120),
                          devices::show(point, value.decoded), point.unit});
  }
  if (values.empty()) table.rows.push_back({"-", question, clip(line, 120), "", ""});
}

void print_rows(const Globals& globals, const Table& table) {
  if (!globals.json) return print_table(table);
  for (const auto& row : table.rows) {
    Json line = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i) line.set(table.head[i], row[i]);
    print_json(line);
  }
}

// Asks each question once, or listens for a while: the lines beside what they decode to.
int probe_text(const Globals& globals, const config::DeviceProfile& profile, BenchMachine& machine,
               int listen_s) {
  Table table{{"point", "question", "line", "value", "unit"}, {}};
  const auto forms = devices::text_forms(profile, machine.unit());
  bool all = true;
  bool asks = false;
  for (const devices::TextForm& form : forms) {
    if (form.question.empty()) continue;
    asks = true;
    const auto answer = machine.ask_text(form.question);
    std::vector<devices::TextValue> values;
    if (answer) devices::read_line(profile, form, *answer, values);
    all = all && answer && !values.empty();
    add_text_rows(table, profile, form.question, answer ? *answer : answer.error().context, values);
  }
  if (!asks) {
    static_cast<void>(machine.ask_text(""));  // opens the line
    BenchMachine::pause(seconds(listen_s));
    for (const std::string& line : machine.heard()) {
      std::vector<devices::TextValue> values;
      devices::read_any(profile, forms, line, values);
      add_text_rows(table, profile, "", line, values);
    }
    all = !table.rows.empty();
  }
  print_rows(globals, table);
  return all ? kDone : kRefused;
}

int probe(const Globals& globals, const BenchOptions& options) {
  const auto profile = open_profile(options.profile);
  if (!profile) return refuse(profile.error());
  BenchMachine machine(address_of(options, *profile), profile->quirks);
  if (profile->is_text()) return probe_text(globals, *profile, machine, options.listen_s);
  if (const Status reached = reach(machine, options, *profile); !reached) {
    return refuse(reached.error());
  }
  Table table{{"point", "table", "address", "words", "value", "unit"}, {}};
  bool all = true;
  for (const devices::Span& span : devices::plan_spans(*profile, {})) {
    const auto reply = machine.ask(devices::read_request(span, machine.unit()));
    all = all && reply.kind == devices::ReplyKind::ok;
    add_rows(table, *profile, span, reply);
  }
  print_rows(globals, table);
  return all ? kDone : kRefused;
}

// Each rule by its number on the page; what could not be checked is said like what was.
int print_findings(const Globals& globals, const std::vector<devices::ConformFinding>& findings) {
  using Verdict = devices::ConformFinding::Verdict;
  constexpr std::string_view kWords[] = {"good", "violated", "not-checked"};
  constexpr std::string_view kColumn[] = {"ok          ", "VIOLATED    ", "not checked "};
  std::size_t violated = 0;
  std::size_t unchecked = 0;
  for (const devices::ConformFinding& finding : findings) {
    violated += finding.verdict == Verdict::violated ? 1 : 0;
    unchecked += finding.verdict == Verdict::not_checked ? 1 : 0;
    const auto at = static_cast<std::size_t>(finding.verdict);
    if (globals.json) {
      Json line = Json::object().set("number", finding.number).set("verdict", kWords[at]);
      print_json(line.set("rule", finding.rule).set("seen", finding.seen));
    } else {
      print_line(cat(kColumn[at], finding.number, " ", finding.rule,
                     finding.seen.empty() ? "" : ": ", finding.seen));
    }
  }
  tell(cat(findings.size(), " rules, ", violated, " violated, ", unchecked, " not checked"));
  return violated == 0 ? kDone : kRefused;
}

int conform(const Globals& globals, const BenchOptions& options) {
  const auto profile = open_profile(options.profile);
  if (!profile) return refuse(profile.error());
  if (profile->is_text()) {
    return refuse(make_error(ErrorCode::unsupported, "text devices have no block to conform to"));
  }
  BenchMachine machine(address_of(options, *profile), profile->quirks);
  if (const Status reached = reach(machine, options, *profile); !reached) {
    return refuse(reached.error());
  }
  const devices::Bench bench{
      machine.unit(),
      [&machine](devices::ModbusRequest request) { return machine.ask(std::move(request)); },
      [](Duration time) { BenchMachine::pause(time); }};
  return print_findings(globals,
                        devices::conform(bench, *profile, {options.may_move, options.may_write}));
}

}  // namespace

void add_machine(CLI::App& device, Globals& globals) {
  auto* read = device.add_subcommand("probe", "reads a machine by a profile, without the daemon");
  auto options = add_bench_options(read);
  read->add_option("--listen", options->listen_s, "seconds, for a device that speaks unasked")
      ->check(CLI::Range(1, 86'400));
  on_chosen(read, globals, [&globals, options] { return probe(globals, *options); });
  auto* check = device.add_subcommand("conform", "what a machine violates of its block");
  auto bench = add_bench_options(check);
  check->add_flag("--may-move", bench->may_move, "robots: park twice, which moves no vial");
  check->add_flag("--may-write", bench->may_write,
                  "freezers: write set-points, and write them back as they were");
  on_chosen(check, globals, [&globals, bench] { return conform(globals, *bench); });
}

}  // namespace cryobank::ctl

#include "devices/simulator/wire/sim_io.hpp"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::int64_t kTurnMs = 20;  // the physics are never older than this
constexpr std::int64_t kSaveEveryMs = 5000;
constexpr std::int64_t kSaveMovedMs = 200;  // after a motion, so that a kill loses next to nothing
constexpr std::size_t kStateMost = 512u << 20;

std::int64_t clock_us(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

// The simulator stands for machines elsewhere: it listens on the site's address when that is a
// number on this machine's loopback, else on 127.0.0.1.
std::string address_of(const config::LineConfig& line) {
  in_addr parsed{};
  const bool number = inet_pton(AF_INET, line.host.c_str(), &parsed) == 1;
  return number && line.host.rfind("127.", 0) == 0 ? line.host : "127.0.0.1";
}

Error failed(std::string_view what, const std::string& file) {
  return make_error(ErrorCode::io, cat(what, " ", file, ": ", std::strerror(errno)));
}

}  // namespace

Sim::Sim(const config::SiteConfig& site, const SimOptions& options)
    : site_(site),
      options_(options),
      hardware_(site, options.seed),
      control_(loop_, [this](const Json& command) {
        catch_up();
        return hardware_.control(command);
      }) {
  const std::int64_t pace = 1000 * options_.speed;
  hardware_.set_robot_pace(std::max<std::int64_t>(1, pace / options_.robot_speed), pace);
}

Status Sim::open() {
  TRY(load_state());
  present_us_ = clock_us(CLOCK_MONOTONIC);
  catch_up();
  TRY(open_lines());
  TRY(control_.open(options_.control_port));
  ports_.set("control", static_cast<int>(control_.port()));
  return {};
}

Status Sim::open_lines() {
  Json lines = Json::object();
  for (std::uint32_t i = 0; i < site_.lines.size(); ++i) {
    const config::LineConfig& line = site_.lines[i];
    const Result<Json> place = open_line(devices::LineIndex{i}, line);
    if (!place) {
      return make_error(place.error().code,
                        cat("line ", line.id.str(), ": ", place.error().context));
    }
    lines.set(line.id.str(), *place);
  }
  ports_.set("lines", std::move(lines));
  return {};
}

std::uint16_t Sim::port_of(const config::LineConfig& line) const {
  const auto named = options_.ports.find(line.id.str());
  if (named != options_.ports.end()) return named->second;
  return options_.any_port ? std::uint16_t{0} : line.port;
}

// The port or terminal on which the line is served.
Result<Json> Sim::open_line(devices::LineIndex index, const config::LineConfig& line) {
  using Kind = config::LineConfig::Kind;
  const auto present = [this] { catch_up(); };
  const auto named = options_.links.find(line.id.str());
  const std::string link = named == options_.links.end() ? std::string() : named->second;
  switch (line.kind) {
    case Kind::tcp: {
      tcp_.push_back(std::make_unique<TcpLine>(index, hardware_, loop_, present));
      TRY(tcp_.back()->open(address_of(line), port_of(line)));
      return Json(static_cast<int>(tcp_.back()->port()));
    }
    case Kind::rtu:
    case Kind::ascii: {
      const Framing framing = line.kind == Kind::rtu ? Framing::rtu : Framing::ascii;
      serial_.push_back(std::make_unique<SerialLine>(index, framing, hardware_, loop_, present));
      TRY(serial_.back()->open_terminal(link));
      return Json(serial_.back()->path());
    }
    case Kind::text_tcp: {
      text_.push_back(std::make_unique<TextLine>(index, hardware_, loop_, present));
      TRY(text_.back()->open_network(address_of(line), port_of(line)));
      return Json(static_cast<int>(text_.back()->port()));
    }
    case Kind::text_serial: {
      text_.push_back(std::make_unique<TextLine>(index, hardware_, loop_, present));
      TRY(text_.back()->open_terminal(link));
      return Json(text_.back()->path());
    }
    case Kind::rtu_tcp: {
      serial_.push_back(
          std::make_unique<SerialLine>(index, Framing::rtu, hardware_, loop_, present));
      TRY(serial_.back()->open_network(address_of(line), port_of(line)));
      return Json(static_cast<int>(serial_.back()->port()));
    }
  }
  return make_error(ErrorCode::unsupported, "a line of a kind that nobody serves");
}

Json Sim::ports() const { return ports_; }

void Sim::catch_up() {
  const std::int64_t now_us = clock_us(CLOCK_MONOTONIC);
  std::int64_t left_us = (now_us - present_us_) * options_.speed;
  present_us_ = now_us;
  while (left_us > 0) {
    const Duration part = microseconds(std::min(left_us, hours(1).ns / 1000));
    hardware_.advance(part);
    left_us -= part.ns / 1000;
  }
  hardware_.set_clock({clock_us(CLOCK_REALTIME) / 1000});
}

Status Sim::run(int stop_fd) {
  bool stop = false;
  TRY(loop_.watch(stop_fd, EPOLLIN, [&stop](std::uint32_t) { stop = true; }));
  while (!stop) {
    loop_.turn(kTurnMs);
    catch_up();
    for (const auto& line : text_) line->print();
    save_when_moved();
  }
  loop_.forget(stop_fd);
  return options_.state_file.empty() ? Status() : save_state();
}

void Sim::save_when_moved() {
  if (options_.state_file.empty()) return;
  const std::int64_t now_ms = Loop::now_ms();
  const bool moved =
      hardware_.moves() != saved_moves_ || hardware_.motions().size() != saved_motions_;
  if (now_ms - saved_ms_ < (moved ? kSaveMovedMs : kSaveEveryMs)) return;
  saved_ms_ = now_ms;
  if (Status saved = save_state(); !saved) {
    std::fprintf(stderr, "cryobank-sim: %s\n", saved.error().context.c_str());
  }
}

Status Sim::save_state() {
  const std::string text = hardware_.save().dump();
  const std::string next = options_.state_file + ".new";
  {
    std::ofstream file(next, std::ios::binary | std::ios::trunc);
    file << text << '\n';
    file.flush();
    if (!file) return failed("cannot write", next);
  }
  if (std::rename(next.c_str(), options_.state_file.c_str()) != 0) {
    return failed("cannot replace", options_.state_file);
  }
  saved_moves_ = hardware_.moves();
  saved_motions_ = hardware_.motions().size();
  return {};
}

Status Sim::load_state() {
  if (options_.state_file.empty()) return {};
  std::ifstream file(options_.state_file, std::ios::binary);
  if (!file) return {};  // the first run
  const std::string text(std::istreambuf_iterator<char>(file), {});
  Result<Json> saved = parse_json(trim(text), kStateMost);
  if (!saved) {
    return make_error(saved.error().code,
                      cat("state file ", options_.state_file, ": ", saved.error().context));
  }
  return hardware_.restore(*saved);
}

}  // namespace cryobank::simulator

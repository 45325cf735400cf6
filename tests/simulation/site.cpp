#include "tests/simulation/site.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include "base/text.hpp"
#include "config/load.hpp"

namespace cryobank::simulation {
namespace {

constexpr int kOthers = 3;          // robot, room, supply
constexpr int kFreezersOnLine = 4;  // as in the demonstration site

Result<std::string> read_file(std::string_view path) {
  std::ifstream file(cat(CRYOBANK_SOURCE_DIR, "/", path), std::ios::binary);
  if (!file) return make_error(ErrorCode::io, cat("cannot read ", path));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<std::string> replace(std::string text, std::string_view from, std::string_view to) {
  std::size_t at = text.find(from);
  if (at == std::string::npos) {
    return make_error(ErrorCode::not_found, cat("the demonstration site no longer says ", from));
  }
  for (; at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string line_text(int line, bool serial) {
  std::string out = cat("\n[[line]]\nid = \"freezers-", line, "\"\n");
  if (serial) {
    return out + cat("kind = \"rtu\"\npath = \"/dev/serial/", line, "\"\nbaud = 19200\n");
  }
  return out + cat("kind = \"tcp\"\nhost = \"127.0.0.1\"\nport = ", 16'000 + line, "\n");
}

std::string freezer_text(int number, int line, Duration poll) {
  const int unit = (number - 1) % kFreezersOnLine + 1;
  return cat("\n[[device]]\nid = \"freezer-", number, "\"\ntitle = \"Freezer ", number,
             "\"\nkind = \"freezer\"\nprofile = \"cryobank-freezer-1\"\nline = \"freezers-", line,
             "\"\nunit = ", unit, "\nroom = \"room-1\"\nfill_group = \"group-", line,
             "\"\nsupply = \"supply-1\"\npoll_fast = \"", poll.ms(), "ms\"\n");
}

std::string site_text(const std::string& demo, const SiteOptions& options) {
  // The demonstration's own freezers and their line are left out; the rest stays as it is.
  std::string out = demo.substr(0, demo.find("[[line]]"));
  const std::size_t robot_line = demo.find("[[line]]\nid = \"robot\"");
  const std::size_t freezers = demo.find("[[device]]\nid = \"freezer-1\"");
  const std::size_t robot = demo.find("[[device]]\nid = \"robot-1\"");
  out += demo.substr(robot_line, freezers - robot_line);
  out += demo.substr(robot);
  const int count = options.devices - kOthers;
  for (int number = 1; number <= count; ++number) {
    const int line = (number - 1) / kFreezersOnLine + 1;
    if (number % kFreezersOnLine == 1) out += line_text(line, options.serial && line % 2 == 1);
    out += freezer_text(number, line, options.poll_fast);
  }
  return out;
}

constexpr std::string_view kHandOver = R"(
[[place_type]]
id = "shipper"
layout = "dimensionless"
holds = ["aliquot"]

[[place_type]]
id = "reception"
layout = "dimensionless"
holds = ["aliquot"]

[[place]]
id = "shipper-1"
type = "shipper"
parent = "room-1"

[[place]]
id = "reception-1"
type = "reception"
parent = "room-1"
)";

Result<std::string> places_text(std::string demo, const SiteOptions& options) {
  Result<std::string> text =
      replace(std::move(demo), "f = [1, 4]", cat("f = [1, ", options.devices - kOthers, "]"));
  if (text) {
    text = replace(std::move(*text), R"("transfer-port", "thaw-station"])",
                   R"("transfer-port", "thaw-station", "shipper", "reception"])");
  }
  if (text) *text += kHandOver;
  return text;
}

Result<std::string> adapt(std::string_view path, const SiteOptions& options) {
  Result<std::string> text = read_file(path);
  if (!text) return text;
  if (path.ends_with("demo/places.toml")) return places_text(std::move(*text), options);
  if (!path.ends_with("demo/site.toml")) return text;
  Result<std::string> paced = replace(std::move(*text), "clock_speed = 720", "clock_speed = 1");
  // Simulated people sign nothing: a real secret takes a quarter of a second of real time.
  if (paced) paced = replace(std::move(*paced), "required = true", "required = false");
  // Their day is not planned by the minute: the steps of the demonstration are those of its clock.
  if (paced) paced = replace(std::move(*paced), R"(, "day.toml"])", "]");
  if (paced && !options.approval.empty()) {
    paced = replace(std::move(*paced), "[orders]\n",
                    cat("[orders]\napproval = [", options.approval, "]\n"));
  }
  if (!paced) return paced;
  return site_text(*paced, options);
}

}  // namespace

Result<config::SiteConfig> make_site(const SiteOptions& options) {
  CHECK(options.devices >= kDevicesMin && options.devices <= kDevicesMax);
  config::SiteConfig site;
  config::Faults faults;
  const bool good = config::load_site(
      "config/demo/site.toml", [&options](std::string_view path) { return adapt(path, options); },
      site, faults);
  site.plan.fit_to_thaw = {};  // simulated clinics are not asked
  if (good) return site;
  std::string all = "the simulated site is refused";
  for (const config::Fault& fault : faults.items()) {
    if (!fault.warning) all += cat("; ", config::format_fault(fault));
  }
  return make_error(ErrorCode::invalid_value, all);
}

}  // namespace cryobank::simulation

#include "service/site_outside_io.hpp"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "service/certificate_io.hpp"
#include "service/config_files_io.hpp"
#include "service/endpoint_io.hpp"
#include "service/same_path_io.hpp"

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;

// What the kernel shows as files and keeps nothing of.
bool is_kernels(const std::string& path) {
  struct statfs about {};
  if (::statfs(path.c_str(), &about) != 0) return false;
  return about.f_type == PROC_SUPER_MAGIC || about.f_type == SYSFS_MAGIC ||
         about.f_type == CGROUP2_SUPER_MAGIC || about.f_type == CGROUP_SUPER_MAGIC;
}

// Empty: files can be made in this folder, and stay.
std::string no_folder(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    return cat("expected a folder that is there, came ", path,
               error ? cat(": ", error.message()) : std::string());
  }
  if (is_kernels(path)) return cat("expected a folder on a disk, came ", path);
  if (::access(path.c_str(), W_OK | X_OK) == 0) return {};
  return cat("expected a folder that can be written to, came ", path, ": ", std::strerror(errno));
}

class OutsideLook {
 public:
  OutsideLook(std::string_view file, const KeyLines& lines, OnFinding findings,
              config::Faults& faults)
      : file_(file), lines_(lines), findings_(findings), faults_(faults) {}

  // True when it is as it should be, or not named at all.
  bool expect(std::string_view table, std::string_view key, const std::string& path,
              Status (*check)(const std::string& path)) {
    if (path.empty()) return true;
    const Status good = check(path);
    if (!good) tell(table, key, good.error().context);
    return good.ok();
  }
  void folder(std::string_view table, std::string_view key, const std::string& path) {
    if (path.empty()) return;
    if (const std::string wrong = no_folder(path); !wrong.empty()) tell(table, key, wrong);
  }
  // One that is made when it is first needed: the folder around it must be there. True when it is
  // there itself.
  bool future_folder(std::string_view table, std::string_view key, const std::string& path) {
    if (path.empty()) return true;
    std::error_code error;
    const bool there = fs::exists(fs::symlink_status(path, error));
    const std::string wrong =
        no_folder(there ? path : fs::path(path).lexically_normal().parent_path().string());
    if (!wrong.empty()) tell(table, key, wrong);
    return there;
  }
  void tell(std::string_view table, std::string_view key, std::string_view what) {
    const auto said = lines_.find(table.empty() ? std::string(key) : cat(table, ".", key));
    tell_at(file_, said == lines_.end() ? 0 : said->second,
            table.empty() ? cat(key, ": ", what) : cat("[", table, "] ", key, ": ", what));
  }
  void tell_at(std::string_view file, int line, std::string text) {
    if (findings_ == OnFinding::refuse) {
      faults_.add(file, line, std::move(text));
    } else {
      faults_.warn(file, line, std::move(text));
    }
  }

 private:
  std::string_view file_;
  const KeyLines& lines_;
  const OnFinding findings_;
  config::Faults& faults_;
};

// A port of some host that one program of the site has or is asked at.
struct Endpoint {
  std::string name;
  std::string host;
  int port = 0;
  std::string_view file;
  int line = 0;
};

int line_named(const config::SiteConfig& site, std::string_view key) {
  const auto said = site.key_lines.find(key);
  return said == site.key_lines.end() ? 0 : said->second;
}

// Two names for one port: two lines would talk into each other's answers, and of two listeners
// one does not start.
void own_endpoints(std::string_view file, const config::SiteConfig& site, OutsideLook& look) {
  std::vector<Endpoint> all;
  const auto add = [&](std::string_view name, const std::string& host, int port, int line) {
    if (port != 0) all.push_back({std::string(name), host, port, file, line});
  };
  add("[mqtt] port", site.mqtt.host, site.mqtt.port, line_named(site, "mqtt.port"));
  add("[http] port", "127.0.0.1", site.http.port, line_named(site, "http.port"));
  add("[http] websocket_port", site.mqtt.host, site.http.websocket_port,
      line_named(site, "http.websocket_port"));
  for (const config::LineConfig& line : site.lines) {
    if (line.host.empty()) continue;
    all.push_back(
        {cat("line \"", line.id.str(), "\""), line.host, line.port, line.file, line.line});
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (all[i].port != all[j].port || !same_host(all[i].host, all[j].host)) continue;
      look.tell_at(all[i].file, all[i].line,
                   cat(all[i].name, ": expected an endpoint of its own, came ", all[i].host, ":",
                       all[i].port, "; ", all[j].name, " is ", all[j].host, ":", all[j].port));
    }
  }
}

void serial_ports(const config::SiteConfig& site, OutsideLook& look, config::Faults& faults) {
  std::vector<const config::LineConfig*> seen;
  std::error_code ignored;
  for (const config::LineConfig& line : site.lines) {
    if (line.path.empty()) continue;
    const std::string name = cat("line \"", line.id.str(), "\": ");
    for (const config::LineConfig* other : seen) {
      if (relation_of(line.path, other->path) != PathRelation::same) continue;
      look.tell_at(line.file, line.line,
                   cat(name, "expected a port of its own, came ", line.path, "; line \"",
                       other->id.str(), "\" has it as ", other->path));
    }
    seen.push_back(&line);
    if (!fs::exists(line.path, ignored)) {
      // Plugged in later, it is found then.
      faults.warn(line.file, line.line,
                  cat(name, "there is no port ", line.path, " on this computer now"));
    } else if (const Status port = expect_serial_port(line.path); !port) {
      look.tell_at(line.file, line.line, cat(name, port.error().context));
    }
  }
}

}  // namespace

void look_at_broker(std::string_view file, const KeyLines& lines, const config::MqttConfig& mqtt,
                    OnFinding findings, config::Faults& faults) {
  OutsideLook look(file, lines, findings, faults);
  look.expect("mqtt", "ca_file", mqtt.ca_file, expect_certificate);
  const bool shown = look.expect("mqtt", "cert_file", mqtt.cert_file, expect_certificate);
  const bool own = look.expect("mqtt", "key_file", mqtt.key_file, expect_private_key);
  if (shown && own && !mqtt.cert_file.empty() && !mqtt.key_file.empty()) {
    if (const Status fit = expect_pair(mqtt.cert_file, mqtt.key_file); !fit) {
      look.tell("mqtt", "key_file", fit.error().context);
    }
  }
  look.expect("mqtt", "password_file", mqtt.password_file, expect_password_file);
}

void look_at_state_folder(std::string_view file, const KeyLines& lines, std::string_view key,
                          const std::string& path, OnFinding findings, config::Faults& faults) {
  OutsideLook(file, lines, findings, faults).future_folder({}, key, path);
}

void look_outside(std::string_view file, const config::SiteConfig& site, OnFinding findings,
                  config::Faults& faults) {
  OutsideLook look(file, site.key_lines, findings, faults);
  look_at_broker(file, site.key_lines, site.mqtt, findings, faults);
  look.expect("http", "page", site.http.page, expect_readable_file);
  look.folder("backup", "directory", site.backup.directory);
  look.future_folder("telemetry", "directory", site.telemetry.directory);
  if (!look.future_folder("store", "directory", site.store.directory)) {
    faults.warn(file, 0,
                cat("[store] directory: there is no store in ", site.store.directory,
                    " yet; `cryobankctl store create` makes it"));
  }
  own_endpoints(file, site, look);
  serial_ports(site, look, faults);
}

}  // namespace cryobank::service

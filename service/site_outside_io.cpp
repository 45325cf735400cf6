#include "service/site_outside_io.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "service/config_files_io.hpp"

namespace cryobank::service {
namespace {

namespace fs = std::filesystem;

class OutsideLook {
 public:
  OutsideLook(std::string_view file, const KeyLines& lines, Findings findings,
              config::Faults& faults)
      : file_(file), lines_(lines), findings_(findings), faults_(faults) {}

  void readable(std::string_view table, std::string_view key, const std::string& path) {
    if (path.empty() || ::access(path.c_str(), R_OK) == 0) return;
    tell(table, key,
         cat("expected a file that can be read, came ", path, ": ", std::strerror(errno)));
  }
  void folder(std::string_view table, std::string_view key, const std::string& path) {
    std::error_code error;
    if (path.empty()) return;
    if (!fs::is_directory(path, error)) {
      return tell(table, key,
                  cat("expected a folder that is there, came ", path,
                      error ? cat(": ", error.message()) : std::string()));
    }
    if (::access(path.c_str(), W_OK) == 0) return;
    tell(table, key,
         cat("expected a folder that can be written to, came ", path, ": ", std::strerror(errno)));
  }
  void tell(std::string_view table, std::string_view key, std::string_view what) {
    std::string text = cat("[", table, "] ", key, ": ", what);
    const auto said = lines_.find(cat(table, ".", key));
    const int line = said == lines_.end() ? 0 : said->second;
    if (findings_ == Findings::refuse) {
      faults_.add(file_, line, std::move(text));
    } else {
      faults_.warn(file_, line, std::move(text));
    }
  }

 private:
  std::string_view file_;
  const KeyLines& lines_;
  const Findings findings_;
  config::Faults& faults_;
};

}  // namespace

void look_at_broker(std::string_view file, const KeyLines& lines, const config::MqttConfig& mqtt,
                    Findings findings, config::Faults& faults) {
  OutsideLook look(file, lines, findings, faults);
  look.readable("mqtt", "ca_file", mqtt.ca_file);
  look.readable("mqtt", "cert_file", mqtt.cert_file);
  look.readable("mqtt", "key_file", mqtt.key_file);
  if (const auto password = read_password(mqtt.password_file); !password) {
    look.tell("mqtt", "password_file", password.error().context);
  }
}

void look_outside(std::string_view file, const config::SiteConfig& site, Findings findings,
                  config::Faults& faults) {
  OutsideLook look(file, site.key_lines, findings, faults);
  look_at_broker(file, site.key_lines, site.mqtt, findings, faults);
  look.readable("http", "page", site.http.page);
  look.folder("backup", "directory", site.backup.directory);
  std::error_code ignored;
  if (!fs::exists(site.store.directory, ignored)) {
    faults.warn(file, 0,
                cat("[store] directory: there is no store in ", site.store.directory,
                    " yet; `cryobankctl store create` makes it"));
  }
  for (const config::LineConfig& line : site.lines) {
    if (line.path.empty() || fs::exists(line.path, ignored)) continue;
    // Plugged in later, it is found then.
    faults.warn(
        line.file, line.line,
        cat("line \"", line.id.str(), "\": there is no port ", line.path, " on this computer now"));
  }
}

}  // namespace cryobank::service

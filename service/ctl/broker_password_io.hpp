// The broker's password file, one line a login: USER:$7$<iterations>$<base64 salt>$<base64 hash>,
// PBKDF2 with HMAC-SHA-512 (RFC 8018) over 64 bytes, as mosquitto 2.0 and 2.1 write and read it
// (mosquitto_passwd(1)). Lines of other logins stay as they are. A secret is never an argument and
// never printed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cryobank::ctl {

// Characters; shorter ones are guessed, and the broker takes at most 65,535 bytes.
inline constexpr std::size_t kPasswordMin = 4;
inline constexpr std::size_t kPasswordMax = 256;

// Error: length, or a control character. The salt is drawn from the kernel.
Result<std::string> password_line(std::string_view user, std::string_view password);
// Replaces or adds the user's line. A file that is not there is made, mode 0640; by root, for the
// broker's user: the owner of its folder, in a folder of root's mosquitto.
Status put_password(const std::string& path, std::string_view user, std::string_view password);
// What to type when Debian's broker could not read the file; empty: it can, or there is none here.
std::string hint_unreadable(const std::string& path);
// False when the file has no such login.
Result<bool> drop_password(const std::string& path, std::string_view user);
// The logins of the file, sorted.
Result<std::vector<std::string>> logins_of(const std::string& path);

// A file of the broker that is made from the site and that a person may have changed: true when it
// now holds `text`; false when a person's file was kept, which is told, and the new text lies
// beside it as FILE.new. Its first line holds the SHA-256 of the rest (broker_config.hpp).
// `replace` overwrites what a person changed. Mode 0644.
Result<bool> put_rendered(const std::string& path, std::string_view text, bool replace);

}  // namespace cryobank::ctl

#include "service/wire/authoriser.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "service/wire/command_table.hpp"

namespace cryobank::core {
namespace {

using Roles = std::span<const std::string_view>;

constexpr std::array<std::string_view, 3> kWitnesses{"witness", "supervisor", "quality"};

bool has_any(const std::vector<std::string>& roles, Roles wanted) {
  return std::ranges::any_of(roles, [wanted](const std::string& role) {
    return std::ranges::find(wanted, role) != wanted.end();
  });
}

std::string joined(Roles roles) {
  std::string out;
  for (const std::string_view role : roles) {
    if (!out.empty()) out += ", ";
    out += role;
  }
  return out;
}

}  // namespace

Status authorise(std::string_view verb, const Actor& actor) {
  const CommandSchema* schema = find_command(verb);
  if (schema == nullptr) {
    std::vector<std::string_view> verbs;
    for (const CommandSchema& one : core::command_table()) verbs.push_back(one.verb);
    return make_error(ErrorCode::unknown_key,
                      cat("no command is called ", clip(verb, 80), suggestion(verb, verbs)));
  }
  if (has_any(actor.roles, schema->roles)) return {};
  return make_error(ErrorCode::not_authorised,
                    cat(verb, " needs one of these roles: ", joined(schema->roles), "; ",
                        actor.user.str(), " has none of them"));
}

Status may_witness(const config::SiteConfig& config, const UserId& sender, const UserId& second) {
  if (sender == second) {
    return make_error(ErrorCode::not_authorised, "nobody can witness an act of their own");
  }
  const config::UserConfig* user = config.find_user(second);
  if (!user) {
    return make_error(ErrorCode::not_found, cat("no user is called ", second.str()));
  }
  if (has_any(user->roles, kWitnesses)) return {};
  return make_error(ErrorCode::not_authorised,
                    cat(second.str(), " has none of these roles: ", joined(kWitnesses)));
}

}  // namespace cryobank::core

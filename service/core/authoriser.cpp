#include "service/core/authoriser.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "inventory/commands/verbs.hpp"

namespace cryobank::core {
namespace {

using Roles = std::span<const std::string_view>;

constexpr std::array<std::string_view, 8> kAnyone{
    "viewer", "operator", "witness", "qc", "physician", "supervisor", "quality", "administrator"};
constexpr std::array<std::string_view, 6> kStaff{"operator",   "qc",      "physician",
                                                 "supervisor", "quality", "administrator"};
// The administrator keeps the machines and has no say over products (contract section 5).
constexpr std::array<std::string_view, 3> kBench{"operator", "supervisor", "service"};
constexpr std::array<std::string_view, 2> kPlanners{"physician", "supervisor"};
constexpr std::array<std::string_view, 1> kSupervisor{"supervisor"};
constexpr std::array<std::string_view, 2> kSetPoints{"supervisor", "service"};
constexpr std::array<std::string_view, 2> kKeepers{"supervisor", "administrator"};
constexpr std::array<std::string_view, 3> kWitnesses{"witness", "supervisor", "quality"};

constexpr std::array kRules{
    VerbRule{"alarm/acknowledge", kStaff},    VerbRule{"alarm/comment", kStaff},
    VerbRule{"alarm/reset", kKeepers},        VerbRule{"alarm/shelve", kSupervisor},
    VerbRule{"alarm/unshelve", kSupervisor},  VerbRule{"course/plan", kPlanners},
    VerbRule{"device/fill", kBench},          VerbRule{"device/inspect", kAnyone},
    VerbRule{"device/maintenance", kKeepers}, VerbRule{"device/stop-fill", kBench},
    VerbRule{"device/write", kSetPoints},     VerbRule{"event/replay", kAnyone},
    VerbRule{"history/affected", kAnyone},    VerbRule{"history/aliquot", kAnyone},
    VerbRule{"history/place", kAnyone},       VerbRule{"robot/pause", kBench},
    VerbRule{"robot/resume", kSupervisor},    VerbRule{"store/backup", kKeepers},
    VerbRule{"witness/confirm", kWitnesses},  VerbRule{"witness/refuse", kWitnesses},
};

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

std::span<const VerbRule> verb_rules() { return kRules; }

std::optional<VerbRule> find_verb(std::string_view verb) {
  const auto own = std::ranges::find(kRules, verb, &VerbRule::verb);
  if (own != kRules.end()) return *own;
  const inventory::VerbRule* rule = inventory::find_verb(verb);
  if (!rule) return std::nullopt;
  return VerbRule{rule->verb, rule->roles, rule->needs_witness};
}

Status authorise(std::string_view verb, const Actor& actor) {
  const std::optional<VerbRule> rule = find_verb(verb);
  if (!rule) {
    return make_error(ErrorCode::unknown_key, cat("no command is called ", clip(verb, 80)));
  }
  if (has_any(actor.roles, rule->roles)) return {};
  return make_error(ErrorCode::not_authorised,
                    cat(verb, " needs one of these roles: ", joined(rule->roles), "; ",
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

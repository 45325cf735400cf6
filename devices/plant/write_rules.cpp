#include "devices/plant/write_rules.hpp"

#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/line/register_codec.hpp"

namespace cryobank::devices {
namespace {

Status check_interval(const config::Point& point, const WriteHistory& history, Now now) {
  const Duration least = point.write.interval_min;
  std::optional<Duration> since;
  if (history.last_mono) {
    since = now.mono - *history.last_mono;
  } else if (history.last && now.wall >= *history.last) {
    since = now.wall - *history.last;
  }
  if (!since || *since >= least) return {};
  return make_error(ErrorCode::conflict, cat(point.id.str(), ": written ", since->seconds(),
                                             " s ago, at most every ", least.seconds(), " s"));
}

Status check_people(const config::Point& point, const Actor& actor) {
  if (!point.write.two_people) return {};
  if (actor.witness.empty()) {
    return make_error(ErrorCode::witness_needed,
                      cat(point.id.str(), ": a second person must confirm this set-point"));
  }
  if (actor.witness == actor.user) {
    return make_error(
        ErrorCode::not_authorised,
        cat(point.id.str(), ": the witness must be somebody else than ", actor.user.str()));
  }
  return {};
}

}  // namespace

Status may_write(const config::Point& point, Milli value, const WriteHistory& history,
                 const CommandContext& context) {
  const config::WriteRules& rules = point.write;
  if (rules.write_class == config::WriteClass::never) {
    return make_error(ErrorCode::unsupported, cat(point.id.str(), ": is never written"));
  }
  if (value < rules.minimum || value > rules.maximum) {
    return make_error(
        ErrorCode::invalid_value,
        cat(point.id.str(), ": expected ", format_milli(rules.minimum), " to ",
            format_milli(rules.maximum), " ", point.unit, ", came ", format_milli(value)));
  }
  TRY(encode(point, value));
  TRY(check_people(point, context.actor));
  if (rules.lifetime_budget > 0 && history.count >= rules.lifetime_budget) {
    return make_error(ErrorCode::conflict,
                      cat(point.id.str(), ": its memory survives ", rules.lifetime_budget,
                          " writes and has had ", history.count));
  }
  return check_interval(point, history, context.now);
}

}  // namespace cryobank::devices

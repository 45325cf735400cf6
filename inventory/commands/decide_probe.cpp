// probe/map, probe/challenge: which place a probe measures, from when on, and the proof of it.
#include <algorithm>

#include "base/record_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

// "device.point"; effective from a time on, never deleted.
Result<std::string> read_probe(const Ask& ask) {
  TRY_ASSIGN(const auto device, need_id<DeviceId>(ask.body, "device"));
  TRY_ASSIGN(const auto point, need_id<PointId>(ask.body, "point"));
  return cat(device.str(), ".", point.str());
}

constexpr std::size_t kProbeNameMax = 2 * kIdLengthMax + 1;  // "device.point"
// Versions of one probe: a probe that is moved each month for thirty years stays within.
constexpr std::size_t kVersionsMax = 500;

// A version that is effective from no later than one on record: that one was wrong from then on.
bool is_corrected(const std::vector<ProbeDocument::Version>& versions, WallTime effective) {
  return std::ranges::any_of(versions, [effective](const ProbeDocument::Version& version) {
    return effective <= version.from;
  });
}

Result<Decision> map_probe(Ask& ask) {
  TRY_ASSIGN(const auto probe, read_probe(ask));
  TRY_ASSIGN(const auto place, need_id<PlaceId>(ask.body, "place"));
  TRY(known_place(ask.view(), place));
  TRY_ASSIGN(const auto from, maybe_time(ask.body, "from"));
  const WallTime effective = from.ms == 0 ? ask.now() : from;
  TRY(expect_within("from", effective, ask.now(), kHoldsYearsMax));
  auto old = document_of<ProbeDocument>(ask.view(), probe);
  ProbeDocument content = old ? std::move(*old) : ProbeDocument();
  auto& versions = content.versions;
  if (versions.size() >= kVersionsMax) {
    return make_error(ErrorCode::too_large,
                      cat("probe ", probe, " has ", kVersionsMax, " mappings, the most there are"));
  }
  const bool corrects = is_corrected(versions, effective);
  if (corrects) {
    TRY(need_reason(ask, "the correction of a mapping"));
  }
  versions.push_back(
      {place, effective, corrects, ask.context.actor.user, ask.context.actor.witness});
  const auto number = static_cast<std::uint64_t>(versions.size());
  content.challenged = false;
  content.failed = false;
  content.challenged_at = {};
  Json data = act(ask);
  data.set("probe", probe);
  keep_document(data, probe, content);
  TRY(ask.trial.add(inventory_fact(fact::kProbeMapped, std::move(data))));
  return answer(ask, Json::object().set("probe", probe).set("version", number),
                cat("probe ", probe, " measures ", place.str(), "; challenge it before use"));
}

// Which probe moved when this one's place was warmed or cooled: another one means that they are
// swapped, and no word of the tester makes that a pass.
Result<std::string> read_responded(const Ask& ask, std::string_view probe, bool passed) {
  const auto responded = maybe_text(ask.body, "responded", kProbeNameMax);
  if (!responded || responded->empty()) return responded;
  if (passed == (*responded == probe)) return responded;
  return make_error(ErrorCode::conflict,
                    cat("probe ", probe, " was challenged and ", clip(*responded, kProbeNameMax),
                        " responded: expected \"passed\" ", passed ? "false" : "true"));
}

// A warm or cold test shows whether this probe really sits in that place.
Result<Decision> challenge_probe(Ask& ask) {
  TRY_ASSIGN(const auto probe, read_probe(ask));
  auto content = document_of<ProbeDocument>(ask.view(), probe);
  if (!content) {
    return make_error(ErrorCode::not_found, cat("probe ", probe, " is mapped to no place"));
  }
  TRY_ASSIGN(const auto passed, ask.body.get_bool("passed"));
  TRY_ASSIGN(const auto responded, read_responded(ask, probe, passed));
  content->challenged = passed;
  content->challenged_at = ask.now();
  content->failed = !passed;
  Json data = act(ask);
  data.set("probe", probe).set("place", probed_place(ask.view(), probe, ask.now()).str());
  data.set("passed", passed);
  put_text(data, "responded", responded);
  keep_document(data, probe, *content);
  TRY(ask.trial.add(inventory_fact(fact::kProbeChallenged, std::move(data))));
  return answer(ask, Json::object().set("probe", probe).set("passed", passed),
                cat("challenge of probe ", probe, passed ? " passed" : " FAILED",
                    responded.empty() || passed ? "" : cat(": ", responded, " responded")));
}

constexpr DecidedVerb kProbeCommands[] = {
    {"probe/challenge", challenge_probe},
    {"probe/map", map_probe},
};

}  // namespace

std::span<const DecidedVerb> probe_commands() { return kProbeCommands; }

}  // namespace cryobank::inventory

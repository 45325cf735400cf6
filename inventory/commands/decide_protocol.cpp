// course/protocol: a course that stands without a protocol, as one does that came by a list, is
// given by one from now on.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/gate/pinned_protocol.hpp"

namespace cryobank::inventory {
namespace {

Result<Decision> set_protocol(Ask& ask) {
  TRY(need_reason(ask, "giving a course its protocol"));
  TRY_ASSIGN(const auto course, need_course(ask));
  TRY_ASSIGN(const auto id, need_id<ProtocolId>(ask.body, "protocol"));
  if (!course.protocol.empty()) return pinned_already(course);
  const auto version = static_cast<int>(integer_of(ask.body, "version", 0));
  TRY_ASSIGN(const auto protocol, find_protocol(ask.view().site(), id, version));
  for (const Dose& dose : course.doses) TRY(check_share(*protocol, dose.id, dose.fraction));
  Json data = act(ask).set("course", course.id.str());
  put_protocol(data, *protocol);
  TRY(ask.trial.add(inventory_fact(fact::kCourseProtocolSet, std::move(data))));
  const Course& now = *ask.view().course(course.id);
  const int doses = static_cast<int>(now.doses.size());
  Json reply = Json::object().set("course", now.id.str()).set("protocol", id.str());
  reply.set("protocol_version", protocol->version).set("doses", doses);
  reply.set("protocol_doses", protocol->doses).set("revision", now.revision);
  return answer(ask, std::move(reply),
                cat("course ", now.id.str(), " is given by protocol ", id.str(), " version ",
                    protocol->version,
                    doses == protocol->doses
                        ? ""
                        : cat("; it has ", doses, " doses, the protocol ", protocol->doses)));
}

constexpr DecidedVerb kProtocolCommands[] = {{"course/protocol", set_protocol}};

}  // namespace

std::span<const DecidedVerb> protocol_commands() { return kProtocolCommands; }

}  // namespace cryobank::inventory

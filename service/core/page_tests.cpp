#include "service/core/page_tests.hpp"

#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"

namespace cryobank::core {
namespace {

constexpr Duration kTestLookEvery = milliseconds(500);
constexpr std::size_t kTestAnswerMax = 900;  // a few channels, a sentence each

}  // namespace

void PageTests::on_fact(const Now& now, const Fact& fact, const std::string& command) {
  if (fact.type != fact::kPageTestAsked) return;
  RowReader in(fact.type, fact.data);
  const auto to = in.id<UserId>("to");
  const auto by = in.id<UserId>("by");
  CHECK(in.ok());  // this program wrote it
  const auto pages = bank_.pages.test(now, to, by, bank_.pages_out);
  if (!pages) {
    return commands_.close(command, ReplyStatus::failed, pages.error().code, pages.error().context);
  }
  asked_.push_back({command, to, *pages, now.mono + kPageTestWithin});
  look_at_ = now.mono + kTestLookEvery;
}

void PageTests::look(const Now& now) {
  look_at_ = kNever;
  std::erase_if(asked_, [&](const Asked& asked) {
    Json pages = Json::object();
    std::string missing;
    std::size_t arrived = 0;
    std::size_t over = 0;
    for (const std::string& id : asked.pages) {
      const alarms::PageReach reach = bank_.pages.reach_of(now, id);
      pages.set(reach.channel.str(), name_of(reach.state));
      arrived += reach.received ? 1 : 0;
      over += reach.received || reach.over ? 1 : 0;
      if (!reach.missing.empty()) missing += cat("; ", reach.channel.str(), ": ", reach.missing);
    }
    if (over < asked.pages.size() && now.mono < asked.until) return false;
    commands_.close(asked.command, arrived > 0 ? ReplyStatus::done : ReplyStatus::failed,
                    arrived > 0 ? kOk : ReplyCode(ErrorCode::expired),
                    clip(cat(asked.to.str(), " was reached over ", arrived, " of ",
                             asked.pages.size(), " channels", missing),
                         kTestAnswerMax),
                    Json::object().set("channels", std::move(pages)));
    return true;
  });
  if (!asked_.empty()) look_at_ = now.mono + kTestLookEvery;
}

}  // namespace cryobank::core

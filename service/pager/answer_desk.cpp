#include "service/pager/answer_desk.hpp"

#include "base/text.hpp"

namespace cryobank::pager {
namespace {

// Nobody types so many; above it the oldest is no longer comforted.
constexpr std::size_t kWaitingAnswersMax = 1'000;

}  // namespace

std::string AnswerDesk::puzzled(const Now& now, const std::string& channel) {
  const auto [told, first] = puzzled_.try_emplace(channel, now.mono);
  if (!first && now.mono - told->second < kPuzzledEvery) return {};
  told->second = now.mono;
  return "NOT UNDERSTOOD, nothing is taken. Answer with the page's code and no other words: "
         "coming 4471, later 4471, no 4471";
}

void AnswerDesk::waits(const Now& now, std::uint64_t receipt, const std::string& channel,
                       const Heard& heard) {
  waiting_[receipt] = {
      channel, clip(cat(heard.status, heard.code.empty() ? "" : " ", heard.code), 40), now.mono};
  if (waiting_.size() > kWaitingAnswersMax) waiting_.erase(waiting_.begin());
}

void AnswerDesk::answered(const std::string& channel) {
  for (auto& [receipt, waiting] : waiting_) {
    waiting.told = waiting.told || waiting.channel == channel;
  }
}

std::vector<AnswerDesk::Reply> AnswerDesk::due(const Now& now) {
  std::vector<Reply> replies;
  for (auto& [receipt, waiting] : waiting_) {
    if (waiting.told || now.mono - waiting.since < kComfortAfter) continue;
    waiting.told = true;
    replies.push_back(
        {waiting.channel,
         cat("KEPT: \"", waiting.words,
             "\" is told to the cryobank service when it is heard again. Until then others are "
             "called. Mind what the page says of the air")});
  }
  return replies;
}

}  // namespace cryobank::pager

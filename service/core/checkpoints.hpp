// Checkpoints: after every 1,000 journal entries, and within a minute of any change, the journal's
// head is signed and published retained, so that somebody outside this machine holds a proof of
// what the journal was.
//   m/checkpoint  {"note":"...","sequence":n}   the newest; k/<hex16 n> keeps each note
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "service/core/bank.hpp"
#include "service/core/recorder.hpp"
#include "service/core/retained.hpp"

namespace cryobank::core {

inline constexpr std::uint64_t kCheckpointEntries = 1'000;
inline constexpr Duration kCheckpointEvery = seconds(60);
// A signature that does not come back is asked for again.
inline constexpr Duration kSignWithin = seconds(30);

class Checkpoints {
 public:
  Checkpoints(Bank& bank, Recorder& recorder, Retained& retained);

  Status load_row(std::string_view value);
  void start(const Now& now);
  // Called between two batches, when the journal's head is durable.
  void consider(const Now& now, Effects& effects);
  void on_signed(const Now& now, const Signed& result, Effects& effects);
  Instant next_deadline() const;

 private:
  void publish(WallTime at);

  Bank& bank_;
  Recorder& recorder_;
  Retained& retained_;
  std::string note_;          // newest signed checkpoint
  std::uint64_t signed_ = 0;  // entries under it
  std::uint64_t asked_ = 0;   // entries under the one being signed
  std::string asked_text_;
  EffectId sign_ = 0;
  Instant due_ = kNever;
  Instant sign_again_ = kNever;
};

}  // namespace cryobank::core

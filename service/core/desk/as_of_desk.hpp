// As-of desk: as-of questions, answered from the ledger and from the history rows of the store
// (inventory/ledger/history.hpp): history/aliquot says where a vial was at a time, or everywhere it
// was; history/place says what lay in a place then, history/affected whose vials lay in it at any
// time of an interval, as of an alarm. One read at a time for each question, and bounded.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "inventory/ledger/history.hpp"
#include "service/core/bank.hpp"
#include "service/core/publisher.hpp"
#include "service/wire/work.hpp"

namespace cryobank::core {

// Questions that wait for the store, as in replayer.hpp.
inline constexpr std::size_t kQuestionsMax = 16;
// Places of one question: a tank floor of 2,000 boxes. Above, a smaller place must be named.
inline constexpr std::size_t kPlacesAskedMax = 2'000;
inline constexpr std::uint32_t kHistoryRowsPerRead = 500;
// Rows read for one question: seconds of the storage thread, taken in small pieces.
inline constexpr std::size_t kHistoryRowsMax = 100'000;
// Stays in one reply; the counts cover all.
inline constexpr std::size_t kStaysToldMax = 1'000;

class AsOfDesk {
 public:
  AsOfDesk(Bank& bank, Publisher& publisher) : bank_(bank), publisher_(publisher) {}

  static bool answers(std::string_view verb);
  void ask(const Now& now, const Command& command, Effects& effects);
  bool on_rows(const RowsRead& read, Effects& effects);  // false: not ours

 private:
  struct Question {
    Command command;
    WallTime at;        // 0: everything, of an aliquot
    WallTime until;     // of an interval; else the same as `at`
    AliquotId aliquot;  // or
    PlaceId place;
    std::vector<PlaceId> open;                       // not yet read; the last one is being read
    std::string last;                                // end of the range being read
    std::size_t rows = 0;                            // read so far
    std::vector<inventory::PastStay> past;           // of an aliquot
    std::vector<inventory::PastStay> present;        // when it was asked, so that none slips by
    std::map<AliquotId, inventory::PastStay> found;  // of places: what lay there
  };

  Status begin(const Now& now, Question& question) const;
  Status begin_place(Question& question) const;
  void read(Question question, std::string first, Effects& effects);
  void read_next_place(Question question, Effects& effects);
  Status take(Question& question, const std::vector<RowChange>& rows) const;
  void tell_aliquot(Question& question, Effects& effects);
  void tell_place(Question& question, Effects& effects);
  void tell_affected(const Question& question, Effects& effects);
  void reply(const Command& command, Json body, std::string message, Effects& effects);
  void refuse(const Command& command, const Error& error, Effects& effects);

  Bank& bank_;
  Publisher& publisher_;
  std::map<EffectId, Question> questions_;
};

}  // namespace cryobank::core

// RegisterReader: polls one Modbus unit by its register plan. Each span has its own due time on a
// fixed grid; a silent unit is asked by unit_link.hpp's rules.
// Exceptions (Modbus Application Protocol V1.1b3, section 7, and the gateways' vendor codes):
//   01 02 03  of a span that was good before: believed at the third in a row only, since units that
//             start or are busy say so of what they have. Then the span is cut into its items to
//             find the bad register; that point alone is profile-mismatch, asked again soon and
//             with growing pauses up to kMismatchRetry; the others are merged again
//   04 08     asked once more, then sensor-broken until the next period
//   05 06     busy: asked again in its next period; age decides
//   0A 0B and vendor codes: the unit does not answer, as after a time-out
#pragma once

#include <optional>

#include "devices/line/device_reader.hpp"
#include "devices/line/unit_link.hpp"

namespace cryobank::devices {

// A refused point is asked again after this, twice that, and so on up to the longest pause; one
// that never was good begins later.
inline constexpr Duration kMismatchFirst = seconds(2);
inline constexpr Duration kNeverGoodFirst = seconds(30);
inline constexpr Duration kMismatchRetry = minutes(10);
// Refusals of what was good, and wrong answers of one span beside good ones of others, in a row.
inline constexpr int kRefusalsBelieved = 3;
// A point is stale when so many of its periods passed without an answer.
inline constexpr int kStalePeriods = 3;

struct ReaderRules {
  std::uint8_t unit = 1;
  Duration fast = seconds(1);
  Duration slow = seconds(30);
  Duration retry_max = seconds(600);
  bool late_answers = false;  // serial line
  bool gateway = false;       // several units behind one TCP connection
};

class RegisterReader final : public DeviceReader {
 public:
  // `profile` must outlive this.
  RegisterReader(DeviceIndex device, const config::DeviceProfile& profile, const ReaderRules& rules,
                 Prng prng);

  void begin(Instant first_poll) override;
  Instant due() const override;
  bool next(Now now, LineRequest& request) override;
  ReplyKind on_reply(Now now, const LineReply& reply, std::vector<Reading>& out) override;
  void on_text(Now /*now*/, std::string_view /*text*/, std::vector<Reading>& /*out*/) override {}
  void on_heard(Now now) override;
  void on_failed_elsewhere(Now now, Instant sent_at, std::vector<Reading>& out) override;
  void on_line_down(Now now, std::vector<Reading>& out) override;
  void check_age(Now now, std::vector<Reading>& out) override;
  Instant next_check() const override { return next_check_; }
  const DevicePoints& points() const override { return points_; }
  DeviceState state() const override;
  WallTime last_ok() const override { return last_ok_; }
  bool lost() const override { return link_.lost() || silent_; }
  std::string fault() const override { return fault_; }

  // The reads of one round of the fast class, for the line's cycle time.
  const std::vector<Span>& plan() const { return plan_; }

 private:
  // whole -exception 01-03-> cut into items, each isolating -answer-> isolated -all known-> whole
  //                                                         -exception 01-03-> refused
  enum class SpanState : std::uint8_t { whole, isolating, isolated, refused };
  struct SpanPoll {
    Span span;
    Instant due{};
    Instant fresh_until = kNever;  // kNever: nothing to go stale
    SpanState state = SpanState::whole;
    bool retried = false;  // after exception 04 or 08
    bool failing = false;
    bool was_good = false;  // it was answered well, whole
    int refusals = 0;       // in a row, of any kind: refused or wrong
    int pauses = 0;         // taken since it is refused
    Instant wrong_at{};     // of its last wrong answer
  };

  Duration period_of(const Span& span) const;
  std::size_t first_due(Now now) const;
  const Span& check_span(LinkCheck check) const;
  bool passes(LinkCheck check, const ModbusReply& reply);
  void plan_checks();
  ReplyKind on_check_reply(Now now, const ModbusReply& reply, std::vector<Reading>& out);
  ReplyKind on_span_reply(Now now, const ModbusReply& reply, std::vector<Reading>& out);
  void take_values(Now now, SpanPoll& poll, const ModbusReply& reply, std::vector<Reading>& out);
  void on_exception(Now now, std::uint8_t code, std::vector<Reading>& out);
  void on_refused(Now now, std::vector<Reading>& out);
  ReplyKind on_wrong(Now now, std::vector<Reading>& out);
  void take_apart(Now now, std::vector<Reading>& out);
  Instant next_try(Now now, SpanPoll& poll) const;
  void on_device_failure(Now now, std::vector<Reading>& out);
  void fail(Now now, std::vector<Reading>& out);
  void merge_when_isolated(Now now);
  void heard(Now now);
  void ask_everything(Now now);
  void give_up(Now now, std::vector<Reading>& out);

  const config::DeviceProfile& profile_;
  ReaderRules rules_;
  DevicePoints points_;
  UnitLink link_;
  std::vector<Span> plan_;
  std::vector<SpanPoll> polls_;
  Span identity_check_;
  std::vector<Span> other_checks_;  // one of them for each try
  std::size_t other_check_ = 0;
  std::size_t open_ = 0;  // index in polls_ of the open request, when no check is open
  LinkCheck open_check_ = LinkCheck::none;
  bool is_open_ = false;
  bool wrong_identity_ = false;
  bool ever_heard_ = false;
  bool silent_ = false;          // failing, and its fast points are older than their age limit
  bool found_bad_item_ = false;  // in the span that is being taken apart
  bool was_whole_ = false;       // it was answered well before, or a refused item is good again
  std::string fault_;            // what came instead of answers; empty while they come
  Instant last_good_{};          // when any span was answered well
  Instant first_poll_ = kNever;
  Instant sent_at_{};
  Instant next_check_ = kNever;
  WallTime last_ok_{};
};

}  // namespace cryobank::devices

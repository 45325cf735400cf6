// TextReader: reads a device that speaks lines of text. Either it is asked its questions in turn,
// each on its own grid, or it speaks by itself, and its line is asked every fast period whether it
// stands; it is lost when its line breaks, or when it says nothing for three periods of its slowest
// value, and then is connected to anew. Read-only, without acknowledgement.
// A line carries no number of its question, so after a failure (silence, or an answer that cannot
// be one) the device is left alone for kQuietTimeouts time-outs and more, and its identity, if the
// profile has a question for it, is asked before anything is trusted.
// What came unasked before the line broke is stale when it is back, until it is told again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "devices/line/device_reader.hpp"
#include "devices/line/register_reader.hpp"
#include "devices/line/text_protocol.hpp"
#include "devices/line/unit_link.hpp"

namespace cryobank::devices {

class TextReader final : public DeviceReader {
 public:
  // `profile` must outlive this.
  TextReader(DeviceIndex device, const config::DeviceProfile& profile, const ReaderRules& rules,
             Prng prng);

  void begin(Instant first_poll) override;
  Instant due() const override;
  bool next(Now now, LineRequest& request) override;
  ReplyKind on_reply(Now now, const LineReply& reply, std::vector<Reading>& out) override;
  void on_text(Now now, std::string_view text, std::vector<Reading>& out) override;
  void on_heard(Now /*now*/) override {}
  void on_failed_elsewhere(Now /*now*/, Instant /*sent_at*/,
                           std::vector<Reading>& /*out*/) override {}
  void on_line_down(Now now, std::vector<Reading>& out) override;
  void check_age(Now now, std::vector<Reading>& out) override;
  Instant next_check() const override { return next_check_; }
  const DevicePoints& points() const override { return points_; }
  DeviceState state() const override;
  WallTime last_ok() const override { return last_ok_; }
  bool lost() const override { return link_.lost() || silent_; }
  std::string fault() const override { return silent_ ? "silence" : fault_; }

 private:
  struct Question {
    std::size_t form = 0;
    config::ReadClass read_class = config::ReadClass::fast;  // the fastest of its points
    Instant due = kNever;
  };

  Duration period_of(config::ReadClass read_class) const;
  Duration pace_of(std::uint32_t point) const;
  void find_questions();
  void find_silence();
  void take_answer(Now now, std::vector<TextValue> values, std::vector<Reading>& out);
  bool passes_identity(const std::vector<TextValue>& values) const;
  void take_values(Now now, std::vector<TextValue> values, std::vector<Reading>& out);
  void keep_fresh(Now now, std::uint32_t point);
  void heard(Now now, std::vector<Reading>& out);
  ReplyKind fail(Now now, ReplyKind kind, std::vector<Reading>& out);
  void give_up(Now now, std::vector<Reading>& out);

  const config::DeviceProfile& profile_;
  ReaderRules rules_;
  DevicePoints points_;
  UnitLink link_;
  std::vector<TextForm> forms_;
  std::vector<Question> questions_;  // empty: it speaks by itself
  std::optional<std::size_t> identity_question_;
  std::vector<Instant> fresh_until_;  // by point
  bool check_identity_ = false;
  bool is_open_ = false;
  std::string fault_;
  bool silent_ = false;
  bool ever_heard_ = false;
  bool connect_anew_ = false;
  std::size_t open_ = 0;  // question asked; of one that is not asked, whether the line stands
  Instant first_poll_ = kNever;
  Instant line_due_ = kNever;
  Instant sent_at_{};
  Instant next_check_ = kNever;
  Duration silence_max_{};  // of a device that speaks by itself; zero: it tells events only
  Instant speak_by_ = kNever;
  WallTime last_ok_{};
};

}  // namespace cryobank::devices

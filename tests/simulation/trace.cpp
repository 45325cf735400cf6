#include "tests/simulation/trace.hpp"

#include <cstring>
#include <utility>

#include "base/text.hpp"

namespace cryobank::simulation {
namespace {

constexpr std::size_t kShown = 300;  // of a payload

std::string text_of(const core::Input& input) {
  struct Visitor {
    std::string operator()(const core::Started&) const { return "started"; }
    std::string operator()(const core::Tick&) const { return "tick"; }
    std::string operator()(const devices::LineReply& one) const {
      std::string out = cat("line ", one.line.value, " replied ", one.id, ": ",
                            devices::name_of(one.modbus.kind));
      for (const std::uint16_t word : one.modbus.values) out += cat(" ", word);
      return out;
    }
    std::string operator()(const devices::LineText& one) const { return cat("text ", one.text); }
    std::string operator()(const core::BrokerMessage& one) const {
      return cat(one.retained ? "retained message " : "message ", one.topic, " ",
                 clip(one.payload, kShown));
    }
    std::string operator()(const core::BrokerLink& one) const {
      return cat("link ", one.up ? "up" : "down");
    }
    std::string operator()(const core::BrokerAck& one) const {
      return cat("ack ", one.publish, one.ok ? " ok" : " refused");
    }
    std::string operator()(const core::Committed& one) const {
      return cat("committed ", one.commit, one.status ? " ok" : " failed");
    }
    std::string operator()(const core::RowsRead& one) const {
      return cat("rows read ", one.read, ": ", one.rows ? one.rows->size() : 0);
    }
    std::string operator()(const core::Signed& one) const { return cat("signed ", one.sign); }
    std::string operator()(const core::SecretChecked& one) const {
      return cat("secret checked ", one.check);
    }
    std::string operator()(const core::ErrandDone& one) const {
      return cat("errand done ", one.errand);
    }
    std::string operator()(const core::ChartRead& one) const {
      return cat("chart read ", one.read);
    }
    std::string operator()(const core::SiteRead& one) const {
      return cat("site read ", one.site ? " whole" : " refused");
    }
    std::string operator()(const core::OperatorSignal& one) const {
      return cat("signal ", static_cast<int>(one));
    }
    std::string operator()(const core::BackupEnded& one) const {
      return cat("backup ", one.backup, one.made ? " made" : " failed");
    }
    std::string operator()(const core::RecordNotice& one) const {
      return cat("record ", one.condition, one.active ? " stands" : " ended");
    }
  };
  return std::visit(Visitor{}, input);
}

std::string text_of(const core::Effect& effect) {
  struct Visitor {
    std::string operator()(const core::SendLine& one) const {
      const devices::ModbusRequest& request = one.request.modbus;
      std::string out = cat("send line ", one.request.line.value, " request ", one.request.id,
                            request.kind == devices::ModbusRequest::Kind::read ? " read" : " WRITE",
                            " unit ", request.unit, " ", devices::name_of(request.table), " ",
                            request.address, "+", request.count);
      for (const std::uint16_t word : request.values) out += cat(" ", word);
      return out;
    }
    std::string operator()(const core::Commit& one) const {
      std::string out = cat("commit ", one.id);
      for (const RowChange& row : one.rows) {
        const bool told = row.key.starts_with("j/");
        out += cat(" ", row.key, told && row.value ? cat("=", clip(*row.value, kShown)) : "");
      }
      return out;
    }
    std::string operator()(const core::ReadRows& one) const {
      return cat("read ", one.id, " ", one.first, " to ", one.last);
    }
    std::string operator()(const core::Publish& one) const {
      return cat("publish ", one.id, one.retain ? " retained " : " ", one.topic, " ",
                 clip(one.payload, kShown));
    }
    std::string operator()(const core::Subscribe&) const { return "subscribe"; }
    std::string operator()(const core::Sign& one) const { return cat("sign ", one.id); }
    std::string operator()(const core::MakeBackup& one) const {
      return cat("back up ", one.id, " to ", one.name);
    }
    std::string operator()(const core::KeepReadings& one) const {
      return cat("keep ", one.readings.size(), " readings");
    }
    std::string operator()(const core::ReadChart& one) const { return cat("chart ", one.id); }
    std::string operator()(const core::Expose&) const { return "expose"; }
    std::string operator()(const core::ShowFeeds& one) const {
      return cat("feeds ", one.feeds->size());
    }
    std::string operator()(const core::ReadSite&) const { return "read site"; }
    std::string operator()(const core::CheckSecret& one) const {
      return cat("check secret ", one.id);
    }
    std::string operator()(const core::RunErrand& one) const { return cat("errand ", one.id); }
    std::string operator()(const core::Log& one) const { return cat("log ", one.text); }
    std::string operator()(const core::NotifySystemd& one) const {
      return cat("systemd ", static_cast<int>(one.state));
    }
  };
  return std::visit(Visitor{}, effect);
}

}  // namespace

void Trace::mix(std::uint64_t value) {
  hash_ = (hash_ ^ value) * 0xFF51'AFD7'ED55'8CCDull;
  hash_ ^= hash_ >> 32;
}

void Trace::mix(std::string_view bytes) {
  mix(bytes.size());
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(8, bytes.size() - at));
    mix(word);
  }
}

void Trace::line(const Now& now, std::string_view text) {
  lines_.push_back(cat(now.mono.ns / 1'000'000, " ms ", format_utc(now.wall), " ", text));
  if (lines_.size() > kept_) lines_.pop_front();
}

void Trace::note(const Now& now, std::string_view what) {
  mix(what);
  if (kept_ > 0) line(now, cat("** ", what));
}

void Trace::input(const Now& now, const core::Input& input) {
  ++steps_;
  mix(static_cast<std::uint64_t>(now.mono.ns));
  mix(static_cast<std::uint64_t>(now.wall.ms));
  mix(input.index());
  if (const auto* reply = std::get_if<devices::LineReply>(&input)) {
    mix(reply->id);
    mix(static_cast<std::uint64_t>(reply->modbus.kind));
    for (const std::uint16_t word : reply->modbus.values) mix(word);
  } else if (const auto* message = std::get_if<core::BrokerMessage>(&input)) {
    mix(message->topic);
    mix(message->payload);
  } else if (const auto* ack = std::get_if<core::BrokerAck>(&input)) {
    mix(ack->publish * 2 + (ack->ok ? 1 : 0));
  } else if (const auto* committed = std::get_if<core::Committed>(&input)) {
    mix(committed->commit * 2 + (committed->status ? 1 : 0));
  }
  if (kept_ > 0) line(now, cat("<- ", text_of(input)));
}

void Trace::effect(const Now& now, const core::Effect& effect) {
  mix(effect.index());
  if (const auto* send = std::get_if<core::SendLine>(&effect)) {
    mix(send->request.id);
    mix(send->request.modbus.address);
    mix(send->request.modbus.unit);
    for (const std::uint16_t word : send->request.modbus.values) mix(word);
  } else if (const auto* publish = std::get_if<core::Publish>(&effect)) {
    mix(publish->id);
    mix(publish->topic);
    mix(publish->payload);
  } else if (const auto* commit = std::get_if<core::Commit>(&effect)) {
    for (const RowChange& row : commit->rows) {
      mix(row.key);
      if (row.value) mix(*row.value);
    }
  }
  if (kept_ > 0) line(now, cat("   -> ", text_of(effect)));
}

}  // namespace cryobank::simulation

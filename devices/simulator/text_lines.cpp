#include "devices/simulator/text_lines.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/check.hpp"
#include "base/text.hpp"
#include "devices/simulator/quantity.hpp"

namespace cryobank::simulator {

namespace {

using Kind = config::TextPiece::Kind;

constexpr std::string_view kOpenProbe = "OPEN";

std::int64_t rounded(std::int64_t value, std::int64_t step) {
  const std::int64_t half = value < 0 ? -step / 2 : step / 2;
  return (value + half) / step;
}

// Is that proof's line an example of the form? The literal texts in their order are enough.
bool looks_like(const std::vector<config::TextPiece>& pieces, std::string_view line) {
  const std::string lower = lower_ascii(config::single_blanks(line));
  std::size_t at = 0;
  for (const config::TextPiece& piece : pieces) {
    if (piece.kind != Kind::literal) continue;
    const std::size_t found = lower.find(piece.text, at);
    if (found == std::string::npos || (at == 0 && found != 0)) return false;
    at = found + piece.text.size();
  }
  return true;
}

std::string name_of_value(const config::Point& point, Milli value) {
  for (const config::PointName& name : point.values) {
    if (whole(name.value) == value) return name.name;
  }
  return format_milli(value);
}

}  // namespace

std::string said_number(const config::Point& point, Milli value) {
  const std::int64_t thousandths =
      (value.v - point.offset.v) * point.scale_den / std::max<std::int64_t>(1, point.scale_num);
  constexpr std::array<std::int64_t, 4> kParts{1, 10, 100, 1000};
  const int decimals = point.decimals < 0 ? 2 : std::min(point.decimals, 3);
  const std::int64_t parts = kParts[static_cast<std::size_t>(decimals)];
  const std::int64_t said = rounded(thousandths, 1000 / parts);
  std::string rest = std::to_string(magnitude({said}).v % parts);
  rest.insert(0, static_cast<std::size_t>(decimals) - std::min<std::size_t>(rest.size(), decimals),
              '0');
  return cat(said < 0 ? "-" : "", magnitude({said}).v / parts, decimals > 0 ? "." : "",
             decimals > 0 ? rest : std::string());
}

void TextLines::add(std::uint8_t unit, Machine& machine, const config::DeviceProfile& profile) {
  Speaker speaker{unit, &machine, &profile, {}, {}, false};
  for (const config::TextLine& line : profile.lines) {
    auto pieces = config::parse_text_pattern(line.pattern);
    CHECK(pieces.ok());
    Form form{&line, std::move(*pieces), config::fill_unit(line.ask, unit), 0, 0};
    for (const config::TextPiece& piece : form.pieces) {
      const config::Point* point = profile.find(piece.text);
      if (piece.kind != Kind::point || point == nullptr) continue;
      if (point->type == config::PointType::ascii) continue;  // nothing to say by itself
      const bool fast = point->read_class == config::ReadClass::fast;
      const Duration period = fast ? machine.config().poll_fast : machine.config().poll_slow;
      if (form.period_ms == 0 || period.ms() < form.period_ms) form.period_ms = period.ms();
    }
    speaker.forms.push_back(std::move(form));
  }
  speakers_.push_back(std::move(speaker));
}

std::optional<TextLines::Answer> TextLines::answer(const SimTime& now,
                                                   std::string_view question) const {
  for (const Speaker& speaker : speakers_) {
    for (const Form& form : speaker.forms) {
      if (form.question.empty() || form.question != question) continue;
      return Answer{speaker.machine, render(now, speaker, form)};
    }
  }
  return std::nullopt;
}

std::string TextLines::render(const SimTime& now, const Speaker& speaker, const Form& form) {
  std::string out;
  for (const config::TextPiece& piece : form.pieces) {
    if (piece.kind == Kind::any) continue;
    if (!out.empty() && piece.kind != Kind::unit && out.back() != ' ') out += ' ';
    if (piece.kind == Kind::literal) {
      for (const char c : piece.text) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    } else if (piece.kind == Kind::unit) {
      out += config::three_digits(speaker.unit);
    } else {
      const config::Point* point = speaker.profile->find(piece.text);
      CHECK(point != nullptr);
      const Signal signal = speaker.machine->shown(now, *point);
      const bool text = point->type == config::PointType::ascii;
      out += signal.broken ? std::string(kOpenProbe)
                           : (text ? signal.text : said_number(*point, signal.value));
    }
  }
  return out;
}

// An example of the source where the profile has one, else the line with something for its {any}s.
std::string TextLines::event_text(const Speaker& speaker, const Form& form) {
  for (const config::ProofFrame& proof : speaker.profile->proofs) {
    const auto means = [&](const std::pair<std::string, Milli>& set) {
      return set.first == proof.point &&
             name_of_value(*speaker.profile->find(set.first), set.second) == proof.expect;
    };
    const auto& sets = form.source->sets;
    if (std::any_of(sets.begin(), sets.end(), means) && looks_like(form.pieces, proof.response)) {
      return proof.response;
    }
  }
  std::string out;
  for (const config::TextPiece& piece : form.pieces) {
    out += piece.kind == Kind::literal ? piece.text : std::string("-");
  }
  return out;
}

void TextLines::print_events(const SimTime& now, Speaker& speaker, std::vector<std::string>& out) {
  std::map<std::string, std::int64_t> told;
  for (const Form& form : speaker.forms) {
    for (const auto& [id, value] : form.source->sets) {
      const config::Point* point = speaker.profile->find(id);
      CHECK(point != nullptr);
      const std::int64_t is = speaker.machine->shown(now, *point).value.v;
      const auto before = speaker.last.find(id);
      const bool changed = speaker.begun && (before == speaker.last.end() || before->second != is);
      if (changed && is == value.v && told.emplace(id, is).second) {
        out.push_back(event_text(speaker, form));
      } else if (!speaker.begun) {
        told.emplace(id, is);
      }
    }
  }
  for (const auto& [id, is] : told) speaker.last[id] = is;
  speaker.begun = true;
}

std::vector<std::string> TextLines::print(const SimTime& now, std::int64_t clock_per_mille) {
  std::vector<std::string> out;
  for (Speaker& speaker : speakers_) {
    if (!speaker.forms.empty() && !speaker.forms.front().question.empty()) continue;
    print_events(now, speaker, out);
    for (Form& form : speaker.forms) {
      if (form.period_ms == 0 || now.ms < form.due_ms) continue;
      form.due_ms = now.ms + form.period_ms * clock_per_mille / 1000;
      out.push_back(render(now, speaker, form));
    }
  }
  return out;
}

}  // namespace cryobank::simulator

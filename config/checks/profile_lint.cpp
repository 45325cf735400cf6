#include "config/checks/profile_lint.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "config/checks/lint_rules.hpp"
#include "config/meaning.hpp"
#include "config/names.hpp"

namespace cryobank::config {

void point_fault(const DeviceProfile& profile, const Point& point, std::string_view text,
                 Faults& faults) {
  faults.add(profile.file, point.line, cat("point \"", point.id.str(), "\": ", text));
}

void point_warning(const DeviceProfile& profile, const Point& point, std::string_view text,
                   Faults& faults) {
  faults.warn(profile.file, point.line, cat("point \"", point.id.str(), "\": ", text));
}

namespace {

bool is_bit_table(PointTable table) {
  return table == PointTable::coil || table == PointTable::discrete;
}

void lint_place(const DeviceProfile& profile, const Point& point, Faults& faults) {
  if (point.address + point.registers > 65536) {
    point_fault(profile, point,
                cat("expected to end at address 65535, came ", point.registers, " registers at ",
                    point.address),
                faults);
  }
  if (is_bit_table(point.table) && (point.type != PointType::bit || point.bit != 0)) {
    point_fault(profile, point,
                "expected type \"bit\" without a bit number in the coil and discrete tables",
                faults);
  }
  if (point.type != PointType::bit && point.bit != 0) {
    point_fault(profile, point, "expected a bit number only with type \"bit\"", faults);
  }
  if (!is_bit_table(point.table) && point.registers > profile.quirks.registers_max) {
    point_fault(profile, point,
                cat("expected at most ", profile.quirks.registers_max,
                    " registers (quirk registers_max), came ", point.registers),
                faults);
  }
}

// First wire address by the source's own number, or -1 when the text is no number of that form.
std::int64_t address_of_printed(std::string_view form, const Point& point) {
  std::string_view digits = point.printed;
  if (form == "hex" || form == "hex-1") {
    if (digits.substr(0, 2) == "0x" || digits.substr(0, 2) == "0X") digits.remove_prefix(2);
    if (digits.empty() || digits.size() > 4) return -1;
    std::int64_t value = 0;
    for (const char digit : lower_ascii(digits)) {
      const std::size_t at = std::string_view("0123456789abcdef").find(digit);
      if (at == std::string_view::npos) return -1;
      value = value * 16 + static_cast<std::int64_t>(at);
    }
    return form == "hex" ? value : value - 1;
  }
  const Result<std::int64_t> number = parse_integer(digits);
  if (!number || *number < 0 || *number > 999'999) return -1;
  if (form == "decimal") return *number;
  if (form == "decimal-1") return *number - 1;
  // Modicon: the table's digit in front of four or five digits that count from 1.
  constexpr std::array<std::int64_t, 4> kTableDigit{0, 1, 3, 4};
  const std::int64_t table = kTableDigit[static_cast<std::size_t>(point.table)];
  const std::int64_t base = digits.size() >= 6 ? 100'000 : 10'000;
  return *number / base == table ? *number % base - 1 : -1;
}

std::string_view slip_of(std::string_view form, const Point& point, std::int64_t expected) {
  if (expected == point.address + 1)
    return "one less than the source prints: is printed_form 1-based?";
  if (expected + 1 == point.address)
    return "one more than the source prints: forgot to subtract 1?";
  const bool hex = form == "hex" || form == "hex-1";
  if (address_of_printed(hex ? "decimal" : "hex", point) == point.address) {
    return hex ? "the printed hexadecimal number read as decimal"
               : "the printed decimal number read as hexadecimal";
  }
  return "another register";
}

void lint_printed(const DeviceProfile& profile, const Point& point, Faults& faults) {
  if (point.printed.empty()) {
    if (profile.trust != Trust::derived) {
      point_fault(profile, point, "expected `printed`, the address as the source prints it",
                  faults);
    }
    return;
  }
  const std::int64_t printed = address_of_printed(profile.printed_form, point);
  if (printed < 0) {
    point_fault(profile, point,
                cat("expected `printed` as a ", profile.printed_form, " address of table ",
                    word_of(kTables, point.table), ", came \"", clip(point.printed, 20), "\""),
                faults);
    return;
  }
  const std::int64_t expected = printed + profile.printed_offset;
  if (expected == point.address) return;
  const std::string text =
      cat("expected address ", expected, " for printed \"", clip(point.printed, 20), "\", came ",
          point.address, ": ", slip_of(profile.printed_form, point, expected));
  const bool proven =
      std::any_of(profile.proofs.begin(), profile.proofs.end(),
                  [&](const ProofFrame& proof) { return proof.point == point.id.str(); });
  if (proven) {
    point_warning(profile, point, cat(text, "; its proof frame says otherwise, and counts"),
                  faults);
  } else {
    point_fault(profile, point, text, faults);
  }
}

// Two views of one status word are meant; anything else that shares a register is a mistake.
bool may_share(const Point& a, const Point& b) {
  const bool a_bit = a.type == PointType::bit || a.type == PointType::bits;
  const bool b_bit = b.type == PointType::bit || b.type == PointType::bits;
  if (!a_bit || !b_bit) return false;
  if (a.type == PointType::bit && b.type == PointType::bit) return a.bit != b.bit;
  return a.type != b.type;
}

void lint_pair(const DeviceProfile& profile, const Point& first, const Point& second,
               Faults& faults) {
  const int first_end = first.address + first.registers;
  if (second.address >= first_end || may_share(first, second)) return;
  const bool straddles = second.address > first.address;
  const std::string what = straddles && first.registers > 1
                               ? cat("starts in the middle of the ", first.registers * 16,
                                     "-bit value \"", first.id.str(), "\" at ", first.address)
                               : cat("shares address ", second.address, " with \"", first.id.str(),
                                     "\" of line ", first.line);
  point_fault(profile, second, cat("expected registers of its own, ", what), faults);
}

void lint_overlaps(const DeviceProfile& profile, Faults& faults) {
  std::vector<const Point*> order;
  for (const Point& point : profile.points) order.push_back(&point);
  std::stable_sort(order.begin(), order.end(), [](const Point* a, const Point* b) {
    return std::pair(a->table, a->address) < std::pair(b->table, b->address);
  });
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      const Point& first = *order[i];
      const Point& second = *order[j];
      if (second.table != first.table || second.address >= first.address + first.registers) break;
      lint_pair(profile, first, second, faults);
    }
  }
}

void lint_ids(const DeviceProfile& profile, Faults& faults) {
  std::set<std::string_view> seen;
  for (const Point& point : profile.points) {
    if (!seen.insert(point.id.str()).second) {
      point_fault(profile, point, "expected each point id once", faults);
    }
  }
}

// PDU of a read: function 1-4, address, count; the answer: function, byte count, bytes.
bool well_formed(const Quirks& quirks, const std::vector<std::uint8_t>& request,
                 const std::vector<std::uint8_t>& response) {
  if (request.size() != 5 || request[0] < 1 || request[0] > 4) return false;
  if (response.size() < 2 || response[0] != request[0]) return false;
  const std::size_t count = std::size_t{request[3]} * 256 + request[4];
  const std::size_t bytes = request[0] <= 2 ? (count + 7) / 8 : count * 2;
  if (quirks.counts_characters && request[0] > 2) {
    const std::size_t came = response.size() - 2;
    const bool counted = response[1] == came || response[1] == 2 * came;
    return counted && (came == bytes || (count == 1 && came == 1));
  }
  return response[1] == bytes && response.size() == 2 + bytes;
}

void lint_proof(const DeviceProfile& profile, const ProofFrame& proof, Faults& faults) {
  const auto refuse = [&](const std::string& text) {
    faults.add(profile.file, proof.line,
               cat("[[proof]] of \"", clip(proof.point, 64), "\": ", text));
  };
  const Point* point = profile.find(proof.point);
  if (point == nullptr) return refuse("expected a point of this profile");
  const Result<std::vector<std::uint8_t>> request = from_hex(proof.request);
  const Result<std::vector<std::uint8_t>> response = from_hex(proof.response);
  if (!request || !response || !well_formed(profile.quirks, *request, *response)) {
    return refuse(
        "expected a read request of 5 bytes and its answer, in hexadecimal, without "
        "unit and checksum");
  }
  constexpr std::array<std::uint8_t, 4> kFunction{1, 2, 4, 3};
  const int start = (*request)[1] * 256 + (*request)[2];
  const int count = (*request)[3] * 256 + (*request)[4];
  if ((*request)[0] != kFunction[static_cast<std::size_t>(point->table)] ||
      point->address < start || point->address + point->registers > start + count) {
    refuse(cat("expected a frame that reads ", word_of(kTables, point->table), " ", point->address,
               ", came function ", (*request)[0], " address ", start, " count ", count));
  }
}

// What nobody saw on a wire or in a document proves nothing about the machine.
void lint_origins(const DeviceProfile& profile, Faults& faults) {
  const auto made_up = [](const ProofFrame& proof) { return proof.origin == ProofOrigin::made_up; };
  const auto unseen = std::count_if(profile.proofs.begin(), profile.proofs.end(), made_up);
  const auto all = static_cast<std::ptrdiff_t>(profile.proofs.size());
  if (profile.trust == Trust::frames && unseen == all) {
    faults.add(profile.file, profile.line,
               "trust \"frames\": expected at least one [[proof]] with origin \"document\" or "
               "\"wire\": nobody saw any of its frames");
  }
  if (profile.trust == Trust::reference || unseen == 0) return;
  faults.warn(profile.file, profile.line,
              cat(unseen, " of ", all, " proofs were made up from the map, and nobody saw such ",
                  "frames: compare each point with the machine's display at commissioning"));
}

void lint_unit_word(const DeviceProfile& profile, Faults& faults) {
  if (profile.unit_point.empty()) return;
  const Point* word = profile.find(profile.unit_point.str());
  const Point* identity = profile.find(profile.identity_point.str());
  const bool fits = word != nullptr && identity != nullptr && word->table == identity->table &&
                    word->read_class == identity->read_class && word->type == PointType::uint16;
  if (fits) return;
  faults.add(
      profile.file, profile.line,
      cat("identity: expected `unit` as a uint16 point of this profile, in the table and read "
          "class of the identity word, came \"",
          profile.unit_point.str(), "\""));
}

// A number may be written as the page prints it; it is compared as it is shown.
void lint_identity_value(const DeviceProfile& profile, Faults& faults) {
  const Point* point = profile.find(profile.identity_point.str());
  if (point == nullptr || point->type == PointType::ascii || !point->values.empty()) return;
  if (parse_milli(profile.identity_value)) return;
  faults.add(profile.file, profile.line,
             cat("identity: expected `value` as a number such as \"49393\" or \"0xC0F1\", came \"",
                 clip(profile.identity_value, 40), "\""));
}

void lint_whole(const DeviceProfile& profile, Faults& faults) {
  if (profile.points.empty()) faults.add(profile.file, 0, "expected at least one [[point]]");
  if (!profile.identity_point.empty() && profile.find(profile.identity_point.str()) == nullptr) {
    faults.add(profile.file, profile.line,
               cat("identity: expected a point of this profile, came \"",
                   profile.identity_point.str(), "\""));
  }
  lint_origins(profile, faults);
  lint_unit_word(profile, faults);
  if (!profile.identity_point.empty()) lint_identity_value(profile, faults);
  if (profile.kind == DeviceKind::robot && profile.exactly_once == ExactlyOnce::none) {
    faults.add(profile.file, profile.line,
               "kind \"robot\": expected exactly_once to say how a motion is proven");
  }
}

}  // namespace

void lint_profile(const DeviceProfile& profile, Faults& faults) {
  lint_whole(profile, faults);
  lint_ids(profile, faults);
  lint_meanings(profile, faults);
  if (profile.is_text()) return lint_text(profile, faults);
  for (const Point& point : profile.points) {
    lint_place(profile, point, faults);
    lint_printed(profile, point, faults);
    lint_scale_and_unit(profile, point, faults);
    lint_range(profile, point, faults);
    lint_sentinels(profile, point, faults);
    lint_names(profile, point, faults);
    lint_write(profile, point, faults);
  }
  lint_overlaps(profile, faults);
  for (const ProofFrame& proof : profile.proofs) lint_proof(profile, proof, faults);
}

}  // namespace cryobank::config

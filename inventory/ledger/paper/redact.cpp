#include "inventory/ledger/paper/redact.hpp"

#include <algorithm>
#include <map>

#include "base/checksum.hpp"
#include "base/text.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kTokenDigits = 24;
// Shorter ones, and plain numbers, stand within texts that mean something else.
constexpr std::size_t kRunMin = 2;
// Members that hold what a person wrote.
constexpr std::string_view kFreeTexts[] = {"comment", "note", "reason", "remark"};

bool is_number_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_id_character(char c) { return is_id_text({&c, 1}); }

std::string Course::*const kSharedTexts[] = {&Course::donation, &Course::identity, &Course::sec};

// What the courses that stay say; nothing of it is private.
std::set<std::string> words_that_stay(const View& view, const std::set<CourseId>& courses) {
  std::set<std::string> stay;
  for (const auto& [id, course] : view.base().courses) {
    if (courses.contains(id)) continue;
    stay.insert(course.patient.str());
    for (const auto text : kSharedTexts) stay.insert(course.*text);
  }
  return stay;
}

bool names_something(const View& view, const std::string& word) {
  if (!is_id_text(word)) return false;
  return view.aliquot(AliquotId(word)) || view.course(CourseId(word)) != nullptr ||
         view.place(PlaceId(word)) != nullptr;
}

// The course that a text names by itself or by one of its vials; empty: none.
CourseId course_named(const View& view, const std::string& text) {
  if (!is_id_text(text)) return {};
  if (const auto aliquot = view.aliquot(AliquotId(text))) return aliquot->course;
  return view.course(CourseId(text)) == nullptr ? CourseId() : CourseId(text);
}

struct Named {
  bool ours = false;
  bool others = false;
};

void look(const View& view, const Json& value, const std::set<CourseId>& courses, Named& named) {
  if (value.is_array()) {
    for (const Json& item : value.items()) look(view, item, courses, named);
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.members()) look(view, member, courses, named);
  } else if (value.is_string()) {
    const CourseId course = course_named(view, value.string());
    if (!course.empty()) (courses.contains(course) ? named.ours : named.others) = true;
  }
}

void replace_each(std::string& text, const std::string& word, const std::string& token) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += token.size()) {
    text.replace(at, word.size(), token);
  }
}

}  // namespace

std::set<std::string> private_words(const View& view, const std::set<CourseId>& courses) {
  const std::set<std::string> stay = words_that_stay(view, courses);
  std::set<std::string> words;
  const auto add = [&](const std::string& word) {
    const bool ours = !word.empty() && !word.starts_with(kTokenStart) && !stay.contains(word);
    if (ours && !names_something(view, word)) words.insert(word);
  };
  for (const CourseId& id : courses) {
    const Course* course = view.course(id);
    if (course == nullptr) continue;
    add(course->patient.str());
    for (const auto text : kSharedTexts) add(course->*text);
    for (const Dose& dose : course->doses) {
      for (const AliquotId& one : dose.aliquots) {
        if (const auto aliquot = view.aliquot(one)) add(aliquot->code);
      }
    }
  }
  return words;
}

bool is_only_about(const View& view, const Json& data, const std::set<CourseId>& courses) {
  Named named;
  look(view, data, courses, named);
  return named.ours && !named.others;
}

Redaction::Redaction(const std::set<std::string>& words, std::string salt)
    : salt_(std::move(salt)) {
  for (const std::string& word : words) {
    if (word.size() < kRunMin || is_number_text(word)) {
      whole_.insert(word);
    } else if (is_id_text(word)) {
      runs_.insert(word);
    } else {
      others_.push_back(word);
    }
  }
}

std::string Redaction::token(std::string_view word) const {
  return cat(kTokenStart, to_hex(sha256(cat(salt_, word))).substr(0, kTokenDigits));
}

// The private word that a run of id characters is; a sentence may end with a dot behind it.
std::string_view Redaction::match(std::string_view run) const {
  if (runs_.contains(run)) return run;
  while (run.ends_with('.')) {
    run.remove_suffix(1);
    if (runs_.contains(run)) return run;
  }
  return {};
}

std::string Redaction::text(std::string_view text) const {
  if (whole_.contains(text)) return token(text);
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && is_id_character(text[end])) ++end;
    if (end == at) {
      out += text[at++];
      continue;
    }
    const std::string_view run = text.substr(at, end - at);
    const std::string_view word = match(run);
    out += word.empty() ? std::string(run) : token(word);
    if (!word.empty()) out += run.substr(word.size());
    at = end;
  }
  for (const std::string& word : others_) replace_each(out, word, token(word));
  return out;
}

Json Redaction::data(const Json& value, bool free_text) const {
  if (value.is_string()) return text(value.string());
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& item : value.items()) out.push(data(item, free_text));
    return out;
  }
  if (!value.is_object()) return value;
  Json out = Json::object();
  for (const auto& [key, member] : value.members()) {
    const bool words = free_text && member.is_string() && !member.string().empty() &&
                       std::ranges::find(kFreeTexts, key) != std::end(kFreeTexts);
    out.set(text(key), words ? Json(kNoText) : data(member, free_text));
  }
  return out;
}

}  // namespace cryobank::inventory

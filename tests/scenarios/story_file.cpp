#include "tests/scenarios/story_file.hpp"

#include "base/text.hpp"
#include "base/units.hpp"
#include "config/duration.hpp"

namespace cryobank::scenarios {
namespace {

using Words = std::vector<std::string>;

struct Reader {
  Story story;
  std::string fault;

  Duration time(const std::string& text) {
    if (text == "0") return {};
    const auto value = config::parse_duration(text);
    if (!value) fault = value.error().context;
    return value ? *value : Duration{};
  }
  std::int64_t number(const std::string& text) {
    const auto value = parse_integer(text);
    if (!value) fault = value.error().context;
    return value ? *value : 0;
  }
  std::int64_t thousandths(const std::string& text) {
    const auto value = parse_milli(text);
    if (!value) fault = value.error().context;
    return value ? value->v : 0;
  }

  // What `again` may change.
  bool set_number(const std::string& word, const std::string& value) {
    if (word == "every")
      story.every = time(value);
    else if (word == "hour")
      story.hour = hours(number(value));
    else if (word == "noise")
      story.noise = thousandths(value);
    else if (word == "step")
      story.step = thousandths(value);
    else if (word == "evaporation")
      story.evaporation = thousandths(value);
    else if (word == "flow")
      story.flow = thousandths(value);
    else if (word == "lids")
      story.lids = static_cast<int>(number(value));
    else if (word == "seed")
      story.seed = static_cast<std::uint64_t>(number(value));
    else if (word == "slower")
      story.slower = number(value);
    else
      return false;
    return true;
  }

  bool set_up(const Words& words) {
    const std::string& word = words[0];
    if (words.size() != 2) return false;
    if (set_number(word, words[1])) return true;
    if (word == "tanks")
      story.tanks = static_cast<int>(number(words[1]));
    else if (word == "plays")
      story.plays = static_cast<int>(number(words[1]));
    else if (word == "learn")
      story.learn = time(words[1]);
    else if (word == "end")
      story.end = time(words[1]);
    else if (word == "loss")
      story.loss = time(words[1]);
    else if (word == "never")
      story.never = words[1];
    else if (word == "causes-paged-at-most")
      story.pages_most = static_cast<int>(number(words[1]));
    else if (word == "raised-at-most")
      story.raised_most = static_cast<int>(number(words[1]));
    else
      return false;
    return true;
  }
  bool event(const Words& words) {
    if (words[0] != "at" || words.size() < 3) return false;
    const std::size_t dots = words[1].find("..");
    const Duration first = time(words[1].substr(0, dots));
    const Duration latest = dots == words[1].npos ? first : time(words[1].substr(dots + 2));
    story.events.push_back({first, latest, words[2], {words.begin() + 3, words.end()}});
    return true;
  }
  bool again(const Words& words) {
    if (words[0] != "again" || words.size() % 2 == 0) return false;
    story.again.emplace_back(words.begin() + 1, words.end());
    return true;
  }
  bool rule(const Words& words) {
    if (words[0] != "rule" || words.size() != 3) return false;
    story.rules.push_back({words[1], time(words[2])});
    return true;
  }
  bool told(const Words& words) {
    const bool heard = words[0] == "heard";
    if ((!heard && words[0] != "told") || words.size() < 5 || words[3] != "within") return false;
    Told one{words[1], words[2], time(words[4]), {}, {}};
    for (std::size_t i = 5; i + 1 < words.size(); i += 2) {
      if (words[i] == "of")
        one.from = time(words[i + 1]);
      else if (words[i] == "required")
        one.required = time(words[i + 1]);
      else
        return false;
    }
    (heard ? story.heard : story.told).push_back(std::move(one));
    return true;
  }
};

}  // namespace

Result<Story> read_story(const std::string& text) {
  Reader reader;
  int number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    const std::string_view plain = trim(line);
    if (plain.empty() || plain.starts_with('#')) continue;
    if (plain.starts_with("story ")) {
      const std::string_view rest = plain.substr(6);
      const std::size_t space = rest.find(' ');
      reader.story.name = std::string(rest.substr(0, space));
      reader.story.title = space == rest.npos ? "" : std::string(rest.substr(space + 1));
      continue;
    }
    Words words;
    for (const std::string_view word : split(plain, ' ')) {
      if (!word.empty()) words.emplace_back(word);
    }
    if (words == Words{"weighed"}) {
      reader.story.weighed = true;
      continue;
    }
    if (words == Words{"from-start"}) {
      reader.story.from_start = true;
      continue;
    }
    if (words == Words{"bank"}) {
      reader.story.bank = true;
      continue;
    }
    const bool known = reader.set_up(words) || reader.event(words) || reader.told(words) ||
                       reader.again(words) || reader.rule(words);
    if (known && reader.fault.empty()) continue;
    return make_error(
        ErrorCode::malformed,
        cat("line ", number, ": expected a line of a story, came \"", plain, "\" ", reader.fault));
  }
  return reader.story;
}

Result<Story> with_numbers(Story story, const std::vector<std::string>& words) {
  Reader reader{std::move(story), {}};
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    if (reader.set_number(words[i], words[i + 1]) && reader.fault.empty()) continue;
    return make_error(ErrorCode::malformed, cat("expected a number of a story, came \"", words[i],
                                                " ", words[i + 1], "\" ", reader.fault));
  }
  return reader.story;
}

}  // namespace cryobank::scenarios

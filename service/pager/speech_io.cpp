#include "service/pager/speech_io.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "base/text.hpp"

namespace cryobank::pager {
namespace {

constexpr std::size_t kSoundMax = 8 * 1024 * 1024;  // three minutes of espeak's 22 kHz
constexpr int kPhoneRate = 8000;
constexpr int kSpokenRate = 130;  // words a minute: slow, for somebody who was asleep

std::string digit_by_digit(std::string_view code) {
  std::string out;
  for (const char c : code) out += cat(out.empty() ? "" : " ", std::string(1, c));
  return out;
}

// "P1 freezer-1 LN2 level low 71 mm" reads better with its marks taken out.
std::string for_the_ear(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '-' || c == '_' || c == '/' || c == '#' ? ' ' : c;
  const std::array<std::pair<std::string_view, std::string_view>, 4> words{
      {{"LN2", "liquid nitrogen"},
       {"O2", "oxygen"},
       {" Cel", " degrees"},
       {" mm", " millimetres"}}};
  for (const auto& [from, to] : words) {
    for (std::size_t at = out.find(from); at != std::string::npos;
         at = out.find(from, at + to.size())) {
      out.replace(at, from.size(), to);
    }
  }
  if (out.size() > 2 && out[0] == 'P' && out[2] == ' ') out = out.substr(3);
  const std::size_t code = out.find(" ack ");
  return code == std::string::npos
             ? out
             : out.substr(0, code) + out.substr(std::min(out.size(), code + 9));
}

int sample_at(std::string_view pcm, std::size_t index) {
  const auto low = static_cast<unsigned char>(pcm[2 * index]);
  const auto high = static_cast<unsigned char>(pcm[2 * index + 1]);
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(low | high << 8));
}

unsigned little_endian(std::string_view bytes) {
  unsigned value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

}  // namespace

std::string spoken_text(const Outgoing& page, Language language) {
  const std::string code = digit_by_digit(page.code);
  if (language == Language::japanese) {
    // "Cryobank. An alarm of priority n. ... Your code is ... To accept, press 1 and the code. ..."
    const Json& own = page.page["text_ja"];
    const std::string text = own.is_string() ? own.string() : for_the_ear(page.text);
    std::string out = cat(
        "\xE5\x87\x8D\xE7\xB5\x90\xE4\xBF\x9D\xE7\xAE\xA1\xE5\xBA\xAB\xE3\x81\xA7\xE3\x81\x99\xE3"
        "\x80\x82"
        "\xE5\x84\xAA\xE5\x85\x88\xE5\xBA\xA6",
        page.priority, "\xE3\x81\xAE\xE8\xAD\xA6\xE5\xA0\xB1\xE3\x81\xA7\xE3\x81\x99\xE3\x80\x82",
        text, "\xE3\x80\x82");
    if (page.code.empty()) return out;
    return cat(
        out, "\xE3\x82\xB3\xE3\x83\xBC\xE3\x83\x89\xE3\x81\xAF\xE3\x80\x81", code,
        "\xE3\x80\x82\xE5\x8F\x97\xE3\x81\x91\xE3\x82\x8B\xE5\xA0\xB4\xE5\x90\x88\xE3\x81\xAF"
        "\x31\xE3\x81\xA8\xE3\x82\xB3\xE3\x83\xBC\xE3\x83\x89\xE3\x80\x81\xE5\xBE\x8C\xE3\x81\xA7"
        "\xE3\x81\xAF"
        "\x32\xE3\x80\x81\xE8\xA1\x8C\xE3\x81\x91\xE3\x81\xAA\xE3\x81\x84\xE5\xA0\xB4\xE5\x90\x88"
        "\xE3\x81\xAF"
        "\x33\xE3\x82\x92\xE6\x8A\xBC\xE3\x81\x97\xE3\x81\xA6\xE3\x81\x8F\xE3\x81\xA0\xE3\x81\x95"
        "\xE3\x81\x84"
        "\xE3\x80\x82");
  }
  const std::string out =
      cat("Cryobank. Priority ", page.priority, ". ", for_the_ear(page.text), ". ");
  if (page.code.empty()) return out;
  return cat(out, "The code is ", code, ". To accept, press 1 and the code, ", code,
             ". For later, press 2. If you cannot come, press 3. ");
}

std::string spoken_thanks(Language language) {
  return language == Language::japanese ? "\xE3\x82\x8F\xE3\x81\x8B\xE3\x82\x8A\xE3\x81\xBE\xE3\x81"
                                          "\x97\xE3\x81\x9F\xE3\x80\x82"
                                        : "Thank you. Your answer is noted.";
}

char mu_law(int sample) {
  constexpr int kBias = 0x84;
  constexpr int kClip = 32635;
  const int sign = sample < 0 ? 0x80 : 0;
  const int magnitude = std::min(sample < 0 ? -sample : sample, kClip) + kBias;
  int exponent = 7;
  for (int mask = 0x4000; (magnitude & mask) == 0 && exponent > 0; mask >>= 1) --exponent;
  const int mantissa = magnitude >> (exponent + 3) & 0x0F;
  return static_cast<char>(~(sign | exponent << 4 | mantissa));
}

std::string speak(const std::string& program, Language language, std::string_view text, Until until,
                  std::string& why) {
  int output[2];
  if (::pipe2(output, O_CLOEXEC) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::string path = program;
  std::string voice = language == Language::japanese ? "ja" : "en";
  std::string rate = cat(kSpokenRate);
  std::string words(text);
  char stdout_flag[] = "--stdout";
  char voice_flag[] = "-v";
  char rate_flag[] = "-s";
  char end_flag[] = "--";
  char* arguments[] = {path.data(), stdout_flag, voice_flag,   voice.data(), rate_flag,
                       rate.data(), end_flag,    words.data(), nullptr};
  pid_t child = 0;
  const int code = ::posix_spawn(&child, path.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(output[1]);
  std::string wav;
  while (code == 0 && wav.size() < kSoundMax) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd one{output[0], POLLIN, 0};
    if (left.count() <= 0 ||
        ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000))) <= 0)
      break;
    std::array<char, 16384> chunk{};
    const ssize_t got = ::read(output[0], chunk.data(), chunk.size());
    if (got <= 0) break;
    wav.append(chunk.data(), static_cast<std::size_t>(got));
  }
  ::close(output[0]);
  int status = 0;
  if (code == 0) {
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
  }
  const std::size_t data = wav.find("data");
  if (code != 0 || wav.size() < 44 || !wav.starts_with("RIFF") || data == std::string::npos) {
    why = cat(program, " said nothing");
    return {};
  }
  const auto rate_in = static_cast<std::size_t>(little_endian(std::string_view(wav).substr(24, 4)));
  if (rate_in < 4000 || rate_in > 96'000) {
    why = "a sound of an impossible rate";
    return {};
  }
  const std::string_view pcm = std::string_view(wav).substr(data + 8);
  const std::size_t samples = pcm.size() / 2;
  std::string out;
  // Each phone sample is the mean of those it stands for, which keeps the hiss out.
  for (std::size_t i = 0; (i + 1) * rate_in / kPhoneRate <= samples; ++i) {
    const std::size_t first = i * rate_in / kPhoneRate;
    const std::size_t last = std::max(first + 1, (i + 1) * rate_in / kPhoneRate);
    int sum = 0;
    for (std::size_t at = first; at < last; ++at) sum += sample_at(pcm, at);
    out += mu_law(sum / static_cast<int>(last - first));
  }
  return out;
}

}  // namespace cryobank::pager

// One real line of devices/line/modbus_io.hpp, asked one request at a time.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "devices/line/modbus_io.hpp"
#include "devices/line/port_io.hpp"

namespace cryobank::devices {

class LineClient {
 public:
  // `connect_pause`: of the one device on the line.
  explicit LineClient(config::LineConfig line, Duration connect_pause = {})
      : site_(site_of(std::move(line), connect_pause)) {
    lines.emplace(
        site_, [this](LineReply reply) { put(replies_, std::move(reply)); },
        [this](LineText text) { put(texts_, std::move(text.text)); });
  }

  void send(LineRequest request) {
    request.id = ++id_;
    lines->send(std::move(request));
  }
  // The reply to a request, and how long it took; no reply within 15 s is a default one.
  LineReply ask(LineRequest request) {
    const Instant begun = monotonic_now();
    send(std::move(request));
    LineReply reply = take(replies_).value_or(LineReply{});
    took = monotonic_now() - begun;
    return reply;
  }
  std::optional<LineReply> reply() { return take(replies_); }
  std::optional<std::string> text() { return take(texts_); }

  // Returns early when a reply comes.
  void give_time(Duration span) {
    std::unique_lock lock(guard_);
    there_.wait_for(lock, std::chrono::nanoseconds(span.ns), [&] { return !replies_.empty(); });
  }

  std::optional<Lines> lines;
  Duration took{};

 private:
  static config::SiteConfig site_of(config::LineConfig line, Duration connect_pause) {
    config::SiteConfig site;
    line.id = LineId("line");
    config::DeviceProfile profile;
    profile.id = ProfileId("profile");
    profile.quirks.connect_pause = connect_pause;
    site.profiles.push_back(std::move(profile));
    config::DeviceConfig device;
    device.line = line.id;
    device.profile = ProfileId("profile");
    site.devices.push_back(std::move(device));
    site.lines.push_back(std::move(line));
    return site;
  }
  template <class T>
  void put(std::deque<T>& to, T item) {
    const std::lock_guard lock(guard_);
    to.push_back(std::move(item));
    there_.notify_all();
  }
  template <class T>
  std::optional<T> take(std::deque<T>& from) {
    std::unique_lock lock(guard_);
    if (!there_.wait_for(lock, std::chrono::seconds(15), [&] { return !from.empty(); })) {
      return std::nullopt;
    }
    T item = std::move(from.front());
    from.pop_front();
    return item;
  }

  config::SiteConfig site_;
  std::uint64_t id_ = 0;
  std::mutex guard_;
  std::condition_variable there_;
  std::deque<LineReply> replies_;
  std::deque<std::string> texts_;
};

}  // namespace cryobank::devices

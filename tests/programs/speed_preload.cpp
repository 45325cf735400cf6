// Preloaded into programs of a test: their clocks run CRYOBANK_SPEED times as fast from the instant
// CRYOBANK_SPEED_FROM (nanoseconds of the real clock) on, and whatever they wait for takes so much
// less. All programs with the same two words share one time. (Debian's faketime 0.9.10 leaves
// pthread_cond_clockwait alone, with which std::condition_variable waits on steady clocks.)
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr std::int64_t kNs = 1'000'000'000;

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::int64_t ns_of(const timespec& time) { return time.tv_sec * kNs + time.tv_nsec; }
timespec spec_of(std::int64_t ns) { return {ns / kNs, ns % kNs}; }

int real_gettime(clockid_t clock, timespec* out) {
  static auto* const real = next<int(clockid_t, timespec*)>("clock_gettime");
  return real(clock, out);
}

std::int64_t read_real(clockid_t clock) {
  timespec time{};
  real_gettime(clock, &time);
  return ns_of(time);
}

std::int64_t number_in(const char* name, std::int64_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::strtoll(text, nullptr, 10);
}

std::int64_t speed() {
  static const std::int64_t factor = std::max<std::int64_t>(1, number_in("CRYOBANK_SPEED", 1));
  return factor;
}

// Where a clock stood when the faster time began.
std::int64_t begin_of(clockid_t clock) {
  static const std::int64_t from = number_in("CRYOBANK_SPEED_FROM", read_real(CLOCK_REALTIME));
  static const std::int64_t ago = read_real(CLOCK_REALTIME) - from;
  static const std::int64_t mono = read_real(CLOCK_MONOTONIC) - ago;
  static const std::int64_t boot = read_real(CLOCK_BOOTTIME) - ago;
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) return from;
  return clock == CLOCK_BOOTTIME ? boot : mono;
}

bool runs_faster(clockid_t clock) {
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC ||
         clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_BOOTTIME;
}

std::int64_t faster(clockid_t clock, std::int64_t real) {
  return begin_of(clock) + (real - begin_of(clock)) * speed();
}
timespec real_time(clockid_t clock, const timespec& fast) {
  return spec_of(begin_of(clock) + (ns_of(fast) - begin_of(clock)) / speed());
}
timespec shorter(const timespec& wait) { return spec_of(ns_of(wait) / speed()); }
int shorter_ms(int ms) { return ms <= 0 ? ms : std::max<int>(1, static_cast<int>(ms / speed())); }

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) {
  const int code = real_gettime(clock, out);
  if (code == 0 && runs_faster(clock)) *out = spec_of(faster(clock, ns_of(*out)));
  return code;
}

int gettimeofday(timeval* out, void*) {
  const std::int64_t ns = faster(CLOCK_REALTIME, read_real(CLOCK_REALTIME));
  *out = {ns / kNs, ns % kNs / 1000};
  return 0;
}

time_t time(time_t* out) {
  const time_t now = faster(CLOCK_REALTIME, read_real(CLOCK_REALTIME)) / kNs;
  if (out != nullptr) *out = now;
  return now;
}

int poll(pollfd* fds, nfds_t count, int ms) {
  static auto* const real = next<int(pollfd*, nfds_t, int)>("poll");
  return real(fds, count, shorter_ms(ms));
}

int epoll_wait(int fd, epoll_event* events, int count, int ms) {
  static auto* const real = next<int(int, epoll_event*, int, int)>("epoll_wait");
  return real(fd, events, count, shorter_ms(ms));
}

int select(int count, fd_set* in, fd_set* out, fd_set* odd, timeval* wait) {
  static auto* const real = next<int(int, fd_set*, fd_set*, fd_set*, timeval*)>("select");
  if (wait == nullptr) return real(count, in, out, odd, nullptr);
  const std::int64_t us = (wait->tv_sec * 1'000'000 + wait->tv_usec) / speed();
  timeval own{us / 1'000'000, us % 1'000'000};
  return real(count, in, out, odd, &own);
}

int nanosleep(const timespec* wait, timespec* left) {
  static auto* const real = next<int(const timespec*, timespec*)>("nanosleep");
  const timespec own = shorter(*wait);
  return real(&own, left);
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* wait, timespec* left) {
  static auto* const real =
      next<int(clockid_t, int, const timespec*, timespec*)>("clock_nanosleep");
  const timespec own = (flags & TIMER_ABSTIME) != 0 ? real_time(clock, *wait) : shorter(*wait);
  return real(clock, flags, &own, left);
}

int usleep(useconds_t us) {
  const timespec wait = spec_of(static_cast<std::int64_t>(us) * 1000);
  return nanosleep(&wait, nullptr);
}

unsigned sleep(unsigned seconds) {
  const timespec wait{static_cast<time_t>(seconds), 0};
  nanosleep(&wait, nullptr);
  return 0;
}

// Of the real clock, or of a condition's own (pthread_condattr_setclock), which is the steady one:
// a time that is far from the real clock's is of the other.
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
  static auto* const real =
      next<int(pthread_cond_t*, pthread_mutex_t*, const timespec*)>("pthread_cond_timedwait");
  const std::int64_t year = 365 * 86'400 * kNs;
  const bool steady = ns_of(*until) < faster(CLOCK_REALTIME, read_real(CLOCK_REALTIME)) - 10 * year;
  const timespec own = real_time(steady ? CLOCK_MONOTONIC : CLOCK_REALTIME, *until);
  return real(condition, mutex, &own);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const timespec* until) {
  static auto* const real =
      next<int(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*)>(
          "pthread_cond_clockwait");
  const timespec own = real_time(clock, *until);
  return real(condition, mutex, clock, &own);
}

int sem_timedwait(sem_t* semaphore, const timespec* until) {
  static auto* const real = next<int(sem_t*, const timespec*)>("sem_timedwait");
  const timespec own = real_time(CLOCK_REALTIME, *until);
  return real(semaphore, &own);
}

int timerfd_settime(int fd, int flags, const itimerspec* wait, itimerspec* before) {
  static auto* const real = next<int(int, int, const itimerspec*, itimerspec*)>("timerfd_settime");
  // At once is said as a time long gone.
  if ((flags & TFD_TIMER_ABSTIME) != 0) return real(fd, flags, wait, before);
  itimerspec own{shorter(wait->it_interval), shorter(wait->it_value)};
  if (ns_of(wait->it_value) > 0 && ns_of(own.it_value) == 0) own.it_value.tv_nsec = 1;
  return real(fd, flags, &own, before);
}

}  // extern "C"

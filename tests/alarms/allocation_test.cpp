// A reading that changes nothing allocates nothing: polling a large site must not churn the heap.
#include <cstdlib>
#include <new>

#include "tests/alarms/board_story.hpp"

namespace {
std::size_t g_allocations = 0;
}

// The heap itself, counted.
// NOLINTBEGIN(cppcoreguidelines-no-malloc)
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++g_allocations;
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { ::operator delete(memory); }
// NOLINTEND(cppcoreguidelines-no-malloc)

namespace cryobank::alarms {
namespace {

std::size_t allocations_of(Board& board, const Now& now, const Observation& observation,
                           BoardOutputs& out) {
  const std::size_t before = g_allocations;
  for (int i = 0; i < 1000; ++i) board.observe(now, observation, out);
  return g_allocations - before;
}

TEST(Allocation, UnchangedReadingsOfAnyKindAllocateNothing) {
  const config::SiteConfig site = story_site();
  Board board(site);
  BoardOutputs out;
  const Now now{Instant{}, WallTime{1'795'575'845'678}};
  board.start(now, Epoch{1}, out);
  Observation observation;
  observation.device = DeviceId("freezer-1");
  observation.quality = Quality::good;
  struct Case {
    std::string_view what;
    std::string_view point;
    Milli value;
  };
  for (const Case& each : {Case{"normal level", "level", whole(150)},
                           Case{"level that waits for its delay", "level", whole(60)},
                           Case{"temperature in alarm", "temperature-top", whole(-100)},
                           Case{"point that no rule watches", "clock", whole(1)}}) {
    observation.point = each.point;
    observation.value = each.value;
    board.observe(now, observation, out);
    EXPECT_EQ(allocations_of(board, now, observation, out), 0u) << each.what;
  }
}

}  // namespace
}  // namespace cryobank::alarms

// What follows for the parts of the core when a batch is durable, or is not.
#pragma once

#include "service/core/parts.hpp"

namespace cryobank::core {

void on_settled(Core::Parts& p, const Now& now, Settled& settled, Effects& effects);
// The next part of a long list that is durable; after the last one, what follows from it.
void absorb(Core::Parts& p, const Now& now, Effects& effects);
// Commands in no batch yet hear at once that the store does not take them.
void give_up_commands(Core::Parts& p, const Now& now, const Status& why, Effects& effects);
// Nothing new is begun from here on.
void begin_stop(Core::Parts& p, const Now& now);
void say_plan(Core::Parts& p, WallTime wall);

}  // namespace cryobank::core

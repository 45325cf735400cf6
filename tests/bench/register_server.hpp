// A Modbus TCP server in a process of its own, so that its cost is not counted: every connection
// and unit serves registers, register 0 reads the identity 0xC0F1 and register a reads a. Written
// with libmodbus' server side on one thread.
#pragma once

#include <modbus.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <vector>

#include "tests/contracts/line_servers.hpp"

namespace cryobank::devices {

class RegisterServer {
 public:
  RegisterServer() : listener_(listen_on_loopback(port, 512)), child_(::fork()) {
    if (child_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      serve();
    }
    ::close(listener_);
  }
  ~RegisterServer() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  RegisterServer(const RegisterServer&) = delete;
  RegisterServer& operator=(const RegisterServer&) = delete;

  std::uint16_t port = 0;

 private:
  [[noreturn]] void serve() {
    modbus_mapping_t* mapping = modbus_mapping_new(0, 0, 200, 200);
    for (int i = 0; i < 200; ++i) {
      mapping->tab_input_registers[i] = static_cast<std::uint16_t>(i == 0 ? 0xC0F1 : i);
      mapping->tab_registers[i] = mapping->tab_input_registers[i];
    }
    modbus_t* context = modbus_new_tcp("127.0.0.1", port);
    std::vector<pollfd> fds{{listener_, POLLIN, 0}};
    for (;;) {
      poll(fds.data(), fds.size(), -1);
      for (std::size_t i = fds.size(); i-- > 1;) {
        if (fds[i].revents == 0) continue;
        std::uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
        modbus_set_socket(context, fds[i].fd);
        const int length = modbus_receive(context, query);
        if (length > 0) {
          modbus_reply(context, query, length, mapping);
        } else if (length < 0) {
          ::close(fds[i].fd);
          fds.erase(fds.begin() + static_cast<std::ptrdiff_t>(i));
        }
      }
      if (fds[0].revents != 0) {
        fds.push_back({::accept(listener_, nullptr, nullptr), POLLIN, 0});
      }
    }
  }

  int listener_;
  pid_t child_;
};

}  // namespace cryobank::devices

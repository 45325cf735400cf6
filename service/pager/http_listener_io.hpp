// HTTP listener: the small door by which carriers bring reports and people bring answers. One
// request at a time, of a bounded size and time; the handler says whether it is believed. One
// thread serves; any may open.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "service/pager/driver.hpp"

namespace cryobank::pager {

struct HttpQuestion {
  std::string path;                          // without what follows '?'
  std::map<std::string, std::string> query;  // of the address and of a form body
};

class HttpListener {
 public:
  // `address`: 127.0.0.1, or 0.0.0.0 for every interface.
  HttpListener(std::string address, int port) : address_(std::move(address)), port_(port) {}
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  bool wanted() const { return port_ > 0; }
  bool open();  // again after a failure
  // Serves what comes until then; `believes` gets each question, false is answered with 403.
  void serve(Until until, const std::function<bool(const HttpQuestion&)>& believes);
  std::string trouble() const;

 private:
  void serve_one(int peer, const std::function<bool(const HttpQuestion&)>& believes);

  std::string address_;
  int port_;
  mutable std::mutex mutex_;  // guards what follows
  int fd_ = -1;
  std::string trouble_;
};

}  // namespace cryobank::pager

int bus();
int tank() { return bus(); }

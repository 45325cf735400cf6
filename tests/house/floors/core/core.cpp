int decide() { return 3; }

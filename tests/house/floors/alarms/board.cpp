int board() { return 2; }

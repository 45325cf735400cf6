int tank();
int board();

int main() { return tank() + board() == 3 ? 0 : 1; }

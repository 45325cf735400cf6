int site() { return 1; }

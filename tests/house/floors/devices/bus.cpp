int site();
int decide();

#ifdef CALLS_UPWARD
int bus() { return decide(); }
#else
int bus() { return site(); }
#endif

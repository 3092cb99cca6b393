/* callback.h - a library that calls back and is gone: it ends with a jump. */
extern int call_back(int (*f)(int), int x);

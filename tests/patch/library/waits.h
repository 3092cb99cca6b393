/* What is not instrumented: a library that reads by itself, some frames deep. */
long waits_line(char *to, long size, double scale, int (*each)(int));

void *one_init(void);
const char *one_handle(void *data);
void *two_init(void);
const char *two_handle(void *data);

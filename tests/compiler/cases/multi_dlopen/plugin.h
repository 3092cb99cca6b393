typedef int plugin_function(int (*f)(int), int n);

plugin_function plugin_sum, plugin_guarded;

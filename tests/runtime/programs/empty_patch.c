/* empty_patch.c - changes nothing: `dsuctl check` with it stops, unrolls and rolls back. */
#include "dsu_abi.h"

const struct dsu_patch dsu_patch = {.abi = DSU_ABI, .from = FROM, .to = TO};

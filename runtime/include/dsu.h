/*
 * dsu.h - what a programmer may say about updates.
 *
 * Nothing here is needed for a program to be updatable, and all of it vanishes when the program
 * is not compiled by dsucc (which defines __DSUCC__).
 */
#ifndef DSU_H
#define DSU_H

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __DSUCC__

/* The compiler makes a call of this an update point. */
extern void dsu_update_point(void);

extern void dsu_transaction_begin(void);
extern void dsu_transaction_end(void);

/* An update may happen here. */
# define DSU_UPDATE_POINT() dsu_update_point()

/* No update happens between the two, whatever is called in between. They nest. */
# define DSU_TRANSACTION_BEGIN() dsu_transaction_begin()
# define DSU_TRANSACTION_END()   dsu_transaction_end()

#else

# define DSU_UPDATE_POINT()      ((void)0)
# define DSU_TRANSACTION_BEGIN() ((void)0)
# define DSU_TRANSACTION_END()   ((void)0)

#endif

#ifdef __cplusplus
}
#endif

#endif

/*
 * dsu_abi.h - everything that emitted code, patches and the runtime know of each other.
 *
 * The compiler pastes this file in front of each translation unit, so it includes nothing.
 * Sizes and offsets are checked on both sides; change DSU_ABI with any change of meaning.
 */
#ifndef DSU_ABI_H
#define DSU_ABI_H

#define DSU_ABI 15

/* A variable of a frame that may have to survive an update. */
struct dsu_var {
	unsigned name;  /* where in the function's `names` */
	unsigned size;  /* bytes of the object */
	unsigned flags; /* DSU_PINNED, DSU_ADDRESS */
};
#define DSU_PINNED \
	1u /* its address may be known elsewhere: it never moves; a record holds its address */
#define DSU_ADDRESS 2u /* it holds a pointer */

/* A continuation point: where a frame can be taken apart and put together again. */
struct dsu_cp {
	unsigned short kind;
	unsigned short nlive;
	unsigned live; /* where in the function's `live` its indices into vars begin */
};
#define DSU_CP_CALL \
	0 /* an instrumented call: resumed by calling the next record's resume variant */
#define DSU_CP_POINT 1 /* an update point: resumed behind it */
#define DSU_CP_BLOCK 2 /* a wrapped blocking call: resumed by issuing it again */
#define DSU_CP_WAIT \
	3 /* as DSU_CP_CALL, of a library; arguments that may be pointers are DSU_ARGUMENT0, 1 ... */
#define DSU_ARGUMENT "dsu$argument$"

/*
 * One instrumented function; const data beside its code, reached through its records. Its tables
 * are parts of the same object and found by their offsets from its start (dsu_func.h), and its resume
 * variant by the distance: pointers would have to be relocated whenever a position-independent program
 * starts, and each process would have its own copy of all that stands beside them.
 */
struct dsu_func {
	unsigned abi;
	unsigned flags; /* DSU_FLAG_CHECK */
	unsigned ncp;   /* cps[0] is unused: continuation points count from 1 */
	unsigned nvar;
	unsigned long long digest; /* of the normalised body, its frame layout and its points */
	long long resume; /* how far its resume variant is from this member: dsu_resume_of() */
	unsigned vars;    /* offset of struct dsu_var[nvar] */
	unsigned cps;     /* offset of struct dsu_cp[ncp] */
	unsigned
		live; /* offset of unsigned short[]: variables as records hold them, point by point */
	unsigned names; /* offset of strings; the first is the function's key (dsu_key()) */
};
#define DSU_FLAG_CHECK  1u /* compiled with --dsu-capture=flag-check */
#define DSU_KEEPS_FRAME 2u /* memory of its frame other than named variables may be referred to */
#define DSU_LISTS_ALL \
	4u /* it holds no object of a type of the program's own, nor pointers to one */

#define DSU_KEEPS_ALL \
	8u /* DSU_KEEPS_FRAME, and there may be such memory even where the stack pointer never moved */

/*
 * A record is the bytes of its point's live variables, one after the other without padding:
 * the object itself, or 8 bytes of address for a pinned one.
 */

/* Non-zero: go to dsu_point() at the next update point. Process-wide, set by a signal handler. */
extern int dsu_request;

/* Flag-check mode only: this thread is unrolling, save and return. */
extern __thread int dsu_unrolling;

/*
 * The slow half of an update point. Non-zero: this thread unrolls. The function that has the point
 * then saves its own frame (no landing pad: an update point costs no register) and calls
 * dsu_unwind(), or in flag-check mode returns.
 */
extern int dsu_point(void) __attribute__((nothrow, cold));
extern void dsu_unwind(void) __attribute__((noreturn, cold));

/* No update happens between the two; they nest. Never unwound through: they are no landing pads. */
extern void dsu_transaction_begin(void) __attribute__((nothrow));
extern void dsu_transaction_end(void) __attribute__((nothrow));

/*
 * Called by save code, innermost frame first. Gives room for the record of point `cp` of `f`,
 * or null when this thread is not unrolling for an update (pthread_exit, for example).
 */
extern char *dsu_push(const struct dsu_func *f, int cp) __attribute__((nothrow, cold));

/* The same for landing pads, called by asm: no general register changes but the result's (push.S). */
extern char *dsu_push_keeping(const struct dsu_func *f, int cp);

/* Called by a resume variant of `f` first: the bytes of its record, and its point. Outermost first. */
extern const char *dsu_pop(const struct dsu_func *f, int *cp) __attribute__((nothrow));

/*
 * The resume variant that the continuation point of the frame just popped calls instead of its call.
 * With null it goes on with its record. Otherwise it begins anew, as the hot variant would: it is
 * given where each parameter is, and a home for each pinned variable, in the order of declaration.
 */
extern void (*dsu_next(void))(void *const *) __attribute__((nothrow));

/*
 * Resume variants keep their variables in memory, so that one cleanup serves all of their points:
 * vars[i] is the address of variable i, or of the pointer to its home if it is pinned.
 */
struct dsu_resumed {
	int cp, done;
	const struct dsu_func *func;
	void *const *vars;
	const char *sp,
		*floor; /* as it began: beneath it, and beneath all of its frame that is kept */
};

/* dsu_pop() for a resume variant: fills its variables and `func`, gives its point. */
extern int dsu_load(struct dsu_resumed *frame) __attribute__((nothrow));

/* The counterpart: the cleanup of a resume variant. */
extern void dsu_save(struct dsu_resumed *frame) __attribute__((nothrow));

/* What main() became: runs `entry` as the base of the main thread's stack; gives main's result. */
extern int dsu_run_main(
	int (*entry)(int, char **, char **), int argc, char **argv, char **envp, unsigned flags);

/* ---- patches ---- */

/* A function whose body is replaced: the old entry jumps to the new one. */
struct dsu_redirect {
	void *old_entry;
	void *new_entry;
	unsigned char was[16]; /* what stood at the entry and in front of it; dsuctl fills it in */
};

/* How frames of one function of the old version continue in the new one. */
struct dsu_framemap {
	const char *key;
	unsigned long long old_digest;
	const struct dsu_func *to; /* null: such a frame cannot be on a stack at the update */
	unsigned ncp;
	const short
		*cps; /* cps[old point] = new point, or -1: no counterpart, the thread runs on */
};

/*
 * ---- state whose type changes ----
 *
 * What a patch has to say of types: of each that may lead to an object of a changed type its size
 * and where its pointers are; of each changed one its new layout and how to convert. All numbers are
 * the C compiler's own (sizeof, offsetof).
 */
struct dsu_type;

/* Where an object holds a pointer, or an object of a type that has such places or has changed. */
struct dsu_part {
	unsigned kind; /* DSU_POINTER, DSU_INSIDE or DSU_BYTES, with DSU_TAIL for what has no end */
	unsigned offset, count, stride;
	const struct dsu_type
		*type;    /* pointed to or inside; null: has no pointers, has not changed */
	const char *name; /* of the member */
	const char *of;   /* what is pointed to, by its type's name */
	int (*when)(const void *object); /* of a union: is it this that the object holds? */
	const struct dsu_type *const
		*links; /* all that links in it lead to, ends with a null; null: anything */
};
#define DSU_POINTER 1u
#define DSU_INSIDE  2u
#define DSU_BYTES   3u
#define DSU_TAIL    16u

/* Where the bytes of a changed type's object have gone, for pointers into it. */
struct dsu_move {
	unsigned from, size, to;
	const struct dsu_type *type; /* of elements that have changed themselves, or null */
	const char *of;              /* the elements' type by name */
};

/* What a pointer to a type that others begin with may lead to: the first of which it is true. */
struct dsu_kind {
	const struct dsu_type *type;
	int (*is)(const void *object);
};

struct dsu_type {
	const char *name;
	unsigned size, flags; /* DSU_LEADS, DSU_SYSTEM, DSU_LINK, DSU_ENDS */
	unsigned nparts, nmoves;
	const struct dsu_part *parts;
	const struct dsu_move *moves;
	const struct dsu_type *to; /* the new layout; null: unchanged */
	/* one object of `size` bytes, tail included, into zeroed or initial memory; null or why not */
	const char *(*convert)(const void *from, void *to, unsigned long size);
	const struct dsu_kind *kinds; /* ends with one without a type; null: it is what it is */
};
#define DSU_ROOMY \
	0x8000000000000000UL /* added to size: the new object has room for all of the tail */
#define DSU_LEADS  1u        /* an object of a changed type, or pointers lead from it to one */
#define DSU_SYSTEM 2u        /* of a system header: a block of them is no larger object */
#define DSU_LINK   4u        /* what leads to one may mean the larger object that it lies in */
#define DSU_ENDS   8u        /* only its end is lost or new, and it leads to nothing that changes */

/* A variable with static storage that is changed or has pointers. */
struct dsu_root {
	const char *name;
	void *from;
	void *(*in_thread)(void);    /* gives the address instead of `from` */
	void *to;                    /* its new storage; null: where it was */
	void *(*to_in_thread)(void); /* gives the address instead of `to` */
	const struct dsu_type *type;
	unsigned flags; /* DSU_CONSTANT, DSU_FOLLOWED, DSU_KEY */
};
#define DSU_CONSTANT 1u /* the new storage has its value already; memory may be read only */
#define DSU_FOLLOWED 2u /* something else may begin right behind it */
#define DSU_KEY      4u /* `type` is that of what each thread keeps under this key */

/* Types of a function's variables; those not named have no pointers, or DSU_ADDRESS. */
struct dsu_local {
	const char *name;
	const struct dsu_type *type;
	const struct dsu_type
		*moved; /* where a chain makes it another frame's or another variable */
};

struct dsu_locals {
	const char *key; /* the function's */
	unsigned n;
	const struct dsu_local *locals;
};

/* A variable that has never been set where it is still `was`: then it becomes `now`. */
struct dsu_initial {
	void *at;
	unsigned size;
	unsigned char was[8], now[8];
};

/*
 * ---- stacks whose shape changes ----
 *
 * Frames that follow each other on a stack of the old version, and those that take their place.
 */

/* A frame of the old version; with `repeats` none of it, or as many as there are. */
struct dsu_link {
	const char *key;
	unsigned long long digest;
	int cp;
	unsigned repeats;
};

/* A variable of a chain's frame that functions below are told of. */
struct dsu_framevar {
	unsigned frame;
	const char *name;
};

/*
 * Writes a value. in[i][k] is where input i of the k-th of its frames is, times[l] how many frames
 * of link l there are, homes[i] where variable i of the new frames will be, index which of several
 * new frames it is for.
 */
typedef void dsu_make(const void *const *const *in, const unsigned long *times, void *const *homes,
	unsigned long index, void *to);

/* Where a variable of a new frame comes from. */
struct dsu_value {
	const char *name;
	unsigned link; /* the frame in the old chain */
	unsigned how;
	const char *from; /* its variable */
	dsu_make *make;
};
#define DSU_MOVED  0u /* with its home, if both are pinned */
#define DSU_COPIED 1u /* the home is another variable's */
#define DSU_MADE   2u /* by `make`, when all others are there */

/* A frame of the new version. */
struct dsu_step {
	const struct dsu_func *func;
	int cp;
	unsigned nvalues;
	const struct dsu_value *values;
	dsu_make *times; /* null: once; gives an unsigned long */
};

struct dsu_chain {
	unsigned nfrom, nto, ninputs, nhomes;
	const struct dsu_link *from;
	const struct dsu_step *to;
	const struct dsu_framevar *inputs; /* of old frames */
	const struct dsu_framevar *homes;  /* of new frames that are there once */
};

/* ---- code of the user's around the decision, once in each process; each may be null ---- */
struct dsu_hook {
	const char *name;
	const char *(*prepare)(void); /* before it: null, or why the update cannot be */
	void (*commit)(void);         /* decided forward; nothing of the program runs yet */
	void (*undo)(void);           /* prepared, and decided back */
};

/* An open file whose content is written anew. */
struct dsu_file {
	const char *name;
	int (*descriptor)(void); /* below zero: not open in this process */
	const char *(*path)(void);
	const char *(*rewrite)(int from, int to); /* null, or why not */
	long (*position)(long at);                /* in the new content; may be null */
};

/* An allocator of the program's own. */
struct dsu_allocator {
	const char *name;
	void *(*block)(void *p, unsigned long *size);   /* in which p lies; null: none of its own */
	void *(*allocate)(void *p, unsigned long size); /* instead of the block p */
	void (*release)(void *p);                       /* may be null */
};

/* What an update, on one of its two ways, says of types that change. */
struct dsu_types {
	unsigned walks;  /* DSU_WALKS, DSU_UNNAMED */
	unsigned nroots; /* tables */
	unsigned nlocals;
	unsigned nsuspects;
	unsigned nholders;
	const struct dsu_root *const *roots;    /* one table a unit; each ends with a null name */
	const struct dsu_locals *const *locals; /* the same */
	const struct dsu_type *const *suspects; /* may be behind pointers that do not say so */
	const struct dsu_type *const *holders;  /* have a DSU_LINK in them */
};
#define DSU_WALKS   1u /* types have changed: objects are looked for */
#define DSU_UNNAMED 2u /* the program has some with static storage that are no variables */

struct dsu_patch {
	unsigned abi;
	unsigned nredirects;
	unsigned nmaps;
	unsigned nback;
	unsigned ninitials;
	unsigned char from[20]; /* build-ids */
	unsigned char to[20];
	const struct dsu_redirect *redirects;
	const struct dsu_framemap *maps;
	const struct dsu_framemap
		*back;     /* the way back: frames of the new version in the old one */
	const char *stays; /* why there is no way back; null: there is */
	struct dsu_types types, types_back; /* forward, and on the way back */
	const struct dsu_initial *initials;
	unsigned nchains;
	unsigned nchains_back;
	const struct dsu_chain *chains; /* the first one that fits is taken */
	const struct dsu_chain *chains_back;
	const struct dsu_hook *const *hooks; /* ends with a null */
	const struct dsu_file *const *files; /* the same */
	const struct dsu_allocator *const *allocators;
};

#define DSU_PATCH_FROM 20 /* offset of `from`, for who reads a patch as a file */

/*
 * What a patch calls DSU_WAS and a name is what that name means in the version that it applies to,
 * although the patch has something of its own of that name.
 */
#define DSU_WAS "dsu$was$"

/*
 * A patch file is an ELF shared object with two loadable segments: [0, DSU_PATCH_DATA) read and
 * execute, shared by the family (code, constants, GOT), and from DSU_PATCH_DATA on read and
 * write, private to each process (new globals). It exports one symbol, dsu_patch. Behind the ELF
 * image stands a trailer: SHA-256 of all bytes before it, then DSU_PATCH_MAGIC.
 */
#define DSU_PATCH_DATA  0x1000000UL
#define DSU_PATCH_MAGIC "DSUPATCH1\n"

#endif

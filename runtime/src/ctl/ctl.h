/* ctl.h - dsuctl: what its files know of each other. */
#ifndef DSU_CTL_H
#define DSU_CTL_H

#define DSU_CTL 1

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "block.h"
#include "fault.h"

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_NONE = 3 };

/* How far a round goes. On trial: only where there is a way back. */
enum how { DSU_CHECK, DSU_APPLY, DSU_TRY };

/* A family as seen through one of its processes. */
struct family {
	pid_t pid; /* that the user named */
	struct dsu_block *block;
	const char *arena; /* to read; what it begins with: */
	const struct dsu_ledger *ledger;
	ino_t arena_inode;
	struct dsu_fds fds; /* as the block said at first */
	int control; /* the only descriptor of the control file: closing one drops the lock */
	uid_t owner;
	char exe[256];
};

/* A thread of a process that lives. */
struct member {
	int slot, process; /* its slot, and that of its process */
	pid_t pid, tid;    /* in our namespace; tid 0: not known yet */
	int ended;         /* only its slot is left, for its process */
};

/* Why it is worth asking again. */
enum passing {
	IT_STAYS,
	PLACES, /* the reasons are about where threads stand just now */
	WAITING /* others stood too long for one that has not come */
};

/* All reasons for a refusal, one a line. */
struct reasons {
	char text[4096];
	size_t len;
	enum passing passing;
};

/*
 * How long a round may take to stop all, us, and how much of that those that stand may wait for one
 * that runs on beneath a frame that cannot be taken apart: what it needs may be held by one of them.
 */
struct limits {
	double all, stand;
};
#define STAND_FIRST   100e3
#define STAND_LONGEST 800e3

struct timings {
	double stop_us, load_us, unroll_us, map_us, rebuild_us, total_us;
	int processes, threads;
	int tries; /* all other figures are the last one's */
};

/* A patch file, read, checked and laid out for a place in the family's arena. */
struct patch {
	uint8_t digest[32];
	char *file;
	size_t file_size, whole_size; /* without the trailer, and with it */
	char *text, *data;            /* images */
	uint64_t text_size, image_size, data_size;
	struct dsu_thread_part threads;
	unsigned index; /* in the ledger */
	uint64_t base;  /* address of the images' address 0 in the processes */
	const Elf64_Rela *rela[2];
	size_t nrela[2];
	const Elf64_Sym *syms;
	size_t nsyms;
	const char *strings;
	uint64_t syms_at, strings_at; /* in the image of the text */
	uint64_t *values;             /* of syms */
	uint8_t *known;               /* of syms: SYM_* */
	uint64_t patch_sym;           /* address in the images */
	uint64_t eh_frame;
	uint64_t lists[2], nlists[2]; /* dsu_entries, dsu_opaque: address and count */
	unsigned nresolves;
	size_t *resolves;   /* indices into syms */
	uint64_t low, high; /* the program's own memory */
};

/* The program's file, mapped. */
struct image {
	const char *at;
	size_t size;
	const Elf64_Sym *syms;
	size_t nsyms;
	const char *strings;
	size_t nstrings;
	uint64_t tls_size;
	uint64_t low, high; /* where it is loaded, but for the bias */
};

/* A place in the program's code, for people. */
struct place {
	char function[128], file[256];
	int line;       /* 0: unknown */
	unsigned patch; /* 1: the oldest in force; 0: the program itself */
};

/* sha256.c */
void sha256(const void *bytes, size_t n, uint8_t digest[32]);

/* reasons.c */
void because(struct reasons *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void hex(char *to, const uint8_t *bytes, size_t n);
void json_string(const char *s);
void json_write(FILE *to, const char *s);

/* family.c */
int family_open(struct family *f, pid_t pid, struct reasons *why);
void family_close(struct family *f);
int family_has_control(pid_t pid, char *path, size_t n);
pid_t slot_pid(const struct family *f, int slot);
int family_members(const struct family *f, struct member *m);
int member_leads(const struct member *m);
const char *member_name(const struct member *m);
int count_processes(const struct member *m, int n);
int family_fd(const struct family *f, int fd, int flags);
void family_version(const struct dsu_ledger *l, uint8_t version[20]);
void family_version_at(const struct dsu_ledger *l, uint32_t top, uint8_t version[20]);
unsigned family_chain(const struct dsu_ledger *l, uint32_t top, uint32_t chain[DSU_PATCHES]);

/* image.c, places.c */
int image_open(struct image *m, const struct family *f, struct reasons *why);
void image_close(struct image *m);
void places_functions(const struct family *f, const uint64_t *pcs, struct place *to, int n);
void places_find(const struct family *f, const uint64_t *pcs, struct place *to, int n);

/* patch.c, link.c, symbols.c */
int patch_read(struct patch *p, const char *path, const struct family *f, struct reasons *why);
uint64_t patch_room(const struct patch *p);
int patch_place(struct patch *p, const struct family *f, struct reasons *why);
int patch_link(struct patch *p, const struct family *f, struct reasons *why);
int symbols_resolve(struct patch *p, const struct family *f, struct reasons *why);
void symbols_ask(const struct patch *p, struct dsu_ledger *l, struct reasons *why);
void patch_free(struct patch *p);
void *patch_at(const struct patch *p, uint64_t address, size_t n);

/* trust.c */
int trust_check(const struct patch *p, const char *path, const struct family *f, uint8_t by[32],
	struct reasons *why);

/* traced.c */
void check_private_text(const struct family *f, struct reasons *why);

/* held.c */
int held_by(const struct family *f, const struct member *m, char *by, size_t room);
void check_held(const struct family *f, struct reasons *why);

/* apply.c */
void right_version(const struct patch *p, const struct family *f, struct reasons *why);
int rounds(const struct family *f, struct patch *p, enum how how, double timeout, struct timings *t,
	struct reasons *why);
void timings_json(const struct timings *t, const struct reasons *why);

/* round.c */
int round_run(const struct family *f, struct patch *p, enum how how, const struct limits *limits,
	struct timings *t, struct reasons *why);

/* commands */
int cmd_list(int json);
int cmd_status(pid_t pid, int json);
struct trial;
int cmd_apply(
	pid_t pid, const char *path, enum how how, struct trial *trial, double timeout, int json);
#ifdef DSU_FAULTS
int cmd_faults(void);
#endif
int cmd_probe(pid_t pid, int stops, double timeout, int json);
int cmd_revert(pid_t pid, int steps, double timeout, int json);

#endif

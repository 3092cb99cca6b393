/*
 * rainmaker.c - sends signals to the processes and threads of rain.c, by the file argv[1], until its
 * input ends. Then all that was sent has to be there; it stops the program and says what it has seen:
 * kinds with losses, disordered, spurious, sent, least rounds.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rain.h"

static struct rain *rain;
static const int patience = 10; /* seconds: an update may take some */

#define LOAD(x) __atomic_load_n(&(x), __ATOMIC_SEQ_CST)

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long queue(pid_t pid, pid_t tid, int sig, long value)
{
	siginfo_t info;

	memset(&info, 0, sizeof info);
	info.si_signo = sig;
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_ptr = (void *)value;
	if (tid)
		return syscall(SYS_rt_tgsigqueueinfo, pid, tid, sig, &info);
	return syscall(SYS_rt_sigqueueinfo, pid, sig, &info);
}

/*
 * A plain one only when the last has been seen: else they might have become one. Queued ones as long as
 * few wait: what the user's signals may take together is not ours to fill.
 */
static void drop(struct drops *d, enum kind kind, pid_t pid, pid_t tid)
{
	static long values;
	int sig = (const int[])SIGNALS[kind];

	if (kind == QUEUED || kind == QUEUED_TO_THREAD) {
		if (d->sent - LOAD(d->seen) > 500 || queue(pid, tid, sig, ++values))
			return;
		d->sent++;
		d->sum_sent += values;
		return;
	}
	if (LOAD(d->seen) != d->sent)
		return;
	__atomic_add_fetch(&d->sent, 1, __ATOMIC_SEQ_CST);
	if (tid ? syscall(SYS_tgkill, pid, tid, sig) : kill(pid, sig))
		exit(3);
}

static void each(void (*act)(struct drops *, enum kind, pid_t, pid_t))
{
	for (int i = 0; i < rain->nprocesses; i++) {
		struct victim *v = &rain->victims[i];

		for (int k = 0; k < KINDS; k++) {
			if (k != PLAIN_TO_THREAD && k != QUEUED_TO_THREAD) {
				act(&v->to_process[k], k, v->pid, 0);
				continue;
			}
			for (int t = 0; t < rain->nthreads; t++)
				act(&v->to_thread[t][k], k, v->pid, v->tids[t]);
		}
	}
}

static long lost, sent;

static void count(struct drops *d, enum kind kind, pid_t pid, pid_t tid)
{
	double end = now() + patience;

	while ((LOAD(d->seen) != d->sent || LOAD(d->sum) != d->sum_sent) && now() < end)
		usleep(1000);
	if (LOAD(d->seen) != d->sent || LOAD(d->sum) != d->sum_sent) {
		lost++;
		fprintf(stderr, "process %d, thread %d, kind %d: %ld sent, %ld seen\n", pid, tid,
			kind, d->sent, d->seen);
	}
	sent += d->sent;
}

static void wait_for_all(void)
{
	for (int i = 0; i < rain->nprocesses || !rain->nprocesses; i++)
		for (int t = 0; t < rain->nthreads || !rain->nthreads; t++)
			while (!LOAD(rain->victims[i].pid) || !LOAD(rain->victims[i].tids[t]))
				usleep(1000);
}

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDWR) : -1;
	long disordered = 0, spurious = 0, rounds = 1L << 60;
	struct pollfd end = {.fd = 0, .events = POLLIN};

	rain = mmap(NULL, sizeof *rain, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (rain == MAP_FAILED)
		return 1;
	while (!LOAD(*(volatile int *)&rain->nthreads))
		usleep(1000);
	wait_for_all();
	printf("raining\n");
	fflush(stdout);
	while (poll(&end, 1, 1) == 0)
		each(drop);
	each(count);
	__atomic_store_n(&rain->stop, 1, __ATOMIC_SEQ_CST);
	for (int i = 0; i < rain->nprocesses; i++) {
		disordered += rain->victims[i].disordered;
		spurious += rain->victims[i].spurious;
		rounds = rain->victims[i].rounds < rounds ? rain->victims[i].rounds : rounds;
	}
	printf("%ld %ld %ld %ld %ld\n", lost, disordered, spurious, sent, rounds);
	return 0;
}

/*
 * rain.c - processes of threads that pass a token round by pipes while signals rain upon them, until
 * the file argv[1] says stop. argv[2] processes of argv[3] threads each. For dsucc.
 */
#include <errno.h>
#include <pthread.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rain.h"

static struct rain *rain;
static struct victim *me;
static int pipes[MOST_THREADS][2];
static __thread int self;                  /* index of the thread */
static __thread volatile sig_atomic_t ran; /* handlers without SA_RESTART */
static __thread long last;                 /* value that was queued for this thread */

#define LOAD(x)   __atomic_load_n(&(x), __ATOMIC_SEQ_CST)
#define ADD(x, n) __atomic_add_fetch(&(x), n, __ATOMIC_SEQ_CST)

static void plain(struct drops *d)
{
	long number = LOAD(d->sent), seen = LOAD(d->seen);

	while (seen < number && !__atomic_compare_exchange_n(&d->seen, &seen, number, 0,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

static void queued(struct drops *d, long value)
{
	ADD(d->sum, value);
	ADD(d->seen, 1);
}

static void on_plain(int sig)
{
	if (sig == SIGUSR2)
		ran++;
	if (sig == SIGHUP)
		plain(&me->to_thread[self][PLAIN_TO_THREAD]);
	else
		plain(&me->to_process[sig == SIGUSR1 ? PLAIN : PLAIN_INTERRUPTS]);
}

static void on_queued(int sig, siginfo_t *info, void *context)
{
	long value = (long)info->si_value.sival_ptr;

	(void)context;
	if (sig == SIGRTMIN + 3) {
		queued(&me->to_process[QUEUED], value);
		return;
	}
	ran++;
	if (value <= last)
		ADD(me->disordered, 1);
	last = value;
	queued(&me->to_thread[self][QUEUED_TO_THREAD], value);
}

static void handle(void)
{
	struct sigaction a;

	memset(&a, 0, sizeof a);
	a.sa_handler = on_plain;
	sigaction(SIGUSR2, &a, NULL);
	a.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &a, NULL);
	sigfillset(&a.sa_mask);
	sigaction(SIGHUP, &a, NULL);
	sigemptyset(&a.sa_mask);
	a.sa_sigaction = on_queued;
	a.sa_flags = SA_SIGINFO;
	sigaction(SIGRTMIN + 4, &a, NULL);
	a.sa_flags |= SA_RESTART;
	sigaction(SIGRTMIN + 3, &a, NULL);
}

/* The token is 8 bytes, in two halves, so that some come one by one. */
static void move(int fd, char *bytes, int writes)
{
	size_t done = 0;

	while (done < 8) {
		sig_atomic_t before = ran;
		size_t n = done < 4 ? 4 - done : 8 - done;
		ssize_t got = writes ? write(fd, bytes + done, n) : read(fd, bytes + done, n);

		if (got > 0)
			done += (size_t)got;
		else if (errno != EINTR)
			abort();
		else if (before == ran)
			ADD(me->spurious, 1);
	}
}

static void *pass(void *arg)
{
	int mine = (int)(long)arg;
	long expected = mine, token;

	self = mine;
	me->tids[mine] = (pid_t)syscall(SYS_gettid);
	for (;;) {
		move(pipes[mine][0], (char *)&token, 0);
		if (token >= 0 && token != expected)
			abort();
		if (token >= 0 && LOAD(rain->stop) && mine == 0)
			token = -1 - rain->nthreads;
		token++;
		move(pipes[(mine + 1) % rain->nthreads][1], (char *)&token, 1);
		if (token < 0)
			return NULL;
		expected += rain->nthreads;
		if (mine == 0)
			me->rounds++;
		usleep(100);
	}
}

static int be_victim(int i)
{
	pthread_t threads[MOST_THREADS];
	long token = 0;

	me = &rain->victims[i];
	for (int k = 0; k < rain->nthreads; k++)
		if (pipe(pipes[k]))
			return 2;
	for (int k = 1; k < rain->nthreads; k++)
		if (pthread_create(&threads[k], NULL, pass, (void *)(long)k))
			return 3;
	if (write(pipes[0][1], &token, sizeof token) != sizeof token)
		return 4;
	__atomic_store_n(&me->pid, getpid(), __ATOMIC_SEQ_CST);
	pass(NULL);
	for (int k = 1; k < rain->nthreads; k++)
		pthread_join(threads[k], NULL);
	return 0;
}

int main(int argc, char **argv)
{
	int fd = argc == 4 ? open(argv[1], O_RDWR) : -1, status, worst = 0, r;

	rain = mmap(NULL, sizeof *rain, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (rain == MAP_FAILED)
		return 1;
	rain->nprocesses = atoi(argv[2]);
	rain->nthreads = atoi(argv[3]);
	handle();
	for (int i = 1; i < rain->nprocesses; i++)
		if (fork() == 0)
			_exit(be_victim(i));
	r = be_victim(0);
	while (wait(&status) > 0 || errno == EINTR)
		worst |= status;
	return r | worst;
}

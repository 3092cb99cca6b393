/*
 * protocol.pml - the update's two phases, with deaths of dsuctl and of processes at any step.
 *
 * Two dsuctls, one after the other, each with an update of its own; PROCESSES processes, which may
 * have one thread or several at each stop. Whoever lives may die between any two statements. A deadline is "at any
 * time". Phases and states have the names of runtime/src/block.h, the statements follow round.c, stop.c,
 * decide.c and wait.c.
 *
 * Checked: nobody runs while entries lead to another version than its own (ONE_VERSION), so never
 * two versions at once; nobody reads an update that is being replaced by another (UNREAD); when nothing
 * moves any more, dsuctl dead or not, all that live run, in the version that the block names (the end of
 * init). Not in it: threads, forks, processes that a
 * sandbox forbids to finish an update (those wait for another dsuctl), lost bytes of the pipes.
 *
 * ROGUE: a process of the program writes a phase into the block, which it may. Then the family may
 * fall apart or wait (docs/threat-model.md), so that only one thing is checked: nobody takes over
 * what dsuctl has not announced and decided in the ledger, which no process can write (DECIDED); with one
 * dsuctl.
 *
 * BROKEN_*: a known way to get it wrong, which the checker must find.
 */
#ifndef PROCESSES
#define PROCESSES 2
#endif
#define UPDATES 2
#define ENTRIES 2	/* functions that an update redirects, one after the other */

/* enum dsu_phase, enum dsu_state: those that matter here */
#define DSU_IDLE	0
#define DSU_STOP	1
#define DSU_UNROLL	2
#define DSU_COMMIT	3
#define DSU_RESUME	4
#define DSU_BACK	5
#define DSU_UNDO	6

#define DSU_RUNNING	0
#define DSU_STOPPED	1
#define DSU_UNROLLING	2
#define DSU_UNROLLED	3
#define DSU_UNMAPPABLE	4
#define DSU_RESUMED	5

#define WORD(round, kind)	((round) * 8 + (kind))
#define KIND(word)		((word) % 8)
#define ROUND(word)		((word) / 8)

/* struct dsu_block */
byte phase;
byte undone, leader;
byte states[PROCESSES];

/* struct dsu_ledger: dsuctl's, and of who finishes what it has decided */
byte hand, top, announced, decided;
#define at_once announced	/* before STOP: the round in which a lone thread does not wait for UNROLL */

/* the kernel's */
bool writes;		/* somebody holds the writing ends of the `wait` pipes */
bool locked;
bool alive[PROCESSES];

/* what the code does */
byte entries;		/* redirected, of all updates */
byte version[PROCESSES];
bool runs[PROCESSES];	/* in the program's own code */
bool maps[PROCESSES];	/* reads the update at hand, without having been waited for */
byte dsuctls;		/* that have been started */

/*
 * Never two versions at once: whoever runs has the code that all entries lead to. Looked at wherever
 * one of these changes.
 */
#ifdef BROKEN_LEDGER
#define ROGUE
#endif
#ifdef ROGUE
#define RIGHT(i) true
#else
#define RIGHT(i) (!runs[i] || !alive[i] || entries == ENTRIES * version[i])
#endif
#define DECIDED assert(announced == round && decided == round)
#define READS(i) (maps[i] && alive[i])
#if PROCESSES > 2
#define UNREAD assert(!READS(0) && !READS(1) && !READS(2))
#define ONE_VERSION assert(RIGHT(0) && RIGHT(1) && RIGHT(2))
#else
#define UNREAD assert(!READS(0) && !READS(1))
#define ONE_VERSION assert(RIGHT(0) && RIGHT(1))
#endif

inline cas(word, was, is) {
	d_step {
		if
		:: word == was -> word = is
		:: else
		fi
	}
}

/* ---- a process ---- */

/*
 * dsu_wait_while(): until the phase is none of three kinds. A byte comes after each change of it, so
 * that a change is what read() waits for; or it is the end of the file.
 */
inline wait_while(me, one, other, third) {
	do
	:: atomic {
		seen = phase;
		if
		:: ROUND(seen) != round ->
			seen = WORD(round, (undone == round -> DSU_UNDO : DSU_BACK));
			break
		:: ROUND(seen) == round && KIND(seen) != one && KIND(seen) != other &&
			KIND(seen) != third -> break
		:: else
		fi }
		if
		:: phase != seen
		/* In COMMIT without dsuctl there is nothing to do unless one can finish. */
		:: !writes && (KIND(seen) != DSU_COMMIT || leader == me || !alive[leader]) ->
			orphaned(me)
		fi
	od
}

inline orphaned(me) {
	if
	:: KIND(seen) == DSU_STOP ->
#ifdef BROKEN_BACK
		phase = WORD(round, DSU_BACK)
#else
		cas(phase, seen, WORD(round, DSU_BACK))
#endif
	:: KIND(seen) == DSU_UNROLL ->
		undone = round;
#ifdef BROKEN_BACK
		phase = WORD(round, DSU_UNDO)
#else
		cas(phase, seen, WORD(round, DSU_UNDO))
#endif
	:: KIND(seen) == DSU_COMMIT ->
		if
#ifndef BROKEN_LEADER
		:: d_step { leader != me && !alive[leader] -> leader = me }
#endif
		:: leader == me
		:: leader != me && alive[leader] /* another has been quicker */
		fi;
		if
		:: leader == me && decided == ROUND(seen) -> finish_commit()
		:: else
		fi
	fi
}

/* Redirects all entries again, whatever dsuctl had done of it. */
inline finish_commit() {
	redirect();
	top = hand;
	cas(phase, seen, WORD(ROUND(seen), DSU_RESUME))
}

/* One after the other; those that are redirected already stay so. */
inline redirect() {
	if
	:: d_step { entries < ENTRIES * hand - 1 -> entries = ENTRIES * hand - 1; ONE_VERSION }
	:: entries >= ENTRIES * hand - 1
	fi;
	d_step { entries = ENTRIES * hand; ONE_VERSION }
}

/* dsu_stop(): says UNROLLING before it looks again; then nobody replaces what it reads. */
inline stand(me) {
	if
	:: at_once == round ->
		d_step { runs[me] = false; states[me] = WORD(round, DSU_UNROLLING) };
		if
#ifndef BROKEN_AT_ONCE
		:: d_step { phase == WORD(round, DSU_STOP) ->
#else
		:: d_step { true ->
#endif
			seen = WORD(round, DSU_UNROLL); maps[me] = true }
		:: phase != WORD(round, DSU_STOP) -> wait_while(me, DSU_STOP, DSU_STOP, DSU_STOP)
		fi
	:: true -> /* has several threads, or is not to */
		d_step { runs[me] = false; states[me] = WORD(round, DSU_STOPPED) };
		wait_while(me, DSU_STOP, DSU_STOP, DSU_STOP)
	fi
}

proctype Process(byte me) {
	byte seen, round;
	bool mapped;
	{
end:	do
	:: atomic { KIND(phase) == DSU_STOP && ROUND(phase) != round -> round = ROUND(phase) };
		stand(me);
		if
		:: KIND(seen) == DSU_UNROLL ->
			if
#ifndef BROKEN_LEDGER
			:: d_step { announced == round -> maps[me] = false; states[me] = WORD(round, DSU_UNROLLED) }
#else
			:: d_step { maps[me] = false; states[me] = WORD(round, DSU_UNROLLED) }
#endif
			:: d_step { maps[me] = false; states[me] = WORD(round, DSU_UNMAPPABLE) }
			fi;
			mapped = (KIND(states[me]) == DSU_UNROLLED);
#ifndef BROKEN_WAIT
			wait_while(me, DSU_STOP, DSU_UNROLL, DSU_COMMIT);
#else
			wait_while(me, DSU_UNROLL, DSU_UNROLL, DSU_COMMIT);
#endif
			skip; /* d_step may not be jumped into */
			d_step {
				if
#ifndef BROKEN_LEDGER
				:: KIND(seen) == DSU_RESUME && mapped && decided == round ->
#else
				:: KIND(seen) == DSU_RESUME && mapped ->
#endif
					DECIDED;
					version[me] = hand
				:: else
				fi;
				mapped = false;
				runs[me] = true;
				ONE_VERSION
			};
			d_step { states[me] = WORD(round, DSU_RESUMED); seen = 0 }
		:: else ->
			d_step { runs[me] = true; ONE_VERSION };
			d_step { states[me] = WORD(ROUND(phase), DSU_RUNNING); seen = 0 }
		fi
	od
	} unless { !alive[me] }
}

/* ---- dsuctl ---- */

#define WAITS(i) (alive[i] && (KIND(states[i]) == DSU_STOPPED || KIND(states[i]) == DSU_UNROLLING || \
	KIND(states[i]) == DSU_UNROLLED || KIND(states[i]) == DSU_UNMAPPABLE))
#define STANDS(i) (!alive[i] || (ROUND(states[i]) == round && (KIND(states[i]) == DSU_STOPPED || \
	KIND(states[i]) == DSU_UNROLLED || KIND(states[i]) == DSU_UNMAPPABLE)))
#define STOPPED(i) (alive[i] && KIND(states[i]) == DSU_STOPPED)
#define CAME(i, word) (!alive[i] || states[i] == (word))
#if PROCESSES > 2
#define WAIT	 (WAITS(0) || WAITS(1) || WAITS(2))
#define STAND	 (STANDS(0) && STANDS(1) && STANDS(2))
#define ANY_STOPPED (STOPPED(0) || STOPPED(1) || STOPPED(2))
#define IN(word) (CAME(0, word) && CAME(1, word) && CAME(2, word))
#else
#define WAIT	 (WAITS(0) || WAITS(1))
#define STAND	 (STANDS(0) && STANDS(1))
#define ANY_STOPPED (STOPPED(0) || STOPPED(1))
#define IN(word) (CAME(0, word) && CAME(1, word))
#endif

/* A deadline of seconds, for what takes microseconds: it may pass; then nothing new is begun. */
inline let_go() {
	if
	:: !WAIT -> ok = true
	:: ok = false
	fi
}

inline go_back() {
	do
	:: atomic { seen = phase;
		if
		:: KIND(seen) == DSU_STOP -> to = WORD(ROUND(seen), DSU_BACK)
		:: KIND(seen) == DSU_UNROLL ->
			undone = ROUND(seen);
			to = WORD(ROUND(seen), DSU_UNDO)
		:: else -> break
		fi };
		cas(phase, seen, to)
	od;
	let_go()
}

/* Until all that live are in a state of this round; the deadline may pass, or one die: not `ok`. */
inline wait_all(all) {
	if
	:: all -> ok = true
	:: ok = false
	fi
}

inline all_resume() {
	if
	:: !WAIT -> ok = true
	:: ok = false
	fi
}

inline finish() {
	redirect();
	top = hand;
	cas(phase, WORD(round, DSU_COMMIT), WORD(round, DSU_RESUME));
	all_resume()
}

inline clear_up() {
	round = ROUND(phase);
	if
	:: KIND(phase) == DSU_STOP || KIND(phase) == DSU_UNROLL -> go_back()
	:: KIND(phase) == DSU_COMMIT && decided != round ->
		phase = WORD(round, DSU_UNDO);
		let_go()
	:: KIND(phase) == DSU_COMMIT && decided == round ->
		finish();
#ifdef BROKEN_CLEAR_UP
		ok = true
	:: KIND(phase) == DSU_RESUME -> let_go(); ok = true
#else
	:: KIND(phase) == DSU_RESUME -> all_resume()
#endif
	:: else -> let_go()
	fi
}

inline first_alive() {
	leader = 0;
	do
	:: leader < PROCESSES - 1 && !alive[leader] -> leader++
	:: else -> break
	od
}

bool dead[UPDATES];	/* dsuctls that are being killed */
bool gone[UPDATES];	/* that have ended */

proctype Dsuctl(byte me) {
	byte seen, to, round;
	bool ok, holds;
	{
	d_step { !locked -> locked = true; writes = true; holds = true };
	clear_up();
	if
	:: !ok -> goto done
	:: else
	fi;
	d_step { hand = top + 1; UNREAD };
	d_step { first_alive() };
	round = ROUND(phase) + 1;
#ifdef ROGUE
	if
	:: at_once = round
	:: skip
	fi;
#else
	at_once = round;	/* where it is not, all do as those with several threads */
#endif
	phase = WORD(round, DSU_STOP);
	wait_all(STAND);
	if
	:: !ok -> go_back(); goto done
#ifndef BROKEN_MIXED
	:: ok && ANY_STOPPED ->
		announced = round;
		phase = WORD(round, DSU_UNROLL)
#endif
	:: else
	fi;
#ifndef BROKEN_MIXED
	wait_all(IN(WORD(round, DSU_UNROLLED)));
#endif
	if
	:: !ok -> go_back(); goto done
	:: else
	fi;
	decided = round;
	phase = WORD(round, DSU_COMMIT);
	finish();
done:	skip
	} unless { dead[me] };
	/* The kernel does this, however it ended. */
	d_step {
		if
		:: holds -> writes = false; locked = false
		:: else
		fi;
		gone[me] = true
	}
}

/* ---- what happens to them ---- */

/* Not more than DEATHS of them die. */
#ifndef DEATHS
#define DEATHS 3
#endif

proctype Killer() {
	byte n;

	do
	:: n < DEATHS && alive[0] -> atomic { alive[0] = false; n++ }
	:: n < DEATHS && alive[PROCESSES - 1] -> atomic { alive[PROCESSES - 1] = false; n++ }
	:: n < DEATHS && dsuctls == 1 && !dead[0] -> atomic { dead[0] = true; n++ }
	:: n < DEATHS && dsuctls == 2 && !dead[1] -> atomic { dead[1] = true; n++ }
	:: break
	od
}

#ifdef ROGUE
proctype Rogue() {
	phase = WORD(ROUND(phase), DSU_UNROLL);
	phase = WORD(ROUND(phase), DSU_RESUME)
}
#endif

init {
	byte i;

	d_step {
		i = 0;
		do
		:: i < PROCESSES -> alive[i] = true; runs[i] = true; i++
		:: else -> break
		od
	};
	atomic {
		i = 0;
		do
		:: i < PROCESSES -> run Process(i); i++
		:: else -> break
		od;
		run Killer();
#ifdef ROGUE
		run Rogue();
#endif
		dsuctls = 1;
		run Dsuctl(0)
	};
	gone[0];
#ifndef ROGUE
	if
	:: dsuctls = 2; run Dsuctl(1)
	:: skip
	fi;
	/* Nothing moves any more: all that live run, in one version, and the block says which. */
	timeout;
	i = 0;
	do
	:: i < PROCESSES ->
		assert(!alive[i] || (runs[i] && version[i] == top));
		i++
	:: else -> break
	od
#endif
}

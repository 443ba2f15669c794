/* Threads for one job at a time. A job is cut into parts, which its caller and the pool's threads
 * take as they come. Threads are started when a job first wants them and wait from then on; a
 * forked child starts its own. Whoever uses several cores holds the turn: nobody else does then. */
#ifndef TS_POOL_H
#define TS_POOL_H

#include <pthread.h>
#include <signal.h>
#include <stdint.h>

typedef void (*ts_part)(void *job, long part, int worker);

enum { TS_POOL_MOST = 255, TS_POOL_STACK = 1 << 20 };

static struct {
  pthread_mutex_t turn;
  pthread_mutex_t lock;         /* of all that follows, but `next` */
  pthread_cond_t called, left;
  int threads;                  /* that there are, beside the callers */
  int wanted;                   /* how many of them the job under way may have */
  int inside;                   /* how many of them are at it */
  int watches_forks;
  unsigned long number;         /* of the job */
  ts_part part;
  void *job;
  long parts, next;
} ts_pool = {
  .turn = PTHREAD_MUTEX_INITIALIZER,
  .lock = PTHREAD_MUTEX_INITIALIZER,
  .called = PTHREAD_COND_INITIALIZER,
  .left = PTHREAD_COND_INITIALIZER,
};

/* A child has the thread that forked and no other, whatever the others were doing. */
static void ts_pool_after_fork(void)
{
  pthread_mutex_init(&ts_pool.turn, NULL);
  pthread_mutex_init(&ts_pool.lock, NULL);
  pthread_cond_init(&ts_pool.called, NULL);
  pthread_cond_init(&ts_pool.left, NULL);
  ts_pool.threads = ts_pool.wanted = ts_pool.inside = 0;
}

static void ts_pool_take_parts(int worker)
{
  long part;
  while ((part = __atomic_fetch_add(&ts_pool.next, 1, __ATOMIC_RELAXED)) < ts_pool.parts)
    ts_pool.part(ts_pool.job, part, worker);
}

static void *ts_pool_work(void *index)
{
  const int worker = (int)(intptr_t)index;
  unsigned long seen = 0;
  pthread_mutex_lock(&ts_pool.lock);
  for (;;) {
    while (ts_pool.number == seen)
      pthread_cond_wait(&ts_pool.called, &ts_pool.lock);
    seen = ts_pool.number;
    if (worker > ts_pool.wanted)
      continue;
    ts_pool.inside++;
    pthread_mutex_unlock(&ts_pool.lock);
    ts_pool_take_parts(worker);
    pthread_mutex_lock(&ts_pool.lock);
    if (--ts_pool.inside == 0)
      pthread_cond_signal(&ts_pool.left);
  }
  return NULL;
}

/* Start threads until there are so many, or the system refuses. They take no signals: those are
 * the interpreter's. */
static void ts_pool_grow(int wanted)
{
  pthread_attr_t attributes;
  pthread_t thread;
  sigset_t all, before;
  if (ts_pool.threads >= wanted)
    return;
  if (!ts_pool.watches_forks && pthread_atfork(NULL, NULL, ts_pool_after_fork))
    return;
  ts_pool.watches_forks = 1;
  if (pthread_attr_init(&attributes))
    return;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, TS_POOL_STACK);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (ts_pool.threads < wanted) {
    void *index = (void *)(intptr_t)(ts_pool.threads + 1);
    if (pthread_create(&thread, &attributes, ts_pool_work, index))
      break;
    ts_pool.threads++;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
}

/* Do all parts on up to `threads` threads, of which the caller is number 0. Returns 0, with nothing
 * done, while somebody else has the turn. */
static int ts_pool_run(ts_part part, void *job, long parts, int threads)
{
  if (pthread_mutex_trylock(&ts_pool.turn))
    return 0;
  pthread_mutex_lock(&ts_pool.lock);
  ts_pool_grow(threads - 1 < TS_POOL_MOST ? threads - 1 : TS_POOL_MOST);
  ts_pool.part = part, ts_pool.job = job, ts_pool.parts = parts, ts_pool.next = 0;
  ts_pool.wanted = threads - 1;
  ts_pool.number++;
  pthread_cond_broadcast(&ts_pool.called);
  pthread_mutex_unlock(&ts_pool.lock);
  ts_pool_take_parts(0);
  pthread_mutex_lock(&ts_pool.lock);
  ts_pool.wanted = 0;  /* who wakes up only now comes too late */
  while (ts_pool.inside)
    pthread_cond_wait(&ts_pool.left, &ts_pool.lock);
  pthread_mutex_unlock(&ts_pool.lock);
  pthread_mutex_unlock(&ts_pool.turn);
  return 1;
}

/* The turn for a library with threads of its own. */
static void ts_pool_enter(void) { pthread_mutex_lock(&ts_pool.turn); }
static void ts_pool_leave(void) { pthread_mutex_unlock(&ts_pool.turn); }

#endif
